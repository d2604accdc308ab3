"""The views of a fragment: "Changed", with its new lines and without long runs of old ones; and the others.

Rows are counted as Markdown counts the lines of a block: the first below the fence is 1.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from literate.fold.book import Book
from literate.fold.folding import Change
from literate.fold.fragment import first_row
from literate.fold.imports import NOWHERE, read_imports
from literate.fold.module import Definition, Line, Module
from literate.read.page import ANNOTATION, Block

CONTEXT = 2  # lines shown on each side of a change
SHORT = 5  # so many lines as before are shown all the same
QUOTES = re.compile(r"""\w*(?:'''|\"{3})""")
GAP = "⋮"  # stands for the unchanged lines between two changes
WHOLE = 10  # a statement of so many lines is shown whole if one of them is new


@dataclass(frozen=True)
class Run:
    """Rows that are left out, and the line that stands for them, indented as the first of them."""

    rows: range
    line: str


def runs_as_before(block: Block, changes: Sequence[Change]) -> list[Run]:
    """The long runs of lines that a fragment only repeats from the version that it replaces."""
    code = block.code.split("\n")
    shown = [number for number, text in enumerate(code, 1) if ANNOTATION.search(text)]
    found: list[Run] = []
    for change in changes:
        if change.before and change.after and not change.inner and change.after.kind != "class":
            found += _runs_of(block, change.before, change.after, shown)
    for rows, new in filter(_mostly_repeats, _import_rows(block, changes)):
        beside = {row for first in new for row in range(first - CONTEXT, first + CONTEXT + 1)}
        found += _long_runs(block, rows, {rows[0], rows[-1]}.union(beside, shown))
    return sorted(found, key=lambda run: run.rows.start)


def new_rows(block: Block, changes: Sequence[Change], runs: Iterable[Run] = ()) -> list[int]:
    """The rows to be marked, counted without the ``runs``. Where nothing is replaced, nothing is marked."""
    shown = [change for change in changes if not change.inner and change.after]
    replaces = any(change.before for change in shown)
    rows = {row for change in shown for row in _rows_of(change)} if replaces else set()
    for statement in _import_rows(block, changes):
        rows |= statement[1] if replaces or _mostly_repeats(statement) else set()
    return [row - sum(len(run.rows) - 1 for run in runs if run.rows.stop <= row) for row in sorted(rows)]


def shortened(lines: Sequence[str], prefix: str, runs: Iterable[Run]) -> list[str]:
    """The ``lines`` of a block, its fences included, with a line in the place of each run."""
    short = list(lines)
    for run in reversed(list(runs)):
        short[run.rows.start : run.rows.stop] = [f"{prefix}{run.line}"]
    return short


# --- what is new --------------------------------------------------------------------------------------------


def _rows_of(change: Change) -> Iterator[int]:
    """The rows that are new in what a change wrote; of a class that was there before, that is its head."""
    before, after = change.before, change.after
    if after:
        own = after.head if before else [line for line in after.lines if line.path == change.block.path]
        for first, last in _differing(before.head if before else (), own):
            yield from (line.line - change.block.line for line in own[first:last] if line.text.strip())


def _import_rows(block: Block, changes: Iterable[Change]) -> Iterator[tuple[range, set[int]]]:
    """The rows of each import statement, and those that bring a new name; none where nothing was folded."""
    found = [*changes]
    new = {change.name for change in found if change.action == "adds"}
    for statement in ast.parse(block.tangled).body if found else ():
        if isinstance(statement, ast.Import | ast.ImportFrom):
            entries = zip(statement.names, read_imports(statement, NOWHERE), strict=True)
            yield _rows(statement), {alias.lineno for alias, entry in entries if entry.statement in new}


def _mostly_repeats(statement: tuple[range, set[int]]) -> bool:
    rows, new = statement
    return len(rows) > SHORT and 2 * len(new) <= len(rows)


def _differing(before: Sequence[Line], after: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Where the lines ``after`` differ from those ``before``, as slices; an empty one where some went."""
    old, new = ([line.text for line in lines] for lines in (before, after))
    for tag, _, _, first, last in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield first, last


# --- what is as before --------------------------------------------------------------------------------------


def _runs_of(block: Block, before: Definition, after: Definition, annotated: Iterable[int]) -> Iterator[Run]:
    """The runs of one definition: what is neither new, nor beside a change, nor its signature."""
    top = after.head[0].line - block.line
    kept: set[int] = set()
    new: set[int] = set()
    for first, last in _differing(before.head, after.head):
        new.update(range(top + first, top + last))
        kept.update(range(top + first - CONTEXT, top + last + CONTEXT))
    if 2 * len(new) > len(after.head):
        return
    rows = range(top, top + len(after.head))
    strings = [string for string in _long_strings(block.tangled) if string.start in rows]
    for statement in _long_statements(after.statement):  # never the end of one without its beginning
        if any(string.start in statement for string in strings):
            continue  # see below
        if not new.isdisjoint(statement) and len(statement) <= WHOLE:
            kept.update(statement)
        elif new.isdisjoint(statement) and not kept.issuperset(statement):
            kept.difference_update(statement)
    kept |= {*annotated, *_signature(block, after)}
    for string in strings:  # what is cut open keeps its quotes
        if not kept.isdisjoint(string):
            kept.update((string[0], string[-1]))
    yield from _long_runs(block, rows, kept, strings)


def _long_runs(
    block: Block, rows: range, kept: Container[int], strings: Sequence[range] = ()
) -> Iterator[Run]:
    """The runs of rows that are not kept, if they are long."""
    code = block.code.split("\n")
    for is_kept, group in groupby(rows, kept.__contains__):
        run = list(group)
        if not is_kept and len(run) > SHORT:
            text = next((code[row - 1] for row in run if code[row - 1]), "")
            indent = " " * (len(text) - len(text.lstrip()))
            comment = "" if any(string[0] < run[0] < string[-1] for string in strings) else "# "
            yield Run(range(run[0], run[-1] + 1), f"{indent}{comment}{GAP} {len(run)} lines as before")


def _rows(node: ast.stmt | ast.expr) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _long_statements(definition: ast.stmt) -> Iterator[range]:
    """The rows of each statement inside that goes over several lines and has no body of its own."""
    inside = (node for node in ast.walk(definition) if isinstance(node, ast.stmt) and node is not definition)
    return (rows for node in inside if not hasattr(node, "body") and len(rows := _rows(node)) > 1)


def _signature(block: Block, definition: Definition) -> Iterable[int]:
    """The rows of its decorators and its signature; of what has no body, the first row and the last."""
    statement = definition.statement
    body: list[ast.stmt] = getattr(statement, "body", [])
    if not body:
        return _rows(statement)[0], _rows(statement)[-1]
    code = block.code.split("\n")
    last = max(statement.lineno, first_row(body[0]) - 1)
    while last > statement.lineno and (not (text := code[last - 1].strip()) or text.startswith("#")):
        last -= 1
    return range(first_row(statement), last + 1)


@lru_cache(maxsize=1024)  # a server asks again for each build
def _long_strings(code: str) -> tuple[range, ...]:
    """The rows of each string that goes over several, docstrings among them."""
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant | ast.JoinedStr)]
    long = [node for node in nodes if len(_rows(node)) > 1]
    return tuple(_rows(node) for node in long if QUOTES.match(ast.get_source_segment(code, node) or ""))


# --- the other views: the whole of what it touches, and the difference --------------------------------------


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
