"""The Python-Markdown extension that weaves the pages of the book while the site is built.

It recognises a page by its text, so it needs no plugin and no hook of the site generator.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from literate.fold import book as books
from literate.fold.book import Book
from literate.read.finding import BookError, Finding
from literate.read.page import Page
from literate.read.project import find
from literate.run.sessions import drawn
from literate.show.figure import figure
from literate.show.weave import Stash, body_of, weave

LOG = logging.getLogger("mkdocs.literate")
BEFORE_SUPERFENCES = 27  # SuperFences has 25, the normalisation of white space 30


class LiterateExtension(Extension):
    """``root`` is the project's root; by default the nearest folder above that holds a book."""

    def __init__(self, **options: Any) -> None:
        self.config = {
            "root": ["", "the project's root"],
            "beside": [False, "whether the site has the lives and the downloads, for links to lead to"],
        }
        super().__init__(**options)

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802
        root = self.getConfig("root")
        where = Path(root).resolve() if root else find(Path.cwd()) or Path.cwd()
        weaver = Weaver(md, where, self.getConfig("beside"))
        md.preprocessors.register(weaver, "literate", BEFORE_SUPERFENCES)


class Weaver(Preprocessor):
    """Replaces the lines of a page of the book by the woven ones; leaves any other text alone."""

    def __init__(self, md: markdown.Markdown, root: Path, beside: bool) -> None:
        super().__init__(md)
        self.root, self.beside = root, beside

    def run(self, lines: list[str]) -> list[str]:
        if not any(lines):  # a page that `mkdocs serve` has kept
            return lines
        try:
            book = books.load(self.root)
        except BookError as error:
            report(error.findings)
            return lines
        page = _page(book, lines)
        if page is None:
            return lines
        lines, findings = woven(book, page, self.md.htmlStash.store, self.beside)
        report(findings)
        return lines


def woven(
    book: Book, page: Page, stash: Stash, beside: bool = False
) -> tuple[list[str], tuple[Finding, ...]]:
    """The lines that a page becomes, its experiments run, and all that is wrong with it."""
    pictures, findings = _draw(book, page)
    return weave(book, page, pictures, findings, stash, beside), findings


def report(findings: tuple[Finding, ...]) -> None:
    """Say what is wrong in the terminal; ``mkdocs build --strict`` fails on it."""
    for finding in findings:
        LOG.warning("%s", finding)


def _page(book: Book, lines: list[str]) -> Page | None:
    """The page of the book that these lines are."""
    text = _essence("\n".join(lines))
    pages = (page for page in book.pages if _essence(body_of(page.text)) == text)
    return next(pages, None) if text else None


def _essence(text: str) -> str:
    """A text without what Markdown's normalisation of white space touches."""
    return "\n".join(line.expandtabs(4).rstrip() for line in text.strip().split("\n"))


def _draw(book: Book, page: Page) -> tuple[dict[int, str], tuple[Finding, ...]]:
    """The pictures of a page by the line of their Figure block, and all that is wrong with the page."""
    findings = [finding for finding in (*book.findings, *book.unknown_names) if finding.path == page.path]
    pictures: dict[int, str] = {}
    for results in drawn(list(book.sessions_of(page)), book.project):
        for result in results:
            findings += result.findings
            answer = result.step.answer
            if answer and answer.kind == "figure" and result.picture:
                pictures[answer.line] = figure(result.picture, answer)
    return pictures, tuple(sorted(set(findings)))


def makeExtension(**options: Any) -> LiterateExtension:  # noqa: N802
    """The entry point of Python-Markdown."""
    return LiterateExtension(**options)
