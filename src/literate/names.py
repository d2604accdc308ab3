"""Names in backticks that exist nowhere: in the package, in the page's code, in Python, in NumPy."""

from __future__ import annotations

import ast
import builtins
import importlib
import keyword
import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import ModuleType

from literate.chapter import Block, Page
from literate.finding import Finding, nearest_name
from literate.fold import Definition, Package

NAME = re.compile(r"@?([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?:\(\))?")
LIBRARIES = ("numpy", "pytest", "matplotlib", "graphviz")
TOOLS = ("dezero", "literate", "mkdocs", "uv", "pip", "git", "dot", "docs", "src", "tests")
ALIASES = {"np": "numpy", "plt": "matplotlib.pyplot"}


def unknown_names(pages: Iterable[tuple[Page, Package, Sequence[Block]]]) -> Iterator[Finding]:
    """A finding for every name in backticks that exists nowhere as of its page, and for needless excuses.

    With each page come the package as of its end, and blocks of other pages that its exercises speak of.
    """
    for page, package, elsewhere in pages:
        names = _Names(package, page.blocks)
        missing: dict[str, int] = {}  # with the line that names it first
        for line, span in page.code_spans:
            if (match := NAME.fullmatch(span)) and not names.has(match[1]):
                missing.setdefault(match[1], line)
        excused = {name for _, name in page.on_purpose}
        unexcused = {name: line for name, line in missing.items() if name not in excused}
        if unexcused and elsewhere:
            exercises, wider = _exercises(page), _Names(package, (*page.blocks, *elsewhere))
            unexcused = {
                n: line for n, line in unexcused.items() if line not in exercises or not wider.has(n)
            }
        for name, line in unexcused.items():
            yield Finding(page.path, line, names.message(name))
        for line, name in page.on_purpose:
            if name not in missing:
                why = "it exists" if names.has(name) else "it is in no backticks"
                message = f"{name} is excused as missing on purpose, and {why}; take it out of the comment"
                yield Finding(page.path, line, message)


def _exercises(page: Page) -> range:
    """The lines of the page's exercises; of a page with answers, all of them."""
    if not any(heading.text == "Exercises" for heading in page.headings):
        return range(page.text.count("\n") + 2)
    start = next(heading for heading in page.headings if heading.text == "Exercises")
    after = [h.line for h in page.headings if h.line > start.line and h.level <= start.level]
    return range(start.line, min(after, default=page.text.count("\n") + 2))


@dataclass(frozen=True)
class _Code:
    """The names in some code: those that it binds to values, the modules that it imports, and all."""

    bound: frozenset[str] = frozenset()
    modules: tuple[tuple[str, str], ...] = ()  # name, module
    attributes: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


class _Names:
    """Every name that a package and some blocks use."""

    def __init__(self, package: Package, blocks: Iterable[Block]) -> None:
        self.package = package
        codes = [_read(block.code) for block in blocks if block.language == "python"]
        codes += [_read(d.text) for module in package.values() for d in module.body]
        self.bound = frozenset[str]().union(*(code.bound for code in codes))
        self.modules = dict(ALIASES) | {name: module for code in codes for name, module in code.modules}
        self.known = frozenset(_ALWAYS).union(*(code.names for code in codes), *map(_path_names, package))
        for module in package.values():
            self.known |= module.definitions.keys() | {entry.bound for entry in module.imports}
        others = [block.code for block in blocks if block.language != "python"]
        self.known |= {word for code in others for word in re.findall(r"\w+", code)}

    @cached_property
    def classes(self) -> dict[str, Definition]:
        """The classes of the package."""
        return {
            name: definition
            for module in self.package.values()
            for name, definition in module.definitions.items()
            if definition.kind == "class"
        }

    def has(self, name: str) -> bool:
        if name in self.known:
            return True
        if name.endswith("_") and any(known.startswith(name) for known in self.known):
            return True  # a beginning that names share, such as test_
        head, *rest = name.split(".")
        if not rest:
            return name in sys.stdlib_module_names or name in _library_names()
        if head in self.classes:
            return self.in_class(self.classes[head], rest[0])
        if head not in self.bound and (module := _module(self.modules.get(head, head))):
            return _has(module, rest)
        return head in self.known and all(part in self.known or part in _library_names() for part in rest)

    def in_class(self, definition: Definition, attribute: str) -> bool:
        """Whether a class, or a class that it inherits from, has an attribute or sets one."""
        members = {name for member in definition.members for name in member.names}
        if attribute in members | _read(definition.text).attributes or hasattr(type, attribute):
            return True
        statement = definition.statement
        bases = [ast.unparse(base) for base in statement.bases] if isinstance(statement, ast.ClassDef) else []
        outside = any(base not in self.classes for base in bases)
        inherited = any(
            self.in_class(self.classes[base], attribute) for base in bases if base in self.classes
        )
        return inherited or (outside and attribute in _library_names())

    def message(self, name: str) -> str:
        near = self.nearest(name)
        guess = f"; did you mean {near}?" if near else ""
        excuse = f"<!-- literate: on purpose: {name} -->"
        return f"`{name}` exists nowhere as of this page{guess}; if it is meant to, write {excuse}"

    def nearest(self, name: str) -> str | None:
        head, dot, last = name.rpartition(".")
        names: Iterable[str] = self.known
        if head in self.classes:
            names = _read(self.classes[head].text).attributes
        elif dot and head not in self.bound and (module := _module(self.modules.get(head, head))):
            names = dir(module)
        near = nearest_name(last, [known for known in names if len(known) > 2])
        return f"{head}{dot}{near}" if near else None


def _path_names(path: str) -> set[str]:
    return {path, path.rpartition("/")[2], *path.removesuffix(".py").split("/")}


@lru_cache(maxsize=4096)
def _read(code: str) -> _Code:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return _Code(names=frozenset(re.findall(r"[A-Za-z_]\w*", code)))
    bound, modules, names = set[str](), list[tuple[str, str]](), set[str]()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id, context):
                names.add(id)
                bound |= {id} if isinstance(context, ast.Store) else set()
            case ast.Import(aliases):
                modules += [(alias.asname or alias.name, alias.name) for alias in aliases]
            case ast.Constant(str() as text) if NAME.fullmatch(text):
                names.add(text)
            case _:
                for field in (
                    "name",
                    "attr",
                    "arg",
                    "asname",
                    "module",
                ):  # of functions, attributes, arguments …
                    if isinstance(name := getattr(node, field, None), str):
                        names |= {name, *name.split(".")}
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    names |= {name for name, _ in modules}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return _Code(frozenset(bound), tuple(modules), frozenset(attributes), frozenset(names))


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
    if name.partition(".")[0] not in {*sys.stdlib_module_names, *LIBRARIES} or name in (
        "antigravity",
        "this",
    ):
        return None
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


@lru_cache(maxsize=1)
def _library_names() -> frozenset[str]:
    """What NumPy, its arrays, Python's types and a test case offer: prose calls these by their last name."""
    import unittest

    import numpy

    owners = (
        numpy,
        numpy.ndarray,
        unittest,
        unittest.TestCase,
        object,
        str,
        list,
        dict,
        set,
        tuple,
        float,
        Exception,
    )
    return frozenset(name for owner in owners for name in dir(owner))


_ALWAYS = frozenset([*dir(builtins), *keyword.kwlist, *keyword.softkwlist, *LIBRARIES, *TOOLS])
