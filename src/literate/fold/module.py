"""A module as the book builds it: definitions in order, and where each of their lines stands in the Markdown.

Whole lines are kept, never rewritten; only imports and blank lines between definitions are the tool's own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from operator import attrgetter
from typing import Literal, NamedTuple

from literate.fold.imports import Import, import_lines
from literate.read.page import Block

Kind = Literal["docstring", "class", "function", "assignment", "compound", "pass"]


class Line(NamedTuple):
    """A line of a module and where the book says it; generated lines have no path and the line 0."""

    text: str
    path: str = ""
    line: int = 0


BLANK = Line("")
TEXT = attrgetter("text")


@dataclass(frozen=True)
class Definition:
    """What a key stands for: a class, a function, an assignment, a compound statement or a docstring."""

    key: str
    kind: Kind
    names: frozenset[str]
    head: tuple[Line, ...]  # every line of it; of a class the comments, decorators and the class line
    block: Block  # the fragment that wrote it (of a class: its head)
    statement: ast.stmt = field(compare=False, repr=False)
    gap: int | None = None  # blank lines that its author left above; None: the first of its fragment
    members: tuple[Definition, ...] = ()

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """All its lines, members included."""
        return (*self.head, *_spaced_lines(self.members, in_class=True))

    @cached_property
    def text(self) -> str:
        """Its lines as one string, without the last line break."""
        return "\n".join(map(TEXT, self.lines))

    @cached_property
    def head_text(self) -> str:
        return "\n".join(map(TEXT, self.head))

    @cached_property
    def signature(self) -> str:
        """``def f(self, x)`` or ``class A(B)``, however its lines are broken; else nothing."""
        return signature(self.statement)

    @cached_property
    def decorators(self) -> tuple[str, ...]:
        return decorators(self.statement)


@dataclass(frozen=True)
class Module:
    """A module of the package as of some fragment: immutable, rendered on demand."""

    package: str = ""  # that it belongs to: its imports are sorted by that
    docstring: Definition | None = None
    imports: tuple[Import, ...] = ()
    body: tuple[Definition, ...] = ()

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        return (*self._top, *_spaced_lines(self.body, in_class=False))

    @cached_property
    def text(self) -> str:
        body = ["\n" * _gap(above, below, False) + below.text for above, below in pairwise(self.body)]
        return "\n".join([*map(TEXT, self._top), *[first.text for first in self.body[:1]], *body, ""])

    @cached_property
    def digest(self) -> str:
        """What tells its text from another."""
        return sha256(self.text.encode()).hexdigest()

    @cached_property
    def places(self) -> str:
        """What tells where its lines stand."""
        places = "".join(f"{line.path}:{line.line}\n" for line in self.lines)
        return sha256(places.encode()).hexdigest()

    @property
    def _top(self) -> list[Line]:
        """What stands above the definitions, blank lines included."""
        lines = list(self.docstring.head) if self.docstring else []
        if self.imports:
            lines += [BLANK] * bool(lines)
            lines += [Line(text, *origin) for text, origin in import_lines(self.imports, self.package)]
        if lines and self.body:
            lines += [BLANK] * (2 if self.body[0].kind in ("class", "function") else 1)
        return lines

    @cached_property
    def definitions(self) -> dict[str, Definition]:
        """Every definition by its qualified name, such as ``Variable`` and ``Variable.backward``."""
        found: dict[str, Definition] = {}
        if self.docstring:
            found["__doc__"] = self.docstring
        for definition in self.body:
            found.update(_named("", definition))
        return found


Package = Mapping[str, Module]


@dataclass(frozen=True)
class Typed(Module):
    """A module of which no more is known than its lines."""

    typed: tuple[Line, ...] = ()

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        return self.typed

    @cached_property
    def text(self) -> str:
        return "".join(f"{line.text}\n" for line in self.typed)


def signature(statement: ast.stmt) -> str:
    """``def f(self, x)`` or ``class A(B)``, however its lines are broken; else nothing."""
    if isinstance(statement, ast.ClassDef):
        given = ", ".join(ast.unparse(part) for part in (*statement.bases, *statement.keywords))
        return f"class {statement.name}({given})" if given else f"class {statement.name}"
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        prefix = "async " if isinstance(statement, ast.AsyncFunctionDef) else ""
        returns = f" -> {ast.unparse(statement.returns)}" if statement.returns else ""
        return f"{prefix}def {statement.name}({ast.unparse(statement.args)}){returns}"
    return ""


def decorators(statement: ast.stmt) -> tuple[str, ...]:
    """The decorators as they are called, without the ``@``."""
    return tuple(ast.unparse(decorator) for decorator in getattr(statement, "decorator_list", ()))


def _named(scope: str, definition: Definition) -> Iterator[tuple[str, Definition]]:
    yield scope + definition.key, definition
    for member in definition.members:
        yield from _named(f"{scope}{definition.key}.", member)


def _spaced_lines(definitions: tuple[Definition, ...], *, in_class: bool) -> Iterator[Line]:
    """The lines of definitions, with as many blank ones between them as belong there."""
    for above, definition in zip((None, *definitions), definitions, strict=False):
        yield from [BLANK] * (_gap(above, definition, in_class) if above else 0)
        yield from definition.lines


def _gap(above: Definition, below: Definition, in_class: bool) -> int:
    if above.kind in ("class", "function") or below.kind in ("class", "function"):
        return 1 if in_class else 2
    if above.kind == "docstring":
        return 1
    if below.gap is None:
        return 0 if in_class else 1
    return min(below.gap, 1)
