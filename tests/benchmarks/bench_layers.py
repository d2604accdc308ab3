"""How long layers of images and sequences take, beside the original.

    uv run python tests/benchmarks/bench_layers.py --original DIR [--rounds 5]

DIR is the folder that contains the package `dezero` of the original. Each cell is our time as a share of its
own, the median of the ratios within a round. Each package has a process of its own, on one thread, and is
measured in processor time; the two take turns. Memory is the most that tracemalloc saw in one step.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tracemalloc
import warnings
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from bench_engine import Engine, Programs, cost

AIMS = {
    "conv 64 channels 56x56, batch 8, with gradients": 0.8,
    "max pooling 2x2, with gradient": 0.6,
    "batch normalization, with gradients": 0.4,
    "LeNet, batch 64, SGD step": 0.6,
    "VGG block of two convolutions, SGD step": 0.6,
    "LSTM, 30 steps, batch 1, with gradients": 0.4,
    "LSTM, 30 steps, batch 30, with gradients": 0.4,
}
MEMORY = "memory of "  # before the name of a program
LARGEST = "VGG block of two convolutions, SGD step"
RNG = np.random.default_rng(0)


def normal(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype(np.float32)


def programs(folder: str) -> Programs:
    """The programs in the interface of the original, for the package in a folder."""
    sys.path.insert(0, folder)
    warnings.simplefilter("ignore")
    import dezero.functions as F
    import dezero.layers as L
    from dezero import Model, Variable, optimizers

    images, kernels = Variable(normal(8, 64, 56, 56)), Variable(normal(64, 64, 3, 3) / 24)
    bias, gamma, beta = (Variable(np.full(64, n, np.float32)) for n in (0, 1, 0))
    mean, var = np.zeros(64, np.float32), np.ones(64, np.float32)

    def gradients(f, *variables):
        def run():
            for variable in variables:
                variable.cleargrad()
            f().backward()

        return run

    class LeNet(Model):
        def __init__(self):
            super().__init__()
            self.c1, self.c2 = L.Conv2d(20, 5), L.Conv2d(50, 5)
            self.f1, self.f2 = L.Linear(500), L.Linear(10)

        def forward(self, x):
            x = F.pooling(F.relu(self.c1(x)), 2, 2)
            x = F.pooling(F.relu(self.c2(x)), 2, 2)
            return self.f2(F.relu(self.f1(F.reshape(x, (x.shape[0], -1)))))

    class Block(Model):
        def __init__(self):
            super().__init__()
            self.c1, self.c2 = L.Conv2d(64, 3, pad=1), L.Conv2d(64, 3, pad=1)
            self.b1, self.b2 = L.BatchNorm(), L.BatchNorm()
            self.f = L.Linear(10)

        def forward(self, x):
            x = F.relu(self.b1(self.c1(x)))
            x = F.pooling(F.relu(self.b2(self.c2(x))), 2, 2)
            return self.f(F.reshape(x, (x.shape[0], -1)))

    def step(model, x):
        labels, optimizer = np.arange(len(x)) % 10, optimizers.SGD().setup(model)

        def run():
            loss = F.softmax_cross_entropy(model(x), labels)
            model.cleargrads()
            loss.backward()
            optimizer.update()

        return run

    def sequence(batch):
        lstm, last, xs = L.LSTM(100), L.Linear(1), normal(30, batch, 1)
        targets = np.zeros((batch, 1), np.float32)

        def run():
            lstm.reset_state()
            loss = 0
            for x in xs:
                loss = loss + F.mean_squared_error(last(lstm(x)), targets)
            lstm.cleargrads()
            last.cleargrads()
            loss.backward()

        return run

    made = [
        gradients(lambda: F.conv2d(images, kernels, bias, 1, 1), images, kernels, bias),
        gradients(lambda: F.pooling(images, 2, 2), images),
        gradients(lambda: F.batch_nrom(images, gamma, beta, mean, var), images, gamma, beta),
        step(LeNet(), normal(64, 1, 28, 28)),
        step(Block(), normal(8, 3, 56, 56)),
        sequence(1),
        sequence(30),
    ]
    return dict(zip(AIMS, made, strict=True))


def peak(program) -> float:
    """The most memory in one run, in MiB."""
    program()
    tracemalloc.start()
    program()
    size = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return size / 2**20


def serve(folder: str) -> None:
    """Measure the programs whose names are read from standard input."""
    known = programs(folder)
    for line in sys.stdin:
        name = line.strip()
        print(cost(known[name]) if name in known else peak(known[name.removeprefix(MEMORY)]), flush=True)


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--original", metavar="DIR", help="the folder that contains the original's package")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(options.serve)
    if not options.original or not (Path(options.original) / "dezero" / "core.py").is_file():
        sys.exit(f"--original needs the folder that contains dezero/core.py, got {options.original!r}")
    folders = Path(__file__).parents[2] / "src", Path(options.original).resolve()
    ours, theirs = (Engine(str(folder), __file__) for folder in folders)
    print(f"{'ours / the original':52}{'aim':>6}{'median':>9}")
    for program, aim in AIMS.items():
        ratios = [ours.cost(program) / theirs.cost(program) for _ in range(options.rounds)]
        print(f"{program:52}{aim:>6}{statistics.median(ratios):>9.2f}", flush=True)
    ratio = ours.cost(MEMORY + LARGEST) / theirs.cost(MEMORY + LARGEST)
    print(f"{'its peak memory':52}{0.5:>6}{ratio:>9.2f}")


if __name__ == "__main__":
    main()
