"""Random graphs: gradients against a plain recursion, no shared memory, no function twice, the order."""

from itertools import pairwise

import numpy as np
import pytest
from samples import mostly_slow

SEEDS = mostly_slow(range(40), 4)


def random_graph(engine, seed, operations=9):
    """Return three leaves and a variable computed from some of them, along many paths."""
    rng = np.random.default_rng(seed)
    leaves = [engine.Variable(rng.uniform(0.5, 1.0, 2)) for _ in range(3)]
    variables = list(leaves)
    for _ in range(operations):
        recent = variables[-4:] + leaves
        x, y = (recent[rng.integers(len(recent))] for _ in range(2))
        match rng.integers(9):
            case 0 | 1:
                variables.append(engine.add(x, y))
            case 2:
                variables.append(engine.mul(x, y))
            case 3:
                variables.append(engine.sub(x, y))
            case 4:
                variables.append(engine.div(x, y * y + 1.0))
            case 5:
                variables.append(engine.neg(x))
            case 6:
                variables.append(engine.square(x) * 0.5)
            case 7:
                variables.append(engine.exp(-x * x))
            case _:
                variables += engine.SumAndDifference()(x, y)
    return leaves, variables[-1] + variables[-2]


def slope(engine, y, x):
    """Return dy/dx as the sum over all paths: a plain recursion that knows no order."""
    if y is x:
        return np.ones(2)
    if y.creator is None:
        return np.zeros(2)
    function = y.creator
    outputs = [output() for output in function.outputs] or [y]  # an operation has one, and keeps no list
    gys = [engine.boxed(np.full(2, float(output is y))) for output in outputs]
    gxs = function.backward(*gys)
    gxs = gxs if isinstance(gxs, tuple) else (gxs,)
    total = np.zeros(2)
    for input, gx in zip(function.inputs, gxs, strict=True):
        if not isinstance(input, engine.Constant):
            total += engine.array(gx) * slope(engine, input, x)
    return total


def variables_of(engine, y):
    """Return y and every variable that it was computed from, constants left out."""
    found = {id(y): y}
    for function in engine.past_of(y):
        found.update((id(x), x) for x in function.inputs if not isinstance(x, engine.Constant))
    return list(found.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_gradient_is_the_sum_over_all_paths(engine, seed):
    leaves, y = random_graph(engine, seed)

    y.backward()

    for leaf in leaves:
        gradient = np.zeros(2) if leaf.grad is None else engine.gradient(leaf)
        assert np.allclose(gradient, slope(engine, y, leaf), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_two_variables_share_a_gradient_or_its_memory(engine, seed):
    _, y = random_graph(engine, seed)

    y.backward(retain_grad=True)

    variables = variables_of(engine, y)
    assert len({id(variable.grad) for variable in variables}) == len(variables)
    arrays = [engine.gradient(variable) for variable in variables]
    assert all(type(array) is np.ndarray for array in arrays)
    assert not any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])


@pytest.mark.parametrize("seed", SEEDS)
def test_no_gradient_shares_memory_with_data(engine, seed):
    _, y = random_graph(engine, seed)

    y.backward(retain_grad=True)

    variables = variables_of(engine, y)
    assert not any(np.shares_memory(engine.gradient(a), b.data) for a in variables for b in variables)


@pytest.mark.parametrize("seed", SEEDS)
def test_editing_one_gradient_in_place_changes_no_other(engine, seed):
    _, y = random_graph(engine, seed)
    y.backward(retain_grad=True)
    variables = variables_of(engine, y)
    before = [engine.gradient(variable).copy() for variable in variables]

    for number, variable in enumerate(variables, 1):
        gradient = engine.gradient(variable)
        gradient += number

    for number, (variable, gradient) in enumerate(zip(variables, before, strict=True), 1):
        assert engine.gradient(variable).tolist() == (gradient + number).tolist()


@pytest.mark.parametrize("shape", [(), (2,), (2, 3), (0,)], ids=str)
def test_a_sum_gives_each_operand_a_gradient_of_its_own(engine, shape):
    a, b = engine.Variable(np.ones(shape)), engine.Variable(np.ones(shape))

    y = engine.add(a, b)
    y.backward(retain_grad=True)

    assert a.grad is not b.grad
    assert a.grad is not y.grad
    assert type(engine.gradient(a)) is type(engine.gradient(b)) is np.ndarray


def test_a_function_that_hands_out_its_input_as_gradient_gives_a_copy(engine):
    class Strange(engine.Function):
        def forward(self, x):
            return x * x

        def backward(self, gy):
            return engine.boxed(self.inputs[0].data)

    x = engine.Variable(np.array([1.0, 2.0]))
    Strange()(x).backward()

    assert not np.shares_memory(engine.gradient(x), x.data)


def test_backward_never_writes_into_the_gradient_that_the_reader_set(engine):
    x = engine.Variable(np.array([1.0, 2.0]))
    seed = np.array([1.0, 1.0])
    y = x + x
    y.grad = seed

    y.backward()

    assert seed.tolist() == [1.0, 1.0]
    assert not np.shares_memory(seed, engine.gradient(x))


def test_a_gradient_that_was_read_is_not_changed_by_the_next_backward(engine):
    x = engine.Variable(np.array([1.0, 2.0]))
    (x * 3.0).backward()
    first = engine.gradient(x)

    (x * 4.0).backward()

    assert first.tolist() == [3.0, 3.0]
    assert engine.gradient(x).tolist() == [7.0, 7.0]


def test_a_diamond_has_the_gradient_of_both_sides(engine):
    x = engine.Variable(np.array(2.0))
    a = engine.square(x)

    (engine.square(a) + engine.square(a)).backward()

    assert engine.gradient(x) == 64.0  # 8 x³


def test_paths_of_different_lengths_meet_before_they_go_on(engine):
    x = engine.Variable(np.array(2.0))
    a = engine.square(x)

    (a + engine.square(engine.square(a))).backward()

    assert engine.gradient(x) == 1028.0  # 2 x + 8 x⁷


def test_no_function_is_visited_twice(engine):
    visits = []

    class Visited(engine.Function):
        def forward(self, x, w):
            return x + w

        def backward(self, gy):
            visits.append(self)
            return gy, gy

    y = engine.Variable(np.array(1.0))
    for _ in range(12):
        y = Visited()(y, y)

    y.backward()

    assert len(visits) == len(set(visits)) == 12


@pytest.mark.parametrize("seed", SEEDS)
def test_every_function_comes_after_all_that_use_its_outputs(engine, seed):
    _, y = random_graph(engine, seed)

    order = {function: place for place, function in enumerate(engine.past_of(y))}

    for function, place in order.items():
        assert all(order[x.creator] > place for x in function.inputs if x.creator is not None)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_past_is_every_function_once(engine, seed):
    _, y = random_graph(engine, seed)

    visited = list(engine.past_of(y))

    reached, waiting = set(), [y.creator]
    while waiting:
        function = waiting.pop()
        if function is not None and function not in reached:
            reached.add(function)
            waiting += [x.creator for x in function.inputs]
    assert len(visited) == len(reached)
    assert set(visited) == reached


def test_the_latest_generation_comes_first(engine):
    _, y = random_graph(engine, 0)

    generations = [function.generation for function in engine.past_of(y)]

    assert all(earlier >= later for earlier, later in pairwise(generations))


def test_functions_of_one_generation_come_in_the_order_of_their_first_visit(engine):
    x = engine.Variable(np.array(1.0))
    parts = [engine.square(x), engine.exp(x), engine.neg(x), x * 2.0]
    y = (parts[3] + parts[1]) + (parts[0] + parts[2])

    names = [type(function).__name__ for function in engine.past_of(y) if function.generation == 0]

    assert names == ["Mul", "Exp", "Square", "Neg"]


def test_a_generation_is_one_more_than_the_latest_input(engine):
    x = engine.Variable(np.array(1.0))
    a = engine.square(x)
    y = x + engine.square(a)

    assert [v.generation for v in (x, a, y)] == [0, 1, 3]
    assert [v.creator.generation for v in (a, y)] == [0, 2]


def test_the_gradient_of_a_wide_sum_does_not_depend_on_who_comes_first(engine):
    leaves = [engine.Variable(np.array(float(n))) for n in range(50)]

    y = engine.Variable(np.array(0.0))
    for leaf in leaves:
        y = y + leaf * leaf
    y.backward()

    assert [float(engine.gradient(leaf)) for leaf in leaves] == [2.0 * n for n in range(50)]


@pytest.mark.parametrize("used", [0, 1], ids=["sum", "difference"])
def test_an_output_that_is_not_used_counts_as_zero(engine, used):
    x, w = engine.Variable(np.array([5.0, 1.0])), engine.Variable(np.array([3.0, 1.0]))
    outputs = engine.SumAndDifference()(x, w)

    engine.square(outputs[used]).backward()

    assert np.allclose(engine.gradient(x), 2 * outputs[used].data)
    assert np.allclose(engine.gradient(w), (2 - 4 * used) * outputs[used].data)


def test_gradients_through_both_outputs_of_a_function_add_up(engine):
    x, w = engine.Variable(np.array(5.0)), engine.Variable(np.array(3.0))
    total, difference = engine.SumAndDifference()(x, w)

    (total * difference).backward()  # x² - w²

    assert (engine.gradient(x), engine.gradient(w)) == (10.0, -6.0)
