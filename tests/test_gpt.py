import unittest

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero import Parameter
from dezero.models import GPT, choose
from dezero.names import FIRST_NAMES


def close(found, expected, atol=1e-5):
    found = getattr(found, "data", found)
    return np.allclose(found, expected, atol=atol)


def sines(**options):
    """Return a small network whose weights are sines."""
    model = GPT(5, 4, size=4, **options)
    for i, p in enumerate(model.params()):
        p.data = np.sin(np.arange(p.size) + i).reshape(p.shape)
    return model


def loss_of(model):
    ids = np.array([[0, 3, 1, 4], [2, 2, 0, 1]])
    t = np.array([[3, 1, 4, 0], [2, 0, 1, 3]])
    y = model(ids)
    return y, F.softmax_cross_entropy(y.reshape(-1, 5), t.reshape(-1))


class Untied(GPT):
    def forward(self, ids):
        x = self.tokens(ids) + self.places(np.arange(ids.shape[1]))
        for block in self.blocks:
            x = block(x)
        return F.linear(self.norm(x), self.last.T)


class GPTTest(unittest.TestCase):
    def test_scores_and_gradients_are_those_of_pytorch(self):
        model = sines()
        y, loss = loss_of(model)
        loss.backward()
        found = model.tokens.W.grad[3]
        key = model.blocks[0].attention.k.W.grad[0]

        self.assertTrue(
            close(
                y[1, 3],
                [2.380296, -1.879899, 0.077271, 1.778883, -2.402782],
            )
        )
        self.assertTrue(close(loss, 2.126439))
        self.assertTrue(
            close(found, [-0.150745, 0.05004, -0.088094, 0.084093])
        )
        self.assertTrue(
            close(key, [0.013076, -0.077039, 0.007282, -0.002111])
        )

    def test_the_gradient_of_tied_weights_is_the_sum_of_both_uses(self):
        tied, untied = sines(), sines()
        untied.__class__ = Untied
        untied.last = Parameter(untied.tokens.W.data.copy())
        for model in (tied, untied):
            loss_of(model)[1].backward()
        both = untied.tokens.W.grad.data + untied.last.grad.data

        self.assertTrue(close(tied.tokens.W.grad, both, 1e-12))

    def test_the_first_loss_is_that_of_equal_probabilities(self):
        np.random.seed(0)
        ids = np.random.randint(100, size=(20, 17))
        for size in (16, 64):
            y = GPT(100, 16, size)(ids[:, :-1]).reshape(-1, 100)
            loss = F.softmax_cross_entropy(y, ids[:, 1:].reshape(-1))

            self.assertAlmostEqual(float(loss.data), np.log(100), 0)
            self.assertEqual(loss.dtype, np.float32)

    def test_texts_that_it_cannot_read_are_an_error(self):
        model = sines()
        for ids, words in (
            (np.array([1, 2]), r"for a single text"),
            (np.zeros((1, 5), int), "1 to 4 tokens, got 5"),
            (np.zeros((1, 0), int), "1 to 4 tokens, got 0"),
        ):
            with self.assertRaisesRegex(ValueError, words):
                model(ids)
        with self.assertRaisesRegex(ValueError, "single text"):
            model.generate(np.array([1, 2]), 3)


class CacheTest(unittest.TestCase):
    def test_the_scores_are_those_without_a_cache(self):
        model = sines(blocks=2)
        ids = np.array([[0, 3, 1, 4], [2, 2, 0, 1]])
        for cuts in ([1, 2, 3], [2], [1, 3]):
            cache = model.new_cache()
            parts = [
                model(part, cache).data
                for part in np.split(ids, cuts, axis=1)
            ]
            together = np.concatenate(parts, axis=1)

            self.assertTrue(close(model(ids), together, 1e-12))

    def test_a_full_window_forgets_its_older_half(self):
        model = sines(blocks=2)
        ids = np.array([[1, 4, 0, 2, 3, 1], [2, 2, 0, 1, 0, 4]])
        found = model.generate(ids, 7, rng=0)
        rng, seen = np.random.default_rng(0), ids[:, -4:]
        for _ in range(7):  # without a cache
            if seen.shape[1] > 4:
                seen = ids[:, -2:]
            new = choose(model(seen)[:, -1], 1, rng)
            ids = np.append(ids, new, axis=1)
            seen = np.append(seen, new, axis=1)

        self.assertEqual(found.tolist(), ids.tolist())

    def test_a_window_of_one_token_is_enough(self):
        ids = GPT(5, 1, size=4).generate(np.zeros((2, 1), int), 3)

        self.assertEqual(ids.shape, (2, 4))

    def test_writing_builds_no_graph(self):
        creators = []

        class Watched(GPT):
            def forward(self, ids, cache=None):
                y = super().forward(ids, cache)
                creators.append(y.creator)
                return y

        Watched(5, 4, size=4).generate(np.zeros((1, 1), int), 3)

        self.assertEqual(creators, [None] * 3)

    def test_it_needs_a_causal_layer(self):
        layer = L.MultiHeadAttention(4)
        with self.assertRaisesRegex(ValueError, "causal=True"):
            layer(np.ones((1, 2, 4), np.float32), L.KeyValues())


class ChooseTest(unittest.TestCase):
    def test_shares_are_the_softmax_of_scores_over_temperature(self):
        scores = np.log([[0.7, 0.2, 0.1]]).repeat(20000, axis=0)
        for temperature in (0.5, 1, 2):
            rng = np.random.default_rng(0)
            drawn = choose(scores, temperature, rng)[:, 0]
            p = np.array([0.7, 0.2, 0.1]) ** (1 / temperature)
            shares = np.bincount(drawn) / len(drawn)

            self.assertTrue(close(shares, p / p.sum(), 0.01))

    def test_at_0_the_largest_is_taken_and_inf_can_hide_one(self):
        rng = np.random.default_rng(0)
        scores = np.array([[1.0, 3.0, 2.0], [0.0, -np.inf, -1.0]])

        self.assertEqual(choose(scores, 0, rng).tolist(), [[1], [0]])
        for _ in range(100):
            self.assertNotEqual(choose(scores, 5, rng)[1, 0], 1)

    def test_what_cannot_be_drawn_is_an_error(self):
        rng = np.random.default_rng(0)
        for temperature in (-1, np.nan, np.inf):
            with self.assertRaisesRegex(ValueError, "temperature"):
                choose(np.zeros((1, 3)), temperature, rng)
        with self.assertRaisesRegex(ValueError, "nan"):
            choose(np.array([[0, np.nan]]), 1, rng)


class NamesTest(unittest.TestCase):
    def test_names_are_different_and_of_small_letters(self):
        self.assertEqual(len(set(FIRST_NAMES)), 2000)
        self.assertEqual(FIRST_NAMES[:2], ["james", "john"])
        self.assertEqual(max(map(len, FIRST_NAMES)), 11)
        letters = set("abcdefghijklmnopqrstuvwxyz")
        self.assertEqual(set("".join(FIRST_NAMES)), letters)
