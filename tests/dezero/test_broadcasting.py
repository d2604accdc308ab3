"""Shapes that differ: gradients of both orders by central differences, and errors that name the class."""

import itertools

import numpy as np
import pytest
from samples import Weighted, mostly_slow, with_and_without_graph

import dezero.functions as F
from dezero import Operation, Variable, core, grad

OPERATIONS = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x * y": lambda x, y: x * y,
    "x / y": lambda x, y: x / y,
    "x ** y": lambda x, y: x**y,
    "maximum": lambda x, y: F.maximum(x, y) * x * y,
    "minimum": lambda x, y: F.minimum(x, y) * x * y,
    "of both orders": lambda x, y: F.sin(x * y) * x + F.tanh(y / x),
    "of three": lambda x, y: (x + y) * (y * x) * y,
}
SHAPES = [
    ((2, 1), (1, 3)),
    ((), (3,)),
    ((1,), ()),
    ((1,), (3,)),
    ((3,), (2, 3)),
    ((2, 1), (2, 3)),
    ((2, 1), (3,)),
    ((1, 1, 1), (2,)),
    ((4, 1, 3), (2, 1)),
    ((1, 3), (0, 3)),
    ((1,), (0,)),
]
every_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
in_shapes = pytest.mark.parametrize("shapes", mostly_slow(SHAPES, 2), ids=str)
swapped = pytest.mark.parametrize("swap", [False, True], ids=["small first", "large first"])
EPS = 1e-4


def arguments(shapes, swap, dtype=np.float64):
    """Return an array of each shape, with elements from 0.5 to 1.5."""
    rng = np.random.default_rng(0)
    arrays = [np.asarray(rng.uniform(0.5, 1.5, shape), dtype) for shape in shapes]
    return arrays[::-1] if swap else arrays


def weighted(operation, arrays):
    """Return a function of arrays: the elements of the result, weighted, and added up."""
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    weights = np.random.default_rng(1).uniform(0.5, 1.5, shape)

    def value(*arrays):
        return float(np.sum(operation(*map(Variable, arrays)).data * weights))

    return value, weights


def steps(arrays):
    """Yield each element's place and the arrays with a step in it to the left and to the right."""
    for i, array in enumerate(arrays):
        for place in np.ndindex(array.shape):
            both = []
            for step in (-EPS, EPS):
                moved = [a.copy() for a in arrays]
                moved[i][place] += step
                both.append(moved)
            yield i, place, *both


def first_derivatives(operation, arrays, weights, create_graph=False):
    xs = [Variable(array) for array in arrays]
    y = operation(*xs)
    y.grad = Variable(np.asarray(weights, y.dtype))
    y.backward(create_graph=create_graph)
    return xs, [x.grad for x in xs]


@every_operation
@in_shapes
@swapped
def test_a_gradient_has_the_shape_of_its_variable_and_is_that_of_central_differences(operation, shapes, swap):
    arrays = arguments(shapes, swap)
    value, weights = weighted(operation, arrays)

    _, found = first_derivatives(operation, arrays, weights)

    assert [g.shape for g in found] == [array.shape for array in arrays]
    for i, place, low, high in steps(arrays):
        assert np.isclose(
            found[i].data[place], (value(*high) - value(*low)) / (2 * EPS), rtol=1e-6, atol=1e-7
        )


@every_operation
@in_shapes
@swapped
def test_second_derivatives_are_those_of_central_differences(operation, shapes, swap):
    arrays = arguments(shapes, swap)
    _, weights = weighted(operation, arrays)
    xs, firsts = first_derivatives(operation, arrays, weights, create_graph=True)
    pulls = [np.random.default_rng(2 + i).uniform(0.5, 1.5, array.shape) for i, array in enumerate(arrays)]
    total = sum(core.SumTo(())(g * pull) for g, pull in zip(firsts, pulls, strict=True))

    found = grad(total, xs)

    def slope(arrays):
        _, gs = first_derivatives(operation, arrays, weights)
        return sum(np.sum(g.data * pull) for g, pull in zip(gs, pulls, strict=True))

    assert [g.shape for g in found] == [array.shape for array in arrays]
    for i, place, low, high in steps(arrays):
        assert np.isclose(found[i].data[place], (slope(high) - slope(low)) / (2 * EPS), rtol=1e-5, atol=1e-6)


@every_operation
@in_shapes
@swapped
def test_float32_stays_float32_however_it_is_stretched(operation, shapes, swap):
    arrays = arguments(shapes, swap, np.float32)
    xs, firsts = first_derivatives(operation, arrays, 1.0 + 0 * operation(*map(Variable, arrays)).data, True)

    assert [g.dtype for g in firsts] == [np.float32] * 2
    assert all(g.dtype == np.float32 for first in firsts for g in grad(first, xs))


@pytest.mark.parametrize("shapes", [((3, 1), (1, 4)), ((), (2, 3)), ((2,), (5, 2))], ids=str)
def test_a_stretched_variable_gets_the_sum_over_all_places_where_it_was_used(shapes):
    x, w = (Variable(np.ones(shape)) for shape in shapes)
    uses = np.prod(np.broadcast_shapes(*shapes))

    (x * w).backward()

    assert x.grad.data.tolist() == np.full(x.shape, uses / x.size).tolist()
    assert w.grad.data.tolist() == np.full(w.shape, uses / w.size).tolist()


def test_a_constant_may_stretch_a_variable():
    x = Variable(np.array([1.0, 2.0]))

    (x * np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])).backward()

    assert x.grad.data.tolist() == [9.0, 12.0]


def test_several_stretches_of_one_variable_add_up():
    x = Variable(np.array(2.0))

    (x * np.ones(3) + (x * np.ones((2, 1))) * x).backward()

    assert x.grad.data == 2 * 3 + 2 * 3 * 4.0  # over the shape (2, 3): 1, and 2 x


def test_a_gradient_set_by_hand_may_be_stretched_no_more_than_its_variable():
    y = Variable(np.ones(3)) * 2.0
    y.grad = np.ones((2, 3))

    with pytest.raises(ValueError, match=r"a grad must have the shape of its variable, \(3,\), got \(2, 3\)"):
        y.backward()


# --- gradients of the reader's functions ----------------------------------------------------------


class Rule(Operation):
    """The same as an operation."""

    def __init__(self, returned):
        self.returned = returned

    def forward(self, x, w):
        return x * w

    def rule(self, gy, y, x, w):
        return self.returned(gy, x, w)


kinds = pytest.mark.parametrize("kind", [Weighted, Rule])


@kinds
@with_and_without_graph
@pytest.mark.parametrize("shapes", [((), (3,)), ((2, 1), (1, 3)), ((1, 3), (2, 3))], ids=str)
def test_a_reader_who_forgets_broadcasting_gets_the_sum(kind, create_graph, shapes):
    xs = [Variable(np.full(shape, 2.0)) for shape in shapes]
    ws = [Variable(np.full(shape, 2.0)) for shape in shapes]

    kind(lambda gy, x, w: (gy * w, gy * x))(*xs).backward(create_graph=create_graph)
    (ws[0] * ws[1]).backward()

    assert [x.grad.data.tolist() for x in xs] == [w.grad.data.tolist() for w in ws]


WRONG = {
    "larger than the result": ((3,), (3,), (2, 3)),
    "a result larger than the operands explain": ((3,), (3,), (3, 3)),
    "an axis too many": ((), (), (1,)),
    "another length": ((3,), (3,), (4,)),
    "smaller than its variable": ((3,), (3,), ()),
    "an axis of one": ((3,), (3,), (1,)),
    "turned round": ((2, 3), (2, 3), (3, 2)),
    "summed too far": ((2, 1), (2, 3), (1, 1)),
    "not that of the result": ((1,), (3,), (2,)),
}


@kinds
@with_and_without_graph
@pytest.mark.parametrize(("x", "w", "wrong"), WRONG.values(), ids=WRONG)
def test_a_gradient_of_a_shape_that_broadcasting_does_not_explain_names_the_class(
    kind, create_graph, x, w, wrong
):
    x, w = Variable(np.ones(x)), Variable(np.ones(w))
    y = kind(lambda gy, x, w: (Variable(np.ones(wrong)), None))(x, w)

    message = f"a gradient from {kind.__name__} must have the shape of its variable, {x.shape}, got {wrong}"
    with pytest.raises(ValueError) as error:  # noqa: PT011, the whole text is compared
        y.backward(create_graph=create_graph)

    assert str(error.value) == message
    assert (x.grad, w.grad) == (None, None)


@pytest.mark.parametrize(
    ("large", "small"),
    [(a, b) for a, b in itertools.product([(2, 3), (4, 2, 3)], [(), (1,), (3,), (1, 3), (2, 1), (2, 3)])],
    ids=str,
)
def test_sum_to_and_broadcast_to_are_each_others_derivatives(large, small):
    x, g = (
        Variable(np.random.default_rng(0).uniform(size=large)),
        np.arange(np.prod(small)).reshape(small) + 1.0,
    )
    y = core.SumTo(small)(x)
    y.grad = g

    y.backward()

    assert y.shape == small
    assert np.isclose(y.data.sum(), x.data.sum())
    assert x.grad.data.tolist() == np.broadcast_to(g, large).tolist()
