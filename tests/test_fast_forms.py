import tracemalloc
import unittest
from itertools import product

import numpy as np

import dezero.functions as F
from dezero import Variable, grad, using_config

normal = np.random.default_rng(0).standard_normal
X, B = normal((2, 8, 5, 6)), normal(9)


def both_orders(function, *arrays):
    """Return what a function gives, its gradients and second ones."""
    xs = [Variable(array) for array in arrays]
    y = function(*xs)
    gxs = grad((y**3).sum(), xs, create_graph=True)
    total = sum(((gx**2).sum() for gx in gxs), start=0)
    return [y, *gxs, *grad(total, xs)]


def peak(function, *inputs):
    tracemalloc.start()
    try:
        function(*inputs)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class FastFormsTest(unittest.TestCase):
    def check_same(self, new, old, *arrays):
        pairs = zip(both_orders(new, *arrays), both_orders(old, *arrays))
        for a, b in pairs:
            self.assertEqual(a.dtype, b.dtype)
            self.assertTrue(np.allclose(a.data, b.data, 1e-6, 1e-8))

    def test_convolution_by_strips_is_the_textbook_form(self):
        usual = product((0, 1, (2, 0)), ((3, 2), (1, 3), (1, 1)))
        for pad, size in (*usual, ((0, 5), (1, 16))):
            W = normal((9, 8, *size))

            self.check_same(
                lambda *xs: F.conv2d(*xs, pad=pad),
                lambda *xs: F.conv2d_simple(*xs, pad=pad),
                *(X, W, B),
            )

    def test_winograds_form_is_the_textbook_form(self):
        for pad, N in ((0, 2), (1, 2), (2, 9), ((1, 0), 1)):
            with using_config("winograd", True):
                self.check_same(
                    lambda *xs: F.conv2d(*xs, pad=pad),
                    lambda *xs: F.conv2d_simple(*xs, pad=pad),
                    *(normal((N, 8, 5, 6)), normal((9, 8, 3, 3)), B),
                )

    def test_winograds_form_has_the_errors_that_are_stated(self):
        x = normal((2, 16, 58, 57))
        W = normal((16, 16, 3, 3)) / 12
        y = F.conv2d_simple(x, W, pad=1).data
        errors = []
        for dtype in (np.float64, np.float32):
            with using_config("winograd", True):
                fast = F.conv2d(x.astype(dtype), W.astype(dtype), pad=1)
            self.assertEqual(fast.dtype, dtype)
            errors.append(abs(fast.data - y).max() / abs(y).max())

        self.assertLess(errors[0], 1e-13)
        self.assertTrue(1e-6 < errors[1] < 3e-5)

    def test_a_transposed_convolution_agrees_with_few_channels(self):
        for pad in (0, 1, (1, 2)):
            W = normal((8, 9, 2, 3))

            def one_by_one(x, W, b):
                ys = (
                    F.deconv2d(x, W[:, o : o + 1], None, 1, pad)
                    for o in range(9)
                )
                hot = np.eye(9).reshape(9, 1, 9, 1, 1)
                y = sum(y * one for y, one in zip(ys, hot))
                return y + b.reshape(9, 1, 1)

            self.check_same(
                lambda *xs: F.deconv2d(*xs, pad=pad),
                one_by_one,
                *(X, W, B),
            )

    def test_mixed_dtypes_and_no_images(self):
        W, x = normal((9, 8, 3, 3)), X.astype(np.float32)

        self.assertEqual(F.conv2d(x, W).dtype, np.float64)
        self.assertEqual(F.conv2d(X[:0], W).shape, (0, 9, 3, 4))

    def test_no_array_is_as_large_as_the_windows(self):
        x, W = np.zeros((8, 16, 28, 28)), np.zeros((16, 16, 3, 3))

        self.assertLess(peak(lambda: F.conv2d(x, W, pad=1)), 4 * x.nbytes)

    def test_pooling_is_the_textbook_form(self):
        for at in ((2, 2), (2, 1), (2, 3), ((1, 2), (2, 2))):
            self.check_same(
                lambda x: F.pooling(x, *at),
                lambda x: F.pooling_simple(x, *at),
                X,
            )

    def test_batch_norm_is_the_textbook_form(self):
        def simple(x, gamma, beta):
            axes = (0, *range(2, x.ndim))
            shape = (1, -1, *[1] * (x.ndim - 2))
            centred = x - x.mean(axis=axes, keepdims=True)
            var = (centred**2).mean(axis=axes, keepdims=True)
            x = centred / (var + 2e-5) ** 0.5
            return gamma.reshape(shape) * x + beta.reshape(shape)

        def ours(x, gamma, beta):
            running = np.zeros(8), np.ones(8)
            return F.batch_norm(x, gamma, beta, *running)

        for x in (X, X[:, :, 0, 0], normal((5, 8))):
            self.check_same(ours, simple, x, normal(8), normal(8))

    def test_a_step_of_an_lstm_is_the_textbook_form(self):
        sigmoids = np.arange(12) < 9

        def gates(x, W, b, h, U):
            z = F.matmul(x, W) + b + F.matmul(h, U)
            return F.sigmoid(z) * sigmoids + F.tanh(z) * ~sigmoids

        for N in ((1,), (2,), (2, 2)):
            shapes = (*N, 2), (2, 12), (12,), (*N, 3), (3, 12)
            self.check_same(F.lstm_gates, gates, *map(normal, shapes))

        self.check_same(
            F.lstm_cell,
            lambda z, c: z[:, :3] * c + z[:, 3:6] * z[:, 9:],
            *(normal((2, 12)), normal((2, 3))),
        )
        self.check_same(
            F.lstm_output,
            lambda z, c: z[:, 6:9] * F.tanh(c),
            *(normal((2, 12)), normal((2, 3))),
        )

    def test_half_precision_does_not_overflow(self):
        x = 4 + normal((4, 2, 100, 100)).astype(np.float16)
        ones = np.ones(2, np.float16)
        y = F.batch_norm(x, ones, 0 * ones, 0 * ones, ones.copy())

        self.assertTrue(abs(y.data.mean()) < 0.01)
        self.assertTrue(abs(y.data.astype(float).std() - 1) < 0.01)
