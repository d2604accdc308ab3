import unittest

import numpy as np

from dezero.core_simple import Variable, numerical_diff, square


class SquareTest(unittest.TestCase):
    def test_forward(self):
        x = Variable(np.array(3.0))
        y = square(x)

        self.assertEqual(y.data, np.array(9.0))

    def test_backward(self):
        x = Variable(np.array(3.0))
        y = square(x)
        y.backward()

        self.assertEqual(x.grad, np.array(6.0))

    def test_gradient_check(self):
        x = Variable(np.random.default_rng(0).random(1))
        y = square(x)
        y.backward()

        self.assertTrue(np.allclose(x.grad, numerical_diff(square, x)))
