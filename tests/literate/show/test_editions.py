"""A whole book in one piece: the EPUB, the print, the zip that needs no server; pages as plain Markdown."""

from __future__ import annotations

import io
import os
import shutil
import stat
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from epubs import broken_links, epub_files, epubcheck, listed_files

from literate import mkdocs_hook
from literate.fold.book import Book, load
from literate.read.finding import CommandError
from literate.show.ebook import ebook
from literate.show.folder import folder, weave_out
from literate.show.offline import offline, unserved
from literate.show.paper import find_browser, paper, printed
from literate.show.plain import llms_txt, plain_pages
from literate.show.rendered import edition
from literate.show.stamp import last_changed

pytestmark = pytest.mark.slow

CONFIG = """\
site_name: Sample & Co.
site_url: !ENV [SITE_OF_A_TEST, "http://localhost:8000/"]
site_description: A book, in short.
theme: {language: ko}
markdown_extensions: [toc: {permalink: "¶"}]
nav:
  - Start: index.md
  - Part 1:
      - 1 · Chapter: step01-chapter.md
      - 2 · Chapter: step02-chapter.md
  - Made: lives.md
"""
START = """
    # Start

    Two lines,<br>and $\\sin x = \\frac{1}{2}$ &nbsp; here.
    See [there](step01-chapter.md#2-times) and [the life](life-double.md), or [away](https://example.org/).

    ::: dezero.double

    === "One"

        A view.

    ```python
    class Drawn:
        def _repr_svg_(self):
            return '<svg viewBox="0 0 9 9"><path stroke="red"/><text fill="var(--picture-1)">a</text></svg>'

    Drawn()
    ```

    ```text title="Figure"
    A caption.

    What is seen.
    ```
"""
ONE = """
    ## 2 times

    ```python title="src/dezero.py"
    class Pair:
        \"\"\"Two numbers.\"\"\"

        def __init__(self, a, b):
            self.a = a
            self.b = b

        def first(self):
            return self.a


    def double(x):
        \"\"\"Twice a number.

        Nothing else.
        \"\"\"
        return x + x
    ```
"""
TWO = """
    ```python title="src/dezero.py"
    class Pair:
        ...

        def first(self):
            return float(self.a)
    ```

    !!! note

        Only this.
"""


@pytest.fixture
def book(book_of, tmp_path: Path) -> Book:
    book_of(ONE, TWO, index=START)
    (tmp_path / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    return load(tmp_path)


def made(book: Book, site: str | None = None):
    return edition(book, weave_out(book), site)


@pytest.fixture
def files(book: Book) -> dict[str, str]:
    """The files of an EPUB by their names."""
    return epub_files(ebook(book, made(book)))


def test_the_first_file_says_that_it_is_an_epub_and_is_not_compressed(book):
    with zipfile.ZipFile(io.BytesIO(ebook(book, made(book)))) as found:
        first = found.infolist()[0]

    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)


def test_the_same_book_is_the_same_epub(book):
    assert ebook(book, made(book)) == ebook(load(book.project.root), made(load(book.project.root)))


def test_every_file_of_an_epub_is_xml(files):
    for name in files.keys() - {"mimetype", "style.css"}:
        ElementTree.fromstring(files[name])


def test_the_list_of_an_epub_names_all_its_files(files):
    package = ElementTree.fromstring(files["package.opf"])
    listed = listed_files(files)
    assert listed.keys() == files.keys() - {"mimetype", "META-INF/container.xml", "package.opf"}
    ids = {item.get("id"): name for name, item in listed.items()}
    read = [ids[item.get("idref")] for item in package.findall(".//{*}itemref")]
    chapters = ["index.xhtml", "step01-chapter.xhtml", "step02-chapter.xhtml", "lives.xhtml"]
    assert read == ["cover.xhtml", "nav.xhtml", *chapters]
    assert listed["index.xhtml"].get("properties") == "svg mathml"
    assert listed["nav.xhtml"].get("properties") == "nav"
    assert listed["cover.svg"].get("properties") == "cover-image"


def test_an_epub_says_what_mkdocs_yml_says_of_the_book(files):
    for said in ("<dc:title>Sample &amp; Co.</", "<dc:language>ko</", "<dc:description>A book, in short.</"):
        assert said in files["package.opf"]
    assert '<a href="step01-chapter.xhtml">1 · Chapter</a>' in files["nav.xhtml"]
    assert "<span>Part 1</span>" in files["nav.xhtml"]


def test_every_link_of_an_epub_leads_to_a_page_and_a_place_on_it(files):
    page = files["index.xhtml"]

    assert 'href="step01-chapter.xhtml#_2-times"' in page
    assert 'href="https://example.org/"' in page
    assert list(broken_links(files)) == []


def test_what_an_epub_has_no_page_for_is_words_unless_the_site_is_known(book, monkeypatch):
    life = '<a href="https://e.org/book/life-double/">the life</a>'

    assert "<span>the life</span>" in made(book).sheets[0].markup
    assert life in made(book, "https://e.org/book").sheets[0].markup
    monkeypatch.setenv("SITE_OF_A_TEST", "https://e.org/book/")
    assert life in made(book).sheets[0].markup


def test_a_formula_is_mathml_and_a_picture_svg_in_the_namespaces_of_xml(files):
    page = ElementTree.fromstring(files["index.xhtml"])

    assert page.find(".//{http://www.w3.org/1998/Math/MathML}mfrac") is not None
    assert "\u2061" in files["index.xhtml"]
    picture = page.find(".//{http://www.w3.org/2000/svg}svg")
    assert picture is not None
    assert picture.get("viewBox") == "0 0 9 9"
    assert "var(" not in ElementTree.tostring(picture, "unicode")
    assert picture.find("{*}path") is None  # one without a line is none


def test_of_a_fragment_the_first_view_stays_and_its_whole_stands_at_the_end(files):
    page = files["step02-chapter.xhtml"]

    assert "Difference" not in page
    assert (
        page.index('href="#fragment-1-whole"')
        < page.index("Only this.")
        < page.index('id="fragment-1-whole"')
    )
    assert page.count("__init__") == 1
    assert '<p class="view">One</p>' in files["index.xhtml"]


def test_the_reference_shows_signatures_and_docstrings(files):
    text = "".join(ElementTree.fromstring(files["index.xhtml"]).itertext())

    assert 'id="dezero.double"' in files["index.xhtml"]
    assert 'def double(x):\n    """Twice a number.\n\n    Nothing else.\n    """\n' in text
    assert ":::" not in text
    assert "return x + x" not in text


def test_the_date_of_an_epub_is_said_or_that_of_the_last_commit(tmp_path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert last_changed(tmp_path) is None

    who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    day = {**os.environ, "GIT_COMMITTER_DATE": "2024-02-03T04:05:06+0000"}
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    command = ["git", "-C", tmp_path, *who, "commit", "-q", "--allow-empty", "-m", "a"]
    subprocess.run(command, check=True, env=day)
    assert last_changed(tmp_path).isoformat() == "2024-02-03T04:05:06+00:00"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "60")
    assert last_changed(tmp_path).isoformat() == "1970-01-01T00:01:00+00:00"


@pytest.mark.skipif(not shutil.which("epubcheck"), reason="epubcheck is not installed")
def test_epubcheck_finds_nothing(book, tmp_path):
    (tmp_path / "book.epub").write_bytes(ebook(book, made(book)))

    assert epubcheck(tmp_path / "book.epub") == ""


# --- on paper -----------------------------------------------------------------------------------------------


def test_what_is_printed_is_one_page_whose_links_stay_on_it(book):
    page = ElementTree.fromstring(paper(book, made(book))["book.xhtml"])
    ids = [tag.get("id") for tag in page.iter() if tag.get("id")]
    links = {a.get("href", "") for a in page.findall(".//{*}a")}

    assert len(ids) == len(set(ids))
    assert {"#index", "#step01-chapter--_2-times", "#step02-chapter--fragment-1-whole"} <= links
    assert {link for link in links if link.startswith("#")} <= {f"#{name}" for name in ids}


def test_each_chapter_has_its_name_over_its_pages(book):
    style = paper(book, made(book))["style.css"].decode()

    assert (
        '@page sheet-1 { @top-left { content: "Part 1"; } @top-right { content: "1 · Chapter"; } }' in style
    )


def test_without_a_browser_it_is_said_which_one_is_missing(monkeypatch):
    monkeypatch.setenv("PATH", "")

    with pytest.raises(CommandError, match="Chromium is not there; install Chromium, or say where"):
        find_browser()
    with pytest.raises(CommandError, match="no-browser is not there"):
        find_browser("no-browser")


def test_a_browser_that_prints_nothing_is_quoted(tmp_path):
    browser = tmp_path / "browser"
    browser.write_text("#!/bin/sh\necho no paper >&2\n")
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)

    with pytest.raises(CommandError, match="Chromium did not print: no paper"):
        printed({"book.xhtml": b""}, str(browser))


def test_a_book_is_printed(book):
    try:
        browser = find_browser()
    except CommandError:
        pytest.skip("there is no Chromium")

    found = printed(paper(book, made(book)), browser)
    assert found.startswith(b"%PDF-")
    assert b"/Outlines" in found
    assert found.count(b"/Type /Page\n") >= 6


# --- without a server ---------------------------------------------------------------------------------------

PAGE = """<a href="..">up</a><a href="a.py">a</a><p class="editions">x</p>
<script src="../assets/javascripts/bundle.1.js"></script>"""


def test_in_a_zip_the_search_index_is_a_script_and_a_frame_does_the_work():
    found = unserved({"labs/a.html": PAGE.encode(), "search/search_index.json": b"{}", "404.html": b""})

    assert found["search/search_index.js"] == b"var __index = {}"
    assert found.keys() == {"labs/a.html", "search/search_index.js", "assets/javascripts/offline.js"}
    page = found["labs/a.html"].decode()
    assert page.index('src="../assets/javascripts/offline.js"') < page.index("bundle")


def test_a_site_is_built_into_a_zip_with_its_pages_as_markdown(book, tmp_path):
    hook = Path(str(mkdocs_hook.__file__)).as_posix()
    config = (
        CONFIG.replace("language: ko", "name: material, font: false")
        + f"hooks: [{hook}]\nplugins: [search]\n"
    )
    (tmp_path / "mkdocs.yml").write_text(config, encoding="utf-8")

    with zipfile.ZipFile(io.BytesIO(offline(load(tmp_path).project))) as found:
        texts = [name for name in found.namelist() if name.endswith((".html", ".js", ".txt", ".md"))]
        files = {name.removeprefix("dezero/"): found.read(name).decode() for name in texts}
    assert 'href="step01-chapter.html#2-times"' in files["index.html"]
    assert "step01-chapter.html" in files["search/search_index.js"]
    assert "- [1 · Chapter](step01-chapter.md)" in files["llms.txt"]
    assert "- [Made](lives.html)" in files["llms.txt"]
    assert files["step02-chapter.md"] == plain_pages(book)["step02-chapter.md"]


def test_a_site_that_cannot_be_built_is_no_zip(book_of):
    with pytest.raises(CommandError, match=r"(?s)MkDocs did not build the site:.*site_name"):
        offline(book_of(ONE).project)


def test_in_a_zip_no_link_leads_to_what_it_lacks():
    site = {"index.html": b"", "labs/a.html": PAGE.encode(), "labs/a/a.py": b"", "editions/book.pdf": b""}

    found = unserved(site)
    assert found["labs/a.html"].startswith(b'<a href="../index.html">up</a><a href="a/a.py">')
    assert "editions" not in str(found)


# --- as plain Markdown --------------------------------------------------------------------------------------


def test_a_page_as_markdown_has_labels_in_words_and_no_html(book):
    page = plain_pages(book)["step02-chapter.md"]

    label = "*`src/dezero.py` · class `Pair` · replaces `first` of [chapter 1](step01-chapter.md):*"
    assert page.startswith(f"# Chapter\n\n{label}\n\n```python\nclass Pair:\n    ...\n")
    assert "> **Note**\n>\n> Only this." in page
    assert "<a" not in page


def test_the_list_of_pages_has_the_nav_s_order_and_sections():
    nav = [{"Start": "index.md"}, {"Part 1": [{"1 · Chapter": "step01-chapter.md"}]}]

    text = llms_txt("Sample", "A book.", nav, lambda name: f"https://e.org/{name}")
    assert text == (
        "# Sample\n\n> A book.\n\n## Pages\n\n- [Start](https://e.org/index.md)\n\n"
        "## Part 1\n\n- [1 · Chapter](https://e.org/step01-chapter.md)\n"
    )


# --- on the first page --------------------------------------------------------------------------------------


def test_the_first_page_offers_what_was_made_and_nothing_else(book_of, tmp_path):
    book = book_of(ONE, index="# Start\n\n<!-- literate: editions -->\n\nThe end.")
    assert folder(book).pages["index.md"].text == "# Start\n\n\n\nThe end.\n"

    (tmp_path / "docs" / "editions").mkdir()
    (tmp_path / "docs" / "editions" / "book.epub").write_bytes(bytes(1_250_000))
    page = folder(book).pages["index.md"].text
    assert "to take home: [EPUB, for e-readers](editions/book.epub) (1.2 MB).\n{ .editions" in page
    assert "PDF" not in page
