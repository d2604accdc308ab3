"""Convolution and pooling, for `import dezero.functions as F`."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dezero import cuda, explain
from dezero.config import Config
from dezero.core import Operation, Variable, as_variable, data_of, matmul
from dezero.utils import get_conv_outsize, get_deconv_outsize, pair


class Windows(Operation):
    """What im2col and col2im share: a kernel's places in an image."""

    def __init__(self, kernel_size, stride, pad):
        self.kernel_size = pair(kernel_size)
        self.stride, self.pad = pair(stride), pair(pad)

    def settings(self):
        """Return what another function of the same windows needs."""
        return self.kernel_size, self.stride, self.pad

    def outsize(self, shape):
        """Return how many places the kernel has: OH, OW."""
        explain.images(self, shape)
        axes = zip(shape[2:], self.kernel_size, self.stride, self.pad)
        return tuple(get_conv_outsize(*axis) for axis in axes)

    def fill(self, dtype):
        """Return the number of the border, for images of a dtype."""
        return 0

    def padded(self, x):
        """Return x with a border around its last two axes."""
        if self.pad == (0, 0):
            return x
        (N, C, H, W), (ph, pw) = x.shape, self.pad
        shape = N, C, H + 2 * ph, W + 2 * pw
        y = np.full_like(x, self.fill(x.dtype), shape=shape)
        y[:, :, ph : ph + H, pw : pw + W] = x
        return y

    def cropped(self, y):
        """Return y without that border."""
        (ph, pw), (H, W) = self.pad, y.shape[2:]
        return y[:, :, ph : H - ph, pw : W - pw]

    def windows(self, x, outsize):
        """Yield for each element of the kernel what it meets in x.

        x is padded already; each is a view (N, C, OH, OW) of it.
        """
        (KH, KW), (SH, SW), (OH, OW) = self.kernel_size, self.stride, outsize
        for j in range(KH):
            for i in range(KW):
                rows = slice(j, j + SH * (OH - 1) + 1, SH)
                columns = slice(i, i + SW * (OW - 1) + 1, SW)
                yield x[:, :, rows, columns]


class Im2col(Windows):
    """The windows of images: (N, C, H, W) to (N, C, KH, KW, OH, OW)."""

    def forward(self, x):
        outsize = self.outsize(x.shape)
        KH, KW = self.kernel_size
        shape = *x.shape[:2], KH * KW, *outsize
        y = np.zeros_like(x, shape=shape)
        for k, window in enumerate(self.windows(self.padded(x), outsize)):
            y[:, :, k] = window
        return y.reshape(*x.shape[:2], KH, KW, *outsize)

    def rule(self, gy, y, x):
        return Col2im(x.shape, *self.settings()).apply(gy)


class Col2im(Windows):
    """The sum of windows at their places in images."""

    def __init__(self, shape, kernel_size, stride, pad):
        super().__init__(kernel_size, stride, pad)
        self.shape = shape

    def forward(self, x):
        N, C, H, W = self.shape
        (KH, KW), (ph, pw) = self.kernel_size, self.pad
        outsize = self.outsize(self.shape)
        y = np.zeros_like(x, shape=(N, C, H + 2 * ph, W + 2 * pw))
        x = x.reshape(N, C, KH * KW, *outsize)
        for k, window in enumerate(self.windows(y, outsize)):
            window += x[:, :, k]
        return self.cropped(y)

    def rule(self, gy, y, x):
        return Im2col(*self.settings()).apply(gy).reshape(x.shape)


def im2col(x, kernel_size, stride=1, pad=0, to_matrix=True):
    """Return the windows that a kernel meets in images x (N, C, H, W).

    kernel_size, stride and pad are numbers, or pairs for height and
    width. The result is (N*OH*OW, C*KH*KW), a row for each window, or
    without to_matrix (N, C, KH, KW, OH, OW). The idea is that of
    Chellapilla, Puri and Simard (2006).
    """
    col = Im2col(kernel_size, stride, pad)(x)
    if not to_matrix:
        return col
    N, C, KH, KW, OH, OW = col.shape
    col = col.transpose(0, 4, 5, 1, 2, 3)
    return col.reshape(N * OH * OW, C * KH * KW)


def col2im(x, input_shape, kernel_size, stride=1, pad=0, to_matrix=True):
    """Return images of input_shape in which all windows x are added up.

    It is the transpose of im2col, whose arguments it takes.
    """
    function = Col2im(tuple(input_shape), kernel_size, stride, pad)
    if to_matrix:
        (N, C), (KH, KW) = input_shape[:2], function.kernel_size
        OH, OW = function.outsize(input_shape)
        x = as_variable(x).reshape(N, OH, OW, C, KH, KW)
        x = x.transpose(0, 3, 4, 5, 1, 2)
    return function(x)


def conv2d_simple(x, W, b=None, stride=1, pad=0):
    """Return conv2d(x, W, b, stride, pad) from small operations."""
    x, W = as_variable(x), as_variable(W)
    N, (OC, C, KH, KW) = len(x), W.shape
    OH, OW = Im2col((KH, KW), stride, pad).outsize(x.shape)
    col = im2col(x, (KH, KW), stride, pad)
    y = matmul(col, W.reshape(OC, C * KH * KW).T)
    if b is not None:
        y = y + b
    return y.reshape(N, OH, OW, OC).transpose(0, 3, 1, 2)


def strips(x, KW, pad):
    """Yield each of the images x (N, C, H, W), moved by 0 to KW - 1.

    Each is a matrix, (KW*C, H*OW) with the padding, and all are in the
    same memory, where the padding stays 0.
    """
    (_, C, H, W), (ph, pw) = x.shape, pad
    OW = W + 2 * pw - KW + 1
    y = np.zeros_like(x, shape=(KW, C, H + 2 * ph, OW))
    for image in x:
        for i in range(KW):
            left = max(pw - i, 0)
            right = max(min(W + pw - i, OW), left)
            pixels = image[:, :, left + i - pw : right + i - pw]
            y[i, :, ph : ph + H, left:right] = pixels
        yield y.reshape(KW * C, (H + 2 * ph) * OW)


def by_rows(x, W, pad):
    """Return the convolution of two arrays with stride 1, by strips.

    With the switch winograd, kernels of 3 x 3 go to by_winograd.
    """
    OC, C, KH, KW = W.shape
    if Config.winograd and (KH, KW) == (3, 3):
        return by_winograd(x, W, pad)
    OH, OW = Windows((KH, KW), 1, pad).outsize(x.shape)
    first, *others = W.transpose(2, 0, 3, 1).reshape(KH, OC, KW * C)
    dtype = np.result_type(x.dtype, W.dtype)
    y = np.empty_like(x, dtype, shape=(len(x), OC, OH * OW))
    product = np.empty_like(y, shape=(OC, OH * OW))
    for sums, strip in zip(y, strips(x, KW, pad)):
        np.matmul(first, strip[:, : OH * OW], out=sums)
        for j, kernel in enumerate(others, 1):
            rows = strip[:, j * OW : (j + OH) * OW]
            sums += np.matmul(kernel, rows, out=product)
    return y.reshape(len(x), OC, OH, OW)


def weights_by_rows(x, gy, kernel_size, pad):
    """Return the gradient of the kernels of by_rows, as an array."""
    (N, OC, OH, OW), (KH, KW) = gy.shape, kernel_size
    gW = np.zeros_like(gy, shape=(KH, KW * x.shape[1], OC))
    gy = gy.reshape(N, OC, OH * OW)
    for g, strip in zip(gy, strips(x, KW, pad)):
        for j in range(KH):
            gW[j] += strip[:, j * OW : (j + OH) * OW] @ g.T
    gW = gW.reshape(KH, KW, x.shape[1], OC)
    return gW.transpose(3, 2, 0, 1).copy()  # in the order of W


OF_TILES = [
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
]  # the matrices of Lavin and Gray
OF_KERNELS = [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
]
OF_RESULTS = [
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 2, -2, 0],
    [0, 1, 1, 4, 4, 0],
    [0, 1, -1, 8, -8, 1],
]


def by_winograd(x, W, pad):
    """Return what by_rows returns for kernels of 3 x 3, by tiles."""
    (N, C, H, w), OC, (ph, pw) = x.shape, len(W), pad
    OH, OW = Windows((3, 3), 1, pad).outsize(x.shape)
    down, right = -(-OH // 4), -(-OW // 4)  # tiles
    x = x.astype(np.result_type(x, W), copy=False)
    matrices = OF_TILES, OF_KERNELS, OF_RESULTS
    tile, kernel, result = (np.kron(m, m).astype(x.dtype) for m in matrices)
    kernels = np.tensordot(kernel, W.reshape(OC, C, 9), (1, 2))
    y = np.empty_like(x, shape=(N, OC, OH, OW))
    n = max(200 // (down * right), 1)
    for k in range(0, N, n):
        images = x[k : k + n]
        shape = len(images), C, 4 * down + 2, 4 * right + 2
        padded = np.zeros_like(x, shape=shape)
        padded[:, :, ph : ph + H, pw : pw + w] = images
        tiles = sliding_window_view(padded, (6, 6), (2, 3))
        tiles = tiles[:, :, ::4, ::4].transpose(4, 5, 1, 0, 2, 3)
        products = kernels @ (tile @ tiles.reshape(36, -1)).reshape(36, C, -1)
        blocks = (result @ products.reshape(36, -1)).reshape(
            4, 4, OC, len(images), down, right
        )
        blocks = blocks.transpose(3, 2, 4, 0, 5, 1)
        blocks = blocks.reshape(-1, OC, 4 * down, 4 * right)
        y[k : k + n] = blocks[:, :, :OH, :OW]
    return y


def suits_rows(x, stride, *channels):
    """Return whether a convolution is faster by strips than by windows."""
    many = min(channels) >= 8
    return many and stride == (1, 1) and not cuda.is_cupy(x)


class Conv2d(Operation):
    """A convolution: W times the windows of each image."""

    def __init__(self, stride, pad):
        self.stride, self.pad = pair(stride), pair(pad)

    def forward(self, x, W, b=None):
        explain.channels(self, x, W, x.ndim == 4 and x.shape[1], 1)
        y = self.convolved(x, W)
        if b is not None:
            y += b.reshape(len(W), 1, 1)
        return y

    def convolved(self, x, W):
        OC, C, KH, KW = W.shape
        if suits_rows(x, self.stride, OC, C):
            return by_rows(x, W, self.pad)
        col = Im2col((KH, KW), self.stride, self.pad).forward(x)
        N, OH, OW = len(x), *col.shape[4:]
        y = W.reshape(OC, -1) @ col.reshape(N, C * KH * KW, OH * OW)
        return y.reshape(N, OC, OH, OW)

    def rule(self, gy, y, x, W, b=None):
        at = self.stride, self.pad
        gx = gW = gb = None
        if self.needs(0):
            gx = Deconv2d(*at, x.shape[2:]).apply(gy, W)
        if self.needs(1):
            gW = Conv2dGradW(*at, W.shape[2:]).apply(x, gy)
        if b is not None and self.needs(2):
            gb = gy.sum(axis=(0, 2, 3))
        return (gx, gW) if b is None else (gx, gW, gb)


class Deconv2d(Operation):
    """The transpose of a convolution: windows added up to images."""

    def __init__(self, stride, pad, outsize):
        self.stride, self.pad = pair(stride), pair(pad)
        self.outsize = outsize

    def forward(self, x, W, b=None):
        explain.channels(self, x, W, x.ndim == 4 and x.shape[1], 0)
        (N, C, H, w), (C, OC, KH, KW) = x.shape, W.shape
        smallest = tuple(
            map(get_deconv_outsize, (H, w), (KH, KW), self.stride, self.pad)
        )
        size = self.outsize or smallest
        images = Col2im((N, OC, *size), (KH, KW), self.stride, self.pad)
        if images.outsize(images.shape) != (H, w):
            raise ValueError(
                f"Deconv2d of {(H, w)} with a kernel of {(KH, KW)} cannot "
                f"give {size}; outsize can be {smallest}, and up to "
                "stride - 1 more"
            )
        border = KH - 1 - self.pad[0], KW - 1 - self.pad[1]
        if suits_rows(x, self.stride, C, OC) and min(border) >= 0:
            turned = W[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
            y = by_rows(x, turned, border)
        else:
            col = W.reshape(C, -1).T @ x.reshape(N, C, H * w)
            y = images.forward(col.reshape(N, OC, KH, KW, H, w))
        return y if b is None else y + b.reshape(OC, 1, 1)

    def rule(self, gy, y, x, W, b=None):
        at = self.stride, self.pad
        gx = gW = gb = None
        if self.needs(0):
            gx = Conv2d(*at).apply(gy, W)
        if self.needs(1):
            gW = Conv2dGradW(*at, W.shape[2:]).apply(gy, x)
        if b is not None and self.needs(2):
            gb = gy.sum(axis=(0, 2, 3))
        return (gx, gW) if b is None else (gx, gW, gb)


class Conv2dGradW(Operation):
    """The gradient of a convolution with respect to its kernels."""

    def __init__(self, stride, pad, kernel_size):
        self.stride, self.pad = stride, pad
        self.kernel_size = kernel_size

    def forward(self, x, gy):
        if suits_rows(x, self.stride, x.shape[1], gy.shape[1]):
            return weights_by_rows(x, gy, self.kernel_size, self.pad)
        col = Im2col(self.kernel_size, self.stride, self.pad).forward(x)
        N, C, KH, KW, OH, OW = col.shape
        col = col.reshape(N, C * KH * KW, OH * OW)
        gy = gy.reshape(N, gy.shape[1], OH * OW)
        gW = np.zeros_like(gy, shape=(gy.shape[1], C * KH * KW))
        for g, windows in zip(gy, col):
            gW += g @ windows.T
        return gW.reshape(len(gW), C, KH, KW)

    def rule(self, g, gW, x, gy):
        at = self.stride, self.pad
        gx = ggy = None
        if self.needs(0):
            gx = Deconv2d(*at, x.shape[2:]).apply(gy, g)
        if self.needs(1):
            ggy = Conv2d(*at).apply(x, g)
        return gx, ggy


def conv2d(x, W, b=None, stride=1, pad=0):
    """Return the convolution of images with kernels: (N, OC, OH, OW).

    x is (N, C, H, W), W (OC, C, KH, KW), b (OC,) or None; stride and
    pad are numbers, or pairs for height and width. The kernels are not
    mirrored: it is what signal processing calls a cross-correlation.
    In networks for images since LeCun and others (1989). A ValueError
    names shapes that do not fit.
    """
    function = Conv2d(stride, pad)
    return function(x, W) if b is None else function(x, W, b)


def deconv2d(x, W, b=None, stride=1, pad=0, outsize=None):
    """Return the transposed convolution of x: (N, OC, OH, OW).

    x is (N, C, H, W), W (C, OC, KH, KW), b (OC,) or None. Of the sizes
    that conv2d would bring to H and W, the smallest is returned, or
    outsize, a number or a pair. A ValueError names shapes that do not
    fit, and the sizes that there are.
    """
    size = None if outsize is None else pair(outsize)
    function = Deconv2d(stride, pad, size)
    return function(x, W) if b is None else function(x, W, b)


def pooling_simple(x, kernel_size, stride=1, pad=0):
    """Return pooling(x, kernel_size, stride, pad) from small operations.

    It pads with zeros, so it is another where all of a window is below
    0 and a part of it in the padding.
    """
    col = im2col(x, kernel_size, stride, pad, to_matrix=False)
    return col.max(axis=(2, 3))


class Pooling(Windows):
    """The largest of each window; the first of several gets it all."""

    def __init__(self, kernel_size, stride, pad):
        super().__init__(kernel_size, stride, pad)
        explain.border(self.kernel_size, self.pad)

    def fill(self, dtype):
        if dtype.kind in "iu":  # integers have no infinity
            return np.iinfo(dtype).min
        return -np.inf if dtype.kind == "f" else False

    def forward(self, x):
        outsize = self.outsize(x.shape)
        first, *others = self.windows(self.padded(x), outsize)
        y = first.copy()
        for window in others:
            np.maximum(y, window, out=y)
        return y

    def rule(self, gy, y, x):
        masks = self.masks(data_of(x), data_of(y))
        if isinstance(gy, Variable):  # a graph needs them again
            masks = list(masks)
        return Unpool(x.shape, masks, self).apply(gy)

    def masks(self, x, y):
        """Yield for each place in the windows where it gave the y."""
        free = np.ones_like(y, dtype=bool)
        for window in self.windows(self.padded(x), y.shape[2:]):
            mask = window == y
            mask &= free
            free ^= mask
            yield mask

    def overlap(self):
        """Return whether a pixel can be in several windows."""
        return any(k > s for k, s in zip(self.kernel_size, self.stride))


class Unpool(Operation):
    """Each element at the place in its window that gave the largest."""

    def __init__(self, shape, masks, pooling):
        self.shape, self.masks, self.pooling = shape, masks, pooling

    def forward(self, x):
        (N, C, H, W), (ph, pw) = self.shape, self.pooling.pad
        y = np.zeros_like(x, shape=(N, C, H + 2 * ph, W + 2 * pw))
        windows = self.pooling.windows(y, x.shape[2:])
        for window, mask in zip(windows, self.masks):
            if self.pooling.overlap():
                window += x * mask
            else:
                np.multiply(x, mask, out=window)
        return self.pooling.cropped(y)

    def rule(self, gy, y, x):
        return Choose(self.shape, self.masks, self.pooling).apply(gy)


class Choose(Unpool):
    """The elements at these places: the transpose of Unpool."""

    def forward(self, x):
        padded = Windows(*self.pooling.settings()).padded(x)
        y = np.zeros_like(x, shape=self.masks[0].shape)
        windows = self.pooling.windows(padded, y.shape[2:])
        for window, mask in zip(windows, self.masks):
            y += window * mask
        return y

    def rule(self, gy, y, x):
        return Unpool(self.shape, self.masks, self.pooling).apply(gy)


def pooling(x, kernel_size, stride=1, pad=0):
    """Return the largest element of each window of x (N, C, H, W).

    kernel_size, stride and pad are numbers, or pairs for height and
    width. The padding is -inf, so that it is never the largest. Where
    several are the largest, the first gets the gradient. A ValueError
    says so if a window can lie in the padding alone.
    """
    return Pooling(kernel_size, stride, pad)(x)


def average_pooling(x, kernel_size, stride=1, pad=0, count_pad=True):
    """Return the mean of each window of x (N, C, H, W).

    kernel_size, stride and pad are numbers, or pairs for height and
    width. The zeros of the padding count, unless count_pad is False; a
    ValueError says so if then a window has nothing that counts.
    """
    col = im2col(x, kernel_size, stride, pad, to_matrix=False)
    if count_pad:
        return col.mean(axis=(2, 3))
    explain.border(pair(kernel_size), pair(pad))
    ones = np.ones_like(data_of(x))
    count = im2col(ones, kernel_size, stride, pad, to_matrix=False)
    return col.sum(axis=(2, 3)) / count.data.sum(axis=(2, 3))
