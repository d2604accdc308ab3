import os
import tempfile
import unittest

import numpy as np

import dezero.functions as F
from dezero.datasets import Spiral
from dezero.models import MLP
from dezero.optimizers import SGD, Adam, ClipGrad
from dezero.parallel import (
    DistributedOptimizer,
    ShardedLoader,
    in_threads,
    ring_allreduce,
    train,
    views,
)

SPIRAL = Spiral()


def new_models(count):
    """Return models that begin with different parameters."""
    np.random.seed(0)
    models = [MLP((8, 3), activation=F.relu) for _ in range(count)]
    for model in models:
        model(SPIRAL.data[:1])
    return models


def flat(model):
    return np.concatenate([p.data.ravel() for p in model.params()])


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

    def test_arrays_in_views_of_one_array_keep_their_places(self):
        x = np.arange(6.0).reshape(2, 3)
        shapes = (3, 2), (), (2, 2)

        def program(comm):
            flat = np.zeros(11)
            parts = views(flat, shapes)
            for part, y in zip(parts, (x.T, 2, x[:, ::2])):
                part[...] = y
            comm.Allreduce(None, flat)
            return parts

        for a, b, c in in_threads(program, 3):
            self.assertTrue(np.array_equal(a, 3 * x.T))
            self.assertEqual(b, 6)
            self.assertTrue(np.array_equal(c, 3 * x[:, ::2]))


class ShardedLoaderTest(unittest.TestCase):
    def test_each_example_once_in_the_batches_of_a_single_rank(self):
        data = [(np.float32(i), i) for i in range(23)]

        def program(comm):
            loader = ShardedLoader(data, 9, comm)
            return [[t for _, t in loader] for _ in range(2)]

        (alone,) = in_threads(program, 1)
        ranks = in_threads(program, 4)
        for epoch in range(2):
            seen = sorted(np.concatenate(alone[epoch]).tolist())
            self.assertEqual(seen, [*range(23)])
            parts = zip(*(rank[epoch] for rank in ranks))
            for batch, part in zip(alone[epoch], parts):
                joined = np.concatenate(part)
                self.assertEqual(sorted(joined), sorted(batch))
        self.assertFalse(np.array_equal(alone[0][0], alone[1][0]))


class DistributedOptimizerTest(unittest.TestCase):
    def trained(self, size, optimizer, hooks):
        models = new_models(size)

        def program(comm):
            model = models[comm.rank]
            inner = optimizer(0.05).setup(model)
            inner.hooks.extend(hooks)
            shared = DistributedOptimizer(inner, comm)
            for x, t in ShardedLoader(SPIRAL, 70, comm):
                model.cleargrads()
                F.softmax_cross_entropy(model(x), t).backward()
                shared.update(len(t))
            return flat(model)

        return in_threads(program, size)

    def test_all_ranks_become_what_a_single_one_becomes(self):
        for setting in ((SGD, []), (Adam, []), (SGD, [ClipGrad(0.1)])):
            (alone,) = self.trained(1, *setting)
            for size in (2, 3):
                first, *others = self.trained(size, *setting)
                self.assertTrue(np.allclose(first, alone, atol=1e-4))
                for other in others:
                    self.assertTrue(np.array_equal(first, other))


class TrainTest(unittest.TestCase):
    def train(self, folder, fails=False):
        models = new_models(2)

        class Loader(ShardedLoader):
            def batch(self, indices):
                if fails and self.comm.rank == 1 and self.epoch == 3:
                    raise OSError("no data")
                return super().batch(indices)

        def program(comm):
            model, loader = models[comm.rank], Loader(SPIRAL, 100, comm)
            train(comm, model, Adam(0.05).setup(model), loader, 5, folder)
            return flat(model)

        return in_threads(program, 2)

    def test_after_a_failure_a_new_start_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaisesRegex(OSError, "no data"):
                self.train(folder, fails=True)
            self.assertEqual(sorted(os.listdir(folder)), ["1", "2"])
            again = self.train(folder)
            finished = self.train(folder)  # there is nothing to do

        self.assertTrue(np.array_equal(again, self.train(None)))
        self.assertTrue(np.array_equal(again, finished))
