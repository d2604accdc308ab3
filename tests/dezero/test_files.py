"""Weights and the state of optimizers in files: whole or not at all, and nothing loaded that does not fit."""

import os
import signal
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero import Layer, Model, Parameter
from dezero.files import load_arrays, save_arrays
from dezero.models import MLP, Sequential
from dezero.optimizers import SGD, AdaDelta, AdaGrad, Adam, MomentumSGD

X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)


def model(*sizes, seed=0):
    np.random.seed(seed)
    made = MLP(sizes or (5, 2))
    made(X)
    return made


def weights(made):
    return {path: p.data.copy() for path, p in made.named_params()}


def test_what_is_saved_comes_back_with_its_dtypes(tmp_path):
    saved, other = model(), model(seed=1)
    saved.save_weights(tmp_path / "m.npz")

    other.load_weights(tmp_path / "m.npz")

    assert all(
        np.array_equal(a, b) for a, b in zip(weights(saved).values(), weights(other).values(), strict=True)
    )
    assert {p.dtype for p in other.params()} == {np.dtype("f4")}


def test_a_model_that_has_not_run_takes_its_sizes_from_the_file(tmp_path):
    saved, fresh = model(), MLP((5, 2))
    saved.save_weights(tmp_path / "m.npz")

    fresh.load_weights(tmp_path / "m.npz")

    assert np.array_equal(fresh(X).data, saved(X).data)


def test_a_model_that_has_not_run_is_not_saved(tmp_path):
    with pytest.raises(ValueError, match=r"layers\.0\.W, layers\.1\.W have no data yet; call the model once"):
        MLP((5, 2)).save_weights(tmp_path / "m.npz")

    assert list(tmp_path.iterdir()) == []


def test_numpy_reads_the_file(tmp_path):
    model().save_weights(tmp_path / "m.npz")

    with np.load(tmp_path / "m.npz", allow_pickle=False) as file:
        assert sorted(file) == ["layers.0.W", "layers.0.b", "layers.1.W", "layers.1.b"]


def test_every_difference_is_listed_and_nothing_is_loaded(tmp_path):
    model(5, 2).save_weights(tmp_path / "m.npz")
    other = model(4, 2, 3)
    before = weights(other)

    with pytest.raises(ValueError, match="does not fit") as caught:
        other.load_weights(tmp_path / "m.npz")

    text = str(caught.value)
    assert "layers.2.W is missing" in text
    assert "layers.0.W is (3, 5) in the file, (3, 4) here" in text
    assert all(np.array_equal(before[path], p.data) for path, p in other.named_params())


def test_what_is_in_the_file_alone_is_named(tmp_path):
    model(5, 4, 2).save_weights(tmp_path / "m.npz")

    with pytest.raises(ValueError, match=r"layers\.2\.W is in the file alone"):
        MLP((5, 4)).load_weights(tmp_path / "m.npz")


@pytest.mark.parametrize("name", ["file", "allow_pickle", "args", "a.b", "조각"])
def test_an_attribute_may_have_any_name(tmp_path, name):
    layer = Layer()
    setattr(layer, name, Parameter(np.arange(3.0)))
    layer.save_weights(tmp_path / "m.npz")
    getattr(layer, name).data = np.zeros(3)

    layer.load_weights(tmp_path / "m.npz")

    assert getattr(layer, name).data.tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    "kind", [MLP, lambda sizes: Sequential(*map(L.Linear, sizes))], ids=["MLP", "Sequential"]
)
def test_a_file_of_the_original_is_read(tmp_path, kind):
    W, b = np.ones((3, 2), np.float32), np.zeros(2, np.float32)
    np.savez_compressed(tmp_path / "m.npz", **{"l0/W": W, "l0/b": b, "l1/W": W[:2], "l1/b": b})
    made = kind((2, 2))

    made.load_weights(tmp_path / "m.npz")

    assert [p.shape for p in made.params()] == [(3, 2), (2,), (2, 2), (2,)]


def test_a_file_of_the_original_with_names_of_its_own_layers_is_read(tmp_path):
    class Net(Model):
        def __init__(self):
            self.conv1_1 = L.Linear(2)

    np.savez(tmp_path / "m.npz", **{"conv1_1/W": np.ones((3, 2)), "conv1_1/b": np.zeros(2)})
    net = Net()

    net.load_weights(tmp_path / "m.npz")

    assert net.conv1_1.W.shape == (3, 2)


def test_a_file_without_a_zip_in_it_is_named_as_damaged(tmp_path):
    (tmp_path / "m.npz").write_bytes(b"no zip at all")

    with pytest.raises(ValueError, match="is damaged, or no file of arrays"):
        model().load_weights(tmp_path / "m.npz")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_truncated_file_is_named_as_damaged(tmp_path, share):
    path = tmp_path / "m.npz"
    model().save_weights(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])

    with pytest.raises(ValueError, match="is damaged"):
        model().load_weights(path)


def test_one_changed_byte_is_found(tmp_path):
    path = tmp_path / "m.npz"
    model(50, 2).save_weights(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(bytes(content))

    with pytest.raises(ValueError, match="is damaged"):
        model(50, 2).load_weights(path)


def test_nothing_is_unpickled(tmp_path):
    np.savez(tmp_path / "m.npz", x=np.array([object()], dtype=object))

    with pytest.raises(ValueError, match="Object arrays cannot be loaded"):
        load_arrays(tmp_path / "m.npz")


# --- killed at any moment -------------------------------------------------------------------------

SAVE = """
import os, signal, sys
import numpy as np
from dezero import files

path, moment = sys.argv[1], int(sys.argv[2])
calls = 0


def traced(frame, event, argument):
    global calls
    calls += 1
    if calls == moment:
        os.kill(os.getpid(), signal.SIGKILL)
    return traced


arrays = {f"a{i}": np.full(1000, 2.0) for i in range(3)}
sys.settrace(traced)
files.save_arrays(path, arrays)
sys.settrace(None)
print(calls)
"""


def save_until(path, moment):
    """Save in a process that is killed at its n-th line; return whether it came to its end."""
    command = [sys.executable, "-c", SAVE, str(path), str(moment)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return int(done.stdout) if done.returncode == 0 else 0


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a signal of POSIX")
def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(tmp_path):
    path = tmp_path / "m.npz"
    old = {f"a{i}": np.full(1000, 1.0) for i in range(3)}
    lines = save_until(tmp_path / "count.npz", 0)

    values = []
    for moment in np.unique(np.linspace(1, lines, 24).astype(int)):
        save_arrays(path, old)
        save_until(path, moment)
        found = load_arrays(path)
        values.append({float(array[0]) for array in found.values()})
        assert sorted(found) == sorted(old)

    assert all(value in ({1.0}, {2.0}) for value in values)
    assert values[0] == {1.0}


def test_an_error_while_writing_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "m.npz"
    save_arrays(path, {"a": np.zeros(1)})

    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        save_arrays(path, {"a": np.ones(1), "b": np.array([object()])})

    assert load_arrays(path)["a"].tolist() == [0.0]
    assert [file.name for file in tmp_path.iterdir()] == ["m.npz"]


def test_the_file_is_compressed(tmp_path):
    save_arrays(tmp_path / "m.npz", {"a": np.zeros(100_000)})

    assert zipfile.is_zipfile(tmp_path / "m.npz")
    assert (tmp_path / "m.npz").stat().st_size < 10_000


# --- the state of an optimizer --------------------------------------------------------------------


def train(made, optimizer, steps):
    for _ in range(steps):
        loss = F.mean_squared_error(made(X), X[:, :2])
        made.cleargrads()
        loss.backward()
        optimizer.update()


@pytest.mark.parametrize("kind", [SGD, MomentumSGD, AdaGrad, AdaDelta, Adam])
def test_a_training_goes_on_with_the_same_numbers(tmp_path, kind):
    whole = model()
    optimizer = kind().setup(whole)
    train(whole, optimizer, 6)

    first = model()
    optimizer = kind().setup(first)
    train(first, optimizer, 3)
    first.save_weights(tmp_path / "m.npz")
    optimizer.save_state(tmp_path / "o.npz")

    second = MLP((5, 2))
    second.load_weights(tmp_path / "m.npz")
    optimizer = kind().setup(second)
    optimizer.load_state(tmp_path / "o.npz")
    train(second, optimizer, 3)

    assert all(
        np.array_equal(a, b) for a, b in zip(weights(whole).values(), weights(second).values(), strict=True)
    )


def test_a_state_of_other_parameters_is_refused(tmp_path):
    made = model()
    optimizer = Adam().setup(made)
    train(made, optimizer, 1)
    optimizer.save_state(tmp_path / "o.npz")

    with pytest.raises(ValueError, match=r"does not fit: .*ms/layers\.0\.W"):
        Adam().setup(L.Linear(1, in_size=1)).load_state(tmp_path / "o.npz")
    with pytest.raises(ValueError, match="does not fit: alpha"):
        SGD().setup(made).load_state(tmp_path / "o.npz")


@pytest.mark.parametrize(
    ("arrays", "named"),
    [({"target": np.array(1)}, "target is in the file alone"), ({"lr": np.ones(2)}, r"lr is \(2,\) in")],
    ids=["an attribute that is no state", "two numbers for one"],
)
def test_a_state_has_numbers_and_arrays_of_parameters_alone(tmp_path, arrays, named):
    optimizer = SGD(0.5).setup(L.Linear(1, in_size=1))
    save_arrays(tmp_path / "o.npz", arrays)

    with pytest.raises(ValueError, match=named):
        optimizer.load_state(tmp_path / "o.npz")

    assert optimizer.lr == 0.5


def test_a_state_takes_the_place_of_the_one_that_was_there(tmp_path):
    made = model(3, 2)
    Adam().setup(made).save_state(tmp_path / "o.npz")
    optimizer = Adam().setup(made)
    train(made, optimizer, 2)

    optimizer.load_state(tmp_path / "o.npz")

    assert (optimizer.t, optimizer.ms, optimizer.vs) == (0, {}, {})
