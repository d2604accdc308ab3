"""What experiments need beside the package: the libraries and programs behind each of their names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from symtable import SymbolTable, symtable

from literate.fold.imports import Import, read_imports

RENDERER = "graphviz-pure"  # what the library graphviz draws with


@dataclass
class Needs:
    """Asked for one experiment after the other: which libraries and programs it needs."""

    own: set[str]  # modules that are there anyway
    strict: bool = False  # whether a name must be what the last experiment made it
    of_names: dict[str, frozenset[str]] = field(default_factory=dict)

    def needed(self, source: str) -> frozenset[str]:
        """What an experiment needs; from now on, so do the names that it makes.

        Raises:
            SyntaxError: it is not Python.
        """
        tree, table = ast.parse(source), symtable(source, "experiment", "exec")
        imports = list(imports_within(tree))
        written = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned()}
        written |= {entry.bound.partition(".")[0] for entry in imports}
        missing = {_top_library(entry) for entry in imports} - self.own
        if "graphviz" in missing or re.search(f"""["']{RENDERER}["']""", source):
            missing.add(RENDERER)
        of_names = (self.of_names.get(name, frozenset()) for name in _names_read(table) - written)
        needed = frozenset(missing).union(*of_names)
        for name in written:
            before = needed if self.strict else self.of_names.get(name, needed)  # else that will do, too
            self.of_names[name] = needed & before
        for entry in imports:
            if _top_library(entry) not in missing:  # these are done where the experiment is left out, too
                self.of_names[entry.bound.partition(".")[0]] = frozenset()
        return needed


def imports_within(tree: ast.AST) -> Iterator[Import]:
    """Every import of a piece of code, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from read_imports(node, ("", 0))


def _top_library(entry: Import) -> str:
    return (entry.module or entry.name).partition(".")[0]


def _names_read(table: SymbolTable) -> set[str]:
    """The names that a scope and those within it take from the session."""
    own = table.get_type() == "module"
    names = {s.get_name() for s in table.get_symbols() if s.is_referenced() and (own or s.is_global())}
    return names.union(*map(_names_read, table.get_children()))
