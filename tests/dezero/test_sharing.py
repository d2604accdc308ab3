"""Gradients in memory of their own: nothing shares it with another gradient or with data."""

import numpy as np
import pytest
from samples import Same, every_program, variable, variables_of, with_and_without_graph

from dezero import Function, Variable, grad
from dezero.core import BroadcastTo, SumTo


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


class Keeping(Same):
    """The same function, with a variable of its own to hand out."""

    kept = Variable(np.ones(2))


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
    "the transpose of gy": lambda function, gy: Variable(gy.data.T),
    "gy stretched": lambda function, gy: BroadcastTo(gy.shape)(gy),
    "gy plus zero": lambda function, gy: gy + 0.0,
    "a sum": lambda function, gy: SumTo(gy.shape)(gy),
}


@pytest.mark.parametrize("handed_out", HANDED_OUT.values(), ids=HANDED_OUT)
@with_and_without_graph
@pytest.mark.parametrize("shape", [(2,), (0,)], ids=str)
def test_whatever_a_function_hands_out_its_gradient_is_its_own(handed_out, create_graph, shape):
    a, b = Variable(np.ones(shape)), Variable(np.ones(shape))
    Keeping.kept = Variable(np.ones(shape))
    c, d = Keeping(handed_out)(a), Keeping(handed_out)(b)
    z = c + d

    z.backward(retain_grad=True, create_graph=create_graph)

    variables = [a, b, c, d, z]
    gradients = [v.grad for v in variables]
    arrays = [v.data for v in [*variables, *gradients, Keeping.kept]]
    assert len({id(v) for v in [*variables, *gradients, Keeping.kept]}) == 11
    assert not any(np.shares_memory(p, q) for i, p in enumerate(arrays) for q in arrays[:i])


class Sum(Function):
    """2 a + 2 b; what its backward hands out is the test's."""

    def __init__(self, choose):
        self.choose = choose

    def forward(self, a, b):
        return 2 * a + 2 * b

    def backward(self, gy):
        return self.choose(self, gy)


def twice(x):
    return x, x


PAIRS = {
    "gy twice": lambda function, gy: (gy, gy),
    "one new variable twice": lambda function, gy: twice(2 * gy),
    "gy and a view of it": lambda function, gy: (gy, Variable(gy.data[:])),
    "an input twice": lambda function, gy: twice(function.inputs[0]),
    "the inputs, the other way round": lambda function, gy: function.inputs[::-1],
    "the output twice": lambda function, gy: twice(function.outputs[0]()),
    "a new variable and a view of it": lambda function, gy: (lambda g: (g, View()(g)))(2 * gy),
    "two views of one array": lambda function, gy: (lambda g: (Variable(g[:2]), Variable(g[::-1][:2])))(
        np.arange(2.0)
    ),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
@with_and_without_graph
@pytest.mark.parametrize("retain_grad", [False, True], ids=["", "retain_grad"])
@pytest.mark.parametrize(
    "program",
    [lambda f, a, b: f(a, b), lambda f, a, b: f(a * 1.0, b) + a, lambda f, a, b: f(a, b) * f(b, b)],
    ids=["leaves", "an intermediate variable", "twice"],
)
def test_whatever_a_function_hands_out_for_two_inputs_becomes_two(pair, create_graph, retain_grad, program):
    a, b = variable(1.0, 2.0), variable(3.0, 4.0)
    z = program(Sum(pair), a, b)

    z.backward(create_graph=create_graph, retain_grad=retain_grad)

    variables = variables_of(z)
    gradients = [v.grad for v in variables if v.grad is not None]
    arrays = [v.data for v in variables + gradients]
    assert len(gradients) == (len(variables) if retain_grad else 2)
    assert len({id(v) for v in variables + gradients}) == len(arrays)
    assert not any(np.shares_memory(p, q) for i, p in enumerate(arrays) for q in arrays[:i])


@with_and_without_graph
@pytest.mark.parametrize("handed_out", [0, 1])
@pytest.mark.parametrize("start", [0, 1])
def test_an_output_that_is_handed_out_stays_the_output_alone(create_graph, handed_out, start):
    class Two(Function):
        def forward(self, x):
            return x * 1.0, x * 2.0

        def backward(self, g0, g1):
            return self.outputs[handed_out]()

    x = variable(1.0, 2.0)
    outputs = Two()(x)

    outputs[start].backward(create_graph=create_graph)

    assert x.grad is not outputs[handed_out]
    assert x.grad.data.tolist() == outputs[handed_out].data.tolist()
    assert not np.shares_memory(x.grad.data, outputs[handed_out].data)


@pytest.mark.parametrize("data", ["x", "y"])
@with_and_without_graph
def test_grad_shares_nothing_either(data, create_graph):
    x, w = variable(1.0, 2.0), variable(3.0, 4.0)
    y = x + w + x
    start = {"x": x, "y": y}[data]

    gradients = grad(y, [x, w, y, start], create_graph=create_graph)

    arrays = [v.data for v in [x, w, y, *gradients[:3]]]
    assert not any(np.shares_memory(p, q) for i, p in enumerate(arrays) for q in arrays[:i])


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


def test_editing_the_gradient_of_an_intermediate_variable_changes_no_second_derivative():
    x = variable(2.0)
    a = x * x
    ga, gx = grad(a * a + a, [a, x], create_graph=True)

    ga.data += 100.0

    assert grad(gx, x).data == 12 * 2.0**2 + 2  # (x⁴ + x²)''
