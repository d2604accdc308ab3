"""The index of a book: names of the package and terms, with the chapters that introduce, change and use them.

A block ``text title="Index"`` is filled with it.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import NamedTuple

from literate.fold.book import Book
from literate.fold.lives import Life, lives
from literate.read.chapters import Chapter
from literate.read.page import Block, Page
from literate.read.sentences import words_alone
from literate.show.entries import is_found_with_its_class
from literate.show.glossary import Term, terms
from literate.show.labels import address
from literate.show.life_picture import full_name
from literate.show.places import by_letter, section_link, way_to

NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
OFTEN = 3  # a chapter that names a term less often says little of it
MOST = 8  # chapters after the first


def index_lines(book: Book, page: Page, block: Block) -> Iterator[str]:
    """The lines of the index."""
    return by_letter(_Index(book, posixpath.dirname(page.path)).entries())


@dataclass(frozen=True)
class _Index:
    """Makes the entries, each with the key that it is found by, for a page in a folder."""

    book: Book
    folder: str

    def entries(self) -> Iterator[tuple[str, str]]:
        spoken = frozenset().union(*(_names_in(page) for page in self.book.pages))
        spoken -= {*self.book.project.libraries}
        for life in lives(self.book).all:
            for member in ("", *life.members):
                if self.called(life, member) & spoken and _has_a_history(life, member):
                    yield (member or life.name).strip("_"), self.name(life, member)
        for term in terms(self.book):
            yield term.slug, self.term(term)

    @cached_property
    def _times(self) -> Counter[str]:
        """How many classes have a member of a name."""
        return Counter(member for life in lives(self.book).all for member in life.members)

    def called(self, life: Life, member: str) -> set[str]:
        """What the prose calls a definition."""
        return {full_name(life, member), *([member] if self._times[member] == 1 else [])}

    def name(self, life: Life, member: str) -> str:
        """The entry of a definition."""
        blocks = [event.block for event in life.of(member) if event.after]
        book = self.book
        at = {book.chapter_of(block): address(book, block, self.folder) for block in reversed(blocks)}
        first, *later = sorted(at, key=lambda chapter: chapter.place)
        used = {chapter: link for chapter, link in self.used(life, member, first) if chapter not in at}
        page = way_to(f"{book.project.docs}/{life.page}", self.folder)
        called = f"[`{member or life.name}`]({f'{page}#{member}' if member else page})"
        said = f"- {called}, {self.what(life, member)}: **{_links({first: at[first]})}**"
        said += f"; changed {_links({chapter: at[chapter] for chapter in later})}" * bool(later)
        return said + f"; used {_links(used)}" * bool(used)

    def what(self, life: Life, member: str) -> str:
        """``class``, or ``of `Variable```; with its file where another has its name."""
        if member:
            return f"of `{life.name}`"
        namesakes = [other for other in lives(self.book).all if other.name == life.name]
        file = (life.path or life.events[-1].path).rpartition("/")[2]
        return life.kind + f" in `{file}`" * (len(namesakes) > 1)

    def used(self, life: Life, member: str, first: Chapter) -> Iterator[tuple[Chapter, str]]:
        """The chapters after the first that speak of a definition, and where."""
        called = self.called(life, member)
        for chapter in self.book.chapters[first.place :]:
            names = _names_in(chapter.page)
            if lines := [names[name] for name in called if name in names]:
                yield chapter, section_link(chapter.page, min(lines), self.folder)

    def term(self, term: Term) -> str:
        """The entry of a term: its chapter, and of those after it the ones that use it most."""
        home = self.book.by_path[term.path]
        uses = {c: _uses(_small(c.page), term.name) for c in self.book.chapters[home.place :]}
        most = sorted(uses, key=lambda chapter: -uses[chapter].times)[:MOST]
        often = [chapter for chapter in uses if uses[chapter].times >= OFTEN and chapter in most]
        used = {chapter: section_link(chapter.page, uses[chapter].line, self.folder) for chapter in often}
        first = f"{way_to(term.path, self.folder)}#{term.anchor}"
        return f"- {term.name}: **{_links({home: first})}**" + f"; {_links(used)}" * bool(used)


def _has_a_history(life: Life, member: str) -> bool:
    """Whether a definition is found by itself: a member that stayed as it came is found with its class."""
    versions = [event for event in life.of(member) if event.after]
    return bool(versions) and not (member and is_found_with_its_class(versions, life))


def _links(places: Mapping[Chapter, str]) -> str:
    """Links to chapters; of those that follow one another, to the first and the last, as ``7`` to ``9``."""
    links = {chapter: _numbered(chapter, address) for chapter, address in places.items()}
    runs = groupby(enumerate(links), lambda pair: (pair[1].number or -pair[1].place) - pair[0])
    return ", ".join(_ends([links[chapter] for _, chapter in run]) for _, run in runs)


def _numbered(chapter: Chapter, address: str) -> str:
    if chapter.number is None:
        return f'[{chapter.kicker.lower()}]({address} "{chapter.title}")'
    return f"[{chapter.key}]({address})"


def _ends(links: list[str]) -> str:
    return f"{links[0]}&ndash;{links[-1]}" if len(links) > 2 else ", ".join(links)


@lru_cache(maxsize=512)
def _names_in(page: Page) -> dict[str, int]:
    """The names in the inline code of a page, with the line where each comes first."""
    return {name: line for line, span in reversed(page.code_spans) for name in NAME.findall(span)}


@lru_cache(maxsize=512)
def _small(page: Page) -> str:
    return words_alone(page).casefold()


class _Uses(NamedTuple):
    times: int
    line: int = 0  # of the first


@lru_cache(maxsize=2**15)
def _uses(text: str, name: str) -> _Uses:
    """How often a text holds a term, in the singular or the plural."""
    stem = name.casefold().removesuffix("s")
    if stem not in text:
        return _Uses(0)
    places = [match.start() for match in re.finditer(rf"\b{re.escape(stem)}(?:s|es)?\b", text)]
    return _Uses(len(places), text.count("\n", 0, places[0]) + 1) if places else _Uses(0)
