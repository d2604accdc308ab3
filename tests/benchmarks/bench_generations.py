"""Time per operation, forward and backward, against the number of operations.

    uv run python tests/benchmarks/bench_generations.py

The promise: from each N to ten times N, the time per operation grows by at most 1.5, in three shapes.
It is measured with Python's collector of cycles off, as `timeit` measures. A graph has no cycles, so the
collector finds nothing in it, but to find nothing it walks through the whole graph, again whenever that has
grown by a quarter: some microseconds per operation from about 10,000 operations on, shown in the last tables.
Beside the heap, the queue of the original: a list that is sorted at every insertion, quadratic on "wide".
"""

import gc
import sys
import time
from itertools import pairwise

import numpy as np

from dezero import Variable, core_simple

PROMISE = 1.5
SIZES = [1_000, 10_000, 100_000]
SORTED_SIZES = [1_000, 2_000, 4_000, 8_000]


def chain(n):
    """x * 1.0 * 1.0 ...: every function has a generation of its own."""
    w = Variable(np.array(1.0))
    y = Variable(np.array(1.0))
    for _ in range(n):
        y = y * w
    return y


def shared(n):
    """x + x + ...: one variable used n times."""
    x = Variable(np.array(1.0))
    y = x
    for _ in range(n):
        y = y + x
    return y


def wide(n):
    """x0 * w + x1 * w + ...: n products of generation 0 wait in the queue at once."""
    w = Variable(np.array(1.0))
    products = [Variable(np.array(1.0)) * w for _ in range(n // 2)]
    y = products.pop()
    while products:
        y = y + products.pop()
    return y


def sorted_past_of(variable):
    """The queue of the original, in the place of `core_simple.past_of`."""
    queue, seen = [], set()

    def visit(x):
        if x.creator is not None and x.creator not in seen:
            seen.add(x.creator)
            queue.append(x.creator)
            queue.sort(key=lambda function: function.generation)

    visit(variable)
    while queue:
        function = queue.pop()
        yield function
        for x in function.inputs:
            visit(x)


def once(shape, n):
    """Return the seconds of one forward and one backward run."""
    gc.collect()  # so that no run inherits the collector's schedule from the one before
    start = time.perf_counter()
    y = shape(n)
    middle = time.perf_counter()
    y.backward()
    return middle - start, time.perf_counter() - middle


def per_operation(shape, sizes):
    """Return the microseconds per operation for each size, forward and backward: the best of several rounds.

    Each round takes every size, so that whatever else the machine does hits all of them alike.
    """
    best = [(float("inf"), float("inf"))] * len(sizes)
    for _ in range(5):
        for place, n in enumerate(sizes):
            runs = [once(shape, n) for _ in range(max(1, 20_000 // n))]
            times = [1e6 * min(seconds) / n for seconds in zip(*runs, strict=True)]
            best[place] = tuple(map(min, best[place], times))
    return zip(*best, strict=True)


def table(title, shapes, sizes):
    """Print the times of the shapes at the sizes and return the worst growth from one size to the next."""
    print(f"\n{title}")
    print(f"{'us per operation':20}" + "".join(f"{f'N = {n:,}':>14}" for n in sizes) + "   growth")
    worst = 0.0
    for shape in shapes:
        for direction, times in zip(["forward", "backward"], per_operation(shape, sizes), strict=True):
            growth = [later / earlier for earlier, later in pairwise(times)]
            worst = max(worst, *growth)
            cells = "".join(f"{t:14.2f}" for t in times)
            print(f"{shape.__name__:8}{direction:12}{cells}   " + ", ".join(f"{g:.2f}" for g in growth))
    return worst


def main():
    shapes = [chain, shared, wide]
    gc.disable()
    worst = table("heap with a running count", shapes, SIZES)
    print(f"worst growth {worst:.2f}, promised {PROMISE}")

    heap, core_simple.past_of = core_simple.past_of, sorted_past_of
    table("list sorted at every insertion", shapes, SORTED_SIZES)
    core_simple.past_of = heap

    gc.enable()
    table("heap, with the collector on", shapes, SIZES)
    table("heap, with the collector on, to a million", [chain], [100_000, 1_000_000])
    return worst > PROMISE


if __name__ == "__main__":
    sys.exit(main())
