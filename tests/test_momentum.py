import copy
import unittest

import numpy as np

import dezero.functions as F
from dezero import Layer, Parameter, Variable
from dezero.models import MLP
from dezero.optimizers import (
    SGD,
    ClipGrad,
    FreezeParam,
    MomentumSGD,
    Optimizer,
    WeightDecay,
)


class Numbers(Layer):
    def __init__(self, *numbers, dtype=np.float64):
        self.x = Parameter(np.array(numbers, dtype))

    def forward(self):
        return F.sum(self.x**2)


def with_gradient(*numbers):
    layer = Numbers(*numbers, dtype=np.float32)
    layer.x.grad = Variable(layer.x.data.copy())
    return layer.x


def step(layer, optimizer):
    layer.cleargrads()
    layer.forward().backward()
    optimizer.update()


class OptimizerTest(unittest.TestCase):
    def test_the_rate_is_inside_the_velocity(self):
        layer = Numbers(1, 2)
        optimizer = MomentumSGD().setup(layer)
        for optimizer.lr in (0.1, 0.05, 0.2):
            step(layer, optimizer)

        self.assertTrue(np.allclose(layer.x.data, [0.09, 0.18]))

    def test_a_copy_goes_on_as_the_original(self):
        layer = Numbers(1, 2)
        optimizer = MomentumSGD().setup(layer)
        step(layer, optimizer)
        copies = copy.deepcopy((layer, optimizer))
        step(layer, optimizer)
        step(*copies)

        self.assertTrue(np.array_equal(copies[0].x, layer.x))

    def test_mistakes_are_named(self):
        with self.assertRaisesRegex(ValueError, "SGD needs setup"):
            SGD().update()
        with self.assertRaisesRegex(ValueError, "no gradient for x:"):
            SGD().setup(Numbers(1)).update()
        with self.assertRaisesRegex(ValueError, "at least 0, got -1"):
            SGD(-1)
        with self.assertRaisesRegex(NotImplementedError, "update_one"):
            Optimizer().update_one(Parameter(np.ones(1)))


class HookTest(unittest.TestCase):
    def test_clipping_takes_all_gradients_as_one_vector(self):
        x, y = with_gradient(3), with_gradient(4)
        ClipGrad(1)([x, y])

        self.assertTrue(np.allclose(x.grad.data, 0.6))
        self.assertTrue(np.allclose(y.grad.data, 0.8))

    def test_decay_is_the_gradient_of_a_penalty(self):
        layer = Numbers(1, -2)
        layer.forward().backward()
        WeightDecay(0.3)([layer.x])
        decayed = layer.x.grad
        layer.cleargrads()
        (layer.forward() + 0.15 * F.sum(layer.x**2)).backward()

        self.assertTrue(np.allclose(decayed.data, layer.x.grad.data))

    def test_hooks_leave_the_old_gradient_as_it_was(self):
        for hook in (WeightDecay(0.1), ClipGrad(0.1)):
            x = with_gradient(3, 4)
            old = x.grad
            old.data.flags.writeable = False
            hook([x])

            self.assertEqual(old.data.tolist(), [3, 4])

    def test_what_is_frozen_counts_for_no_other_hook(self):
        model = MLP((2, 1))
        F.sum(model(np.ones((3, 4)))).backward()
        frozen, trained = model.layers
        before = frozen.W.data.copy()
        lists = []
        optimizer = SGD().setup(model)
        optimizer.add_hook(lists.append)
        optimizer.add_hook(FreezeParam(frozen.W, frozen.b))
        optimizer.add_hook(WeightDecay(0.1))
        optimizer.update()

        self.assertEqual(lists[0], [trained.W, trained.b])
        self.assertTrue(np.array_equal(frozen.W, before))
