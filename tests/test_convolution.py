import unittest
from itertools import product

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero import Variable, grad
from dezero.utils import gradient_check, pair

normal = np.random.default_rng(0).standard_normal
X, W, B = normal((2, 3, 5, 6)), normal((4, 3, 3, 2)), normal(4)
PLACES = [*product((1, 2, (2, 1)), (0, 1, (0, 1)))]


def by_loops(x, W, stride, pad):
    (SH, SW), (PH, PW), (KH, KW) = pair(stride), pair(pad), W.shape[2:]
    x = np.pad(x, ((0, 0), (0, 0), (PH, PH), (PW, PW)))
    rows = range(0, x.shape[2] - KH + 1, SH)
    columns = range(0, x.shape[3] - KW + 1, SW)
    y = np.zeros((len(x), len(W), len(rows), len(columns)))
    for (i, top), (j, left) in product(enumerate(rows), enumerate(columns)):
        window = x[:, None, :, top : top + KH, left : left + KW]
        y[:, :, i, j] = (window * W).sum(axis=(2, 3, 4))
    return y


def dot(x, y):
    return float((x * y).sum().data)


class ConvolutionTest(unittest.TestCase):
    def test_it_is_what_the_loops_compute(self):
        for stride, pad in PLACES:
            y = by_loops(X, W, stride, pad) + B.reshape(4, 1, 1)

            for conv in (F.conv2d, F.conv2d_simple):
                self.assertTrue(np.allclose(conv(X, W, B, stride, pad), y))

    def test_deconv_is_the_transpose_of_conv(self):
        for stride, pad in PLACES:
            y = F.conv2d(X, W, None, stride, pad)
            g = normal(y.shape)
            back = F.deconv2d(g, W, None, stride, pad, X.shape[2:])

            self.assertAlmostEqual(dot(y, g), dot(back, X))

    def test_second_derivatives_through_all_inputs_of_both(self):
        small = normal((2, 3, 2, 2)), normal((3, 2, 2, 3)), normal(2)

        def slope(function, arrays, i, j, v):
            inputs = [*map(Variable, arrays)]
            inputs[i] = v
            y = function(*inputs, stride=(2, 3), pad=(1, 0)) ** 2
            return grad(y.sum(), inputs[j], create_graph=True)

        for function, arrays in ((F.conv2d, (X, W, B)), (F.deconv2d, small)):
            for i, j in product(range(3), repeat=2):

                def f(v):
                    return slope(function, arrays, i, j, v)

                self.assertTrue(gradient_check(f, arrays[i]))

    def test_a_layer_that_failed_has_no_weights(self):
        layer = L.Conv2d(2, 3)
        with self.assertRaisesRegex(ValueError, r"\(3, 5, 5\); x\[None\]"):
            layer(np.ones((3, 5, 5)))

        self.assertEqual(layer(np.ones((1, 3, 5, 5))).shape, (1, 2, 3, 3))

    def test_an_impossible_size_is_named(self):
        x, W = np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3))

        with self.assertRaisesRegex(ValueError, r"can be \(9, 9\), and up"):
            F.deconv2d(x, W, stride=2, outsize=11)


class PoolingTest(unittest.TestCase):
    def test_the_border_is_never_the_largest(self):
        y = F.pooling(-np.ones((1, 1, 4, 4), np.float32), 3, 2, 1)

        self.assertEqual(set(y.data.ravel().tolist()), {-1})
        self.assertEqual(y.dtype, np.float32)

    def test_the_first_of_equals_gets_all(self):
        x = Variable(np.ones((1, 1, 2, 2)))
        gx = grad(F.pooling(x, 2), x)

        self.assertEqual(gx.data.ravel().tolist(), [1, 0, 0, 0])

    def test_a_border_as_large_as_the_window_is_refused(self):
        with self.assertRaisesRegex(ValueError, "padding alone"):
            F.pooling(X, (3, 2), pad=(1, 2))
        with self.assertRaisesRegex(ValueError, "padding alone"):
            F.average_pooling(X, 2, pad=2, count_pad=False)
