import unittest

import numpy as np

from dezero.datasets import Dataset, SinCurve, Spiral
from dezero.transforms import (
    AsType,
    CenterCrop,
    Compose,
    Convert,
    Normalize,
    RandomHorizontalFlip,
    Resize,
    ToArray,
    ToInt,
    ToPIL,
)


class Small(Dataset):
    def prepare(self):
        self.data, self.label = list(range(10)), list("abcdefghij")


class DatasetTest(unittest.TestCase):
    def test_a_slice_is_the_list_of_its_examples(self):
        d = Small(transform=lambda x: -x, target_transform=str.upper)

        self.assertEqual(d[2:4], [(-2, "C"), (-3, "D")])
        self.assertEqual(d[::-6], [d[9], d[3]])
        self.assertEqual(d[20:], [])

    def test_a_negative_number_counts_from_the_end(self):
        self.assertEqual(Small()[-2], (8, "i"))

    def test_a_loop_ends_after_the_last_example(self):
        self.assertEqual([x for x, t in Small()], list(range(10)))

    def test_without_labels_the_label_is_none(self):
        class Unknown(Dataset):
            def prepare(self):
                self.data = [1, 2]

        self.assertEqual(Unknown()[:], [(1, None), (2, None)])

    def test_data_must_be_there_and_labels_as_many(self):
        class Uneven(Dataset):
            def prepare(self):
                self.data, self.label = [1, 2], [0]

        with self.assertRaisesRegex(ValueError, "assign self.data"):
            Dataset()
        with self.assertRaisesRegex(ValueError, "2 examples and 1 labels"):
            Uneven()

    def test_each_label_of_a_series_is_the_next_example(self):
        for train in (True, False):
            curve = SinCurve(train)

            self.assertEqual(curve[5][1], curve[6][0])
            self.assertEqual(curve.data.dtype, np.float32)

    def test_training_and_test_points_of_the_spiral_differ(self):
        train, test = Spiral(), Spiral(train=False)

        self.assertEqual(len(train), len(test))
        self.assertFalse((train.data == test.data).any())
        self.assertEqual(train[0][0].dtype, np.float32)


class TransformsTest(unittest.TestCase):
    def test_each_channel_has_its_own_mean(self):
        for dtype in (np.float32, np.float64, np.uint8):
            x = np.arange(3).repeat(4).reshape(3, 2, 2).astype(dtype)
            y = Normalize([0, 1, 2], [0.5, 0.5, 0.5])(x)

            self.assertFalse(y.any())
            wide = np.float32 if dtype is np.uint8 else dtype
            self.assertEqual(y.dtype, wide)

    def test_means_are_one_or_as_many_as_channels(self):
        x = np.zeros((1, 2, 2), np.float32)

        for mean in (1, [1], np.ones((2, 2))):
            self.assertEqual(Normalize(mean)(x).tolist(), (x - 1).tolist())
        with self.assertRaisesRegex(ValueError, "each channel"):
            Normalize([1, 1, 1])(x)

    def test_a_float64_mean_makes_no_float64(self):
        x = np.zeros(3, np.float32)

        self.assertEqual(Normalize(np.float64(0.5))(x).dtype, x.dtype)

    def test_an_empty_composition_changes_nothing(self):
        self.assertEqual(Compose()(3), 3)
        self.assertEqual(Compose([AsType(), ToInt()])(np.ones(1)), 1)

    def test_half_of_the_arrays_and_images_are_mirrored(self):
        np.random.seed(0)
        array = np.arange(6, dtype=np.uint8).reshape(1, 2, 3)
        for x in (array, ToPIL()(array)):
            results = [
                ToArray()(RandomHorizontalFlip()(x))[0, 0, 0]
                for _ in range(1000)
            ]

            self.assertEqual(set(results), {0, 2})
            self.assertLess(abs(results.count(2) - 500), 60)


class ImagesTest(unittest.TestCase):
    def test_to_an_image_and_back_is_the_same_array(self):
        for shape in ((3, 4, 5), (1, 4, 5), (3, 1, 5), (3, 4, 1)):
            x = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
            y = ToArray()(ToPIL()(x))

            self.assertEqual(y.tolist(), x.tolist())
            self.assertEqual(y.dtype, np.float32)

    def test_bgr_swaps_red_and_blue(self):
        x = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
        y = ToArray(int)(Convert("BGR")(ToPIL()(x)))

        self.assertEqual(y.tolist(), x[::-1].tolist())

    def test_sizes_are_width_and_height_or_a_number(self):
        image = ToPIL()(np.zeros((3, 20, 30), np.uint8))

        self.assertEqual(Resize((6, 4))(image).size, (6, 4))
        self.assertEqual(CenterCrop(7)(image).size, (7, 7))
        self.assertEqual(Convert("L")(image).mode, "L")
        with self.assertRaisesRegex(ValueError, "30 by 20; Resize"):
            CenterCrop(21)(image)

    def test_an_image_is_made_of_uint8(self):
        with self.assertRaisesRegex(ValueError, r"AsType\(np.uint8\)"):
            ToPIL()(np.zeros((3, 4, 5)))
