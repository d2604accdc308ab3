"""Nobody computes a gradient that nobody gets: beside constants, rules do less."""

from collections import Counter

import numpy as np
import pytest

import dezero.functions as F
from dezero import Variable, core, grad

CALLS = Counter()


class Counted(np.lib.mixins.NDArrayOperatorsMixin):
    """An array that counts what is computed with it, in CALLS."""

    def __init__(self, array):
        self.array = np.asarray(array)

    def __array_ufunc__(self, ufunc, method, *inputs, out=(), **options):
        if any(isinstance(x, Variable) for x in inputs):
            return NotImplemented
        CALLS[ufunc.__name__ + " in place" * bool(out)] += 1
        if out:
            options["out"] = tuple(x.array for x in out)
        return Counted(ufunc(*(x.array if isinstance(x, Counted) else x for x in inputs), **options))

    shape = property(lambda self: self.array.shape)
    dtype = property(lambda self: self.array.dtype)
    ndim = property(lambda self: self.array.ndim)

    def astype(self, dtype, copy=True):
        return Counted(self.array.astype(dtype))

    def fill(self, value):
        self.array.fill(value)


def variable():
    return Variable(Counted([1.5, 2.5]))


def calls_of_backward(program, *xs):
    """Return how often each function of NumPy was called on the way back."""
    y = program(*xs)
    CALLS.clear()
    y.backward()
    return CALLS.total(), dict(CALLS)


C = Counted([2.0, 3.0])
BESIDE_CONSTANTS = {
    "x + 2": (lambda x: x + 2, {}),
    "2 + x": (lambda x: 2 + x, {}),
    "x + array": (lambda x: x + C, {}),
    "x - 2": (lambda x: x - 2, {}),
    "2 - x": (lambda x: 2 - x, {"negative": 1}),
    "x * 2": (lambda x: x * 2, {"multiply": 1}),
    "2 * x": (lambda x: 2 * x, {"multiply": 1}),
    "x * array": (lambda x: x * C, {"multiply": 1}),
    "x / 2": (lambda x: x / 2, {"divide": 1}),
    "x ** 3": (lambda x: x**3, {"multiply": 2, "power": 1}),
}


@pytest.mark.parametrize(("program", "expected"), BESIDE_CONSTANTS.values(), ids=BESIDE_CONSTANTS)
def test_beside_a_constant_only_the_variables_gradient_is_computed(program, expected):
    _, calls = calls_of_backward(program, variable())

    assert calls == expected


PAIRS = {
    "mul": core.mul,
    "sub": core.sub,
    "div": core.div,
    "power": core.pow,
    "maximum": F.maximum,
    "minimum": F.minimum,
}


CHEAPER = [(name, place) for name in PAIRS for place in (0, 1)]
CHEAPER.remove(("sub", 1))  # the gradient of the first is gy itself
CHEAPER.remove(("div", 1))  # the gradient of the second is computed from that of the first


@pytest.mark.parametrize(("name", "place"), CHEAPER, ids=[f"{name}-{place}" for name, place in CHEAPER])
def test_a_constant_costs_less_than_a_variable(name, place):
    both, _ = calls_of_backward(PAIRS[name], variable(), Variable(C))
    one, _ = calls_of_backward(PAIRS[name], *((variable(), C) if place == 0 else (C, variable())))

    assert one < both


def test_a_power_in_the_forward_pass_is_one_call():
    CALLS.clear()

    _ = variable() ** 3

    assert CALLS == {"power": 1}


def test_an_exponent_that_is_constant_asks_for_no_logarithm():
    _, constant = calls_of_backward(lambda x: x**C, variable())
    _, varying = calls_of_backward(lambda x, w: x**w, variable(), Variable(C))

    assert "log" not in constant
    assert varying["log"] == 1


def test_with_create_graph_no_node_is_made_for_a_constant():
    x, w = Variable(np.array([1.5, 2.5])), Variable(np.array([2.0, 3.0]))
    made = Counter()
    call = core.Operation.__call__

    def counting(self, *inputs):
        made[type(self).__name__] += 1
        return call(self, *inputs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.Operation, "__call__", counting)
        beside_constant, beside_variable = [], []
        for other, found in ((w.data, beside_constant), (w, beside_variable)):
            y = F.sin(x) * other
            made.clear()
            y.backward(create_graph=True)
            found.append(dict(made))
            x.cleargrad()

    assert beside_constant == [{"Cos": 1, "Mul": 1}]  # gy * array is no node; times cos(x) it is
    assert beside_variable[0]["Mul"] > 1


@pytest.mark.parametrize(
    "make", [core.Mul, core.Sub, core.Div, core.Power, F.Maximum, F.Minimum], ids=lambda make: make.__name__
)
def test_a_node_needs_the_gradients_of_its_variables_alone(make):
    x, array = Variable(np.array([1.5, 2.5])), np.array([2.0, 3.0])

    for inputs in [(x, array), (array, x), (x, 2.0), (x, x)]:
        node = make()(*inputs).creator

        assert [node.needs(i) for i in (0, 1)] == [isinstance(value, Variable) for value in inputs]


def test_without_a_graph_every_gradient_is_needed():
    assert core.Mul().needs(0)
    assert core.Mul().needs(1)


def test_a_variable_that_nobody_asked_for_still_gets_its_gradient():
    x, w = Variable(np.array(2.0)), Variable(np.array(3.0))

    grad(x * w, x)
    (x * w).backward()

    assert (x.grad.data, w.grad.data) == (3.0, 2.0)


def test_the_shares_of_a_variable_are_added_up_in_one_array():
    _, calls = calls_of_backward(lambda x: sum((x * C for _ in range(10)), start=x * C), variable())

    assert calls == {"multiply": 11, "add": 1, "add in place": 9}
