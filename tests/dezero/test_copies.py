"""Copies of variables, and variables in files."""

import copy
import pickle

import numpy as np
import pytest
from samples import variable, with_and_without_graph

import dezero.functions as F
from dezero import Function, Variable, grad, past_of


class Double(Function):
    def forward(self, x):
        return 2 * x

    def backward(self, gy):
        return 2 * gy


class Squared(Function):
    """x², with a backward that looks at its output."""

    def forward(self, x):
        return x * x

    def backward(self, gy):
        x, y = self.inputs[0], self.outputs[0]()
        return 2 * gy * y / x


class Two(Function):
    def forward(self, x):
        return 2 * x, 3 * x

    def backward(self, g0, g1):
        return 2 * g0 + 3 * g1


PROGRAMS = {
    "an operation": (F.sin, np.cos),
    "a product": (lambda x: x * x, lambda x: 2 * x),
    "a function of the reader": (lambda x: Double()(x), lambda x: 2 + 0 * x),
    "one that looks at its output": (lambda x: Squared()(x), lambda x: 2 * x),
    "a chain of both": (lambda x: F.sin(Squared()(x)), lambda x: 2 * x * np.cos(x * x)),
}
every_program = pytest.mark.parametrize(("program", "slope"), PROGRAMS.values(), ids=PROGRAMS)


@every_program
@with_and_without_graph
@pytest.mark.parametrize("held", [True, False], ids=["beside the original", "alone"])
def test_a_copy_of_a_result_has_its_way_back_to_the_same_leaves(program, slope, create_graph, held):
    x = variable(1.0, 2.0)
    y = program(x)
    twin = copy.copy(y)
    if not held:
        del y

    twin.backward(create_graph=create_graph)

    assert np.allclose(x.grad.data, slope(x.data))


@every_program
@with_and_without_graph
def test_a_copy_and_its_original_both_count(program, slope, create_graph):
    x = variable(1.0, 2.0)
    y = program(x)
    twin = copy.copy(y)

    (3 * twin + y).backward(create_graph=create_graph)

    assert np.allclose(x.grad.data, 4 * slope(x.data))


@every_program
@with_and_without_graph
def test_a_deep_copy_of_a_result_has_leaves_of_its_own(program, slope, create_graph):
    x = variable(1.0, 2.0, name="x")
    y = program(x)
    twin = copy.deepcopy(y)
    (leaf,) = {id(v): v for f in past_of(twin) for v in f.args if getattr(v, "name", None) == "x"}.values()

    twin.backward(create_graph=create_graph)

    assert leaf is not x
    assert x.grad is None
    assert np.allclose(leaf.grad.data, slope(x.data))
    assert not np.shares_memory(leaf.data, x.data)


def test_a_deep_copy_leaves_the_original_able_to_go_back():
    x = variable(1.0, 2.0)
    y = Squared()(x)
    copy.deepcopy(y).backward()

    y.backward()

    assert x.grad.data.tolist() == [2.0, 4.0]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_of_one_of_several_outputs_says_that_it_has_no_way_back(copied):
    y, _ = Two()(variable(1.0))

    with pytest.raises(
        ValueError, match=r"a copy of an output of Two can.t be differentiated.*use the output itself"
    ):
        copied(y).backward()


def test_a_deep_copy_of_all_outputs_together_says_so_as_well():
    ys = copy.deepcopy(Two()(variable(1.0)))

    with pytest.raises(ValueError, match=r"a copy of an output of Two can.t be differentiated"):
        (ys[0] + ys[1]).backward()


def test_a_copy_of_a_leaf_is_a_leaf_of_its_own():
    x = variable(1.0, 2.0, name="x")
    twin = copy.copy(x)

    (twin * twin).backward()

    assert twin.grad.data.tolist() == [2.0, 4.0]
    assert x.grad is None
    assert twin.name == "x"


def test_a_deep_copy_of_a_leaf_takes_its_gradient_along():
    x = variable(2.0)
    (x**3).backward(create_graph=True)

    twin = copy.deepcopy(x)

    assert twin.grad.data == 12.0
    assert twin.grad is not x.grad
    assert grad(twin.grad, twin).data == 12.0


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_leaf_comes_back_from_a_pickle(protocol):
    x = Variable(np.array([1.0, 2.0], np.float32), "weights")
    (x * x).backward()

    twin = pickle.loads(pickle.dumps(x, protocol))

    assert (twin.name, twin.dtype, twin.data.tolist()) == ("weights", np.float32, [1.0, 2.0])
    assert twin.grad.data.tolist() == [2.0, 4.0]
    assert (twin.creator, twin.generation) == (None, 0)


def test_a_leaf_from_a_pickle_computes_on():
    x = pickle.loads(pickle.dumps(variable(2.0)))

    (x * x).backward()

    assert x.grad.data == 4.0
