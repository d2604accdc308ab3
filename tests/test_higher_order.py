import gc
import unittest
import weakref
from functools import partial

import numpy as np

from dezero import Variable, exp, numerical_diff, past_of, square


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

    def test_a_plain_backward_leaves_no_graph(self):
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
