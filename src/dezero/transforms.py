"""What is done to an example before a network sees it."""

import numpy as np

from dezero.utils import pair


class Compose:
    """Several transforms, one after the other."""

    def __init__(self, transforms=()):
        self.transforms = transforms

    def __call__(self, x):
        for transform in self.transforms:
            x = transform(x)
        return x


class AsType:
    """The same numbers in another dtype."""

    def __init__(self, dtype=np.float32):
        self.dtype = dtype

    def __call__(self, array):
        return array.astype(self.dtype)


ToFloat = AsType


class ToInt(AsType):
    """The same numbers as integers."""

    def __init__(self, dtype=int):
        super().__init__(dtype)


class Flatten:
    """The elements of an array along one axis."""

    def __call__(self, array):
        return array.reshape(-1)


class Normalize:
    """(array - mean) / std, float32 if the array has integers.

    mean and std are numbers, or a sequence of one for each channel of
    an array (C, ...).
    """

    def __init__(self, mean=0, std=1):
        self.mean, self.std = mean, std

    def __call__(self, array):
        if array.dtype.kind in "biu":
            array = array.astype(np.float32)
        mean, std = (along(x, array) for x in (self.mean, self.std))
        return (array - mean) / std


def along(x, array):
    """Return x in the dtype of the array, a sequence along axis 0."""
    x = np.asarray(x, array.dtype)
    if x.ndim != 1:
        return x
    if len(x) not in (1, len(array)):
        raise ValueError(
            f"Normalize cannot broadcast {len(x)} numbers over an array "
            f"{array.shape}; it needs one number, or one for each channel"
        )
    return x.reshape(-1, *[1] * (array.ndim - 1))


class RandomHorizontalFlip:
    """The array (..., H, W) or the image, mirrored with probability p."""

    def __init__(self, p=0.5):
        self.p = p

    def __call__(self, x):
        if np.random.rand() >= self.p:
            return x
        if isinstance(x, np.ndarray):
            return x[..., ::-1]
        return x.transpose(0)  # of Pillow: from left to right


class Convert:
    """An image of Pillow in another mode, such as "RGB", "L" or "BGR"."""

    def __init__(self, mode="RGB"):
        self.mode = mode

    def __call__(self, image):
        if self.mode != "BGR":
            return image.convert(self.mode)
        from PIL import Image

        r, g, b = image.convert("RGB").split()
        return Image.merge("RGB", (b, g, r))


class Resize:
    """An image of Pillow in another size, (width, height) or a number.

    mode is a filter of Pillow, bilinear without.
    """

    def __init__(self, size, mode=None):
        self.size, self.mode = pair(size), mode

    def __call__(self, image):
        bilinear = 2  # Image.Resampling.BILINEAR
        mode = bilinear if self.mode is None else self.mode
        return image.resize(self.size, mode)


class CenterCrop:
    """The middle of an image of Pillow, (width, height) or a number."""

    def __init__(self, size):
        self.size = pair(size)

    def __call__(self, image):
        (W, H), (w, h) = image.size, self.size
        if w > W or h > H:
            raise ValueError(
                f"CenterCrop needs an image of at least {w} by {h} "
                f"pixels, got {W} by {H}; Resize comes first"
            )
        left, top = (W - w) // 2, (H - h) // 2
        return image.crop((left, top, left + w, top + h))


class ToArray:
    """An image of Pillow as an array (C, H, W)."""

    def __init__(self, dtype=np.float32):
        self.dtype = dtype

    def __call__(self, image):
        if isinstance(image, np.ndarray):
            return image
        array = np.asarray(image, self.dtype)
        if array.ndim == 2:  # one channel
            return array[np.newaxis]
        return array.transpose(2, 0, 1)


class ToPIL:
    """An array (C, H, W) of uint8, with 1 or 3 channels, as an image."""

    def __call__(self, array):
        if array.dtype != np.uint8 or array.ndim != 3:
            raise ValueError(
                "ToPIL needs an array (C, H, W) of uint8, got "
                f"{array.shape} of {array.dtype}; AsType(np.uint8) helps"
            )
        from PIL import Image

        if len(array) == 1:  # one channel
            return Image.fromarray(array[0])
        return Image.fromarray(array.transpose(1, 2, 0))
