"""How long layers of images and sequences take, beside PyTorch and the original.

    uv run --with 'torch>=2' python tests/benchmarks/bench_layers.py [--original DIR] [--rounds 5]

Each cell is our time as a share of the other's, the median of the ratios within a round; PyTorch is measured
where it is installed, the original where DIR contains its package `dezero`. Each package has a process of its
own, on one thread, and is measured in processor time; they take turns. In the last row, the memory is how
much the process grew at most in three steps, after the ones before had been given back.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import importlib.util
import os
import statistics
import sys
import warnings
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from bench_engine import Engine, Programs, cost

AIMS = {  # beside PyTorch and beside the original
    "conv 64 channels 56x56, batch 8, with gradients": (0.9, 0.8),
    "max pooling 2x2, with gradient": (0.55, 0.6),
    "batch normalization, with gradients": (1.1, 0.4),
    "LeNet, batch 64, SGD step": (1.0, 0.6),
    "VGG block of two convolutions, SGD step": (1.1, 0.6),
    "LSTM, 30 steps, batch 1, Adam step": (0.45, 0.4),
    "LSTM, 30 steps, batch 30, Adam step": (0.9, 0.4),
}
MEMORY_AIMS = 0.9, 0.5
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
        gy = Variable(np.ones_like(f().data))

        def run():
            for variable in variables:
                variable.cleargrad()
            y = f()
            y.grad = gy
            y.backward()

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
        model, xs = Model(), normal(30, batch, 1)
        model.lstm, model.last = L.LSTM(100), L.Linear(1)
        optimizer, targets = optimizers.Adam().setup(model), np.zeros((batch, 1), np.float32)

        def run():
            model.lstm.reset_state()
            loss = 0
            for x in xs:
                loss = loss + F.mean_squared_error(model.last(model.lstm(x)), targets)
            model.cleargrads()
            loss.backward()
            loss.unchain_backward()
            optimizer.update()

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


def torch_programs() -> Programs:
    """The same programs in PyTorch."""
    import torch
    from torch import nn
    from torch.nn import functional

    torch.set_num_threads(1)

    def leaf(array):
        return torch.tensor(array, requires_grad=True)

    images, kernels = leaf(normal(8, 64, 56, 56)), leaf(normal(64, 64, 3, 3) / 24)
    bias, gamma, beta = (leaf(np.full(64, n, np.float32)) for n in (0, 1, 0))
    mean, var = torch.zeros(64), torch.ones(64)

    def gradients(f, *leaves):
        ones = torch.ones(f().shape)

        def run():
            for each in leaves:
                each.grad = None
            f().backward(ones)

        return run

    def norm():
        return functional.batch_norm(images, mean, var, gamma, beta, training=True)

    def step(model, x):
        x, labels = torch.tensor(x), torch.arange(len(x)) % 10
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

        def run():
            loss = functional.cross_entropy(model(x), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        return run

    def lenet():
        return nn.Sequential(
            *(nn.Conv2d(1, 20, 5), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(20, 50, 5), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10)),
        )

    def block():
        return nn.Sequential(
            *(nn.Conv2d(3, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU()),
            *(nn.Conv2d(64, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(64 * 28 * 28, 10)),
        )

    def sequence(batch):
        cell, last, xs = nn.LSTMCell(1, 100), nn.Linear(100, 1), torch.tensor(normal(30, batch, 1))
        cell.bias_hh.requires_grad_(False)  # ours has one bias
        trained = [p for p in (*cell.parameters(), *last.parameters()) if p.requires_grad]
        optimizer, targets = torch.optim.Adam(trained), torch.zeros(batch, 1)

        def run():
            loss, state = 0, None
            for x in xs:
                state = cell(x, state)
                loss = loss + functional.mse_loss(last(state[0]), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        return run

    made = [
        gradients(lambda: functional.conv2d(images, kernels, bias, padding=1), images, kernels, bias),
        gradients(lambda: functional.max_pool2d(images, 2), images),
        gradients(norm, images, gamma, beta),
        step(lenet(), normal(64, 1, 28, 28)),
        step(block(), normal(8, 3, 56, 56)),
        sequence(1),
        sequence(30),
    ]
    return dict(zip(AIMS, made, strict=True))


def peak(program) -> float:
    """By how many MiB the process grows at most in three runs, as Linux counts it."""
    program()
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # memory that is free already would hide what the runs need
    Path("/proc/self/clear_refs").write_text("5")
    before = status("VmRSS")
    for _ in range(3):
        program()
    return (status("VmHWM") - before) / 1024


def status(name: str) -> int:
    """A number of /proc/self/status, in KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def serve(folder: str) -> None:
    """Measure the programs whose names are read from standard input."""
    known = torch_programs() if folder == "PyTorch" else programs(folder)
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
    others = {}
    if importlib.util.find_spec("torch"):
        others["PyTorch"] = Engine("PyTorch", __file__)
    if options.original:
        if not (Path(options.original) / "dezero" / "core.py").is_file():
            sys.exit(f"--original needs the folder that contains dezero/core.py, got {options.original!r}")
        others["the original"] = Engine(str(Path(options.original).resolve()), __file__)
    if not others:
        sys.exit("nothing to compare with: PyTorch is not installed, and --original is not given")
    ours = Engine(str(Path(__file__).parents[2] / "src"), __file__)
    print(f"{'our time as a share of that of':52}" + "".join(f"{name:>14}{'aim':>6}" for name in others))
    for program, aims in AIMS.items():
        print_row(program, aims, ours, others, options.rounds)
    print_row(MEMORY + LARGEST, MEMORY_AIMS, ours, others, 1)


def print_row(program, aims, ours, others, rounds) -> None:
    ratios: dict[str, list[float]] = {name: [] for name in others}
    for _ in range(rounds):
        cost = ours.cost(program)
        for name, engine in others.items():
            ratios[name].append(cost / engine.cost(program))
    aim = dict(zip(("PyTorch", "the original"), aims, strict=True))
    cells = (f"{statistics.median(found):>14.2f}{aim[name]:>6}" for name, found in ratios.items())
    print(f"{program:52}" + "".join(cells), flush=True)


if __name__ == "__main__":
    main()
