"""What is wrong with the pages as they are written, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator

from literate.fold.book import Book
from literate.fold.lives import wrong_lives
from literate.fold.names import wrong_names
from literate.read.finding import Finding
from literate.read.page import Page
from literate.show.formulas import wrong_formulas
from literate.show.glossary import wrong_terms
from literate.show.links import wrong_links
from literate.show.sources import wrong_sources


def proofread(book: Book, page: Page) -> Iterator[Finding]:
    """Its blocks, names, links, formulas, terms and sources."""
    yield from (finding for finding in book.findings if finding.path == page.path)
    if page in book.pages:  # what a lab names may also come from what it imports
        yield from sorted({*wrong_names(book, page), *wrong_lives(book, page)})
    yield from wrong_links(book, page)
    yield from wrong_formulas(page)
    yield from wrong_terms(book, page)
    yield from wrong_sources(book, page)
    if not page.text.strip():
        yield Finding(page.path, 1, "the page is empty; write its title, # Some words")
