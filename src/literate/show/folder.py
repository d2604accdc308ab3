"""The whole site as plain Markdown and files, which any renderer of Python-Markdown turns into pages.

What has not changed since the last time is not made again: a server asks for all of it after each edit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import yaml

from literate.fold.book import Book
from literate.read.chapters import Loader
from literate.read.finding import Finding
from literate.read.page import FRONT_MATTER, Page
from literate.run.sessions import Result, drawn
from literate.show import glossary, life_pages
from literate.show import lab as labs
from literate.show.downloads import downloads
from literate.show.figure import figure
from literate.show.proof import proofread
from literate.show.weave import weave

P = ParamSpec("P")
T = TypeVar("T")
OF_THE_HOOK = ("hooks", "watch")  # what mkdocs.yml says of the weaving, and a woven folder needs no more
RUNS_LABS = "mkdocs-jupyter"
TEXT, MAPPING = "tag:yaml.org,2002:str", "tag:yaml.org,2002:map"
NEEDED = """# to show what the weaving writes, and what the tool reads
markdown_extensions:
  [admonition, attr_list, def_list, md_in_html, tables, toc, pymdownx.details, pymdownx.highlight,
  pymdownx.superfences, pymdownx.tabbed: {alternate_style: true}, pymdownx.blocks.html,
  literate.show.formulas]
"""
LIVES = "/life-*.md"  # pages that no nav names


@dataclass(frozen=True)
class Woven:
    """A page as Markdown, with its front matter, and what is wrong with it."""

    text: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Folder:
    """What lies in ``docs/`` when all is woven, by name: pages, and files that no one wrote."""

    pages: dict[str, Woven]
    files: dict[str, bytes]
    labs: tuple[str, ...]  # the sources that pages were made of
    failed: tuple[str, ...] = ()  # those that did not run to their end

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the pages."""
        return tuple(sorted({finding for page in self.pages.values() for finding in page.findings}))


def folder(book: Book, site: str | None = None) -> Folder:
    """The folder of the pages; ``site`` is its address, if it is known."""
    project = book.project
    options = lab_options(book)
    running = labs.start_labs(project, options)
    name = f"{project.docs}/"
    written = [page for page in book.pages if page.path.startswith(name)]
    pages = woven_pages(book, written) | _unreadable(book, written) | _lives(book)
    files: dict[str, bytes] = {}
    for chapter in book.chapters:
        key = (code_state(book), chapter.page.text, site)
        files |= _once(book, f"downloads/{chapter.slug}", key, downloads, book, chapter, site)
    failed = []
    for path, source, outputs in labs.finished(running):
        failed += [path] if outputs.failure else []
        pages[page_of(path)] = _lab(book, name + path, source, outputs)
        files[f"{Path(path).with_suffix('')}/{Path(path).name}"] = source.encode()
    renamed = {path: Woven(_renamed(page.text, running), page.findings) for path, page in pages.items()}
    return Folder(renamed, files, tuple(running), tuple(failed))


def weave_out(book: Book) -> tuple[dict[str, bytes], tuple[Finding, ...]]:
    """Every file of a folder that any renderer of Python-Markdown shows; and all that is wrong."""
    project, woven = book.project, folder(book)
    top = project.root / project.docs
    others = {path.relative_to(top).as_posix(): path for path in sorted(top.rglob("[!.]*")) if path.is_file()}
    content = {name: path.read_bytes() for name, path in others.items() if name not in woven.labs}
    content |= woven.files | {name: page.text.encode() for name, page in woven.pages.items()}
    files = {f"{project.docs}/{name}": data for name, data in content.items()}
    package = book.final.items()  # for the reference
    files |= {path: module.text.encode() for path, module in package if project.is_source(path)}
    return files | {"mkdocs.yml": _without_the_hook(book, woven.labs).encode()}, woven.findings


# --- pages --------------------------------------------------------------------------------------------------


def woven_pages(book: Book, pages: Iterable[Page]) -> dict[str, Woven]:
    """Some pages, woven, their experiments run; by their names below ``docs/``."""
    found = {page.path: tuple(proofread(book, page)) for page in pages}
    keys = {page.path: (code_state(book), _others(book, page), page.text, found[page.path]) for page in pages}
    results = _results_by_page(
        book, [page for page in pages if not _is_kept(book, page.path, keys[page.path])]
    )
    woven = {}
    for page in pages:
        made = _once(book, page.path, keys[page.path], _woven, book, page, found[page.path], results)
        if made.findings:  # they name lines of other pages
            _forget(book, page.path)
        woven[page.path.removeprefix(f"{book.project.docs}/")] = made
    return woven


def _results_by_page(book: Book, pages: Iterable[Page]) -> dict[str, list[Result]]:
    """What the experiments of some pages did, by the paths of the pages."""
    sessions = [session for page in pages for session in book.sessions_of(page)]
    found: dict[str, list[Result]] = {page.path: [] for page in pages}
    for session, results in zip(sessions, drawn(sessions, book.project), strict=True):
        found[session.page.path] += results
    return found


def _woven(
    book: Book, page: Page, findings: Iterable[Finding], results: Mapping[str, Iterable[Result]]
) -> Woven:
    found, pictures = set(findings), {}
    for result in results[page.path]:
        found.update(result.findings)
        answer = result.step.answer
        if answer and answer.kind == "figure" and result.picture:
            pictures[answer.line] = figure(result.picture, answer)
    return _as_markdown(book, page, pictures, tuple(sorted(found)))


def _as_markdown(book: Book, page: Page, pictures: dict[int, str], findings: tuple[Finding, ...]) -> Woven:
    front = FRONT_MATTER.match(page.text)
    body = "\n".join(weave(book, page, pictures, findings))
    return Woven((front[0] if front else "") + body, findings)


def _unreadable(book: Book, pages: Iterable[Page]) -> dict[str, Woven]:
    """The pages that cannot be read: what is wrong is all that they show."""
    known, top = {page.path for page in pages}, f"{book.project.docs}/"
    lost: dict[str, list[Finding]] = {}
    for finding in book.findings:
        if finding.path.startswith(top) and finding.path not in known:
            lost.setdefault(finding.path, []).append(finding)
    empty = {path: Page(path, f"# {Path(path).stem}\n", (), (), (), (), ()) for path in lost}
    return {
        path.removeprefix(top): _as_markdown(book, empty[path], {}, tuple(found))
        for path, found in lost.items()
    }


def _lives(book: Book) -> dict[str, Woven]:
    """The pages of the lives, which quote the sentences above the fragments."""
    motives = tuple(
        _once(
            book,
            f"motives of {c.page.path}",
            (code_state(book), c.page.text),
            _motives,
            book,
            c.page,
        )
        for c in book.chapters
    )
    texts = _once(book, "lives", (code_state(book), motives), life_pages.pages, book)
    return {name: Woven(text) for name, text in texts.items()}


def _motives(book: Book, page: Page) -> tuple[str, ...]:
    return tuple(life_pages.motive(book, page, block) for block in page.of("fragment"))


# --- labs and mkdocs.yml ------------------------------------------------------------------------------------


def lab_options(book: Book) -> dict[str, Any] | None:
    """How ``mkdocs.yml`` wants labs to be run; None if there are none."""
    try:
        config = (book.project.root / book.project.nav).read_text(encoding="utf-8")
        return _lab_options(config)
    except (yaml.YAMLError, UnicodeDecodeError):
        return None


@lru_cache(maxsize=2)
def _lab_options(config: str) -> dict[str, Any] | None:
    root = yaml.compose(config, Loader=Loader)
    entries = root.value if isinstance(root, yaml.MappingNode) else ()
    plugins = next((value for key, value in entries if key.value == "plugins"), None)
    for entry in plugins.value if isinstance(plugins, yaml.SequenceNode) else ():
        if isinstance(entry, yaml.MappingNode) and entry.value[0][0].value == RUNS_LABS:
            options: dict[str, Any] = yaml.safe_load(yaml.serialize(entry.value[0][1]))
            return options
    return None


def page_of(path: str) -> str:
    """The page that becomes of a lab."""
    return Path(path).with_suffix(".md").as_posix()


def _lab(book: Book, path: str, source: str, outputs: labs.Outputs) -> Woven:
    lab = _once(book, f"{path} read", (source, outputs), labs.read_lab, book.project, path, source, outputs)
    findings = tuple(sorted({*lab.findings, *labs.at_home(proofread(book, lab.page), lab.page, source)}))
    key = (code_state(book), source, outputs, findings)
    return _once(book, path, key, _as_markdown, book, lab.page, lab.pictures, findings)


def _renamed(text: str, sources: Iterable[str]) -> str:
    """The text of a page whose links to labs lead to their pages."""
    for path in sources:
        name, suffix = re.escape(Path(path).stem), re.escape(Path(path).suffix)
        text = re.sub(rf"(\]\([^)\s]*\b{name}){suffix}(?=[)#\s])", r"\1.md", text)
    return text


def _without_the_hook(book: Book, sources: Iterable[str]) -> str:
    """The text of a ``mkdocs.yml`` for what is woven already; it says all that the pages need."""
    project = book.project
    config = (project.root / project.nav).read_text(encoding="utf-8")
    for path in sources:
        config = config.replace(path, page_of(path))
    said, needed = _config_entries(config), _config_entries(NEEDED)
    entries = {"site_name": yaml.ScalarNode(TEXT, _site_name(book)), **needed, **said}
    entries["docs_dir"] = yaml.ScalarNode(TEXT, project.docs)
    hidden = f"{said['not_in_nav'].value}\n{LIVES}" if "not_in_nav" in said else LIVES
    entries["not_in_nav"] = yaml.ScalarNode(TEXT, hidden)
    if "plugins" in said:
        said["plugins"].value = [
            entry for entry in said["plugins"].value if RUNS_LABS not in _plugin_names(entry)
        ]
    if isinstance(extensions := entries["markdown_extensions"], yaml.SequenceNode):
        known = {name for entry in extensions.value for name in _plugin_names(entry)}
        extensions.value += [e for e in needed["markdown_extensions"].value if not _plugin_names(e) & known]
    pairs = [(yaml.ScalarNode(TEXT, k), entry) for k, entry in entries.items() if k not in OF_THE_HOOK]
    return str(yaml.serialize(yaml.MappingNode(MAPPING, pairs), allow_unicode=True))


def _site_name(book: Book) -> str:
    """The first heading of the first page, for a site that has no name; else the package's name."""
    top = next((page for page in book.pages if page.path == f"{book.project.docs}/index.md"), None)
    return top.headings[0].text if top and top.headings else book.project.package


def _config_entries(config: str) -> dict[str, yaml.Node]:
    root = yaml.compose(config)
    return {key.value: value for key, value in root.value} if isinstance(root, yaml.MappingNode) else {}


def _plugin_names(entry: yaml.Node) -> set[str]:
    return {key.value for key, _ in entry.value} if isinstance(entry, yaml.MappingNode) else {entry.value}


# --- made once ----------------------------------------------------------------------------------------------

_kept: dict[
    tuple[Path, str], tuple[object, Any]
] = {}  # by project and name: of what something was made, and it


def _once(book: Book, name: str, key: object, make: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """What ``make`` makes; what it made the last time, if that was for the same ``key``."""
    place = book.project.root, name
    if place not in _kept or _kept[place][0] != key:
        _kept[place] = key, make(*args, **options)
    made: T = _kept[place][1]
    return made


def _others(book: Book, page: Page) -> object:
    """What a page shows of the prose of others: in a list of all, or in the links of its terms."""
    if page.of("list"):
        return tuple(other.text for other in book.pages)
    return tuple((t.name, t.line, t.start) for t in glossary.terms(book) if t.path == page.path)


def _is_kept(book: Book, name: str, key: object) -> bool:
    return _kept.get((book.project.root, name), (None, None))[0] == key


def _forget(book: Book, name: str) -> None:
    _kept.pop((book.project.root, name), None)


@lru_cache(maxsize=2)
def code_state(book: Book) -> int:
    """What pages show of one another: fragments and titles; prose and experiments are of one page alone."""
    fragments = [block for page in book.pages for block in page.of("fragment", "moves")]
    code = [(block.path, block.kind, block.title, block.code) for block in fragments]
    chapters = [(chapter.key, chapter.title, chapter.part, chapter.page.path) for chapter in book.chapters]
    return hash((book.project, tuple(code), tuple(chapters)))
