import os
import tempfile
import unittest
from pathlib import Path

import numpy as np

import dezero.functions as F
from dezero import Layer
from dezero.files import load_arrays, save_arrays
from dezero.models import MLP
from dezero.optimizers import Adam

x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)


def model_of(*sizes):
    model = MLP(sizes)
    model(x)
    return model


class Interrupt:
    def __array__(self, dtype=None, copy=None):
        raise KeyboardInterrupt


class SavingTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "a.npz"

    def test_a_model_that_has_not_run_is_loaded(self):
        model, other = model_of(5, 2), MLP((5, 2))
        model.save_weights(self.path)
        other.load_weights(self.path)

        self.assertTrue(np.array_equal(other(x).data, model(x).data))

    def test_an_interrupted_save_leaves_the_old_file_alone(self):
        save_arrays(self.path, {"a": np.ones(2)})
        with self.assertRaises(KeyboardInterrupt):
            save_arrays(self.path, {"a": np.zeros(2), "b": Interrupt()})

        self.assertEqual(load_arrays(self.path)["a"].tolist(), [1, 1])
        self.assertEqual(os.listdir(self.path.parent), ["a.npz"])

    def test_the_file_has_the_rights_that_open_gives(self):
        save_arrays(self.path, {"a": np.ones(2)})
        other = self.path.with_name("b")
        other.touch()

        self.assertEqual(self.path.stat().st_mode, other.stat().st_mode)

    def test_every_difference_is_listed_and_nothing_is_loaded(self):
        model_of(5, 2).save_weights(self.path)
        other = model_of(4, 2, 3)
        before = [p.data for p in other.params()]
        with self.assertRaisesRegex(ValueError, "missing.* in the file, "):
            other.load_weights(self.path)

        for p, data in zip(other.params(), before):
            self.assertIs(p.data, data)

    def test_a_damaged_file_is_named(self):
        model_of(5, 2).save_weights(self.path)
        content = self.path.read_bytes()
        for damaged in (content[:-9], content[:40], b"", b"text"):
            self.path.write_bytes(damaged)
            with self.assertRaisesRegex(ValueError, "a.npz is damaged"):
                MLP((5, 2)).load_weights(self.path)

    def test_a_training_goes_on_with_its_state(self):
        model = model_of(5, 2)
        optimizer = Adam().setup(model)
        for _ in range(4):
            step(model, optimizer)
            optimizer.save_state(self.path)
            optimizer = Adam().setup(model)
            optimizer.load_state(self.path)

        self.assertEqual(optimizer.t, 4)

    def test_a_state_needs_setup_and_the_same_shapes(self):
        model, other = model_of(5, 2), model_of(5, 1)
        optimizer = Adam().setup(model)
        step(model, optimizer)
        optimizer.save_state(self.path)
        for name in ("save_state", "load_state"):
            with self.assertRaisesRegex(ValueError, f"setup.*{name}"):
                getattr(Adam(), name)(self.path)
        for target, named in (
            (Layer(), "ms/layers.0.W is in the file alone"),
            (other, r"ms/layers.1.b is \(2,\) in the file, \(1,\) here"),
        ):
            optimizer = Adam().setup(target)
            with self.assertRaisesRegex(ValueError, named):
                optimizer.load_state(self.path)
            self.assertEqual((optimizer.t, optimizer.ms), (0, {}))


def step(model, optimizer):
    loss = F.mean_squared_error(model(x), x[:, :2])
    model.cleargrads()
    loss.backward()
    optimizer.update()
