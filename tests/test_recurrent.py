import unittest

import numpy as np

import dezero.layers as L
from dezero import grad, past_of


def run(rnn, xs):
    for x in xs:
        h = rnn(x)
    return h


class RecurrentTest(unittest.TestCase):
    def setUp(self):
        np.random.seed(0)
        self.rnn = L.RNN(3, in_size=2)
        self.xs = np.random.randn(5, 4, 2).astype(np.float32)

    def test_each_step_follows_the_formula(self):
        W, b, U = (p.data for p in self.rnn.params())
        h = np.zeros((4, 3))
        for x in self.xs:
            h = np.tanh(x @ W + b + h @ U)
            found = self.rnn(x)

            self.assertEqual(found.dtype, np.float32)
            self.assertTrue(np.allclose(found.data, h, atol=1e-6))

    def test_hidden_size_and_in_size_are_apart(self):
        shapes = [p.shape for p in self.rnn.params()]
        self.assertEqual(shapes, [(2, 3), (3,), (3, 3)])

        rnn = L.RNN(3)
        run(rnn, self.xs)
        self.assertEqual([p.shape for p in rnn.params()], shapes)

    def test_gradient_check_through_time(self):
        for p in self.rnn.params():
            p.data = p.data.astype(float)
        U = self.rnn.h2h.W
        data, way = U.data, np.random.randn(*U.shape)

        def last(step):
            self.rnn.reset_state()
            U.data = data + step * way
            return run(self.rnn, self.xs.astype(float)).sum()

        slope = (last(1e-5) - last(-1e-5)).data / 2e-5
        gradient = grad(last(0), U).data
        self.assertAlmostEqual((gradient * way).sum(), slope)

    def test_after_a_reset_a_series_gives_the_same_again(self):
        first = run(self.rnn, self.xs).data
        self.assertFalse(np.allclose(run(self.rnn, self.xs).data, first))

        self.rnn.reset_state()
        self.assertTrue(np.array_equal(run(self.rnn, self.xs).data, first))

    def test_another_number_of_rows_needs_a_reset(self):
        run(self.rnn, self.xs)
        before = self.rnn.h
        for count in (1, 5):
            with self.assertRaisesRegex(ValueError, "reset_state"):
                self.rnn(np.ones((count, 2), np.float32))
        self.assertIs(self.rnn.h, before)

        self.rnn.reset_state()
        self.assertEqual(self.rnn(np.ones((1, 2))).shape, (1, 3))

    def test_a_cut_keeps_the_numbers_and_ends_the_graph(self):
        h = run(self.rnn, self.xs)
        before = h.data.copy()
        h.sum().unchain_backward()

        self.assertIs(self.rnn.h, h)
        self.assertTrue(np.array_equal(h.data, before))
        self.assertIsNone(h.creator)
        self.assertEqual(h.generation, 0)
        self.assertEqual(list(past_of(h)), [])

    def test_with_cuts_the_graph_keeps_its_size(self):
        sizes = []
        for _ in range(20):
            y = run(self.rnn, self.xs).sum()
            sizes.append((len(list(past_of(y))), y.generation))
            y.backward()
            y.unchain_backward()

        self.assertEqual(len(set(sizes[1:])), 1)
