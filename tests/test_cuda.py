import sys
import unittest
from types import ModuleType, SimpleNamespace
from unittest.mock import patch

import numpy as np

import dezero.layers as L
from dezero import DataLoader, Variable, cuda


class Card:
    """An array of a pretended CuPy."""

    __module__ = "cupy"

    def __init__(self, array):
        self.array = array

    def get(self):
        return self.array


def pretended(available):
    """Return a context in which a CuPy is installed, with a card or not."""
    cupy = ModuleType("cupy")
    cupy.cuda = SimpleNamespace(is_available=lambda: available)
    cupy.asarray, cupy.add = Card, SimpleNamespace()
    cuda.__dict__.pop("gpu_enable", None)
    cuda.__dict__.pop("cupy", None)
    return patch.dict(sys.modules, {"cupy": cupy})


class CudaTest(unittest.TestCase):
    def tearDown(self):
        cuda.__dict__.pop("gpu_enable", None)
        cuda.__dict__.pop("cupy", None)

    def test_cupy_without_a_card_counts_as_none(self):
        with pretended(available=False):
            self.assertFalse(cuda.gpu_enable)
        with pretended(available=True):
            self.assertTrue(cuda.gpu_enable)

    def test_without_cupy_numpy_is_used(self):
        with patch.dict(sys.modules, {"cupy": None}):
            self.assertFalse(cuda.gpu_enable)
            self.assertIs(cuda.get_array_module(np.ones(2)), np)
            self.assertIs(cuda.get_array_module(Variable(np.ones(2))), np)
            with self.assertRaisesRegex(RuntimeError, "needs CuPy and a"):
                L.Linear(2, in_size=3).to_gpu()

    def test_other_names_are_not_there(self):
        with self.assertRaisesRegex(AttributeError, "has no stream"):
            _ = cuda.stream

    def test_a_layer_goes_to_the_card_and_comes_back(self):
        layer = L.Linear(2, in_size=3)
        before = layer.W.data
        with pretended(available=True):
            layer.to_gpu()
            moved = {type(p.data) for p in layer.params()}
            module = cuda.get_array_module(layer.W)
            layer.to_cpu()

            self.assertIs(module, sys.modules["cupy"])
        self.assertEqual(moved, {Card})
        self.assertIs(layer.W.data, before)

    def test_a_layer_without_data_is_moved_later(self):
        layer = L.Linear(2, nobias=True)
        with pretended(available=True):
            layer.to_gpu()

        self.assertIsNone(layer.W.data)

    def test_a_loader_copies_batches(self):
        examples = [(np.float32(i), None) for i in range(4)]
        with pretended(available=True):
            (x, t), _ = DataLoader(examples, 2, shuffle=False, gpu=True)

        self.assertEqual(x.get().tolist(), [0, 1])
        self.assertIsNone(t)

    def test_old_versions_have_another_name_for_adding_at_places(self):
        calls = []
        cupyx = SimpleNamespace(scatter_add=lambda *args: calls.append(args))
        x = Card(np.zeros(3))
        with pretended(True), patch.dict(sys.modules, {"cupyx": cupyx}):
            cuda.add_at(x, [0, 0], 1.0)

        self.assertEqual(calls, [(x, [0, 0], 1.0)])
