"""What only a site has and no folder of Markdown: links from the reference to the lives."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from importlib.util import resolve_name
from pathlib import PurePosixPath

from literate.fold.book import Book
from literate.fold.lives import lives
from literate.show.labels import address as fragment_address


def with_lives(page: str, book: Book, address: Callable[[str], str]) -> str:
    """The HTML of the reference, in which each heading leads to the life of what it stands for.

    Below it stand the chapters that wrote it. ``address`` turns the name of a Markdown page, with an anchor,
    into a link from this page.
    """

    def linked(heading: re.Match[str]) -> str:
        found = defined(book, heading[2])
        life = lives(book).link(*found) if found else None
        if not (found and life):
            return heading[0]
        link = f' <a class="life" data-search-exclude href="{address(life)}">its life</a>'
        return f"{heading[1]}{link}{heading[3]}{_written(book, *found, address)}"

    name = rf"{book.project.package}\.[\w.]+"
    heading = rf'(<h[2-6][^>]*\bid="({name})".*?)((?:<a class="headerlink".*?)?</h[2-6]>)'
    return re.sub(heading, linked, page, flags=re.DOTALL)


def _written(book: Book, path: str, name: str, address: Callable[[str], str]) -> str:
    """A line that leads to the chapters that wrote a definition, each to its last fragment about it."""
    last = {
        book.chapter_of(event.block): event.block
        for event in lives(book).events(path, name)
        if event.after and not event.is_move
    }
    links = [
        f'<a href="{address(fragment_address(book, block, book.project.docs))}" '
        f'title="{html.escape(chapter.entry)}">{html.escape(chapter.said)}</a>'
        for chapter, block in last.items()
    ]
    return f'<p class="written" data-search-exclude>Written in {", ".join(links)}</p>' if links else ""


def defined(book: Book, name: str) -> tuple[str, str] | None:
    """The file and the name in it that ``dezero.Variable.backward`` stands for, through imports."""
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        folder = f"{book.project.source}/{'/'.join(parts[:cut])}"
        for path in (f"{folder}.py", f"{folder}/__init__.py"):
            if path in book.final:
                return _defined_in(book, path, parts[cut:])
    return None


def _defined_in(book: Book, path: str, parts: list[str]) -> tuple[str, str] | None:
    module, name = book.final[path], ".".join(parts)
    if name in module.definitions:
        return path, name
    for entry in module.imports:
        if entry.bound == parts[0] and entry.module:
            home = resolve_name(entry.module, ".".join(PurePosixPath(path).parts[1:-1]))
            return defined(book, ".".join([home, entry.name, *parts[1:]]))
    return None
