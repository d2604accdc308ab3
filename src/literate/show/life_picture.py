"""The life of a definition as a picture: for each chapter that wrote it a bar, as high as its code is long.

What is drawn is plain Markdown, links and spans with the numbers in their styles; the style sheet makes a
chart of it, on a phone a list. So each bar is a link that is checked, and it needs no script.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import PurePosixPath

from literate.fold.book import Book
from literate.fold.lives import Event, Life, anchor, lives
from literate.fold.module import Package
from literate.read.chapters import Chapter

KEY = " ".join(f'<span class="key {what}">{what}</span>' for what in ("kept", "new", "gone"))
UNSAID = re.compile(
    r'["{}\[\]<>`*\\&]+|\b_+|_+\b'
)  # what would end an attribute, or be read as Markdown in it


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
    def says(self) -> str:
        """``Chapter 8, From recursion to loop: 9 lines of code, 5 new, 2 gone``."""
        size = self.kept + self.new
        parts = [f"{size} line{'' if size == 1 else 's'} of code" if size else "removed"]
        parts += [f"{number} {what}" for number, what in ((self.new, "new"), (self.gone, "gone")) if number]
        return _said(f"{self.chapter.kicker}, {self.chapter.title}: {', '.join(parts)}")


@dataclass(frozen=True)
class Lane:
    """A file that a definition stands in, from one chapter to another, and in which row it is drawn."""

    path: str
    first: Chapter
    last: Chapter
    row: int


def picture(book: Book, name: str, caption: str, last: Chapter, beside: bool) -> list[str] | None:
    """The lines of Markdown of a picture that ends with chapter ``last``; None if the name is unknown.

    ``beside`` says that the site has the pages of the lives; else the bars lead to the chapters.
    """
    found = lives(book).named(name)
    if found is None:
        return None
    life, _ = found
    drawn = [version for version in versions(book, name) if version.chapter.place <= last.place]
    address = _address if beside else _in_chapter
    marks = [
        f"[<span>{version.kept + version.new}</span><span>{version.chapter.mark}</span>]"
        f"({address(book, life, version)}){{ .version {_numbers(version)} {_named(version.says)} }}"
        for version in drawn
    ]
    chapters = book.chapters[: last.place]
    empty = {c.place: f'<span class="blank" style="--at: {c.place}">{c.mark}</span>' for c in chapters}
    places = empty | {version.chapter.place: mark for version, mark in zip(drawn, marks, strict=True)}
    most = max((version.kept + version.new for version in drawn), default=1)
    below = max((version.gone for version in drawn), default=0)
    label = _said(f"The life of {name}, chapter by chapter")
    style = f"--chapters: {last.place}; --most: {most}; --below: {below}"
    return [
        *(
            line
            for part, group in _parts(chapters)
            for line in (part, *(places[chapter.place] for chapter in group))
        ),
        *(_lane(book, life, lane, beside) for lane in lanes(book, name, last)),
        f'{{ .life role="group" aria-label="{label}" style="{style}" data-search-exclude="" }}',
        "",
        f"{KEY} {' '.join(caption.split())}",
        '{ .life-words data-search-exclude="" }',
    ]


# --- what is drawn ------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def versions(book: Book, name: str) -> tuple[Version, ...]:
    """The versions of a definition, oldest first, one for each chapter; of a class with all its members."""
    found = lives(book).named(name)
    if found is None:
        return ()
    life, member = found
    whole = not member and life.kind == "class"
    events = [event for event in (life.events if whole else life.of(member)) if not event.is_move]
    name = f"{life.name}.{member}" if member else life.name
    return tuple(
        _version(book, name, chapter, list(group))
        for chapter, group in groupby(events, lambda event: book.chapter_of(event.block))
    )


def _version(book: Book, name: str, chapter: Chapter, events: Sequence[Event]) -> Version:
    first, last = events[0], events[-1]
    old = _code(book.package_before(first.block), first.path, name)
    new = _code(book.package_at(last.block), last.path, name)
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    kept = sum(block.size for block in blocks)
    return Version(chapter, first, kept, len(new) - kept, len(old) - kept)


def _code(package: Package, path: str, name: str) -> tuple[str, ...]:
    """The lines of code of a definition; none where there is no such definition."""
    definition = package[path].definitions.get(name) if path in package else None
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


def lanes(book: Book, name: str, last: Chapter) -> tuple[Lane, ...]:
    """The files that a definition stood in, unless it was always the same one."""
    found = lives(book).named(name)
    paths = dict.fromkeys(event.path for event in found[0].events) if found else ()
    spans: list[Lane] = []
    for path in paths:
        chapters = [
            chapter
            for chapter in book.chapters[: last.place]
            if _stands(book.package_after(chapter), path, name)
        ]
        if chapters:
            taken = [lane.row for lane in spans if lane.last.place >= chapters[0].place]
            row = next(row for row in range(len(paths)) if row not in taken)
            spans.append(Lane(path, chapters[0], chapters[-1], row))
    return tuple(spans) if len(spans) > 1 else ()


def _stands(package: Package, path: str, name: str) -> bool:
    return path in package and name in package[path].definitions


# --- as Markdown --------------------------------------------------------------------------------------------


def _parts(chapters: Sequence[Chapter]) -> Iterator[tuple[str, list[Chapter]]]:
    """The parts of the book, each with its chapters: ``Part 1`` of ``Part 1 · Gradients that …``."""
    for part, found in groupby(chapters, lambda chapter: chapter.part):
        group = list(found)
        shown, _, rest = part.partition(" · ")
        style = f'style="--at: {group[0].place}; --span: {len(group)}"'
        title = f' title="{_said(rest)}"' if rest else ""
        yield f'<span class="part" {style}{title}>{_said(shown)}</span>', group


def _lane(book: Book, life: Life, lane: Lane, beside: bool) -> str:
    """The name of a file below the chapters in which it holds the definition."""
    moves = [event for event in life.events if event.is_move and event.path == lane.path]
    came = {"moves": "moved", "copies": "copied"}.get(moves[0].what, "") if moves else ""
    alone, several = lane.first.said, f"from {lane.first.said} to {lane.last.said}"
    says = _said(f"{lane.path}: {alone if lane.first == lane.last else several}")
    shown = f"`{PurePosixPath(lane.path).name}`"
    span = lane.last.place - lane.first.place + 1
    style = f'style="--at: {lane.first.place}; --span: {span}; --row: {lane.row}"'
    if not came:
        return f'<span class="lane" {style} title="{says}">{shown}</span>'
    target = f"{life.page}#{anchor('', lane.first)}" if beside else _fragment(book, moves[0])
    where = f"<span> {came} in {lane.first.said}</span>"
    return f"[{shown}{where}]({target}){{ .lane {style} {_named(says)} }}"


def _address(book: Book, life: Life, version: Version) -> str:
    """The heading of a version on the page of the life."""
    member = version.event.member if version.event.member != "__doc__" else ""
    return f"{life.page}#{anchor(member, version.chapter)}"


def _in_chapter(book: Book, life: Life, version: Version) -> str:
    return _fragment(book, version.event)


def _fragment(book: Book, event: Event) -> str:
    return f"{PurePosixPath(event.block.path).name}#fragment-{book.fragment_number(event.block)}"


def _numbers(version: Version) -> str:
    numbers = {"at": version.chapter.place, "kept": version.kept, "new": version.new, "gone": version.gone}
    return f'style="{"; ".join(f"--{name}: {number}" for name, number in numbers.items())}"'


def _named(says: str) -> str:
    return f'title="{says}" aria-label="{says}"'


def _said(text: str) -> str:
    """A text as the value of an attribute."""
    return UNSAID.sub("", text)
