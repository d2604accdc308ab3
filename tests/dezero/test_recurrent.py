"""Layers with a state: their formulas, where the graph is cut, and memory that does not grow."""

import gc

import numpy as np
import pytest
from samples import bytes_after

import dezero.functions as F
import dezero.layers as L
from dezero import Variable, past_of
from dezero.optimizers import SGD

RNG = np.random.default_rng(0)


def numbers(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def weights(layer):
    return {path: p.data for path, p in layer.named_params()}


def test_a_state_is_handed_on_until_it_is_reset():
    layer, xs = L.RNN(4), numbers(3, 2, 5)
    ys = [layer(x).data for x in xs]
    w, h = weights(layer), np.zeros((2, 4))
    for x, y in zip(xs, ys, strict=True):
        h = np.tanh(x @ w["x2h.W"] + w["x2h.b"] + h @ w["h2h.W"])
        assert np.allclose(y, h, atol=1e-6)

    layer.reset_state()

    assert np.allclose(layer(xs[0]).data, ys[0])


@pytest.mark.parametrize("kind", [L.RNN, L.LSTM])
def test_the_sizes_of_input_and_state_are_two_sizes(kind):
    for layer in (kind(4, in_size=3), kind(4)):
        layer(numbers(2, 3))

        assert layer(numbers(2, 3)).shape == (2, 4)


def test_the_cell_follows_its_gates():
    layer, xs = L.LSTM(3), numbers(4, 2, 5)
    ys = [layer(x).data for x in xs]
    w, h, c = weights(layer), np.zeros((2, 3)), np.zeros((2, 3))

    for x, y in zip(xs, ys, strict=True):
        f, i, o, u = (x @ w[f"x2{g}.W"] + w[f"x2{g}.b"] + h @ w[f"h2{g}.W"] for g in "fiou")
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(u)
        h = sigmoid(o) * np.tanh(c)
        assert np.allclose(y, h, atol=1e-6)


@pytest.mark.parametrize("kind", [L.RNN, L.LSTM])
def test_a_state_is_no_parameter_and_is_not_saved(kind, tmp_path):
    layer = kind(3)
    layer(numbers(2, 2))
    before = [path for path, _ in layer.named_params()]
    layer(numbers(2, 2))

    assert [path for path, _ in layer.named_params()] == before
    layer.save_weights(tmp_path / "r.npz")


# --- cutting the graph ----------------------------------------------------------------------------


def test_unchain_makes_a_leaf():
    x = Variable(np.array(2.0))
    y = x * x
    z = y * 3
    y.unchain()

    z.backward()

    assert (y.grad.data, x.grad, y.creator, y.generation) == (3.0, None, None, 0)


def test_unchain_backward_cuts_all_behind_and_keeps_the_values():
    x = Variable(np.array(2.0))
    y = x * x
    z = y * y + x
    z.unchain_backward()

    assert (z.creator, y.creator, z.data) == (None, None, 18.0)
    assert list(past_of(z)) == []


def sequence(kind, steps_between_cuts=5):
    """Return a function that goes on with an endless sequence, and the layer."""
    layer, last = kind(8), L.Linear(1)
    optimizers = [SGD(0.01).setup(part) for part in (layer, last)]
    x = numbers(4, 3)

    def go_on():
        loss = 0
        for _ in range(steps_between_cuts):
            loss = loss + F.mean_squared_error(last(layer(x)), x[:, :1])
        layer.cleargrads()
        last.cleargrads()
        loss.backward()
        loss.unchain_backward()
        for optimizer in optimizers:
            optimizer.update()

    return go_on, layer


@pytest.mark.slow
@pytest.mark.parametrize("kind", [L.RNN, L.LSTM])
@pytest.mark.usefixtures("_collector_off")
def test_an_endless_sequence_takes_no_more_memory(kind):
    go_on, layer = sequence(kind)
    go_on()
    generation, few = layer.h.generation, bytes_after(go_on, 5)

    assert bytes_after(go_on, 50) < few + 20_000
    assert layer.h.generation == generation == 0
    assert gc.collect() == 0


# --- rows for numbers -----------------------------------------------------------------------------


def test_an_embedding_gives_a_row_for_each_number_and_adds_their_gradients():
    layer = L.EmbedID(5, 2)
    y = layer(np.array([[0, 3], [3, 3]]))
    F.sum(y).backward()

    assert (y.shape, layer.W.dtype) == ((2, 2, 2), np.float32)
    assert layer.W.grad.data[:, 0].tolist() == [1.0, 0.0, 0.0, 3.0, 0.0]


def test_a_number_outside_is_refused():
    with pytest.raises(IndexError, match="out of bounds"):
        L.EmbedID(5, 2)(np.array([5]))
