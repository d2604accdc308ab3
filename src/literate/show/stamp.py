"""Which state of the book a page shows: the version of the package, and the day of the last commit."""

from __future__ import annotations

import ast
import os
import subprocess
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from literate.fold.book import Book


def stamp(book: Book) -> str:
    """``Version 0.3.0, 2026-11-28``, as far as it is known."""
    version = _version_of_package(book)
    return ", ".join(part for part in (f"Version {version}" * bool(version), date(book.project.root)) if part)


def _version_of_package(book: Book) -> str:
    top = book.final.get(f"{book.project.source}/{book.project.package}/__init__.py")
    found = top.definitions.get("__version__") if top else None
    match found.statement if found else None:
        case ast.Assign(value=ast.Constant(value=version)):
            return str(version)
    return ""


@lru_cache(maxsize=8)
def date(root: Path) -> str:
    """The day of the last commit, as ``2026-11-28``, so that the same book makes the same pages."""
    changed = last_changed(root)
    return changed.date().isoformat() if changed else ""


def last_changed(root: Path) -> datetime | None:
    """When the book was changed last: ``SOURCE_DATE_EPOCH``, or its last commit, if it has one."""
    command = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    with suppress(OSError, subprocess.CalledProcessError):  # a book without a history
        seconds = seconds or subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return datetime.fromtimestamp(int(seconds), UTC) if seconds else None
