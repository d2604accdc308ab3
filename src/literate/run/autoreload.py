"""After a fragment, the names that experiments imported refer to the new definitions, as with autoreload.

The package is imported anew as a whole. Three things then move over: names bound by an import statement,
unless they were bound to something else since; objects made from a class of the package, which become objects
of the new class; and classes that experiments derived from one. So ``isinstance`` holds across fragments.
What an experiment kept by an assignment, such as ``slow = square``, stays what it was.

This text also stands in the first cell of every notebook, so it needs the standard library alone.
"""

from __future__ import annotations

import ast
import contextlib
import gc
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

from literate.run.importer import Importer

_MISSING = object()
OTHER_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)


class Imported(NamedTuple):
    """A name that an import statement bound: to a module, or to an attribute of one."""

    name: str
    module: str
    attribute: str | None = None

    def value(self, modules: Mapping[str, ModuleType]) -> Any:
        """What the name would be bound to if these were the modules."""
        if self.attribute is None:
            return modules.get(self.module, _MISSING)
        submodule = modules.get(f"{self.module}.{self.attribute}", _MISSING)
        return getattr(modules.get(self.module), self.attribute, submodule)


def imports(tree: ast.AST, namespace: Mapping[str, Any], importer: Importer) -> Iterator[Imported]:
    """The names that a block's import statements bound to something of the package, which is active."""
    for entry in _imported(tree):
        if importer.owns(entry.module):
            if entry.attribute == "*":
                yield from (entry._replace(name=name, attribute=name) for name in namespace)
            else:
                yield entry


def _imported(tree: ast.AST) -> Iterator[Imported]:
    """What the import statements that run in the module's own scope bind; ``*`` as it stands."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                module = alias.name if alias.asname else alias.name.partition(".")[0]
                yield Imported(alias.asname or module, module)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield Imported(alias.asname or alias.name, node.module or "", alias.name)
        elif not isinstance(node, OTHER_SCOPES):
            yield from _imported(node)


def import_what_is_there(tree: ast.Module, namespace: dict[str, Any]) -> None:
    """Of a block that needs what is not there, the other imports."""
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            with contextlib.suppress(ImportError):
                exec(ast.unparse(statement), namespace)


def carry_over(
    namespace: dict[str, Any], imported: Iterable[Imported], old: Mapping[str, ModuleType]
) -> tuple[list[Imported], list[str]]:
    """Turn a session to the package that is active now; ``old`` holds the modules of the one before.

    Returns the imported names that are left, and those that the package no longer has.
    """
    new = {name: module for name in old if (module := _import(name))}
    kept: list[Imported] = []
    gone: list[str] = []
    for entry in dict.fromkeys(imported):
        if entry.name in namespace and namespace[entry.name] is entry.value(old):
            value = namespace[entry.name] = entry.value(new)
            if value is not _MISSING:
                kept.append(entry)
            else:
                gone.append(entry.name)
                del namespace[entry.name]
    _turn_objects(_successors(old, new))
    return kept, gone


def _import(name: str) -> ModuleType | None:
    """Import a module, if there still is one of this name."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if f"{name}.".startswith(f"{error.name}."):
            return None
        raise


def _successors(old: Mapping[str, ModuleType], new: Mapping[str, ModuleType]) -> dict[type, type]:
    """Each class of the old modules and the new class of its name, first of all at the top of the package."""
    found: dict[type, type] = {}
    for module_name in sorted(old, key=len):
        for name, value in vars(old[module_name]).items():
            successor = getattr(new.get(module_name), name, None)
            if isinstance(value, type) and value.__module__ in old and isinstance(successor, type):
                found.setdefault(value, successor)
    return found


def _turn_objects(successors: Mapping[type, type]) -> None:
    """Give objects of the old classes, and classes derived from them, the new ones."""
    for thing in gc.get_referrers(*successors):
        if type(thing) in successors:
            with contextlib.suppress(TypeError):  # another layout: it stays as it was
                object.__setattr__(thing, "__class__", successors[type(thing)])
    subclasses: list[type] = []
    for old in successors:
        subclasses += old.__subclasses__()
    for derived in subclasses:
        if derived not in successors:
            with contextlib.suppress(TypeError):
                derived.__bases__ = tuple(successors.get(base, base) for base in derived.__bases__)
