import unittest

import numpy as np

import dezero.functions as F
from dezero import Variable, grad
from dezero.utils import gradient_check

LEFTS = [(3,), (2, 3), (2, 2, 3), (3, 1, 2, 3)]
RIGHTS = [(3,), (3, 4), (2, 3, 4), (3, 2, 3, 4)]


def pairs():
    normal = np.random.default_rng(0).standard_normal
    for left in LEFTS:
        for right in RIGHTS:
            yield normal(left), normal(right)


def slope(f, x):
    return grad(f(x), x, create_graph=True)


class MatMulTest(unittest.TestCase):
    def check_both_orders(self, f, x):
        self.assertTrue(gradient_check(f, x))
        self.assertTrue(gradient_check(lambda x: slope(f, x), x))

    def test_gradients_of_both_orders_for_all_ranks(self):
        for a, b in pairs():
            self.check_both_orders(lambda x, b=b: F.matmul(x, b) ** 2, a)
            self.check_both_orders(lambda W, a=a: F.matmul(a, W) ** 2, b)

    def test_an_array_gets_no_gradient(self):
        x, W = np.ones((2, 3)), Variable(np.ones((3, 4)))
        gx, gW = (x @ W).creator.rule(np.ones((2, 4)), None, x, W.data)

        self.assertIsNone(gx)
        self.assertEqual(gW.shape, (3, 4))

    def test_shapes_that_do_not_fit_are_named(self):
        x = Variable(np.ones((2, 3)))

        with self.assertRaisesRegex(ValueError, r"got \(2, 3\) and \(2, 3\)"):
            x @ x
        with self.assertRaisesRegex(ValueError, r"got \(2, 3\) and \(\)"):
            x @ 2.0
