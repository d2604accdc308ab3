"""The whole book as one page of XHTML that is meant to be printed, and its print by Chromium, a PDF."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bs4 import BeautifulSoup

from literate.fold.book import Book
from literate.read.finding import CommandError
from literate.show.ebook import STYLE, TEMPLATES, contents, cover_page, drawn_cover, xhtml_page
from literate.show.rendered import Edition

PAPER = TEMPLATES / "paper.css"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OPTIONS = [
    *("--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"),
    "--generate-pdf-document-outline",
]
SHORT = 24  # lines of code that are not torn apart
PATIENCE = 600  # seconds


def paper(book: Book, edition: Edition) -> dict[str, bytes]:
    """The files that a browser prints; ``book.xhtml`` is the page."""
    front = f'{cover_page(edition)}<nav id="contents"><h1>Contents</h1>\n{contents(edition)}</nav>'
    parts, heads = [str(_on_one_page(BeautifulSoup(front, "html.parser"), "contents"))], []
    sheets = [(section, sheet) for section, sheets in edition.sections for sheet in sheets]
    for number, (section, sheet) in enumerate(sheets):
        heads.append(_head_of_html(f"sheet-{number}", section, sheet.title))
        _on_one_page(sheet.soup, sheet.name)
        opening = f'<section class="sheet" id="{sheet.name}" style="page: sheet-{number}">'
        parts.append(f"{opening}{sheet.markup}</section>")
    whole = xhtml_page(edition, edition.title, "\n".join(parts))
    style = "\n".join([STYLE.read_text(encoding="utf-8"), PAPER.read_text(encoding="utf-8"), *heads])
    text = {"book.xhtml": whole, "style.css": style, "cover.svg": drawn_cover(book, edition.title)}
    return {name: content.encode() for name, content in text.items()} | edition.images


def _on_one_page(soup: BeautifulSoup, name: str) -> BeautifulSoup:
    """The part of the page that comes of a file: its anchors begin with its name, and links know that."""
    for tag in soup.find_all(lambda tag: tag.has_attr("id") and tag.name != "svg"):
        tag["id"] = f"{name}--{tag['id']}"
    for link in soup.find_all("a", href=lambda address: address and ":" not in address):
        file, _, anchor = str(link["href"]).partition("#")
        file = file.removesuffix(".xhtml") or name
        link["href"] = f"#{file}--{anchor}" if anchor else f"#{file}"
    for code in soup.select(".highlight"):
        if code.get_text().count("\n") <= SHORT:
            code["class"] = f"{' '.join(code.get_attribute_list('class'))} short"
    return soup


def _head_of_html(name: str, section: str, title: str) -> str:
    """The style of the pages of a chapter: above stand its section and its title."""
    quoted = [text.replace("\\", r"\\").replace('"', r"\"") for text in (section, title)]
    left, right = (f'content: "{text}";' for text in quoted)
    return f"@page {name} {{ @top-left {{ {left} }} @top-right {{ {right} }} }}"


def printed(files: Mapping[str, bytes], browser: str) -> bytes:
    """The PDF of a page.

    Raises:
        CommandError: the browser did not print.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / name).write_bytes(data)
        out = Path(folder) / "book.pdf"
        where = [f"--user-data-dir={folder}/profile", f"--print-to-pdf={out}", f"file://{folder}/book.xhtml"]
        root = ["--no-sandbox"] * (getattr(os, "geteuid", lambda: 1)() == 0)  # else it refuses to start
        command = [browser, *OPTIONS, *root, *where]
        try:
            done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CommandError(f"Chromium did not print: {error}") from None
        if not out.exists():
            said = done.stderr.decode(errors="replace").strip()
            raise CommandError(f"Chromium did not print: {said[-500:]}")
        return out.read_bytes()


def find_browser(asked: str | None = None) -> str:
    """The browser that prints.

    Raises:
        CommandError: there is none.
    """
    found = next(filter(None, map(shutil.which, [asked] if asked else BROWSERS)), None)
    if found is None:
        missing = asked or "Chromium"
        way_out = "install Chromium, or say where it is with --browser PATH"
        raise CommandError(f"{missing} is not there; {way_out}")
    return found
