"""Pages as plain Markdown, for whoever reads without a browser: a program, above all; and a list of them.

Blocks stand in fences under what the page says of them, a picture is its caption and what is seen in it.
``NAME.md`` lies where the site's folder ``NAME/`` does, and ``llms.txt`` lists all pages in the nav's order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from literate.fold.book import Book
from literate.read.page import Block, Page
from literate.show.labels import Label
from literate.show.prose import Links, pieces
from literate.show.rendered import nav_entries

ANCHOR = re.compile(r'<a id="[^"]*"></a>')


class _Beside(Links):
    """Links to the other pages in this form; what has none is words."""

    def target(self, target: str) -> str | None:
        """The address that a link gets, without the number of a fragment: nothing here bears it."""
        if re.match(r"\w+:", target):
            return target
        path, _, anchor = target.partition("#")
        has_one = path.endswith(".md") and not path.rpartition("/")[2].startswith("life")
        return (path if anchor.startswith("fragment-") else target) if has_one else None


def plain_pages(book: Book) -> dict[str, str]:
    """The pages of the book, by their names below ``docs/``."""
    top = f"{book.project.docs}/"
    written = [page for page in book.pages if page.path.startswith(top)]
    return {page.path.removeprefix(top): plain_page(book, page) for page in written}


def plain_page(book: Book, page: Page) -> str:
    """The text of a page, without what only MkDocs understands."""
    links = _Beside(book.project, page.path)
    titled = tuple(replace(block, title=_block_title(book, block, links)) for block in page.blocks)
    (text,) = pieces(replace(page, blocks=titled), (), titled, links)
    return f"{text}\n"


def _block_title(book: Book, block: Block, links: Links) -> str | None:
    """What stands above a block: over a fragment, its label."""
    if block.kind not in ("fragment", "moves"):
        return block.title
    label = Label(book, block).lines()[1].removeprefix(block.prefix)
    return links.mend(ANCHOR.sub("", label))


def llms_txt(title: str, about: str, nav: Any, address: Callable[[str], str]) -> str:
    """The list of the pages; ``address`` says where one of them is found."""
    return "\n".join([f"# {title}", *(["", f"> {about}"] if about else []), *_list_items(nav, address), ""])


def _list_items(nav: Any, address: Callable[[str], str]) -> Iterator[str]:
    last = None
    for section, title, path in nav_entries(nav):
        if section != last:
            yield from ("", f"## {section or 'Pages'}", "")
            last = section
        yield f"- [{title or path}]({address(path)})"
