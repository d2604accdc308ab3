import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero import no_grad, test_mode
from dezero.datasets import ImageNet
from dezero.models import BuildingBlock, ResNet
from dezero.utils import gradient_check


def images(*shape):
    return np.random.default_rng(0).normal(2, 3, shape)


def normalized(x, **options):
    C = x.shape[1]
    return F.batch_norm(
        x, np.ones(C), np.zeros(C), np.zeros(C), np.ones(C), **options
    )


class BatchNormTest(unittest.TestCase):
    def test_each_channel_has_mean_0_and_variance_1(self):
        for shape, axes in (((8, 3), 0), ((4, 3, 5, 5), (0, 2, 3))):
            y = normalized(images(*shape)).data

            self.assertTrue(np.allclose(y.mean(axis=axes), 0))
            self.assertTrue(np.allclose(y.var(axis=axes), 1, atol=1e-4))

    def test_the_gradient_knows_that_mean_and_variance_move(self):
        for shape in ((5, 3), (2, 3, 2, 2)):
            x = images(*shape)

            self.assertTrue(gradient_check(lambda x: normalized(x) ** 3, x))

    def test_the_backward_pass_works_in_test_mode(self):
        with test_mode():
            right = gradient_check(normalized, images(5, 3))

        self.assertTrue(right)

    def test_in_test_mode_an_image_does_not_depend_on_its_company(self):
        layer, x = L.BatchNorm(), images(6, 3)
        layer(x)
        with test_mode():
            alone, together = layer(x[:1]).data, layer(x).data

        self.assertTrue(np.allclose(alone, together[:1]))

    def test_a_single_value_in_a_channel_is_refused(self):
        for shape in ((1, 3), (1, 3, 1, 1)):
            with self.assertRaisesRegex(ValueError, "more than one value"):
                normalized(images(*shape))

    def test_buffers_are_saved_and_loaded(self):
        layer, other = L.BatchNorm(), L.BatchNorm()
        layer(images(6, 3))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "weights.npz"
            layer.save_weights(path)
            other.load_weights(path)

        mean = layer.avg_mean.data
        self.assertTrue(np.array_equal(other.avg_mean.data, mean))
        self.assertTrue(mean.any())


class LargeNetworksTest(unittest.TestCase):
    def test_a_block_may_halve_the_image(self):
        block = BuildingBlock(2, 8, 4, 16, 2)
        with no_grad():
            y = block(images(2, 8, 6, 6).astype(np.float32))

        self.assertEqual((y.shape, y.dtype), ((2, 16, 3, 3), np.float32))

    def test_another_number_of_layers_is_refused(self):
        with self.assertRaisesRegex(ValueError, "152 layers, got 18"):
            ResNet(18)

    def test_the_names_of_the_classes_are_read_and_not_run(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / ImageNet.url.rpartition("/")[2]
            cache = {"DEZERO_CACHE": folder}
            with mock.patch.dict(os.environ, cache):
                path.write_text("{0: 'tench'}")
                self.assertEqual(ImageNet.labels(), {0: "tench"})
                path.write_text("print('run')")
                with self.assertRaises(ValueError):
                    ImageNet.labels()
