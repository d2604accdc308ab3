"""What an experiment may change in the process: kept for its session, put back for everybody else."""

from __future__ import annotations

import decimal
import gc
import io
import logging
import os
import random
import signal
import sys
import threading
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from types import FrameType, ModuleType
from typing import Any


class Sandbox:
    """The global state of one session. It can be entered again and again, and goes on as it was left.

    Within it a warning is an error; as in Python itself, deprecations count only in code of our own.
    """

    def __init__(self, package: str) -> None:
        self.package = package
        self.entered_before = False
        self._inside: list[Any] = []
        self._filters: list[Any] = []

    def __enter__(self) -> Sandbox:
        self._outside = [read() for read, _ in _STATE]
        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()
        warnings.showwarning = _show_warning  # to the session's output, not to pytest's summary
        if not self.entered_before:
            _start(self.package)
        else:
            _restore(self._inside)
            warnings.resetwarnings()
            warnings.filters[:] = self._filters  # type: ignore[index]
        return self

    def __exit__(self, *_: object) -> None:
        self.entered_before = True
        self._filters = list(warnings.filters)
        self._warnings.__exit__(None, None, None)
        self._inside = [read() for read, _ in _STATE]
        _restore(self._outside)


class TooLongError(BaseException):
    """An experiment took longer than it may; no Exception, so that its own ``except`` does not stop it."""


@contextmanager
def as_main(module: ModuleType) -> Iterator[None]:
    """``__main__`` is the session's module, so that dataclasses and pickle find its classes."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def connected(stream: io.TextIOWrapper) -> Iterator[None]:
    """Both streams of output lead to one place, as in a terminal; nobody is there to answer ``input()``."""
    stdin, sys.stdin = sys.stdin, io.StringIO()
    try:
        with redirect_stdout(stream), redirect_stderr(stream):
            yield
    finally:
        sys.stdin = stdin


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Stop what takes longer, where the platform can: in the main thread, not on Windows."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLongError(f"takes longer than {seconds:g} s and was stopped")

    handler = signal.signal(signal.SIGALRM, stop)
    timer = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, handler)


def _start(package: str) -> None:
    """The state in which a session begins."""
    sys.argv = [""]
    os.environ["MPLBACKEND"] = "agg"  # never a window
    if matplotlib := sys.modules.get("matplotlib"):
        matplotlib.rcParams["backend"] = "agg"
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # "building the font cache", on a new machine
    warnings.resetwarnings()
    warnings.simplefilter("error")
    for category in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
        warnings.simplefilter("ignore", category)
    ours = rf"(__main__|{package}|{package}\..*)\Z"
    warnings.filterwarnings("error", category=DeprecationWarning, module=ours)


def _show_warning(*warning: Any, **options: Any) -> None:
    print(warnings.formatwarning(*warning[:4]), end="", file=sys.stderr)


def _restore(values: list[Any]) -> None:
    for (_, write), value in zip(_STATE, values, strict=True):
        write(value)


def _attribute(owner: Any, name: str) -> tuple[Callable[[], Any], Callable[[Any], None]]:
    return lambda: getattr(owner, name), lambda value: setattr(owner, name, value)


def _content(values: list[Any]) -> tuple[Callable[[], Any], Callable[[Any], None]]:
    return lambda: list(values), lambda value: values.__setitem__(slice(None), value)


def _set_environment(value: dict[str, str]) -> None:
    if dict(os.environ) != value:
        os.environ.clear()
        os.environ.update(value)


def _folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None


def _set_folder(value: str | None) -> None:
    if value is not None and value != _folder() and os.path.isdir(value):
        os.chdir(value)


def _set_collecting(value: bool) -> None:
    (gc.enable if value else gc.disable)()


def _set_tracing(value: bool) -> None:
    if value != tracemalloc.is_tracing():
        (tracemalloc.start if value else tracemalloc.stop)()


def _set_trace(value: Any) -> None:
    if sys.gettrace() is not value:
        sys.settrace(value)


def _set_profile(value: Any) -> None:
    if sys.getprofile() is not value:
        sys.setprofile(value)


def _numpy() -> tuple[Any, ...] | None:
    try:
        import numpy as np
    except ImportError:  # a book that does not need it
        return None
    options = {name: value for name, value in np.get_printoptions().items() if name != "override_repr"}
    return options, np.geterr(), np.geterrcall(), np.random.get_state()


def _set_numpy(value: tuple[Any, ...] | None) -> None:
    if value is None:
        return
    import numpy as np

    options, errors, call, state = value
    np.set_printoptions(**options)
    np.seterr(**errors)
    np.seterrcall(call)
    np.random.set_state(state)


def _matplotlib() -> dict[str, Any] | None:
    matplotlib = sys.modules.get("matplotlib")
    return dict.copy(matplotlib.rcParams) if matplotlib else None


def _set_matplotlib(value: dict[str, Any] | None) -> None:
    if matplotlib := sys.modules.get("matplotlib"):
        dict.update(matplotlib.rcParams, value or matplotlib.rcParamsOrig)


def _figures() -> dict[int, Any]:
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    return dict(helpers.Gcf.figs) if helpers else {}


def _set_figures(value: dict[int, Any]) -> None:
    if helpers := sys.modules.get("matplotlib._pylab_helpers"):
        helpers.Gcf.figs.clear()
        helpers.Gcf.figs.update(value)


_STATE: list[tuple[Callable[[], Any], Callable[[Any], None]]] = [
    _content(sys.path),
    _content(logging.root.handlers),
    _attribute(logging.root, "level"),
    _attribute(logging.root.manager, "disable"),
    _attribute(logging.getLogger("matplotlib"), "level"),
    *(_attribute(sys, name) for name in ("argv", "displayhook", "excepthook")),
    (lambda: dict(os.environ), _set_environment),
    (_folder, _set_folder),
    (sys.getrecursionlimit, sys.setrecursionlimit),
    (sys.gettrace, _set_trace),
    (sys.getprofile, _set_profile),
    (gc.isenabled, _set_collecting),
    (tracemalloc.is_tracing, _set_tracing),
    (random.getstate, random.setstate),
    (lambda: decimal.getcontext().copy(), decimal.setcontext),
    (_numpy, _set_numpy),
    (_matplotlib, _set_matplotlib),
    (_figures, _set_figures),
]
