import os
import tempfile
import unittest

import numpy as np

from dezero import Parameter, Variable
from dezero.models import Model
from dezero.optimizers import AdamW, ClipGrad, warmup_cosine


class Weights(Model):
    def __init__(self):
        self.W = Parameter(np.array([[1.0, 2.0]]), name="W")
        self.b = Parameter(np.array([1.0, 2.0]), name="b")


def steps(weights, optimizer, count):
    for _ in range(count):
        loss = (weights.W**2).sum() + (weights.b**2).sum()
        weights.cleargrads()
        loss.backward()
        optimizer.update()


class AdamWTest(unittest.TestCase):
    def test_three_steps_are_those_of_pytorch(self):
        weights = Weights()
        steps(weights, AdamW(0.1).setup(weights), 3)

        self.assertTrue(np.allclose(weights.W.data[0, 0], 0.698911))

    def test_vectors_are_spared(self):
        weights = Weights()
        steps(weights, AdamW(0.1).setup(weights), 3)

        self.assertTrue(np.allclose(weights.b.data[0], 0.701586))

    def test_the_decay_does_not_depend_on_the_gradient(self):
        weights = Weights()
        optimizer = AdamW(0.1, decay=0.5).setup(weights)
        for _ in range(3):
            for p in weights.params():
                p.grad = Variable(np.zeros_like(p.data))
            optimizer.update()

        self.assertTrue(np.allclose(weights.W.data[0, 0], 0.95**3))
        self.assertEqual(weights.b.data[0], 1)

    def test_a_resumed_training_is_the_same_to_the_last_bit(self):
        whole = Weights()
        steps(whole, AdamW(0.1).setup(whole), 6)
        first, second = Weights(), Weights()
        optimizer = AdamW(0.1).setup(first)
        steps(first, optimizer, 3)
        with tempfile.TemporaryDirectory() as folder:
            weights = os.path.join(folder, "weights.npz")
            state = os.path.join(folder, "state.npz")
            first.save_weights(weights)
            optimizer.save_state(state)
            second.load_weights(weights)
            again = AdamW(0.7, decay=0.7).setup(second)
            again.load_state(state)
        steps(second, again, 3)

        self.assertEqual(again.t, 6)
        for a, b in zip(whole.params(), second.params()):
            self.assertEqual(a.data.tolist(), b.data.tolist())


class ScheduleTest(unittest.TestCase):
    def rates(self, warmup, total, steps):
        return [warmup_cosine(s, 2.0, warmup, total, 1.0) for s in steps]

    def test_it_rises_and_falls_and_stays(self):
        found = self.rates(3, 7, [0, 1, 2, 3, 5, 7, 8, 100])

        self.assertTrue(
            np.allclose(found, [0.5, 1, 1.5, 2, 1.5, 1, 1, 1])
        )

    def test_without_a_warm_up_it_begins_with_the_peak(self):
        self.assertEqual(self.rates(0, 4, [0, 4, 5]), [2, 1, 1])

    def test_lengths_of_zero(self):
        self.assertEqual(self.rates(0, 0, [0, 1]), [1, 1])
        self.assertEqual(self.rates(3, 3, [2, 3]), [1.5, 1])

    def test_a_warm_up_longer_than_all_is_an_error(self):
        for warmup in (5, -1):
            with self.assertRaisesRegex(ValueError, "warm-up"):
                self.rates(warmup, 4, [0])


class ClipGradTest(unittest.TestCase):
    def test_gradients_without_a_norm_are_named(self):
        for bad in (np.inf, -np.inf, np.nan):
            weights = Weights()
            weights.W.grad = Variable(np.array([[1.0, bad]]))
            weights.b.grad = Variable(np.ones(2))
            optimizer = AdamW(0.1).setup(weights)
            optimizer.add_hook(ClipGrad(1.0))
            with self.assertRaisesRegex(ValueError, r"W \(1, 2\);"):
                optimizer.update()

            self.assertEqual(weights.W.data.tolist(), [[1, 2]])

    def test_the_norm_is_that_of_all_gradients_together(self):
        weights = Weights()
        weights.W.grad = Variable(np.array([[3.0, 0.0]]))
        weights.b.grad = Variable(np.array([0.0, 4.0]))
        ClipGrad(1.0)(list(weights.params()))

        self.assertTrue(np.allclose(weights.W.grad.data, [[0.6, 0]]))
        self.assertTrue(np.allclose(weights.b.grad.data, [0, 0.8]))
