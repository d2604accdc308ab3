"""What is installed around a reader's code: a package of its name, and the libraries that chapters use."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path

from literate.mine.typed import Code
from literate.read.project import Project


def notes(code: Code, project: Project) -> Iterator[str]:
    """What makes a program mean something else than the reader's code, or keeps experiments from running."""
    name, folder = project.package, code.path.parent
    if finished := installed(name, folder):
        yield (
            f"in this environment, `import {name}` means {finished}, and not your code, unless yours is "
            f"called {name} and lies beside the program; use an environment without it"
        )
    if missing := [library for library in project.preload if not _is_importable(library)]:
        yield f"{', '.join(missing)} cannot be imported, so experiments that need it do not count; install it"


def installed(name: str, folder: Path) -> str:
    """Where Python finds a package when the program does not lie in this folder; nothing if nowhere."""
    elsewhere = [entry for entry in sys.path if entry and os.path.realpath(entry) != os.path.realpath(folder)]
    spec = PathFinder.find_spec(name, elsewhere)
    return str(spec.origin) if spec and spec.origin else ""


def _is_importable(library: str) -> bool:
    try:
        return find_spec(library) is not None
    except ModuleNotFoundError:  # what it lies in
        return False
