"""After a fragment, the names that experiments imported refer to the new definitions, as with autoreload.

The package is imported anew as a whole. Three things then move over: names bound by an import statement,
unless they were bound to something else since; objects made from a class of the package, found from the
session's names, which become objects of the new class; and classes that experiments derived from one. So
``isinstance`` holds across fragments. What an experiment kept by an assignment, such as ``slow = square``,
stays what it was.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import gc
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

from literate.run.snapshot import Snapshot

Namespace = dict[str, Any]
_MISSING = object()


@dataclass(frozen=True)
class Imported:
    """A name that an import statement bound: to a module, or to an attribute of one."""

    name: str
    module: str
    attribute: str | None
    value: Any

    def now(self) -> Any:
        """What the statement would bind the name to now."""
        path = f"{self.module}.{self.attribute}" if self.attribute else self.module
        try:
            module = import_module(self.module)
            if self.attribute and hasattr(module, self.attribute):
                return getattr(module, self.attribute)
            return import_module(path)
        except ModuleNotFoundError as error:
            if f"{path}.".startswith(f"{error.name}."):
                return _MISSING
            raise


def imports(tree: ast.AST, namespace: Namespace, snapshot: Snapshot) -> Iterator[Imported]:
    """The names that a block's import statements bound to something of the package, which is active."""
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                module = alias.name if alias.asname else alias.name.partition(".")[0]
                yield from _bound(alias.asname or module, module, None, namespace, snapshot)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names = [alias.name] if alias.name != "*" else _defined(namespace, snapshot)
                for name in names:
                    yield from _bound(alias.asname or name, node.module, name, namespace, snapshot)


def _defined(namespace: Namespace, snapshot: Snapshot) -> list[str]:
    """The names of a namespace that hold something which the package defines."""
    return [
        name for name, value in namespace.items() if getattr(value, "__module__", None) in snapshot.sources
    ]


def _bound(
    name: str, module: str, attribute: str | None, namespace: Namespace, snapshot: Snapshot
) -> Iterator[Imported]:
    if module in snapshot.sources and name in namespace:
        imported = Imported(name, module, attribute, namespace[name])
        if imported.now() is namespace[name]:
            yield imported


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """The statements that run in the module's own scope."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.expr
        ):
            yield node
            yield from _statements(node)


def carry_over(
    namespace: Namespace, imported: Iterable[Imported], old: Mapping[str, ModuleType]
) -> tuple[list[Imported], list[str]]:
    """Turn a session to the package that is active now; ``old`` holds the modules of the one before.

    Returns the imported names as they are now, and those that the package no longer has.
    """
    held = [entry for entry in imported if namespace.get(entry.name, _MISSING) is entry.value]
    kept, gone = [], []
    for entry in held:
        value = entry.now()
        if value is _MISSING:
            namespace.pop(entry.name, None)
            gone.append(entry.name)
        else:
            namespace[entry.name] = value
            kept.append(Imported(entry.name, entry.module, entry.attribute, value))
    _move_objects(namespace, _successors(old))
    return kept, gone


def _successors(old: Mapping[str, ModuleType]) -> dict[type, type]:
    """Each class of the old modules and the new class of its name."""
    found: dict[type, type] = {}
    for module_name, module in old.items():
        try:
            new = import_module(module_name)
        except ModuleNotFoundError:
            continue
        for name, value in vars(module).items():
            successor = getattr(new, name, None)
            if isinstance(value, type) and value.__module__ in old and isinstance(successor, type):
                found.setdefault(value, successor)
    return found


def _move_objects(namespace: Namespace, successors: Mapping[type, type]) -> None:
    for value in _reachable(namespace, successors):
        if isinstance(value, type):
            bases = tuple(successors.get(base, base) for base in value.__bases__)
            if bases != value.__bases__:
                with contextlib.suppress(TypeError):  # another layout: it stays as it was
                    value.__bases__ = bases
        elif type(value) in successors:
            with contextlib.suppress(TypeError):
                value.__class__ = successors[type(value)]


def _reachable(namespace: Namespace, successors: Mapping[type, type]) -> list[Any]:
    """The session's objects, found through containers and through objects of its own classes."""
    own = namespace.get("__name__")
    seen: dict[int, Any] = {}
    waiting = list(namespace.values())
    while waiting:
        value = waiting.pop()
        if id(value) not in seen:
            seen[id(value)] = value
            waiting += _inner(value, own, successors)
    return list(seen.values())


def _inner(value: Any, own: object, successors: Mapping[type, type]) -> Iterable[Any]:
    match value:
        case type():
            return list(vars(value).values()) if value.__module__ == own else ()
        case FunctionType():
            return [
                *(value.__closure__ or ()),
                *(value.__defaults__ or ()),
                *(value.__kwdefaults__ or {}).values(),
            ]
        case list() | tuple() | dict() | set() | frozenset() | deque() | CellType():
            return gc.get_referents(value)
        case MethodType() | functools.partial():
            return gc.get_referents(value)
        case _ if type(value) in successors or type(value).__module__ == own:
            return gc.get_referents(value)
        case _ if type(value).__name__ == "ndarray" and value.dtype.hasobject:
            return list(value.flat)
    return ()
