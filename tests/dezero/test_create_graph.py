"""Backward with create_graph and without: what is remembered of the gradients, and what the switch says."""

import gc

import numpy as np
import pytest
from samples import (
    Broken,
    SumAndDifference,
    every_program,
    slope,
    variable,
    variables_of,
    with_and_without_graph,
)

import dezero.functions as F
from dezero import Config, Function, Operation, Variable, no_grad, past_of, using_config


def living_functions():
    return sum(isinstance(thing, Function) for thing in gc.get_objects())


@every_program
def test_without_create_graph_no_gradient_has_a_past(program):
    x, y = variable(1.0, 2.0), variable(3.0, 4.0)
    z = program(x, y)

    z.backward(retain_grad=True)

    assert all(v.grad.creator is None for v in variables_of(z))


@every_program
@pytest.mark.usefixtures("_collector_off")
def test_without_create_graph_no_function_is_left_behind(program):
    x, y = variable(1.0, 2.0), variable(3.0, 4.0)
    z = program(x, y)
    before = living_functions()

    z.backward(retain_grad=True)

    assert living_functions() == before


@every_program
def test_without_create_graph_no_function_remembers_its_inputs(program, monkeypatch):
    x, y = variable(1.0, 2.0), variable(3.0, 4.0)
    z = program(x, y)
    remembered = []

    def watched(call):
        def calling(self, *inputs):
            result = call(self, *inputs)
            outputs = result if isinstance(result, list) else [result]
            remembered.extend(output for output in outputs if output.creator is not None)
            return result

        return calling

    for kind in (Function, Operation):
        monkeypatch.setattr(kind, "__call__", watched(kind.__call__))

    z.backward()

    assert remembered == []


def test_create_graph_is_off_unless_asked_for():
    x = variable(2.0)

    (x * x).backward()

    assert x.grad.creator is None


def test_with_create_graph_a_gradient_has_a_past():
    x = variable(2.0)

    gx = slope(x * x * x, x)

    assert gx.creator is not None
    assert any(x in function.inputs for function in past_of(gx))


@pytest.mark.parametrize(
    ("program", "number"),
    [
        (lambda x: 2 * x, 0),  # gy * 2, of two constants
        (lambda x: x * x, 3),  # gy * x + gy * x
        (lambda x: F.square(x), 1),  # 2 * gy * x, where 2 * gy is a constant
        (lambda x: F.exp(x), 2),  # gy * exp(x)
        (lambda x: F.sin(x), 2),  # gy * cos(x)
        (lambda x: F.tanh(x), 2),  # the slope of tanh, and y = tanh(x)
        (lambda x: x**3, 2),  # gy * (3 * x ** 2)
    ],
    ids=["2 * x", "x * x", "square", "exp", "sin", "tanh", "x ** 3"],
)
def test_the_graph_of_a_gradient_is_no_larger_than_its_formula(program, number):
    x = variable(2.0)

    gx = slope(program(x), x)

    assert len(list(past_of(gx))) == number


@pytest.mark.parametrize("asked", [False, True])
def test_create_graph_alone_decides_whatever_the_switch_says(asked):
    x = variable(2.0)
    y = x * x

    with using_config("enable_backprop", not asked):
        y.backward(create_graph=asked)

    assert (x.grad.creator is not None) is asked


@with_and_without_graph
@pytest.mark.parametrize("enabled", [False, True])
def test_the_switch_is_after_backward_as_it_was_before(create_graph, enabled):
    y = variable(2.0) ** 2

    with using_config("enable_backprop", enabled):
        y.backward(create_graph=create_graph)

        assert Config.enable_backprop is enabled
    assert Config.enable_backprop is True


@with_and_without_graph
@pytest.mark.parametrize("enabled", [False, True])
def test_the_switch_is_after_a_failure_as_it_was_before(create_graph, enabled):
    y = Broken()(variable(2.0))

    with using_config("enable_backprop", enabled):
        with pytest.raises(ZeroDivisionError):
            y.backward(create_graph=create_graph)

        assert Config.enable_backprop is enabled


@with_and_without_graph
def test_a_wrong_first_gradient_leaves_the_switch_alone(create_graph):
    y = variable(2.0) ** 2
    y.grad = np.ones(3)

    with no_grad():
        with pytest.raises(ValueError, match="must have the shape"):
            y.backward(create_graph=create_graph)

        assert Config.enable_backprop is False


def test_a_result_without_a_past_has_a_gradient_without_one():
    with no_grad():
        y = variable(2.0) ** 2

    y.backward(create_graph=True)

    assert y.grad.data == 1.0
    assert y.grad.creator is None


def test_the_same_graph_may_be_walked_twice():
    x = variable(2.0)
    y = x**4

    first, second = slope(y, x), slope(y, x)

    assert first.data == second.data == 32.0
    assert slope(first, x).data == slope(second, x).data == 48.0


def test_the_graph_of_a_gradient_may_be_walked_twice():
    x = variable(2.0)
    gx = slope(x**4, x)

    assert slope(gx, x).data == slope(gx, x).data == 48.0


def test_a_second_derivative_may_go_through_one_function_in_both_orders():
    x = variable(2.0)
    y = F.exp(x)

    total = slope(y, x) * y  # exp(x)²

    assert np.allclose(slope(total, x).data, 2 * np.exp(4.0))


def test_a_gradient_that_does_not_depend_on_the_variable_gives_it_none():
    x = variable(2.0)

    assert slope(slope(3 * x, x), x) is None


@pytest.mark.parametrize("kept", [0, 1], ids=["sum", "difference"])
def test_a_dead_output_counts_as_zero_in_both_orders(kept):
    x, w = variable(1.0, 2.0), variable(3.0, 5.0)

    def program(x, w):
        return SumAndDifference()(x * x, w * w)[kept] ** 2

    gx = slope(program(x, w), x)  # 4 x (x² ± w²)
    w.cleargrad()
    gx.backward()

    sign = 1 - 2 * kept
    assert np.allclose(gx.data, 4 * x.data * (x.data**2 + sign * w.data**2))
    assert np.allclose(x.grad.data, 12 * x.data**2 + sign * 4 * w.data**2)
    assert np.allclose(w.grad.data, sign * 8 * x.data * w.data)


@pytest.mark.parametrize("seed", range(10))
def test_a_hessian_is_symmetric(seed):
    x, y = (Variable(np.random.default_rng([seed, i]).uniform(0.5, 1.5, 3)) for i in range(2))

    def program():
        return F.sin(x * y) * F.tanh(x / y) + F.exp(-x) ** y.data[0] * y**3 - x * y

    gx, gy = slope(program(), x), slope(program(), y)

    assert np.allclose(slope(gx, y).data, slope(gy, x).data, rtol=1e-10)
