import unittest

import numpy as np

import dezero.functions as F
from dezero import Variable, numerical_diff


def slope(f, x):
    x.cleargrad()
    f(x).backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    return gx


class TanhTest(unittest.TestCase):
    def test_far_outside_it_is_flat(self):
        x = Variable(np.array([-1000.0, 1000.0]))
        y = F.tanh(x)

        self.assertEqual(y.data.tolist(), [-1.0, 1.0])
        self.assertEqual(slope(F.tanh, x).data.tolist(), [0.0, 0.0])

    def test_gradient_check_of_both_orders(self):
        x = Variable(np.random.default_rng(0).standard_normal(10))
        first, steps = slope(F.tanh, x), numerical_diff(F.tanh, x)

        self.assertTrue(np.allclose(first.data, steps))

        second = slope(lambda x: slope(F.tanh, x), x)
        steps = numerical_diff(lambda x: slope(F.tanh, x), x)

        self.assertTrue(np.allclose(second.data, steps))
