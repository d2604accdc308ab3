"""Backward in both engines: where it starts, who gets a gradient, and in which dtype."""

import numpy as np
import pytest

from dezero import core_simple


def test_a_variable_that_nothing_computed_has_the_gradient_one_for_itself(engine):
    x = engine.variable(1.0, 2.0)

    x.backward()

    assert engine.gradient(x).tolist() == [1.0, 1.0]


def test_a_result_made_under_no_grad_has_no_past(engine):
    x = engine.variable(2.0)
    with engine.no_grad():
        y = engine.square(x)

    y.backward()

    assert engine.gradient(y) == 1.0
    assert x.grad is None


def test_a_function_of_the_reader_remembers_nothing_under_no_grad(engine):
    x = engine.variable(2.0)

    with engine.no_grad():
        outputs = [engine.Double()(x), *engine.SumAndDifference()(x, x)]

    assert [y.creator for y in outputs] == [None] * 3


def test_a_graph_made_before_can_go_back_under_no_grad(engine):
    x = engine.variable(2.0)
    y = engine.square(x)

    with engine.no_grad():
        y.backward()

    assert engine.gradient(x) == 4.0


def test_twice_in_a_row_doubles_the_gradient_of_a_leaf(engine):
    x = engine.variable(2.0)
    y = engine.square(engine.square(x))

    y.backward()
    y.backward()

    assert engine.gradient(x) == 64.0  # twice 4 x³


def test_gradients_that_were_retained_are_in_the_way_until_they_are_cleared(engine):
    x = engine.variable(2.0)
    a = engine.square(x)
    y = engine.square(a)
    y.backward(retain_grad=True)
    x.cleargrad()
    a.cleargrad()
    y.cleargrad()

    y.backward()

    assert engine.gradient(x) == 32.0  # 4 x³


def test_retain_grad_keeps_the_gradients_of_computed_variables(engine):
    x = engine.variable(2.0)
    a = engine.square(x)
    y = engine.square(a)

    y.backward(retain_grad=True)

    assert (engine.gradient(y), engine.gradient(a), engine.gradient(x)) == (1.0, 8.0, 32.0)


def test_cleargrad_starts_from_none(engine):
    x = engine.variable(3.0)
    engine.add(x, x).backward()
    x.cleargrad()

    engine.add(engine.add(x, x), x).backward()

    assert engine.gradient(x) == 3.0


def test_the_gradient_that_the_reader_sets_is_where_it_starts(engine):
    x = engine.variable(1.0, 2.0)
    y = engine.square(x)
    y.grad = np.array([10.0, 0.0])

    y.backward()

    assert engine.gradient(x).tolist() == [20.0, 0.0]


def test_a_number_will_do_as_the_first_gradient_of_a_variable_without_axes(engine):
    x = engine.variable(3.0)
    y = engine.square(x)
    y.grad = 0.5

    y.backward()

    assert engine.gradient(x) == 3.0


def test_the_first_engine_gives_a_stretched_variable_no_gradient_but_an_error():
    x = core_simple.Variable(np.array(3.0))
    y = x * np.ones(4)

    message = r"Mul\.backward must have .* its variable, \(\), got \(4,\); give the operands one shape"
    with pytest.raises(ValueError, match=message):
        y.backward()
    assert x.grad is None


def test_stretching_a_constant_is_fine(engine):
    x = engine.variable(1.0, 2.0)

    (x * 2.0 + np.array(1.0)).backward()

    assert engine.gradient(x).tolist() == [2.0, 2.0]


def test_a_backward_that_fails_is_no_secret(engine):
    class Interrupted(engine.Double):
        def backward(self, gy):
            raise KeyboardInterrupt

    y = engine.add(engine.variable(1.0), Interrupted()(engine.variable(1.0)))

    with pytest.raises(KeyboardInterrupt):
        y.backward()


def test_a_constant_gets_no_gradient(engine):
    x = engine.variable(1.0, 2.0)
    y = x * 3.0

    y.backward(retain_grad=True)

    assert y.creator.inputs[1].grad is None


def test_a_variable_that_the_reader_made_does_get_one(engine):
    x, w = engine.variable(1.0, 2.0), engine.Variable(np.array([3.0, 3.0]))

    (x * w).backward()

    assert engine.gradient(w).tolist() == [1.0, 2.0]


def test_an_integer_variable_has_a_slope_with_a_fraction(engine):
    x = engine.Variable(np.array([1, 2]))

    (x * 2.5).backward()

    assert engine.gradient(x).tolist() == [2.5, 2.5]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, bool], ids=lambda dtype: dtype.__name__)
def test_the_gradient_of_a_variable_that_is_no_float_is_float64(engine, dtype):
    x = engine.Variable(np.array([1, 0], dtype))

    (x * x).backward()

    assert engine.gradient(x).dtype == np.float64


def test_a_slope_beside_unsigned_integers_keeps_its_sign(engine):
    x = engine.Variable(np.array([1, 2], np.uint8))

    (5 - x).backward()

    assert engine.gradient(x).tolist() == [-1.0, -1.0]


def test_a_slope_does_not_overflow_where_the_result_does_not(engine):
    x, w = engine.Variable(np.array([2], np.uint8)), engine.Variable(np.array([20], np.uint8))

    (x**7 + 40 / w).backward()

    assert engine.gradient(x).tolist() == [448.0]  # 7 x⁶
    assert np.allclose(engine.gradient(w), -0.1)  # -40 / w²


def test_an_integer_variable_goes_through_every_operation(engine):
    x = engine.Variable(np.array(2))

    y = (x**3 + 2 * x - 1) / x + engine.exp(x) - x * x
    y.backward()

    assert np.allclose(y.data, (8 + 4 - 1) / 2 + np.exp(2) - 4)
    assert np.allclose(engine.gradient(x), 2 * 2 + 1 / 4 + np.exp(2) - 2 * 2)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)], ids=str)
def test_no_elements_are_no_trouble(engine, shape):
    x = engine.Variable(np.zeros(shape))

    y = engine.exp(x) * x + 2 * x - x / 3 + x**2
    y.backward()

    assert y.shape == engine.gradient(x).shape == shape
