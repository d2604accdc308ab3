import unittest
from functools import partial

import numpy as np

import dezero.functions as F
from dezero import Variable, numerical_diff


def slope(f, x):
    x.cleargrad()
    f(x).backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    return gx


class TrigonometryTest(unittest.TestCase):
    def test_each_derivative_of_sine_is_a_quarter_period_ahead(self):
        x = Variable(np.linspace(-5, 5, 11))
        y = F.sin(x)
        for n in range(1, 9):
            x.cleargrad()
            y.backward(create_graph=True)
            y = x.grad
            expected = np.sin(x.data + n * np.pi / 2)

            self.assertTrue(np.allclose(y.data, expected))

    def test_numpys_functions_take_variables(self):
        x = Variable(np.array([0.5, 1.0]))
        y = np.exp(x) * np.sin(x) + np.square(np.cos(x))
        ours = F.exp(x) * F.sin(x) + F.square(F.cos(x))

        self.assertIsInstance(y, Variable)
        self.assertTrue(np.array_equal(y.data, ours.data))
        with self.assertRaisesRegex(TypeError, "np.arctan does not take"):
            np.arctan(x)

    def test_gradient_check_of_both_orders(self):
        x = Variable(np.random.default_rng(0).standard_normal(10))
        for f in (F.sin, F.cos, lambda x: x * F.sin(x) + F.cos(x * x)):
            first, steps = slope(f, x), numerical_diff(f, x)

            self.assertTrue(np.allclose(first.data, steps))

            slope_of_f = partial(slope, f)
            second = slope(slope_of_f, x)
            steps = numerical_diff(slope_of_f, x)

            self.assertTrue(np.allclose(second.data, steps))
