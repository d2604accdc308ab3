import itertools
import unittest

import numpy as np

import dezero.functions as F
from dezero import Variable, grad
from dezero.utils import array_equal, gradient_check


class ReshapeTest(unittest.TestCase):
    def test_the_gradient_returns_to_the_old_shape(self):
        x = np.random.default_rng(0).random((2, 3, 4))
        for shape in ((6, 4), (24,), 24, (2, -1), [1, 24]):
            self.assertTrue(gradient_check(F.reshape, x, shape))

    def test_a_tuple_a_list_and_separate_numbers_are_the_same(self):
        x = Variable(np.arange(6.0))
        for y in (x.reshape(2, 3), x.reshape((2, 3)), x.reshape([2, 3])):
            self.assertTrue(array_equal(y, np.arange(6.0).reshape(2, 3)))
        self.assertEqual(x.reshape(2, 3).transpose([1, 0]).shape, (3, 2))

    def test_a_shape_that_does_not_fit_is_refused(self):
        with self.assertRaisesRegex(ValueError, "cannot reshape array"):
            Variable(np.ones(6)).reshape(4)


class TransposeTest(unittest.TestCase):
    def test_every_order_of_axes_leads_back(self):
        x = np.random.default_rng(0).random((2, 2, 2))
        for axes in itertools.permutations(range(3)):
            negative = [axis - 3 for axis in axes]

            self.assertTrue(gradient_check(F.transpose, x, axes))
            self.assertTrue(gradient_check(F.transpose, x, negative))

    def test_one_axis_and_lists_that_change_later(self):
        x = Variable(np.random.default_rng(0).random((2, 2, 2)))
        w = np.arange(8.0).reshape(2, 2, 2)
        axes = [1, 2, 0]
        y = w * F.transpose(x, axes)
        axes.reverse()

        self.assertTrue(array_equal(grad(y, x), w.transpose(2, 0, 1)))
        self.assertTrue(gradient_check(F.transpose, np.ones(3), 0))

    def test_second_derivatives(self):
        def slope(x):
            y = (x.reshape(3, 2).T ** 3).transpose((1, 0))
            return grad(y, x, create_graph=True)

        x = np.random.default_rng(0).random((2, 3))
        self.assertTrue(gradient_check(slope, x))

    def test_a_stored_gradient_is_no_view(self):
        x = Variable(np.zeros((2, 3)))
        y = x.reshape(6)
        y.grad = Variable(np.arange(6.0))
        y.backward(retain_grad=True)

        self.assertFalse(np.shares_memory(x.grad.data, y.grad.data))
