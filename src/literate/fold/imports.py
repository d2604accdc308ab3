"""The import section of a module: one entry for each name that it brings, laid out by isort."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache

Origin = tuple[str, int]
NOWHERE: Origin = ("", 0)


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
        opening = "import" if self.module is None else f"from {self.module} import"
        return f"{opening} {self.name}{f' as {self.alias}' if self.alias else ''}"


def read_imports(statement: ast.Import | ast.ImportFrom, origin: Origin) -> list[Import]:
    """The names that an import statement brings."""
    module = None
    if isinstance(statement, ast.ImportFrom):
        module = "." * statement.level + (statement.module or "")
    return [Import(module, alias.name, alias.asname, origin) for alias in statement.names]


@lru_cache(maxsize=4096)
def import_lines(imports: tuple[Import, ...], package: str) -> tuple[tuple[str, Origin], ...]:
    """The section as lines, each with the origin of the last import that it holds."""
    text, statements = _sorted_statements(tuple(entry.statement for entry in imports), package)
    origins = {entry.statement: entry.origin for entry in imports}
    found = [NOWHERE] * len(text)
    for first, last, names in statements:
        found[first - 1 : last] = [max(origins[name] for name in names)] * (last - first + 1)
    return tuple(zip(text, found, strict=True))


@lru_cache(maxsize=1024)
def _sorted_statements(
    statements: tuple[str, ...], package: str
) -> tuple[list[str], list[tuple[int, int, list[str]]]]:
    """The lines that isort makes of some imports, and where each statement stands in them."""
    import isort  # takes a while to load

    config = isort.Config(profile="black", known_first_party=(package,), src_paths=())
    text = isort.code("\n".join(statements), config=config).rstrip("\n")
    found = [
        (node.lineno, node.end_lineno or 0, [entry.statement for entry in read_imports(node, NOWHERE)])
        for node in ast.parse(text).body
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    return text.split("\n") if text else [], found
