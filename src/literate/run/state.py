"""The state in which the process of a session begins."""

from __future__ import annotations

import logging
import os
import sys
import warnings

BACKEND = "module://literate.run.backend"


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
