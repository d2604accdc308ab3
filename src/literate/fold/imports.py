"""The import section of a module: merged by module and name, in isort order."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

Origin = tuple[str, int]
WIDTH = 88


@dataclass(frozen=True)
class Import:
    """One imported name. ``module`` is None for ``import name``; ``.`` and ``..`` are part of it."""

    module: str | None
    name: str
    alias: str | None
    origin: Origin

    @property
    def bound(self) -> str:
        """The name that stands for it: what ``del`` takes."""
        return self.alias or self.name

    @property
    def statement(self) -> str:
        """The import as a statement of its own."""
        return f"{self._opening}{self._member}"

    @property
    def _opening(self) -> str:
        return "import " if self.module is None else f"from {self.module} import "

    @property
    def _member(self) -> str:
        return f"{self.name} as {self.alias}" if self.alias else self.name

    def section(self, package: str) -> int:
        """0 future, 1 standard library, 2 third party, 3 this package, 4 relative."""
        top = (self.name if self.module is None else self.module).partition(".")[0]
        if not top:
            return 4
        if top == package:
            return 3
        return 0 if top == "__future__" else 1 if top in sys.stdlib_module_names else 2


def read_imports(statement: ast.Import | ast.ImportFrom, origin: Origin) -> list[Import]:
    """The names that an import statement brings."""
    module = None
    if isinstance(statement, ast.ImportFrom):
        module = "." * statement.level + (statement.module or "")
    return [Import(module, alias.name, alias.asname, origin) for alias in statement.names]


def import_lines(imports: tuple[Import, ...], package: str) -> list[tuple[str, Origin]]:
    """The section as lines, each with the origin of the last import that it holds."""
    statements = [list(members) for _, members in groupby(sorted(imports, key=_group), key=_group)]
    for members in statements:
        members.sort(key=_member_order)
    statements.sort(key=lambda members: _statement_order(members, package))
    lines: list[tuple[str, Origin]] = []
    section = None
    for members in statements:
        last, section = section, members[0].section(package)
        if last not in (None, section):
            lines.append(("", ("", 0)))
        origin = max(entry.origin for entry in members)
        lines += ((text, origin) for text in _statement(members))
    return lines


def _group(entry: Import) -> tuple[str, str, str]:
    """Plain names of one module share a statement; renamed ones and ``import x`` stand alone."""
    alone = entry.module is None or entry.alias is not None
    return (entry.module or "", entry.name if alone else "", entry.alias or "")


def _statement_order(members: list[Import], package: str) -> tuple[object, ...]:
    first = members[0]
    dots, name = re.fullmatch(r"(\.*)(.*)", first.name if first.module is None else first.module).groups()  # type: ignore[union-attr]
    place = (first.section(package), first.module is not None, -len(dots))
    return (*place, _natural(name.lower()), _natural(name), _member_order(first))


def _member_order(entry: Import) -> tuple[object, ...]:
    """CONSTANTS, Classes, functions."""
    name = entry.name
    rank = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    return (rank, _natural(name.lower()), _natural(name), _natural(entry.alias or ""))


def _natural(name: str) -> tuple[tuple[int, int], ...]:
    """A key by which ``x2`` comes before ``x10``."""
    parts = re.findall(r"0|[1-9]\d*|\D", name)
    return tuple((ord("0"), int(part)) if part.isdecimal() else (ord(part), 0) for part in parts)


def _statement(members: list[Import]) -> Iterator[str]:
    opening, names = members[0]._opening, [entry._member for entry in members]
    line = opening + ", ".join(names)
    if len(line) <= WIDTH or members[0].module is None:
        yield line
    else:
        yield f"{opening}("
        yield from (f"    {name}," for name in names)
        yield ")"
