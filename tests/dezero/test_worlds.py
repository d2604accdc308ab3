"""One rule, three worlds: NumPy's arrays, arrays beside NumPy's, and variables."""

import numpy as np
import pytest
from samples import Elsewhere, mostly_slow, with_and_without_graph

import dezero
import dezero.functions as F
from dezero import Function, Variable, core, grad, no_grad

RULES = {
    "add": lambda x, y: x + y,
    "add a number": lambda x, y: x + 2 + (0.5 + y),
    "sub": lambda x, y: x - y,
    "sub from a number": lambda x, y: 2 - x - y,
    "mul": lambda x, y: x * y,
    "mul with a number": lambda x, y: 3 * x * (y * 0.5),
    "div": lambda x, y: x / y,
    "div of a number": lambda x, y: 2 / x + y / 3,
    "neg": lambda x, y: -x - y,
    "pow": lambda x, y: x**3 + y**0.5,
    "pow to 1 and 0": lambda x, y: x**1 + y**0,
    "power": lambda x, y: x**y,
    "rpow": lambda x, y: 2**x + 0.5**y,
    "square": lambda x, y: F.square(x) + y,
    "exp": lambda x, y: F.exp(x) + y,
    "log": lambda x, y: F.log(x) + y,
    "sin": lambda x, y: F.sin(x) + y,
    "cos": lambda x, y: F.cos(x) + y,
    "tanh": lambda x, y: F.tanh(x) + y,
    "sqrt": lambda x, y: F.sqrt(x) + y,
    "absolute": lambda x, y: F.absolute(x) * y,
    "maximum": lambda x, y: F.maximum(x, y) * x,
    "minimum": lambda x, y: F.minimum(x, y) * y,
    "maximum of a number": lambda x, y: F.maximum(x, 1.0) + F.minimum(1.0, y),
    "np.sin": lambda x, y: np.sin(x) * np.tanh(y),
    "copy": lambda x, y: core.Copy(x.dtype)(x) * y,
    "sum_to": lambda x, y: core.SumTo((1, *x.shape[1:]))(x * y),
    "broadcast_to": lambda x, y: core.BroadcastTo((2, *x.shape))(x) * y,
    "a diamond": lambda x, y: (x * y + x) * (x * y) + x,
    "a reader's function": lambda x, y: Scaled()(x, y, 3),
    "one of two outputs": lambda x, y: Parts()(x, y)[0],
    "two outputs": lambda x, y: Parts()(x, y)[0] * Parts()(y, x)[1],
}


class Scaled(Function):
    """x y c, in the memo's form."""

    def forward(self, x, y, c):
        return x * y * c

    def backward(self, gy):
        x, y, c = self.inputs
        return gy * y * c, gy * x * c


class Parts(Function):
    def forward(self, x, y):
        return x * y, x - y

    def backward(self, gproduct, gdifference):
        x, y = self.inputs
        return gproduct * y + gdifference, gproduct * x - gdifference


every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
in_shapes = pytest.mark.parametrize(
    "shapes", mostly_slow([((2, 3), (3,)), ((2,), (2,)), ((1,), ())]), ids=str
)


def pairs(shapes, dtype=np.float64):
    """Return the same two variables in NumPy's world and in the other."""
    rng = np.random.default_rng(0)
    arrays = [np.asarray(rng.uniform(0.5, 1.5, shape), dtype) for shape in shapes]
    return [Variable(array) for array in arrays], [Variable(Elsewhere(array)) for array in arrays]


def array_of(variable):
    """Return the array in a variable of the other world."""
    assert type(variable.data) is Elsewhere
    return variable.data.array


def test_the_stand_in_is_no_array_of_numpy_and_does_not_mix_with_one():
    there = Elsewhere([1.0, 2.0])

    assert not isinstance(there, np.ndarray)
    with pytest.raises(TypeError, match="do not mix"):
        there + np.ones(2)
    with pytest.raises(TypeError, match="does not become NumPy's"):
        np.asarray(there)
    assert (there + np.array(1.0)).array.tolist() == [2.0, 3.0]


@every_rule
@in_shapes
@with_and_without_graph
@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
def test_a_rule_gives_the_same_elsewhere_and_stays_there(rule, shapes, create_graph, dtype):
    here, there = pairs(shapes, dtype)
    y, z = rule(*here), rule(*there)

    y.backward(create_graph=create_graph, retain_grad=True)
    z.backward(create_graph=create_graph, retain_grad=True)

    assert np.allclose(array_of(z), y.data, rtol=1e-6)
    for a, b in zip(here, there, strict=True):
        assert np.allclose(array_of(b.grad), a.grad.data, rtol=1e-6)
        assert array_of(b.grad).dtype == a.grad.dtype == dtype


@every_rule
@in_shapes
def test_a_rule_gives_the_same_second_derivatives_elsewhere(rule, shapes):
    here, there = pairs(shapes)

    for first, other in zip(*[grad(rule(*xs), xs, create_graph=True) for xs in (here, there)], strict=True):
        seconds, others = grad(first, here), grad(other, there)

        assert all(np.allclose(array_of(b), a.data, rtol=1e-12) for a, b in zip(seconds, others, strict=True))


@every_rule
def test_a_gradient_given_elsewhere_is_where_it_starts(rule):
    here, there = pairs([(2,), (2,)])
    y, z = rule(*here), rule(*there)
    start = np.arange(1.0, 1.0 + y.size).reshape(y.shape)
    y.grad, z.grad = start, Elsewhere(start)

    y.backward()
    z.backward()

    assert np.allclose(array_of(there[0].grad), here[0].grad.data, rtol=1e-12)


def test_gradients_add_up_elsewhere():
    x = Variable(Elsewhere([1.0, 2.0]))

    (x * x).backward()
    (x * 3).backward()

    assert array_of(x.grad).tolist() == [5.0, 7.0]


def test_a_constant_elsewhere_stays_there():
    x, c = Variable(Elsewhere([1.0, 2.0])), Elsewhere([3.0, 4.0])

    for y in (x * c, c * x, x / c, c - x, x**c, c**x, F.maximum(x, c)):
        x.cleargrad()
        y.backward()

        assert type(y.data) is type(x.grad.data) is Elsewhere


def test_zeros_of_no_path_are_elsewhere_too():
    x, w = Variable(Elsewhere([1.0, 2.0])), Variable(Elsewhere([1.0]))

    assert array_of(grad(x * x, w)).tolist() == [0.0]


def test_questions_are_answered_elsewhere():
    x = Variable(Elsewhere([1.0, 2.0]))

    assert type(x > 1.0) is Elsewhere
    assert np.allclose(x, Elsewhere([1.0, 2.0]))
    assert (x.shape, x.ndim, x.size, x.dtype, len(x)) == ((2,), 1, 2, np.float64, 2)


def test_elsewhere_and_here_in_one_operation_are_refused():
    with pytest.raises(TypeError, match="do not mix"):
        Variable(Elsewhere([1.0, 2.0])) * Variable(np.ones(2))


# --- a rule by itself -----------------------------------------------------------------------------

ALONE = {
    "Neg": (core.Neg, 1),
    "Add": (core.Add, 2),
    "Mul": (core.Mul, 2),
    "Sub": (core.Sub, 2),
    "Div": (core.Div, 2),
    "Power": (core.Power, 2),
    "Pow": (lambda: core.Pow(3), 1),
    "RPow": (lambda: core.RPow(2.0), 1),
    "Copy": (lambda: core.Copy(np.dtype(float)), 1),
    "SumTo": (lambda: core.SumTo((2,)), 1),
    "BroadcastTo": (lambda: core.BroadcastTo((2,)), 1),
    "Square": (F.Square, 1),
    "Exp": (F.Exp, 1),
    "Log": (F.Log, 1),
    "Sin": (F.Sin, 1),
    "Cos": (F.Cos, 1),
    "Tanh": (F.Tanh, 1),
    "TanhSlope": (F.TanhSlope, 2),
    "Sqrt": (F.Sqrt, 1),
    "Abs": (F.Abs, 1),
    "Maximum": (F.Maximum, 2),
    "Minimum": (F.Minimum, 2),
}
KINDS = {
    "arrays": (lambda array: array, lambda x: x, np.ndarray),
    "arrays of elsewhere": (Elsewhere, lambda x: x.array, Elsewhere),
    "variables": (Variable, lambda x: x.data, Variable),
}


@pytest.mark.parametrize(("make", "number"), ALONE.values(), ids=ALONE)
@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_needs_no_graph_and_answers_in_kind(make, number, kind):
    box, open_, expected = KINDS[kind]
    rng = np.random.default_rng(0)
    arrays = [rng.uniform(0.5, 1.5, 2) for _ in range(number)]
    gy, (f, f_y) = rng.uniform(0.5, 1.5, 2), (make(), make())
    y = f_y.forward(*arrays)
    central = [
        gy * (make().forward(*moved(arrays, i, 1e-6)) - make().forward(*moved(arrays, i, -1e-6))) / 2e-6
        for i in range(number)
    ]

    gxs = f.rule(box(gy), box(y), *map(box, arrays))

    gxs = gxs if isinstance(gxs, tuple) else (gxs,)
    assert len(gxs) == number
    assert all(isinstance(gx, expected) for gx in gxs)
    assert np.allclose([open_(gx) for gx in gxs], central, rtol=1e-6)


@pytest.mark.parametrize(("make", "number"), ALONE.values(), ids=ALONE)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32], ids=["float16", "float32"])
def test_a_rule_of_small_floats_answers_in_them(make, number, kind, dtype):
    box, _, _ = KINDS[kind]
    arrays = [np.full(2, 1.5, dtype)] * number
    f = core.Copy(np.dtype(dtype)) if make is ALONE["Copy"][0] else make()

    gxs = f.rule(box(arrays[0]), box(f.forward(*arrays)), *map(box, arrays))

    assert {gx.dtype for gx in (gxs if isinstance(gxs, tuple) else (gxs,))} == {np.dtype(dtype)}


def moved(arrays, place, step):
    return [array + step * (i == place) for i, array in enumerate(arrays)]


@pytest.mark.parametrize(("make", "number"), ALONE.values(), ids=ALONE)
def test_the_rule_of_a_node_gives_what_backward_gives_by_hand(make, number):
    xs = [Variable(np.random.default_rng(i).uniform(0.5, 1.5, 2)) for i in range(number)]
    y, gy = make()(*xs), Variable(np.array([2.0, -1.0]))

    with no_grad():
        gxs = y.creator.backward(gy)
    gxs = gxs if isinstance(gxs, tuple) else (gxs,)
    y.grad = gy
    y.backward()

    assert [gx.data.tolist() for gx in gxs] == [x.grad.data.tolist() for x in xs]
    assert dezero.Config.enable_backprop is True
