import unittest

import numpy as np

import dezero.functions as F
from dezero import Variable, grad
from dezero.utils import gradient_check


def box():
    data = np.random.default_rng(0).standard_normal((2, 3, 4))
    return Variable(data)


class SumTest(unittest.TestCase):
    def test_every_element_gets_the_gradient_of_its_sum(self):
        x = Variable(np.ones((3, 3)))
        gy = np.array([1.0, 10.0, 100.0])

        gx0, gx1 = (grad((gy * x.sum(i)).sum(), x) for i in (0, 1))

        self.assertEqual(gx0.data.tolist(), [[1, 10, 100]] * 3)
        self.assertEqual(gx1.data.tolist(), gx0.data.T.tolist())

    def test_any_axes_in_any_order(self):
        for axis in (None, 0, -1, (0, 2), (-1, 0), (), np.int64(1)):
            for keep in (False, True):
                with self.subTest(axis=axis, keep=keep):
                    y = F.sum(box(), axis, keep)
                    expected = box().data.sum(axis, keepdims=keep)

                    self.assertTrue(np.array_equal(y.data, expected))
                    self.assertTrue(
                        gradient_check(
                            lambda x: F.sum(x, axis, keep) ** 2, box()
                        )
                    )

    def test_second_order(self):
        x = box()
        gx = grad((x.sum(axis=1) ** 3).sum(), x, create_graph=True)

        ggx = grad((gx**2).sum(), x)

        s = x.data.sum(axis=1, keepdims=True)
        expected = np.broadcast_to(108 * s**3, x.shape)
        self.assertTrue(np.allclose(ggx.data, expected))

    def test_a_number_and_an_empty_array(self):
        for data in (np.array(3.0), np.zeros((0, 3))):
            x = Variable(data)
            for axis in (None, 0, -1):
                gx = grad(x.sum(axis=axis), x)

                self.assertEqual(gx.shape, data.shape)
                self.assertTrue(np.all(gx.data == 1))

    def test_the_dtype_stays_and_integers_get_float_gradients(self):
        x = Variable(np.ones((2, 3), np.float32))
        n = Variable(np.ones((2, 3), int))

        self.assertEqual(x.sum(axis=0).dtype, np.float32)
        self.assertEqual(grad(x.sum(axis=0), x).dtype, np.float32)
        self.assertEqual(grad(n.sum(), n).dtype, np.float64)
