"""The state in which the process of a session begins, and how long an experiment may take."""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import IO

BACKEND = "module://literate.run.backend"
PATIENCE = 3  # so many times the limit may pass on the clock, on a busy machine or in waiting


class TooLongError(BaseException):
    """An experiment took longer than it may; no Exception, so that its own ``except`` does not stop it."""


@contextmanager
def limited(seconds: float, trace: IO[str] | None = None) -> Iterator[None]:
    """Stop what needs more processor time; what waits for longer still ends the process, its stack in ``trace``."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLongError(f"takes longer than {seconds:g} s and was stopped")

    handler = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1)
    faulthandler.dump_traceback_later(PATIENCE * seconds, exit=True, file=trace or sys.__stderr__)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, handler)


def begin(package: str) -> None:
    """A warning is an error; as in Python itself, deprecations count only in code of our own."""
    sys.argv = [""]
    os.environ["MPLBACKEND"] = BACKEND  # never a window
    if matplotlib := sys.modules.get("matplotlib"):
        matplotlib.rcParams["backend"] = BACKEND
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # "building the font cache", on a new machine
    warnings.resetwarnings()
    warnings.simplefilter("error")
    for category in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
        warnings.simplefilter("ignore", category)
    ours = rf"(__main__|{package}|{package}\..*)\Z"
    warnings.filterwarnings("error", category=DeprecationWarning, module=ours)
