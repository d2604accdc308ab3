"""What only a site has and no folder of Markdown: links from the reference to the lives."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.util import resolve_name
from pathlib import PurePosixPath

from literate.fold.book import Book
from literate.fold.lives import lives


def with_lives(page: str, book: Book, address: Callable[[str], str]) -> str:
    """The HTML of the reference, in which each heading leads to the life of what it stands for.

    ``address`` turns the name of a Markdown page, with an anchor, into a link from this page.
    """

    def linked(heading: re.Match[str]) -> str:
        found = defined(book, heading[1])
        life = lives(book).link(*found) if found else None
        if life is None:
            return heading[0]
        return f'{heading[0]} <a class="life" data-search-exclude href="{address(life)}">its life</a>'

    name = rf"{book.project.package}\.[\w.]+"
    heading = rf'<h[2-6][^>]*\bid="({name})".*?(?=<a class="headerlink"|</h[2-6]>)'
    return re.sub(heading, linked, page, flags=re.DOTALL)


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
