"""The built site: nothing comes from elsewhere, every link leads somewhere, every picture has words."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ELSEWHERE = re.compile(r"(?:\w+:)?//")  # what a browser would fetch from another host
IN_CSS = re.compile(r"""(?:url\(\s*|@import\s+)["']?([^"')\s;]+)""")
IN_JS = re.compile(r"""["'`]((?:https?:)?//[\w$][^"'`\s]*)["'`]""")
FETCHED = {"src", "srcset", "poster", "data", "background", "action", "formaction", "ping", "manifest"}
UNFETCHED = {"canonical", "next", "prev", "alternate", "license", "author", "edit"}  # as <link rel>
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
UNREAD = {"code", "pre", "math", "script", "style", "svg"}

# Addresses in Material's bundle, and the selector or feature without which it never asks for them.
ONLY_WITH = {
    "https://unpkg.com/mermaid@": ".mermaid",
    "https://api.github.com/": "[data-md-component=source]",
    "https://${e}/api/v4/projects/": "[data-md-component=source]",
    "https://unpkg.com/resize-observer-polyfill": None,  # for browsers of before 2020
}


@dataclass(frozen=True)
class Element:
    """A start tag, the names of the tags around it, and the text of a <style> or <script>."""

    tag: str
    attributes: dict[str, str]
    around: tuple[str, ...]
    text: list[str] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())


class Document(HTMLParser):
    """A page of the site as a list of elements, and its prose."""

    def __init__(self, path: Path, site: Path) -> None:
        super().__init__()
        self.name = path.relative_to(site).as_posix()
        self.elements: list[Element] = []
        self.prose: list[str] = []
        self._open: list[Element] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        around = tuple(element.tag for element in self._open)
        element = Element(tag, {name: value or "" for name, value in attrs}, around)
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if any(element.tag == tag for element in self._open):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1].tag in ("script", "style"):
            self._open[-1].text.append(data)
        if not UNREAD & {element.tag for element in self._open}:
            self.prose.append(data)

    def of(self, *tags: str) -> Iterator[Element]:
        return (element for element in self.elements if element.tag in tags)

    def ids(self) -> list[str]:
        return [element.attributes["id"] for element in self.elements if "id" in element.attributes]

    def fetched(self) -> Iterator[str]:
        """What a browser fetches to show this page, as the page gives it."""
        for element in self.elements:
            attributes = element.attributes
            yield from (value for name, value in attributes.items() if name in FETCHED and value)
            if element.tag == "link" and attributes.get("rel") not in UNFETCHED:
                yield attributes.get("href", "")
            if element.tag in ("image", "use"):
                yield attributes.get("href", attributes.get("xlink:href", ""))
            yield from IN_CSS.findall(attributes.get("style", ""))
            if element.tag == "style":
                yield from IN_CSS.findall("".join(element.text))
            if element.tag == "script" and attributes.get("type") != "application/json":
                yield from IN_JS.findall("".join(element.text))


@dataclass(frozen=True)
class Site:
    """The site as it was built, and what was said while it was."""

    folder: Path
    code: int
    said: str
    pages: tuple[Document, ...]


@pytest.fixture(scope="session")
def site(built) -> Site:
    pages = tuple(Document(path, built.folder) for path in sorted(built.folder.rglob("*.html")))
    return Site(built.folder, built.code, built.said, pages)


def everywhere(site: Site, find) -> list[str]:
    """What is wrong on the pages, each with the name of its page."""
    return [f"{page.name}: {wrong}" for page in site.pages for wrong in find(page)]


def test_the_site_is_built_without_a_warning(site: Site) -> None:
    warnings = [line for line in site.said.splitlines() if line.startswith(("WARNING", "ERROR"))]

    assert (site.code, warnings) == (0, []), site.said[-3000:]


def test_every_chapter_and_every_other_page_is_there(site: Site) -> None:
    names = {page.name.removesuffix("index.html").rstrip("/") for page in site.pages}
    sources = {path.stem for path in (ROOT / "docs").glob("*.md")} - {"index"}

    assert sources | {"", "404.html"} <= names


def test_pages_fetch_nothing_from_elsewhere(site: Site) -> None:
    def wrong(page: Document) -> Iterator[str]:
        return (address for address in page.fetched() if ELSEWHERE.match(address))

    assert everywhere(site, wrong) == []


def test_what_pages_fetch_is_there(site: Site) -> None:
    def wrong(page: Document) -> Iterator[str]:
        for address in page.fetched():
            local = not ELSEWHERE.match(address) and not address.startswith(("data:", "#"))
            if local and not _file(site, page, address)[0].is_file():
                yield address

    assert everywhere(site, wrong) == []


def test_style_sheets_fetch_nothing_from_elsewhere(site: Site) -> None:
    sheets = {path.name: path.read_text(encoding="utf-8") for path in site.folder.rglob("*.css")}

    assert sheets
    found = [(name, url) for name, text in sheets.items() for url in IN_CSS.findall(text)]
    assert [(name, url) for name, url in found if ELSEWHERE.match(url)] == []


def test_scripts_know_no_address_elsewhere_but_those_they_never_ask_for(site: Site) -> None:
    texts = [path.read_text(encoding="utf-8") for path in site.folder.rglob("*.js")]
    found = {url for text in texts for url in IN_JS.findall(text)}

    assert {url for url in found if not url.startswith(tuple(ONLY_WITH))} == set()


def test_no_page_has_what_would_make_scripts_ask_for_them(site: Site) -> None:
    def wrong(page: Document) -> Iterator[str]:
        for element in page.elements:
            if "mermaid" in element.classes or element.attributes.get("data-md-component") == "source":
                yield f"<{element.tag} class={element.attributes.get('class')}>"

    assert set(ONLY_WITH.values()) == {".mermaid", "[data-md-component=source]", None}
    assert everywhere(site, wrong) == []


def test_the_theme_is_told_to_fetch_nothing_from_elsewhere(site: Site) -> None:
    configs = [e for page in site.pages for e in page.of("script") if e.attributes.get("id") == "__config"]
    values = [value for config in configs for value in json.loads("".join(config.text)).values()]

    assert len(configs) == len(site.pages)
    assert [value for value in values if isinstance(value, str) and ELSEWHERE.match(value)] == []


def test_source_maps_are_local(site: Site) -> None:
    files = [*site.folder.rglob("*.js"), *site.folder.rglob("*.css")]
    maps = [url for path in files for url in re.findall(r"sourceMappingURL=(\S+)", path.read_text("utf-8"))]

    assert [url for url in maps if ELSEWHERE.match(url)] == []


def test_every_link_within_the_site_leads_somewhere(site: Site) -> None:
    ids = {page.name: set(page.ids()) for page in site.pages}

    def wrong(page: Document) -> Iterator[str]:
        for link in page.of("a"):
            address = link.attributes.get("href", "#")
            if urlsplit(address).scheme or address.startswith("//"):
                continue
            path, anchor = _file(site, page, address)
            name = path.relative_to(site.folder).as_posix() if path.is_relative_to(site.folder) else ".."
            if not path.is_file() or (anchor and name in ids and anchor not in ids[name]):
                yield address

    assert everywhere(site, wrong) == []


def test_the_sitemap_is_full_and_begins_where_the_site_lies(site: Site) -> None:
    listed = re.findall(r"<loc>(.*?)</loc>", (site.folder / "sitemap.xml").read_text(encoding="utf-8"))
    names = {page.name.removesuffix("index.html") for page in site.pages} - {"404.html"}

    assert {address.removeprefix("http://localhost:8000/") for address in listed} == names


def test_every_page_has_a_description_of_its_own_and_a_picture_that_is_there(site: Site) -> None:
    pages = [page for page in site.pages if page.name != "404.html"]
    said = {page.name: _said_in_head(page) for page in pages}
    descriptions = Counter(head["description"] for head in said.values())

    assert [text for text, count in descriptions.items() if count > 1 or len(text) < 20] == []
    assert [name for name, head in said.items() if head["og:description"] != head["description"]] == []
    pictures = {head["og:image"].removeprefix("http://localhost:8000/") for head in said.values()}
    assert [name for name in pictures if not (site.folder / name).is_file()] == []
    assert len(pictures) > 80


def _said_in_head(page: Document) -> dict[str, str]:
    metas = (element.attributes for element in page.of("meta"))
    return {meta.get("name") or meta.get("property", ""): meta.get("content", "") for meta in metas}


@pytest.mark.parametrize("name", ["SITE_URL", "READTHEDOCS_CANONICAL_URL", "CI_PAGES_URL"])
def test_where_the_site_lies_can_be_said_and_its_404_page_is_styled_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    said = re.search(r"^site_url: .*", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert said
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# Start\n", encoding="utf-8")
    sample = f"site_name: Sample\n{said[0]}\ntheme: {{name: material, font: false}}\n"
    (tmp_path / "mkdocs.yml").write_text(sample, encoding="utf-8")
    monkeypatch.setenv(name, "https://host.example/book/")

    build(load_config(str(tmp_path / "mkdocs.yml")))
    sheets = list(Document(tmp_path / "site" / "404.html", tmp_path / "site").of("link"))
    fetched = [sheet.attributes["href"] for sheet in sheets if sheet.attributes.get("rel") == "stylesheet"]
    assert fetched
    assert all(address.startswith("/book/assets/") for address in fetched)


def test_a_page_has_one_title(site: Site) -> None:
    titles = {page.name: len(list(page.of("h1"))) for page in site.pages}

    assert {name: count for name, count in titles.items() if count != 1} == {}


def test_ids_are_unique_on_their_page(site: Site) -> None:
    def wrong(page: Document) -> Iterator[str]:
        return (name for name, count in Counter(page.ids()).items() if count > 1)

    assert everywhere(site, wrong) == []


def test_every_picture_has_words_for_who_cannot_see_it(site: Site) -> None:
    def wrong(page: Document) -> Iterator[str]:
        for element in page.of("img", "svg"):
            figure = "figure" in element.around and "svg" not in element.around
            name = element.attributes.get("aria-label") or element.attributes.get("alt")
            if (element.tag == "img" or figure) and not name:
                yield f"<{element.tag}> without a name"
            if figure and element.tag == "svg" and element.attributes.get("role") != "img":
                yield "<svg> that is no img to a screen reader"

    assert everywhere(site, wrong) == []
    assert any("figure" in svg.around for page in site.pages for svg in page.of("svg"))


def test_every_formula_became_mathml(site: Site) -> None:
    def wrong(page: Document) -> Iterator[str]:
        yield from re.findall(r"\$\$|\$[^$\s][^$\n]*\$", "".join(page.prose))

    assert everywhere(site, wrong) == []
    assert any(True for page in site.pages for _ in page.of("math"))


def test_no_page_shows_a_mistake_of_its_author(site: Site) -> None:
    def wrong(page: Document) -> Iterator[str]:
        for element in page.elements:
            yield from element.classes & {"literate-errors", "math-error"}

    assert everywhere(site, wrong) == []


def test_a_lab_is_a_page_like_a_chapter(site: Site) -> None:
    labs = [page for page in site.pages if page.name.startswith("labs/")]

    assert labs
    for page in labs:
        classes = {name for element in page.elements for name in element.classes}
        assert {"experiment", "output", "picture"} <= classes
        assert not any(name.startswith("jp-") for name in classes)


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="https://e.org/a.js"></script>',
        '<link rel="stylesheet" href="//e.org/a.css">',
        '<link rel="preconnect" href="https://e.org/">',
        '<img src="https://e.org/a.png" alt="a">',
        '<svg><image href="https://e.org/a.png"/></svg>',
        '<p style="background: url(https://e.org/a.png)">a</p>',
        '<style>@import "https://e.org/a.css";</style>',
        "<script>import('https://e.org/a.mjs')</script>",
        "<script>new Worker(`//e.org/a.js`)</script>",
    ],
)
def test_what_a_browser_would_fetch_is_seen(tmp_path: Path, markup: str) -> None:
    (tmp_path / "a.html").write_text(f"<h1>A</h1>{markup}<a href='https://e.org/'>a link is fine</a>")

    (address,) = Document(tmp_path / "a.html", tmp_path).fetched()
    assert ELSEWHERE.match(address)


def _file(site: Site, page: Document, address: str) -> tuple[Path, str]:
    """The file that an address within the site means, and the anchor in it."""
    parts = urlsplit(address)
    path = unquote(parts.path)
    if not path:
        return site.folder / page.name, unquote(parts.fragment)
    base = site.folder if path.startswith("/") else (site.folder / PurePosixPath(page.name)).parent
    target = Path(os.path.normpath(base / path.lstrip("/")))
    return target / "index.html" if target.is_dir() else target, unquote(parts.fragment)
