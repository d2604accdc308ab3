"""The MkDocs hook: what needs the site and not one page alone.

What a chapter shows is woven by the Python-Markdown extension; without this hook it looks the same.
"""

from __future__ import annotations

import json
import shutil
from functools import partial
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemBytecodeCache
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

from literate.fold.book import Book, load
from literate.read.finding import BookError
from literate.read.project import read_project
from literate.show import beside
from literate.show.extension import report, woven
from literate.show.lab import read_lab
from literate.show.weave import weave


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Tell the extension where the project is, wherever MkDocs was started, and what this hook adds."""
    config.mdx_configs.setdefault("literate.show.extension", {}).update(root=str(_root(config)), beside=True)
    return config


_book: Book | None = None  # as of the start of the build


def on_pre_build(config: MkDocsConfig) -> None:
    """Read the book, and report what is wrong beside the pages; each page reports its own."""
    global _book
    _book = None
    try:
        _book = book = load(_root(config))
    except BookError as error:
        report(error.findings)
        return
    pages = {page.path for page in book.pages if page.path.startswith(f"{book.project.docs}/")}
    report(tuple(finding for finding in book.findings if finding.path not in pages))
    _forget_labs_of_another_package(_root(config))


def _read(config: MkDocsConfig) -> Book:
    """The book that is being built: reading its files for each page would take longer than the page."""
    return _book or load(_root(config))


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """Keep the compiled templates of the theme between builds."""
    folder = _root(config) / ".cache" / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    env.bytecode_cache = FileSystemBytecodeCache(str(folder))
    if _serving:
        _search_once(config)
        env.loader = ChoiceLoader([DictLoader({FRAMED: ""}), *([env.loader] if env.loader else [])])
    return env


# --- beside the chapters: lives, downloads, search ----------------------------------------------------------


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the lives of the definitions and the downloads, as if they stood in ``docs/``."""
    for name, content in beside.generated(_read(config), config.site_url).items():
        inclusion = InclusionLevel.NOT_IN_NAV  # it may be there, as the overview of the lives is
        files.append(File.generated(config, name, content=content, inclusion=inclusion))
    return files


def on_post_build(config: MkDocsConfig) -> None:
    """Add the definitions to the search index, each with the place that introduces it."""
    path = Path(config.site_dir) / "search" / "search_index.json"
    if path.exists():
        index = json.loads(path.read_bytes())
        index["docs"] += beside.entries(_read(config), partial(_address, config))
        path.write_text(json.dumps(index, separators=(",", ":")), encoding="utf-8")


def _address(config: MkDocsConfig, name: str) -> str:
    """Where a Markdown page of the root of ``docs/`` is found, from the root of the site."""
    page, _, anchor = name.partition("#")
    page = page.removesuffix(".md") + ("/" if config.use_directory_urls else ".html")
    return f"{page}#{anchor}" if anchor else page


# --- pages that did not change since the last build of `mkdocs serve` ---------------------------------------

RENDERED = ("content", "toc", "_title_from_render", "present_anchor_ids", "links_to_anchors")

_serving = False
_kept: dict[str, tuple[int, dict[str, Any]]] = {}  # by page: what it was made from, and what came of it


def on_startup(command: str, dirty: bool) -> None:
    """Note whether pages will be built again and again."""
    global _serving
    _serving = command == "serve"


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str | None:
    """Spare a page that did not change its rendering; ``on_page_content`` then takes the last one."""
    key = _key(markdown, page, config, files) if _serving else None
    kept, _ = _kept.get(page.file.src_uri, (None, {}))
    page.meta["literate"] = key
    return "" if key is not None and key == kept else None


def _key(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> int | None:
    """All that the rendering of a page depends on; None if that cannot be told, or something is wrong."""
    book = _read(config)
    source = next((p for p in book.pages if p.path == f"{book.project.docs}/{page.file.src_uri}"), None)
    if source is None and page.file.generated_by is None:
        return None
    lines, findings = woven(book, source, str, beside=True) if source else ([markdown], ())
    if findings:  # reported by the rendering
        return None
    docstrings = _package_hash(_root(config)) if ":::" in markdown else ""
    return hash(("\n".join(lines), docstrings, tuple(file.src_uri for file in files)))


def _render_once(page: Page) -> str | None:
    """Keep what came of a page, or give it what is kept of it."""
    key, uri = page.meta.pop("literate", None), page.file.src_uri
    if key is None:
        return None
    if _kept.get(uri, (None, {}))[0] != key:
        _kept[uri] = key, {name: getattr(page, name) for name in RENDERED}
    for name, value in _kept[uri][1].items():
        setattr(page, name, value)
    return page.content


_framed: dict[str, tuple[int, str]] = {}  # by page: what it shows, the file that came of it
FRAMED = "literate-framed.html"  # an empty template, for a page whose file is kept


def _frame_once(page: Page, content: str, config: MkDocsConfig, files: Files) -> None:
    """Spare a page that looks as it did the theme's templates; ``on_post_page`` has its file."""
    if not _serving:
        return
    around = Path(config.config_file_path).read_bytes(), tuple(file.src_uri for file in files), page.title
    key = page.meta["literate"] = hash((content, around))
    if _framed.get(page.file.src_uri, (None, ""))[0] == key:
        page.meta["template"] = FRAMED


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str | None:
    """Keep the file of a page, or give it the one that is kept."""
    key, uri = page.meta.pop("literate", None), page.file.src_uri
    if key is None:
        return None
    if page.meta.get("template") != FRAMED:
        _framed[uri] = key, output
    return _framed[uri][1]


_searched: dict[str, tuple[int, list[dict[str, Any]]]] = {}  # by address: the page, its search entries


def _search_once(config: MkDocsConfig) -> None:
    """Let Material's search read a page that did not change but once: that takes longer than all else."""
    plugin = config.plugins.get("material/search", config.plugins.get("search"))
    index = getattr(plugin, "search_index", None)
    add = getattr(index, "add_entry_from_context", None)
    if index is None or add is None or not hasattr(index, "entries"):
        return

    def add_once(page: Page) -> None:
        key, start = hash((page.content, page.title)), len(index.entries)
        if _searched.get(page.url, (None, []))[0] != key:
            add(page)
            _searched[page.url] = key, [dict(entry) for entry in index.entries[start:]]
        else:
            index.entries += [dict(entry) for entry in _searched[page.url][1]]

    index.add_entry_from_context = add_once


# --- the HTML of a page -------------------------------------------------------------------------------------


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str | None:
    """The HTML of a page: kept from the last build; made again for a lab; in the reference, with lives."""
    if PurePosixPath(page.file.src_uri).suffix in (".py", ".ipynb"):
        html = _lab(html, page, config, files)
    content = _render_once(page) or html
    book = _read(config)
    if f'id="{book.project.package}.' in content:
        up = "../" * page.url.count("/")
        content = beside.with_lives(content, book, lambda life: up + _address(config, life))
    _frame_once(page, content, config, files)
    return content


def _lab(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Render a lab again, from the Markdown of its cells and what mkdocs-jupyter made them put out."""
    root = _root(config)
    path = Path(str(page.file.abs_src_path))
    source = path.read_text(encoding="utf-8")
    key = hash((source, html, tuple(file.src_uri for file in files)))
    page.meta["literate"] = key if _serving else None
    if _serving and _kept.get(page.file.src_uri, (None, {}))[0] == key:
        return ""
    lab = read_lab(load(root).project, path.relative_to(root).as_posix(), source, html)
    report(lab.findings)
    if lab.findings:
        page.meta["literate"] = None
    page.markdown = "\n".join(weave(load(root), lab.page, lab.pictures, lab.findings, str))
    Page.render(page, config, files)
    return page.content or ""


def _root(config: MkDocsConfig) -> Path:
    return Path(config.config_file_path).resolve().parent


def _package_hash(root: Path) -> str:
    """What tells one state of the package in ``src/`` from another."""
    digest, project = sha256(), read_project(root)
    for path in sorted((root / project.source).glob(f"{project.package}*")):
        for source in sorted([path] if path.is_file() else path.rglob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()


def _forget_labs_of_another_package(root: Path) -> None:
    """Drop the notebooks' cache when the package changed: its keys do not know the package."""
    package = _package_hash(root)
    stamp = root / ".cache" / "mkdocs-jupyter.package"
    if stamp.exists() and stamp.read_text() == package:
        return
    shutil.rmtree(root / ".cache" / "mkdocs-jupyter", ignore_errors=True)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(package)
