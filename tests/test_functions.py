import unittest

import numpy as np

from dezero.core_simple import Variable, numerical_diff


def sphere(x, y):
    return x**2 + y**2


def matyas(x, y):
    return 0.26 * (x**2 + y**2) - 0.48 * x * y


def goldstein(x, y):
    p = 19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2
    q = 18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2
    return (1 + (x + y + 1) ** 2 * p) * (30 + (2 * x - 3 * y) ** 2 * q)


def slopes(function, x, y):
    x, y = Variable(np.array(x)), Variable(np.array(y))
    function(x, y).backward()
    return float(x.grad), float(y.grad)


def small_steps(function, x, y):
    x, y = Variable(np.array(x)), Variable(np.array(y))
    along_x = numerical_diff(lambda x: function(x, y), x)
    along_y = numerical_diff(lambda y: function(x, y), y)
    return along_x, along_y


class FunctionsTest(unittest.TestCase):
    def test_slopes_at_whole_numbers_are_those_on_paper(self):
        self.assertEqual(slopes(sphere, 1.0, 1.0), (2.0, 2.0))
        self.assertTrue(np.allclose(slopes(matyas, 1.0, 1.0), 0.04))
        self.assertEqual(slopes(goldstein, 1.0, 1.0), (-5376.0, 8064.0))

    def test_gradient_check(self):
        for function in (sphere, matyas, goldstein):
            exact = slopes(function, 0.7, -1.2)
            steps = small_steps(function, 0.7, -1.2)

            self.assertTrue(np.allclose(exact, steps))

    def test_nothing_slopes_at_the_minimum(self):
        self.assertEqual(slopes(sphere, 0.0, 0.0), (0.0, 0.0))
        self.assertEqual(slopes(matyas, 0.0, 0.0), (0.0, 0.0))
        self.assertEqual(slopes(goldstein, 0.0, -1.0), (0.0, 0.0))
