"""Where something stands in the book, as links; and lists by letter, as at the end of a printed book."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import count, groupby

from markdown.extensions.toc import slugify

from literate.fold.book import Book
from literate.read.page import Page
from literate.read.sentences import plain

OWN_ANCHOR = re.compile(r"\{[^}]*#([\w:.-]+)[^}]*\}\s*$")


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
    anchor = next((anchor for first, anchor in reversed(_sections(page)) if first <= line), "")
    return f"{posixpath.relpath(page.path, folder)}#{anchor}".removesuffix("#")


@lru_cache(maxsize=512)
def _sections(page: Page) -> tuple[tuple[int, str], ...]:
    """The sections of a page: their lines, and their anchors as ``toc`` makes them; none for a formula's."""
    lines, taken, found = page.text.split("\n"), set[str](), []
    for heading in page.headings:
        own = OWN_ANCHOR.search(lines[heading.line - 1])
        base = own[1] if own else slugify(plain(heading.text).replace("`", ""), "-")
        names = (f"{base}_{number}" if number else base for number in count())
        anchor = base if own else next(name for name in names if name not in taken)
        taken.add(anchor)
        known = heading.level > 1 and (own or "$" not in heading.text)
        found.append((heading.line, anchor if known else ""))
    return tuple(found)


def page_name(book: Book, page: Page) -> str:
    """How a list calls a page: ``chapter 8``, or its title."""
    chapter = next((chapter for chapter in book.chapters if chapter.page is page), None)
    return chapter.said if chapter and chapter.number is not None else page.title
