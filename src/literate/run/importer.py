"""Import modules from texts in memory.

This text also stands in the first cell of every notebook, so it needs the standard library alone.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Any


class Importer(MetaPathFinder, InspectLoader):
    """Imports the package of this name, and tests beside it, from the texts of ``files``.

    Their paths are such as ``src/dezero/core.py``; what is called like one of them is sought nowhere else.
    """

    def __init__(self, name: str, files: Mapping[str, str]) -> None:
        self.name = name
        self.files = files

    @property
    def paths(self) -> dict[str, str]:
        """The files by the names under which they are imported."""
        return module_paths(tuple(self.files))

    def owns(self, name: str) -> bool:
        """Whether a module of this name could only come from here."""
        top = name.partition(".")[0]
        return top == self.name or top in self.paths

    def take(self) -> dict[str, ModuleType]:
        """Take what was imported of it out of ``sys.modules``."""
        return {name: sys.modules.pop(name) for name in list(sys.modules) if self.owns(name)}

    def file(self, path: str) -> str:
        """What tracebacks call a file."""
        return path

    def missing(self, name: str) -> str:
        """What is said of a module that is not there."""
        return f"No module named {name!r}"

    # --- what Python asks of an importer ---

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        if name in self.paths:
            file = self.file(self.paths[name])
            spec = ModuleSpec(name, self, origin=file, is_package=self.is_package(name))
            spec.has_location = True
            return spec
        if self.owns(name):
            raise ModuleNotFoundError(self.missing(name), name=name)
        return None

    def is_package(self, name: str) -> bool:
        path = self.paths[name]
        return not path.endswith(".py") or path.endswith("/__init__.py")

    def get_source(self, name: str) -> str:
        return self.files.get(self.paths[name], "")

    def get_code(self, name: str) -> CodeType:
        file, text = self.file(self.paths[name]), self.get_source(name)
        linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file  # for tracebacks
        return compile(text, file, "exec", dont_inherit=True)


@lru_cache(maxsize=512)
def module_paths(files: tuple[str, ...]) -> dict[str, str]:
    """Files by the names under which they are imported: ``tests/test_a.py`` is ``test_a``, as for unittest.

    A folder is a package, with an ``__init__.py`` or without; as in Python, a module goes before the latter.
    """
    found: dict[str, str] = {}
    for path in sorted(files, key=lambda path: not path.endswith("/__init__.py")):
        top, *parts = path.removesuffix(".py").split("/")
        found.setdefault(".".join(parts).removesuffix(".__init__"), path)
    for name, path in list(found.items()):
        top = path.partition("/")[0]
        while name := name.rpartition(".")[0]:
            found.setdefault(name, f"{top}/{name.replace('.', '/')}")
    return found
