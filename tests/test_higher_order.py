import gc
import unittest
import weakref
from functools import partial

import numpy as np

from dezero import Function, Variable, core_simple, exp, numerical_diff, past_of, square


def slope(program, x):
    """Return the gradient of a program at x, with its graph."""
    program(x).backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    return gx


class HigherOrderTest(unittest.TestCase):
    def test_second_derivatives_of_all_functions(self):
        data = np.random.default_rng(0).random(10) + 0.5
        for program in (
            lambda x: square(x) + x * x * x,
            lambda x: -(x**2) * exp(x),
            lambda x: 1 - x * (x - 2) ** 3,
            lambda x: x / (x + 1) - 4 / x,
            lambda x: 3**x * x**0.5,
        ):
            x = Variable(data)
            slope(program, x).backward()
            steps = numerical_diff(partial(slope, program), x)

            self.assertTrue(np.allclose(x.grad.data, steps))

    def test_four_derivatives_of_a_polynomial(self):
        x = Variable(np.array(2.0))
        y = x**4 - 2 * x**2
        for expected in (24.0, 44.0, 48.0, 24.0):
            y.backward(create_graph=True)
            y = x.grad
            x.cleargrad()

            self.assertEqual(y.data, expected)

    def test_an_uncleared_gradient_is_added_to_the_next(self):
        x = Variable(np.array(2.0))
        (x**4 - 2 * x**2).backward(create_graph=True)
        x.grad.backward()

        self.assertEqual(x.grad.data, 24.0 + 44.0)

    def test_a_gradient_that_was_set_is_checked_like_others(self):
        x = Variable(np.array(2.0))
        x.grad = np.array(1.0)
        (x * x).backward()
        self.assertEqual(x.grad.data, 1.0 + 4.0)

        x.grad = np.ones(3)
        with self.assertRaisesRegex(ValueError, "backward adds to must"):
            (x * x).backward()

    def test_the_two_engines_do_not_mix(self):
        old = core_simple.Variable(np.array(1.0))

        with self.assertRaisesRegex(TypeError, "of dezero.core_simple"):
            Variable(np.array(2.0)) + old

    def test_a_plain_walk_leaves_no_graph(self):
        x = Variable(np.array(2.0))
        exp(x * x).backward()

        self.assertIsInstance(x.grad, Variable)
        self.assertEqual(list(past_of(x.grad)), [])

    def test_clearing_the_gradient_frees_a_variable_and_its_graph(self):
        gc.disable()
        try:
            x = Variable(np.array(2.0))
            exp(x * x).backward(create_graph=True)
            x.cleargrad()
            witness = weakref.ref(x)
            del x
            self.assertIsNone(witness())
        finally:
            gc.enable()

    def test_no_two_variables_share_a_gradient(self):
        for create_graph in (False, True):
            a = Variable(np.array([1.0, 2.0]))
            b = Variable(np.array([5.0, 5.0]))
            exp(a + b).backward(create_graph=create_graph)

            self.assertFalse(np.shares_memory(a.grad.data, b.grad.data))

    def test_float32_stays_float32_in_both_orders(self):
        x = Variable(np.array([2.0, 3.0], np.float32))
        gx = slope(lambda x: np.array([5.0, 5.0]) * x * x, x)
        gx.backward()

        self.assertEqual((gx.dtype, x.grad.dtype), (x.dtype, x.dtype))
        self.assertEqual(x.grad.data.tolist(), [10.0, 10.0])

    def test_arrays_from_backward_are_refused_in_a_graph(self):
        class Cube(Function):
            def forward(self, x):
                return x**3

            def backward(self, gy):
                return 3 * self.inputs[0].data ** 2 * gy.data

        x = Variable(np.array([1.0, 2.0]))
        y = Cube()(x)
        y.backward()
        self.assertEqual(x.grad.data.tolist(), [3.0, 12.0])
        with self.assertRaisesRegex(TypeError, "Cube.backward must comp"):
            y.backward(create_graph=True)

    def test_numpy_functions_on_gy_are_refused_by_name(self):
        class Relu(Function):
            def forward(self, x):
                return np.maximum(x, 0.0)

            def backward(self, gy):
                return np.where(self.inputs[0].data > 0, gy, 0.0)

        y = Relu()(Variable(np.array([1.0, -2.0])))
        with self.assertRaisesRegex(TypeError, "Relu.*need gy.data"):
            y.backward()

    def test_a_gradient_that_a_function_keeps_is_copied(self):
        kept = Variable(np.array([1.0, 1.0]))

        class Sum(Function):
            def forward(self, x0, x1):
                return x0 + x1

            def backward(self, gy):
                return kept, kept

        for create_graph in (False, True):
            a, b = Variable(np.ones(2)), Variable(np.ones(2))
            Sum()(a, b).backward(create_graph=create_graph)

            self.assertFalse(np.shares_memory(a.grad.data, kept.data))
            self.assertFalse(np.shares_memory(a.grad.data, b.grad.data))

    def test_a_variable_as_data_is_refused_with_the_way_out(self):
        x = Variable(np.array(2.0))
        (x * x).backward()
        x.data = x.data - 0.1 * x.grad

        with self.assertRaisesRegex(TypeError, "rate \\* x.grad.data"):
            x * x
