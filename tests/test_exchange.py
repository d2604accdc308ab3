import tempfile
import unittest
from pathlib import Path

import numpy as np

import dezero.layers as L
from dezero import Parameter, Variable, no_grad
from dezero.exchange import from_dlpack, load_pytorch, to_pytorch
from dezero.files import load_arrays, save_arrays
from dezero.models import Sequential


def wave(*shape):
    return np.sin(np.arange(np.prod(shape))).reshape(shape)


class SafetensorsTest(unittest.TestCase):
    def test_any_order_in_memory_gives_the_same_numbers(self):
        x = wave(3, 4)
        arrays = {
            "transposed": x.T,
            "Fortran": np.asfortranarray(x),
            "every second": x[:, ::2],
            "reversed": x[::-1],
            "big-endian": x.astype(">f4"),
            "no axes": x[1, 1],
        }
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.safetensors"
            save_arrays(path, arrays)
            found = load_arrays(path)

        for name, array in arrays.items():
            self.assertEqual(found[name].tolist(), array.tolist())


class PyTorchTest(unittest.TestCase):
    def test_a_square_matrix_is_transposed(self):
        layer, W = L.Linear(3, in_size=3), wave(3, 3)
        load_pytorch(layer, {"weight": W, "bias": W[0]})

        self.assertTrue(np.allclose(layer.W.data, W.T))
        self.assertTrue(layer.W.data.flags.c_contiguous)

    def test_the_gates_of_an_lstm_are_those_of_pytorch(self):
        layer = L.LSTM(2, in_size=1)
        arrays = {
            "weight_ih_l0": wave(8, 1),
            "weight_hh_l0": wave(8, 2),
            "bias_ih_l0": wave(8),
            "bias_hh_l0": wave(8),
        }
        load_pytorch(layer, arrays)
        for _ in range(3):
            y = layer(np.ones((1, 1), np.float32))

        expected = [[-0.2155, -0.7244]]
        self.assertTrue(np.allclose(y.data, expected, atol=1e-4))

    def test_every_difference_is_listed_and_nothing_is_loaded(self):
        model = Sequential(L.Linear(2, in_size=3), L.LayerNorm(2))
        before = [p.data for p in model.params()]
        arrays = {
            "a.0.weight": wave(2, 3),
            "a.0.bias": wave(3),
            "a.1.weight": wave(2),
            "b": wave(1),
        }
        with self.assertRaises(ValueError) as caught:
            load_pytorch(model, arrays, {"layers": "a"})

        for part in (
            "a.1.bias is missing, (2,) here",
            "a.0.bias is (3,) in the file, (2,) here",
            "b is in the file alone, (1,)",
            "pass names={ours: theirs}",
        ):
            self.assertIn(part, str(caught.exception))
        for p, data in zip(model.params(), before):
            self.assertIs(p.data, data)

    def test_two_weights_of_one_name_and_weights_without_data(self):
        model = Sequential(L.LayerNorm(2), L.LayerNorm(2))
        both = {"layers.0": "a", "layers.1": "a"}
        with self.assertRaisesRegex(ValueError, "called a.weight"):
            to_pytorch(model, both)
        with self.assertRaisesRegex(ValueError, "no data yet"):
            to_pytorch(L.Linear(2))


class DLPackTest(unittest.TestCase):
    def test_memory_is_shared_or_copied(self):
        x = np.arange(3.0)
        shared, copied = from_dlpack(x), from_dlpack(x, copy=True)
        there = np.from_dlpack(Variable(x))
        x[0] = 7

        found = shared.data[0], there[0], copied.data[0]
        self.assertEqual(found, (7, 7, 0))

    def test_a_graph_is_not_lost_silently(self):
        x = Variable(np.ones(2))
        y = x * 2
        with self.assertRaisesRegex(BufferError, "take y.data"):
            np.from_dlpack(y)
        for v in (x, y):
            with self.assertRaisesRegex(TypeError, "take x.data"):
                np.asarray(v)
        with no_grad():
            self.assertIs(np.asarray(y), y.data)
            self.assertEqual(np.from_dlpack(y)[0], 2)

    def test_what_numpy_cannot_take_is_an_error_with_the_reason(self):
        for x in ([1.0], np.ones(2, ">f4")):
            with self.assertRaisesRegex(TypeError, "in main memory"):
                from_dlpack(x)
        with self.assertRaisesRegex(TypeError, "give it an array"):
            np.from_dlpack(Parameter(None))
