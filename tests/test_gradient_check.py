import contextlib
import io
import unittest

import numpy as np

import dezero.functions as F
from dezero import Operation, Variable
from dezero.utils import array_allclose, array_equal, gradient_check, numerical_grad


class Reverse(Operation):
    def forward(self, x):
        return x[::-1]

    def rule(self, gy, y, x):
        return gy[::-1]


class Unreversed(Reverse):
    def rule(self, gy, y, x):
        return gy


def what_it_prints(f, x):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert not gradient_check(f, x)
    return out.getvalue()


class GradientCheckTest(unittest.TestCase):
    def test_any_number_of_axes(self):
        for shape in ((), (1,), (0,), (3,), (2, 3), (2, 1, 3)):
            x = np.array(np.random.default_rng(0).random(shape) + 0.5)
            steps = numerical_grad(F.square, x)

            self.assertEqual(steps.shape, shape)
            self.assertTrue(array_allclose(steps, 2 * x))
            self.assertTrue(gradient_check(F.tanh, x))

    def test_float32_and_integers_are_checked_in_float64(self):
        for dtype in ("float32", "int64"):
            x = Variable(np.arange(1, 4).astype(dtype))

            self.assertTrue(gradient_check(F.square, x))
            self.assertEqual(x.dtype, dtype)

    def test_elements_at_wrong_places_are_found(self):
        x = np.arange(4.0)

        self.assertTrue(gradient_check(lambda x: Reverse()(x), x))
        printed = what_it_prints(lambda x: Unreversed()(x), x)
        self.assertIn("by small steps:", printed)

    def test_further_arguments_are_handed_on_and_stay_as_they_are(self):
        w = Variable(np.array([3.0, 4.0]))
        x = np.array([1.0, 2.0])

        self.assertTrue(gradient_check(lambda x, w: w * x**2, x, w))
        self.assertIsNone(w.grad)

    def test_arrays_and_variables_are_compared(self):
        x = np.array([1.0, 2.0])

        self.assertTrue(array_equal(Variable(x), x))
        self.assertFalse(array_equal(x, x + 1e-9))
        self.assertFalse(array_equal(np.ones(2), np.ones((1, 2))))
        self.assertTrue(array_allclose(Variable(x), x + 1e-9))
        self.assertFalse(array_allclose(x, x + 1e-3))
