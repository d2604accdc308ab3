"""An EPUB 3 of the whole book: a zip of XHTML, with formulas as MathML and pictures as SVG.

The same book gives the same bytes, of one version of zlib; its date is that of its last commit.
"""

from __future__ import annotations

import io
import mimetypes
import os
import re
import subprocess
import textwrap
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from literate.fold.book import Book
from literate.show.downloads import EPOCH
from literate.show.rendered import Edition

STYLE = Path(__file__).with_name("ebook.css")
KIND = b"application/epub+zip"
CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>
"""
PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"
lang="{0}" xml:lang="{0}">
<head><title>{1}</title><link rel="stylesheet" href="style.css"/></head>
<body>
{2}
</body>
</html>
"""
PACKAGE = """<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="{language}">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:uuid:{identifier}</dc:identifier>
<dc:title>{title}</dc:title>
<dc:language>{language}</dc:language>
{more}
<meta property="dcterms:modified">{modified:%Y-%m-%dT%H:%M:%SZ}</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">MathML</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">none</meta>
</metadata>
<manifest>
{manifest}
</manifest>
<spine>
{spine}
</spine>
</package>
"""


def ebook(book: Book, edition: Edition) -> bytes:
    """The EPUB of a book."""
    sheets = {
        f"{sheet.name}.xhtml": xhtml_page(edition, sheet.title, sheet.markup) for sheet in edition.sheets
    }
    nav = f'<nav epub:type="toc" id="toc"><h1>Contents</h1>\n{contents(edition)}</nav>'
    read = {
        "cover.xhtml": xhtml_page(edition, edition.title, cover_page(edition)),
        "nav.xhtml": xhtml_page(edition, "Contents", nav),
        **sheets,
    }
    files = {name: text.encode() for name, text in read.items()}
    files |= {"style.css": STYLE.read_bytes(), "cover.svg": drawn_cover(book, edition.title).encode()}
    package = _package(book, edition, files | edition.images, list(read))
    content = {f"EPUB/{name}": data for name, data in (files | edition.images).items()}
    content = {"META-INF/container.xml": CONTAINER.encode(), "EPUB/package.opf": package.encode(), **content}
    return packed({"mimetype": KIND, **content}, stored=["mimetype"])


def packed(files: Mapping[str, bytes], stored: Iterable[str] = ()) -> bytes:
    """A zip of files in their order; those that are ``stored`` are not compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # Unix, wherever it was made
            target.writestr(entry, data, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


# --- its files ----------------------------------------------------------------------------------------------


def xhtml_page(edition: Edition, title: str, body: str) -> str:
    """A file of XHTML."""
    return PAGE.format(edition.language, escape(title), body)


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
    return PACKAGE.format(
        identifier=uuid5(NAMESPACE_URL, f"{book.project.package} {edition.title}"),
        title=escape(edition.title),
        language=edition.language,
        more=f"<dc:description>{escape(edition.about)}</dc:description>" if edition.about else "",
        modified=last_changed(book.project.root),
        manifest="\n".join(_item(name, data) for name, data in files.items()),
        spine="\n".join(f'<itemref idref="{_id(name)}"/>' for name in read),
    )


def _item(name: str, data: bytes) -> str:
    found = {"nav": name == "nav.xhtml", "cover-image": name == "cover.svg"}
    if name.endswith(".xhtml"):
        found |= {"svg": b"<svg" in data, "mathml": b"<math" in data}
    said = " ".join(key for key, value in found.items() if value)
    kind = "application/xhtml+xml" if name.endswith(".xhtml") else mimetypes.guess_type(name)[0]
    return (
        f'<item id="{_id(name)}" href="{name}" media-type="{kind}"{f" properties={said!r}" if said else ""}/>'
    )


def _id(name: str) -> str:
    return "file-" + re.sub(r"[^\w.-]", "-", name)


def last_changed(root: Path) -> datetime:
    """When the book was changed last: ``SOURCE_DATE_EPOCH``, or its last commit; else 1980."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        command = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
        seconds = (
            seconds or subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        )
    except (OSError, subprocess.CalledProcessError):
        pass
    return datetime.fromtimestamp(int(seconds), UTC) if seconds else datetime(*EPOCH, tzinfo=UTC)


def drawn_cover(book: Book, title: str) -> str:
    """A picture: the title, above a bar for each chapter, as high as the package is long at its end."""
    packages = [book.package_after(chapter) for chapter in book.chapters]
    sizes = [
        sum(len(module.lines) for path, module in p.items() if book.project.is_source(path)) for p in packages
    ]
    step = 480 / max(len(sizes), 1)
    heights = [size * 320 / max(sizes, default=1) for size in sizes]
    bars = "".join(f"M{60 + step * (at + 0.35):.1f} 740v-{height:.1f}" for at, height in enumerate(heights))
    lines = "".join(
        f'<tspan x="60" y="{150 + 84 * at}">{escape(line)}</tspan>'
        for at, line in enumerate(textwrap.wrap(title, 13))
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="600" height="800" viewBox="0 0 600 800">
<rect width="600" height="800" fill="#123b42"/>
<path stroke="#7ccace" stroke-width="{0.7 * step:.1f}" d="{bars}"/>
<text fill="#fcfbf8" font-family="Georgia, serif" font-size="72">{lines}</text>
</svg>
"""
