"""The papers and books that the pages cite: a title in italics and a year behind it.

A block ``text title="Sources"`` holds a line for each, ``Authors, *Title*, year.``; a page shows them with
links to the places that cite them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache

from literate.fold.book import Book
from literate.read.finding import Finding
from literate.read.page import Block, Page
from literate.read.sentences import prose
from literate.show.glossary import lists
from literate.show.places import page_name, section_link

TITLE, YEAR = r"(?<!\*)\*(?P<title>[^\s*][^*\n]*)\*(?!\*)", r"\b(?P<year>1[5-9]\d\d|20\d\d)\b"
CITATION = re.compile(rf"{TITLE}[^*\n]{{0,30}}?{YEAR}")


@lru_cache(maxsize=512)
def citations(page: Page) -> tuple[tuple[int, str, str], ...]:
    """What a page cites: the line, the title and the year."""
    lines = enumerate(prose(page), 1)
    return tuple((n, found["title"], found["year"]) for n, line in lines for found in CITATION.finditer(line))


def _title_key(title: str) -> str:
    return re.sub(r"\W+", " ", title).strip().casefold()


@lru_cache(maxsize=2)  # for each page the same
def _given(block: Block) -> dict[str, tuple[int, str, str]]:
    """The sources of a block by their titles: the line in the block, its text, the year."""
    found = {}
    for number, line in enumerate(block.code.split("\n"), 1):
        if source := CITATION.search(line):
            found[_title_key(source["title"])] = number, line, source["year"]
    return found


def _of_the_site(book: Book) -> list[Page]:
    """The pages whose sources are listed: those of the site, but no labs, which are read apart."""
    return [page for page in book.pages if page.path.startswith(f"{book.project.docs}/")]


def source_lines(book: Book, page: Page, block: Block) -> Iterator[str]:
    """The lines of the list: each source, and the places that cite it."""
    folder = posixpath.dirname(page.path)
    found: dict[str, dict[str, str]] = {}
    for other in _of_the_site(book):
        for number, title, _ in citations(other):
            link = section_link(other, number, folder)
            found.setdefault(_title_key(title), {}).setdefault(page_name(book, other), link)
    for key, (_, line, _) in _given(block).items():
        links = found.get(key, {})
        where = ", ".join(f"[{name}]({link})" for name, link in links.items())
        yield from (f"- {line}", f'  <span class="where">{where}</span>')


def wrong_sources(book: Book, page: Page) -> Iterator[Finding]:
    """Citations of a page that are not in the list, and sources in its list that no page cites."""
    block = next((block for other in book.pages for block in lists(other, "Sources")), None)
    if block is None or page not in _of_the_site(book):
        return
    named = _given(block)
    for line, title, year in citations(page):
        number, _, listed_year = named.get(_title_key(title), (0, "", ""))
        if not number:
            yield Finding(page.path, line, f"{title} is not in {block.path}; add it there, or mend the title")
        elif year != listed_year:
            differs = f"{block.path} says {listed_year}; mend one of the two"
            yield Finding(page.path, line, f"{title} is of {year} here, and {differs}")
    if block.path == page.path:
        cited = {_title_key(title) for other in _of_the_site(book) for _, title, _ in citations(other)}
        for key, (number, _, _) in named.items():
            if key not in cited:
                yield block.finding("no page cites this; take the line out", number)
