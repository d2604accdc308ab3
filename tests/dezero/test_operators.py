"""Operators: reflected forms, what is accepted and refused, arrays and NumPy scalars on the left."""

import operator
import re

import numpy as np
import pytest

import dezero
from dezero import core_simple

OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
WITH_POWER = {**OPERATORS, "**": operator.pow}
every_operator = pytest.mark.parametrize("operate", OPERATORS.values(), ids=OPERATORS)
every_operator_and_power = pytest.mark.parametrize("operate", WITH_POWER.values(), ids=WITH_POWER)

LEFT = {
    "an int": 3,
    "a float": 3.0,
    "a bool": True,
    "np.float64": np.float64(3.0),
    "np.float32": np.float32(3.0),
    "np.int64": np.int64(3),
}
ARRAYS = {
    "0-d": np.array(3.0),
    "1-d": np.array([3.0, 5.0]),
    "2-d": np.array([[3.0, 5.0], [7.0, 9.0]]),
    "float32": np.array([3.0, 5.0], np.float32),
    "integers": np.array([3, 5]),
    "a view": np.arange(8.0)[::4] + 1,
}
MEANINGLESS = {
    "a string": "2",
    "None": None,
    "a dict": {},
}
SEQUENCES = {
    "a list": [3.0, 5.0],
    "a tuple": (3.0, 5.0),
    "a list of lists": [[3.0], [5.0]],
}


@every_operator_and_power
@pytest.mark.parametrize("left", LEFT.values(), ids=LEFT)
@pytest.mark.parametrize("right", [2.0, [2.0, 4.0]], ids=["0-d", "1-d"])
def test_a_number_on_the_left_gives_what_numpy_gives(engine, operate, left, right):
    x = engine.Variable(np.array(right))

    y = operate(left, x)

    assert type(y) is engine.Variable
    assert np.allclose(y.data, operate(left, x.data), rtol=1e-14)


@every_operator_and_power
@pytest.mark.parametrize("right", LEFT.values(), ids=LEFT)
def test_a_number_on_the_right_gives_what_numpy_gives(engine, operate, right):
    x = engine.Variable(np.array([2.0, 4.0]))

    y = operate(x, right)

    assert type(y) is engine.Variable
    assert np.allclose(y.data, operate(x.data, right), rtol=1e-14)


@every_operator
@pytest.mark.parametrize("left", ARRAYS.values(), ids=ARRAYS)
def test_an_array_on_the_left_gives_one_variable(engine, operate, left):
    x = engine.Variable(np.full(left.shape, 2.0))

    y = operate(left, x)

    assert type(y) is engine.Variable
    assert y.data.tolist() == operate(left, x.data).tolist()


@every_operator
@pytest.mark.parametrize("right", ARRAYS.values(), ids=ARRAYS)
def test_an_array_on_the_right_gives_one_variable(engine, operate, right):
    x = engine.Variable(np.full(right.shape, 2.0))

    y = operate(x, right)

    assert type(y) is engine.Variable
    assert y.data.tolist() == operate(x.data, right).tolist()


@every_operator
def test_an_array_on_the_left_lets_gradients_through(engine, operate):
    x = engine.Variable(np.array([2.0, 4.0]))

    operate(np.array([3.0, 5.0]), x).backward()

    assert type(engine.gradient(x)) is np.ndarray
    assert x.grad.shape == (2,)


def test_the_operands_of_a_reflected_difference_keep_their_order(engine):
    x = engine.Variable(np.array(2.0))

    assert ((5 - x).data, (x - 5).data) == (3.0, -3.0)


def test_the_operands_of_a_reflected_quotient_keep_their_order(engine):
    x = engine.Variable(np.array(2.0))

    assert ((5 / x).data, (x / 5).data) == (2.5, 0.4)


def test_the_operands_of_a_reflected_power_keep_their_order(engine):
    x = engine.Variable(np.array(2.0))

    assert ((5**x).data, (x**5).data) == (25.0, 32.0)


def test_a_result_is_always_an_array(engine):
    x = engine.Variable(np.array(2.0))

    assert all(type((y).data) is np.ndarray for y in (x + 1, 1 - x, x * x, 2 / x, -x, x**2, x**0.5, 2**x))


def test_an_augmented_assignment_makes_a_new_variable(engine):
    x = old = engine.Variable(np.array(2.0))

    x += 1

    assert (x.data, old.data) == (3.0, 2.0)


@every_operator
@pytest.mark.parametrize("other", MEANINGLESS.values(), ids=MEANINGLESS)
@pytest.mark.parametrize("swap", [False, True], ids=["right", "left"])
def test_what_has_no_meaning_is_refused(engine, operate, other, swap):
    x = engine.Variable(np.array([1.0, 2.0]))

    with pytest.raises(TypeError):
        operate(*((other, x) if swap else (x, other)))


@every_operator_and_power
@pytest.mark.parametrize("other", MEANINGLESS.values(), ids=MEANINGLESS)
@pytest.mark.parametrize("swap", [False, True], ids=["right", "left"])
def test_the_refusal_says_what_is_accepted(operate, other, swap):
    x = dezero.Variable(np.array([1.0, 2.0]))

    message = f"needs variables, arrays or real numbers, got {type(other).__name__}"
    with pytest.raises(TypeError, match=message):
        operate(*((other, x) if swap else (x, other)))


@pytest.mark.parametrize(
    ("operate", "name"),
    list(zip(WITH_POWER.values(), ["Add", "Sub", "Mul", "Div", "Power"], strict=True)),
    ids=WITH_POWER,
)
def test_the_refusal_names_the_function(operate, name):
    with pytest.raises(TypeError, match=f"^{name} needs"):
        operate(dezero.Variable(np.array(1.0)), "2")


@every_operator
@pytest.mark.parametrize("other", SEQUENCES.values(), ids=SEQUENCES)
@pytest.mark.parametrize("swap", [False, True], ids=["right", "left"])
def test_a_list_is_what_numpy_makes_of_it(engine, operate, other, swap):
    x = engine.Variable(np.array([[1.0, 2.0], [4.0, 8.0]]))

    y = operate(*((other, x) if swap else (x, other)))

    assert type(y) is engine.Variable
    assert y.data.tolist() == operate(*((other, x.data) if swap else (x.data, other))).tolist()


@every_operator
@pytest.mark.parametrize("other", SEQUENCES.values(), ids=SEQUENCES)
@pytest.mark.parametrize("swap", [False, True], ids=["right", "left"])
def test_a_list_lets_the_gradient_of_an_array_through(engine, operate, other, swap):
    found = []
    for constant in (other, np.array(other)):
        x = engine.Variable(np.array([[1.0, 2.0], [4.0, 8.0]]))
        operate(*((constant, x) if swap else (x, constant))).backward()
        found.append(engine.gradient(x).tolist())

    assert found[0] == found[1]


def test_the_refusal_of_a_list_without_numbers_shows_the_way_out():
    with pytest.raises(TypeError, match=r"Mul needs .* got list; np\.array\(\.\.\.\) makes an array of it"):
        dezero.Variable(np.array(1.0)) * ["one"]


@every_operator_and_power
def test_a_complex_number_goes_forward_but_has_no_slope(operate):
    x = dezero.Variable(np.array([1.0, 2.0]))

    y = operate(x, 2j)

    assert y.data.tolist() == operate(x.data, 2j).tolist()
    with pytest.raises(TypeError, match="backward needs real numbers, and this variable holds complex128"):
        y.backward()


@pytest.mark.parametrize(
    "exponent",
    ["2", None, 2j, np.array([1.0, 2.0])],
    ids=lambda exponent: type(exponent).__name__,
)
def test_the_first_engine_refuses_an_exponent_that_is_no_number(exponent):
    message = f"pow needs a real number as its exponent, got {type(exponent).__name__}"
    with pytest.raises(TypeError, match=message):
        core_simple.pow(core_simple.Variable(np.array(2.0)), exponent)


def test_the_first_engine_refuses_a_variable_as_exponent_with_a_way_out():
    x = core_simple.Variable(np.array(2.0))

    message = "pow needs a real number as its exponent, got Variable; .*write a Function of two variables"
    with pytest.raises(TypeError, match=message):
        x**x


@pytest.mark.parametrize("base", [0, -2, -0.5, float("nan")])
def test_a_base_that_is_not_positive_is_refused(engine, base):
    with pytest.raises(ValueError, match=f"needs a base > 0.* got {base}, whose powers are no real numbers"):
        base ** engine.Variable(np.array(2.0))


def test_the_first_engine_refuses_a_base_that_is_no_number():
    with pytest.raises(TypeError, match="rpow needs a real number as its base, got str"):
        core_simple.rpow(core_simple.Variable(np.array(2.0)), "2")


@pytest.mark.parametrize(
    "function",
    [np.exp, lambda x: np.add(np.ones(2), x), lambda x: np.multiply(x, 2)],
    ids=["np.exp(x)", "np.add(array, x)", "np.multiply(x, 2)"],
)
def test_the_first_engine_refuses_numpys_functions_instead_of_being_taken_apart(function):
    with pytest.raises(TypeError, match="does not support ufuncs"):
        function(core_simple.Variable(np.array([1.0, 2.0])))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint64], ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("number", [3, True], ids=repr)
def test_a_whole_number_beside_integers_keeps_their_dtype(engine, dtype, number):
    assert (engine.Variable(np.array([1, 2], dtype)) * number).dtype == dtype
    assert (number * engine.Variable(np.array(1, dtype))).dtype == dtype


@pytest.mark.parametrize(
    ("dtype", "number"),
    [(np.int8, 300), (np.int8, 128), (np.int8, -129), (np.uint8, 256), (np.uint8, -1), (np.int64, 2**64)],
    ids=["int8 + 300", "int8 + 128", "int8 - 129", "uint8 + 256", "uint8 - 1", "int64 + 2**64"],
)
def test_a_whole_number_that_does_not_fit_is_refused_in_numpys_words(engine, dtype, number):
    data = np.array([1, 2], dtype)
    with pytest.raises(OverflowError) as numpys:
        data + number

    with pytest.raises(OverflowError, match=f"^{re.escape(str(numpys.value))}$"):
        engine.Variable(data) + number


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64], ids=lambda dtype: dtype.__name__)
def test_the_smallest_and_the_largest_number_of_a_dtype_fit(engine, dtype):
    x, limits = engine.Variable(np.array([0, 0], dtype)), np.iinfo(dtype)

    assert (x + limits.min).data.tolist() == [limits.min] * 2
    assert (limits.max + x).data.tolist() == [limits.max] * 2
    assert (x + limits.max).dtype == dtype


@pytest.mark.parametrize("number", [300.0, np.int64(300)], ids=["a float", "a NumPy scalar"])
def test_the_ways_out_of_a_number_that_does_not_fit(engine, number):
    assert (engine.Variable(np.array([1, 2], np.uint8)) + number).data.tolist() == [301, 302]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, bool], ids=lambda dtype: dtype.__name__)
def test_a_fraction_beside_integers_is_not_cut(engine, dtype):
    y = engine.Variable(np.array([1, 0], dtype)) * 0.5

    assert y.dtype == np.float64
    assert y.data.tolist() == [0.5, 0.0]


def test_a_number_beside_truth_values_is_not_cut(engine):
    assert (engine.Variable(np.array([True, False])) * 3).data.tolist() == [3, 0]


def test_the_first_variable_decides_the_dtype_of_a_number(engine):
    assert (engine.Variable(np.array(1.0, np.float32)) * 1e-3).dtype == np.float32


def test_as_variable_gives_a_variable_back_as_it_is(engine):
    x = engine.Variable(np.array(1.0))

    assert engine.as_variable(x) is x


@pytest.mark.parametrize("x", [1, 1.0, np.float32(1.0), np.array([1.0])], ids=lambda x: type(x).__name__)
def test_as_variable_boxes_numbers_and_arrays(engine, x):
    y = engine.as_variable(x)

    assert type(y) is engine.Variable
    assert y.data == x


def test_as_variable_keeps_the_array_itself(engine):
    data = np.array([1.0])

    assert engine.as_variable(data).data is data


@pytest.mark.parametrize("x", [[1.0], (1.0,), {}], ids=lambda x: type(x).__name__)
def test_as_variable_refuses_the_rest(engine, x):
    with pytest.raises(TypeError, match=f"Variable needs an ndarray, got {type(x).__name__}"):
        engine.as_variable(x)


def test_as_array_makes_an_array_of_a_number(engine):
    assert type(engine.as_array(np.float64(1.0))) is np.ndarray
