"""The pages of the nav as XHTML that needs no site: what an EPUB and the print of a whole book are made of.

Each page is rendered from its woven Markdown, with the extensions that ``mkdocs.yml`` names. Of a fragment's
views the first stays where it is, the whole stands at the end of the page, where the label leads, and the
difference is left out. Links to what is not in the nav lead to the site; if nobody knows its address, they
are plain words.
"""

from __future__ import annotations

import ast
import posixpath
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag
from markdown import Markdown

from literate.fold.book import Book
from literate.read.addresses import settings
from literate.read.page import FRONT_MATTER
from literate.show.beside import defined

HERE = ("localhost", "127.0.0.1", "::1")  # no address that others could follow
MATHML = "http://www.w3.org/1998/Math/MathML"
SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
DIRECTIVE = re.compile(r"^::: +([\w.]+)$", re.MULTILINE)  # of mkdocstrings
ANNOTATED = re.compile(r"\((\d+)\)!")
NO_NAME = re.compile(r"^(?![A-Za-z_])|[^\w.-]")  # what keeps an anchor from being a name in XML
SITE_ONLY = ".headerlink, .downloads, .editions, .steps, .tabbed-set > input, .life-words .key, script"
COLOURS = {  # as in literate.show.ink: white paper asks for them, and black still shows them
    **{"0": "#007885", "1": "#b84f12", "2": "#8a6508", "3": "#7a5bc0", "4": "#3a7d3f", "5": "#6e6e6e"},
    **{"paper": "none", "grid": "#9a9a9a", "variable": "#e8a33d", "function": "#5aa7d0"},
    **{"variable-edge": "#9a6412", "function-edge": "#3a7796"},
}
EMPTY_PATH = re.compile(r"<path(?![^>]*\sd=)[^>]*/>")
WASH = re.compile(r'fill="var\(--picture-(variable|function)\)"')
SHOWN = {"hll", "k", "kn", "kd", "kc", "c1", "sd", "gd"}  # parts of code that epub/style.css sets apart
Sections = list[tuple[str, list["Sheet"]]]  # of the nav: the title of each, and its pages


@dataclass
class Sheet:
    """A page of the nav as the inside of a ``<body>``; ``path`` is that of its Markdown below ``docs/``."""

    path: str
    title: str
    soup: BeautifulSoup
    pictures: dict[str, str] = field(default_factory=dict)  # SVG by the anchor that stands for it

    @property
    def name(self) -> str:
        """What its file is called, without the ending."""
        return self.path.removesuffix(".md").replace("/", "-")

    @property
    def anchors(self) -> set[str]:
        """What links may lead to in it."""
        return {str(tag["id"]) for tag in self.soup.find_all(id=True)}

    @property
    def markup(self) -> str:
        """Its XHTML, pictures included."""
        text = str(self.soup)
        return re.sub(r'<svg id="(.*?)"></svg>', lambda match: _coloured(self.pictures[match[1]]), text)


class Edition(NamedTuple):
    """A book in one piece: what ``mkdocs.yml`` says of it, and its pages."""

    title: str
    about: str
    language: str
    sections: Sections
    images: dict[str, bytes]  # what pages show that is not drawn in them

    @property
    def sheets(self) -> list[Sheet]:
        """All pages, in order."""
        return [sheet for _, sheets in self.sections for sheet in sheets]


def edition(book: Book, woven: Mapping[str, bytes], site: str | None = None) -> Edition:
    """A book in one piece, made of the files of its woven folder; ``site`` is where its site is found."""
    config = settings(woven["mkdocs.yml"].decode())
    docs = f"{book.project.docs}/"
    files = {name.removeprefix(docs): data for name, data in woven.items() if name.startswith(docs)}
    markdown, theme = _renderer(config["markdown_extensions"]), config.get("theme")
    sections: Sections = []
    for section, title, path in nav_entries(config.get("nav") or ()):
        if path in files:
            if not sections or sections[-1][0] != section:
                sections.append((section, []))
            sections[-1][1].append(_sheet(book, markdown, path, title, files[path].decode()))
    return Edition(
        config["site_name"],
        " ".join(str(config.get("site_description") or "").split()),
        theme.get("language", "en") if isinstance(theme, dict) else "en",
        sections,
        _Links(sections, files, site or _site_of(config)).mend(),
    )


# --- mkdocs.yml ---------------------------------------------------------------------------------------------


def _site_of(config: Mapping[str, Any]) -> str | None:
    """Where the site is found; None if that is this machine."""
    address = str(config.get("site_url") or "")
    return address if address and urlsplit(address).hostname not in HERE else None


def nav_entries(nav: Any, section: str = "") -> Iterator[tuple[str, str, str]]:
    """The pages of the nav: the section of each, its title, its path."""
    for entry in nav:
        for title, inner in entry.items() if isinstance(entry, dict) else [("", entry)]:
            if isinstance(inner, str):
                yield section, title, inner
            else:
                yield from nav_entries(inner, title)


def _renderer(extensions: list[Any]) -> Markdown:
    named = [entry if isinstance(entry, dict) else {entry: None} for entry in extensions]
    options = {name: values or {} for entry in named for name, values in entry.items()}
    return Markdown(extensions=[*options], extension_configs=options, output_format="xhtml")


# --- a page -------------------------------------------------------------------------------------------------


def _sheet(book: Book, markdown: Markdown, path: str, title: str, text: str) -> Sheet:
    text = DIRECTIVE.sub(lambda match: _stub(book, match[1]), FRONT_MATTER.sub("", text))
    pictures: dict[str, str] = {}

    def set_aside(picture: re.Match[str]) -> str:  # the parser would write viewBox in small letters
        pictures[f"picture-{len(pictures)}"] = picture[0]
        return f'<svg id="picture-{len(pictures) - 1}"></svg>'

    html = SVG.sub(set_aside, markdown.reset().convert(text))
    sheet = Sheet(path, title, BeautifulSoup(html, "html.parser"), pictures)
    heading = sheet.soup.h1
    sheet.title = title or (heading.get_text() if heading else sheet.name)
    _prepare(sheet.soup)
    return sheet


def _stub(book: Book, name: str) -> str:
    """What mkdocstrings would show of a definition: its signatures and docstrings, as a block of code."""
    found = defined(book, name)
    if found is None:
        return f"`{name}`"
    statement = ast.parse(textwrap.dedent(book.final[found[0]].definitions[found[1]].text)).body[0]
    code = "\n".join(_outline(statement))
    return f'<a id="{name}"></a>\n\n``````` python\n{code}\n```````'


def _outline(statement: ast.stmt) -> Iterator[str]:
    """A class or function without its code; of a class, what users call."""
    if not isinstance(statement, ast.ClassDef | ast.FunctionDef):
        yield ast.unparse(statement)
        return
    said = (ast.get_docstring(statement) or "").replace("\n", "\n    ")
    said += "\n    " if "\n" in said else ""
    body: list[ast.stmt] = [ast.Expr(ast.Constant(said or ...))]
    statement.body, members = body, statement.body
    yield re.sub(" +$", "", ast.unparse(statement), flags=re.MULTILINE)
    for member in members if isinstance(statement, ast.ClassDef) else ():
        if isinstance(member, ast.FunctionDef) and _is_for_users(member):
            yield ""
            yield from (textwrap.indent(line, "    ") for line in _outline(member))


def _is_for_users(method: ast.FunctionDef) -> bool:
    return method.name == "__init__" or bool(method.name[0] != "_" and ast.get_docstring(method))


def _prepare(soup: BeautifulSoup) -> None:
    """Take away what only the site has use for, and show what it hides."""
    for tag in soup.select(SITE_ONLY):
        tag.decompose()
    _mend_mathml(soup)
    _mend_code(soup)
    for life in soup.select("p.life"):
        _life_in_words(soup, life)
    wholes = [_unroll(tabs) for tabs in soup.select(".tabbed-set")]
    _append_wholes(soup, [found for found in wholes if found])


def _mend_mathml(soup: BeautifulSoup) -> None:
    """Give formulas their namespace, and attributes only where MathML 3 has them."""
    for tag in soup.find_all("math"):
        tag["xmlns"] = MATHML
    for tag in soup.select("mtable[scriptlevel], mfrac[displaystyle]"):
        name = "scriptlevel" if tag.has_attr("scriptlevel") else "displaystyle"
        tag.wrap(soup.new_tag("mstyle", attrs={name: str(tag.attrs.pop(name))}))


def _mend_code(soup: BeautifulSoup) -> None:
    """Leave marks only on those parts of code that are set apart, and annotations as numbers."""
    for token in soup.select(".highlight pre span"):
        if SHOWN.isdisjoint(token.get_attribute_list("class")):
            token.unwrap()
    for comment in soup.select(".c1"):
        comment.string = ANNOTATED.sub(r"(\1)", comment.get_text())


def _life_in_words(soup: BeautifulSoup, life: Tag) -> None:
    """The bars of a life as lines of text, one for each version."""
    versions = life.select(".version")
    life.clear()
    life.name = "ul"
    for version in versions:
        size = sum(map(int, re.findall(r"--(?:kept|new): (\d+)", str(version["style"]))))
        item = soup.new_tag("li")
        item.string = f"{'█' * size} {version['aria-label']}"
        life.append(item)
    life.attrs = {"class": "life"}


def _unroll(tabs: Tag) -> tuple[Tag, Tag] | None:
    """One view below the other, under their names; of a fragment the first, and its label with the whole."""
    names = [label.get_text() for label in tabs.select(".tabbed-labels > label")]
    views = dict(zip(names, tabs.select(".tabbed-content > .tabbed-block"), strict=True))
    tabs.select(".tabbed-labels")[0].decompose()
    label = tabs.find_previous_sibling()
    if label is None or "fragment" not in label.get_attribute_list("class"):
        for name, view in views.items():
            view.insert(0, BeautifulSoup(f'<p class="view">{name}</p>', "html.parser"))
        return None
    others = {name: view.extract() for name, view in views.items() if name != names[0]}
    return (label, others["Whole"]) if "Whole" in others else None


def _append_wholes(soup: BeautifulSoup, wholes: list[tuple[Tag, Tag]]) -> None:
    """The wholes at the end of the page, under what their labels say; links lead there and back."""
    if not wholes:
        return
    soup.append(
        BeautifulSoup('<section class="wholes"><h2>The code as a whole</h2></section>', "html.parser")
    )
    section = soup.find_all("section")[-1]
    for label, whole in wholes:
        back, there = str(label["id"]), f"{label['id']}-whole"
        shown = [str(code) for code in label.select("code")][:2]
        title = f'<p class="fragment" id="{there}"><a href="#{back}">{" · ".join(shown)}</a></p>'
        section.append(BeautifulSoup(title, "html.parser"))
        section.append(whole)
        label.append(
            BeautifulSoup(f'<span class="to-whole"> · <a href="#{there}">whole</a></span>', "html.parser")
        )


def _coloured(picture: str) -> str:
    """A picture as it is drawn without the site's colours: words have to be legible on any ground."""
    picture = EMPTY_PATH.sub("", picture)
    picture = re.sub(r"--width: (\w+)", r"width: \1; max-width: 100%", picture, count=1)
    picture = WASH.sub(r'fill="var(--picture-\1)" fill-opacity="0.3"', picture)
    return re.sub(r"var\(--picture-([\w-]+)(?:,[^)]*)?\)", lambda match: COLOURS[match[1]], picture)


# --- links --------------------------------------------------------------------------------------------------


def anchor_name(anchor: str) -> str:
    """An anchor as XML may have it."""
    return NO_NAME.sub("_", anchor)


class _Links:
    """Where the links of an edition lead: to a page of it and a place there, or out of it."""

    def __init__(self, sections: Sections, files: Mapping[str, bytes], site: str | None) -> None:
        self.sheets = {sheet.path: sheet for _, sheets in sections for sheet in sheets}
        self.files, self.site = files, site and f"{site.rstrip('/')}/"
        for sheet in self.sheets.values():
            for tag in sheet.soup.find_all(lambda tag: tag.has_attr("id") and tag.name != "svg"):
                tag["id"] = anchor_name(str(tag["id"]))
        self.anchors = {path: sheet.anchors for path, sheet in self.sheets.items()}

    def mend(self) -> dict[str, bytes]:
        """Mend all links; return the images that the pages show."""
        images: dict[str, bytes] = {}
        for sheet in self.sheets.values():
            for tag in sheet.soup.find_all("a", href=True):
                del tag["download"]
                if target := self.target(sheet, str(tag["href"])):
                    tag["href"] = target
                else:
                    tag.name = "span"
                    del tag["href"]
            for image in sheet.soup.find_all("img", src=True):
                path = self.path(sheet, str(image["src"]))
                if path in self.files:
                    image["src"] = path
                    images[path] = self.files[path]
        return images

    def target(self, sheet: Sheet, address: str) -> str | None:
        """``other.xhtml#anchor``, an address elsewhere, or nothing."""
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            return address
        path = self.path(sheet, parts.path)
        if path in self.sheets:
            anchor = anchor_name(unquote(parts.fragment)) if parts.fragment else ""
            found = f"#{anchor}" if anchor in self.anchors[path] else ""
            return found if path == sheet.path and found else f"{self.sheets[path].name}.xhtml{found}"
        if self.site and path in self.files:
            page = re.sub(r"(^|/)index\.md$|\.md$", r"/", path).lstrip("/")
            return f"{self.site}{page}{f'#{parts.fragment}' if parts.fragment else ''}"
        return None

    def path(self, sheet: Sheet, address: str) -> str:
        """The file that a page leads to, by the name of the file or, in HTML, by that of the page."""
        if not address:
            return sheet.path
        at_home, as_page = posixpath.dirname(sheet.path), sheet.path.removesuffix(".md")
        paths = [posixpath.normpath(posixpath.join(at, unquote(address))) for at in (at_home, as_page)]
        names = [name for path in paths for name in (path, f"{path}.md")]
        return next((name for name in names if name in self.files), paths[0])
