"""Import the package as of a fragment: from memory, isolated, with tracebacks that point into the Markdown.

A module is compiled once. Its functions then get the file and the line of the block that wrote them: the
lines of a function lie together in one block, and a code object keeps its lines relative to its first. The
code of the module itself and of class bodies comes from many blocks, so it stays on a name of its own, such
as ``src/dezero.py@3fa2c1d0``, whose source the module's loader gives and ``Snapshot.place`` translates.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple

from literate.fold.module import Line, Module, Package
from literate.read.finding import Finding, did_you_mean
from literate.read.project import Project
from literate.run.importer import Importer

EMPTY = Module()


class Place(NamedTuple):
    """A line of the book's code: where it stands, in what, and its text."""

    path: str
    line: int
    name: str
    text: str


class Snapshot(Importer):
    """The package at one moment of the book. Its modules are imported once, when first asked for."""

    def __init__(self, package: Package, project: Project) -> None:
        super().__init__(project.package, {path: module.text for path, module in package.items()})
        self.package = package
        self.project = project
        self.modules: dict[str, ModuleType] = {}  # imported so far; while active: sys.modules

    def lines(self, path: str) -> tuple[Line, ...]:
        """What a module is made from; nothing for a folder without ``__init__.py``."""
        return self.package.get(path, EMPTY).lines

    @contextmanager
    def active(self) -> Iterator[Snapshot]:
        """Within the block, ``import dezero`` means this snapshot; no other package of that name is seen."""
        hidden = self.take()
        sys.modules.update(self.modules)
        sys.meta_path.insert(0, self)
        try:
            yield self
        finally:
            sys.meta_path.remove(self)
            self.modules = self.take()
            sys.modules.update(hidden)

    def load(self, name: str) -> ModuleType:
        """Import a module of the snapshot, outside of ``active`` too."""
        with self.active():
            return importlib.import_module(name)

    def place(self, file: str, line: int, name: str = "") -> Place | None:
        """Where in the Markdown a line of a code object stands; None for code that is not the package's."""
        if path := self._by_file.get(file):
            origin = _line_at(self.lines(path), line)
            path, line = (origin.path, origin.line) if origin.line else (path, line)
            return Place(path, line, name, origin.text.strip())
        written = self._written.get((file, line))
        return Place(written.path, line, name, written.text.strip()) if written else None

    @cached_property
    def _by_file(self) -> dict[str, str]:
        return {self.file(path): path for path in self.files}

    @cached_property
    def _written(self) -> dict[tuple[str, int], Line]:
        """The lines of the package by file and line of the Markdown."""
        lines = [line for module in self.package.values() for line in module.lines if line.line]
        files = {path: str(self.project.root / path) for path in {line.path for line in lines}}
        return {(files[line.path], line.line): line for line in lines}

    # --- as an importer ---

    def file(self, path: str) -> str:
        """A file name of its own for each version of a module: tracebacks look sources up by file name."""
        versioned = _versioned(path, self.lines(path))
        return str(self.project.root / versioned)  # beside the data files of the finished package

    def missing(self, name: str) -> str:
        near = did_you_mean(name, self.paths)
        return f"No module named {name!r} in the package as of this point of the book{near}"

    def get_code(self, name: str) -> CodeType:
        path = self.paths[name]
        return _compiled(self.file(path), self.lines(path), self.project.root)


def faults(package: Package, project: Project) -> list[Finding]:
    """What Python says against each module when it compiles and imports it."""
    snapshot = Snapshot(package, project)
    findings = []
    for name, path in snapshot.paths.items():
        if project.is_source(path):
            try:
                snapshot.load(name)
            except Exception as error:
                findings.append(failure(error, snapshot, f"{name} cannot be imported"))
    return list(dict.fromkeys(findings))


def failure(error: BaseException, snapshot: Snapshot, what: str) -> Finding:
    """A finding at the innermost line of the book that an exception went through."""
    place = location(error, snapshot)
    if place is None:
        project = snapshot.project
        path = min(snapshot.package, default=f"{project.source}/{project.package}.py")
        return Finding(path, 1, f"{what}: {describe(error)}; mend it")
    message = f"{what}: {describe(error)} at `{place.text}`; mend this line or its caller"
    return Finding(place.path, place.line, message)


def location(error: BaseException, snapshot: Snapshot) -> Place | None:
    """The innermost line of the package that an exception went through, or that Python cannot compile."""
    return next(reversed([place for place in trace(error, snapshot) if place]), None)


def trace(error: BaseException, snapshot: Snapshot) -> Iterator[Place | None]:
    """The frames of an exception, outermost first; None for one that is not the package's."""
    for frame, line in traceback.walk_tb(error.__traceback__):
        yield snapshot.place(frame.f_code.co_filename, line, frame.f_code.co_qualname)
    if isinstance(error, SyntaxError):
        yield snapshot.place(error.filename or "", error.lineno or 1)


def describe(error: BaseException) -> str:
    """Type and text of an exception, as the last line of a traceback has them."""
    summary = traceback.TracebackException(type(error), error, error.__traceback__, limit=0)
    parts = list(summary.format_exception_only())
    if isinstance(error, SyntaxError):
        parts = [part for part in parts if not part.startswith("  ")]
    return "".join(parts).strip()


# --- compiling -------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _versioned(path: str, lines: tuple[Line, ...]) -> str:
    places = "".join(f"{line.path}:{line.line}:{line.text}\n" for line in lines)
    return f"{path}@{sha256(places.encode()).hexdigest()[:8]}"


@lru_cache(maxsize=1024)
def _compiled(file: str, lines: tuple[Line, ...], root: Path) -> CodeType:
    """The code of a module, every function at the Markdown lines that it was written in."""
    text = "".join(line.text + "\n" for line in lines)
    return _relocated(compile(text, file, "exec", dont_inherit=True), lines, root)


def _relocated(code: CodeType, lines: tuple[Line, ...], root: Path) -> CodeType:
    constants = tuple(
        _relocated(constant, lines, root) if isinstance(constant, CodeType) else constant
        for constant in code.co_consts
    )
    origin = _line_at(lines, code.co_firstlineno)
    if not code.co_flags & inspect.CO_OPTIMIZED or not origin.line:  # a class body, or a module
        return code.replace(co_consts=constants)
    file = str(root / origin.path)
    return code.replace(co_consts=constants, co_filename=file, co_firstlineno=origin.line)


def _line_at(lines: Sequence[Line], number: int) -> Line:
    return lines[number - 1] if 0 < number <= len(lines) else Line("")
