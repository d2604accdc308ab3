"""Ranks, in threads: what they say about mistakes, and what they leave as it was."""

import sys
from threading import BrokenBarrierError

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero import Model, Variable, parallel
from dezero.datasets import Spiral
from dezero.models import MLP
from dezero.optimizers import SGD, Adam, FreezeParam
from dezero.parallel import DistributedOptimizer, ShardedLoader, in_threads, run, train, world

SPIRAL = Spiral()


def new_model(*sizes):
    model = MLP(sizes or (8, 3))
    model(SPIRAL.data[:1])
    return model


def backward(model):
    F.softmax_cross_entropy(model(SPIRAL.data[:5]), SPIRAL.label[:5]).backward()


# --- ranks that are threads -----------------------------------------------------------------------


def test_a_thread_sends_an_array_as_it_lies_in_memory_as_mpi_does():
    x, y = np.arange(6.0).reshape(2, 3), np.zeros((3, 2))

    in_threads(lambda comm: comm.Allreduce(x.T, y), 1)

    assert y.ravel().tolist() == x.ravel().tolist()
    with pytest.raises(BufferError, match="with gaps"):
        in_threads(lambda comm: comm.Allreduce(x[:, ::2], y), 1)


def test_what_is_sent_may_be_changed_at_once():
    def program(comm):
        x, y = np.ones(1), np.zeros(1)
        if comm.rank == 0:
            comm.Send(x, 1)
            x += 1
        else:
            comm.Recv(y, 0)
        return y

    assert in_threads(program, 2)[1] == 1


def test_a_rank_that_fails_ends_those_that_wait_and_is_named():
    def program(comm):
        if comm.rank == 1:
            raise OSError("no data")
        if comm.rank == 0:
            comm.Recv(np.zeros(1), 1)
        comm.allgather(0)

    with pytest.raises(OSError, match="no data") as caught:
        in_threads(program, 3)

    assert caught.value.__notes__ == ["on rank 1 of 3"]


@pytest.mark.parametrize(
    ("program", "error", "message"),
    [
        (
            lambda comm: comm.rank or comm.Recv(np.zeros(1), 0),
            TimeoutError,
            "rank 0 waited 0.1 seconds for a message of rank 0",
        ),
        (lambda comm: comm.rank or comm.allgather(0), BrokenBarrierError, "on rank 0"),
    ],
    ids=["a message", "the others"],
)
def test_a_thread_that_waits_in_vain_ends(monkeypatch, program, error, message):
    monkeypatch.setattr(parallel, "PATIENCE", 0.1)

    with pytest.raises(error, match=message):
        in_threads(program, 2)


@pytest.mark.parametrize("function", [world, lambda: run(print)], ids=["world", "run"])
def test_without_mpi4py_the_error_says_what_to_install(monkeypatch, function):
    monkeypatch.setitem(sys.modules, "mpi4py", None)

    with pytest.raises(ImportError, match="pip install mpi4py mpich"):
        function()


# --- the data loader ------------------------------------------------------------------------------


def test_the_number_of_an_epoch_gives_its_order_whatever_np_random_did():
    def program(comm):
        loader, orders = ShardedLoader([(i, i) for i in range(23)], 23, comm), []
        for loader.epoch in (0, 1, 1):
            np.random.rand(3)
            orders.append(next(iter(loader))[1])
        return orders

    (first, second, again), other = in_threads(program, 2)

    assert np.array_equal(second, again)
    assert not np.array_equal(first, second)
    assert not {*first} & {*other[0]}


def test_without_shuffle_the_ranks_deal_out_the_examples():
    def program(comm):
        loader = ShardedLoader([(i, i) for i in range(10)], 6, comm, shuffle=False)
        return [t.tolist() for _, t in loader]

    assert in_threads(program, 2) == [[[0, 2, 4], [6, 8]], [[1, 3, 5], [7, 9]]]


def test_a_last_batch_too_small_for_all_ranks_is_an_error():
    in_threads(lambda comm: ShardedLoader(range(10), 4, comm), 2)

    with pytest.raises(ValueError, match="the last has 2, too few for 3 ranks; take another"):
        in_threads(lambda comm: ShardedLoader(range(10), 4, comm), 3)


def test_data_sets_of_different_lengths_are_an_error():
    with pytest.raises(ValueError, match="number of examples: 10 on rank 0, 11 on rank 1"):
        in_threads(lambda comm: ShardedLoader(range(10 + comm.rank), 4, comm), 2)


# --- the optimizer --------------------------------------------------------------------------------


def test_parameters_and_buffers_come_from_rank_0_transposed_ones_too():
    models = [Model(), Model()]
    for number, model in enumerate(models):
        model.norm, model.layer = L.BatchNorm(), L.Linear(2)
        x = np.random.default_rng(number).random((5, 3)).astype(np.float32)
        model.layer(model.norm(x))
    models[1].layer.W.data = np.asfortranarray(models[1].layer.W.data)
    before = [variable.data.copy() for _, variable in models[0].named_saved()]

    in_threads(lambda comm: DistributedOptimizer(SGD().setup(models[comm.rank]), comm), 2)

    for model in models:
        found = [variable.data for _, variable in model.named_saved()]
        assert all(np.array_equal(a, b) for a, b in zip(found, before, strict=True))


def test_a_transposed_gradient_is_averaged_in_its_places():
    gradients = [np.arange(6, dtype=np.float32).reshape(2, 3).T * 2 * rank for rank in range(2)]

    def program(comm):
        layer = L.Linear(2, nobias=True, in_size=3)
        layer.W.grad = Variable(gradients[comm.rank])
        DistributedOptimizer(SGD().setup(layer), comm).average(1)
        return layer.W.grad.data

    for found in in_threads(program, 2):
        assert found.tolist() == [[0, 3], [1, 4], [2, 5]]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_mean_has_the_type_and_exactness_of_the_parameter(dtype):
    gradient = dtype(9000 + 1 / 3)  # a hundred times as much is no float16

    def program(comm):
        layer = L.Linear(2, nobias=True, dtype=dtype, in_size=2)
        layer.W.grad = Variable(np.full((2, 2), gradient))
        DistributedOptimizer(SGD().setup(layer), comm).average(100)
        return layer.W.grad.data

    for found in in_threads(program, 2):
        assert found.dtype == dtype
        assert np.allclose(found, gradient, rtol=2 * np.finfo(dtype).eps)


def test_a_gradient_that_is_no_longer_there_is_not_added_up_again_and_again():
    def program(comm):
        layer = L.Linear(2, in_size=2)
        shared = DistributedOptimizer(SGD().setup(layer), comm)
        layer.W.grad, layer.b.grad = Variable(layer.W.data), Variable(layer.b.data + 1)
        shared.average(1)
        layer.W.cleargrad()
        for _ in range(200):
            shared.average(1)
        return layer

    for layer in in_threads(program, 2):
        assert layer.W.grad is None
        assert layer.b.grad.data.tolist() == [1, 1]


def test_a_gradient_on_some_ranks_only_is_an_error_on_all():
    models, errors = [new_model() for _ in range(3)], []

    def program(comm):
        model = models[comm.rank]
        shared = DistributedOptimizer(SGD().setup(model), comm)
        backward(model)
        if comm.rank == 2:
            model.layers[1].b.cleargrad()
        with pytest.raises(
            ValueError, match=r"some of 3 ranks have a gradient of layers\.1\.b: the"
        ) as caught:
            shared.update()
        errors.append(caught.value)

    in_threads(program, 3)

    assert len(errors) == 3


def test_a_parameter_without_gradient_on_all_ranks_is_left_to_the_optimizer():
    models = [new_model() for _ in range(2)]

    def program(comm, *frozen):
        model = models[comm.rank]
        optimizer = SGD().setup(model)
        for layer in frozen:
            optimizer.add_hook(FreezeParam(model.layers[layer]))
        shared = DistributedOptimizer(optimizer, comm)
        backward(model)
        model.layers[0].cleargrads()
        shared.update()

    in_threads(lambda comm: program(comm, 0), 2)

    with pytest.raises(ValueError, match=r"SGD got no gradient for layers\.0\.W, layers\.0\.b"):
        in_threads(program, 2)


def test_models_must_be_the_same_on_all_ranks_and_have_data():
    def optimizer(model, comm):
        return DistributedOptimizer(SGD().setup(model), comm)

    models = [new_model(8, 3), new_model(9, 3), new_model(8, 8, 3)]

    with pytest.raises(
        ValueError, match=r"layers\.0\.W: \(2, 8\) float32 on rank 0, \(2, 9\) float32 on rank 1"
    ):
        in_threads(lambda comm: optimizer(models[comm.rank], comm), 2)
    with pytest.raises(ValueError, match=r"parameters of the model: .*on rank 0, .*layers\.2\.W.* on rank 1"):
        in_threads(lambda comm: optimizer(models[2 * comm.rank], comm), 2)
    with pytest.raises(ValueError, match=r"layers\.0\.W has no data yet; call the model once"):
        in_threads(lambda comm: optimizer(MLP((8, 3)), comm), 2)


# --- saved epochs ---------------------------------------------------------------------------------


def test_the_last_epoch_is_that_with_the_largest_number(tmp_path):
    model = new_model()

    def program(comm):
        train(comm, model, Adam().setup(model), ShardedLoader(SPIRAL, 300, comm), 11, tmp_path / "new")

    in_threads(program, 1)
    before = model.layers[0].W.data.copy()
    in_threads(program, 1)

    assert len([*(tmp_path / "new").iterdir()]) == 11
    assert np.array_equal(model.layers[0].W.data, before)


def test_ranks_that_find_other_epochs_say_so(tmp_path):
    models = [new_model(), new_model()]

    def program(comm, *folders):
        model = models[comm.rank]
        train(comm, model, Adam().setup(model), ShardedLoader(SPIRAL, 100, comm), 1, folders[comm.rank])

    in_threads(lambda comm: program(comm, tmp_path), 1)

    with pytest.raises(ValueError, match="1 on rank 0, 0 on rank 1; all ranks need the same"):
        in_threads(lambda comm: program(comm, tmp_path, tmp_path / "other"), 2)


def test_the_loss_that_is_printed_is_that_of_all_examples(capsys):
    def program(comm):
        layer = L.Linear(2, in_size=1)
        layer.W.data[...], layer.b.data[...] = 0, [10, 0]
        data = [(np.ones(1, np.float32), label) for label in (0, 1)]  # one for each rank
        train(comm, layer, SGD(0).setup(layer), ShardedLoader(data, 2, comm, shuffle=False), 20)

    in_threads(program, 2)

    assert capsys.readouterr().out == "epoch 20: loss 5.0\n"
