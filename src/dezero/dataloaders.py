"""Batches of examples, for a training loop."""

import math

import numpy as np

from dezero.cuda import as_cupy


class DataLoader:
    """The examples of a data set in batches: `for x, t in loader:`.

    Each loop begins anew, with shuffle in a new random order, and gives
    every example once; the last batch is smaller if they do not divide.
    x is (N, ...), t (N, ...), or None if the data set has no labels;
    with gpu, both are on the graphics card.
    Raises a ValueError if batch_size is below 1, or if examples of a
    batch differ in shape.
    """

    def __init__(self, dataset, batch_size, shuffle=True, gpu=False):
        if batch_size < 1:
            raise ValueError(
                f"DataLoader needs a batch_size of at least 1, got "
                f"{batch_size}"
            )
        self.dataset, self.batch_size = dataset, batch_size
        self.shuffle, self.gpu = shuffle, gpu
        self.reset()

    @property
    def max_iter(self):
        """The number of batches."""
        return math.ceil(len(self.dataset) / self.batch_size)

    def __len__(self):
        return self.max_iter

    def __iter__(self):
        for indices in self.indices():
            yield self.batch(indices)

    def indices(self):
        """Yield the indices of the examples of each batch."""
        n = len(self.dataset)
        order = np.random.permutation(n) if self.shuffle else range(n)
        for start in range(0, n, self.batch_size):
            yield order[start : start + self.batch_size]

    def batch(self, indices):
        """Return the examples at these indices, stacked."""
        xs, ts = zip(*(self.dataset[int(i)] for i in indices))
        x, t = stacked(xs, indices, "examples"), None
        if ts[0] is not None:
            t = stacked(ts, indices, "labels")
        if not self.gpu:
            return x, t
        return as_cupy(x), None if t is None else as_cupy(t)

    def to_cpu(self):
        """Give batches for NumPy from now on."""
        self.gpu = False

    def to_gpu(self):
        """Give batches on the graphics card from now on."""
        self.gpu = True

    def reset(self):
        """Let next() begin again with the first batch."""
        self.batches = None

    def __next__(self):
        if self.batches is None:
            self.batches = iter(self)
        try:
            return next(self.batches)
        except StopIteration:
            self.reset()
            raise

    next = __next__


class SeqDataLoader(DataLoader):
    """The examples of a series, in batch_size rows read side by side.

    Row i of every batch goes on where row i of the last one was: the
    rows begin at equal distances. If they do not divide, the last row
    goes on at the beginning of the series.
    """

    def __init__(self, dataset, batch_size, gpu=False):
        super().__init__(dataset, batch_size, shuffle=False, gpu=gpu)

    def indices(self):
        n, jump = len(self.dataset), self.max_iter
        for step in range(jump):
            yield [
                (row * jump + step) % n for row in range(self.batch_size)
            ]


def stacked(items, indices, what):
    """Return items as one array, along a new first axis."""
    first = np.shape(items[0])
    for i, item in zip(indices, items):
        if np.shape(item) != first:
            raise ValueError(
                f"DataLoader got {what} of different shapes: number "
                f"{indices[0]} is {first}, number {i} {np.shape(item)}; "
                "a transform can make them equal"
            )
    return np.stack(items)
