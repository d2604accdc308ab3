"""Measure the work of the lab on engines, and keep the figures: docs/labs/engines.json.

    python tests/benchmarks/compare_engines.py [PYTHON ...] [--rounds 7]

The programs are those of docs/labs/engines.py, the cells with the tag "programs". Each engine that can be
imported, here or by the other interpreters that are named, has a process of its own on one thread, and is
measured in processor time; in each round every engine runs once, and the order rotates. It ends with an error
if the results of two engines differ, and writes nothing then.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
LAB, FIGURES = ROOT / "docs" / "labs" / "engines.py", ROOT / "docs" / "labs" / "engines.json"
REFERENCE = "PyTorch"
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "PYTHONPATH": str(ROOT / "src"),
}


def lab() -> dict[str, Any]:
    """What the cells with the tag "programs" define."""
    cells = LAB.read_text(encoding="utf-8").split("\n# %% ")
    names: dict[str, Any] = {"np": np}
    exec("import importlib.util, time", names)
    for cell in cells:
        if cell.startswith('tags=["programs"]'):
            exec(cell.partition("\n")[2], names)
    return names


def norms(results: Any) -> list[float]:
    """The norm of each array of an engine."""
    return [float(np.linalg.norm(np.asarray(result))) for result in results]


def serve(name: str) -> None:
    """Say which work an engine can do, and measure what is asked for on standard input."""
    lines = sys.stdout
    sys.stdout = sys.stderr
    known = lab()
    if name not in known["installed"]():
        return
    programs = known["programs"](name)
    package = known["ENGINES"][name].package
    sizes = {work: norms(run()) for work, run in programs.items()}
    number = "" if package == "dezero" else version(package)
    print(json.dumps([number, np.__version__, sizes]), file=lines, flush=True)
    for line in sys.stdin:
        print(known["cost"](programs[line.strip()]), file=lines, flush=True)


class Engine:
    """An engine in a process of its own, by the first interpreter that has it."""

    def __init__(self, name: str, pythons: list[str]) -> None:
        self.sizes: dict[str, list[float]] = {}
        for python in pythons:
            command = [python, __file__, "--serve", name]
            pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            self.process = subprocess.Popen(command, env={**os.environ, **ONE_THREAD}, **pipes)
            if line := self.process.stdout.readline():  # type: ignore[union-attr]
                self.version, self.numpy, self.sizes = json.loads(line)
                return

    def cost(self, work: str) -> float:
        self.process.stdin.write(work + "\n")  # type: ignore[union-attr]
        self.process.stdin.flush()  # type: ignore[union-attr]
        return float(self.process.stdout.readline())  # type: ignore[union-attr]


def same(a: list[float], b: list[float]) -> bool:
    return len(a) == len(b) and np.allclose(a, b, rtol=0.01)


def measured(engines: dict[str, Engine], work: str, rounds: int) -> dict[str, list[float]]:
    names = [name for name, engine in engines.items() if work in engine.sizes]
    costs: dict[str, list[float]] = {name: [] for name in names}
    for i in range(rounds):
        for name in names[i % len(names) :] + names[: i % len(names)]:
            costs[name].append(engines[name].cost(work))
    return costs


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("pythons", metavar="PYTHON", nargs="*")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(options.serve)
    known = lab()
    engines = {name: Engine(name, [sys.executable, *options.pythons]) for name in known["ENGINES"]}
    engines = {name: engine for name, engine in engines.items() if engine.sizes}
    reference = engines[REFERENCE]
    ratios, seconds = {}, {}
    for work in known["WORK"]:
        expected = reference.sizes[work]
        for name, engine in engines.items():
            if not same(found := engine.sizes.get(work, expected), expected):
                sys.exit(f"{work}: {name} gives {found}, {REFERENCE} {expected}")
        costs = measured(engines, work, options.rounds)
        seconds[work] = {name: float(f"{min(found):.3g}") for name, found in costs.items()}
        ratios[work] = {
            name: round(statistics.median(a / b for a, b in zip(found, costs[REFERENCE], strict=True)), 3)
            for name, found in costs.items()
        }
        print(f"{work:28}", *(f"{name} {ratio:.2f}" for name, ratio in ratios[work].items()), flush=True)
    figures = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, with other programs",
        "python": platform.python_version(),
        "numpy": engines["ours"].numpy,
        "versions": {name: engine.version for name, engine in engines.items() if engine.version},
        "rounds": options.rounds,
        "seconds": seconds,
        "ratios": ratios,
    }
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
