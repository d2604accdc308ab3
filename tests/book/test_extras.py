"""The site beside the chapters: lives one click away, and downloads."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest

from literate.fold.book import load
from literate.show import life_pages

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BOOK = load(ROOT)


def page(built, name: str) -> str:
    return (built.folder / name / "index.html").read_text(encoding="utf-8")


def test_every_name_of_the_package_in_a_label_leads_to_its_life(built):
    for chapter in BOOK.chapters:
        labels = re.findall(
            r'<p class="fragment".*?</p>', page(built, Path(chapter.page.path).stem), re.DOTALL
        )
        for label in labels:
            if "<code>src/dezero" in label and " imports " not in label:
                bare = re.sub(r"<a .*?</a>|^.*?</code>", "", label, flags=re.DOTALL)
                assert "<code>" not in bare, label


def test_every_entry_of_the_reference_leads_to_a_life(built):
    html = page(built, "reference")
    headings = re.findall(r'<h[2-6][^>]*\bid="dezero\.[\w.]+".*?</h[2-6]>', html, re.DOTALL)

    assert headings
    assert [heading for heading in headings if 'class="life"' not in heading] == []


@pytest.mark.parametrize("chapter", BOOK.chapters, ids=lambda chapter: chapter.slug)
def test_a_chapter_ends_with_its_files(built, chapter):
    html = page(built, Path(chapter.page.path).stem)
    (line,) = re.findall(r'<p class="downloads".*?</p>', html, re.DOTALL)
    files = [built.folder / link.removeprefix("../") for link in re.findall(r'href="([^"]+)"', line)]
    package = BOOK.package_after(chapter)

    assert {path.suffix for path in files} >= ({".zip", ".ipynb"} if package else {".ipynb"})
    for path in files:
        if path.suffix == ".zip":
            with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as found:
                names = [name for name in found.namelist() if not name.startswith("dezero/data/")]
                assert {name: found.read(name).decode() for name in names} == {
                    name.removeprefix("src/"): module.text for name, module in package.items()
                }


def test_a_life_gives_whole_sentences_as_reasons():
    texts = [text for name, text in life_pages.pages(BOOK).items() if name != life_pages.OVERVIEW]
    reasons = [line for text in texts for line in text.split("\n") if line.startswith("> ")]
    plain = [re.sub(r"`[^`]*`", "", line) for line in reasons]

    assert len(reasons) > 200
    assert [line for line in reasons if not re.search(r"[.?!][*”\"]*$", line)] == []
    assert [line for line in plain if line.count("**") % 2] == []
