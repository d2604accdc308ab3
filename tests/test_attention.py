import unittest

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero import Variable, grad


def wave(*shape):
    return np.sin(np.arange(np.prod(shape))).reshape(shape)


def close(found, expected, atol=1e-5):
    found = getattr(found, "data", found)
    return np.allclose(found, expected, atol=atol)


class AttentionTest(unittest.TestCase):
    def setUp(self):
        self.q, self.k = wave(2, 4), 2 * wave(3, 4)
        self.v = wave(3, 2)

    def test_attention_is_that_of_pytorch(self):
        y = F.attention(self.q, self.k, self.v)

        self.assertTrue(
            close(y, [[-0.037788, 0.566104], [0.825842, 0.147948]])
        )

    def test_causal_attention_is_that_of_pytorch(self):
        y = F.attention(self.k, self.k, self.v, F.causal_mask(3))

        self.assertTrue(
            close(
                y,
                [
                    [0, 0.841471],
                    [0.906912, 0.142958],
                    [-0.753159, -0.951051],
                ],
            )
        )

    def test_a_masked_key_is_as_if_it_were_not_there(self):
        mask = np.array([[True, False, True]])
        y = F.attention(self.q, self.k, self.v, mask)
        without = F.attention(self.q, self.k[::2], self.v[::2])

        self.assertTrue(close(y, without.data))
        self.assertTrue(close(y[0], [-0.103379, 0.595537]))  # PyTorch

    def test_a_row_that_sees_nothing_is_0_and_has_the_slope_0(self):
        mask = np.array([[True, False, True], [False] * 3])
        q = Variable(self.q)
        y = F.attention(q, self.k, self.v, mask)
        gq = grad(y.sum(), q).data
        found = [-0.298388, 0.129492, 0.438317, 0.344156]  # PyTorch

        self.assertEqual(y.data[1].tolist(), [0, 0])
        self.assertTrue(close(gq, [found, [0] * 4]))

    def test_few_queries_are_the_last_of_all(self):
        whole = F.attention(self.k, self.k, self.v, F.causal_mask(3))
        last = F.attention(
            self.k[1:], self.k, self.v, F.causal_mask(2, 3)
        )

        self.assertTrue(close(whole[1:], last.data))
        self.assertFalse(F.causal_mask(3, 2)[0].any())

    def test_large_scores_do_not_overflow(self):
        q = np.float32([[1e18]])
        y = F.attention(q, q, q, np.array([[True]]))

        self.assertEqual(y.data, q)
        self.assertEqual(y.dtype, np.float32)

    def test_a_mask_of_numbers_is_an_error(self):
        for mask in (np.eye(2), [[True, False]]):
            with self.assertRaisesRegex(TypeError, "truth values"):
                F.attention(np.eye(2), np.eye(2), np.eye(2), mask)


class MultiHeadAttentionTest(unittest.TestCase):
    def test_it_is_that_of_pytorch_with_the_same_weights(self):
        layer = L.MultiHeadAttention(4, heads=2, causal=True)
        W, b, out = wave(12, 4), wave(12), layer.out
        parts = zip(
            (layer.q, layer.k, layer.v), np.split(W, 3), np.split(b, 3)
        )
        for linear, W, b in parts:
            linear.W.data, linear.b.data = W.T, b
        out.W.data, out.b.data = wave(4, 4).T, wave(4)
        x = Variable(wave(1, 3, 4))
        y = layer(x)
        gx = grad((y * wave(1, 3, 4)).sum(), x)
        weights = layer.weights(x).data[0]

        self.assertTrue(close(weights[0, 1], [0.999306, 0.000694, 0]))
        self.assertTrue(close(weights[1, 1], [0.464906, 0.535094, 0]))
        self.assertTrue(
            close(y[0, 2], [-0.221856, -0.457866, 2.829760, -1.070139])
        )
        self.assertTrue(
            close(gx[0, 0], [-0.543624, 0.272581, 0.838177, 0.633156])
        )

    def test_nothing_comes_from_later_positions(self):
        np.random.seed(0)
        layer = L.MultiHeadAttention(6, heads=3, causal=True)
        x = wave(2, 5, 6).astype(np.float32)
        changed = x.copy()
        changed[:, 3:] += 1
        y, other = layer(x).data, layer(changed).data

        self.assertTrue(np.array_equal(y[:, :3], other[:, :3]))
        self.assertFalse(np.allclose(y[:, 3:], other[:, 3:]))
        self.assertEqual(y.dtype, np.float32)

    def test_heads_that_do_not_divide_the_size_are_an_error(self):
        for heads in (0, 4):
            with self.assertRaisesRegex(ValueError, "do not divide"):
                L.MultiHeadAttention(10, heads)


class LayerNormTest(unittest.TestCase):
    def test_numbers_and_gradients_are_those_of_pytorch(self):
        x = Variable(wave(2, 3))
        gamma = Variable(np.array([1.0, 2.0, 3.0]))
        beta = Variable(np.array([0.1, 0.2, 0.3]))
        y = F.layer_norm(x, gamma, beta)
        gx, ggamma, gbeta = grad(
            (y * wave(2, 3)).sum(), [x, gamma, beta]
        )

        self.assertTrue(close(y[0], [-1.310999, 1.447009, 2.662485]))
        self.assertTrue(close(gx[0], [0.081292, -1.092584, 1.011290]))
        self.assertTrue(close(ggamma, [0.196575, 0.891789, 1.586632]))
        self.assertTrue(close(gbeta, [0.141120, 0.084668, -0.049627]))

    def test_it_is_the_composed_form_in_both_orders(self):
        gamma, beta = wave(3) + 2, wave(3)

        def composed(x, gamma, beta):
            centred = x - x.mean(axis=-1, keepdims=True)
            var = (centred**2).mean(axis=-1, keepdims=True)
            return centred / F.sqrt(var + 1e-5) * gamma + beta

        found = []
        for function in (F.layer_norm, composed):
            x = Variable(wave(2, 3))
            y = function(x, gamma, beta)
            gx = grad((y * wave(2, 3)).sum(), x, create_graph=True)
            ggx = grad((gx**2).sum(), x)
            found.append(np.stack([y.data, gx.data, ggx.data]))

        self.assertTrue(close(*found))

    def test_large_numbers_that_differ_little_are_told_apart(self):
        layer = L.LayerNorm(4)
        x = 10000 + np.arange(4, dtype=np.float32)

        self.assertTrue(
            close(layer(x), [-1.34164, -0.44721, 0.44721, 1.34164])
        )
        self.assertEqual(layer(x).dtype, np.float32)


class GELUTest(unittest.TestCase):
    def test_it_is_the_form_with_tanh_of_pytorch(self):
        x = Variable(np.array([-3.0, -1.0, 0.0, 1.0, 3.0]))
        y = F.gelu(x)
        slopes = [-0.011584, -0.082964, 0.5, 1.082964, 1.011584]

        self.assertTrue(
            close(y, [-0.003637, -0.158808, 0, 0.841192, 2.996363])
        )
        self.assertTrue(close(grad(y.sum(), x), slopes))

    def test_far_out_it_is_a_relu(self):
        x = Variable(np.float32([-100, 100]))
        y = F.gelu(x)

        self.assertEqual(y.data.tolist(), [0, 100])
        self.assertEqual(grad(y.sum(), x).data.tolist(), [0, 1])
        self.assertEqual(y.dtype, np.float32)
