import tempfile
import unittest
from pathlib import Path
from unittest.mock import patch

import numpy as np

import dezero.functions as F
from dezero import Parameter, Variable, datasets, grad
from dezero.datasets import MNIST
from dezero.layers import Layer
from dezero.optimizers import AdaDelta, AdaGrad, Adam
from dezero.utils import get_file


class Point(Layer):
    def __init__(self):
        self.x = Parameter(np.array([1.0, 2.0]))

    def forward(self):
        return F.sum(self.x**2)


def after_three_steps(optimizer):
    point = Point()
    optimizer.setup(point)
    for _ in range(3):
        point.cleargrads()
        point().backward()
        optimizer.update()
    return point.x.data[0]


class ActivationsTest(unittest.TestCase):
    def test_the_slopes_at_0_are_those_of_the_left_side(self):
        x = Variable(np.array([0.0]))

        self.assertEqual(grad(F.relu(x), x).data.tolist(), [0.0])
        self.assertEqual(grad(F.leaky_relu(x, 0.1), x).data, [0.1])


class OptimizersTest(unittest.TestCase):
    def test_three_steps_end_where_other_engines_end(self):
        for optimizer, end in [
            (AdaGrad(0.1), 0.7804561822),  # PyTorch: 0.780456
            (AdaDelta(), 0.9864644623),  # Chainer: 0.986464
            (Adam(0.1), 0.7015863086),  # Chainer: the same
        ]:
            found = after_three_steps(optimizer)

            self.assertAlmostEqual(found, end, places=10)

    def test_an_update_that_fails_does_not_count(self):
        optimizer = Adam().setup(Point())

        with self.assertRaisesRegex(ValueError, "no gradient for x"):
            optimizer.update()
        self.assertEqual(optimizer.t, 0)


class SmallMNISTTest(unittest.TestCase):
    def test_an_example_is_a_row_of_float32_from_0_to_1(self):
        x, t = MNIST(small=True)[0]

        self.assertEqual((x.shape, x.dtype), ((784,), np.float32))
        self.assertEqual((x.min(), x.max(), t), (0.0, 1.0, 5))

    def test_without_its_files_it_says_what_to_do(self):
        with patch.object(datasets, "__file__", "elsewhere/datasets.py"):
            with self.assertRaisesRegex(FileNotFoundError, "leave small out"):
                MNIST(small=True)


class DownloadsTest(unittest.TestCase):
    def test_a_damaged_file_is_refused_and_not_kept(self):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "note.txt"
            source.write_text("seven")
            cache = Path(folder) / "cache"

            with self.assertRaisesRegex(OSError, "its SHA-256"):
                get_file(source.as_uri(), sha256="0" * 64, cache=cache)
            self.assertEqual(list(cache.iterdir()), [])
