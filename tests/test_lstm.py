import unittest

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero import Variable, grad


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def run(layer, xs):
    layer.reset_state()
    for x in xs:
        h = layer(x)
    return h


class LSTMTest(unittest.TestCase):
    def setUp(self):
        np.random.seed(0)
        self.lstm = L.LSTM(3, in_size=2)
        self.xs = np.random.randn(5, 4, 2).astype(np.float32)

    def test_each_step_follows_the_formula(self):
        lstm, h, c = self.lstm, np.zeros((4, 3)), np.zeros((4, 3))

        def from_both(x2, h2):
            return x @ x2.W.data + x2.b.data + h @ h2.W.data

        for x in self.xs:
            f = sigmoid(from_both(lstm.x2f, lstm.h2f))
            i = sigmoid(from_both(lstm.x2i, lstm.h2i))
            o = sigmoid(from_both(lstm.x2o, lstm.h2o))
            c = f * c + i * np.tanh(from_both(lstm.x2u, lstm.h2u))
            h = o * np.tanh(c)
            found = lstm(x)

            self.assertEqual(found.dtype, np.float32)
            self.assertTrue(np.allclose(found.data, h, atol=1e-6))
            self.assertTrue(np.allclose(lstm.c.data, c, atol=1e-6))

    def test_gradient_check_through_time(self):
        xs = self.xs.astype(float)
        for p in self.lstm.params():
            p.data = p.data.astype(float)
        for p in self.lstm.params():
            data, way = p.data, np.random.randn(*p.shape)
            gradient = grad(run(self.lstm, xs).sum(), p).data
            p.data = data + 1e-5 * way
            up = run(self.lstm, xs).sum().data
            p.data = data - 1e-5 * way
            down = run(self.lstm, xs).sum().data
            p.data = data

            slope = (up - down) / 2e-5
            self.assertAlmostEqual((gradient * way).sum(), slope)

    def test_an_open_forget_gate_and_a_closed_input_keep_the_cell(self):
        self.lstm(self.xs[0])
        before = self.lstm.c.data
        self.lstm.x2f.b.data += 100
        self.lstm.x2i.b.data -= 100
        for x in self.xs:
            self.lstm(x)

        self.assertTrue(np.allclose(self.lstm.c.data, before))

    def test_the_first_input_tells_in_size(self):
        lstm = L.LSTM(3)
        run(lstm, self.xs)
        shapes = [p.shape for p in lstm.params()]

        self.assertEqual(shapes, [p.shape for p in self.lstm.params()])
        self.assertEqual({*shapes}, {(2, 3), (3,), (3, 3)})

    def test_another_number_of_rows_needs_a_reset(self):
        run(self.lstm, self.xs)
        h, c = self.lstm.h, self.lstm.c
        with self.assertRaisesRegex(ValueError, "reset_state"):
            self.lstm(self.xs[0, :1])

        self.assertIs(self.lstm.h, h)
        self.assertIs(self.lstm.c, c)

    def test_after_a_reset_a_series_gives_the_same_again(self):
        first = run(self.lstm, self.xs).data
        again = run(self.lstm, self.xs).data

        self.assertTrue(np.array_equal(first, again))


class EmbedIDTest(unittest.TestCase):
    def test_numbers_of_any_shape_become_rows(self):
        embed = L.EmbedID(5, 3)
        ids = np.array([[4, 0], [4, 4]])

        self.assertEqual(embed(ids).shape, (2, 2, 3))
        self.assertTrue(np.array_equal(embed(ids).data, embed.W.data[ids]))
        self.assertEqual(embed.W.dtype, np.float32)

    def test_each_use_of_a_row_adds_to_its_gradient(self):
        W = Variable(np.ones((5, 3)))
        F.embed_id(np.array([4, 0, 4]), W).sum().backward()

        self.assertEqual(W.grad.data[:, 0].tolist(), [1, 0, 0, 0, 2])

    def test_a_number_without_a_row_is_an_error(self):
        with self.assertRaisesRegex(IndexError, "out of bounds"):
            L.EmbedID(5, 3)(np.array([5]))
