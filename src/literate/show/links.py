"""Links, anchors and pictures of a page that lead nowhere."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from markdown.extensions.toc import slugify

from literate.fold.book import Book
from literate.fold.lives import lives
from literate.read.finding import Finding, did_you_mean, nearest_name
from literate.read.page import Page
from literate.read.sentences import words_alone
from literate.show import life_pages
from literate.show.downloads import FOLDER
from literate.show.glossary import terms

TARGET = re.compile(
    r"(?P<image>!?)(?<!\\)\[[^\]]*\]\((?P<target>[^)\s<>]+)[^)]*\)|^ {0,3}\[[^]^][^]]*\]:\s*(?P<defined>\S+)",
    re.MULTILINE,
)
HEADING = re.compile(r"^[# >\t]*#\s+(.*?)\s*#*\s*(?:\{[^}]*\})?$", re.MULTILINE)
ID = re.compile(r"\{[^}\n]*#([^\s}]+)|\b(?:id|name)=\"([^\"]+)\"")
UNTOLD = re.compile(r"^:::|^#.*\$", re.MULTILINE)  # places that other extensions name
IN_LINK = re.compile(r"\]\([^)]*\)")


def wrong_links(book: Book, page: Page) -> Iterator[Finding]:
    """What a reader would click, or look for, in vain."""
    for line, target, is_picture in _targets(page):
        if problem := _link_problem(book, page, target, is_picture):
            yield Finding(page.path, line, problem)


def _link_problem(book: Book, page: Page, target: str, is_picture: bool) -> str | None:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return None
    if target.startswith("/"):
        return f"the link to {target} leads to the root of the server; write it relative to this page"
    path, anchor = unquote(parts.path), unquote(parts.fragment)
    there = posixpath.normpath(posixpath.join(posixpath.dirname(page.path), path)) if path else page.path
    if path and not _is_there(book, page, there):
        what = f"there is no picture {path}" if is_picture else f"the link to {path} leads nowhere"
        return f"{what}{_near_page(book, page, path) or '; mend it, or take it out'}"
    known = _anchors(book, there) if anchor else None
    if known is None or anchor in known or re.sub(r"_\d+$", "", anchor) in known:
        return None
    where = f"{path} has" if path else "this page has"
    near = did_you_mean(anchor, known).replace("mean ", "mean #")
    return f"{where} no place called #{anchor}{near or '; mend the link, or name the place'}"


def _near_page(book: Book, page: Page, path: str) -> str:
    """``; did you mean step01-….md?``, as the page would write it."""
    home = posixpath.dirname(page.path)
    known = {posixpath.relpath(name, home).removesuffix(".md"): name for name in _site_pages(book)}
    near = nearest_name(path.removesuffix(".md"), known)
    return f"; did you mean {posixpath.relpath(known[near], home)}?" if near else ""


def _is_there(book: Book, page: Page, path: str) -> bool:
    """Whether a page of the site finds a file there; README.md finds more."""
    top = f"{book.project.docs}/"
    if page.path.startswith(top) and not path.startswith(top):
        return False
    return path in _site_pages(book) or path.startswith(top + FOLDER) or (book.project.root / path).is_file()


@lru_cache(maxsize=2)
def _site_pages(book: Book) -> frozenset[str]:
    """The pages of the site."""
    made = [life_pages.OVERVIEW, *(life.page for life in lives(book).all)]
    return frozenset({*(page.path for page in book.pages), *(f"{book.project.docs}/{name}" for name in made)})


# --- places -------------------------------------------------------------------------------------------------


def _anchors(book: Book, path: str) -> frozenset[str] | None:
    """The places of a page that a link may name, some more than it has; None if they cannot be told."""
    text = _text_of_page(book, path)
    if text is None or not path.startswith(f"{book.project.docs}/") or (written := _in_text(text)) is None:
        return None
    return written | _made(book).get(path, frozenset())


def _text_of_page(book: Book, path: str) -> str | None:
    name = path.removeprefix(f"{book.project.docs}/")
    for page in book.pages:
        if page.path == path:
            return page.text
    for life in lives(book).all:
        if life.page == name:
            return life_pages.page(book, life)
    if name == life_pages.OVERVIEW:
        return life_pages.overview(book)
    try:
        return (book.project.root / path).read_text(encoding="utf-8") if path.endswith(".py") else None
    except (OSError, UnicodeDecodeError):
        return None


@lru_cache(maxsize=512)
def _in_text(text: str) -> frozenset[str] | None:
    """The headings and what has a name of its own; a footnote has two. None if other extensions name more."""
    if UNTOLD.search(text):
        return None
    headings = {slugify(IN_LINK.sub("", heading), "-") for heading in HEADING.findall(text)}
    named = {first or second for first, second in ID.findall(text)}
    notes = re.findall(r"\[\^([^\]]+)\]", text)
    return frozenset({*headings, *named, *(f"fn:{note}" for note in notes), *(f"fnref:{n}" for n in notes)})


@lru_cache(maxsize=2)
def _made(book: Book) -> dict[str, frozenset[str]]:
    """By page: its fragments, the names of what they write, and its terms; of the glossary, all terms."""
    found: dict[str, set[str]] = {}
    for chapter in book.chapters:
        number = len(chapter.page.of("fragment", "moves"))
        found[chapter.page.path] = {f"fragment-{n}" for n in range(1, number + 1)}
    for change in book.changes:
        found[change.block.path].add(change.name)
    for term in terms(book):
        found[term.path].add(term.anchor)
        found.setdefault(term.listed, set()).add(term.slug)
    return {path: frozenset(names) for path, names in found.items()}


# --- links --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _targets(page: Page) -> tuple[tuple[int, str, bool], ...]:
    """The links of a page: the line, the target, whether it is a picture's."""
    text = words_alone(page)
    return tuple(
        (text.count("\n", 0, m.start()) + 1, m["target"] or m["defined"].strip("<>"), m["image"] == "!")
        for m in TARGET.finditer(text)
    )
