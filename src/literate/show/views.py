"""The other views of a fragment: the whole of what it touches, and what it changed there."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from itertools import groupby

from literate.fold.book import Book
from literate.fold.module import Definition, Module
from literate.read.page import Block

GAP = "⋮"  # stands for the unchanged lines between two changes


def whole_and_difference(book: Book, block: Block) -> tuple[str, str]:
    """The classes and functions that a fragment touches, ready to be pasted; and what it changed in them."""
    packages = book.package_before(block), book.package_at(block)
    before, after = (_touched(book, block, package.get(str(block.title), Module())) for package in packages)
    return after, "\n".join(diff(before.splitlines(), after.splitlines()))


def diff(old: Sequence[str], new: Sequence[str], context: int = 3) -> Iterator[str]:
    """The lines of a unified diff without its headings; a line with ``⋮`` stands between its hunks."""
    lines = list(difflib.unified_diff(old, new, lineterm="", n=context))[2:]
    groups = groupby(lines, lambda line: line.startswith("@@"))
    hunks = [list(hunk) for heading, hunk in groups if not heading]
    for number, hunk in enumerate(hunks):
        yield from ([GAP] if number else []) + hunk


def _touched(book: Book, block: Block, module: Module) -> str:
    """The source of everything at the top of a module that a fragment adds to, replaces or removes from."""
    names = {change.name for change in book.changes_of(block) if not change.inner}
    parts = [definition.text for definition in module.body if names & _names_within(definition, names)]
    return "\n\n\n".join(parts)


def _names_within(definition: Definition, names: set[str]) -> set[str]:
    """Those of the names that a definition stands for, its members' included."""
    keys = {definition.key, *definition.names}
    return keys | {name for name in names if any(name.startswith(f"{key}.") for key in keys)}
