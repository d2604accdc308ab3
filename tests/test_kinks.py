import unittest

import numpy as np

from dezero import Variable, grad


def variable(*numbers):
    return Variable(np.array(numbers))


class KinksTest(unittest.TestCase):
    def test_the_absolute_value_is_flat_at_0(self):
        x = variable(-2.0, 0.0, 3.0)

        self.assertEqual(grad(abs(x), x).data.tolist(), [-1.0, 0.0, 1.0])

    def test_equal_numbers_share_the_slope_of_their_maximum(self):
        for function in (np.maximum, np.minimum):
            a, b = variable(1.0), variable(1.0)
            halves = grad(function(a, b), [a, b])

            self.assertEqual([g.data.tolist() for g in halves], [[0.5]] * 2)

    def test_powers_have_their_slopes_at_0_in_both_orders(self):
        for c, first, second in ((2, 0.0, 2.0), (1, 1.0, 0.0), (0, 0.0, 0.0)):
            for exponent in (c, float(c), np.array([float(c)])):
                x = variable(0.0)
                gx = grad(x**exponent, x, create_graph=True)

                self.assertEqual(gx.data.tolist(), [first])
                self.assertEqual(grad(gx, x).data.tolist(), [second])

    def test_the_square_root_begins_upright(self):
        x = variable(0.0)
        with np.errstate(divide="ignore"):
            self.assertEqual(grad(np.sqrt(x), x).data.tolist(), [np.inf])
