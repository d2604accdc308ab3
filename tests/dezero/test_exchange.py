"""Weights and arrays of others: each layer beside PyTorch's numbers, each file beside the library's."""

import gc
import json
import os
import weakref
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import dezero.functions as F
import dezero.layers as L
from dezero import Layer, Parameter, Variable, grad, no_grad, test_mode
from dezero.exchange import RULES, from_dlpack, load_pytorch, to_pytorch
from dezero.files import load_arrays, save_arrays
from dezero.models import MLP, Sequential
from dezero.optimizers import SGD, Adam

NUMBERS = Path(__file__).with_name("pytorch.safetensors")  # made by pytorch_numbers.py


class Steps(Layer):
    """A recurrent layer that reads a whole series, (steps, batch, numbers), as PyTorch's does."""

    def __init__(self, layer):
        self.layer = layer

    def forward(self, x):
        self.layer.reset_state()
        return Variable(np.stack([self.layer(row).data for row in x]))


LAYERS = {
    "linear": lambda: L.Linear(4, in_size=3),
    "square": lambda: L.Linear(3, in_size=3),
    "no_bias": lambda: L.Linear(2, in_size=3, nobias=True),
    "conv": lambda: L.Conv2d(3, (3, 2), stride=2, pad=1, in_channels=2),
    "deconv": lambda: L.Deconv2d(3, (3, 2), stride=2, pad=1, in_channels=2),
    "embedding": lambda: L.EmbedID(6, 3),
    "layer_norm": lambda: L.LayerNorm(4),
    "batch_norm": lambda: L.BatchNorm(eps=1e-5),
    "batch_norm_of_rows": lambda: L.BatchNorm(decay=1 - 0.3, eps=1e-5),  # momentum=0.3
    "rnn": lambda: L.RNN(3, in_size=2),
    "lstm": lambda: L.LSTM(3, in_size=2),
    "attention": lambda: L.MultiHeadAttention(4, heads=2),
}
UNMADE = {
    "linear": lambda: L.Linear(4),
    "no_bias": lambda: L.Linear(2, nobias=True),
    "conv": lambda: L.Conv2d(3, (3, 2), stride=2, pad=1),
    "deconv": lambda: L.Deconv2d(3, (3, 2), stride=2, pad=1),
    "rnn": lambda: L.RNN(3),
    "lstm": lambda: L.LSTM(3),
}


def numbers(start):
    """Return the arrays of the file whose names begin so, under the rest of their names."""
    return {k.removeprefix(start): v for k, v in load_arrays(NUMBERS).items() if k.startswith(start)}


def called(name, layer):
    steps = isinstance(layer, L.RNN | L.LSTM)
    return (Steps(layer) if steps else layer)(numbers(f"{name}.")["input"]).data


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_with_pytorchs_weights_gives_pytorchs_numbers(name):
    layer = LAYERS[name]()
    load_pytorch(layer, numbers(f"{name}.weights."))

    y = called(name, layer)

    assert y.dtype == np.float32
    assert np.allclose(y, numbers(f"{name}.")["output"], rtol=1e-6, atol=2e-6)


@pytest.mark.parametrize("name", UNMADE)
def test_a_layer_that_has_not_run_takes_its_sizes_from_pytorchs_weights(name):
    layer = UNMADE[name]()
    load_pytorch(layer, numbers(f"{name}.weights."))

    y = called(name, layer)

    assert np.allclose(y, numbers(f"{name}.")["output"], rtol=1e-6, atol=2e-6)


@pytest.mark.parametrize("name", ["batch_norm", "batch_norm_of_rows"])
def test_batch_norm_follows_its_batches_as_pytorch_does(name):
    layer = LAYERS[name]()
    load_pytorch(layer, numbers(f"{name}.weights."))
    layer(numbers(f"{name}.")["input"])
    trained = numbers(f"{name}.trained.")

    assert np.allclose(layer.avg_mean.data, trained["running_mean"], rtol=1e-5, atol=1e-8)
    assert np.allclose(layer.avg_var.data, trained["running_var"], rtol=1e-5)
    with test_mode():
        assert np.allclose(called(name, layer), numbers(f"{name}.")["output_of_test"], rtol=1e-5, atol=1e-6)


def test_pytorchs_eps_is_seen_in_these_numbers():
    layer = L.BatchNorm()
    load_pytorch(layer, numbers("batch_norm.weights."))

    assert not np.allclose(called("batch_norm", layer), numbers("batch_norm.")["output"], rtol=1e-3)


@pytest.mark.parametrize("name", LAYERS)
def test_the_way_back_has_pytorchs_names_shapes_and_numbers(name):
    layer = LAYERS[name]()
    there = numbers(f"{name}.weights.")
    there.pop("num_batches_tracked", None)
    load_pytorch(layer, there)

    back = to_pytorch(layer)

    assert {n: x.shape for n, x in back.items()} == {n: x.shape for n, x in there.items()}
    if "bias_hh_l0" in there:  # our one bias is the sum of the two
        there["bias_ih_l0"] = there["bias_ih_l0"] + there["bias_hh_l0"]
        there["bias_hh_l0"] = 0 * there["bias_hh_l0"]
    assert all(np.array_equal(back[n], there[n]) for n in there)


def test_every_layer_with_parameters_of_its_own_has_a_rule():
    layers = {k for k in vars(L).values() if isinstance(k, type) and issubclass(k, Layer)} - {Layer}
    layers -= {L.TransformerBlock}  # it has those of its layers alone

    assert {k for k in layers if not set(k.__mro__) & set(RULES)} == set()


# --- names ----------------------------------------------------------------------------------------


def test_the_longest_beginning_of_a_name_is_replaced():
    model = Sequential(L.LayerNorm(2), MLP((3,)), L.LayerNorm(1))
    model(np.ones((1, 2), np.float32))

    found = to_pytorch(
        model, {"layers": "net", "layers.1": "mlp", "layers.2": "", "layers.1.layers.0.bias": "b"}
    )

    assert list(found) == ["net.0.weight", "net.0.bias", "mlp.layers.0.weight", "b", "weight", "bias"]


def test_a_beginning_is_whole_words():
    assert list(to_pytorch(Sequential(L.LayerNorm(2)), {"layer": "x", "layers.0.wei": "y"})) == [
        "layers.0.weight",
        "layers.0.bias",
    ]


def test_all_names_can_get_a_beginning():
    assert list(to_pytorch(L.LayerNorm(2), {"": "norm"})) == ["norm.weight", "norm.bias"]


def test_a_shared_layer_is_loaded_once_and_a_shared_parameter_twice():
    norm = L.LayerNorm(2)
    other = L.LayerNorm(2)
    other.gamma = norm.gamma

    assert list(to_pytorch(Sequential(norm, norm))) == ["layers.0.weight", "layers.0.bias"]
    assert len(to_pytorch(Sequential(norm, other))) == 4


def test_a_layer_derived_from_one_with_a_rule_and_a_parameter_more_loses_none():
    class Scaled(L.Linear):
        def __init__(self):
            super().__init__(2, in_size=2)
            self.scale = Parameter(np.ones(1))

    with pytest.raises(ValueError, match=r"scale is missing, \(1,\) here"):
        load_pytorch(Scaled(), {"weight": np.ones((2, 2)), "bias": np.ones(2)})


def test_parameters_keep_their_dtype_and_memory_of_their_own():
    layer, fresh = L.Linear(2, in_size=2), L.Linear(2)
    there = {"weight": np.ones((2, 2)), "bias": np.ones(2, np.float16)}
    load_pytorch(layer, there)
    load_pytorch(fresh, there)

    there["weight"][...] = there["bias"][...] = 7

    for one in (layer, fresh):
        assert [p.data.tolist() for p in one.params()] == [[[1, 1], [1, 1]], [1, 1]]
    assert {p.dtype for p in layer.params()} == {np.dtype("f4")}


def test_what_is_given_away_has_memory_of_its_own():
    layer = L.LayerNorm(2)

    to_pytorch(layer)["weight"][...] = 7

    assert layer.gamma.data.tolist() == [1, 1]


def test_a_bias_that_is_too_many_is_named():
    with pytest.raises(ValueError, match=r"bias is in the file alone, \(2,\)"):
        load_pytorch(L.Linear(2, in_size=2, nobias=True), {"weight": np.ones((2, 2)), "bias": np.ones(2)})


def test_an_lstm_of_another_kind_is_refused_before_anything_is_loaded():
    lstm = L.LSTM(3)
    there = numbers("lstm.weights.")
    there["weight_ih_l0"] = there["weight_ih_l0"][:-1]

    with pytest.raises(ValueError, match="equal division"):
        load_pytorch(lstm, there)

    assert lstm.x2i.W.data is None
    assert not lstm.x2i.b.data.any()


def test_a_trained_model_goes_on_with_pytorchs_weights():
    x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)
    model = Sequential(L.Linear(4, in_size=3), F.tanh, L.Linear(3, in_size=4, nobias=True))
    weights = numbers("linear.weights.")
    load_pytorch(
        model,
        {"a.weight": weights["weight"], "a.bias": weights["bias"], "b.weight": weights["weight"].T},
        {"layers.0": "a", "layers.2": "b"},
    )
    optimizer, losses = Adam().setup(model), []
    for _ in range(5):
        loss = F.mean_squared_error(model(x), x)
        model.cleargrads()
        loss.backward()
        optimizer.update()
        losses.append(float(loss.data))

    assert losses == sorted(losses, reverse=True)


# --- files beside the library's -------------------------------------------------------------------

ARRAYS = {
    "bool": np.array([True, False, True]),
    "uint8": np.arange(3, dtype="u1"),
    "int8": np.arange(-1, 2, dtype="i1"),
    "uint16": np.arange(3, dtype="u2"),
    "int16": np.arange(-1, 2, dtype="i2"),
    "uint32": np.arange(3, dtype="u4"),
    "int32": np.arange(-1, 2, dtype="i4"),
    "uint64": np.arange(3, dtype="u8"),
    "int64": np.arange(-1, 2, dtype="i8"),
    "float16": np.array([[0.5, -np.inf]], "f2"),
    "float32": np.array([[0.5, np.pi]], "f4"),
    "float64": np.array([[0.5, np.pi]], "f8"),
    "no axes": np.array(2.5),
    "no elements": np.ones((0, 3), "f4"),
    "조각": np.ones(1, "f4"),
}


def written(path, data, **header):
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def same(a, b):
    return sorted(a) == sorted(b) and all(
        np.array_equal(a[n], b[n]) and a[n].dtype == b[n].dtype and a[n].shape == b[n].shape for n in b
    )


def test_the_library_reads_our_file(tmp_path):
    save_arrays(tmp_path / "a.safetensors", ARRAYS)

    assert same(load_file(tmp_path / "a.safetensors"), ARRAYS)


def test_we_read_the_librarys_file(tmp_path):
    save_file(ARRAYS, tmp_path / "a.safetensors", metadata={"format": "np"})

    found = load_arrays(tmp_path / "a.safetensors")

    assert same(found, ARRAYS)
    assert all(array.flags.writeable for array in found.values())


def test_every_number_lies_at_a_multiple_of_its_size(tmp_path):
    save_arrays(tmp_path / "a.safetensors", ARRAYS)
    content = (tmp_path / "a.safetensors").read_bytes()
    length = int.from_bytes(content[:8], "little")

    for name, entry in json.loads(content[8 : 8 + length]).items():
        assert (8 + length + entry["data_offsets"][0]) % ARRAYS[name].itemsize == 0


def test_a_file_without_arrays_is_read_again(tmp_path):
    save_arrays(tmp_path / "a.safetensors", {})

    assert load_arrays(tmp_path / "a.safetensors") == load_file(tmp_path / "a.safetensors") == {}


def test_any_damage_is_a_value_error_or_changes_numbers_alone(tmp_path):
    """There is no checksum: a wrong byte of an array is a wrong number, and one of a name another name."""
    path = tmp_path / "a.safetensors"
    save_arrays(path, {"x": np.arange(3.0), "y": np.ones((2, 1), "f4")})
    content = path.read_bytes()
    cuts = [content[:i] for i in range(len(content))]
    changes = [content[:i] + bytes([byte ^ 16]) + content[i + 1 :] for i, byte in enumerate(content)]
    errors = []

    for damaged in cuts + changes:
        path.write_bytes(damaged)
        try:
            assert sum(array.nbytes for array in load_arrays(path).values()) == 32
        except ValueError as error:
            errors.append(error)

    assert len(errors) > len(cuts)
    assert all("a.safetensors is damaged" in str(error) for error in errors)
    assert not any(isinstance(error.__cause__, MemoryError) for error in errors)


@pytest.mark.parametrize(
    ("begin", "end", "shape"),
    [(0, 4, [-1]), (0, 4, [2]), (4, 8, [1]), (0, 2**62, [2**60]), (0, -4, [-1]), (0, 4, [1.0]), (0, 4, "1")],
)
def test_an_entry_that_lies_is_refused(tmp_path, begin, end, shape):
    entry = {"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}
    written(tmp_path / "a.safetensors", b"1234", x=entry)

    with pytest.raises(ValueError, match="is damaged"):
        load_arrays(tmp_path / "a.safetensors")


def test_arrays_that_overlap_are_refused(tmp_path):
    entry = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    written(tmp_path / "a.safetensors", b"1234", x=entry, y=entry)

    with pytest.raises(ValueError, match="begins at 0, not 4"):
        load_arrays(tmp_path / "a.safetensors")


def test_the_length_of_the_header_is_not_believed(tmp_path):
    (tmp_path / "a.safetensors").write_bytes(b"\xff" * 8 + b"{}")

    with pytest.raises(ValueError, match="is damaged"):
        load_arrays(tmp_path / "a.safetensors")


def test_bfloat16_becomes_float32(tmp_path):
    path = tmp_path / "a.safetensors"
    written(
        path,
        b"\x80\x3f\x20\xc0\x80\x7f",
        x={"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]},
        y={"dtype": "BF16", "shape": [], "data_offsets": [4, 6]},
    )

    found = load_arrays(path)

    assert {name: array.tolist() for name, array in found.items()} == {"x": [1, -2.5], "y": np.inf}
    assert {array.dtype for array in found.values()} == {np.dtype("f4")}


def test_a_type_that_numpy_does_not_have_is_named_with_the_way_out(tmp_path):
    path = tmp_path / "a.safetensors"
    written(path, b"x", x={"dtype": "F8_E4M3", "shape": [1], "data_offsets": [0, 1]})

    with pytest.raises(ValueError, match=r"x is of the type F8_E4M3, .* convert it to F32"):
        load_arrays(path)


@pytest.mark.parametrize(
    ("name", "array"), [("x", np.ones(2, complex)), ("x", np.array([None])), ("__metadata__", np.ones(2))]
)
def test_what_the_format_does_not_have_is_refused_and_the_old_file_stays(tmp_path, name, array):
    save_arrays(tmp_path / "a.safetensors", {"x": np.ones(2)})

    with pytest.raises(ValueError, match=rf"{name}, of .*npz takes it"):
        save_arrays(tmp_path / "a.safetensors", {name: array})

    assert load_arrays(tmp_path / "a.safetensors")["x"].tolist() == [1, 1]


class Interrupt:
    def __array__(self, dtype=None, copy=None):
        raise KeyboardInterrupt


def test_an_interrupted_save_leaves_the_old_file(tmp_path):
    save_arrays(tmp_path / "a.safetensors", {"x": np.ones(2)})

    with pytest.raises(KeyboardInterrupt):
        save_arrays(tmp_path / "a.safetensors", {"x": np.zeros(2), "y": Interrupt()})

    assert load_arrays(tmp_path / "a.safetensors")["x"].tolist() == [1, 1]
    assert os.listdir(tmp_path) == ["a.safetensors"]


def test_the_state_of_an_optimizer_can_be_in_such_a_file(tmp_path):
    model = L.Linear(2, in_size=2)
    optimizer = Adam(0.1).setup(model)
    F.sum(model(np.ones((1, 2), np.float32))).backward()
    optimizer.update()
    optimizer.save_state(tmp_path / "a.safetensors")
    other = Adam().setup(model)

    other.load_state(tmp_path / "a.safetensors")

    assert (other.alpha, other.t) == (0.1, 1)
    assert all(np.array_equal(other.ms[p], optimizer.ms[p]) for p in model.params())


# --- arrays in memory -----------------------------------------------------------------------------


class Old:
    """An array of another library, as of the first DLPack, which knew no options."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, stream=None):
        return self.array.__dlpack__(stream=stream)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


class Exporter:
    """An array of another library, as of DLPack 1.0: it notes with what it was asked."""

    def __init__(self, array):
        self.array, self.asked = array, {}

    def __dlpack__(self, **options):
        self.asked = options
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def test_what_is_asked_of_a_variable_is_asked_of_its_data():
    data = Exporter(np.ones(2))
    x = Variable(np.ones(2))
    x.data = data
    x.data.__class__.__array_ufunc__ = None  # it acts like an array

    capsule = x.__dlpack__(max_version=(1, 0), copy=True)

    assert data.asked == {"max_version": (1, 0), "copy": True}
    assert "dltensor" in repr(capsule)
    assert x.__dlpack_device__() == np.ones(2).__dlpack_device__()


@pytest.mark.parametrize("kind", ["old", "new"])
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3).T,
        np.arange(6.0)[::-2],
        np.ones((0, 3)),
        np.array(1.5),
        np.array([True, False]),
        np.ones(2, np.float16),
        np.arange(3),
    ],
    ids=["transposed", "reversed", "empty", "no axes", "bool", "float16", "int"],
)
def test_types_shapes_and_orders_arrive(kind, array):
    found = from_dlpack((Old if kind == "old" else Exporter)(array)).data

    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert np.array_equal(found, array)


@pytest.mark.skipif(
    not np.from_dlpack(np.ones(1)).flags.writeable,
    reason="NumPy before 2.2.5 makes all such arrays read-only",
)
def test_an_optimizer_changes_the_array_of_the_other_library():
    theirs = Exporter(np.ones(2))
    layer = Layer()
    layer.w = Parameter(None)
    layer.w.data = from_dlpack(theirs).data

    (layer.w * layer.w).sum().backward()
    SGD(0.25).setup(layer).update()

    assert theirs.array.tolist() == [0.5, 0.5]


def test_an_array_that_is_read_only_stays_so_unless_it_is_copied():
    array = np.ones(2)
    array.flags.writeable = False

    assert not from_dlpack(Exporter(array)).data.flags.writeable
    assert from_dlpack(Exporter(array), copy=True).data.flags.writeable


def test_the_memory_lives_as_long_as_a_variable_has_it():
    array = np.ones(1000)
    watch = weakref.ref(array)
    x = from_dlpack(Exporter(array))
    del array
    gc.collect()

    assert x.data.sum() == 1000
    assert watch() is not None
    del x
    gc.collect()
    assert watch() is None


def test_a_variable_from_elsewhere_has_gradients():
    x = from_dlpack(Exporter(np.array([1.0, 2.0])))

    assert grad((x**2).sum(), x).data.tolist() == [2.0, 4.0]


@pytest.mark.parametrize("make", [np.asarray, np.array], ids=["np.asarray", "np.array"])
def test_without_a_graph_a_variable_is_an_array(make):
    x = Variable(np.arange(3.0))

    with no_grad():
        found = make(x)
        halves = make(x, dtype=np.float16)

    assert found.tolist() == halves.tolist() == [0, 1, 2]
    assert halves.dtype == np.float16
    assert np.shares_memory(found, x.data) == (make is np.asarray)
    with pytest.raises(TypeError, match=r"np\.array does not take variables"):
        make(x)


def test_a_variable_without_data_is_no_array():
    with no_grad(), pytest.raises(TypeError, match="give it an array first"):
        np.asarray(Parameter(None))
