import unittest

import numpy as np

from dezero.datasets import Dataset
from dezero.transforms import (
    CenterCrop,
    Convert,
    Normalize,
    RandomHorizontalFlip,
    Resize,
    ToArray,
    ToPIL,
)


class DatasetTest(unittest.TestCase):
    def test_a_slice_is_the_list_of_its_examples(self):
        class Letters(Dataset):
            def prepare(self):
                self.data, self.label = range(10), "abcdefghij"

        d = Letters(
            transform=lambda x: -x, target_transform=str.upper
        )

        self.assertEqual(d[2:4], [(-2, "C"), (-3, "D")])
        self.assertEqual(d[::-6], [d[9], d[3]])
        self.assertEqual(d[20:], [])
        self.assertEqual(d[-2], (-8, "I"))

    def test_without_labels_the_label_is_none(self):
        class Unknown(Dataset):
            def prepare(self):
                self.data = [1, 2]

        self.assertEqual(Unknown()[:], [(1, None), (2, None)])

    def test_data_must_be_there(self):
        with self.assertRaisesRegex(ValueError, "assign self.data"):
            Dataset()


class TransformsTest(unittest.TestCase):
    def test_each_channel_has_its_own_mean(self):
        for dtype in (np.float32, np.float64, np.uint8):
            x = np.arange(3).repeat(4).reshape(3, 2, 2).astype(dtype)
            y = Normalize([0, 1, 2], [0.5, 0.5, 0.5])(x)

            self.assertFalse(y.any())
            wide = np.float32 if dtype is np.uint8 else dtype
            self.assertEqual(y.dtype, wide)

    def test_to_an_image_and_back_is_the_same_array(self):
        for shape in ((3, 4, 5), (1, 4, 5), (3, 1, 5), (3, 4, 1)):
            x = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
            flip = RandomHorizontalFlip(p=1)
            y = ToArray()(flip(ToPIL()(x)))

            self.assertEqual(y.tolist(), flip(x).tolist())
            self.assertEqual(y.dtype, np.float32)
        with self.assertRaisesRegex(ValueError, r"AsType\(np.uint8\)"):
            ToPIL()(np.zeros((3, 4, 5)))

    def test_sizes_are_width_and_height_or_a_number(self):
        image = ToPIL()(np.zeros((3, 20, 30), np.uint8))

        self.assertEqual(Resize([6, 4])(image).size, (6, 4))
        self.assertEqual(CenterCrop(7)(image).size, (7, 7))
        self.assertEqual(Convert("L")(image).mode, "L")
        for size in ((1, 2, 3), "ab", 2.5, None, (1, "b")):
            with self.assertRaisesRegex(ValueError, "a tuple of two"):
                Resize(size)
