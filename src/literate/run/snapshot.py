"""Import the package as of a fragment: from memory, isolated, with tracebacks that point into the Markdown.

A module is compiled once. Its functions then get the file and the line of the block that wrote them: the
lines of a function lie together in one block, and a code object keeps its lines relative to its first. The
code of the module itself and of class bodies comes from many blocks, so it stays on a name of its own, such
as ``src/dezero.py@3fa2c1d0``, whose source the module's loader gives and ``Snapshot.place`` translates.
"""

from __future__ import annotations

import importlib
import importlib.abc
import inspect
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib.machinery import ModuleSpec
from pathlib import Path, PurePosixPath
from types import CodeType, ModuleType
from typing import NamedTuple

from literate.fold.module import Line, Package
from literate.read.finding import Finding, did_you_mean
from literate.read.project import Project


class Source(NamedTuple):
    """What a module of a snapshot is made from. A folder without ``__init__.py`` has no lines."""

    path: str
    lines: tuple[Line, ...]
    is_package: bool


class Place(NamedTuple):
    """A line of the book's code: where it stands, in what, and its text."""

    path: str
    line: int
    name: str
    text: str


class Snapshot:
    """The package at one moment of the book. Its modules are imported once, when first asked for."""

    def __init__(self, package: Package, project: Project) -> None:
        self.package = package
        self.project = project
        self.root = project.root
        self.modules: dict[str, ModuleType] = {}  # imported so far; while active: sys.modules
        self.sources = _sources(package, project)
        self.names = frozenset(map(_top, self.sources)) | {project.package}
        self._files = {_file(source): source for source in self.sources.values()}

    @contextmanager
    def active(self) -> Iterator[Snapshot]:
        """Within the block, ``import dezero`` means this snapshot; no other package of that name is seen.

        Blocks may be nested, of the same snapshot or of another.
        """
        finders = list(sys.meta_path)
        outer = next((finder.snapshot for finder in finders if isinstance(finder, _Finder)), None)
        names = self.names | outer.names if outer else self.names
        hidden = _take(names)
        if outer:
            outer.modules = {name: module for name, module in hidden.items() if _top(name) in outer.names}
        sys.modules.update(self.modules)
        others = [finder for finder in finders if not isinstance(finder, _Finder)]
        sys.meta_path[:] = [_Finder(self), *others]
        try:
            yield self
        finally:
            sys.meta_path[:] = finders
            self.modules = _take(names)
            sys.modules.update(hidden)
            sys.modules.update(outer.modules if outer else {})

    def load(self, name: str) -> ModuleType:
        """Import a module of the snapshot, outside of ``active`` too."""
        with self.active():
            return importlib.import_module(name)

    def place(self, file: str, line: int, name: str = "") -> Place | None:
        """Where in the Markdown a line of a code object stands; None for code that is not the package's."""
        if source := self._files.get(file):
            origin = _line(source.lines, line)
            path, line = (origin.path, origin.line) if origin.line else (source.path, line)
            return Place(path, line, name, origin.text.strip())
        written = self._written.get((file, line))
        return Place(written.path, line, name, written.text.strip()) if written else None

    @cached_property
    def _written(self) -> dict[tuple[str, int], Line]:
        """The lines of the package by file and line of the Markdown."""
        paths = {line.path for source in self.sources.values() for line in source.lines}
        files = {path: str(self.root / path) for path in paths}
        return {
            (files[line.path], line.line): line
            for source in self.sources.values()
            for line in source.lines
            if line.line
        }


def check(package: Package, project: Project) -> list[Finding]:
    """What Python says against each module when it compiles and imports it."""
    snapshot = Snapshot(package, project)
    findings = []
    for name, source in snapshot.sources.items():
        if project.is_source(source.path):
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
    if isinstance(error, SyntaxError) and (place := snapshot.place(error.filename or "", error.lineno or 1)):
        return place
    places = [place for place in trace(error, snapshot) if place]
    return places[-1] if places else None


def trace(error: BaseException, snapshot: Snapshot) -> Iterator[Place | None]:
    """The frames of an exception, outermost first; None for one that is not the package's."""
    for frame, line in traceback.walk_tb(error.__traceback__):
        yield snapshot.place(frame.f_code.co_filename, line, frame.f_code.co_qualname)


def describe(error: BaseException) -> str:
    """Type and text of an exception, as the last line of a traceback has them."""
    summary = traceback.TracebackException(type(error), error, error.__traceback__, limit=0)
    parts = list(summary.format_exception_only())
    if isinstance(error, SyntaxError):
        parts = [part for part in parts if not part.startswith("  ")]
    return "".join(parts).strip()


# --- importing -------------------------------------------------------------------------------------------


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the modules of one snapshot; for a name of the package that it lacks, nobody else is asked."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        snapshot = self.snapshot
        source = snapshot.sources.get(name)
        if source:
            loader = _Loader(name, source, snapshot.root)
            spec = ModuleSpec(name, loader, origin=_file(source), is_package=source.is_package)
            spec.has_location = True
            return spec
        if _top(name) not in snapshot.names:
            return None
        near = did_you_mean(name, snapshot.sources)
        message = f"No module named {name!r} in the package as of this point of the book{near}"
        raise ModuleNotFoundError(message, name=name)


class _Loader(importlib.abc.InspectLoader):
    def __init__(self, name: str, source: Source, root: Path) -> None:
        self.name, self.source, self.root = name, source, root

    def exec_module(self, module: ModuleType) -> None:
        exec(self.get_code(self.name), module.__dict__)

    def get_code(self, fullname: str) -> CodeType:
        return compiled(self.source, self.root)

    def get_source(self, fullname: str) -> str:
        return _text(self.source.lines)

    def is_package(self, fullname: str) -> bool:
        return self.source.is_package


def _top(name: str) -> str:
    return name.partition(".")[0]


def _take(names: frozenset[str]) -> dict[str, ModuleType]:
    """Take the modules below these top-level names out of ``sys.modules``."""
    taken = [name for name in sys.modules if _top(name) in names]
    return {name: sys.modules.pop(name) for name in taken}


def _sources(package: Package, project: Project) -> dict[str, Source]:
    """The modules of a package by the name under which they are imported.

    Those in ``tests/`` have the names that ``python -m unittest discover tests`` gives them: ``test_square``.
    """
    sources: dict[str, Source] = {}
    for path, module in package.items():
        parts = PurePosixPath(path).with_suffix("").parts
        parts = parts[1:] or parts
        is_package = parts[-1] == "__init__"
        if is_package:
            parts = parts[:-1] or (project.tests,)
        name = ".".join(parts)
        if name not in sources or is_package:  # a folder goes before a module of the same name, as in Python
            sources[name] = Source(path, module.lines, is_package)
    for name, source in list(sources.items()):
        for parent, folder in zip(_parents(name), PurePosixPath(source.path).parents, strict=False):
            sources.setdefault(parent, Source(folder.as_posix(), (), is_package=True))
    return sources


def _parents(name: str) -> Iterator[str]:
    """``a.b.c`` -> ``a.b``, ``a``."""
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


# --- compiling -------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _text(lines: tuple[Line, ...]) -> str:
    return "".join(line.text + "\n" for line in lines)


@lru_cache(maxsize=1024)
def _file(source: Source) -> str:
    """A file name of its own for each version of a module: tracebacks look sources up by file name."""
    places = "".join(f"{line.path}:{line.line}:{line.text}\n" for line in source.lines)
    return f"{source.path}@{sha256(places.encode()).hexdigest()[:8]}"


@lru_cache(maxsize=1024)
def compiled(source: Source, root: Path) -> CodeType:
    """The code of a module, every function at the Markdown lines that it was written in."""
    file = _file(source)
    code = compile(_text(source.lines), file, "exec", dont_inherit=True)
    return _relocated(code, source.lines, root)


def _relocated(code: CodeType, lines: tuple[Line, ...], root: Path) -> CodeType:
    constants = tuple(
        _relocated(constant, lines, root) if isinstance(constant, CodeType) else constant
        for constant in code.co_consts
    )
    origin = _line(lines, code.co_firstlineno)
    if not code.co_flags & inspect.CO_OPTIMIZED or not origin.line:  # a class body, or a module
        return code.replace(co_consts=constants)
    file = str(root / origin.path)
    return code.replace(co_consts=constants, co_filename=file, co_firstlineno=origin.line)


def _line(lines: Sequence[Line], number: int) -> Line:
    return lines[number - 1] if 0 < number <= len(lines) else Line("")
