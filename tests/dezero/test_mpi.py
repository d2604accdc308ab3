"""Two processes that MPI starts: the programs of chapter 64, which its page runs in threads."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dezero.parallel import in_threads

ROOT = Path(__file__).parents[2]
SECONDS = 120  # after which mpiexec ends its ranks: a test may fail, but not hang
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
MPIEXEC = shutil.which("mpiexec", path=PATH)
IS_THERE = MPIEXEC and importlib.util.find_spec("mpi4py")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not IS_THERE, reason="needs mpi4py and mpiexec: uv sync --extra parallel"),
]


def mpiexec(*command, ranks=2):
    """Run a command of Python on several ranks; return how it ended and what it said."""
    path = os.environ.get("PYTHONPATH", "")
    return subprocess.run(
        [MPIEXEC, "-n", str(ranks), sys.executable, *map(str, command)],
        env={
            **os.environ,
            "MPIEXEC_TIMEOUT": str(SECONDS),
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), path]),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS + 60,
    )


@pytest.fixture
def program(tmp_path):
    """Run a text as a program on two ranks, in a folder of its own."""

    def run(text, *arguments, ranks=2):
        (tmp_path / "program.py").write_text(text)
        return mpiexec(tmp_path / "program.py", tmp_path, *arguments, ranks=ranks)

    return run


def shown(page, before):
    """The code of the first block after some words of a page."""
    text = (ROOT / page).read_text(encoding="utf-8").partition(before)[2]
    return re.search(r"```\w*\n(.*?)```", text, re.DOTALL)[1]


def test_the_command_of_the_page_prints_what_the_page_shows():
    page = "docs/step64-many-processes.md"
    code = re.search(r'-c "(.*)"', shown(page, "One command trains on two ranks:"))[1]

    done = mpiexec("-c", code)

    assert done.stdout == shown(page, "It prints:")
    assert (done.returncode, done.stderr) == (0, "")
    assert code in (ROOT / "README.md").read_text(encoding="utf-8")


SUMS = """
import sys
import numpy as np
from dezero.parallel import ring_allreduce, run, views

def main(comm):
    for n in (0, 1, 5, 300_000):  # the last is longer than what MPI keeps in a buffer
        x = np.random.default_rng(comm.rank).random(n)
        total = np.empty_like(x)
        comm.Allreduce(x, total)
        ring_allreduce(comm, x)
        assert np.allclose(x, total, rtol=1e-12)
    x = np.arange(6.0, dtype=np.float32).reshape(2, 3)
    raw = np.zeros((3, 2), np.float32)
    comm.Allreduce(x.T, raw)
    flat = np.zeros(6, np.float32)
    (right,) = views(flat, [(3, 2)])
    right[...] = x.T
    comm.Allreduce(None, flat)
    np.savez(f"{sys.argv[1]}/{comm.rank}.npz", raw=raw, right=right)

run(main)
"""


@pytest.mark.parametrize("ranks", [2, 3])
def test_a_ring_sums_as_allreduce_and_transposed_arrays_keep_their_places(program, tmp_path, ranks):
    x, raw = np.arange(6.0).reshape(2, 3), np.zeros((3, 2))
    in_threads(lambda comm: comm.Allreduce(x.T, raw), 1)

    done = program(SUMS, ranks=ranks)

    assert done.returncode == 0, done.stderr
    for rank in range(ranks):
        found = np.load(tmp_path / f"{rank}.npz")
        assert np.array_equal(found["right"], ranks * x.T)
        assert np.array_equal(found["raw"], ranks * raw)  # at other places, by threads as by MPI
        assert not np.array_equal(found["raw"], ranks * x.T)


TRAINING = """
import sys
import numpy as np
from dezero.datasets import Spiral
from dezero.functions import relu
from dezero.models import MLP
from dezero.optimizers import Adam
from dezero.parallel import ShardedLoader, run, train

folder, fails = sys.argv[1], sys.argv[2]

class Failing(ShardedLoader):
    def batch(self, indices):
        if self.comm.rank == 1 and self.epoch == 4 and fails == "fails":
            raise OSError("cannot read the data")
        return super().batch(indices)

def main(comm):
    np.random.seed(comm.rank)  # all ranks begin with other parameters
    model, spiral = MLP((32, 3), activation=relu), Spiral()
    model(spiral.data[:1])
    optimizer = Adam(0.02).setup(model)
    saved = None if fails == "alone" else f"{folder}/saved"
    train(comm, model, optimizer, Failing(spiral, 70, comm), 12, saved)
    np.save(f"{folder}/{fails}{comm.rank}.npy", np.concatenate([p.data.ravel() for p in model.params()]))

run(main)
"""


def test_a_rank_that_fails_ends_the_run_and_a_new_start_goes_on(program, tmp_path):
    failed = program(TRAINING, "fails")

    assert failed.returncode == 1
    assert "rank 1 of 2 failed, and all end\nTraceback" in failed.stderr
    assert "OSError: cannot read the data" in failed.stderr
    assert sorted(path.name for path in (tmp_path / "saved").iterdir()) == ["1", "2", "3"]

    again, alone = program(TRAINING, "again"), program(TRAINING, "alone")
    single = program(TRAINING.replace('f"{folder}/{fails}', 'f"{folder}/single'), "alone", ranks=1)

    assert [done.returncode for done in (again, alone, single)] == [0, 0, 0]
    first, *others = (np.load(tmp_path / f"{name}.npy") for name in ("again0", "again1", "alone0", "alone1"))
    assert all(np.array_equal(first, other) for other in others)
    assert np.allclose(first, np.load(tmp_path / "single0.npy"), atol=1e-4)


def test_a_rank_that_is_killed_ends_the_run(program):
    done = program("""
import os, signal
import numpy as np
from dezero.parallel import run

def main(comm):
    if comm.rank == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    comm.Recv(np.empty(1), 1)

run(main)
""")

    assert done.returncode != 0
    assert "Killed" in done.stdout + done.stderr


def test_a_gradient_that_one_rank_lacks_is_an_error_on_all(program):
    done = program("""
import numpy as np
import dezero.layers as L
from dezero.optimizers import SGD
from dezero.parallel import DistributedOptimizer, run

def main(comm):
    layer = L.Linear(2, in_size=3)
    shared = DistributedOptimizer(SGD().setup(layer), comm)
    if comm.rank == 0:
        layer(np.ones((1, 3), np.float32)).sum().backward()
    try:
        shared.update()
    except ValueError as error:
        print(error)

run(main)
""")

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("only some of 2 ranks have a gradient of W, b:") == 2
