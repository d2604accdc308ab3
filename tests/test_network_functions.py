import unittest

import numpy as np

import dezero.functions as F
from dezero import Variable, grad


def normal(*shape):
    return Variable(np.random.default_rng(0).standard_normal(shape))


class NetworkFunctionsTest(unittest.TestCase):
    def test_linear_and_its_simple_form_agree(self):
        W, b = normal(3, 2), normal(2)
        for x in (normal(5, 3), normal(3), normal(4, 5, 3)):
            for args in ((x, W), (x, W, b)):
                y, simple = F.linear(*args), F.linear_simple(*args)
                gs = grad(y, args), grad(simple, args)

                self.assertTrue(np.allclose(y.data, simple.data))
                for g, expected in zip(*gs, strict=True):
                    self.assertTrue(np.allclose(g.data, expected.data))

    def test_sigmoid_and_its_simple_form_agree_in_two_orders(self):
        x, slopes = normal(10), []
        for f in (F.sigmoid, F.sigmoid_simple):
            gx = grad(f(x), x, create_graph=True)
            slopes.append([gx.data, grad(gx, x).data])

        self.assertTrue(np.allclose(*slopes))

    def test_far_from_0_the_sigmoid_is_flat(self):
        for dtype in (np.float32, np.float64):
            x = Variable(np.array([-1000, 1000], dtype=dtype))
            y = F.sigmoid(x)
            gx = grad(y, x)

            self.assertEqual(y.data.tolist(), [0, 1])
            self.assertEqual(gx.data.tolist(), [0, 0])
            self.assertEqual({y.dtype, gx.dtype}, {x.dtype})

    def test_the_error_of_linear_says_which_shapes_it_needs(self):
        message = r"Linear needs x .*, W .* and b \(H,\), got \(5, 4\)"
        for shapes in ((3, 2), (2,)), ((4, 2), (3,)):
            with self.assertRaisesRegex(ValueError, message):
                F.linear(normal(5, 4), *(normal(*s) for s in shapes))
