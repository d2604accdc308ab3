"""Layers with a state: their formulas, where the graph is cut, and memory that does not grow."""

import copy
import gc

import numpy as np
import pytest
from samples import bytes_after

import dezero.functions as F
import dezero.layers as L
from dezero import Variable, grad, no_grad, past_of
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
    gc.collect()  # what a first call makes once and for all
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


# --- the weights of an LSTM, which stand side by side ---------------------------------------------


def textbook(layer, xs):
    """The last h of chapter 60's program, whose layers are used one by one."""
    h = c = None
    for x in xs:
        f, i, o, u = (
            getattr(layer, f"x2{gate}")(x) + (0 if h is None else getattr(layer, f"h2{gate}")(h))
            for gate in "fiou"
        )
        c = F.sigmoid(i) * F.tanh(u) + (0 if c is None else F.sigmoid(f) * c)
        h = F.sigmoid(o) * F.tanh(c)
    return h


def last(layer, xs):
    layer.reset_state()
    for x in xs:
        h = layer(x)
    return h


def assert_textbook(layer, xs):
    for _ in range(2):  # the second time, the weights are joined already
        found, expected = last(layer, xs), textbook(layer, xs)
        ps = list(layer.params())
        pairs = zip(grad(found.sum(), ps), grad(expected.sum(), ps), strict=True)

        assert np.allclose(found.data, expected.data, atol=1e-6)
        assert all(np.allclose(a.data, b.data, atol=1e-5) for a, b in pairs)


def joined_lstm(N=2):
    layer, xs = L.LSTM(3), numbers(4, N, 2)
    last(layer, xs)
    return layer, xs


@pytest.mark.parametrize("N", [1, 2])
def test_an_lstm_is_that_of_the_layers_it_consists_of(N):
    assert_textbook(*joined_lstm(N))


def test_an_update_in_place_is_seen_in_the_middle_of_a_sequence():
    layer, xs = joined_lstm()
    layer.reset_state()
    layer(xs[0])
    with_old = layer(xs[1]).data
    h, c = layer.h, layer.c
    layer.reset_state()
    layer(xs[0])
    for p in layer.params():
        p.data *= 2
    w, h0, c0 = weights(layer), layer.h.data, layer.c.data
    f, i, o, u = (xs[1] @ w[f"x2{g}.W"] + w[f"x2{g}.b"] + h0 @ w[f"h2{g}.W"] for g in "fiou")
    expected = sigmoid(o) * np.tanh(sigmoid(f) * c0 + sigmoid(i) * np.tanh(u))

    assert np.allclose(layer(xs[1]).data, expected, atol=1e-6)
    assert not np.allclose(with_old, expected)
    assert h is not layer.h
    assert c is not layer.c


def replace_an_array(layer):
    layer.h2o.W.data = numbers(3, 3)


def replace_a_layer(layer):
    layer.h2u = L.Linear(3, in_size=3, nobias=True)


def tie_two_layers(layer):
    layer.x2i = layer.x2f


def update_in_place(layer):
    layer.x2f.b.data += 1
    layer.h2i.W.data[0] = 7


def widen_one_array(layer):
    layer.x2u.W.data = layer.x2u.W.data.astype(float)


@pytest.mark.parametrize(
    "change", [replace_an_array, replace_a_layer, tie_two_layers, update_in_place, widen_one_array]
)
def test_a_change_of_the_weights_is_seen(change):
    layer, xs = joined_lstm()
    change(layer)
    assert_textbook(layer, xs)
    for p in layer.params():
        p.data += 0.5
    assert_textbook(layer, xs)


def test_no_array_changes_its_dtype_beside_a_wider_one():
    layer, xs = joined_lstm()
    widen_one_array(layer)
    last(layer, xs)

    assert [path for path, p in layer.named_params() if p.dtype == float] == ["x2u.W"]


def test_a_copy_has_weights_of_its_own():
    layer, xs = joined_lstm()
    layer.reset_state()
    twin = copy.deepcopy(layer)
    before = last(layer, xs).data
    for p in twin.params():
        p.data += 1

    assert_textbook(twin, xs)
    assert np.array_equal(last(layer, xs).data, before)


def test_weights_joined_without_a_graph_get_gradients_afterwards():
    layer, xs = L.LSTM(3), numbers(4, 2, 2)
    with no_grad():
        last(layer, xs)

    assert_textbook(layer, xs)


def test_after_a_cut_the_weights_get_gradients_again():
    layer, xs = joined_lstm()
    for _ in range(2):
        layer.cleargrads()
        loss = (layer(xs[0]) + layer(xs[1])).sum()
        loss.backward()
        loss.unchain_backward()

        assert all(abs(p.grad.data).sum() > 0 for p in layer.params())


def test_sequences_of_one_row_and_of_two_add_up_their_gradients():
    layer, xs = joined_lstm()
    ps = list(layer.params())
    for first, second in ((1, 2), (2, 1), (1, 1)):
        parts = [last(layer, xs[:, :n]).sum() for n in (first, second)]
        both = grad(parts[0] + parts[1], ps)
        one, other = grad(parts[0], ps), grad(parts[1], ps)

        for a, b, c in zip(both, one, other, strict=True):
            assert np.allclose(a.data, b.data + c.data, atol=1e-5)


def test_intermediate_gradients_of_one_row_can_be_kept():
    layer, xs = joined_lstm(1)
    y = last(layer, xs)
    y.sum().backward(retain_grad=True)
    U = layer.joined()[2]

    assert np.array_equal(U.grad.data[:, :3], layer.h2f.W.grad.data)


def test_inputs_may_have_any_number_of_axes():
    for shape in ((2,), (2, 3, 2)):
        assert_textbook(L.LSTM(3), numbers(4, *shape))
    assert_textbook(L.LSTM(3), numbers(4, 1))
