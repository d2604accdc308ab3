"""Optimizers and their hooks: the steps by hand, what stays untouched, and what is refused."""

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero import Layer, Parameter, Variable
from dezero.models import MLP
from dezero.optimizers import (
    SGD,
    AdaDelta,
    AdaGrad,
    Adam,
    ClipGrad,
    FreezeParam,
    MomentumSGD,
    Optimizer,
    WeightDecay,
)

EVERY = [SGD, MomentumSGD, AdaGrad, AdaDelta, Adam]
every_optimizer = pytest.mark.parametrize("kind", EVERY)


def point(*numbers, dtype=np.float64):
    layer = Layer()
    layer.x = Parameter(np.array(numbers, dtype))
    return layer


def after(optimizer, rates=(None, None, None), dtype=np.float64):
    """Return x after three steps down the sum of squares from (1, 2), with a rate for each step."""
    layer = point(1.0, 2.0, dtype=dtype)
    optimizer.setup(layer)
    for lr in rates:
        if lr is not None:
            optimizer.lr = lr
        layer.cleargrads()
        F.sum(layer.x**2).backward()
        optimizer.update()
    return layer.x.data


# Measured in November 2026 with torch 2.13.0, Keras 3.15.1 and Chainer 7.8.1.
@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        (SGD(0.1), 0.512),  # 0.8**3
        (MomentumSGD(0.1), 0.062),  # all of them
        (AdaGrad(0.1), 0.780456),  # torch, Chainer
        (AdaDelta(), 0.986464),  # Chainer
        (Adam(0.1), 0.7015863086),  # Chainer; torch has 0.7015862729
    ],
    ids=lambda x: type(x).__name__,
)
def test_three_steps_end_where_other_engines_end(optimizer, expected):
    assert np.isclose(after(optimizer)[0], expected, rtol=1e-6 if expected < 0.7 else 2e-6, atol=1e-6)


def test_adam_adds_eps_as_chainer_does():
    assert abs(after(Adam(0.1))[0] - 0.7015863086) < 1e-10


def test_the_rate_of_momentum_is_inside_the_velocity():
    assert np.isclose(after(MomentumSGD(), (0.1, 0.05, 0.2))[0], 0.09)  # Keras, Chainer; torch: -0.234


def test_adam_follows_the_formulas_of_its_paper():
    x, m, v = np.array([1.0, 2.0]), 0.0, 0.0
    for t in (1, 2, 3):
        g = 2 * x
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        x = x - 0.1 * (m / (1 - 0.9**t)) / np.sqrt(v / (1 - 0.999**t))  # without eps

    assert np.allclose(after(Adam(0.1, eps=0.0)), x, rtol=1e-12)


@every_optimizer
def test_a_gradient_of_zero_moves_nothing(kind):
    layer = point(1.0, 2.0)
    layer.x.grad = Variable(np.zeros(2))

    kind().setup(layer).update()

    assert layer.x.data.tolist() == [1.0, 2.0]


@every_optimizer
def test_float32_stays_float32_in_data_and_state(kind):
    optimizer = kind()

    assert after(optimizer, dtype=np.float32).dtype == np.float32
    states = [state for state in vars(optimizer).values() if isinstance(state, dict)]
    assert all(array.dtype == np.float32 for state in states for array in state.values())


@every_optimizer
def test_the_array_of_a_parameter_is_changed_in_place_and_its_gradient_is_not(kind):
    layer = point(1.0, 2.0)
    layer.x.grad = Variable(np.array([1.0, 1.0]))
    data = layer.x.data

    kind().setup(layer).update()

    assert layer.x.data is data
    assert layer.x.grad.data.tolist() == [1.0, 1.0]


@every_optimizer
def test_a_shared_parameter_is_updated_once(kind):
    layer, alone = point(1.0), point(1.0)
    layer.also = layer.x
    for one in (layer, alone):
        one.x.grad = Variable(np.array([1.0]))
        kind().setup(one).update()

    assert layer.x.data == alone.x.data


def test_the_state_belongs_to_a_parameter_and_not_to_its_address():
    optimizer = MomentumSGD(0.1)
    for _ in range(50):
        layer = point(1.0)
        layer.x.grad = Variable(np.array([1.0]))
        optimizer.setup(layer).update()

        assert layer.x.data == 0.9  # never the velocity of one that is gone


# --- what is refused ------------------------------------------------------------------------------


def test_update_without_setup_is_refused():
    with pytest.raises(ValueError, match=r"Adam needs setup\(model\) before update\(\)"):
        Adam().update()


def test_a_parameter_without_a_gradient_is_named():
    model = MLP((3, 1))
    model(np.ones((1, 2), np.float32))
    F.sum(model.layers[0](np.ones((1, 2), np.float32))).backward()

    before = [p.data.copy() for p in model.params()]
    with pytest.raises(
        ValueError, match=r"SGD got no gradient for layers\.1\.W, layers\.1\.b: call backward"
    ):
        SGD().setup(model).update()
    assert all(np.array_equal(p.data, old) for p, old in zip(model.params(), before, strict=True))


@pytest.mark.parametrize("lr", [-0.1, float("nan")])
@pytest.mark.parametrize("kind", [SGD, MomentumSGD, AdaGrad, Adam])
def test_a_rate_below_zero_is_refused(kind, lr):
    with pytest.raises(ValueError, match=f"a learning rate must be at least 0, got {lr}"):
        kind(lr)


def test_an_optimizer_without_update_one_says_so():
    layer = point(1.0)
    layer.x.grad = Variable(np.array([1.0]))

    with pytest.raises(NotImplementedError, match=r"Optimizer needs a method update_one\(parameter\)"):
        Optimizer().setup(layer).update()


# --- hooks ----------------------------------------------------------------------------------------


def with_gradients(*gradients):
    layer = Layer()
    layer.ps = [Parameter(np.ones(len(g))) for g in gradients]
    for p, g in zip(layer.ps, gradients, strict=True):
        p.grad = Variable(np.array(g, float))
    return layer


def test_weight_decay_adds_its_share_and_leaves_the_old_gradient():
    layer = with_gradients([1.0])
    old = layer.ps[0].grad
    old.data.flags.writeable = False

    WeightDecay(0.5)(layer.ps)

    assert (layer.ps[0].grad.data.tolist(), old.data.tolist()) == ([1.5], [1.0])


def test_weight_decay_of_a_gradient_that_two_parameters_share_edits_neither_twice():
    layer = with_gradients([1.0], [1.0])
    layer.ps[1].grad = layer.ps[0].grad

    WeightDecay(0.5)(layer.ps)

    assert [p.grad.data.tolist() for p in layer.ps] == [[1.5], [1.5]]


@pytest.mark.parametrize(
    ("gradients", "most", "expected"),
    [
        ([[3.0, 4.0]], 5, [[3.0, 4.0]]),  # exactly at the limit
        ([[3.0], [4.0]], 1, [[0.6], [0.8]]),  # one norm for all
        ([[0.0, 0.0]], 1, [[0.0, 0.0]]),
        ([[3.0, 4.0]], 10, [[3.0, 4.0]]),
    ],
)
def test_clipping_scales_all_gradients_to_the_largest_norm(gradients, most, expected):
    layer = with_gradients(*gradients)

    ClipGrad(most)(layer.ps)

    assert np.allclose(np.concatenate([p.grad.data for p in layer.ps]), np.concatenate(expected))


def test_hooks_with_a_number_of_numpy_keep_float32():
    layer = point(1.0, dtype=np.float32)
    layer.x.grad = Variable(np.ones(1, np.float32))

    WeightDecay(np.float64(0.5))([layer.x])
    ClipGrad(np.float64(0.5))([layer.x])

    assert layer.x.grad.dtype == np.float32


def test_hooks_run_in_the_order_in_which_they_were_added():
    seen, layer = [], with_gradients([1.0])
    optimizer = SGD().setup(layer)
    optimizer.add_hook(lambda parameters: seen.append("first"))
    optimizer.add_hook(lambda parameters: seen.append("second"))

    optimizer.update()

    assert seen == ["first", "second"]


@pytest.mark.parametrize("what", ["layer", "parameter"])
def test_what_is_frozen_stays_and_the_rest_learns(what):
    model = MLP((2, 1))
    x = np.ones((3, 2), np.float32)
    model(x)
    frozen = model.layers[0] if what == "layer" else model.layers[0].W
    optimizer = SGD(0.1).setup(model)
    optimizer.add_hook(WeightDecay(0.1))
    optimizer.add_hook(FreezeParam(frozen))
    before = {path: p.data.copy() for path, p in model.named_params()}

    for _ in range(2):
        model.cleargrads()
        F.sum(model(x) ** 2).backward()
        optimizer.update()

    kept = [path for path, p in model.named_params() if np.array_equal(p.data, before[path])]
    assert kept == (["layers.0.W", "layers.0.b"] if what == "layer" else ["layers.0.W"])


def test_a_frozen_layer_needs_no_gradient():
    layer = with_gradients([1.0], [1.0])
    layer.ps[1].grad = None
    optimizer = SGD(0.5).setup(layer)
    optimizer.add_hook(FreezeParam(layer.ps[1]))

    optimizer.update()

    assert [p.data.tolist() for p in layer.ps] == [[0.5], [1.0]]


def test_what_learns_is_a_linear_layer_by_itself_too():
    layer = L.Linear(1, in_size=1)
    F.sum(layer(np.ones((1, 1), np.float32))).backward()

    SGD(1.0).setup(layer).update()

    assert layer.b.data.tolist() == [-1.0]
