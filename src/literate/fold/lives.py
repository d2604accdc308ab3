"""The life of every definition that the package ever had, across the files that it stood in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, count
from pathlib import PurePosixPath
from typing import Literal

from literate.fold.book import Book
from literate.fold.folding import Change
from literate.fold.module import Definition, Package
from literate.read.chapters import Chapter
from literate.read.finding import Finding, did_you_mean
from literate.read.page import Block, Page

What = Literal["adds", "replaces", "removes", "moves", "copies"]
KINDS = {"class": "class", "function": "function"}  # anything else is a constant
NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Event:
    """What a block did to a definition, or to its file, which is ``path`` from then on."""

    block: Block
    what: What
    path: str
    member: str = ""  # of a class; nothing for the class itself
    before: Definition | None = None
    after: Definition | None = None
    inner: bool = False  # it came or went with its class
    source: str = ""  # the file from which it was moved or copied
    twins: bool = False  # whether another file has a copy of it

    @property
    def is_move(self) -> bool:
        """Whether the definition itself stayed as it was."""
        return self.before is None and self.after is None


@dataclass(frozen=True)
class Life:
    """A class, function or constant, oldest event first; ``page`` is the name of its page."""

    name: str
    kind: str
    page: str
    path: str | None  # the file that it stands in at the end of the book
    members: tuple[str, ...]  # in the order of the class, those that are gone last
    events: tuple[Event, ...]

    def of(self, member: str) -> tuple[Event, ...]:
        """What happened to one member; of the class itself, for an empty name: its head, docstring, file."""
        own = (member, "__doc__") if not member else (member,)
        return tuple(event for event in self.events if event.member in own)


def anchor(member: str, chapter: Chapter, times: int = 1) -> str:
    """The anchor of a version on its page, such as ``backward-step-8``; of a chapter's second ``…-2``."""
    here = chapter.slug if chapter.number is None else f"step-{chapter.number}"
    name = member.strip("_") + "_" * member.startswith("__")  # next and __next__ are two
    return f"{name}-{here}{f'-{times}' if times > 1 else ''}".lstrip("-")


@dataclass(frozen=True, eq=False)
class Lives:
    """All of them, in the order in which they were first written."""

    all: tuple[Life, ...]
    pages: dict[tuple[str, str], Life] = field(repr=False)  # by file, and by each name that is bound

    def _of(self, path: str, name: str) -> tuple[Life | None, str]:
        """The life of a definition, and the member that is meant."""
        life = self.pages.get((path, name)) or self.pages.get((path, _top_name(name)))
        return life, name.removeprefix(f"{life.name}.") if life and name != life.name else ""

    def link(self, path: str, name: str) -> str | None:
        """The address of a definition's life, such as ``life-class-variable.md#backward``."""
        life, member = self._of(path, name)
        if life is None:
            return None
        return f"{life.page}#{member}" if member in life.members else life.page

    def events(self, path: str, name: str) -> tuple[Event, ...]:
        """What happened to a definition; to a class, with its members."""
        life, member = self._of(path, name)
        if life is None:
            return ()
        return life.of(member) if member in life.members else life.events

    def named(self, name: str) -> tuple[Life, str] | None:
        """The life of ``Variable.backward`` and the member; of namesakes the one with the most versions."""
        top, _, member = name.partition(".")
        named = dict.fromkeys(life for (_, bound), life in self.pages.items() if bound == top)
        found = [life for life in named if member in life.members or not member]
        best = max(found, key=lambda life: len(life.of(member)), default=None)
        return (best, member) if best else None

    def first(self, path: str, name: str) -> Block | None:
        """The fragment that introduced a name."""
        life, member = self._of(path, name)
        events = life.of(member) if life and (member in life.members or not member) else ()
        return next((event.block for event in events if event.after), None)


@lru_cache(maxsize=2)
def lives(book: Book) -> Lives:
    """The life of every definition of the package."""
    records = _Records(book)
    taken: set[str] = set()
    found: dict[tuple[str, str], Life] = {}
    for (family, top), events in records.events.items():
        life = _life(top, tuple(events), book.final, taken)
        bound = {top}.union(*(d.names for e in events if not e.member for d in (e.before, e.after) if d))
        paths = [path for path, first in records.families.items() if first == family]
        found |= {(path, name): life for path in paths for name in bound if (path, name) not in found}
    return Lives(tuple(dict.fromkeys(found.values())), found)


class _Records:
    """Goes through the book and notes what happens to each definition.

    A file that was moved or copied is of the ``family`` of the first; a definition lives on in its family.
    """

    def __init__(self, book: Book) -> None:
        self.project = book.project
        self.families: dict[str, str] = {}
        self.events: dict[tuple[str, str], list[Event]] = {}
        for chapter in book.chapters:
            for block in chapter.page.of("fragment", "moves"):
                if block.kind == "moves":
                    self.moves(block, book.package_before(block), book.package_at(block))
                elif self.project.is_source(str(block.title)):
                    self.families.setdefault(str(block.title), str(block.title))
                    self.changes(book.changes_of(block), book.package_at(block))

    def changes(self, changes: tuple[Change, ...], package: Package) -> None:
        for change in changes:
            if (change.before or change.after) and change.name != "__doc__":
                top = _top_name(change.name)
                family = self.families[change.path]
                others = [p for p in package if p != change.path and self.families.get(p) == family]
                twins = any(top in package[path].definitions for path in others)
                member = change.name.removeprefix(top).removeprefix(".") if "." in change.name else ""
                place = (change.block, change.action, change.path, member)
                event = Event(*place, change.before, change.after, change.inner, twins=twins)
                self.events.setdefault((family, top), []).append(event)

    def moves(self, block: Block, before: Package, after: Package) -> None:
        for path, module in after.items():
            if before.get(path) is not module:
                sources = [old for old in before if before[old] is module]
                gone = [old for old in sources if after.get(old) is not module]
                source = (gone or sources)[0]
                self.families[path] = self.families.get(source, source)
                self.note(block, "moves" if gone else "copies", path, after, source)
        for path, module in before.items():
            if all(other is not module for other in after.values()):
                self.note(block, "removes", path, before, "")

    def note(self, block: Block, what: What, path: str, package: Package, source: str) -> None:
        for definition in package[path].body:
            key = (self.families.get(path, path), _top_name(definition.key))
            self.events.setdefault(key, []).append(Event(block, what, path, source=source))


def _top_name(name: str) -> str:
    """The name at the top of a module that a qualified name, or the key of a statement, belongs to."""
    match = NAME.match(name)
    return match[0] if match else name


def _life(name: str, events: tuple[Event, ...], final: Package, taken: set[str]) -> Life:
    own = [d for event in events if not event.member for d in (event.after, event.before) if d]
    kind = KINDS.get(own[-1].kind, "constant") if own else "constant"
    path = next((e.path for e in reversed(events) if name in _definitions(final, e.path)), None)
    written = dict.fromkeys(e.member for e in events if e.member and e.member != "__doc__")
    there = _definitions(final, path) if path else {}
    order = [key.removeprefix(f"{name}.") for key in there if key.startswith(f"{name}.")]
    members = [*(m for m in order if m in written), *(m for m in written if m not in order)]
    return Life(name, kind, _page(name, kind, events[0].path, taken), path, tuple(members), events)


def _definitions(package: Package, path: str) -> dict[str, Definition]:
    return package[path].definitions if path in package else {}


def _page(name: str, kind: str, path: str, taken: set[str]) -> str:
    """The name of a page that no other has, on file systems, too, for which ``Square`` is ``square``.

    Once given, it stays: a definition that comes later finds another.
    """
    base = (f"life-{name}" if kind == "function" else f"life-{kind}-{name}").lower()
    parts = PurePosixPath(path).with_suffix("").parts
    module = (parts[-2] if parts[-1] == "__init__" else parts[-1]).lower()
    candidates = chain([base, f"{base}-{module}"], (f"{base}-{number}" for number in count(2)))
    page = next(candidate for candidate in candidates if candidate not in taken)
    taken.add(page)
    return f"{page}.md"


# --- lives that a page shows --------------------------------------------------------------------------------


def wrong_lives(book: Book, page: Page) -> Iterator[Finding]:
    """Blocks that shall show the life of what was never written, or without a word about it."""
    for block in page.of("life"):
        last = book.last_chapter(page, block)
        known = {name for name, place in _first_places(book).items() if last and place <= last.place}
        if block.subject not in known:
            near = did_you_mean(block.subject, known) or "; name a class, function or Class.method"
            when = f" as of {last.said}" if last else ""
            yield block.finding(f"{block.subject} is not in the package{when}{near}")
        if not block.code.strip():
            yield block.finding("a picture without words; write a caption that states the finding")


@lru_cache(maxsize=2)
def _first_places(book: Book) -> dict[str, int]:
    """The names of the package, tests apart, with the place of the chapter that wrote each first."""
    found: dict[str, int] = {}
    for name, changes in book.lives.items():
        blocks = [c.block for c in changes if c.after and book.project.is_source(c.path)]
        if blocks and not name.startswith(("import ", "from ", "__doc__")):
            found[name] = book.chapter_of(blocks[0]).place
    return found
