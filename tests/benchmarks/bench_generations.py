"""Time per operation, forward, backward and backward once more, against the number of operations.

    uv run python tests/benchmarks/bench_generations.py

The promise: from each N to ten times N, the time per operation grows by at most 1.5, in three shapes,
for both engines, and for the second derivatives of the new one.
It is measured in processor time, with Python's collector of cycles off, as `timeit` has it. A graph has no
cycles, so the collector finds nothing in it, but to find nothing it walks through the whole graph, again
whenever that has grown by a quarter: some microseconds per operation from about 10,000 operations on, shown
in the last tables.
Beside the heap, the queue of the original: a list that is sorted at every insertion, quadratic on "wide".
"""

import gc
import sys
import time
from itertools import pairwise

import numpy as np

from dezero import core, core_simple

PROMISE = 1.5
SIZES = [1_000, 10_000, 100_000]
SORTED_SIZES = [1_000, 2_000, 4_000, 8_000]
SECOND_SIZES = [100, 1_000, 10_000]


def chain(engine, n):
    """x * 1.0 * 1.0 ...: every function has a generation of its own."""
    w = engine.Variable(np.array(1.0))
    y = engine.Variable(np.array(1.0))
    for _ in range(n):
        y = y * w
    return y


def shared(engine, n):
    """x + x + ...: one variable used n times."""
    x = engine.Variable(np.array(1.0))
    y = x
    for _ in range(n):
        y = y + x
    return y


def wide(engine, n):
    """x0 * w + x1 * w + ...: n products of generation 0 wait in the queue at once."""
    w = engine.Variable(np.array(1.0))
    products = [engine.Variable(np.array(1.0)) * w for _ in range(n // 2)]
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


def first_order(engine, shape, n):
    """Return the seconds of one forward and one backward run."""
    gc.collect()  # so that no run inherits the collector's schedule from the one before
    start = time.process_time()
    y = shape(engine, n)
    middle = time.process_time()
    y.backward()
    return middle - start, time.process_time() - middle


def second_order(engine, shape, n):
    """Return the seconds of one backward run that remembers, and of one from all its gradients together."""
    gc.collect()
    y = shape(engine, n)
    leaves = [x for function in engine.past_of(y) for x in function.inputs if x.creator is None]
    start = time.process_time()
    y.backward(create_graph=True)
    middle = time.process_time()
    total = None
    for leaf in set(leaves):
        gradient = leaf.grad
        leaf.cleargrad()
        total = gradient if total is None else total + gradient
    total.backward()
    return middle - start, time.process_time() - middle


def per_operation(measure, engine, shape, sizes):
    """Return the microseconds per operation for each size, of both runs: the best of several rounds.

    Each round takes every size, so that whatever else the machine does hits all of them alike.
    """
    best = [(float("inf"), float("inf"))] * len(sizes)
    for _ in range(5):
        for place, n in enumerate(sizes):
            repeats = max(1, sizes[-1] // n // 5)
            runs = [measure(engine, shape, n) for _ in range(repeats)]
            times = [1e6 * min(seconds) / n for seconds in zip(*runs, strict=True)]
            best[place] = tuple(map(min, best[place], times))
    return zip(*best, strict=True)


def table(title, engine, shapes, sizes, measure=first_order, directions=("forward", "backward")):
    """Print the times of the shapes at the sizes and return the worst growth from one size to the next."""
    print(f"\n{title}")
    print(f"{'us per operation':20}" + "".join(f"{f'N = {n:,}':>14}" for n in sizes) + "   growth")
    worst = 0.0
    for shape in shapes:
        for direction, times in zip(directions, per_operation(measure, engine, shape, sizes), strict=True):
            growth = [later / earlier for earlier, later in pairwise(times)]
            worst = max(worst, *growth)
            cells = "".join(f"{t:14.2f}" for t in times)
            print(f"{shape.__name__:8}{direction:12}{cells}   " + ", ".join(f"{g:.2f}" for g in growth))
    return worst


def main():
    shapes = [chain, shared, wide]
    gc.disable()
    worst = [
        table("core_simple: arrays as gradients", core_simple, shapes, SIZES),
        table("core: variables as gradients", core, shapes, SIZES),
        table("core: second order", core, shapes, SECOND_SIZES, second_order, ["remember", "again"]),
    ]
    print(f"worst growth {max(worst):.2f}, promised {PROMISE}")

    heap, core_simple.past_of = core_simple.past_of, sorted_past_of
    table("list sorted at every insertion", core_simple, shapes, SORTED_SIZES)
    core_simple.past_of = heap

    gc.enable()
    table("heap, with the collector on", core_simple, shapes, SIZES)
    table("heap, with the collector on, to a million", core_simple, [chain], [100_000, 1_000_000])
    return max(worst) > PROMISE


if __name__ == "__main__":
    sys.exit(main())
