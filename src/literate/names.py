"""Names in backticks that exist nowhere: in the package, in the chapter's code, in Python, in NumPy."""

from __future__ import annotations

import builtins
import importlib
import keyword
import re
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from types import ModuleType

from literate.chapter import Page
from literate.finding import Finding, did_you_mean
from literate.fold import Package

NAME = re.compile(r"@?([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?:\(\))?")
LIBRARIES = ("numpy", "pytest", "matplotlib", "graphviz")
TOOLS = ("dezero", "literate", "mkdocs", "uv", "pip", "git", "dot", "docs", "src", "tests")
ALIASES = {"np": "numpy", "plt": "matplotlib.pyplot"}


def unknown_names(pages: Iterable[tuple[Page, Package]]) -> Iterator[Finding]:
    """A finding for every name in backticks that exists nowhere as of its page, and for every needless exception."""
    for page, package in pages:
        known = _known(page, package)
        excused = {name for _, name in page.on_purpose}
        missing = []
        for line, span in page.code_spans:
            match = NAME.fullmatch(span)
            if match and not _exists(match[1], known):
                missing.append(match[1])
                if match[1] not in excused:
                    yield Finding(page.path, line, _message(match[1], known))
        for line, name in page.on_purpose:
            if name not in missing:
                message = f"{name} is excused as missing on purpose, and it is not missing; take it out of the comment"
                yield Finding(page.path, line, message)


def _message(name: str, known: frozenset[str]) -> str:
    return (
        f"`{name}` exists nowhere as of this page{did_you_mean(name, known)}"
        f"; if it is meant to, write <!-- literate: on purpose: {name} -->"
    )


def _known(page: Page, package: Package) -> frozenset[str]:
    """Every name that the package and the page's code use, and the languages and files that they are written in."""
    names = set(_ALWAYS)
    for path, module in package.items():
        names |= _words(module.text)
        names |= module.definitions.keys()
        names |= {path, path.rsplit("/", 1)[-1], *path.removesuffix(".py").split("/")}
    for block in page.blocks:
        names |= _words(block.code) if block.language == "python" else set(re.findall(r"\w+", block.code))
    return frozenset(names)


@lru_cache(maxsize=4096)
def _words(code: str) -> frozenset[str]:
    """The names in some code, strings and comments included: a message may be quoted."""
    return frozenset(re.findall(r"[A-Za-z_]\w*", code))


def _exists(name: str, known: frozenset[str]) -> bool:
    if name in known:
        return True
    head, *rest = name.split(".")
    if not rest:
        return name in sys.stdlib_module_names or name in _library_names()
    if module := _module(ALIASES.get(head, head)):
        return _has(module, rest)
    return head in known and all(part in known or part in _library_names() for part in rest)


def _has(value: object, attributes: list[str]) -> bool:
    for attribute in attributes:
        if hasattr(value, attribute):
            value = getattr(value, attribute)
        elif isinstance(value, ModuleType) and (module := _module(f"{value.__name__}.{attribute}")):
            value = module
        else:
            return False
    return True


@lru_cache(maxsize=256)
def _module(name: str) -> ModuleType | None:
    if name.split(".")[0] not in {*sys.stdlib_module_names, *LIBRARIES}:
        return None
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


@lru_cache(maxsize=1)
def _library_names() -> frozenset[str]:
    """What NumPy, its arrays and a test case offer: prose calls these by their last name."""
    import unittest

    import numpy

    return frozenset([*dir(numpy), *dir(numpy.ndarray), *dir(unittest.TestCase), *dir(unittest)])


_ALWAYS = frozenset([*dir(builtins), *keyword.kwlist, *keyword.softkwlist, *LIBRARIES, *TOOLS])
