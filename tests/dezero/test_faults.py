"""Slips that readers make: each is right, or an error that says the way out."""

import re

import numpy as np
import pytest
from samples import variable, with_and_without_graph

import dezero
import dezero.functions as F
from dezero import Function, Operation, Variable, grad


class Twice(Function):
    """2 x, in the memo's form."""

    def forward(self, x):
        return 2 * x

    def backward(self, gy):
        return 2 * gy


# --- one function object, called twice ------------------------------------------------------------


@with_and_without_graph
def test_a_function_called_twice_has_a_node_for_each_call(create_graph):
    f, a, b = F.Sin(), variable(1.0), variable(2.0)

    (f(a) + f(b)).backward(create_graph=create_graph)

    assert (a.grad.data, b.grad.data) == (np.cos(1.0), np.cos(2.0))


@pytest.mark.parametrize("kind", [F.Sin, Twice], ids=["an operation", "a function of the reader"])
def test_a_function_is_itself_the_node_of_its_first_call_and_of_no_other(kind):
    f, x = kind(), variable(1.0)

    first, second = f(x), f(x)

    assert first.creator is f
    assert second.creator is not f


def test_a_function_of_the_reader_called_twice_keeps_what_each_call_noted():
    class Noting(Function):
        def forward(self, x):
            self.noted = x
            return x * x

        def backward(self, gy):
            return 2 * gy * self.noted

    f, a, b = Noting(), variable(1.0), variable(2.0)

    (f(a) + f(b)).backward()

    assert (a.grad.data, b.grad.data) == (2.0, 4.0)


def test_a_function_called_on_its_own_result_is_a_chain():
    f, x = Twice(), variable(1.0)

    f(f(f(x))).backward()

    assert x.grad.data == 8.0


# --- what a variable holds ------------------------------------------------------------------------

NO_DATA = {
    "np.matrix": (np.eye(1).view(np.matrix), "got matrix.*np.asarray(x) makes one of it"),
    "np.ma": (np.ma.array([1.0, 2.0], mask=[0, 1]), "got MaskedArray.*x.filled(0.0) makes one of it"),
    "objects": (
        np.array([None, 1.0]),
        "array of numbers, got one of object.*np.array([v.data for v in ...])",
    ),
    "letters": (np.array(["a"]), "array of numbers, got one of <U1"),
    "dates": (np.array(["2020-01-01"], "M8[D]"), "array of numbers, got one of datetime64[D]"),
    "a number": (3.0, "needs an ndarray, got float; wrap a number or a list: Variable(np.array(...))"),
    "a variable": (Variable(np.array(1.0)), "needs an ndarray, got Variable"),
}


@pytest.mark.parametrize(("data", "message"), NO_DATA.values(), ids=NO_DATA)
def test_what_is_no_plain_array_of_numbers_is_refused_at_birth_with_the_way_out(data, message):
    with pytest.raises(TypeError, match=re.escape(message).replace(r"\.\*", ".*")):
        Variable(data)


def test_the_ways_out_of_other_arrays_are_ways():
    masked = np.ma.array([1.0, 2.0], mask=[0, 1])

    assert Variable(np.asarray(np.eye(1).view(np.matrix))).data.tolist() == [[1.0]]
    assert Variable(masked.filled(0.0)).data.tolist() == [1.0, 0.0]


class Plain(np.ndarray):
    """A subclass that computes as ndarray does."""


def test_another_subclass_of_ndarray_becomes_a_plain_one():
    assert type(Variable(np.ones(2).view(Plain)).data) is np.ndarray


@pytest.mark.parametrize("square", [lambda x, m: x * m, lambda x, m: x + m], ids=["x * matrix", "x + matrix"])
def test_a_result_that_is_a_matrix_is_refused(square):
    with pytest.raises(TypeError, match="Variable needs a plain ndarray, got matrix"):
        square(Variable(np.eye(2)), np.eye(2).view(np.matrix))


USES = {
    "x * 2": lambda x: x * 2,
    "F.sin(x)": F.sin,
    "a function of the reader": lambda x: Twice()(x),
}


@pytest.mark.parametrize("use", [*USES.values(), Variable.backward], ids=[*USES, "backward"])
def test_a_variable_without_data_is_refused_where_it_is_used(use):
    with pytest.raises(TypeError, match=r"data is a NoneType; give it an array first: x\.data = np\.array"):
        use(Variable(None))


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_number_that_took_the_place_of_the_data_before_backward_is_told(use):
    x = variable(2.0)
    x.data = 3.0

    with pytest.raises(TypeError, match=r"data is a float; give it an array first: x\.data = np\.array"):
        use(x).backward()


def test_data_that_became_a_number_after_the_forward_pass_is_told_in_the_backward_pass():
    x = variable(2.0)
    y = x * x
    x.data = 3.0

    with pytest.raises(TypeError, match="Mul got a variable whose data is a float"):
        y.backward()
    assert x.grad is None


def test_a_step_with_a_variable_is_refused_with_the_way_out_and_changes_nothing():
    x = variable(1.0, 2.0)
    (x * x).backward()

    with pytest.raises(TypeError, match=r"take its data: x\.data -= rate \* x\.grad\.data"):
        x.data -= 0.1 * x.grad

    assert x.data.tolist() == [1.0, 2.0]


# --- functions and subclasses of the reader -------------------------------------------------------


@pytest.mark.parametrize("kind", [Function, Operation])
def test_a_forgotten_return_in_forward_is_named(kind):
    class Forgot(kind):
        def forward(self, x):
            x * 2

    with pytest.raises(TypeError, match=r"Forgot\.forward returned None; is its return missing\?"):
        Forgot()(variable(1.0))


@pytest.mark.parametrize("kind", [Function, Operation])
@pytest.mark.parametrize("returned", [[1.0], "1", variable(1.0)], ids=["a list", "a string", "a variable"])
def test_a_forward_that_returns_no_array_is_named(kind, returned):
    class Wrong(kind):
        def forward(self, x):
            return returned

    with pytest.raises(TypeError, match=rf"Wrong\.forward must return .*, got {type(returned).__name__}"):
        Wrong()(variable(1.0))


@pytest.mark.parametrize("kind", [Function, Operation])
@pytest.mark.parametrize("number", [1, 1.0, True, np.float32(1.0)], ids=lambda n: type(n).__name__)
def test_a_forward_may_return_a_number(kind, number):
    class One(kind):
        def forward(self, x):
            return number

    y = One()(variable(1.0))

    assert type(y.data) is np.ndarray
    assert (y.data, y.shape) == (1, ())


def test_an_operation_without_a_rule_says_what_it_needs():
    class Ruleless(Operation):
        def forward(self, x):
            return x

    with pytest.raises(
        NotImplementedError, match=r"Ruleless needs a rule method: def rule\(self, gy, y, x\)"
    ):
        Ruleless()(variable(1.0)).backward()


@with_and_without_graph
def test_a_subclass_with_an_equality_and_no_hash_has_gradients(create_graph):
    class Equal(Variable):
        def __eq__(self, other):
            return True

    x, w = Equal(np.array(2.0)), Equal(np.array(3.0))

    (x * w + x).backward(create_graph=create_graph)

    assert Equal.__hash__ is None
    assert (x.grad.data, w.grad.data) == (4.0, 2.0)
    assert [g.data for g in grad(x * w, [x, w])] == [3.0, 2.0]
    assert len(list(dezero.past_of(x * w + x))) == 2


FITTING = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "Div": lambda a, b: a / b,
    "Power": lambda a, b: a**b,
    "Maximum": F.maximum,
    "Product": lambda a, b: type("Product", (Function,), {"forward": lambda self, a, b: a * b})()(a, b),
}


@pytest.mark.parametrize(("name", "operate"), FITTING.items(), ids=FITTING)
@pytest.mark.parametrize("other", [np.ones((2, 4)), Variable(np.ones((2, 4)))], ids=["array", "variable"])
def test_shapes_that_do_not_fit_are_told_at_the_operation_with_both(name, operate, other):
    message = rf"^{name} got shapes that do not fit, \(3,\) and \(2, 4\)$"
    with pytest.raises(ValueError, match=message):
        operate(Variable(np.ones(3)), other)


def test_an_error_inside_a_forward_whose_inputs_are_fine_comes_through():
    class Failing(Function):
        def forward(self, x):
            raise ValueError("my own")

    with pytest.raises(ValueError, match=r"^my own$"):
        Failing()(variable(1.0))


def test_an_error_of_a_forward_that_wants_two_different_shapes_comes_through():
    class Pick(Function):
        def forward(self, scores, labels):
            raise ValueError("a label is 7, and there are 3 classes")

    with pytest.raises(ValueError, match=r"^a label is 7, and there are 3 classes$"):
        Pick()(Variable(np.ones((4, 3))), np.array([0, 1, 2, 7]))


# --- no path, and the past of a gradient ----------------------------------------------------------


def test_where_no_path_leads_backward_leaves_none_and_grad_gives_zeros():
    x, y = variable(2.0, 3.0), variable(1.0, 1.0)
    f = x * x + 3 * y
    f.backward(create_graph=True)
    g = x.grad
    x.cleargrad()
    y.cleargrad()

    g.backward()

    assert x.grad.data.tolist() == [2.0, 2.0]
    assert y.grad is None
    assert grad(g, y).data.tolist() == [0.0, 0.0]


def test_grad_reads_and_changes_no_grad():
    x = variable(2.0)
    y = x * x
    x.grad, y.grad = kept = variable(7.0), variable(10.0)

    assert grad(y, x).data == 4.0
    assert (x.grad, y.grad) == kept
    assert x.grad is kept[0]


def test_grad_of_a_list_is_a_list_and_of_a_variable_a_variable():
    x, w = variable(2.0), variable(3.0)
    y = x * w

    assert [g.data for g in grad(y, [x, w])] == [3.0, 2.0]
    assert [g.data for g in grad(y, (w,))] == [2.0]
    assert type(grad(y, x)) is Variable
    assert grad(y, []) == []


def test_grad_gives_the_gradient_of_intermediate_variables_and_of_the_start():
    x = variable(2.0)
    a = x * x
    y = a * x

    assert [g.data for g in grad(y, [a, x, y])] == [2.0, 12.0, 1.0]


def test_only_with_create_graph_grad_can_be_asked_again():
    x = variable(2.0)

    plain, remembered = grad(x**3, x), grad(x**3, x, create_graph=True)

    assert plain.creator is None
    assert grad(remembered, x).data == 12.0
    assert grad(plain, x).data == 0.0


def test_grad_does_not_turn_the_switch():
    x = variable(2.0)
    y = x * x
    with dezero.no_grad():
        assert grad(grad(y, x, create_graph=True), x).data == 2.0
        assert dezero.Config.enable_backprop is False
    assert dezero.Config.enable_backprop is True
