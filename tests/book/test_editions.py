"""The book as an EPUB: all of it is there, and nothing in it leads nowhere."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from epubs import broken_links, epub_files, epubcheck, listed_files

from literate.fold.book import load
from literate.show.ebook import ebook
from literate.show.folder import weave_out
from literate.show.rendered import edition

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def epub(built) -> bytes:  # built before, so that what the pages need is in the cache
    book = load(ROOT)
    return ebook(book, edition(book, weave_out(book)))


@pytest.fixture(scope="module")
def files(epub) -> dict[str, str]:
    return epub_files(epub)


def test_every_page_of_the_nav_is_in_it_in_order(files):
    nav = re.findall(r": ([\w/-]+)\.(?:md|py)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    package = ElementTree.fromstring(files["package.opf"])
    names = {item.get("id"): name for name, item in listed_files(files).items()}
    read = [names[item.get("idref")] for item in package.findall(".//{*}itemref")]

    assert read == ["cover.xhtml", "nav.xhtml", *(f"{path.replace('/', '-')}.xhtml" for path in nav)]


def test_every_file_is_xml_and_listed(files):
    for name in files.keys() - {"mimetype", "style.css"}:
        ElementTree.fromstring(files[name])
    assert listed_files(files).keys() == files.keys() - {"mimetype", "META-INF/container.xml", "package.opf"}


def test_every_link_leads_somewhere(files):
    assert list(broken_links(files)) == []


def test_nothing_is_left_that_only_a_site_understands(files):
    pages = {name: text for name, text in files.items() if name.endswith(".xhtml")}
    left = r"<script|<input|<p>:::|tabbed-labels|var\(--picture|literate-errors|math-error"

    assert {name: re.findall(left, text) for name, text in pages.items() if re.search(left, text)} == {}


@pytest.mark.skipif(not shutil.which("epubcheck"), reason="epubcheck is not installed")
def test_epubcheck_finds_nothing_in_the_book(epub, tmp_path):
    (tmp_path / "book.epub").write_bytes(epub)

    assert epubcheck(tmp_path / "book.epub") == ""
