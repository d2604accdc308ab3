"""Where backward starts, and gradients that the reader sets by hand."""

import numpy as np
import pytest
from samples import SumAndDifference, slope, variable, with_and_without_graph

import dezero.functions as F
from dezero import Variable


@with_and_without_graph
@pytest.mark.parametrize(
    "first",
    [np.array([10.0, -1.0]), Variable(np.array([10.0, -1.0])), Variable(np.array([10.0, -1.0])) * 1.0],
    ids=["an array", "a variable", "a computed variable"],
)
def test_the_first_gradient_may_be_set(first, create_graph):
    x = variable(1.0, 2.0)
    y = x**2
    y.grad = first

    y.backward(create_graph=create_graph)

    assert x.grad.data.tolist() == [20.0, -4.0]


@with_and_without_graph
@pytest.mark.parametrize("first", [0.5, 1, np.float64(0.5), np.array(0.5)], ids=repr)
def test_a_number_will_do_as_the_first_gradient_of_a_variable_without_axes(first, create_graph):
    x = variable(3.0)
    y = x**2
    y.grad = first

    y.backward(create_graph=create_graph)

    assert x.grad.data == 6.0 * first


@pytest.mark.parametrize("first", [np.array(2.0), Variable(np.array(2.0))], ids=["an array", "a variable"])
def test_the_first_gradient_is_a_factor_in_both_orders(first):
    x = variable(3.0)
    y = x**3
    y.grad = first

    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    gx.backward()

    assert (gx.data, x.grad.data) == (2 * 27.0, 2 * 18.0)


@with_and_without_graph
@pytest.mark.parametrize(
    "first",
    [np.ones(3), np.array(1.0), Variable(np.ones((1, 2))), Variable(np.array(1.0)), 1.0],
    ids=["(3,)", "()", "a variable (1, 2)", "a variable ()", "a number"],
)
def test_a_first_gradient_of_another_shape_is_refused(first, create_graph):
    x = variable(1.0, 2.0)
    y = x**2
    y.grad = first

    with pytest.raises(ValueError, match=r"a grad must have the shape of its variable, \(2,\), got \("):
        y.backward(create_graph=create_graph)

    assert y.grad is first
    assert x.grad is None


@with_and_without_graph
@pytest.mark.parametrize("first", [[1.0, 1.0], "1", (1.0,), {}], ids=lambda first: type(first).__name__)
def test_a_first_gradient_of_another_type_is_refused_with_what_is_accepted(first, create_graph):
    y = variable(1.0, 2.0) ** 2
    y.grad = first

    with pytest.raises(TypeError, match="a grad must be a variable, an array or a number, got"):
        y.backward(create_graph=create_graph)

    assert y.grad is first


@with_and_without_graph
@pytest.mark.parametrize("boxed", [False, True], ids=["an array", "a variable"])
def test_the_first_gradient_takes_the_dtype_of_its_variable(create_graph, boxed):
    x = Variable(np.ones(2, np.float32))
    y = x * x
    first = np.array([1.0, 2.0])
    y.grad = Variable(first) if boxed else first

    y.backward(retain_grad=True, create_graph=create_graph)

    assert (y.grad.dtype, x.grad.dtype) == (np.float32, np.float32)
    assert x.grad.data.tolist() == [2.0, 4.0]


@with_and_without_graph
def test_backward_writes_neither_into_the_array_that_was_set_nor_shares_it(create_graph):
    x = variable(1.0, 2.0)
    first = np.array([1.0, 1.0])
    y = x + x
    y.grad = first

    y.backward(create_graph=create_graph)
    x.grad.data += 1

    assert first.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize(
    "program", [lambda x: x**3 + F.sin(x), lambda x: x + x, lambda x: -x, lambda x: x / 2]
)
def test_a_gradient_is_linear_in_the_first_gradient_and_remembers_it(program, dtype):
    x, u = Variable(np.array([1.0, 2.0])), Variable(np.array([0.0, 0.0], dtype))
    y = program(x)
    y.grad = u
    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    u.cleargrad()

    gx.backward()  # by u: the slope of the program, whatever u is

    assert u.grad.dtype == dtype
    assert np.allclose(u.grad.data, slope(program(x), x).data)


def test_two_passes_back_are_one_pass_forward():
    """The trick of the double backward: a product of the Jacobian and v, without forward mode."""
    x = variable(0.5, 1.5)
    v, u = np.array([2.0, -1.0]), Variable(np.zeros(2))
    y = F.sin(x) * x
    y.grad = u
    y.backward(create_graph=True)
    gx = x.grad
    gx.grad = v

    gx.backward()

    assert np.allclose(u.grad.data, (np.cos(x.data) * x.data + np.sin(x.data)) * v)


def test_a_first_gradient_with_a_past_gives_gradients_to_its_leaves():
    x, w = variable(3.0), variable(5.0)
    y = x**2
    y.grad = w * w
    y.backward(create_graph=True)  # gx = 2 x w²
    gx = x.grad
    x.cleargrad()
    w.cleargrad()

    gx.backward()

    assert gx.data == 150.0
    assert (x.grad.data, w.grad.data) == (50.0, 60.0)


def test_without_create_graph_a_first_gradient_with_a_past_keeps_it_to_itself():
    x, w = variable(3.0), variable(5.0)
    y = x + x
    y.grad = w * w

    y.backward()

    assert x.grad.data == 50.0
    assert x.grad.creator is None
    assert w.grad is None


def test_the_gradient_of_the_variable_itself_may_be_the_variable():
    x = variable(3.0)
    y = x**2
    y.grad = x  # gx = 2 x²

    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    gx.backward()

    assert (gx.data, x.grad.data) == (18.0, 12.0)


@with_and_without_graph
@pytest.mark.parametrize(
    "kept", [np.array([7.0, 7.0]), Variable(np.array([7.0, 7.0]))], ids=["array", "variable"]
)
def test_a_gradient_may_be_added_to_one_that_the_reader_set(kept, create_graph):
    x = variable(1.0, 2.0)
    x.grad = kept

    (x**2).backward(create_graph=create_graph)

    assert type(x.grad) is Variable
    assert x.grad.data.tolist() == [9.0, 11.0]


@with_and_without_graph
@pytest.mark.parametrize("kept", [np.ones(3), Variable(np.array(1.0)), 1.0], ids=["(3,)", "()", "a number"])
def test_adding_to_a_gradient_of_another_shape_is_refused(kept, create_graph):
    x = variable(1.0, 2.0)
    x.grad = kept

    with pytest.raises(ValueError, match=r"a grad must have the shape of its variable, \(2,\), got"):
        (x**2).backward(create_graph=create_graph)

    assert x.grad is kept


def test_adding_to_what_is_no_gradient_is_refused_with_what_is_accepted():
    x = variable(1.0, 2.0)
    x.grad = [1.0, 2.0]

    with pytest.raises(TypeError, match="a grad must be a variable, an array or a number, got list"):
        (x**2).backward()


@with_and_without_graph
def test_a_gradient_that_the_reader_set_takes_the_dtype_of_its_variable(create_graph):
    x = Variable(np.ones(2, np.float32))
    x.grad = np.ones(2)

    (x * x).backward(create_graph=create_graph)

    assert x.grad.dtype == np.float32


@with_and_without_graph
@pytest.mark.parametrize("kept", [0, 1])
def test_a_gradient_set_on_another_output_neither_counts_nor_is_changed(kept, create_graph):
    x, w = variable(1.0, 2.0), variable(3.0, 4.0)
    outputs = SumAndDifference()(x, w)
    outputs[1 - kept].grad = other = Variable(np.array([5.0, 5.0]))

    outputs[kept].backward(create_graph=create_graph)

    assert x.grad.data.tolist() == [1.0, 1.0]
    assert outputs[1 - kept].grad is other
    assert other.data.tolist() == [5.0, 5.0]
