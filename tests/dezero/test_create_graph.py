"""Backward with and without create_graph: what is remembered, added up, shared, restored."""

import gc

import numpy as np
import pytest

import dezero.functions as F
from dezero import Config, Function, Variable, core_simple, no_grad, past_of, using_config
from dezero.core import Constant


def variable(*numbers):
    return Variable(np.array(numbers if len(numbers) > 1 else numbers[0]))


def slope(y, x):
    """Return dy/dx as a variable with its past, and leave no gradient behind in x."""
    x.cleargrad()
    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    return gx


@pytest.fixture
def _frozen():
    gc.collect()
    gc.disable()
    gc.freeze()
    yield
    gc.unfreeze()
    gc.enable()


def living_functions():
    return sum(isinstance(thing, Function) for thing in gc.get_objects())


def variables_of(*ys):
    """Return the ys and every variable in their past, constants left out."""
    found = {id(y): y for y in ys}
    for y in ys:
        for function in past_of(y):
            found.update((id(x), x) for x in function.inputs if not isinstance(x, Constant))
    return list(found.values())


class SumAndDifference(Function):
    def forward(self, x0, x1):
        return x0 + x1, x0 - x1

    def backward(self, gsum, gdifference):
        return gsum + gdifference, gsum - gdifference


class Broken(Function):
    """Twice x, with a way back that fails."""

    def forward(self, x):
        return 2 * x

    def backward(self, gy):
        raise ZeroDivisionError


PROGRAMS = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "-x": lambda x, y: -x + 0 * y,
    "x * y": lambda x, y: x * y,
    "x / y": lambda x, y: x / y,
    "x ** 3": lambda x, y: x**3 + y,
    "x ** 0": lambda x, y: x**0 + y**1,
    "2 ** x": lambda x, y: 2**x + y,
    "functions": lambda x, y: F.sin(x) * F.cos(y) + F.tanh(x * y) + F.exp(x) - F.square(y),
    "a diamond": lambda x, y: (x + y) * (x + y) + (x + y),
    "a sum of one variable": lambda x, y: x + x + x + y + y,
    "two outputs": lambda x, y: SumAndDifference()(x, y)[0] * SumAndDifference()(y, x)[1],
    "float32": lambda x, y: x * np.ones(2, np.float32) + y * np.float32(2.0),
}
every_program = pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
with_and_without_graph = pytest.mark.parametrize("create_graph", [False, True], ids=["plain", "create_graph"])


# --- the graph of the gradients -------------------------------------------------------------------


@every_program
def test_without_create_graph_no_gradient_has_a_past(program):
    x, y = variable(1.0, 2.0), variable(3.0, 4.0)
    z = program(x, y)

    z.backward(retain_grad=True)

    assert all(v.grad.creator is None for v in variables_of(z))


@every_program
@pytest.mark.usefixtures("_frozen")
def test_without_create_graph_no_function_is_left_behind(program):
    x, y = variable(1.0, 2.0), variable(3.0, 4.0)
    z = program(x, y)
    before = living_functions()

    z.backward(retain_grad=True)

    assert living_functions() == before


@every_program
def test_without_create_graph_no_function_remembers_its_inputs(program, monkeypatch):
    remembered = []
    monkeypatch.setattr(Variable, "set_creator", lambda self, function: remembered.append(function))
    x, y = variable(1.0, 2.0), variable(3.0, 4.0)
    z = program(x, y)
    remembered.clear()

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
        (lambda x: 2 * x, 1),  # gy * 2
        (lambda x: x * x, 3),  # gy * x + gy * x
        (lambda x: F.square(x), 2),  # 2 * x * gy
        (lambda x: F.exp(x), 2),  # gy * exp(x)
        (lambda x: F.sin(x), 2),  # gy * cos(x)
        (lambda x: F.tanh(x), 4),  # gy * (1 - y * y), and y = tanh(x)
        (lambda x: x**3, 4 - 1),  # 3 * gy * x ** 2
    ],
    ids=["2 * x", "x * x", "square", "exp", "sin", "tanh", "x ** 3"],
)
def test_the_graph_of_a_gradient_is_no_larger_than_its_formula(program, number):
    x = variable(2.0)

    gx = slope(program(x), x)

    assert len(list(past_of(gx))) == number


@pytest.mark.parametrize(
    "program", [lambda x: x * x, lambda x: SumAndDifference()(x * x, x)[1] ** 2], ids=["ones", "zeros"]
)
def test_the_ones_and_zeros_that_backward_starts_from_get_no_gradient(program):
    x = variable(1.0, 2.0)
    gx = slope(program(x), x)

    gx.backward()

    leaves = [v for function in past_of(gx) for v in function.inputs if v.creator is None]
    assert [v for v in leaves if v.grad is not None and v is not x] == []


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


# --- adding up ------------------------------------------------------------------------------------


@with_and_without_graph
def test_two_passes_add_up(create_graph):
    x = variable(2.0)

    (x**2).backward(create_graph=create_graph)
    (x**3).backward(create_graph=create_graph)

    assert x.grad.data == 4.0 + 12.0


@with_and_without_graph
def test_cleared_between_two_passes_only_the_second_counts(create_graph):
    x = variable(2.0)

    (x**2).backward(create_graph=create_graph)
    x.cleargrad()
    (x**3).backward(create_graph=create_graph)

    assert x.grad.data == 12.0


def test_the_sum_of_two_passes_remembers_both():
    x = variable(2.0)
    (x**2).backward(create_graph=True)
    (x**3).backward(create_graph=True)

    assert slope(x.grad, x).data == 2.0 + 12.0


def test_a_second_pass_without_cleargrad_adds_the_second_derivative_to_the_first():
    x = variable(2.0)
    (x**3).backward(create_graph=True)

    x.grad.backward()

    assert x.grad.data == 12.0 + 12.0  # 3 x² + 6 x


def test_a_plain_pass_onto_a_remembered_gradient_forgets_the_past():
    x = variable(2.0)
    (x**2).backward(create_graph=True)

    (x**3).backward()

    assert x.grad.data == 16.0
    assert x.grad.creator is None


def test_a_gradient_that_was_read_keeps_its_value_and_its_past():
    x = variable(2.0)
    (x**3).backward(create_graph=True)
    gx = x.grad

    (x**2).backward(create_graph=True)

    assert gx.data == 12.0
    assert slope(gx, x).data == 12.0


@with_and_without_graph
def test_retained_gradients_are_variables_of_their_own(create_graph):
    x = variable(2.0)
    a = x**2
    y = a**2

    y.backward(retain_grad=True, create_graph=create_graph)

    assert [type(v.grad) for v in (x, a)] == [Variable] * 2
    assert (y.grad.data, a.grad.data, x.grad.data) == (1.0, 8.0, 32.0)
    assert (a.grad.creator is not None) is create_graph


@with_and_without_graph
def test_gradients_of_computed_variables_are_dropped_once_used(create_graph):
    x = variable(2.0)
    a = x**2
    y = a**2

    y.backward(create_graph=create_graph)
    gx = x.grad
    x.cleargrad()
    gx.backward(create_graph=create_graph)

    assert (a.grad, y.grad) == (None, None)
    if create_graph:
        assert gx.grad is None


def test_a_retained_gradient_can_be_asked_for_gradients():
    x = variable(2.0)
    a = x**2
    (a**3).backward(retain_grad=True, create_graph=True)
    ga = a.grad  # 3 a²
    x.cleargrad()
    a.cleargrad()

    ga.backward(retain_grad=True)

    assert a.grad.data == 6 * 4.0
    assert x.grad.data == 6 * 4.0 * 2 * 2.0


def test_retained_gradients_are_in_the_way_of_the_second_order_until_they_are_cleared():
    x = variable(2.0)
    a = x**2
    y = a**2
    y.backward(retain_grad=True, create_graph=True)
    gx = x.grad
    for v in (x, a, y):
        v.cleargrad()

    gx.backward()

    assert x.grad.data == 48.0  # 12 x²


# --- memory of its own ----------------------------------------------------------------------------


@every_program
@with_and_without_graph
def test_no_two_variables_share_a_gradient_or_its_memory(program, create_graph):
    x, y = variable(1.0, 2.0), variable(3.0, 4.0)
    z = program(x, y)

    z.backward(retain_grad=True, create_graph=create_graph)

    variables = variables_of(z)
    arrays = [v.grad.data for v in variables] + [v.data for v in variables]
    assert len({id(v.grad) for v in variables}) == len(variables)
    assert not any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])


@every_program
def test_no_two_variables_share_a_gradient_of_second_order(program):
    x, y = variable(1.0, 2.0), variable(3.0, 4.0)
    z = program(x, y)
    z.backward(create_graph=True)
    gx, gy = x.grad, y.grad
    x.cleargrad()
    y.cleargrad()

    (gx + gy).backward(create_graph=True)

    arrays = [v.data for v in (gx, gy, x, y)] + [v.grad.data for v in (x, y) if v.grad is not None]
    assert not any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])


@every_program
@with_and_without_graph
def test_editing_one_gradient_in_place_changes_no_other(program, create_graph):
    x, y = variable(1.0, 2.0), variable(3.0, 4.0)
    z = program(x, y)
    z.backward(retain_grad=True, create_graph=create_graph)
    variables = variables_of(z)
    before = [v.grad.data.copy() for v in variables]

    for number, v in enumerate(variables, 1):
        v.grad.data += number

    for number, (v, gradient) in enumerate(zip(variables, before, strict=True), 1):
        assert v.grad.data.tolist() == (gradient + number).tolist()


class Same(Function):
    """x itself; what its backward hands out is the test's."""

    kept = Variable(np.array([1.0, 1.0]))

    def __init__(self, choose):
        self.choose = choose

    def forward(self, x):
        return x + 0.0

    def backward(self, gy):
        return self.choose(self, gy)


class View(Function):
    """x itself, in the memory of x."""

    def forward(self, x):
        return x[:]

    def backward(self, gy):
        return View()(gy)


HANDED_OUT = {
    "gy": lambda function, gy: gy,
    "an input": lambda function, gy: function.inputs[0],
    "the output": lambda function, gy: function.outputs[0](),
    "a view of gy": lambda function, gy: Variable(gy.data[:]),
    "gy turned round": lambda function, gy: Variable(gy.data[::-1]),
    "a view of an input": lambda function, gy: Variable(function.inputs[0].data[:]),
    "a view of the output": lambda function, gy: Variable(function.outputs[0]().data[::-1]),
    "a computed view of gy": lambda function, gy: View()(gy),
    "a computed view of an input": lambda function, gy: View()(function.inputs[0]),
    "a variable that it keeps": lambda function, gy: function.kept,
}


@pytest.mark.parametrize("handed_out", HANDED_OUT.values(), ids=HANDED_OUT)
@with_and_without_graph
@pytest.mark.parametrize("shape", [(2,), (0,)], ids=str)
def test_whatever_a_function_hands_out_its_gradient_is_its_own(handed_out, create_graph, shape):
    a, b = Variable(np.ones(shape)), Variable(np.ones(shape))
    Same.kept = Variable(np.ones(shape))
    c, d = Same(handed_out)(a), Same(handed_out)(b)
    z = c + d

    z.backward(retain_grad=True, create_graph=create_graph)

    variables = [a, b, c, d, z]
    gradients = [v.grad for v in variables]
    arrays = [v.data for v in [*variables, *gradients, Same.kept]]
    assert len({id(v) for v in [*variables, *gradients, Same.kept]}) == 11
    assert not any(np.shares_memory(p, q) for i, p in enumerate(arrays) for q in arrays[:i])


@with_and_without_graph
def test_one_computed_gradient_for_two_inputs_becomes_two(create_graph):
    class Twice(Function):
        def forward(self, x0, x1):
            return 2 * x0 + 2 * x1

        def backward(self, gy):
            gx = 2 * gy
            return gx, gx

    a, b = variable(1.0, 2.0), variable(3.0, 4.0)

    Twice()(a, b).backward(create_graph=create_graph)

    assert a.grad is not b.grad
    assert not np.shares_memory(a.grad.data, b.grad.data)
    assert (a.grad.data.tolist(), b.grad.data.tolist()) == ([2.0, 2.0], [2.0, 2.0])


def test_arrays_that_a_function_hands_out_are_copied():
    x = variable(1.0, 2.0)
    kept = np.array([5.0, 6.0])
    y = Same(lambda function, gy: kept)(x)

    y.backward()
    x.grad.data += 1

    assert kept.tolist() == [5.0, 6.0]


def test_without_create_graph_a_gradient_that_a_function_keeps_comes_without_its_past():
    x = variable(1.0, 2.0)
    y = Same(lambda function, gy: function.outputs[0]())(x)

    y.backward()

    assert x.grad.creator is None


# --- where it starts ------------------------------------------------------------------------------


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

    with pytest.raises(ValueError, match=r"the grad that backward starts from must have the shape .* \(2,\)"):
        y.backward(create_graph=create_graph)

    assert y.grad is first
    assert x.grad is None


@with_and_without_graph
@pytest.mark.parametrize("first", [[1.0, 1.0], "1", (1.0,), {}], ids=lambda first: type(first).__name__)
def test_a_first_gradient_of_another_type_is_refused_with_what_is_accepted(first, create_graph):
    y = variable(1.0, 2.0) ** 2
    y.grad = first

    with pytest.raises((TypeError, ValueError), match="the grad that backward starts from must"):
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


# --- all or nothing -------------------------------------------------------------------------------


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
@pytest.mark.parametrize("gradient", [None, "1", [1.0, 1.0]], ids=["None", "a string", "a list"])
def test_a_gradient_that_is_none_of_them_is_refused_with_the_function(gradient, create_graph):
    y = Same(lambda function, gy: gradient)(variable(1.0, 2.0))

    with pytest.raises((TypeError, ValueError), match=r"Same\.backward must"):
        y.backward(create_graph=create_graph)


@with_and_without_graph
def test_a_gradient_of_another_shape_is_refused_with_the_function(create_graph):
    y = Same(lambda function, gy: Variable(np.ones(3)))(variable(1.0, 2.0))

    with pytest.raises(
        ValueError, match=r"Same\.backward must have the shape of its variable, \(2,\), got \(3,\)"
    ):
        y.backward(create_graph=create_graph)


@with_and_without_graph
@pytest.mark.parametrize("kept", [0, 1])
def test_a_gradient_set_on_another_output_joins_in(kept, create_graph):
    x, w = variable(1.0, 2.0), variable(3.0, 4.0)
    outputs = SumAndDifference()(x, w)
    outputs[1 - kept].grad = Variable(np.array([5.0, 5.0]))

    outputs[kept].backward(create_graph=create_graph)

    assert x.grad.data.tolist() == [6.0, 6.0]


# --- gradients that the reader sets elsewhere -----------------------------------------------------


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

    with pytest.raises(
        ValueError, match=r"the grad that backward adds to must have the shape .*, \(2,\), got"
    ):
        (x**2).backward(create_graph=create_graph)

    assert x.grad is kept


def test_adding_to_what_is_no_gradient_is_refused_with_what_is_accepted():
    x = variable(1.0, 2.0)
    x.grad = [1.0, 2.0]

    with pytest.raises(TypeError, match="adds to must be a variable, an array or a number, got list"):
        (x**2).backward()


@with_and_without_graph
def test_a_gradient_that_the_reader_set_takes_the_dtype_of_its_variable(create_graph):
    x = Variable(np.ones(2, np.float32))
    x.grad = np.ones(2)

    (x * x).backward(create_graph=create_graph)

    assert x.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("gradient", "error", "message"),
    [
        ([1.0, 2.0], TypeError, "the grad of an output must be a variable, an array or a number, got list"),
        (
            np.ones(3),
            ValueError,
            r"the grad of an output must have the shape of its variable, \(2,\), got \(3,\)",
        ),
        (5.0, ValueError, r"the grad of an output must have the shape of its variable, \(2,\), got \(\)"),
    ],
    ids=["a list", "another shape", "a number"],
)
def test_a_wrong_gradient_on_another_output_is_refused(gradient, error, message):
    total, difference = SumAndDifference()(variable(1.0, 2.0), variable(3.0, 4.0))
    difference.grad = gradient

    with pytest.raises(error, match=message):
        total.backward()


# --- slips ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "returned",
    [lambda x, gy: np.where(x > 0, gy, 0.0), lambda x, gy: np.broadcast_to(gy, x.shape)],
    ids=["np.where", "np.broadcast_to"],
)
def test_an_array_of_objects_is_refused_with_the_function_and_a_way_out(returned):
    y = Same(lambda function, gy: returned(function.inputs[0].data, gy))(variable(1.0, -1.0))

    with pytest.raises(
        TypeError, match=r"a gradient from Same\.backward must be .*NumPy's functions need gy\.data"
    ):
        y.backward()


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


def test_a_step_in_place_with_a_variable_is_refused():
    x = variable(1.0, 2.0)
    (x * x).backward()

    with pytest.raises(TypeError, match="operand 'Variable' does not support ufuncs"):
        x.data -= 0.1 * x.grad

    assert x.data.tolist() == [1.0, 2.0]
