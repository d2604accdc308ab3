"""A backward that fails changes nothing, and slips are told with the way out."""

import numpy as np
import pytest
from samples import Broken, Same, slope, variable, with_and_without_graph

import dezero.functions as F
from dezero import Variable, core_simple


@with_and_without_graph
@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_a_backward_that_fails_leaves_every_gradient_as_it_was(create_graph, error):
    class Failing(Broken):
        def backward(self, gy):
            raise error

    x, w = variable(1.0, 2.0), variable(3.0, 4.0)
    x.grad = kept = Variable(np.array([7.0, 7.0]))
    a = w * 2.0
    b = Failing()(a)
    z = b * x
    z.grad = start = np.array([1.0, 2.0])

    with pytest.raises(error):
        z.backward(retain_grad=True, create_graph=create_graph)

    assert x.grad is kept
    assert kept.data.tolist() == [7.0, 7.0]
    assert z.grad is start
    assert (a.grad, b.grad, w.grad) == (None, None, None)


def test_a_second_order_that_fails_leaves_the_first():
    x = variable(2.0)
    (x**3).backward(create_graph=True)
    gx = x.grad
    z = Broken()(gx) * x

    with pytest.raises(ZeroDivisionError):
        z.backward(create_graph=True)

    assert x.grad is gx
    assert slope(gx, x).data == 12.0  # 6 x


@pytest.mark.parametrize("returned", [lambda x, gy: x.data * gy.data, lambda x, gy: np.cos(x.data)])
def test_an_array_from_backward_is_refused_where_a_graph_is_asked_for(returned):
    x = variable(1.0, 2.0)
    y = Same(lambda function, gy: returned(function.inputs[0], gy))(x)

    with pytest.raises(TypeError, match=r"Same\.backward must compute with variables, and returned ndarray"):
        y.backward(create_graph=True)

    assert (x.grad, y.grad) == (None, None)
    y.backward()
    assert x.grad is not None


def test_the_refusal_of_an_array_shows_the_way_out():
    y = Same(lambda function, gy: gy.data)(variable(1.0))

    with pytest.raises(TypeError, match=r"use self\.inputs\[0\] where it uses self\.inputs\[0\]\.data"):
        y.backward(create_graph=True)


@with_and_without_graph
@pytest.mark.parametrize("gradient", ["1", [1.0, 1.0]], ids=["a string", "a list"])
def test_a_gradient_that_is_none_of_them_is_refused_with_the_function(gradient, create_graph):
    y = Same(lambda function, gy: gradient)(variable(1.0, 2.0))

    with pytest.raises(TypeError, match=r"Same\.backward must return variables, arrays or numbers, got"):
        y.backward(create_graph=create_graph)


@with_and_without_graph
def test_a_gradient_of_another_shape_is_refused_with_the_function(create_graph):
    y = Same(lambda function, gy: Variable(np.ones(3)))(variable(1.0, 2.0))

    with pytest.raises(
        ValueError, match=r"a gradient from Same must have the shape of its variable, \(2,\), got \(3,\)"
    ):
        y.backward(create_graph=create_graph)


@pytest.mark.parametrize(
    ("name", "returned"),
    [
        ("append", lambda x, gy: np.append(gy, 0.0)),
        ("cumsum", lambda x, gy: np.cumsum(gy)),
    ],
    ids=["np.append", "np.cumsum"],
)
def test_a_function_of_numpy_that_knows_no_variables_says_so_in_a_backward(name, returned):
    y = Same(lambda function, gy: returned(function.inputs[0].data, gy))(variable(1.0, -1.0))

    with pytest.raises(TypeError, match=rf"np\.{name} does not take variables.* take x\.data, an array"):
        y.backward()


@with_and_without_graph
def test_an_array_of_objects_is_refused_with_the_function_and_a_way_out(create_graph):
    def boxed(gy):
        array = np.empty(2, object)
        array[0] = array[1] = gy
        return array

    y = Same(lambda function, gy: boxed(gy))(variable(1.0, -1.0))

    with pytest.raises(TypeError, match=r"Same\.backward must return numbers, got an array of objects"):
        y.backward(create_graph=create_graph)


def test_a_variable_of_the_first_engine_is_refused_with_its_module():
    x = core_simple.Variable(np.array([1.0, 2.0]))

    with pytest.raises(
        TypeError, match=r"Sin needs .* got Variable of dezero\.core_simple; the engines do not mix"
    ):
        F.sin(x)
    with pytest.raises(TypeError, match="the engines do not mix"):
        variable(1.0, 2.0) * x


def test_data_that_became_a_variable_is_refused_with_a_way_out():
    x = variable(1.0, 2.0)
    (x * x).backward()
    x.data = x.data - 0.1 * x.grad  # the gradient, not its data

    with pytest.raises(TypeError, match=r"data must be an array: x\.data = x\.data - rate \* x\.grad\.data"):
        x * x


@pytest.mark.parametrize("first", [True, False], ids=["met first", "met last"])
@with_and_without_graph
def test_a_grad_of_a_wrong_shape_on_one_leaf_leaves_the_others_as_they_were(first, create_graph):
    a, b = Variable(np.array(2.0)), Variable(np.array(3.0))
    b.grad = wrong = Variable(np.ones(3))

    with pytest.raises(ValueError, match="a grad must have the shape of its variable"):
        (b * a if first else a * b).backward(create_graph=create_graph)
    assert (a.grad, b.grad is wrong) == (None, True)


@with_and_without_graph
def test_an_input_may_be_said_to_have_no_gradient(create_graph):
    x = variable(1.0, 2.0)

    Same(lambda function, gy: (None,))(x).backward(create_graph=create_graph)

    assert x.grad is None
