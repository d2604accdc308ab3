"""Run generators in processes of their own, as many at once as there are cores.

What one does to its process (an exit, a signal, an endless loop) ends nothing but itself. What it and
its children write to the file descriptors 1 and 2 lands in a file, and so does all that it yielded before.
"""

from __future__ import annotations

import faulthandler
import gc
import io
import multiprocessing
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import forkserver
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock
from types import FrameType
from typing import IO, Any, TypeVar

from pebble import ProcessExpired, ProcessFuture, concurrent

from literate.read.project import Project

Value = TypeVar("Value")

FORKSERVER = "forkserver" in multiprocessing.get_all_start_methods()
SEED = "0"  # of hashes, so that a set of strings has the same order in each run
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
DEADLY = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
SESSIONS = "literate.run.sessions"  # what nearly all processes are for
OUTPUT, NOTES, TRACE, PROCESS = "output", "notes", "trace", "process"  # files in the folder of a process
STUCK = "waits for something that does not come, and was stopped"
PATIENCE = 2  # so many times a limit may pass on the clock while a process waits
WORKING = 0.02  # of the time on the clock: what uses less, on however busy a machine, waits

_starting = Lock()


@dataclass(frozen=True)
class Died:
    """How a process ended that did not come to its end; ``trace`` are the stacks that it left, if any."""

    said: str
    trace: str


@dataclass(frozen=True)
class Outcome:
    """What a process yielded, all that it put out, and how it died, if it did."""

    values: list[Any]
    output: bytes
    died: Died | None


Task = partial[Iterator[Any]]  # of a function that gets the folder of its process, first of all


class Workers:
    """Runs tasks side by side, for as long as its block lasts; what still runs at the end is stopped."""

    def __init__(self, project: Project) -> None:
        self._preload = project.preload
        self._threads = ThreadPoolExecutor(os.cpu_count())
        self._over = Event()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._threads.shutdown(cancel_futures=True)

    def close(self) -> None:
        """Take no more; what has been started goes on to its end."""
        self._threads.shutdown(wait=False)

    def start(
        self, task: Task, then: Callable[[Outcome], Value], seconds: float, seed: str = SEED
    ) -> Future[Value]:
        """Run a task in a process of its own, and then ``then``.

        It may take so many seconds on the clock from one value to the next.
        """
        return self._threads.submit(self._call, task, then, seconds, seed)

    def _call(self, task: Task, then: Callable[[Outcome], Value], seconds: float, seed: str) -> Value:
        with TemporaryDirectory(prefix="literate-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            future = _launched(self._preload, seed, task, folder)
            try:
                died = _death(future, folder, seconds, self._over)
            finally:
                _send(folder, signal.SIGKILL, group=True)  # what it left running
            if self._over.is_set():
                raise CancelledError
            return then(Outcome(list(_noted(folder / NOTES)), _content(folder / OUTPUT), died))


def _launched(preload: tuple[str, ...], seed: str, task: Task, folder: Path) -> ProcessFuture[Any]:
    forks = FORKSERVER and seed == SEED
    context = multiprocessing.get_context("forkserver" if forks else "spawn")
    environment = {**ONE_THREAD, **os.environ, "PYTHONHASHSEED": seed}
    # Pebble 5.2 calls it mp_context, and reads it from context: see findings/.
    options: dict[str, Any] = {"context": context, "mp_context": context}
    apart = concurrent.process(daemon=False, **options)(_called)
    with _starting, _inherited(environment):
        if forks:
            multiprocessing.set_forkserver_preload([__name__, SESSIONS, *preload])
            forkserver.ensure_running()
        future: ProcessFuture[Any] = apart(folder, environment, task)
        return future


@contextmanager
def _inherited(environment: Mapping[str, str]) -> Iterator[None]:
    """What a new process finds: its environment, and which program it needs not load once more."""
    before = dict(os.environ)
    os.environ.update(environment)
    os.environ["LITERATE_MAIN"] = str(getattr(sys.modules["__main__"], "__file__", ""))
    try:
        yield
    finally:  # never without what other threads need
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


def _death(future: ProcessFuture[Any], folder: Path, seconds: float, over: Event) -> Died | None:
    """Wait for a process, and say how it died; one that yields nothing for so many seconds is ended.

    So is one when all is ``over``. (A future that Pebble 5.2 cancels is never done for ``wait``.)
    """
    stuck, noted, since = False, -1, time.monotonic()
    while not wait([future], timeout=0.5).done:
        if over.is_set():
            _send(folder, signal.SIGKILL)  # again, if it has not said yet which process it is
        elif (now := _size(folder / NOTES)) != noted:
            noted, since = now, time.monotonic()
        elif time.monotonic() - since > seconds:
            stuck = True
            _send(folder, signal.SIGTERM)  # which leaves its stack
            if not wait([future], timeout=3).done:
                _send(folder, signal.SIGKILL)
    try:
        future.result()
    except ProcessExpired as error:
        trace = _content(folder / TRACE).decode(errors="replace")
        return Died(STUCK if stuck else _ending(error.exitcode or 0), trace)
    return None


def _noted(path: Path) -> Iterator[Any]:
    """What was yielded; the last may be half-written."""
    with suppress(EOFError, OSError, pickle.UnpicklingError), open(path, "rb") as file:
        while True:
            yield pickle.load(file)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by the signal {signal.Signals(-code).name}"
    return f"ends the process with exit code {code}"


def _send(folder: Path, number: int, group: bool = False) -> None:
    """Send a signal to the process of a folder; or to all that it has started."""
    if process := _content(folder / PROCESS):
        with suppress(OSError):
            (os.killpg if group else os.kill)(int(process), number)


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


# --- in the process -----------------------------------------------------------------------------------------


def _called(folder: Path, environment: Mapping[str, str], task: Task) -> None:
    with suppress(AttributeError, OSError):  # Windows has no groups of processes
        os.setsid()
        (folder / PROCESS).write_text(str(os.getpid()))
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _capture(folder / OUTPUT)
    _trace_death(folder / TRACE)
    (folder / "work").mkdir()
    os.chdir(folder / "work")
    gc.freeze()  # what is there already is not searched for objects of a package
    with open(folder / NOTES, "wb") as file:
        for value in task(folder):
            pickle.dump(value, file)
            file.flush()


def _capture(path: Path) -> None:
    """Both streams of output lead to one file, as in a terminal; nobody is there to answer ``input()``."""
    for number, place in ((0, os.devnull), (1, path), (2, path)):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND
        opened = os.open(place, flags)
        os.dup2(opened, number, inheritable=True)
        os.close(opened)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    raw = open(1, "wb", buffering=0, closefd=False)  # noqa: SIM115
    stream = io.TextIOWrapper(raw, "utf-8", "backslashreplace", "\n", write_through=True)
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = stream  # type: ignore[misc]


def _trace_death(path: Path) -> None:
    """Let the stack be written wherever the process may end."""
    global _trace
    _trace = trace = open(path, "w")  # noqa: SIM115, for as long as the process lives
    faulthandler.enable(trace)
    for number in DEADLY:
        faulthandler.register(number, trace, chain=True)
    end, own = os._exit, os.getpid()

    def noted_exit(status: int) -> None:
        if os.getpid() == own:
            faulthandler.dump_traceback(trace)
        end(status)

    os._exit = noted_exit  # type: ignore[assignment]


class TooLongError(BaseException):
    """Something took longer than it may; no Exception, so that its own ``except`` does not stop it."""


_trace: IO[str] = sys.stderr


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Stop what needs more processor time; and what only waits.

    A timer of the clock asks, since one of processor time (ITIMER_PROF) makes ``time.process_time`` coarse.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return
    start, clock = time.process_time(), time.monotonic()

    def ask(number: int, frame: FrameType | None) -> None:
        used, passed = time.process_time() - start, time.monotonic() - clock
        if used >= seconds:
            raise TooLongError(f"takes longer than {seconds:g} s and was stopped")
        if passed >= PATIENCE * seconds and used < passed * WORKING:
            raise TooLongError(STUCK)

    handler = signal.signal(signal.SIGALRM, ask)
    signal.setitimer(signal.ITIMER_REAL, seconds, min(seconds, 1))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)


# The forks of a fork server need not run the main program once more, as multiprocessing would.
if main := os.environ.get("LITERATE_MAIN"):
    sys.modules["__main__"].__file__ = main
