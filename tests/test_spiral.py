import unittest

import numpy as np

import dezero.functions as F
from dezero import Variable, datasets
from dezero.models import MLP
from dezero.optimizers import SGD
from dezero.utils import check_finite


def trained(seed, epochs):
    np.random.seed(seed)
    x, t = datasets.get_spiral()
    model = MLP((10, 3))
    optimizer = SGD(lr=1.0).setup(model)
    for _ in range(epochs):
        order = np.random.permutation(len(x))
        for batch in order.reshape(-1, 30):
            y = model(x[batch])
            model.cleargrads()
            F.softmax_cross_entropy(y, t[batch]).backward()
            optimizer.update()
    right = model(x).data.argmax(axis=1) == t
    return [p.data for p in model.params()], right.mean()


class SpiralTest(unittest.TestCase):
    def test_three_classes_of_100_points_always_the_same(self):
        for train, first in (
            (True, [-0.13981389, -0.00721657]),  # the original's
            (False, [0.13246453, 0.13620993]),
        ):
            x, t = datasets.get_spiral(train)

            self.assertEqual((x.shape, x.dtype), ((300, 2), np.float32))
            self.assertEqual(np.bincount(t).tolist(), [100] * 3)
            self.assertTrue(np.allclose(x[0], first))

    def test_the_global_generator_is_left_as_it_was(self):
        np.random.seed(5)
        expected = np.random.rand()
        np.random.seed(5)
        datasets.get_spiral()

        self.assertEqual(np.random.rand(), expected)

    def test_a_network_learns_the_spiral_in_float32(self):
        weights, accuracy = trained(seed=0, epochs=300)

        self.assertGreater(accuracy, 0.94)
        self.assertEqual({w.dtype for w in weights}, {np.dtype("f4")})

    def test_the_same_seed_gives_the_same_bits(self):
        first, again = (trained(seed=3, epochs=3)[0] for _ in range(2))

        for a, b in zip(first, again):
            self.assertEqual(a.tobytes(), b.tobytes())

    def test_check_finite_names_who_made_the_first_nan(self):
        x = Variable(np.array([0.0, 1.0]), name="x")

        y = x + 1
        self.assertIs(check_finite(y), y)

        with np.errstate(all="ignore"):
            y = (F.log(x) * x).sum()
        with self.assertRaisesRegex(FloatingPointError, "Log made"):
            check_finite(y)

        x.data[0] = np.nan
        for y, words in ((x * 2).sum(), "input x"), (x, "itself"):
            with self.assertRaisesRegex(FloatingPointError, words):
                check_finite(y)
