"""Convolution, pooling and batch normalization: against loops and laws, and what is refused."""

import itertools

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero import Variable, grad, test_mode, utils

RNG = np.random.default_rng(0)
SETTINGS = [
    (kernel, stride, pad)
    for kernel, stride, pad in itertools.product([1, 2, 3, (2, 3)], [1, 2, (2, 1)], [0, 1, (1, 0)])
]
every_setting = pytest.mark.parametrize(("kernel", "stride", "pad"), SETTINGS, ids=str)


def images(*shape):
    return RNG.standard_normal(shape or (2, 3, 5, 6))


def by_loops(x, W, b, stride, pad):
    """The convolution as its formula says it: a sum for each place."""
    (sh, sw), (ph, pw) = utils.pair(stride), utils.pair(pad)
    x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    kh, kw = W.shape[2:]
    oh, ow = (x.shape[2] - kh) // sh + 1, (x.shape[3] - kw) // sw + 1
    y = np.zeros((len(x), len(W), oh, ow))
    for i, j in np.ndindex(oh, ow):
        window = x[:, None, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
        y[:, :, i, j] = (window * W).sum(axis=(2, 3, 4)) + b
    return y


@every_setting
def test_a_convolution_is_the_sum_over_each_window(kernel, stride, pad):
    x, W, b = images(), images(4, 3, *utils.pair(kernel)), images(4)

    expected = by_loops(x, W, b, stride, pad)
    for f in (F.conv2d, F.conv2d_simple):
        assert np.allclose(f(x, W, b, stride, pad).data, expected)


@every_setting
def test_the_transposed_convolution_is_the_transpose(kernel, stride, pad):
    x, W = images(), images(4, 3, *utils.pair(kernel))
    y = F.conv2d(x, W, stride=stride, pad=pad)
    z = images(*y.shape)

    back = F.deconv2d(z, W, stride=stride, pad=pad, outsize=x.shape[2:])
    assert np.isclose((y.data * z).sum(), (back.data * x).sum())


@every_setting
def test_col2im_is_the_transpose_of_im2col(kernel, stride, pad):
    x = images()
    for to_matrix in (True, False):
        col = F.im2col(x, kernel, stride, pad, to_matrix)
        z = images(*col.shape)

        back = F.col2im(z, x.shape, kernel, stride, pad, to_matrix)
        assert np.isclose((col.data * z).sum(), (back.data * x).sum())


def test_a_row_of_im2col_is_a_window():
    x = np.arange(18.0).reshape(1, 2, 3, 3)
    col = F.im2col(x, 2)

    assert col.shape == (4, 8)
    assert col.data[1].tolist() == x[0, :, 0:2, 1:3].ravel().tolist()


@pytest.mark.parametrize(("size", "expected"), [(None, (5, 7)), ((6, 8), (6, 8)), (6, (6, 6))])
def test_the_size_of_the_transposed_convolution_may_be_chosen(size, expected):
    x, W = images(1, 2, 3, 4 if size != 6 else 3), images(2, 3, 1, 1)

    assert F.deconv2d(x, W, stride=2, outsize=size).shape[2:] == expected


def test_sizes_are_those_of_the_formula():
    assert utils.get_conv_outsize(28, 5, 1, 0) == 24
    assert utils.get_conv_outsize(7, 3, 2, 1) == 4
    assert utils.get_deconv_outsize(4, 3, 2, 1) == 7


@pytest.mark.parametrize("pad", [0, 1])
def test_a_kernel_that_does_not_fit_is_refused(pad):
    with pytest.raises(
        ValueError, match=f"a kernel of 9 does not fit into 5 elements with a padding of {pad}"
    ):
        F.conv2d(images(), images(1, 3, 9, 9), pad=pad)


@pytest.mark.parametrize(
    ("f", "W", "kernels"),
    [
        (F.conv2d, (4, 2, 3, 3), r"W \(OC, C, KH, KW\)"),
        (F.conv2d, (3, 3), r"W \(OC, C, KH, KW\)"),
        (F.deconv2d, (4, 3, 3, 3), r"W \(C, OC, KH, KW\)"),
    ],
)
def test_channels_that_do_not_fit_are_refused(f, W, kernels):
    with pytest.raises(ValueError, match=rf"needs x \(N, C, H, W\) and {kernels}, got x \(2, 3, 5, 6\)"):
        f(images(), images(*W))


# --- pooling --------------------------------------------------------------------------------------


@every_setting
def test_a_maximum_is_that_of_its_window_and_the_padding_is_never_it(kernel, stride, pad):
    (kh, kw), (ph, pw), (sh, sw) = map(utils.pair, (kernel, pad, stride))
    x = images() - 10  # below 0, so that a padding of 0 would be the largest
    if ph >= kh or pw >= kw:
        with pytest.raises(ValueError, match="has windows that lie in the padding alone"):
            F.pooling(x, kernel, stride, pad)
        return
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), axis=(2, 3))[:, :, ::sh, ::sw]

    assert np.array_equal(F.pooling(x, kernel, stride, pad).data, windows.max(axis=(4, 5)))


def test_the_first_of_equals_in_a_window_takes_it_all():
    x = Variable(np.ones((1, 1, 2, 2)))

    assert grad(F.pooling(x, 2), x).data.ravel().tolist() == [1.0, 0.0, 0.0, 0.0]  # torch, JAX, Chainer


def test_overlapping_windows_add_up():
    x = Variable(np.array([[[[0.0, 5.0, 0.0]]]]))

    assert grad(F.pooling(x, (1, 2)), x).data.ravel().tolist() == [0.0, 2.0, 0.0]


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float16, np.float32], ids=str)
def test_the_border_is_no_larger_than_any_number_of_a_dtype(dtype):
    x = np.zeros((1, 1, 2, 2), dtype)
    if x.dtype.kind in "if":
        x -= 7

    y = F.pooling(x, 2, pad=1).data

    assert np.unique(y).tolist() == [x[0, 0, 0, 0]]
    assert y.dtype == dtype


def test_pooling_from_small_operations_agrees_without_a_padding():
    x = images()

    assert np.allclose(F.pooling_simple(x, 2, 2).data, F.pooling(x, 2, 2).data)


def test_the_padding_counts_in_a_mean_unless_it_is_left_out():
    x = np.ones((1, 1, 2, 2))

    assert F.average_pooling(x, 2, 2, 1).data.ravel().tolist() == [0.25] * 4  # torch, Flax
    assert F.average_pooling(x, 2, 2, 1, count_pad=False).data.ravel().tolist() == [1.0] * 4


def test_a_mean_of_all_is_the_mean_over_both_axes():
    x = images()

    assert np.allclose(F.average_pooling(x, (5, 6)).data[:, :, 0, 0], x.mean(axis=(2, 3)))


# --- batch normalization --------------------------------------------------------------------------


def batch_norm(x, mean=None, var=None, **options):
    C = x.shape[1]
    mean = np.zeros(C) if mean is None else mean
    var = np.ones(C) if var is None else var
    return F.batch_norm(x, np.ones(C), np.zeros(C), mean, var, **options)


@pytest.mark.parametrize("shape", [(6, 3), (2, 3, 4, 5)])
def test_each_channel_has_mean_0_and_variance_1(shape):
    y = batch_norm(3 * images(*shape) + 7).data
    axes = (0, *range(2, len(shape)))

    assert np.allclose(y.mean(axis=axes), 0)
    assert np.allclose(y.var(axis=axes), 1, atol=1e-4)


def test_running_means_follow_with_the_unbiased_variance():
    x = images(5, 3)
    mean, var = np.full(3, 2.0), np.full(3, 3.0)

    batch_norm(x, mean, var, decay=0.9)

    assert np.allclose(mean, 0.9 * 2 + 0.1 * x.mean(axis=0))
    assert np.allclose(var, 0.9 * 3 + 0.1 * x.var(axis=0, ddof=1))


def test_in_test_mode_the_running_means_are_used_and_stay():
    x, mean, var = images(1, 3), np.arange(3.0), np.arange(1.0, 4.0)
    with test_mode():
        y = batch_norm(x, mean, var, eps=0.0)

    assert np.allclose(y.data, (x - np.arange(3)) / np.sqrt(np.arange(1, 4)))
    assert mean.tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1, 1), (0, 3)])
def test_a_channel_with_a_single_value_is_refused_in_training(shape):
    with pytest.raises(ValueError, match="needs more than one value in each channel to learn from"):
        batch_norm(images(*shape) if all(shape) else np.zeros(shape))


def test_the_name_of_the_original_stays():
    assert F.batch_nrom is F.batch_norm


def test_a_layer_of_normalization_saves_its_means_and_trains_them_not(tmp_path):
    layer = L.BatchNorm()
    layer(images(4, 3).astype(np.float32))

    assert [path for path, _ in layer.named_params()] == ["gamma", "beta"]
    assert [path for path, _ in layer.named_saved()] == ["avg_mean", "avg_var", "gamma", "beta"]
    layer.save_weights(tmp_path / "b.npz")
    other = L.BatchNorm()
    other.load_weights(tmp_path / "b.npz")
    assert np.array_equal(other.avg_mean.data, layer.avg_mean.data)
    assert layer.avg_mean.data.any()


# --- dropout --------------------------------------------------------------------------------------


def test_dropout_keeps_the_mean_and_drops_its_share():
    np.random.seed(0)
    y = F.dropout(np.ones((1000, 100), np.float32), 0.3).data

    assert np.isclose((y == 0).mean(), 0.3, atol=0.01)
    assert np.isclose(y.mean(), 1.0, atol=0.01)
    assert y.dtype == np.float32


def test_dropout_of_all_is_zero_and_of_nothing_is_x():
    x = Variable(np.ones(3))

    assert F.dropout(x, 1.0).data.tolist() == [0.0, 0.0, 0.0]
    assert F.dropout(x, 0.0) is x


def test_in_test_mode_nothing_is_dropped_and_the_mode_ends_with_its_block():
    x = Variable(np.ones(100))
    with test_mode():
        assert F.dropout(x, 0.9) is x

    assert 0.0 in F.dropout(x, 0.9).data


@pytest.mark.parametrize("ratio", [-0.1, 1.1])
def test_a_ratio_outside_is_refused(ratio):
    with pytest.raises(
        ValueError, match=f"dropout needs a ratio from 0 to 1, the share to drop, got {ratio}"
    ):
        F.dropout(np.ones(3), ratio)


# --- layers and networks --------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "shape"), [(L.Conv2d, (4, 3, 2, 3)), (L.Deconv2d, (3, 4, 2, 3))])
def test_the_first_images_tell_the_channels(kind, shape):
    layer = kind(4, (2, 3), stride=2, pad=1)
    y = layer(images().astype(np.float32))

    assert (layer.W.shape, layer.W.dtype, y.dtype, y.shape[1]) == (shape, np.float32, np.float32, 4)
    assert kind(4, 3, nobias=True, in_channels=2).b is None


def test_weights_of_a_convolution_have_the_deviation_of_their_windows():
    np.random.seed(0)

    assert np.isclose(L.Conv2d(200, 3, in_channels=50).W.data.std(), 1 / np.sqrt(450), rtol=0.01)


@pytest.mark.slow
def test_the_large_networks_give_a_score_for_each_class():
    from dezero import no_grad
    from dezero.models import VGG16, ResNet50

    x = images(1, 3, 64, 64).astype(np.float32)
    with test_mode(), no_grad():
        for kind, count in ((ResNet50, 162), (VGG16, 32)):
            model = kind()
            y = model(x)

            assert (y.shape, y.dtype) == ((1, 1000), np.float32)
            assert len(list(model.params())) == count


def test_a_network_with_another_number_of_layers_is_refused():
    from dezero.models import ResNet

    with pytest.raises(ValueError, match="ResNet has 50, 101 or 152 layers, got 18"):
        ResNet(18)


def test_an_image_is_prepared_as_the_large_network_was_trained():
    from PIL import Image

    from dezero.models import VGG16

    x = VGG16.preprocess(Image.new("RGB", (30, 20), (255, 0, 10)))

    assert (x.shape, x.dtype) == ((3, 224, 224), np.float32)
    assert np.allclose(x[:, 0, 0], [10 - 103.939, 0 - 116.779, 255 - 123.68])
