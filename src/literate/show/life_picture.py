"""The life of a definition as a picture: for each chapter that wrote it a bar, as high as its code is long.

What is drawn is plain Markdown, links and spans with the numbers in their styles; the style sheet makes a
chart of it, on a phone a list. So each bar is a link that is checked, and it needs no script.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import PurePosixPath

from literate.fold.book import Book
from literate.fold.lives import Event, Life, anchor
from literate.fold.module import Definition, Package
from literate.read.chapters import Chapter

KEY = " ".join(f'<span class="key {what}">{what}</span>' for what in ("kept", "new", "gone"))
CAME = {"moves": "moved", "copies": "copied"}
# What would end an attribute, or be read as Markdown in it.
MARKUP = re.compile(r'["{}\[\]<>`*\\&]+|\b_+|_+\b')


@dataclass(frozen=True)
class Version:
    """What a chapter made of a definition, in lines of code: without docstrings, comments and blank lines.

    A line that moved to the right or to the left is kept.
    """

    chapter: Chapter
    event: Event  # the first of the chapter, where the link leads
    kept: int
    new: int
    gone: int

    @property
    def size(self) -> int:
        return self.kept + self.new

    @property
    def says(self) -> str:
        """``Chapter 8, From recursion to loop: 9 lines of code, 5 new, 2 gone``."""
        parts = [f"{self.size} line{'' if self.size == 1 else 's'} of code" if self.size else "removed"]
        parts += [f"{number} {what}" for number, what in ((self.new, "new"), (self.gone, "gone")) if number]
        return f"{self.chapter.kicker}, {self.chapter.title}: {', '.join(parts)}"


@dataclass(frozen=True)
class Lane:
    """A file that a definition stands in, from one chapter to another, and in which row it is drawn."""

    path: str
    first: Chapter
    last: Chapter
    row: int


def picture(book: Book, life: Life, member: str, caption: str, last: Chapter) -> list[str]:
    """The lines of Markdown of a picture that ends with chapter ``last``."""
    chapters = book.chapters[: last.place]
    drawn = [version for version in versions(book, life, member) if version.chapter in chapters]
    marks = {c.place: f'<span class="blank" style="--at: {c.place}">{c.mark}</span>' for c in chapters}
    marks |= {version.chapter.place: _bar(life, version) for version in drawn}
    most = max((version.size for version in drawn), default=1)
    below = max((version.gone for version in drawn), default=0)
    label = _unmarked(f"The life of {full_name(life, member)}, chapter by chapter")
    style = f"--chapters: {last.place}; --most: {most}; --below: {below}"
    lines: list[str] = []
    for part, group in groupby(chapters, lambda chapter: chapter.part):
        inside = list(group)
        lines += [_part_of_book(part, inside), *(marks[chapter.place] for chapter in inside)]
    return [
        *lines,
        *(_lane(life, lane) for lane in lanes(book, life, member, last)),
        f'{{ .life role="group" aria-label="{label}" style="{style}" data-search-exclude="" }}',
        "",
        f"{KEY} {' '.join(caption.split())}",
        '{ .life-words data-search-exclude="" }',
    ]


# --- what is drawn ------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def versions(book: Book, life: Life, member: str) -> tuple[Version, ...]:
    """The versions of a definition, oldest first, one for each chapter; of a class with all its members."""
    whole = not member and life.kind == "class"
    events = [event for event in (life.events if whole else life.of(member)) if not event.is_move]
    return tuple(
        _version(book, full_name(life, member), chapter, list(group))
        for chapter, group in groupby(events, lambda event: book.chapter_of(event.block))
    )


def _version(book: Book, name: str, chapter: Chapter, events: Sequence[Event]) -> Version:
    first, last = events[0], events[-1]
    old = _own_code(_standing(book.package_before(first.block), first.path, name))
    new = _own_code(_standing(book.package_at(last.block), last.path, name))
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    kept = sum(block.size for block in blocks)
    return Version(chapter, first, kept, len(new) - kept, len(old) - kept)


def _standing(package: Package, path: str, name: str) -> Definition | None:
    return package[path].definitions.get(name) if path in package else None


def _own_code(definition: Definition | None) -> tuple[str, ...]:
    return lines_of_code(definition.text) if definition else ()


@lru_cache(maxsize=1024)
def lines_of_code(text: str) -> tuple[str, ...]:
    """The lines of a definition without its docstrings, comments and blank lines."""
    tree = ast.parse(f"if 1:\n{text}" if text[:1].isspace() else f"\n{text}")
    documented = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        number - 1
        for node in ast.walk(tree)
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None
        for number in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    return tuple(
        line.strip()
        for number, line in enumerate(text.split("\n"), 1)
        if number not in docstrings and line.strip() and not line.lstrip().startswith("#")
    )


def lanes(book: Book, life: Life, member: str, last: Chapter) -> tuple[Lane, ...]:
    """The files that a definition stood in, unless it was always the same one."""
    paths, name = dict.fromkeys(event.path for event in life.events), full_name(life, member)
    spans: list[Lane] = []
    for path in paths:
        chapters = [
            chapter
            for chapter in book.chapters[: last.place]
            if _standing(book.package_after(chapter), path, name)
        ]
        if chapters:
            taken = [lane.row for lane in spans if lane.last.place >= chapters[0].place]
            row = next(row for row in range(len(paths)) if row not in taken)
            spans.append(Lane(path, chapters[0], chapters[-1], row))
    return tuple(spans) if len(spans) > 1 else ()


def full_name(life: Life, member: str) -> str:
    """``Variable.backward``; of no member the name of the definition."""
    return f"{life.name}.{member}" if member else life.name


# --- as Markdown --------------------------------------------------------------------------------------------


def _part_of_book(title: str, chapters: Sequence[Chapter]) -> str:
    """A part of the book over its chapters: ``Part 1`` of ``Part 1 · Gradients that …``."""
    shown, _, rest = title.partition(" · ")
    says = f' title="{_unmarked(rest)}"' if rest else ""
    style = _style(at=chapters[0].place, span=len(chapters))
    return f'<span class="part" {style}{says}>{_unmarked(shown)}</span>'


def _bar(life: Life, version: Version) -> str:
    """A version: it leads to its heading on the page of the life."""
    member = version.event.member if version.event.member != "__doc__" else ""
    target = f"{life.page}#{anchor(member, version.chapter)}"
    style = _style(at=version.chapter.place, kept=version.kept, new=version.new, gone=version.gone)
    shown = "".join(f'<span data-shown="{text}"></span>' for text in (version.size, version.chapter.mark))
    return f"[{shown}]({target}){{ .version {style} {_spoken(version.says)} }}"


def _lane(life: Life, lane: Lane) -> str:
    """The name of a file below the chapters in which it holds the definition."""
    first, last = lane.first, lane.last
    when = first.said if first == last else f"from {first.said} to {last.said}"
    says, shown = f"{lane.path}: {when}", f"`{PurePosixPath(lane.path).name}`"
    style = _style(at=first.place, span=last.place - first.place + 1, row=lane.row)
    move = next((event for event in life.events if event.is_move and event.path == lane.path), None)
    if move is None or move.what not in CAME:
        return f'<span class="lane" {style} title="{_unmarked(says)}">{shown}</span>'
    target = f"{life.page}#{anchor('', first)}"
    came = f" {CAME[move.what]} in {first.said}"
    said = _spoken(f"{PurePosixPath(lane.path).name}{came}; {says}")  # what is seen comes first
    return f"[{shown}<span>{came}</span>]({target}){{ .lane {style} {said} }}"


def _style(**numbers: int) -> str:
    return f'style="{"; ".join(f"--{name}: {number}" for name, number in numbers.items())}"'


def _spoken(says: str) -> str:
    return f'title="{_unmarked(says)}" aria-label="{_unmarked(says)}"'


def _unmarked(text: str) -> str:
    """A text as the value of an attribute."""
    return MARKUP.sub("", text)
