"""Layers and models: which parameters they have, in which order, and how they say so."""

import subprocess
import sys

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import Layer, Model, Parameter, Variable
from dezero.models import MLP, Sequential


class Two(Model):
    def __init__(self):
        self.second = L.Linear(3, in_size=2)
        self.first = L.Linear(2, in_size=3)

    def forward(self, x):
        return self.first(F.sigmoid(self.second(x)))


def paths(layer):
    return [path for path, _ in layer.named_params()]


def test_parameters_come_in_the_order_of_their_assignment():
    assert paths(Two()) == ["second.W", "second.b", "first.W", "first.b"]


@pytest.mark.slow
def test_the_order_does_not_depend_on_the_seed_of_hashes():
    program = """
from dezero import Layer, Parameter
import numpy as np
layer = Layer()
for name in "qwertyuiop":
    setattr(layer, name, Parameter(np.zeros(1), name))
print("".join(p.name for p in layer.params()))
"""
    for seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )

        assert done.stdout == "qwertyuiop\n"


def test_lists_tuples_and_dicts_of_layers_count():
    layer = Layer()
    layer.blocks = [L.Linear(1, in_size=1), (L.Linear(1, nobias=True, in_size=1),)]
    layer.heads = {"left": L.Linear(1, in_size=1), "right": Parameter(np.zeros(2))}

    assert paths(layer) == [
        "blocks.0.W",
        "blocks.0.b",
        "blocks.1.0.W",
        "heads.left.W",
        "heads.left.b",
        "heads.right",
    ]


def test_a_shared_parameter_comes_once_with_its_first_path():
    layer = Layer()
    layer.a = L.Linear(2, nobias=True, in_size=2)
    layer.b = layer.a
    layer.c = L.Linear(2, nobias=True, in_size=2)
    layer.c.W = layer.a.W

    assert paths(layer) == ["a.W"]


def test_a_layer_that_knows_its_owner_does_not_go_round_in_circles():
    layer = Two()
    layer.first.owner = layer

    assert len(list(layer.params())) == 4


def test_a_parameter_that_is_assigned_later_or_deleted_counts_as_it_stands():
    layer = Two()
    layer.extra = Parameter(np.zeros(1))
    del layer.second

    assert paths(layer) == ["first.W", "first.b", "extra"]


def test_a_layer_needs_no_init_of_its_own():
    class Scale(Layer):
        def __init__(self):
            self.factor = Parameter(np.array(2.0))

        def forward(self, x):
            return self.factor * x

    y = Scale()(np.array(3.0))

    assert y.data == 6.0


def test_a_layer_without_forward_says_what_is_missing():
    with pytest.raises(NotImplementedError, match=r"Layer needs a forward method: def forward\(self, x\)"):
        Layer()(np.zeros(1))


def test_cleargrads_clears_every_gradient():
    model = Two()
    F.sum(model(np.ones((4, 2), np.float32))).backward()

    model.cleargrads()

    assert [p.grad for p in model.params()] == [None] * 4


# --- Linear ---------------------------------------------------------------------------------------


def test_the_first_input_tells_the_size_and_a_second_of_another_is_refused():
    layer = L.Linear(3)
    layer(np.ones((2, 5), np.float32))

    assert (layer.W.shape, layer.in_size) == ((5, 3), 5)
    with pytest.raises(
        ValueError, match=r"Linear needs x \(\.\.\., D\).*got \(2, 4\) and \(5, 3\) and \(3,\)"
    ):
        layer(np.ones((2, 4), np.float32))


def test_weights_are_float32_with_the_standard_deviation_of_lecun():
    np.random.seed(0)
    layer = L.Linear(400, in_size=900)

    assert layer.W.dtype == layer.b.dtype == np.float32
    assert np.isclose(layer.W.data.std(), 1 / 30, rtol=0.01)
    assert not layer.b.data.any()


def test_the_same_seed_gives_the_same_weights():
    weights = []
    for _ in range(2):
        np.random.seed(7)
        weights.append(L.Linear(3, in_size=2).W.data)

    assert np.array_equal(*weights)


def test_float32_stays_float32_from_the_data_to_the_new_weights():
    model, x, t = MLP((4, 3)), np.ones((5, 2), np.float32), np.zeros(5, int)
    for optimizer in (dezero.optimizers.SGD(0.1), dezero.optimizers.Adam(np.float64(0.1))):
        optimizer.setup(model)
        loss = F.softmax_cross_entropy(model(x), t)
        model.cleargrads()
        loss.backward()
        optimizer.update()

        assert {v.dtype for v in (loss, *model.params(), *(p.grad for p in model.params()))} == {
            np.dtype("f4")
        }


def test_the_gradient_of_the_input_is_computed_for_variables_alone(monkeypatch):
    products = []
    rule = dezero.core.MatMul.rule

    def counted(self, gy, y, x, W):
        gxs = rule(self, gy, y, x, W)
        products.append([gx is not None for gx in gxs])
        return gxs

    monkeypatch.setattr(dezero.core.MatMul, "rule", counted)
    layer, x = L.Linear(1, in_size=2), np.ones((1, 2), np.float32)
    layer(x).backward()
    layer(Variable(x)).backward()

    assert products == [[False, True], [True, True]]


# --- Models ---------------------------------------------------------------------------------------


def test_layers_and_functions_stand_in_a_row():
    model = Sequential(L.Linear(4, in_size=2), F.sigmoid, L.Linear(1, in_size=4))

    assert model(np.ones((3, 2), np.float32)).shape == (3, 1)
    assert paths(model) == ["layers.0.W", "layers.0.b", "layers.2.W", "layers.2.b"]


def test_a_perceptron_has_its_activation_between_the_layers_and_not_after_the_last():
    model, x = MLP((4, 3), activation=F.relu), np.ones((2, 5), np.float32)
    y = model(x)
    (W0, b0, W1, b1) = (p.data for p in model.params())

    assert np.allclose(y.data, np.maximum(x @ W0 + b0, 0) @ W1 + b1)


def test_a_model_shows_its_shapes_and_an_unknown_one_as_a_question():
    model = MLP((3, 1))

    assert repr(model) == "MLP(layers.0.W ?, layers.0.b (3,), layers.1.W ?, layers.1.b (1,), 4 numbers)"
    model(np.ones((1, 2), np.float32))
    assert repr(model.layers[0]) == "Linear(W (2, 3), b (3,), 9 numbers)"


def test_a_layer_without_parameters_says_so():
    assert repr(Layer()) == "Layer(0 numbers)"


def test_the_summary_counts_the_numbers_in_each_parameter():
    model = MLP((1000, 10))
    model(np.ones((1, 784), np.float32))

    assert model.summary().splitlines() == [
        "layers.0.W  (784, 1000)  float32  784,000",
        "layers.0.b  (1000,)      float32    1,000",
        "layers.1.W  (1000, 10)   float32   10,000",
        "layers.1.b  (10,)        float32       10",
        "total                             795,010",
    ]


@pytest.mark.filterwarnings("ignore:.*:UserWarning")  # no renderer
def test_a_model_is_drawn_into_a_file(tmp_path):
    Two().plot(np.ones((1, 2), np.float32), to_file=tmp_path / "model.svg")

    assert list(tmp_path.glob("model.*"))
