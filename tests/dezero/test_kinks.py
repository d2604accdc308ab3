"""Slopes where a function has a kink, a tie or a pole: the table of conventions."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from samples import variable

import dezero.functions as F
from dezero import Variable, grad


def derivatives(function, x):
    """Return the first and the second derivative at x, numbers."""
    first = grad(function(x), x, create_graph=True)
    return float(first.data), float(grad(first, x).data)


POWERS = {
    "a number": lambda x, c: x**c,
    "an array": lambda x, c: x ** np.array(c),
    "a variable": lambda x, c: x ** Variable(np.array(c)),
}
AT_ZERO = {2: (0.0, 2.0), 1: (1.0, 0.0), 0: (0.0, 0.0)}
CASES = [(kind(c), both) for kind in (int, float) for c, both in AT_ZERO.items()]


@pytest.mark.parametrize("power", POWERS.values(), ids=POWERS)
@pytest.mark.parametrize(("c", "expected"), CASES, ids=[repr(c) for c, _ in CASES])
@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
def test_a_power_has_both_derivatives_at_zero(power, c, expected, dtype):
    assert derivatives(lambda x: power(x, c), Variable(np.array(0.0, dtype))) == expected


def test_a_power_with_an_array_of_exponents_has_each_slope_at_zero():
    x = Variable(np.zeros(4))
    exponents = np.array([0.0, 1.0, 2.0, 3.0])

    first = grad(x**exponents, x, create_graph=True)

    assert first.data.tolist() == [0.0, 1.0, 0.0, 0.0]
    assert grad(first, x).data.tolist() == [0.0, 0.0, 2.0, 0.0]


@pytest.mark.parametrize("c", [2, 3.0])
def test_the_third_derivative_of_a_power_at_zero(c):
    x = variable(0.0)
    third = grad(grad(grad(x ** np.array(c), x, True), x, True), x)

    assert third.data == {2: 0.0, 3.0: 6.0}[c]


@pytest.mark.parametrize("c", [2.0, 1.0, 0.0])
def test_a_power_of_zero_is_flat_in_its_exponent(c):
    y = variable(c)

    assert derivatives(lambda y: variable(0.0) ** y, y) == (0.0, 0.0)


def test_the_slopes_of_zero_to_the_power_of_zero_are_zero():
    x, y = variable(0.0), variable(0.0)

    assert [g.data for g in grad(x**y, [x, y])] == [0.0, 0.0]


def test_a_negative_base_has_a_slope_but_its_exponent_has_none():
    x, y = variable(-2.0), variable(3.0)

    with np.errstate(invalid="ignore"):
        gx, gy = grad(x**y, [x, y])

    assert gx.data == 12.0
    assert np.isnan(gy.data)


@pytest.mark.parametrize("power", POWERS.values(), ids=POWERS)
@pytest.mark.parametrize(
    ("c", "slope"), [(0.5, np.inf), (1 / 3, np.inf), (-1.0, -np.inf)], ids=["1/2", "1/3", "-1"]
)
def test_a_power_with_a_pole_in_its_slope_is_infinite_at_zero(power, c, slope):
    x = variable(0.0)

    with np.errstate(divide="ignore", invalid="ignore"):  # a slope by the exponent would be no number
        assert grad(power(x, c), x).data == slope


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, bool], ids=lambda dtype: dtype.__name__)
def test_exponents_may_be_of_any_kind_of_number(dtype):
    x = variable(1e3, 0.0, 1e3)
    exponents = np.array([0, 0, 1], dtype)

    assert grad(x**exponents, x).data.tolist() == [0.0, 0.0, 1.0]


def test_a_list_of_exponents_is_as_flat_at_zero_as_an_array():
    x = variable(0.0, 0.0)

    assert grad(x ** [0.0, 1.0], x).data.tolist() == [0.0, 1.0]


def test_the_absolute_value_is_flat_at_zero_in_both_orders():
    x = variable(-2.0, 0.0, 3.0)
    first = grad(F.absolute(x) * x, x, create_graph=True)

    assert grad(abs(x), x).data.tolist() == [-1.0, 0.0, 1.0]
    assert first.data.tolist() == [4.0, 0.0, 6.0]  # 2 |x|
    assert grad(first, x).data.tolist() == [-2.0, 0.0, 2.0]


@pytest.mark.parametrize("function", [F.maximum, F.minimum], ids=["maximum", "minimum"])
def test_a_tie_of_two_variables_is_a_half_for_each(function):
    x, w = variable(3.0, 1.0), variable(3.0, 1.0)

    assert [g.data.tolist() for g in grad(function(x, w), [x, w])] == [[0.5, 0.5]] * 2


@pytest.mark.parametrize("function", [F.maximum, F.minimum], ids=["maximum", "minimum"])
@pytest.mark.parametrize("swap", [False, True], ids=["right", "left"])
@pytest.mark.parametrize("constant", [2, 2.0, np.array(2.0)], ids=["int", "float", "array"])
def test_a_tie_with_a_constant_is_a_half(function, swap, constant):
    x = variable(2.0)
    y = function(constant, x) if swap else function(x, constant)

    assert y.data == 2.0
    assert grad(y, x).data == 0.5


@pytest.mark.parametrize("function", [F.maximum, F.minimum], ids=["maximum", "minimum"])
def test_the_halves_of_one_variable_are_a_whole(function):
    x = variable(2.0)

    assert grad(function(x, x), x).data == 1.0


@pytest.mark.parametrize("function", [F.maximum, F.minimum], ids=["maximum", "minimum"])
def test_a_tie_shares_the_second_derivative_as_well(function):
    x, w = variable(2.0), variable(2.0)
    gx, gw = grad(function(x * x, w * w), [x, w], create_graph=True)

    assert (gx.data, gw.data) == (2.0, 2.0)
    assert [[float(g.data) for g in grad(first, [x, w])] for first in (gx, gw)] == [[1.0, 0.0], [0.0, 1.0]]


EXTREMES = {
    "uint8": np.array([0, 1, 255], np.uint8),
    "int8": np.array([-128, 0, 127], np.int8),
    "bool": np.array([False, True, True]),
    "infinite": np.array([-np.inf, 0.0, np.inf]),
    "not a number": np.array([np.nan, 1.0, 2.0]),
    "zeros of both signs": np.array([-0.0, 0.0, -0.0]),
}


@pytest.mark.parametrize("data", EXTREMES.values(), ids=EXTREMES)
@pytest.mark.parametrize(("ours", "numpys"), [(F.maximum, np.maximum), (F.minimum, np.minimum)])
@pytest.mark.parametrize("other", [1, np.array([1, 0, 1], np.uint8)], ids=["a number", "an array"])
def test_the_extremes_are_those_of_numpy_for_every_kind_of_number(data, ours, numpys, other):
    y, expected = ours(Variable(data), other), numpys(data, other)

    assert y.dtype == expected.dtype
    assert np.array_equal(y.data, expected, equal_nan=True)


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
def test_the_slope_of_the_square_root_is_infinite_at_zero(dtype):
    x = Variable(np.array([0.0, 4.0], dtype))

    with np.errstate(divide="ignore"):
        slope = grad(F.sqrt(x), x)

    assert slope.data.tolist() == [np.inf, 0.25]
    assert slope.dtype == dtype


def test_the_slope_of_the_logarithm_is_infinite_at_zero():
    x = variable(0.0)

    with np.errstate(divide="ignore"):
        assert grad(F.log(x), x).data == np.inf


def test_the_table_of_chapter_66_says_what_ours_answers():
    tests = Path(__file__).parents[1]
    spec = importlib.util.spec_from_file_location("kinks", tests / "benchmarks" / "kinks.py")
    kinks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kinks)
    (chapter,) = tests.parent.glob("docs/step66-*.md")

    rows = [line.strip("| ").split(" | ") for line in chapter.read_text().splitlines() if line[:2] == "| "]

    assert {row[0]: row[1] for row in rows[1:]} == kinks.answers("ours")
