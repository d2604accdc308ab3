"""Transforms: shapes and dtypes of arrays and of Pillow's images."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from dezero.transforms import (
    AsType,
    CenterCrop,
    Compose,
    Convert,
    Flatten,
    Normalize,
    RandomHorizontalFlip,
    Resize,
    ToArray,
    ToFloat,
    ToInt,
    ToPIL,
)

PIXELS = np.arange(2 * 4 * 3, dtype=np.uint8).reshape(2, 4, 3)  # 2 rows, 4 columns, red, green, blue
IMAGE = Image.fromarray(PIXELS)


def test_transforms_are_applied_in_their_order():
    x = Compose([Flatten(), ToFloat(), Normalize(1.0, 2.0)])(np.array([[1, 3]], np.uint8))

    assert (x.tolist(), x.dtype) == ([0.0, 1.0], np.float32)
    assert Compose()(5) == 5


def test_integers_and_other_dtypes():
    x = np.array([1.9, -1.9], np.float32)

    assert ToInt()(x).tolist() == [1, -1]
    assert AsType(np.float16)(x).dtype == np.float16


@pytest.mark.parametrize("mean", [0.5, np.float64(0.5), [0.5], (0.0, 1.0, 2.0)], ids=repr)
def test_normalizing_keeps_float32_and_goes_along_the_channels(mean):
    x = np.ones((3, 2, 2), np.float32)
    y = Normalize(mean, 2)(x)

    assert y.dtype == np.float32
    assert np.allclose(y, (1 - np.reshape(mean, (-1, 1, 1))) / 2)


def test_a_channel_too_many_is_an_error():
    with pytest.raises(ValueError, match="broadcast"):
        Normalize([0.0, 1.0])(np.ones((3, 2, 2), np.float32))


@pytest.mark.parametrize("p", [0, 1])
def test_flips_are_those_of_the_last_axis_or_of_the_image(p):
    flip, x = RandomHorizontalFlip(p), ToArray()(IMAGE)

    assert np.array_equal(flip(x), x[..., ::-1] if p else x)
    assert np.array_equal(np.asarray(flip(IMAGE)), PIXELS[:, ::-1] if p else PIXELS)


def test_about_half_of_the_flips_happen_and_the_seed_repeats_them():
    x, flip, kept = np.arange(2), RandomHorizontalFlip(), []
    for _ in range(2):
        np.random.seed(0)
        kept.append(sum(flip(x)[0] == 0 for _ in range(1000)))

    assert kept[0] == kept[1]
    assert 450 < kept[0] < 550


# --- images ---------------------------------------------------------------------------------------


def test_an_image_becomes_an_array_with_its_channels_first_and_comes_back():
    x = ToArray(np.uint8)(IMAGE)

    assert x.shape == (3, 2, 4)
    assert np.array_equal(np.asarray(ToPIL()(x)), PIXELS)
    assert ToArray()(IMAGE).dtype == np.float32


def test_an_image_of_one_channel_keeps_it():
    grey = IMAGE.convert("L")

    assert ToArray()(grey).shape == (1, 2, 4)
    assert ToPIL()(ToArray(np.uint8)(grey)).mode == "L"


def test_an_array_stays_one():
    x = np.zeros(2)

    assert ToArray()(x) is x


def test_floats_are_no_pixels():
    with pytest.raises(
        ValueError, match=r"ToPIL needs an array \(C, H, W\) of uint8, got \(3, 2, 4\) of float32"
    ):
        ToPIL()(ToArray()(IMAGE))


def test_modes_and_the_order_of_colours():
    assert np.array_equal(np.asarray(Convert("BGR")(IMAGE)), PIXELS[..., ::-1])
    assert Convert("L")(IMAGE).mode == "L"


@pytest.mark.parametrize(("size", "expected"), [(6, (6, 6)), ((3, 5), (3, 5))])
def test_sizes_are_width_and_height(size, expected):
    assert Resize(size)(IMAGE).size == expected


def test_the_filter_is_bilinear_unless_another_is_given():
    assert np.array_equal(
        np.asarray(Resize(3)(IMAGE)), np.asarray(IMAGE.resize((3, 3), Image.Resampling.BILINEAR))
    )
    assert np.array_equal(
        np.asarray(Resize(3, Image.Resampling.NEAREST)(IMAGE)),
        np.asarray(IMAGE.resize((3, 3), Image.Resampling.NEAREST)),
    )


def test_the_middle_is_cut_out():
    assert np.array_equal(np.asarray(CenterCrop(2)(IMAGE)), PIXELS[:, 1:3])


def test_a_middle_larger_than_the_image_is_refused():
    with pytest.raises(ValueError, match="needs an image of at least 5 by 1 pixels, got 4 by 2"):
        CenterCrop((5, 1))(IMAGE)


@pytest.mark.slow
def test_pillow_is_imported_when_it_is_needed_and_not_before():
    code = "import sys, dezero; sys.exit(any(name in sys.modules for name in ('PIL', 'matplotlib', 'tqdm')))"

    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
