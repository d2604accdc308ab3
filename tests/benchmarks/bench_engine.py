"""How long the engine and a training step take, beside HIPS autograd, PyTorch and the original.

    uv run --with 'autograd>=1.8,<2' python tests/benchmarks/bench_engine.py [--original DIR] [--rounds 9]

Each cell is a time as a multiple of the reference's (the first engine that is there, in the order PyTorch,
autograd): the median of the ratios within a round, and the ratio of the best times. Each engine has a process
of its own, on one thread, and is measured in processor time; in each round every engine runs once, and the
order rotates. --original takes a folder that contains the package `dezero` of the original. PyTorch is
measured where it is installed; autograd has no networks.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

SCALAR = np.array(1.5, np.float32)
LARGE = np.linspace(0.5, 1.5, 10_000, dtype=np.float32)
PLACES = np.linspace(-2, 2, 200, dtype=np.float32)
AIMS = {
    "formula, forward, scalar": 0.65,
    "formula, forward + backward, scalar": 0.33,
    "formula, forward + backward, 10,000": 0.45,
    "8th derivative of sin": 0.8,
    "8th derivative of tanh": 0.8,
    "Newton's method, 10 steps": 0.35,
    "Hessian-vector product": 0.40,
}
TRAINING_AIMS = {
    "MLP 784-1000-10, batch 100, SGD step": 1.0,
    "the same, Adam": 1.0,
    "the same, forward alone": 1.0,
    "softmax cross-entropy 100x10, with gradient": 0.6,
}
RNG = np.random.default_rng(0)
IMAGES = RNG.standard_normal((100, 784)).astype(np.float32)
SCORES = RNG.standard_normal((100, 10)).astype(np.float32)
LABELS = RNG.integers(0, 10, 100)
Programs = dict[str, Callable[[], object]]


def formula(x):
    return (x * x + x) * 3 - x / 2


def quartic(x):
    return x**4 - 2 * x**2


def rosenbrock(x, y):
    return 100 * (y - x**2) ** 2 + (1 - x) ** 2


def dezero_programs(folder: str | None) -> Programs:
    """Programs in the interface of the original, for the package in a folder, or for ours."""
    if folder:
        sys.path.insert(0, folder)
    import dezero
    import dezero.functions as F

    variable = dezero.Variable

    def backward(data):
        x = variable(data)

        def run():
            x.cleargrad()
            formula(x).backward()

        return run

    def derivative(f, n=8):
        def run():
            x = variable(PLACES)
            y = f(x)
            for order in range(1, n + 1):
                x.cleargrad()
                y.backward(create_graph=order < n)
                y = x.grad

        return run

    def newton():
        x = variable(np.array(2.0))
        for _ in range(10):
            y = quartic(x)
            x.cleargrad()
            y.backward(create_graph=True)
            gx = x.grad
            x.cleargrad()
            gx.backward()
            x.data = x.data - gx.data / x.grad.data

    def product():
        x, y = variable(np.array(1.0)), variable(np.array(2.0))
        rosenbrock(x, y).backward(create_graph=True)
        gx, gy = x.grad, y.grad
        x.cleargrad()
        y.cleargrad()
        (gx * 3.0 - gy).backward()

    scalar = variable(SCALAR)
    programs = [
        lambda: formula(scalar),
        backward(SCALAR),
        backward(LARGE),
        derivative(F.sin),
        derivative(F.tanh),
        newton,
        product,
    ]
    return dict(zip(AIMS, programs, strict=True)) | dezero_training()


def dezero_training() -> Programs:
    import dezero
    import dezero.functions as F
    from dezero import optimizers
    from dezero.models import MLP

    scores = dezero.Variable(SCORES)

    def step(optimizer):
        model = MLP((1000, 10))
        optimizer.setup(model)

        def run():
            loss = F.softmax_cross_entropy(model(IMAGES), LABELS)
            model.cleargrads()
            loss.backward()
            optimizer.update()

        return run

    def forward():
        with dezero.no_grad():
            model(IMAGES)

    def loss():
        scores.cleargrad()
        F.softmax_cross_entropy(scores, LABELS).backward()

    model = MLP((1000, 10))
    programs = [step(optimizers.SGD()), step(optimizers.Adam()), forward, loss]
    return dict(zip(TRAINING_AIMS, programs, strict=True))


def torch_programs() -> Programs:
    import torch

    torch.set_num_threads(1)

    def leaf(data):
        return torch.tensor(data, requires_grad=True)

    def backward(data):
        x, ones = leaf(data), torch.ones(data.shape)

        def run():
            x.grad = None
            formula(x).backward(ones)

        return run

    def derivative(f, n=8):
        def run():
            x = leaf(PLACES)
            y, ones = f(x), torch.ones(PLACES.shape)
            for order in range(1, n + 1):
                (y,) = torch.autograd.grad(y, x, ones, create_graph=order < n)

        return run

    def newton():
        x = leaf(np.array(2.0))
        for _ in range(10):
            (gx,) = torch.autograd.grad(quartic(x), x, create_graph=True)
            (ggx,) = torch.autograd.grad(gx, x)
            with torch.no_grad():
                x -= gx / ggx

    def product():
        x, y = leaf(np.array(1.0)), leaf(np.array(2.0))
        gx, gy = torch.autograd.grad(rosenbrock(x, y), [x, y], create_graph=True)
        torch.autograd.grad(gx * 3.0 - gy, [x, y])

    scalar = leaf(SCALAR)
    programs = [
        lambda: formula(scalar),
        backward(SCALAR),
        backward(LARGE),
        derivative(torch.sin),
        derivative(torch.tanh),
        newton,
        product,
    ]
    return dict(zip(AIMS, programs, strict=True)) | torch_training()


def torch_training() -> Programs:
    import torch
    from torch.nn.functional import cross_entropy

    images, labels = torch.tensor(IMAGES), torch.tensor(LABELS)
    scores = torch.tensor(SCORES, requires_grad=True)

    def mlp():
        return torch.nn.Sequential(torch.nn.Linear(784, 1000), torch.nn.Sigmoid(), torch.nn.Linear(1000, 10))

    def step(make):
        model = mlp()
        optimizer = make(model.parameters())

        def run():
            loss = cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        return run

    def forward():
        with torch.no_grad():
            model(images)

    def loss():
        scores.grad = None
        cross_entropy(scores, labels).backward()

    model = mlp()
    sgd, adam = lambda ps: torch.optim.SGD(ps, lr=0.01), torch.optim.Adam
    programs = [step(sgd), step(adam), forward, loss]
    return dict(zip(TRAINING_AIMS, programs, strict=True))


def autograd_programs() -> Programs:
    import autograd.numpy as anp
    from autograd import elementwise_grad, grad
    from autograd.core import make_vjp

    def backward(data):
        ones = np.ones_like(data)
        return lambda: make_vjp(formula, data)[0](ones)

    def derivative(f, n=8):
        for _ in range(n):
            f = elementwise_grad(f)
        return lambda: f(PLACES)

    def newton():
        x, first = 2.0, grad(quartic)
        second = grad(first)
        for _ in range(10):
            x = x - first(x) / second(x)

    def product():
        def along(xs):
            gx, gy = grad(lambda xs: rosenbrock(xs[0], xs[1]))(xs)
            return gx * 3.0 - gy

        grad(along)((1.0, 2.0))

    programs = [
        lambda: make_vjp(formula, SCALAR),
        backward(SCALAR),
        backward(LARGE),
        derivative(anp.sin),
        derivative(anp.tanh),
        newton,
        product,
    ]
    return dict(zip(AIMS, programs, strict=True))


def cost(program: Callable[[], object], least: float = 0.03) -> float:
    """The processor time of one run, in seconds; short programs run often."""
    runs = 1
    while True:
        start = time.process_time()
        for _ in range(runs):
            program()
        spent = time.process_time() - start
        if spent >= least:
            return spent / runs
        runs = max(2 * runs, int(runs * least / max(spent, 1e-6)))


class Engine:
    """Programs in a process of their own, which measures them when it is asked."""

    def __init__(self, name: str, script: str = __file__) -> None:
        command = [sys.executable, script, "--serve", name]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def cost(self, program: str) -> float:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(program + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


def serve(name: str) -> None:
    """Measure the programs whose names are read from standard input."""
    if name == "PyTorch":
        programs = torch_programs()
    elif name == "autograd":
        programs = autograd_programs()
    else:
        programs = dezero_programs(None if name == "ours" else name)
    for line in sys.stdin:
        print(cost(programs[line.strip()]), flush=True)


def engines(original: str | None) -> dict[str, Engine]:
    found = {"PyTorch": "torch", "autograd": "autograd"}
    names = [name for name, package in found.items() if importlib.util.find_spec(package)]
    engines = {name: Engine(name) for name in [*names, "ours"]}
    if original:
        if not (Path(original) / "dezero" / "core.py").is_file():
            sys.exit(f"--original needs the folder that contains dezero/core.py, got {original!r}")
        engines["the original"] = Engine(str(Path(original).resolve()))
    return engines


def wide(n: int) -> float:
    """The time of a sum of n products, forward and backward."""
    from dezero import Variable

    x = Variable(np.array(1.0))
    start = time.process_time()
    ys = [x * 1.0 for _ in range(n)]
    y = ys[0]
    for other in ys[1:]:
        y = y + other
    y.backward()
    return time.process_time() - start


def growth(steps: int = 1000) -> tuple[int, float]:
    """How many objects, and how many MiB, stay after training steps with the collector off."""
    import gc
    import tracemalloc

    step = dezero_training()["the same, Adam"]
    gc.collect()
    gc.disable()
    tracemalloc.start()
    for _ in range(10):  # from here on, every array that is held was made under watch
        step()
    before, objects = tracemalloc.get_traced_memory()[0], len(gc.get_objects())
    for _ in range(steps):
        step()
    objects = len(gc.get_objects()) - objects
    size = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    gc.enable()
    return objects, size / 2**20


def imports() -> float:
    """Milliseconds that `import dezero` takes after `import numpy`, the best of ten processes."""
    code = "import time, numpy; t = time.perf_counter(); import dezero; print(time.perf_counter() - t)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True) for _ in range(10)]
    return 1e3 * min(float(run.stdout) for run in runs)


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--original", metavar="DIR", help="the folder that contains the original's package")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(options.serve)
    runners = engines(options.original)
    names = list(runners)
    print(f"reference: {names[0]}, {options.rounds} rounds; median of ratios / ratio of best times")
    print(f"{'':44}{'aim':>6}  " + "".join(f"{name:>15}" for name in names))
    for program, aim in (AIMS | TRAINING_AIMS).items():
        if program in TRAINING_AIMS:
            names = [name for name in names if name != "autograd"]
        times: dict[str, list[float]] = {name: [] for name in names}
        for i in range(options.rounds):
            for name in names[i % len(names) :] + names[: i % len(names)]:
                times[name].append(runners[name].cost(program))
        cells = []
        for name in names:
            ratios = [a / b for a, b in zip(times[name], times[names[0]], strict=True)]
            best = min(times[name]) / min(times[names[0]])
            cells.append(f"{statistics.median(ratios):.2f} / {best:.2f}")
        cells = [dict(zip(names, cells, strict=True)).get(name, "") for name in runners]
        print(f"{program:44}{aim:>6}  " + "".join(f"{cell:>15}" for cell in cells), flush=True)
    small, large = (min(wide(n) for _ in range(3)) for n in (10_000, 100_000))
    print(f"wide graph, 10,000 to 100,000: {large / small:.1f} times (aim 15)")
    objects, size = growth()
    print(f"1,000 steps with Adam, collector off: {objects} objects, {size:.3f} MiB more (aim 0)")
    print(f"import beyond NumPy: {imports():.0f} ms (aim 45)")


if __name__ == "__main__":
    main()
