import unittest

import numpy as np

import dezero.functions as F
from dezero import Variable, grad
from dezero.utils import gradient_check


def normal(*shape):
    return np.random.default_rng(0).standard_normal(shape)


class MeanTest(unittest.TestCase):
    def test_the_mean_is_that_of_numpy_over_every_axis(self):
        x = normal(2, 3, 4)
        for axis in (None, 0, -1, (0, 2)):
            for keepdims in (False, True):
                y = Variable(x).mean(axis, keepdims)
                expected = x.mean(axis, keepdims=keepdims)

                self.assertEqual(y.shape, expected.shape)
                self.assertTrue(np.allclose(y, expected))

            self.assertTrue(gradient_check(F.mean, x, axis))


class MeanSquaredErrorTest(unittest.TestCase):
    def test_it_divides_by_the_number_of_examples(self):
        loss = F.mean_squared_error(np.ones((2, 3)), np.zeros((2, 3)))

        self.assertEqual(loss.data, 3.0)

    def test_gradients_of_both_orders(self):
        x, t = normal(4, 3), Variable(normal(3, 4).T)
        for f in (
            lambda x: F.mean_squared_error(x, t),
            lambda x: F.mean_squared_error(t, x),
        ):
            self.assertTrue(gradient_check(f, x))
            self.assertTrue(
                gradient_check(lambda x, f=f: grad(f(x), x, True), x)
            )

    def test_float32_stays_float32(self):
        x, t = Variable(np.ones(3, np.float32)), np.zeros(3, np.float32)
        loss = F.mean_squared_error(x, t)

        self.assertEqual(loss.dtype, np.float32)
        self.assertEqual(grad(loss, x).dtype, np.float32)

    def test_a_column_against_a_row_is_refused_with_the_way_out(self):
        x, t = Variable(np.ones((3, 1))), np.ones(3)

        with self.assertRaisesRegex(ValueError, r"t.reshape\(3, 1\)"):
            F.mean_squared_error(x, t)

    def test_an_empty_batch_is_refused(self):
        x = Variable(np.ones((0, 1)))

        with self.assertRaisesRegex(ValueError, "an empty batch"):
            F.mean_squared_error(x, x)
