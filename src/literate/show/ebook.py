"""An EPUB 3 of the whole book: a zip of XHTML, with formulas as MathML and pictures as SVG.

The same book gives the same bytes, of one version of zlib; its date is that of its last commit.
"""

from __future__ import annotations

import mimetypes
import re
import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from literate.fold.book import Book
from literate.show.downloads import EPOCH, archive
from literate.show.rendered import Edition
from literate.show.stamp import last_changed

TEMPLATES = Path(__file__).with_name("epub")
STYLE = TEMPLATES / "style.css"
KIND = b"application/epub+zip"


def ebook(book: Book, edition: Edition) -> bytes:
    """The EPUB of a book."""
    sheets = {f"{s.name}.xhtml": xhtml_page(edition, s.title, s.markup) for s in edition.sheets}
    nav = f'<nav epub:type="toc" id="toc"><h1>Contents</h1>\n{contents(edition)}</nav>'
    read = {
        "cover.xhtml": xhtml_page(edition, edition.title, cover_page(edition)),
        "nav.xhtml": xhtml_page(edition, "Contents", nav),
        **sheets,
    }
    files = {name: text.encode() for name, text in read.items()}
    files |= {"style.css": STYLE.read_bytes(), "cover.svg": drawn_cover(book, edition.title).encode()}
    package = _package(book, edition, files | edition.images, list(read))
    content = {"META-INF/container.xml": _filled("container.xml"), "EPUB/package.opf": package}
    inside = {name: text.encode() for name, text in content.items()}
    inside |= {f"EPUB/{name}": data for name, data in (files | edition.images).items()}
    return archive({"mimetype": KIND, **inside}, deflated=inside)


def _filled(template: str, **values: object) -> str:
    return (TEMPLATES / template).read_text(encoding="utf-8").format(**values)


# --- its files ----------------------------------------------------------------------------------------------


def xhtml_page(edition: Edition, title: str, body: str) -> str:
    """A file of XHTML."""
    return _filled("page.xhtml", language=edition.language, title=escape(title), body=body)


def cover_page(edition: Edition) -> str:
    """The inside of the page that shows the cover."""
    return f'<p class="cover"><img src="cover.svg" alt="Cover: {escape(edition.title)}"/></p>'


def contents(edition: Edition) -> str:
    """The table of contents, with the sections of the site."""
    items = []
    for section, sheets in edition.sections:
        inner = "\n".join(f'<li><a href="{s.name}.xhtml">{escape(s.title)}</a></li>' for s in sheets)
        items.append(f"<li><span>{escape(section)}</span><ol>\n{inner}\n</ol></li>" if section else inner)
    return "<ol>\n{}\n</ol>".format("\n".join(items))


def _package(book: Book, edition: Edition, files: Mapping[str, bytes], read: list[str]) -> str:
    """The list of all files, and what is to be known of the book."""
    return _filled(
        "package.opf",
        identifier=uuid5(NAMESPACE_URL, f"{book.project.package} {edition.title}"),
        title=escape(edition.title),
        language=edition.language,
        more=f"<dc:description>{escape(edition.about)}</dc:description>" if edition.about else "",
        modified=last_changed(book.project.root) or datetime(*EPOCH, tzinfo=UTC),
        manifest="\n".join(_item(name, data) for name, data in files.items()),
        spine="\n".join(f'<itemref idref="{_id(name)}"/>' for name in read),
    )


def _item(name: str, data: bytes) -> str:
    found = {"nav": name == "nav.xhtml", "cover-image": name == "cover.svg"}
    if name.endswith(".xhtml"):
        found |= {"svg": b"<svg" in data, "mathml": b"<math" in data}
    said = " ".join(key for key, value in found.items() if value)
    properties = f" properties={said!r}" if said else ""
    kind = "application/xhtml+xml" if name.endswith(".xhtml") else mimetypes.guess_type(name)[0]
    return f'<item id="{_id(name)}" href="{name}" media-type="{kind}"{properties}/>'


def _id(name: str) -> str:
    return "file-" + re.sub(r"[^\w.-]", "-", name)


def drawn_cover(book: Book, title: str) -> str:
    """A picture: the title, above a bar for each chapter, as high as the package is long at its end."""
    is_source, packages = book.project.is_source, map(book.package_after, book.chapters)
    sizes = [sum(len(package[path].lines) for path in package if is_source(path)) for package in packages]
    step = 480 / max(len(sizes), 1)
    heights = [size * 320 / max(sizes, default=1) for size in sizes]
    bars = "".join(f"M{60 + step * (at + 0.35):.1f} 740v-{height:.1f}" for at, height in enumerate(heights))
    words = enumerate(textwrap.wrap(title, 13))
    lines = "".join(f'<tspan x="60" y="{150 + 84 * at}">{escape(line)}</tspan>' for at, line in words)
    return _filled("cover.svg", width=0.7 * step, bars=bars, lines=lines)
