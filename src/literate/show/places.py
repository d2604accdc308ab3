"""Where something stands in the book, as links; and lists by letter, as at the end of a printed book."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby

from literate.fold.book import Book
from literate.read.addresses import anchor_above
from literate.read.page import Page


def by_letter(entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Lines of Markdown in the order of their keys, with a heading for each letter and links to it."""
    ordered = sorted(entries, key=lambda entry: (entry[0].casefold(), entry[0]))
    letters = {letter: [*group] for letter, group in groupby(ordered, lambda entry: entry[0][:1].upper())}
    yield from (" ".join(f"[{letter}](#letter-{letter.lower()})" for letter in letters), "{ .letters }", "")
    for letter, group in letters.items():
        yield from (f"## {letter} {{ #letter-{letter.lower()} }}", "")
        yield from (*(line for _, entry in group for line in entry.split("\n")), "")


def section_link(page: Page, line: int, folder: str) -> str:
    """The address of the section that a line stands in, from a page in a folder."""
    return way_to(page.path, folder) + anchor_above(page, line)


@lru_cache(maxsize=4096)  # the same few pages, thousands of times
def way_to(path: str, folder: str) -> str:
    """The address of a page, from a page in a folder."""
    return posixpath.relpath(path, folder)


def page_name(book: Book, page: Page) -> str:
    """How a list calls a page: ``chapter 8``, or its title."""
    chapter = book.by_path.get(page.path)
    return chapter.said if chapter and chapter.number is not None else page.title
