import unittest
from itertools import product

from dezero.utils import get_conv_outsize, get_deconv_outsize

SETTINGS = [*product(range(1, 6), (1, 2, 3), (0, 1, 2))]


class OutsizeTest(unittest.TestCase):
    def test_every_place_is_counted(self):
        for size, (k, s, p) in product(range(5, 12), SETTINGS):
            places = len(range(0, size + 2 * p - k + 1, s))

            self.assertEqual(get_conv_outsize(size, k, s, p), places)

    def test_an_odd_kernel_with_half_its_size_as_padding_keeps_it(self):
        for k in (1, 3, 5, 7):
            self.assertEqual(get_conv_outsize(28, k, 1, k // 2), 28)

    def test_deconv_gives_the_smallest_size_that_conv_brings_back(self):
        for size, (k, s, p) in product(range(5, 12), SETTINGS):
            larger = get_deconv_outsize(size, k, s, p)

            self.assertEqual(get_conv_outsize(larger, k, s, p), size)
            self.assertLess(get_conv_outsize(larger - 1, k, s, p), size)

    def test_a_kernel_that_fits_exactly_has_one_place(self):
        self.assertEqual(get_conv_outsize(3, 5, 1, 1), 1)

    def test_a_kernel_that_does_not_fit_is_named(self):
        with self.assertRaisesRegex(ValueError, "kernel of 5 does not fit"):
            get_conv_outsize(2, 5, 1, 1)
