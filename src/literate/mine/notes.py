"""What can be said of a reader's code without running it: what was typed as it is shown, what is not there.

And what is installed around it: a package of its name, and the libraries that chapters use.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path

from literate.fold.module import Package
from literate.mine.typed import Code
from literate.read.chapters import Chapter
from literate.read.project import Project

DOTS = "stands for what is there already, so it is not typed"


def notes(code: Code, book: Package, chapter: Chapter, project: Project) -> Iterator[str]:
    """A sentence for each; ``book`` is the package of the book as of the chapter."""
    known = {said for module in book.values() for _, said in slips(module.text)}
    for path, module in code.package.items():
        for line, said in slips(module.text):
            if said not in known:
                yield f"{code.shown(code.files[path])}:{line}: {said}"
    yield from _missing(code, book, chapter, project)
    yield from around(code, project)


# --- typed as it is shown -----------------------------------------------------------------------------------


def slips(text: str) -> Iterator[tuple[int, str]]:
    """The line of each in a module, and what is said of it."""
    try:
        yield from _in_body(ast.parse(text), "the module")
    except (SyntaxError, ValueError):
        return  # whoever imports it says so


def _in_body(node: ast.Module | ast.ClassDef, owner: str) -> Iterator[tuple[int, str]]:
    first: dict[str, int] = {}
    for statement in node.body:
        if _is_dots(statement):
            yield statement.lineno, f"`...` in {owner} {DOTS}"
        elif isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            before = first.setdefault(statement.name, statement.lineno)
            if before < statement.lineno and not statement.decorator_list:
                yield statement.lineno, _twice(statement, before)
            if isinstance(statement, ast.ClassDef):
                yield from _in_body(statement, f"class {statement.name}")
            elif _is_dots(statement.body[-1]):
                yield statement.lineno, f"`...` in {statement.name} {DOTS}: the method stays as it was"


def _twice(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, before: int) -> str:
    is_class = isinstance(node, ast.ClassDef)
    what = "what a block shows goes into the one that is there" if is_class else "keep one of them"
    return f"{'class' if is_class else 'def'} {node.name} is there already, at line {before}; {what}"


def _is_dots(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and getattr(statement.value, "value", None) is ...


# --- not there ----------------------------------------------------------------------------------------------


def _missing(code: Code, book: Package, chapter: Chapter, project: Project) -> Iterator[str]:
    """What the chapter expects beside what there is: a folder, or more modules in it."""
    home = f"{project.source}/{project.package}"
    expected = sorted(path.removeprefix(f"{home}/") for path in book if project.is_source(path))
    if f"{home}.py" in book or not expected:
        return
    if f"{home}.py" in code.package:
        has = f"as of {chapter.said} the package is a folder with {_listed(expected)}"
        yield f"{has}; yours is one module: make a folder of it, and check that"
    elif missing := [name for name in expected if f"{home}/{name}" not in code.package]:
        yield f"as of {chapter.said} the package has {_listed(missing)}; yours has not"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


# --- around it ----------------------------------------------------------------------------------------------


def around(code: Code, project: Project) -> Iterator[str]:
    """What makes a program mean something else than the reader's code, or keeps experiments from running."""
    name = project.package
    if finished := installed(name, code.path.parent):
        unless = f"unless yours is called {name} and lies beside the program; use an environment without it"
        yield f"in this environment, `import {name}` means {finished}, and not your code, {unless}"
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
