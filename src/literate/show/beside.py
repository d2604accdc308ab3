"""What only a site has and no folder of Markdown: entries for the search, links in the reference."""

from __future__ import annotations

import ast
import html
import re
import textwrap
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib.util import resolve_name
from pathlib import PurePosixPath
from typing import Any

from literate.fold.book import Book
from literate.fold.lives import Event, Life, lives
from literate.show.labels import address as fragment_address
from literate.show.life_picture import full_name

BOOST = 10  # a title counts two and a half times as much if it is that of a page


# --- the reference ------------------------------------------------------------------------------------------


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


# --- the search ---------------------------------------------------------------------------------------------


def entries(book: Book, address: Callable[[str], str]) -> Iterator[dict[str, Any]]:
    """An entry of the search index for each definition: it leads to the fragment that introduced it.

    It goes before the headings in which the word occurs; of two, the one that was rewritten more often, so
    that a class does not hide its members. A member that came with its class and stayed as it was
    needs none of its own, nor does an attribute: the class leads there.
    """
    for life in lives(book).all:
        there = book.final[life.path].definitions if life.path else {}
        for member in ("", *life.members):
            versions = [event for event in life.of(member) if event.after]
            if versions and not (member and is_found_with_its_class(versions, life)):
                chapter = book.chapter_of(versions[0].block)
                name = full_name(life, member)
                last = there.get(name, versions[-1].after)
                where = chapter.said if chapter.number is None else f"chapter {chapter.entry}"
                said = [f"introduced in {where}", _says(last.text) if last else ""]
                yield {
                    "location": f"{address(PurePosixPath(chapter.page.path).name)}#{name}",
                    "title": name,
                    "text": "".join(f"<p>{html.escape(text)}</p>" for text in said if text),
                    "boost": BOOST + min(len(versions), BOOST),
                }


def is_found_with_its_class(versions: list[Event], life: Life) -> bool:
    first = versions[0]
    is_attribute = bool(first.after and first.after.kind == "assignment")
    return is_attribute or (len(versions) == 1 and first.block == life.events[0].block)


@lru_cache(maxsize=1024)  # a server asks again for each build
def _says(text: str) -> str:
    """The first line of what a class or function says about itself."""
    statement = ast.parse(textwrap.dedent(text)).body[0]
    if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return (ast.get_docstring(statement) or "").partition("\n")[0]
    return ""
