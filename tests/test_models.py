import unittest

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero import Layer, Parameter
from dezero.models import MLP


def paths(layer):
    return [path for path, _ in layer.named_params()]


class Holder(Layer):
    def __init__(self, **parts):
        vars(self).update(parts)


class LayersOfLayersTest(unittest.TestCase):
    def test_lists_tuples_and_dicts_are_looked_into(self):
        a, b, c = (L.Linear(1, nobias=True) for _ in range(3))
        layer = Holder(list=[[a]], tuple=(b, None), dict={"k": c})

        expected = ["list.0.0.W", "tuple.0.W", "dict.k.W"]
        self.assertEqual(paths(layer), expected)

    def test_a_shared_parameter_comes_once_with_its_first_path(self):
        W = Parameter(np.ones((2, 2)))
        layer = Holder(a=Holder(W=W), b=[W], W=W)

        self.assertEqual(paths(layer), ["a.W"])

    def test_a_layer_that_holds_its_owner_ends(self):
        inner = Holder(W=Parameter(np.ones(1)))
        outer = Holder(inner=inner)
        inner.owner = outer

        self.assertEqual(paths(outer), ["inner.W"])

    def test_a_replaced_layer_is_gone(self):
        layer = Holder(a=L.Linear(1), b=L.Linear(2))
        layer.a = None

        self.assertEqual(paths(layer), ["b.W", "b.b"])


class ModelTest(unittest.TestCase):
    def test_a_summary_counts_the_numbers(self):
        model = MLP((1000, 10))
        model(np.zeros((1, 784), np.float32))
        *_, last = model.summary().splitlines()

        self.assertEqual(last.split(), ["total", "795,010"])

    def test_no_activation_comes_after_the_last_layer(self):
        model = MLP((2, 1), activation=F.tanh)
        x = np.random.default_rng(0).standard_normal((4, 3))
        first, last = model.layers
        expected = last(F.tanh(first(x)))

        self.assertTrue(np.array_equal(model(x), expected))
