"""Names in backticks that exist nowhere: in the package, in the page's code, in Python, in NumPy."""

from __future__ import annotations

import ast
import builtins
import keyword
import pkgutil
import re
import sys
import unittest
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from literate.fold.book import Book
from literate.fold.folding import Definition, Package
from literate.read.addresses import lines_of_section
from literate.read.finding import Finding, nearest_name
from literate.read.page import Block, Page, words
from literate.read.project import Project

NAME = re.compile(r"@?([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?:\(\))?")
ALWAYS = frozenset([*dir(builtins), *keyword.kwlist, *keyword.softkwlist])
TYPES = (unittest.TestCase, object, str, list, dict, set, tuple, float, Exception)
FIELDS = {"id", "name", "attr", "arg", "asname", "module"}  # of a node, that hold a name
STDLIB = sys.stdlib_module_names - {"antigravity", "this"}  # which show something when they are imported
ALIASES = {"np": "numpy", "plt": "matplotlib.pyplot"}


def wrong_names(book: Book, page: Page) -> Iterator[Finding]:
    """A finding for every name in backticks that exists nowhere as of a page, and for needless excuses.

    Exercises may also name what stands in blocks of other pages: in their answers.
    """
    chapter, elsewhere = book.by_path.get(page.path), book.related_blocks.get(page.path)
    package = book.package_after(chapter) if chapter else book.final
    names = _Names(book.project, package, page.blocks)
    spans = [(line, match[1]) for line, span in page.code_spans if (match := NAME.fullmatch(span))]
    missing = {name: line for line, name in reversed(spans) if not names.has(name)}  # where it comes first
    excused, exercises = {name for _, name in page.on_purpose}, _exercises(page)
    asked = {name for name, line in missing.items() if line in exercises} - excused
    wider = _Names(book.project, package, (*page.blocks, *elsewhere)) if asked and elsewhere else names
    for name, line in missing.items():
        if name not in excused and not (name in asked and wider.has(name)):
            yield Finding(page.path, line, names.message(name))
    for line, name in page.on_purpose:
        if name not in missing:
            why = "it exists" if names.has(name) else "it is in no backticks"
            message = f"{name} is excused as missing on purpose, and {why}; take it out of the comment"
            yield Finding(page.path, line, message)


def _exercises(page: Page) -> range:
    """The lines of the page's exercises; of a page with answers, all of them."""
    found = (lines_of_section(page, heading) for heading in page.headings if heading.text == "Exercises")
    return next(found, range(page.text.count("\n") + 2))


@dataclass(frozen=True)
class _Code:
    """The names in some code: those that it binds to values, the modules that it imports, and all."""

    bound: frozenset[str] = frozenset()
    modules: tuple[tuple[str, str], ...] = ()  # name, module
    attributes: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


class _Names:
    """Every name that a package and some blocks use."""

    def __init__(self, project: Project, package: Package, blocks: Iterable[Block]) -> None:
        self.package, self.libraries, self.bare = package, project.libraries, project.bare
        codes = [_code_of(block.code) for block in blocks if block.language == "python"]
        codes += [_code_of_all(tuple(d.text for d in module.body)) for module in package.values()]
        self.bound = frozenset[str]().union(*(code.bound for code in codes))
        self.modules = dict(ALIASES) | {name: module for code in codes for name, module in code.modules}
        self.known = _always(project).union(
            *(code.names for code in codes),
            *map(_path_names, package),
            (entry.bound for module in package.values() for entry in module.imports),
            *(_words_of(block.code) for block in blocks if block.language != "python"),
        )

    def class_named(self, name: str) -> Definition | None:
        """A class of the package; of several that of the last module."""
        found = [module.definitions[name] for module in self.package.values() if name in module.definitions]
        return next((definition for definition in reversed(found) if definition.kind == "class"), None)

    def has(self, name: str) -> bool:
        if name in self.known:
            return True
        if name.endswith("_") and any(known.startswith(name) for known in self.known):
            return True  # a beginning that names share, such as test_
        head, *rest = name.split(".")
        if not rest:
            return name in sys.stdlib_module_names or name in _bare_names(self.bare)
        if definition := self.class_named(head):
            return self.in_class(definition, rest[0])
        if module := self.module(head):
            return bool(_resolved(".".join([module, *rest])))
        bare = _bare_names(self.bare)
        return head in self.known and all(part in self.known or part in bare for part in rest)

    def module(self, name: str) -> str:
        """The module that a name stands for, unless some code binds it to a value; else nothing."""
        module = self.modules.get(name, name)
        top = module.partition(".")[0]
        is_known = name not in self.bound and (top in STDLIB or top in self.libraries)
        return module if is_known and _resolved(module) else ""

    def in_class(self, definition: Definition, attribute: str) -> bool:
        """Whether a class, or a class that it inherits from, has an attribute or sets one."""
        members = {name for member in definition.members for name in member.names}
        if attribute in members | _code_of(definition.text).attributes or hasattr(type, attribute):
            return True
        statement = definition.statement
        bases = [ast.unparse(base) for base in statement.bases] if isinstance(statement, ast.ClassDef) else []
        known = [base for name in bases if (base := self.class_named(name))]
        outside = len(known) < len(bases) and attribute in _bare_names(self.bare)
        return outside or any(self.in_class(base, attribute) for base in known)

    def message(self, name: str) -> str:
        head, dot, last = name.rpartition(".")
        names: Iterable[str] = self.known
        if definition := self.class_named(head):
            names = _code_of(definition.text).attributes
        elif dot and (module := self.module(head)):
            names = dir(*_resolved(module))
        near = nearest_name(last, [known for known in names if len(known) > 2])
        guess = f"; did you mean {head}{dot}{near}?" if near else ""
        excuse = f"<!-- literate: on purpose: {name} -->"
        return f"`{name}` exists nowhere as of this page{guess}; if it is meant to, write {excuse}"


def _path_names(path: str) -> set[str]:
    return {path, path.rpartition("/")[2], *path.removesuffix(".py").split("/")}


@lru_cache(maxsize=4096)
def _code_of(code: str) -> _Code:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return _Code(names=frozenset(re.findall(r"[A-Za-z_]\w*", code)))
    bound, names, attributes, texts = set[str](), set[str](), set[str](), set[str]()
    modules: list[tuple[str, str]] = []
    for node in ast.walk(tree):
        found = [getattr(node, field) for field in node._fields if field in FIELDS]
        names.update(name for name in found if isinstance(name, str))
        match node:
            case ast.expr_context():
                pass  # every second node
            case ast.Name(name, ast.Store()) | ast.arg(name):
                bound.add(name)
            case ast.Import(aliases):
                modules += [(alias.asname or alias.name, alias.name) for alias in aliases]
            case ast.Constant(str() as text) if NAME.fullmatch(text):
                texts.add(text)
            case ast.Attribute(attr=attribute):
                attributes.add(attribute)
    names.update(*(name.split(".") for name in [*names]), texts, (name for name, _ in modules))
    return _Code(frozenset(bound), tuple(modules), frozenset(attributes), frozenset(names))


_words_of = lru_cache(maxsize=4096)(words)


@lru_cache(maxsize=1024)
def _code_of_all(texts: tuple[str, ...]) -> _Code:
    """The names in the definitions of a module, which most chapters leave as it was."""
    codes = [_code_of(text) for text in texts]
    return _Code(
        frozenset[str]().union(*(code.bound for code in codes)),
        tuple(pair for code in codes for pair in code.modules),
        names=frozenset[str]().union(*(code.names for code in codes)),
    )


@lru_cache(maxsize=4096)
def _resolved(name: str) -> tuple[Any, ...]:
    """The module, or what is in one, that a dotted name stands for; nothing if it stands for nothing."""
    try:
        return (pkgutil.resolve_name(name),)
    except (ImportError, AttributeError):
        return ()


@lru_cache(maxsize=8)
def _bare_names(bare: tuple[str, ...]) -> frozenset[str]:
    """What some libraries, Python's types and a test case offer, by the last name."""
    owners = [unittest, *TYPES, *chain.from_iterable(map(_resolved, bare))]
    return frozenset(name for owner in owners for name in dir(owner))


@lru_cache(maxsize=8)
def _always(project: Project) -> frozenset[str]:
    """The names that exist on every page."""
    folders = (project.package, project.source, project.tests, project.docs)
    return ALWAYS.union(project.libraries, folders, project.words)
