"""How long an update takes on two ranks, as a share of one rank, with the same whole batch.

    uv run python tests/benchmarks/bench_parallel.py [--rounds 9] [--ranks 2]

Each rank is a process on one thread. What is measured is the time on the clock, since ranks that wait use
processor time as well, and of the updates in a process the shortest, since other programs can only make one
longer. In each round, processes of one rank and of several take turns; each cell is the median of the ratios
within a round, and the ratio of the best times. One rank has no DistributedOptimizer. The second column is
without it on several ranks, too, so without messages: what is lost there, the cores lose to each other and to
other programs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

BATCHES = 64, 256, 1024
UPDATES = 12  # in each process


def measure(comm) -> None:
    """Print the shortest update, with and without messages, for each size of the whole batch."""
    import numpy as np

    import dezero.functions as F
    from dezero.models import MLP
    from dezero.optimizers import SGD
    from dezero.parallel import DistributedOptimizer

    model = MLP((1000, 1000, 10), activation=F.relu)
    model(np.zeros((1, 784), np.float32))
    alone = SGD(0.1).setup(model)
    shared = DistributedOptimizer(alone, comm)
    for batch in BATCHES:
        rng = np.random.default_rng(comm.rank)
        x = rng.standard_normal((batch // comm.size, 784), np.float32)
        t = rng.integers(10, size=len(x))

        def update(step, x=x, t=t):
            model.cleargrads()
            F.softmax_cross_entropy(model(x), t).backward()
            step()

        steps = shared.update, alone.update
        times = [best(comm, lambda step=step: update(step)) for step in steps]
        if comm.rank == 0:
            print(*times, flush=True)


def best(comm, program) -> float:
    """The shortest time that all ranks need for a program, in seconds."""
    times = []
    for _ in range(UPDATES):
        comm.allgather(None)  # all begin at once
        start = time.perf_counter()
        program()
        times.append(max(comm.allgather(time.perf_counter() - start)))
    return min(times)


def started(ranks: int) -> list[list[float]]:
    """Measure on some ranks, in processes of their own."""
    mpiexec = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    command = [mpiexec or "mpiexec", "-n", str(ranks), sys.executable, __file__, "--measure"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return [[float(word) for word in line.split()] for line in done.stdout.splitlines()]


def cell(pairs: list[tuple[float, float]]) -> str:
    """The median of the ratios of some pairs of times, and the ratio of the best."""
    ones, manys = zip(*pairs, strict=True)
    median = statistics.median(many / one for one, many in pairs)
    return f"{median:>10.2f}{min(manys) / min(ones):>6.2f}"


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        from dezero.parallel import run

        return run(measure)
    rounds = [(started(1), started(options.ranks)) for _ in range(options.rounds)]
    print(f"{options.ranks} ranks / 1, median and best; whole batch, with messages, without")
    for place, batch in enumerate(BATCHES):
        pairs = [[(one[place][1], many[place][k]) for one, many in rounds] for k in (0, 1)]
        print(f"{batch:<12}", *map(cell, pairs))


if __name__ == "__main__":
    main()
