import os
import sys
import tempfile
import unittest
from unittest import mock

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero import Model
from dezero.datasets import Spiral
from dezero.models import MLP
from dezero.optimizers import SGD, Adam, ClipGrad, FreezeParam
from dezero.parallel import (
    DistributedOptimizer,
    ShardedLoader,
    in_threads,
    ring_allreduce,
    summed,
    train,
    world,
)

SPIRAL = Spiral()


def new_models(count, sizes=(8, 3)):
    """Return models that begin with different parameters."""
    np.random.seed(0)
    models = [MLP(sizes, activation=F.relu) for _ in range(count)]
    for model in models:
        model(SPIRAL.data[:1])
    return models


def flat(model):
    return np.concatenate([p.data.ravel() for p in model.params()])


def backward(model, x, t):
    model.cleargrads()
    F.softmax_cross_entropy(model(x), t).backward()


class SumTest(unittest.TestCase):
    def test_a_ring_gives_all_ranks_the_sum(self):
        for size in range(1, 6):
            for n in range(12):
                xs = np.random.default_rng(n).random((size, n))
                total = xs.sum(axis=0)

                def program(comm):
                    ring_allreduce(comm, xs[comm.rank])
                    return xs[comm.rank]

                for found in in_threads(program, size):
                    self.assertTrue(np.allclose(found, total))

    def test_sums_keep_shapes_and_places_of_transposed_arrays(self):
        x = np.arange(6.0).reshape(2, 3)

        def program(comm):
            return summed(comm, [x.T, np.float32(2), x[:, ::2]])

        for found in in_threads(program, 3):
            self.assertTrue(np.array_equal(found[0], 3 * x.T))
            self.assertEqual(found[1], 6)
            self.assertTrue(np.array_equal(found[2], 3 * x[:, ::2]))

    def test_a_thread_sends_memory_as_mpi_does(self):
        x, y = np.arange(6.0).reshape(2, 3), np.zeros((3, 2))
        in_threads(lambda comm: comm.Allreduce(x.T, y), 1)

        self.assertEqual(y.ravel().tolist(), [0, 1, 2, 3, 4, 5])
        with self.assertRaisesRegex(BufferError, "gaps"):
            in_threads(lambda comm: comm.Allreduce(x[:, ::2], y), 1)

    def test_a_rank_that_fails_ends_those_that_wait(self):
        def program(comm):
            if comm.rank == 1:
                raise OSError("no data")
            if comm.rank == 0:
                comm.Recv(np.zeros(1), 1)
            comm.allgather(0)

        with self.assertRaisesRegex(OSError, "no data") as caught:
            in_threads(program, 3)
        self.assertEqual(caught.exception.__notes__, ["on rank 1 of 3"])

    def test_without_mpi4py_the_error_says_what_to_install(self):
        with mock.patch.dict(sys.modules, {"mpi4py": None}):
            with self.assertRaisesRegex(ImportError, "mpi4py mpich"):
                world()


class ShardedLoaderTest(unittest.TestCase):
    def test_each_example_once_in_batches_of_any_number_of_ranks(self):
        data = [(np.float32(i), i) for i in range(23)]

        def program(comm):
            loader = ShardedLoader(data, 9, comm)
            return [[t for _, t in loader] for _ in range(2)]

        (alone,) = in_threads(program, 1)
        shards = in_threads(program, 4)
        for epoch in range(2):
            seen = sorted(np.concatenate(alone[epoch]).tolist())
            self.assertEqual(seen, [*range(23)])
            for batch, *parts in zip(
                alone[epoch], *(shard[epoch] for shard in shards)
            ):
                joined = np.concatenate(parts)
                self.assertEqual(set(joined), set(batch))
                self.assertEqual(len(joined), len(batch))
        self.assertFalse(np.array_equal(alone[0][0], alone[1][0]))

    def test_a_number_gives_the_order_of_an_epoch_again(self):
        data = [(np.float32(i), i) for i in range(23)]

        def program(comm):
            loader = ShardedLoader(data, 23, comm)
            orders = [next(iter(loader))[1] for _ in range(3)]
            loader.epoch = 1
            return orders[1], next(iter(loader))[1]

        self.assertTrue(np.array_equal(*in_threads(program, 1)[0]))

    def test_a_batch_too_small_for_all_ranks_is_an_error(self):
        def program(comm):
            ShardedLoader(range(10), 4, comm)

        in_threads(program, 2)
        with self.assertRaisesRegex(ValueError, "the last has 2, too few"):
            in_threads(program, 3)


class DistributedOptimizerTest(unittest.TestCase):
    def trained(self, size, optimizer=Adam, hooks=()):
        models = new_models(size)

        def program(comm):
            model = models[comm.rank]
            inner = optimizer(0.05).setup(model)
            for hook in hooks:
                inner.add_hook(hook)
            shared = DistributedOptimizer(inner, comm)
            for _ in range(3):
                for x, t in ShardedLoader(SPIRAL, 70, comm):
                    backward(model, x, t)
                    shared.update(len(t))
            return flat(model)

        return in_threads(program, size)

    def test_all_ranks_become_what_one_becomes_with_whole_batches(self):
        for optimizer, hooks in (
            (SGD, ()),
            (Adam, ()),
            (SGD, [ClipGrad(0.1)]),
        ):
            (alone,) = self.trained(1, optimizer, hooks)
            for size in (2, 3):
                found = self.trained(size, optimizer, hooks)
                for one in found:
                    self.assertTrue(np.array_equal(one, found[0]))
                self.assertTrue(np.allclose(found[0], alone, atol=1e-4))
                self.assertFalse(np.array_equal(found[0], flat(new_models(1)[0])))

    def test_buffers_and_transposed_parameters_come_from_rank_0(self):
        def program(comm):
            model = Model()
            model.norm, model.layer = L.BatchNorm(), L.Linear(2)
            x = np.random.default_rng(comm.rank).random((5, 3))
            model.layer(model.norm(x.astype(np.float32)))
            W = model.layer.W
            W.data = np.float32(comm.rank) + W.data.T.copy().T
            DistributedOptimizer(SGD().setup(model), comm)
            return [x.data.copy() for _, x in model.named_saved()]

        np.random.seed(0)
        zero, one = in_threads(program, 2)
        for a, b in zip(zero, one):
            self.assertTrue(np.array_equal(a, b))

    def test_types_stay_and_half_precision_does_not_overflow(self):
        def program(comm):
            model = Model()
            for dtype in (np.float16, np.float32, np.float64):
                layer = L.Linear(2, dtype=dtype, in_size=2)
                setattr(model, np.dtype(dtype).name, layer)
                for p in layer.params():
                    p.grad = F.as_variable(np.full(p.shape, 9e3, dtype))
            inner = SGD().setup(model)
            DistributedOptimizer(inner, comm).average(100)
            return [p.grad.data for p in model.params()]

        for gradient in in_threads(program, 2)[0]:
            self.assertTrue((gradient == 9000).all())
        dtypes = [g.dtype.name for g in in_threads(program, 2)[1][::2]]
        self.assertEqual(dtypes, ["float16", "float32", "float64"])

    def test_a_gradient_on_some_ranks_only_is_an_error_on_all(self):
        models, errors = new_models(3), []

        def program(comm):
            model = models[comm.rank]
            shared = DistributedOptimizer(SGD().setup(model), comm)
            backward(model, SPIRAL.data[:5], SPIRAL.label[:5])
            if comm.rank == 2:
                model.layers[1].b.cleargrad()
            try:
                shared.update()
            except ValueError as error:
                errors.append(str(error))

        in_threads(program, 3)
        self.assertEqual(len(errors), 3)
        for error in errors:
            self.assertRegex(error, "some of 3 .* gradient of layers.1.b:")

    def test_a_frozen_parameter_needs_no_gradient(self):
        models = new_models(2)

        def program(comm):
            model = models[comm.rank]
            inner = SGD().setup(model)
            inner.add_hook(FreezeParam(model.layers[0]))
            shared = DistributedOptimizer(inner, comm)
            backward(model, SPIRAL.data[:5], SPIRAL.label[:5])
            model.layers[0].cleargrads()
            shared.update()

        in_threads(program, 2)

    def test_models_must_be_the_same_and_have_data(self):
        def others(comm):
            (model,) = new_models(1, (8 + comm.rank, 3))
            DistributedOptimizer(SGD().setup(model), comm)

        def empty(comm):
            model = MLP((8, 3))
            DistributedOptimizer(SGD().setup(model), comm)

        with self.assertRaisesRegex(ValueError, r"0.W: .*8.* rank 0, .*9"):
            in_threads(others, 2)
        with self.assertRaisesRegex(ValueError, "no data yet; call"):
            in_threads(empty, 2)


class TrainTest(unittest.TestCase):
    def train(self, epochs, folder, fails=False):
        models = new_models(2)

        class Loader(ShardedLoader):
            def batch(self, indices):
                if fails and self.comm.rank == 1 and self.epoch == 3:
                    raise OSError("no data")
                return super().batch(indices)

        def program(comm):
            model, loader = models[comm.rank], Loader(SPIRAL, 100, comm)
            inner = Adam(0.05).setup(model)
            train(comm, model, inner, loader, epochs, folder)
            return flat(model)

        return in_threads(program, 2)

    def test_after_a_failure_a_new_start_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaisesRegex(OSError, "no data"):
                self.train(4, folder, fails=True)
            self.assertEqual(sorted(os.listdir(folder)), ["1", "2"])
            again = self.train(12, folder)
            last = self.train(12, folder)  # there is nothing to do
        whole = self.train(12, None)

        self.assertTrue(np.array_equal(again, whole))
        self.assertTrue(np.array_equal(again, last))

    def test_ranks_that_find_other_epochs_say_so(self):
        with tempfile.TemporaryDirectory() as folder:
            self.train(1, folder)
            (model,) = new_models(1)

            def program(comm):
                here = folder if comm.rank == 0 else None
                inner, loader = Adam().setup(model), []
                train(comm, model, inner, loader, 1, here)

            with self.assertRaisesRegex(ValueError, "1 on rank 0, 0 on"):
                in_threads(program, 2)
