"""NumPy's functions and operators beside variables: ours, an answer, or a clear refusal."""

import numpy as np
import pytest
from samples import variable

import dezero.functions as F
from dezero import Variable, core

OURS = {
    "np.exp": (np.exp, F.exp),
    "np.log": (np.log, F.log),
    "np.sin": (np.sin, F.sin),
    "np.cos": (np.cos, F.cos),
    "np.tanh": (np.tanh, F.tanh),
    "np.sqrt": (np.sqrt, F.sqrt),
    "np.square": (np.square, F.square),
    "np.absolute": (np.absolute, F.absolute),
    "np.negative": (np.negative, core.neg),
}
OURS_OF_TWO = {
    "np.add": (np.add, core.add),
    "np.subtract": (np.subtract, core.sub),
    "np.multiply": (np.multiply, core.mul),
    "np.divide": (np.divide, core.div),
    "np.power": (np.power, core.pow),
    "np.maximum": (np.maximum, F.maximum),
    "np.minimum": (np.minimum, F.minimum),
}


OURS_OF_SHAPES = {
    "np.reshape": (np.reshape, F.reshape, ((2, 1),)),
    "np.expand_dims": (np.expand_dims, F.expand_dims, (-1,)),
    "np.transpose": (np.transpose, F.transpose, ((-1,),)),
    "np.sum": (np.sum, F.sum, (0,)),
    "np.mean": (np.mean, F.mean, (0,)),
    "np.max": (np.max, F.max, (0,)),
    "np.min": (np.min, F.min, (0,)),
    "np.clip": (np.clip, F.clip, (0.6, 1.0)),
    "np.broadcast_to": (np.broadcast_to, F.broadcast_to, ((3, 2),)),
    "np.matmul": (np.matmul, F.matmul, (np.array([1.0, 3.0]),)),
}


@pytest.mark.parametrize(("numpys", "ours", "more"), OURS_OF_SHAPES.values(), ids=OURS_OF_SHAPES)
def test_numpys_function_of_shapes_is_ours(numpys, ours, more):
    x, w = variable(0.5, 2.0), variable(0.5, 2.0)

    numpys(x, *more).backward()
    ours(w, *more).backward()

    assert numpys(x, *more).data.tolist() == numpys(x.data, *more).tolist()
    assert x.grad.data.tolist() == w.grad.data.tolist()


@pytest.mark.parametrize(("numpys", "ours"), OURS.values(), ids=OURS)
def test_numpys_function_of_a_variable_is_ours(numpys, ours):
    x, w = variable(0.5, 2.0), variable(0.5, 2.0)

    numpys(x).backward()
    ours(w).backward()

    assert type(numpys(x)) is Variable
    assert numpys(x).data.tolist() == numpys(x.data).tolist()
    assert x.grad.data.tolist() == w.grad.data.tolist()


@pytest.mark.parametrize(("numpys", "ours"), OURS_OF_TWO.values(), ids=OURS_OF_TWO)
@pytest.mark.parametrize(
    "other", [2, 0.5, np.array([1.0, 3.0]), [1.0, 3.0]], ids=["int", "float", "array", "list"]
)
@pytest.mark.parametrize("swap", [False, True], ids=["right", "left"])
def test_numpys_function_of_a_variable_and_a_constant_is_ours(numpys, ours, other, swap):
    x, w = variable(0.5, 2.0), variable(0.5, 2.0)

    y = numpys(*((other, x) if swap else (x, other)))
    ours(*((other, w) if swap else (w, other))).backward()
    y.backward()

    assert type(y) is Variable
    assert y.data.tolist() == numpys(*((other, x.data) if swap else (x.data, other))).tolist()
    assert x.grad.data.tolist() == w.grad.data.tolist()


def test_every_function_that_answers_for_numpys_is_in_the_tables():
    numpys = {function for function in core.OURS if not isinstance(function, str)}

    tables = OURS | OURS_OF_TWO | OURS_OF_SHAPES
    assert numpys == {np.where, *(function for function, *_ in tables.values())}  # it has a file of its own


QUESTIONS = {
    "np.allclose": lambda x: np.allclose(x, [1.0, -2.0]),
    "np.allclose, the other way round": lambda x: np.allclose([1.0, -2.0], x),
    "np.isclose": lambda x: np.isclose(x, 1.0),
    "np.array_equal": lambda x: np.array_equal(x, [1.0, -2.0]),
    "np.argmax": np.argmax,
    "np.argmin": np.argmin,
    "np.sign": np.sign,
    "np.isnan": np.isnan,
    "np.isfinite": np.isfinite,
    "np.isinf": np.isinf,
    "np.shape": np.shape,
    "np.ndim": np.ndim,
    "np.size": np.size,
    "np.zeros_like": np.zeros_like,
    "np.ones_like": np.ones_like,
    "np.greater": lambda x: np.greater(x, 0.0),
    "np.greater_equal": lambda x: np.greater_equal(x, 0.0),
    "np.less": lambda x: np.less(0.0, x),
    "np.less_equal": lambda x: np.less_equal(x, 1.0),
    "np.equal": lambda x: np.equal(x, 1.0),
    "np.not_equal": lambda x: np.not_equal(x, 1.0),
}


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
def test_a_question_without_a_slope_is_answered_as_for_the_data(ask):
    x = variable(1.0, -2.0)

    answer = ask(x)

    assert not isinstance(answer, Variable)
    assert np.array_equal(answer, ask(x.data))


def test_every_question_is_in_the_table():
    assert {f"np.{function.__name__}" for function in core.QUESTIONS} <= set(QUESTIONS)


def test_a_question_may_name_its_arguments():
    x = variable(1.0, -2.0)

    assert np.allclose(a=x, b=[1.0, -2.0])
    assert np.allclose(a=[1.0, -2.0], b=x)
    assert np.argmax(a=x) == 0


def test_a_gradient_can_be_compared_with_numbers():
    x = variable(3.0)
    (x * x).backward()

    assert np.allclose(x.grad, 6.0)
    assert not np.allclose(x.grad, 6.1)


REFUSED = {
    "np.linalg.inv": lambda x: np.linalg.inv(x),
    "np.stack": lambda x: np.stack([x]),
    "np.concatenate": lambda x: np.concatenate([x, x]),
    "np.array": lambda x: np.array([x, x]),
    "np.remainder": lambda x: np.mod(x, 2.0),
    "np.add.reduce": lambda x: np.add.reduce(x),
    "np.multiply.outer": lambda x: np.multiply.outer(x, x),
    "np.arctan2": lambda x: np.arctan2(x, 1.0),
}


@pytest.mark.parametrize(("name", "use"), REFUSED.items(), ids=REFUSED)
def test_what_has_no_slope_here_is_refused_with_the_way_out(name, use):
    message = rf"^{name} does not take variables.* look into dezero\.functions, .*x\.data"
    with pytest.raises(TypeError, match=message):
        use(variable(1.0, 2.0))


@pytest.mark.parametrize(
    "use",
    [
        lambda a, x: np.add(a, x, out=a),
        lambda a, x: np.exp(x, out=a),
        lambda a, x: a.__iadd__(x),
        lambda a, x: a.__imul__(x),
    ],
    ids=["np.add(out=a)", "np.exp(out=a)", "a += x", "a *= x"],
)
def test_nothing_is_written_into_an_array_in_place(use):
    array = np.ones(2)

    with pytest.raises(TypeError, match=r"in place; take its data: x\.data -= rate \* x\.grad\.data"):
        use(array, variable(1.0, 2.0))

    assert array.tolist() == [1.0, 1.0]


# --- comparisons, truth, identity, format ---------------------------------------------------------

COMPARISONS = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
OTHERS = {
    "a number": 2.0,
    "an array": np.array([2.0, 2.0, 0.0]),
    "a list": [2.0, 2.0, 0.0],
    "a variable": Variable(np.array([2.0, 2.0, 0.0])),
}


@pytest.mark.parametrize("compare", COMPARISONS.values(), ids=COMPARISONS)
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("swap", [False, True], ids=["right", "left"])
def test_a_comparison_is_elementwise_and_gives_an_array(compare, other, swap):
    x = variable(1.0, 2.0, 3.0)
    data = other.data if isinstance(other, Variable) else other

    found = compare(other, x) if swap else compare(x, other)

    assert type(found) is np.ndarray
    assert found.tolist() == (compare(data, x.data) if swap else compare(x.data, data)).tolist()


def test_a_variable_is_itself_and_no_other_for_sets_and_dictionaries():
    x, w = variable(1.0), variable(1.0)

    assert len({x, w, x}) == 2
    assert {x: "x", w: "w"}[w] == "w"
    assert hash(x) != hash(w)


@pytest.mark.parametrize("number", [0.0, 2.0])
def test_a_variable_has_no_truth_and_the_error_says_what_to_ask(number):
    with pytest.raises(TypeError, match=r"whether x\.grad is not None, or .* as in x\.data > 0"):
        bool(variable(number))


def test_a_gradient_can_be_asked_whether_it_is_there():
    x = variable(3.0)
    assert x.grad is None
    (x * x).backward()

    assert x.grad is not None


def test_a_format_is_that_of_the_data():
    assert f"{variable(1.23456):.3f}" == "1.235"
    assert f"{variable(12345):,d}" == "12,345"


def test_without_a_format_the_text_is_that_of_the_variable():
    x = variable(1.0, 2.0)

    assert f"{x}" == str(x) == "variable([1. 2.])"


@pytest.mark.parametrize("function", [np.add, np.sin, np.maximum], ids=lambda function: function.__name__)
def test_an_option_of_a_function_of_numpy_is_refused_rather_than_ignored(function):
    x = Variable(np.array([1.0, 2.0]))

    with pytest.raises(TypeError, match="unexpected keyword argument 'where'"):
        function(*[x] * function.nin, where=np.array([True, False]))
