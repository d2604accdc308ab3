"""Every function in a grid: shapes, dtypes, layouts and orders, against small steps and HIPS autograd."""

import inspect
import itertools
from dataclasses import dataclass

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import elementwise_grad
from samples import Elsewhere, places

import dezero
import dezero.functions as F
from dezero import Variable, core, cuda, functions_conv, grad, past_of
from dezero.utils import numerical_grad

BOTH, POSITIVE, SHARE = (-1.3, 1.7), (0.5, 1.5), (0.1, 0.9)
ONE = [((2, 3),), ((),), ((0, 3),), ((1,),)]
TWO = [((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2,)), ((0,), (1,)), ((1,), ())]
ROWS = [((4, 3),), ((1, 3),), ((2, 1),)]


@dataclass
class Case:
    """A function of variables, the shapes to try it on, and the same for autograd, where it has it.

    Numbers come from the range; labels, if there are any, are made for the shape of the first argument.
    """

    ours: object
    shapes: list
    theirs: object = None
    range: tuple = BOTH
    labels: object = None

    def with_labels(self, function, shape, box=np.asarray):
        if self.labels is None:
            return function
        t = box(self.labels(shape))
        return lambda *xs: function(*xs, t)


def of(module):
    """Return a function that picks one by its name: of(F)("sin")."""
    return lambda name: getattr(module, name)


def classes(shape):
    return np.arange(shape[0]) % shape[1]


def shares(shape):
    return (np.arange(np.prod(shape), dtype=np.float32) % 9 / 8).reshape(shape)  # exact in every dtype


def log_softmax(x):
    x = x - anp.max(x, axis=1, keepdims=True)
    return x - anp.log(anp.sum(anp.exp(x), axis=1, keepdims=True))


def cross_entropy(x, t):
    return -anp.sum(log_softmax(x)[np.arange(len(t)), t]) / len(t)


def mean_squares(x0, x1):
    return anp.sum((x0 - x1) ** 2) / (len(x0) if x0.ndim else 1)


def binary(p, t):
    return -anp.sum(t * anp.log(p) + (1 - t) * anp.log(1 - p)) / len(p)


def sigmoid(x):
    return 1 / (1 + anp.exp(-x))


GRID = {
    "add": [Case(F.add, TWO, anp.add)],
    "sub": [Case(F.sub, TWO, anp.subtract)],
    "rsub": [Case(F.rsub, TWO, lambda x, y: y - x)],
    "mul": [Case(F.mul, TWO, anp.multiply)],
    "div": [Case(F.div, TWO, anp.divide, POSITIVE)],
    "rdiv": [Case(core.rdiv, TWO, lambda x, y: y / x, POSITIVE)],
    "neg": [Case(F.neg, ONE, anp.negative)],
    "pow": [Case(lambda x: F.pow(x, 3), ONE, lambda x: x**3), Case(F.pow, TWO, anp.power, POSITIVE)],
    "rpow": [Case(lambda x: core.rpow(x, 2), ONE, lambda x: 2.0**x)],
    "square": [Case(F.square, ONE, anp.square)],
    "exp": [Case(F.exp, ONE, anp.exp)],
    "log": [Case(F.log, ONE, anp.log, POSITIVE)],
    "sqrt": [Case(F.sqrt, ONE, anp.sqrt, POSITIVE)],
    "sin": [Case(F.sin, ONE, anp.sin)],
    "cos": [Case(F.cos, ONE, anp.cos)],
    "tanh": [Case(F.tanh, ONE, anp.tanh)],
    "absolute": [Case(F.absolute, ONE, anp.abs)],
    "maximum": [Case(lambda x, y: F.maximum(x, y) * x, TWO, lambda x, y: anp.maximum(x, y) * x)],
    "minimum": [Case(lambda x, y: F.minimum(x, y) * x, TWO, lambda x, y: anp.minimum(x, y) * x)],
    "reshape": [
        Case(
            lambda x: F.reshape(x, (3, -1)) ** 2, [((2, 3),), ((3, 4, 1),)], lambda x: x.reshape(3, -1) ** 2
        ),
        Case(lambda x: x.reshape(1) ** 2, [((),), ((1, 1),)], lambda x: anp.reshape(x, 1) ** 2),
        Case(lambda x: x.reshape([3, 0]) ** 2, [((0, 3),)]),
    ],
    "expand_dims": [Case(lambda x: F.expand_dims(x, -1) ** 2, ONE, lambda x: anp.expand_dims(x, -1) ** 2)],
    "flatten": [Case(lambda x: F.flatten(x) ** 2, [((2, 3, 4),), ((1,),), ((0, 3),), ((2, 3),)])],
    "transpose": [
        Case(lambda x: F.transpose(x) ** 2, ONE, lambda x: anp.transpose(x) ** 2),
        Case(lambda x: x.transpose(-1, 0, 1) ** 2, [((2, 3, 4),)]),  # autograd fails: findings/
    ],
    "sum": [
        Case(lambda x: F.sum(x) ** 2, ONE, lambda x: anp.sum(x) ** 2),
        Case(
            lambda x: F.sum(x, -1) ** 2,
            [((2, 3),), ((1,),), ((0, 3),), ((3, 0),)],
            lambda x: anp.sum(x, -1) ** 2,
        ),
        Case(
            lambda x: x.sum((0, -1), keepdims=True) * x,
            [((2, 3, 4),), ((1, 1),)],
            lambda x: anp.sum(x, (0, -1), keepdims=True) * x,
        ),
    ],
    "sum_to": [
        Case(lambda x: F.sum_to(x, (1, 3)) ** 2, [((2, 3),), ((4, 2, 3),), ((0, 3),)]),
        Case(lambda x: F.sum_to(x, ()) ** 2, [((2, 3),), ((),)]),
    ],
    "broadcast_to": [
        Case(
            lambda x: F.broadcast_to(x, (4, 2, 3)) ** 2,
            [((1, 2, 1),), ((1, 1, 1),)],
            lambda x: anp.broadcast_to(x, (4, 2, 3)) ** 2,
        ),
        Case(lambda x: F.broadcast_to(x, (4, 2, 3)) ** 2, [((2, 1),), ((3,),), ((),)]),  # autograd fails
    ],
    "matmul": [
        Case(
            F.matmul,
            [
                ((2, 3), (3, 4)),
                ((3,), (3, 4)),
                ((2, 3), (3,)),
                ((3,), (3,)),
                ((5, 2, 3), (3, 4)),
                ((2, 3), (5, 3, 4)),
                ((5, 1, 2, 3), (6, 3, 4)),
                ((3,), (5, 3, 4)),
                ((5, 2, 3), (3,)),
                ((0, 3), (3, 4)),
                ((2, 0), (0, 4)),
                ((1, 1), (1, 1)),
            ],
            anp.matmul,
        )
    ],
    "get_item": [
        Case(lambda x: F.get_item(x, [0, 1, 1]) ** 2, [((2, 3),)], lambda x: x[[0, 1, 1]] ** 2),
        Case(lambda x: x[1:, ::2] ** 2, [((2, 3),), ((1, 0),)], lambda x: x[1:, ::2] ** 2),
        Case(lambda x: x[..., None, -1] ** 2, [((2, 3),), ((1,),)], lambda x: x[..., None, -1] ** 2),
        Case(
            lambda x: x[np.array([True, False])] ** 2, [((2, 3),)], lambda x: x[np.array([True, False])] ** 2
        ),
        Case(lambda x: x[()] ** 2, [((),), ((0,),)]),
    ],
    "average": [
        Case(lambda x: F.average(x) ** 2, [((2, 3),), ((),), ((1,),)], lambda x: anp.mean(x) ** 2),
        Case(lambda x: x.mean(0) ** 2, [((2, 3),), ((1, 0),)], lambda x: anp.mean(x, 0) ** 2),
    ],
    "max": [
        Case(lambda x: F.max(x) ** 2, [((2, 3),), ((),), ((1,),)], lambda x: anp.max(x) ** 2),
        Case(
            lambda x: F.max(x, 1, True) * x,
            [((2, 3),), ((0, 3),)],
            lambda x: anp.max(x, 1, keepdims=True) * x,
        ),
        Case(lambda x: x.max((0, -1)) ** 2, [((2, 3, 4),)], lambda x: anp.max(x, (0, -1)) ** 2),
    ],
    "min": [
        Case(lambda x: F.min(x) ** 2, [((2, 3),), ((),), ((1,),)], lambda x: anp.min(x) ** 2),
        Case(lambda x: x.min(-1) ** 2, [((2, 3),), ((0, 3),)], lambda x: anp.min(x, -1) ** 2),
    ],
    "clip": [Case(lambda x: F.clip(x, -0.7, 0.7) * x, ONE, lambda x: anp.clip(x, -0.7, 0.7) * x)],
    "where": [
        Case(
            lambda x, y: F.where(x.data > y.data, x, y) * x,
            TWO[:1],
            lambda x, y: anp.where(x > y, x, y) * x,
        ),
        Case(lambda x, y: F.where(x.data > y.data, x, y) * x, TWO),  # autograd does not sum over new axes
        Case(lambda x: F.where(x.data > 0, x, 0.5) * x, ONE, lambda x: anp.where(x > 0, x, 0.5) * x),
    ],
    "norm": [
        Case(lambda x: F.norm(x) ** 3, [((2, 3),), ((1,),)], lambda x: anp.sqrt(anp.sum(x * x)) ** 3),
        Case(
            lambda x: F.norm(x, 1, True) * x,
            [((2, 3),)],
            lambda x: anp.sqrt(anp.sum(x * x, 1, keepdims=True)) * x,
        ),
        Case(lambda x: F.norm(x, (0, -1)), [((2, 3, 4),)], lambda x: anp.sqrt(anp.sum(x * x, (0, -1)))),
    ],
    "linear": [
        Case(F.linear, [((2, 3), (3, 4)), ((3,), (3, 4)), ((0, 3), (3, 4))], anp.dot),
        Case(
            F.linear,
            [((2, 3), (3, 4), (4,)), ((5, 2, 3), (3, 4), (4,)), ((3,), (3, 4), (4,)), ((1, 1), (1, 1), (1,))],
            lambda x, W, b: anp.matmul(x, W) + b,
        ),
    ],
    "linear_simple": [
        Case(F.linear_simple, [((2, 3), (3, 4))], anp.dot),
        Case(F.linear_simple, [((2, 3), (3, 4), (4,))], lambda x, W, b: anp.dot(x, W) + b),
    ],
    "sigmoid": [Case(F.sigmoid, ONE, sigmoid)],
    "sigmoid_simple": [Case(F.sigmoid_simple, ONE, sigmoid)],
    "gelu": [
        Case(F.gelu, ONE, lambda x: 0.5 * x * (1 + anp.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x**3))))
    ],
    "relu": [Case(lambda x: F.relu(x) * x, ONE, lambda x: anp.maximum(x, 0) * x)],
    "leaky_relu": [Case(lambda x: F.leaky_relu(x) * x, ONE, lambda x: anp.where(x > 0, x, 0.2 * x) * x)],
    "softmax": [
        Case(F.softmax, ROWS, lambda x: anp.exp(log_softmax(x))),
        Case(lambda x: F.softmax(x, axis=0), [((3,),), ((2, 0),), ((2, 3, 2),)]),
    ],
    "softmax_simple": [Case(F.softmax_simple, ROWS, lambda x: anp.exp(log_softmax(x)))],
    "log_softmax": [
        Case(F.log_softmax, ROWS, log_softmax),
        Case(lambda x: F.log_softmax(x, -1), [((3,),), ((2, 3, 2),)]),
    ],
    "mean_squared_error": [
        Case(F.mean_squared_error, [((4, 3), (4, 3)), ((), ()), ((1,), (1,))], mean_squares)
    ],
    "mean_squared_error_simple": [
        Case(F.mean_squared_error_simple, [((4, 3), (4, 3)), ((4, 3), (3,))], mean_squares)
    ],
    "softmax_cross_entropy": [Case(F.softmax_cross_entropy, ROWS, cross_entropy, labels=classes)],
    "softmax_cross_entropy_simple": [
        Case(F.softmax_cross_entropy_simple, ROWS, cross_entropy, labels=classes)
    ],
    "sigmoid_cross_entropy": [
        Case(F.sigmoid_cross_entropy, ROWS, lambda x, t: binary(sigmoid(x), t), labels=shares),
        Case(F.sigmoid_cross_entropy, [((4,),), ((1,),)], lambda x, t: binary(sigmoid(x), t), labels=shares),
    ],
    "binary_cross_entropy": [Case(F.binary_cross_entropy, ROWS, binary, SHARE, shares)],
}
IMAGES = (2, 2, 5, 6)  # N, C, H, W
KERNELS = [  # of a kernel of 3 by 3, of one that is not square, of a single element
    ((3, 2, 3, 3), {}),
    ((3, 2, 3, 3), {"pad": 1, "stride": 2}),
    ((3, 2, 2, 3), {"stride": (1, 2), "pad": (0, 1)}),
    ((1, 2, 1, 1), {"stride": 3}),
]
MANY = [  # channels enough for the fast form
    (((1, 8, 3, 2), (8, 8, 2, 2), (8,)), {"pad": 1}),
    (((1, 8, 2, 3), (8, 8, 1, 2)), {}),
]
PLACES = [
    ({"kernel_size": k} | at)
    for k, at in ((3, {}), (2, {"stride": 2}), ((2, 3), {"stride": (2, 1), "pad": 1}))
]


def with_numbers(function, **options):
    return lambda *xs, **others: function(*xs, **options, **others)


def convolutions(function, swap=False):
    """Return the cases of a function of images, kernels and biases, with and without a bias."""
    cases = []
    for (OC, C, KH, KW), options in KERNELS:
        kernels = (C, OC, KH, KW) if swap else (OC, C, KH, KW)
        shapes = [(IMAGES, kernels), (IMAGES, kernels, (OC,))]
        cases.append(Case(with_numbers(function, **options), shapes))
    many = [Case(with_numbers(function, **options), [shapes]) for shapes, options in MANY]
    return [*cases, *many]


def windows(function):
    return [Case(lambda x, o=o: function(x, **o) ** 2, [(IMAGES,)]) for o in PLACES]


def normalized(x, gamma, beta):
    return F.batch_norm(x, gamma, beta, np.zeros_like(gamma), np.ones_like(gamma))


def normalized_in_test_mode(x, gamma, beta):
    with dezero.test_mode():
        return F.batch_norm(x, gamma, beta, np.ones_like(gamma) / 4, np.ones_like(gamma) * 1.5)


def layer_normalized(x, gamma, beta):
    centred = x - anp.mean(x, axis=-1, keepdims=True)
    var = anp.mean(centred**2, axis=-1, keepdims=True)
    return centred / anp.sqrt(var + 1e-5) * gamma + beta


def attended(q, k, v):
    scores = anp.matmul(q, anp.swapaxes(k, -1, -2)) / q.shape[-1] ** 0.5
    scores = scores + np.where(F.causal_mask(q.shape[-2], k.shape[-2]), 0, -1e30)
    weights = anp.exp(scores - anp.max(scores, axis=-1, keepdims=True))
    return anp.matmul(weights / anp.sum(weights, axis=-1, keepdims=True), v)


def causally(q, k, v):
    return F.attention(q, k, v, F.causal_mask(q.shape[-2], k.shape[-2]))


def dropped(x):
    np.random.seed(0)
    return F.dropout(x, 0.4) ** 2


GRID |= {
    "conv2d": convolutions(F.conv2d),
    "conv2d_simple": convolutions(F.conv2d_simple),
    "deconv2d": [
        *convolutions(F.deconv2d, swap=True),
        Case(lambda x, W: F.deconv2d(x, W, stride=2, outsize=(6, 8)), [((1, 2, 3, 4), (2, 3, 2, 2))]),
    ],
    "pooling": windows(F.pooling),
    "pooling_simple": windows(F.pooling_simple),
    "average_pooling": [
        *windows(F.average_pooling),
        *windows(with_numbers(F.average_pooling, count_pad=False)),
    ],
    "im2col": [*windows(F.im2col), *windows(with_numbers(F.im2col, to_matrix=False))],
    "col2im": [Case(lambda x: F.col2im(x, (1, 2, 4, 4), 3, 1, 1) ** 2, [((16, 18),)])],
    "batch_norm": [
        Case(normalized, [((5, 3), (3,), (3,)), ((2, 3, 2, 2), (3,), (3,))]),
        Case(normalized_in_test_mode, [((1, 3), (3,), (3,)), ((2, 3, 2, 2), (3,), (3,))]),
    ],
    "dropout": [Case(dropped, [((4, 5),), ((),), ((0, 3),)])],
    "lstm_gates": [
        Case(F.lstm_gates, [((3, 2), (2, 8), (8,), (3, 2), (2, 8)), ((1, 1), (1, 4), (4,), (1, 1), (1, 4))]),
        Case(F.lstm_gates, [((2,), (2, 8), (8,), (2,), (2, 8)), ((0, 2), (2, 8), (8,), (0, 2), (2, 8))]),
    ],
    "lstm_cell": [Case(F.lstm_cell, [((2, 12), (2, 3)), ((0, 12), (0, 3))])],
    "lstm_output": [Case(F.lstm_output, [((2, 12), (2, 3)), ((0, 12), (0, 3))])],
    "layer_norm": [
        Case(
            F.layer_norm,
            [((4, 3), (3,), (3,)), ((2, 2, 3), (3,), (3,)), ((3,), (3,), (3,))],
            layer_normalized,
        )
    ],
    "attention": [
        Case(F.attention, [((2, 3), (4, 3), (4, 2)), ((2, 2, 3), (2, 1, 3), (2, 1, 2))]),
        Case(causally, [((2, 3), (4, 3), (4, 2)), ((2, 1, 2, 2), (2, 1, 2, 2), (2, 1, 2, 2))], attended),
        Case(causally, [((3, 3), (2, 3), (2, 2))]),  # the first query sees nothing
    ],
    "attention_weights": [Case(F.attention_weights, [((2, 3), (4, 3)), ((2, 1, 3), (2, 2, 3))])],
    "embed_id": [
        Case(lambda W: F.embed_id(np.array([[0, 2], [0, 1]]), W) ** 2, [((3, 2),)]),
    ],
}
NO_SLOPE = {
    "accuracy",
    "causal_mask",
    "numerical_diff",
    "setup_variable",
}  # give no variable, or none with a graph
CASES = [
    pytest.param(case, shapes, id=f"{name} {number} {' '.join(map(str, shapes))}")
    for name, cases in GRID.items()
    for number, case in enumerate(cases)
    for shapes in case.shapes
]
every_case = pytest.mark.parametrize(("case", "shapes"), CASES)


def numbers(case, shapes, dtype=np.float64, layout="contiguous"):
    """Return arrays of numbers that are all different and not near a kink, all the same on every call."""
    rng = np.random.default_rng(0)
    count = sum(int(np.prod(shape)) for shape in shapes)
    steps = rng.permutation(np.linspace(*case.range, 2 * count + 1)[1::2])
    arrays = [part.reshape(s) for part, s in zip(np.split(steps, ends(shapes)), shapes, strict=True)]
    return [laid_out(array.astype(dtype), layout) for array in arrays]


def ends(shapes):
    return list(itertools.accumulate(int(np.prod(shape)) for shape in shapes))[:-1]


def laid_out(array, layout):
    if layout == "contiguous":
        return array
    if layout == "reversed":
        return np.ascontiguousarray(array[::-1] if array.ndim else array)[:: -1 if array.ndim else None]
    every_second = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)[..., ::2]
    every_second[...] = array
    return every_second


def first_orders(f, arrays):
    """Return the gradients of f, weighted so that no two of its results count alike."""
    xs = [Variable(array) for array in arrays]
    y = f(*xs)
    return [gx.data for gx in grad(y * weights(y), xs)]


def weights(y):
    ws = np.linspace(0.5, 1.5, y.size, dtype=y.dtype).reshape(y.shape)
    return Elsewhere(ws) if isinstance(y.data, Elsewhere) else ws


def second_orders(f, arrays):
    """Return the gradients of each weighted gradient of f, by each argument."""
    xs = [Variable(array) for array in arrays]
    y = f(*xs)
    gxs = grad(y * weights(y), xs, create_graph=True)
    return [[ggx.data for ggx in grad(gx * weights(gx), xs)] for gx in gxs]


def moved(arrays, place, x):
    return [*arrays[:place], x, *arrays[place + 1 :]]


def close(a, b, rtol=1e-5, atol=1e-7):
    assert a.shape == b.shape
    assert np.allclose(a, b, rtol, atol), f"{a} is not {b}"


@every_case
def test_the_gradient_is_that_of_small_steps(case, shapes):
    arrays = numbers(case, shapes)
    f = case.with_labels(case.ours, shapes[0])

    for place, gx in enumerate(first_orders(f, arrays)):
        others = [Variable(array) for array in arrays]

        def loss(x, place=place, others=others):
            y = f(*moved(others, place, x))
            return y * weights(y)

        close(gx, numerical_grad(loss, arrays[place], eps=1e-5), atol=1e-6)


@pytest.mark.slow
@every_case
def test_the_second_derivatives_are_those_of_small_steps(case, shapes):
    arrays = numbers(case, shapes)
    f = case.with_labels(case.ours, shapes[0])
    found = second_orders(f, arrays)

    for i, k in itertools.product(range(len(arrays)), repeat=2):

        def weighted_gradient(x, i=i, k=k):
            gx = first_orders(f, moved(arrays, k, x.data))[i]
            return Variable(np.asarray(gx * weights(gx)))

        close(found[i][k], numerical_grad(weighted_gradient, arrays[k], eps=1e-5), atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("case", "shapes"), [p for p in CASES if p.values[0].theirs])
@pytest.mark.filterwarnings("ignore:Output seems independent of input")  # a second derivative that is 0
def test_autograd_gives_the_same_in_both_orders(case, shapes):
    arrays = numbers(case, shapes)
    ours, theirs = (case.with_labels(f, shapes[0]) for f in (case.ours, case.theirs))

    def loss(*xs):
        y = theirs(*xs)
        return anp.sum(y * np.linspace(0.5, 1.5, np.size(y)).reshape(np.shape(y)))

    for place, gx in enumerate(first_orders(ours, arrays)):
        close(gx, elementwise_grad(loss, place)(*arrays), rtol=1e-9)
    for i, row in enumerate(second_orders(ours, arrays)):

        def weighted(*xs, i=i):
            gx = elementwise_grad(loss, i)(*xs)
            return anp.sum(gx * np.linspace(0.5, 1.5, np.size(gx)).reshape(np.shape(gx)))

        for k, ggx in enumerate(row):
            close(ggx, np.asarray(elementwise_grad(weighted, k)(*arrays)), rtol=1e-9)


@every_case
@pytest.mark.filterwarnings("error")
def test_float32_stays_float32_in_both_orders_and_agrees_with_float64(case, shapes):
    small, large = numbers(case, shapes, np.float32), numbers(case, shapes)
    f = case.with_labels(case.ours, shapes[0])

    assert f(*map(Variable, small)).dtype == np.float32
    for gx, expected in zip(first_orders(f, small), first_orders(f, large), strict=True):
        assert gx.dtype == np.float32
        close(gx, expected, 1e-4, 1e-5)
    for row, expected_row in zip(second_orders(f, small), second_orders(f, large), strict=True):
        for ggx, expected in zip(row, expected_row, strict=True):
            assert ggx.dtype == np.float32
            close(ggx, expected, 1e-3, 1e-4)


@pytest.mark.slow
@every_case
def test_no_array_in_a_graph_of_float32_is_float64(case, shapes):
    xs = [Variable(array) for array in numbers(case, shapes, np.float32)]
    y = case.with_labels(case.ours, shapes[0])(*xs)
    gxs = grad(y, xs, create_graph=True)

    inputs = [x.data for gx in (y, *gxs) for function in past_of(gx) for x in function.inputs]
    assert {x.dtype for x in inputs if hasattr(x, "dtype") and x.dtype.kind == "f"} == {np.dtype("f4")}


@pytest.fixture
def card(monkeypatch):
    """Let the package take the arrays of elsewhere for CuPy's."""
    monkeypatch.setattr(cuda, "is_cupy", lambda x: isinstance(core.data_of(x), Elsewhere))
    monkeypatch.setattr(cuda, "as_cupy", lambda x: Elsewhere(core.data_of(x)))
    monkeypatch.setattr(cuda, "add_at", add_at)


def add_at(x, index, values):
    x, values = (v.array if isinstance(v, Elsewhere) else v for v in (x, values))
    np.add.at(x, places(index), values)


@pytest.mark.slow
@every_case
@pytest.mark.usefixtures("card")
def test_arrays_of_another_world_stay_there_in_both_orders(case, shapes):
    here = numbers(case, shapes)
    there = [Elsewhere(array) for array in here]
    ours = case.with_labels(case.ours, shapes[0])
    theirs = case.with_labels(case.ours, shapes[0], Elsewhere)

    y, z = ours(*map(Variable, here)), theirs(*map(Variable, there))
    assert type(z.data) is Elsewhere
    close(z.data.array, y.data, 1e-12)
    for a, b in zip(first_orders(ours, here), first_orders(theirs, there), strict=True):
        close(b.array, a, 1e-12)
    for row, other in zip(second_orders(ours, here), second_orders(theirs, there), strict=True):
        for a, b in zip(row, other, strict=True):
            close(b.array, a, 1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["every second", "reversed"])
@pytest.mark.parametrize(("case", "shapes"), [p for p in CASES if all(p.values[1])])
def test_arrays_that_are_not_contiguous_give_the_same(case, shapes, layout):
    f = case.with_labels(case.ours, shapes[0])
    arrays = numbers(case, shapes, layout=layout)

    for gx, expected in zip(first_orders(f, arrays), first_orders(f, numbers(case, shapes)), strict=True):
        close(gx, expected, 1e-12)


@pytest.mark.slow
@every_case
def test_no_input_is_changed(case, shapes):
    arrays = numbers(case, shapes)
    for array in arrays:
        array.flags.writeable = False

    second_orders(case.with_labels(case.ours, shapes[0]), arrays)

    assert all(np.array_equal(a, b) for a, b in zip(arrays, numbers(case, shapes), strict=True))


def test_every_function_is_in_the_grid():
    functions = {
        function.__name__
        for module in (F, core, functions_conv, dezero)
        for function in vars(module).values()
        if inspect.isfunction(function) and is_of_variables(function)
    }

    assert functions - NO_SLOPE == set(GRID)


def is_of_variables(function):
    """Return whether a function of the package takes a variable and returns one with a graph."""
    if function.__module__ not in ("dezero.core", "dezero.functions", "dezero.functions_conv"):
        return False
    return (function.__doc__ or "").startswith("Return") and function.__name__ not in HELPERS


HELPERS = {
    "answers",
    "answers_for",
    "as_args",
    "as_array",
    "as_shape",
    "as_variable",
    "by_rows",
    "by_winograd",
    "data_of",
    "examples",
    "given",
    "grad",
    "is_computed",
    "kept",
    "may_repeat",
    "new_variable",
    "numpys",
    "ones",
    "owned",
    "parts",
    "product",
    "rows",
    "slope_dtype",
    "suits_rows",
    "total",
    "turned",
    "unbroadcast",
    "unpacked",
    "weights_by_rows",
    "zeros",
}  # that compute no new variable from one


def test_every_class_of_function_is_at_work_in_the_grid(monkeypatch):
    classes = {
        name
        for module in (core, F, functions_conv)
        for name, kind in vars(module).items()
        if isinstance(kind, type)
        and issubclass(kind, core.Operation)
        and kind not in (core.Operation, functions_conv.Windows)
    }
    at_work = set()
    for name in ("__call__", "apply"):
        called = getattr(core.Operation, name)
        monkeypatch.setattr(
            core.Operation,
            name,
            lambda self, *xs, called=called: at_work.add(type(self).__name__) or called(self, *xs),
        )

    for case, shapes in (p.values for p in CASES):
        second_orders(case.with_labels(case.ours, shapes[0]), numbers(case, shapes, np.float32))

    assert classes == at_work
