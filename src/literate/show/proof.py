"""What is wrong with the pages as they are written, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator

from literate.fold.book import Book
from literate.read.finding import Finding
from literate.read.page import Page
from literate.show.formulas import wrong_formulas
from literate.show.links import wrong_links


def proofread(book: Book, page: Page) -> Iterator[Finding]:
    """Its blocks, names, links and formulas."""
    yield from (finding for finding in (*book.findings, *book.unknown_names) if finding.path == page.path)
    yield from wrong_links(book, page)
    yield from wrong_formulas(page)
    if not page.text.strip():
        yield Finding(page.path, 1, "the page is empty; write its title, # Some words")
