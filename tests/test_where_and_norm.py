import unittest
import warnings

import numpy as np

import dezero.functions as F
from dezero import Variable, grad


def variable(*numbers, dtype=float):
    return Variable(np.array(numbers, dtype))


class WhereTest(unittest.TestCase):
    def test_each_input_gets_the_gradient_where_it_was_chosen(self):
        a, b = variable(1.0, 2.0), variable(3.0, 4.0)
        y = np.where(np.array([True, False]), a, b)
        gradients = grad(y * [5.0, 6.0], [a, b])

        self.assertEqual(y.data.tolist(), [1, 4])
        found = [g.data.tolist() for g in gradients]
        self.assertEqual(found, [[5, 0], [0, 6]])

    def test_a_number_is_broadcast_and_keeps_the_dtype(self):
        x = variable(1.0, -1.0, dtype=np.float32)
        for y in (F.where(x > 0, x, 0.5), F.where(x < 0, 0.5, x)):
            self.assertEqual(y.data.tolist(), [1, 0.5])
            self.assertEqual(y.dtype, np.float32)
            self.assertEqual(grad(y, x).data.tolist(), [1, 0])

    def test_a_condition_may_be_a_variable(self):
        y = F.where(variable(1, 0), variable(2.0, 3.0), 0.0)

        self.assertEqual(y.data.tolist(), [2, 0])

    def test_only_a_masked_input_keeps_nan_out_of_the_slope(self):
        x = variable(0.0, 1.0)
        with np.errstate(all="ignore"):
            bare = grad(np.where(x > 0, np.log(x), 0), x)
        safe = np.where(x > 0, x, 1.0)
        masked = grad(np.where(x > 0, np.log(safe), 0), x)

        self.assertTrue(np.isnan(bare.data[0]))
        self.assertEqual(masked.data.tolist(), [0, 1])


class NormTest(unittest.TestCase):
    def test_it_is_the_length_and_its_slope_the_direction(self):
        x = variable([3.0, 4.0], [0.0, -2.0])
        y = F.norm(x, axis=1)
        gx = grad(y, x)

        self.assertEqual(y.data.tolist(), [5, 2])
        self.assertTrue(np.allclose(gx.data, [[0.6, 0.8], [0, -1]]))
        whole = F.norm(x, keepdims=True)
        self.assertEqual(whole.shape, (1, 1))
        self.assertAlmostEqual(float(whole.data[0, 0]), 29**0.5)

    def test_zeros_have_the_slope_0_without_a_warning(self):
        x = variable(0.0, 0.0, dtype=np.float32)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            gx = grad(F.norm(x), x)

        self.assertEqual(gx.data.tolist(), [0, 0])
        self.assertEqual(gx.dtype, np.float32)
