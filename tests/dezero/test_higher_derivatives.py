"""Every operation against central differences in first to third order, and float32 in, float32 out."""

import itertools

import numpy as np
import pytest
from samples import mostly_slow

import dezero
import dezero.functions as F
from dezero import Variable, core

OF_ONE = {
    "square(x)": F.square,
    "exp(x)": F.exp,
    "sin(x)": F.sin,
    "cos(x)": F.cos,
    "tanh(x)": F.tanh,
    "neg(x)": dezero.neg,
    "-x": lambda x: -x,
    "x + 2": lambda x: x + 2,
    "2 + x": lambda x: 2 + x,
    "x - 2.5": lambda x: x - 2.5,
    "2.5 - x": lambda x: 2.5 - x,
    "x * 2": lambda x: x * 2,
    "2 * x": lambda x: 2 * x,
    "x / 3": lambda x: x / 3,
    "3 / x": lambda x: 3 / x,
    "add(2, x)": lambda x: dezero.add(2, x),
    "mul(2, x)": lambda x: dezero.mul(2, x),
    "sub(2, x)": lambda x: dezero.sub(2, x),
    "rsub(x, 2)": lambda x: dezero.rsub(x, 2),
    "div(2, x)": lambda x: dezero.div(2, x),
    "rdiv(x, 2)": lambda x: dezero.rdiv(x, 2),
    "array * x": lambda x: np.full(x.shape, 2, x.dtype) * x * x,
    "x / array": lambda x: x * x / np.full(x.shape, 2, x.dtype),
    "pow(x, 3)": lambda x: dezero.pow(x, 3),
    "rpow(x, 3)": lambda x: dezero.rpow(x, 3),
    **{f"x ** {c}": lambda x, c=c: x**c for c in (0, 1, 2, 3, 5, -1, -2, 0.0, 1.0, 2.0, True)},
    "x ** np.int64(2)": lambda x: x ** np.int64(2),
    "x ** np.float64(3)": lambda x: x ** np.float64(3),
    **{f"{c} ** x": lambda x, c=c: c**x for c in (1, 2, 0.5, True)},
    "np.float64(2.5) ** x": lambda x: np.float64(2.5) ** x,
    "x * x": lambda x: x * x,
    "x / x": lambda x: x / x,
    "x + x": lambda x: x + x,
    "x - x": lambda x: x - x,
    "absolute(x)": F.absolute,
    "abs(x)": abs,
    "maximum(x, 0.1)": lambda x: F.maximum(x, 0.1) * x,
    "minimum(x, 0.1)": lambda x: F.minimum(x, 0.1) * x,
    "maximum(0.1, x)": lambda x: F.maximum(0.1, x) * x,
    "x ** array": lambda x: x ** np.full(x.shape, 2, x.dtype),
    "array ** x": lambda x: np.full(x.shape, 2, x.dtype) ** x,
    "Copy": lambda x: core.Copy(x.dtype)(x) * x,
    "BroadcastTo": lambda x: core.BroadcastTo(x.shape)(x) * x,
    "SumTo": lambda x: core.SumTo(x.shape)(core.BroadcastTo((2, *x.shape))(x) ** 2),
    "SumTo over an axis of one": lambda x: core.SumTo(x.shape)(x * np.ones((2, *x.shape), x.dtype) * x),
}
FOR_POSITIVE = {
    **{f"x ** {c}": lambda x, c=c: x**c for c in (0.5, 1.5, -0.5)},
    "x ** np.float64(0.5)": lambda x: x ** np.float64(0.5),
    "log(x)": F.log,
    "sqrt(x)": F.sqrt,
    "x ** x": lambda x: x**x,
}
OF_TWO = {
    "add(x, y)": dezero.add,
    "mul(x, y)": dezero.mul,
    "sub(x, y)": dezero.sub,
    "rsub(x, y)": dezero.rsub,
    "div(x, y)": dezero.div,
    "rdiv(x, y)": dezero.rdiv,
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x * y": lambda x, y: x * y,
    "x / y": lambda x, y: x / y,
    "maximum(x, y)": lambda x, y: F.maximum(x, y) * x * y,
    "minimum(x, y)": lambda x, y: F.minimum(x, y) * x * y,
}
OF_TWO_POSITIVE = {
    "x ** y": lambda x, y: x**y,
    "pow(x, y)": dezero.pow,
    "rpow(x, y)": dezero.rpow,
}
COMPOSED = {
    "tanh of a product": lambda x, y: F.tanh(x * y),
    "a quotient of powers": lambda x, y: (x**2 + y**3) / (y * y + 1) - 2**y,
    "a diamond": lambda x, y: F.exp(F.sin(x) * y) * F.sin(x),
}
POSITIVE = FOR_POSITIVE | OF_TWO_POSITIVE
WITH_TWO = OF_TWO | OF_TWO_POSITIVE | COMPOSED
OPERATIONS = OF_ONE | FOR_POSITIVE | WITH_TWO
ARITHMETIC = {
    "__neg__": "-x",
    "__add__": "x + y",
    "__radd__": "2 + x",
    "__sub__": "x - y",
    "__rsub__": "2.5 - x",
    "__mul__": "x * y",
    "__rmul__": "2 * x",
    "__truediv__": "x / y",
    "__rtruediv__": "3 / x",
    "__pow__": "x ** 2",
    "__rpow__": "2 ** x",
    "__abs__": "abs(x)",
}
COMPARISONS = {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"}  # their answers have no slope
SHAPES = [(2, 3), (), (3,)]

every_operation = pytest.mark.parametrize("name", OPERATIONS)
in_shapes = pytest.mark.parametrize("shape", mostly_slow(SHAPES), ids=str)


def arguments(name, shape, dtype=np.float64):
    """Return random variables for the operation, away from zero, of both signs where it has slopes there."""
    rng = np.random.default_rng(len(name))
    number = 2 if name in WITH_TWO else 1
    signs = [1.0] if name in POSITIVE else [-1.0, 1.0]
    return [
        Variable(np.asarray(rng.uniform(0.5, 1.5, shape) * rng.choice(signs, shape), dtype))
        for _ in range(number)
    ]


def derivative(operation, xs, path):
    """Return the derivative by the arguments that the path numbers, one after the other; the value for ()."""
    y = operation(*xs)
    for place in path:
        for x in xs:
            x.cleargrad()
        y.backward(create_graph=True)
        y = xs[place].grad
        if y is None:  # no path leads there
            x = xs[place]
            y = Variable(np.zeros(x.shape, x.dtype if x.dtype.kind == "f" else np.float64))
    return y


def central_difference(operation, xs, path, eps=1e-4):
    """Return what `derivative` promises for the path: a step to either side of its last argument."""
    *path, place = path
    low, high = (
        derivative(
            operation,
            [Variable(np.array(x.data + step * (i == place))) for i, x in enumerate(xs)],
            path,
        ).data
        for step in (-eps, eps)
    )
    return (high - low) / (2 * eps)


def paths(name, order):
    return itertools.product(range(len(arguments(name, ()))), repeat=order)


@every_operation
@in_shapes
@pytest.mark.parametrize("order", [1, 2], ids=["first", "second"])
def test_derivatives_by_every_argument_are_those_of_central_differences(name, shape, order):
    operation, xs = OPERATIONS[name], arguments(name, shape)

    for path in paths(name, order):
        found = derivative(operation, xs, path)
        expected = central_difference(operation, xs, path)

        assert found.shape == shape
        assert np.allclose(found.data, expected, rtol=1e-6, atol=1e-6), path


@pytest.mark.parametrize(
    "name",
    [
        *["sin(x)", "tanh(x)", "exp(x)", "log(x)", "sqrt(x)"],
        *["x ** 5", "x ** -1", "x ** 0.5", "2 ** x", "x ** y", "x / y", "x * y"],
        *COMPOSED,
    ],
)
def test_third_derivatives_are_those_of_central_differences(name):
    operation, xs = OPERATIONS[name], arguments(name, (3,))

    for path in paths(name, 3):
        found, expected = (
            f(operation, xs, path) for f in (lambda *a: derivative(*a).data, central_difference)
        )

        assert np.allclose(found, expected, rtol=1e-5, atol=1e-5), path


@pytest.mark.parametrize("name", WITH_TWO)
@in_shapes
def test_mixed_derivatives_do_not_depend_on_the_order(name, shape):
    operation, xs = OPERATIONS[name], arguments(name, shape)

    xy, yx = (derivative(operation, xs, path).data for path in [(0, 1), (1, 0)])

    assert np.allclose(xy, yx, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("function", "derivatives"),
    [
        (F.sin, [np.sin, np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x)]),
        (F.cos, [np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x), np.sin]),
        (F.exp, [np.exp]),
        (lambda x: 2**x, [lambda x, n=n: np.log(2) ** n * 2**x for n in range(7)]),
        (
            lambda x: 1 / x,
            [lambda x, n=n: (-1) ** n * float(np.prod(range(1, n + 1))) / x ** (n + 1) for n in range(7)],
        ),
        (
            lambda x: x**4,
            [lambda x, n=n: float(np.prod(range(5 - n, 5))) * x ** max(4 - n, 0) for n in range(7)],
        ),
    ],
    ids=["sin", "cos", "exp", "2 ** x", "1 / x", "x ** 4"],
)
def test_six_derivatives_are_those_of_the_closed_form(function, derivatives):
    x = Variable(np.random.default_rng(0).uniform(0.5, 2.0, 3))

    for order in range(7):
        found = derivative(function, [x], (0,) * order)
        expected = derivatives[order % len(derivatives)](x.data)

        assert np.allclose(found.data, expected, rtol=1e-10, atol=1e-12), order


def test_derivatives_of_tanh_are_those_of_its_polynomials():
    x = Variable(np.linspace(-2.0, 2.0, 9))
    t = np.tanh(x.data)
    polynomial = np.polynomial.Polynomial([0.0, 1.0])  # tanh itself, in powers of tanh

    for order in range(1, 7):
        polynomial = polynomial.deriv() * np.polynomial.Polynomial([1.0, 0.0, -1.0])  # tanh' = 1 - tanh²

        assert np.allclose(derivative(F.tanh, [x], (0,) * order).data, polynomial(t), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("c", [0, 1, 2, 3, 1.0, 2.0])
def test_a_power_has_its_derivatives_also_at_zero(c):
    x = Variable(np.array([0.0, 1.0]))

    for order in range(5):
        falling = float(np.prod([c - i for i in range(order)]))
        expected = [falling * (order == c), falling]

        assert derivative(lambda x: x**c, [x], (0,) * order).data.tolist() == expected


@every_operation
@in_shapes
def test_float32_stays_float32_in_value_and_both_orders(name, shape):
    operation, xs = OPERATIONS[name], arguments(name, shape, np.float32)

    for order in range(3):
        for path in paths(name, order):
            assert derivative(operation, xs, path).dtype == np.float32, path


@every_operation
@in_shapes
def test_no_float64_comes_in_between(name, shape):
    operation, xs = OPERATIONS[name], arguments(name, shape, np.float32)

    for path in paths(name, 2):
        second = derivative(operation, xs, path)
        known = [x for function in dezero.past_of(second) for x in function.args]

        assert np.float64 not in {x.dtype for x in [second, *known] if hasattr(x, "dtype")}, path


@pytest.mark.slow
@every_operation
def test_the_derivatives_of_float32_are_those_of_float64(name):
    operation, singles = OPERATIONS[name], arguments(name, (3,), np.float32)
    doubles = [Variable(x.data.astype(np.float64)) for x in singles]

    for path in paths(name, 2):
        single, double = (derivative(operation, xs, path).data for xs in (singles, doubles))

        assert np.allclose(single, double, rtol=1e-4, atol=1e-4), path


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint8], ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize(
    "name", sorted((OF_ONE | OF_TWO).keys() - {"x ** -1", "x ** -2"})
)  # which NumPy refuses
def test_integers_have_the_derivatives_of_float64(name, dtype):
    operation = OPERATIONS[name]
    whole = [Variable(np.array([1, 2, 3], dtype)), Variable(np.array([2, 1, 1], dtype))]
    whole = whole[: len(arguments(name, ()))]
    doubles = [Variable(x.data.astype(np.float64)) for x in whole]
    accuracy = {"rtol": 1e-2, "atol": 1e-2} if dtype != np.int64 else {}  # exp of int8 is float16

    for order in (1, 2):
        for path in paths(name, order):
            found, expected = derivative(operation, whole, path), derivative(operation, doubles, path)

            assert found.dtype == np.float64
            assert np.allclose(found.data, expected.data, **accuracy), path


@pytest.mark.slow
@every_operation
@pytest.mark.parametrize("shape", [(0,), (2, 0)], ids=str)
def test_no_elements_have_derivatives_without_elements(name, shape):
    operation, xs = OPERATIONS[name], arguments(name, shape)

    for path in paths(name, 2):
        assert derivative(operation, xs, path).shape == shape


# --- nothing is missing in the table: functions and classes are asked for in test_function_grid.py -


def test_every_operator_of_a_variable_is_in_the_table():
    others = {"__init__", "__len__", "__repr__", "__dict__", "__weakref__", "__module__", "__doc__"}
    others |= {"__array_ufunc__", "__array_function__", "__array__", "__bool__", "__format__", "__hash__"}
    others |= {"__dlpack__", "__dlpack_device__"}  # in test_exchange.py
    others |= {"__firstlineno__", "__static_attributes__", "__annotations__", "__slotnames__"}
    others |= {"__getitem__", "__iter__", "__matmul__", "__rmatmul__"}  # in test_function_grid.py
    operators = {name for name in vars(Variable) if name.startswith("__")} - others

    assert operators == set(ARITHMETIC) | COMPARISONS
    assert OPERATIONS.keys() >= set(ARITHMETIC.values())
