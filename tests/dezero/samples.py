"""What several of these tests are about: variables, functions, derivatives."""

import gc
import tracemalloc

import numpy as np
import pytest

import dezero.functions as F
from dezero import Function, Variable, core, past_of, square
from dezero.core import Constant, Copy, SumTo

with_and_without_graph = pytest.mark.parametrize("create_graph", [False, True], ids=["plain", "create_graph"])


def mostly_slow(values, quick=1):
    """Return the values for `parametrize`; those after the first few are left out of the quick lane."""
    values = list(values)
    return [*values[:quick], *(pytest.param(value, marks=pytest.mark.slow) for value in values[quick:])]


def variable(*numbers, name=None):
    return Variable(np.array(numbers if len(numbers) > 1 else numbers[0]), name)


def slope(y, x):
    """Return dy/dx as a variable with its graph, and leave no gradient behind in x."""
    x.cleargrad()
    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    return gx


def variables_of(*ys):
    """Return the ys and every variable behind them, constants left out."""
    found = {id(y): y for y in ys}
    for y in ys:
        for function in past_of(y):
            found.update((id(x), x) for x in function.inputs if not isinstance(x, Constant))
    return list(found.values())


class SumAndDifference(Function):
    def forward(self, x0, x1):
        return x0 + x1, x0 - x1

    def backward(self, gsum, gdifference):
        return gsum + gdifference, gsum - gdifference


class Broken(Function):
    """Twice x, with a backward that fails."""

    def forward(self, x):
        return 2 * x

    def backward(self, gy):
        raise ZeroDivisionError


def named(name):
    return Variable(np.array(1.0), name)


def chain(n, function=square):
    y = Variable(np.array(1.0), "x")
    for _ in range(n):
        y = function(y)
    return y


class Same(Function):
    """x itself; what its backward hands out is the test's."""

    def __init__(self, choose):
        self.choose = choose

    def forward(self, x):
        return x + 0.0

    def backward(self, gy):
        return self.choose(self, gy)


class Weighted(Function):
    """x w, by NumPy's broadcasting; what its backward returns is the test's."""

    def __init__(self, returned):
        self.returned = returned

    def forward(self, x, w):
        return x * w

    def backward(self, gy):
        return self.returned(gy, *self.inputs)


EACH = [F.sin, F.cos, F.tanh, F.exp, F.square, F.absolute, abs, core.neg, lambda x: x, lambda x: x + x]
PROGRAMS = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "-x": lambda x, y: -x + 0 * y,
    "x * y": lambda x, y: x * y,
    "x / y": lambda x, y: x / y,
    "x ** 3": lambda x, y: x**3 + y,
    "x ** 0": lambda x, y: x**0 + y**1,
    "2 ** x": lambda x, y: 2**x + y,
    "functions": lambda x, y: F.sin(x) * F.cos(y) + F.tanh(x * y) + F.exp(x) - F.square(y),
    "a diamond": lambda x, y: (x + y) * (x + y) + (x + y),
    "a sum of one variable": lambda x, y: x + x + x + y + y,
    "two outputs": lambda x, y: SumAndDifference()(x, y)[0] * SumAndDifference()(y, x)[1],
    "float32": lambda x, y: x * np.ones(2, np.float32) + y * np.float32(2.0),
    "x ** y": lambda x, y: x**y,
    "x ** 1": lambda x, y: x**1 + y**1,
    "x ** 2": lambda x, y: x**2 + y,
    "log and sqrt": lambda x, y: F.log(x) + F.sqrt(y),
    "abs": lambda x, y: F.absolute(x) + abs(y),
    "maximum": lambda x, y: F.maximum(x, y) + F.maximum(x, x),
    "minimum": lambda x, y: F.minimum(x, y) + F.minimum(y, 1.0),
    "each on its own": lambda x, y: sum((f(x) + f(y) for f in EACH), start=x),
    "chains of one function": lambda x, y: sum((f(f(x * y / 8)) for f in EACH), start=y),
    "sums of sums": lambda x, y: (x + y) + ((x + y) + (y + x)) + x,
    "a sum used twice": lambda x, y: (lambda a: a * a + a)(x + y),
    "a difference used twice": lambda x, y: (lambda a: a * a + a)(x - y),
    "a copy used twice": lambda x, y: (lambda a: a * a + a)(Copy(np.dtype(float))(x)) * y,
    "stretched": lambda x, y: x * np.ones((3, 2)) + y * Variable(np.ones((3, 1))),
    "stretched without axes": lambda x, y: (x + y) * Variable(np.array(2.0)),
    "summed": lambda x, y: SumTo((1,))(x) * y + SumTo((2,))(x),
    "copied": lambda x, y: Copy(np.dtype(float))(x) + y,
}
every_program = pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)


def bytes_after(step, times):
    tracemalloc.start()
    try:
        for _ in range(times):
            step()
        assert gc.collect() == 0  # which also empties the interpreter's own stock of freed tuples
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


class Elsewhere(np.lib.mixins.NDArrayOperatorsMixin):
    """A stand-in for CuPy's array: it answers NumPy's protocols, and does not mix with NumPy's arrays."""

    def __init__(self, array):
        self.array = np.asarray(array)

    def __array_ufunc__(self, ufunc, method, *inputs, out=(), **options):
        if any(isinstance(x, Variable) for x in inputs):
            return NotImplemented
        if out:
            options["out"] = tuple(map(unwrapped, out))
        return wrapped(getattr(ufunc, method)(*map(unwrapped, inputs), **options))

    def __array_function__(self, function, types, inputs, options):
        inputs = [tuple(map(unwrapped, x)) if isinstance(x, tuple) else unwrapped(x) for x in inputs]
        return wrapped(function(*inputs, **{key: unwrapped(x) for key, x in options.items()}))

    def __array__(self, dtype=None, copy=None):
        raise TypeError("an array of elsewhere does not become NumPy's by itself")

    shape = property(lambda self: self.array.shape)
    dtype = property(lambda self: self.array.dtype)
    ndim = property(lambda self: self.array.ndim)
    size = property(lambda self: self.array.size)
    base = property(lambda self: self.array.base)
    T = property(lambda self: Elsewhere(self.array.T))

    def astype(self, dtype, copy=True):
        return Elsewhere(self.array.astype(dtype)) if copy or dtype != self.dtype else self

    def sum(self, axis=None, keepdims=False, dtype=None):
        return Elsewhere(self.array.sum(axis=axis, keepdims=keepdims, dtype=dtype))

    def reshape(self, *shape):
        return Elsewhere(self.array.reshape(*shape))

    def transpose(self, *axes):
        return Elsewhere(self.array.transpose(*axes))

    def max(self, axis=None, keepdims=False):
        return Elsewhere(self.array.max(axis=axis, keepdims=keepdims))

    def min(self, axis=None, keepdims=False):
        return Elsewhere(self.array.min(axis=axis, keepdims=keepdims))

    def mean(self, axis=None, keepdims=False):
        return Elsewhere(self.array.mean(axis=axis, keepdims=keepdims))

    def argmax(self, axis=None):
        return Elsewhere(self.array.argmax(axis=axis))

    def copy(self):
        return Elsewhere(self.array.copy())

    def __getitem__(self, index):
        return Elsewhere(self.array[places(index)])

    def __setitem__(self, index, value):
        self.array[places(index)] = unwrapped(value)

    def __iter__(self):
        return map(view, self.array)

    def __bool__(self):
        return bool(self.array)

    def fill(self, value):
        self.array.fill(value)

    def __len__(self):
        return len(self.array)


def wrapped(x):
    return Elsewhere(x) if isinstance(x, (np.ndarray, np.generic)) else x


def unwrapped(x):
    """Return what is in an array of elsewhere; only numbers and dtypes may stand beside one."""
    if isinstance(x, Elsewhere):
        return x.array
    if isinstance(x, np.ndarray) and x.ndim:
        raise TypeError("an array of elsewhere and one of NumPy do not mix")
    return x


def places(index):
    """Return an index with arrays of NumPy, which CuPy takes as they are."""
    if isinstance(index, tuple):
        return tuple(map(places, index))
    return index.array if isinstance(index, Elsewhere) else index


def view(array):
    """Return an array of elsewhere in the same memory."""
    return Elsewhere(array)
