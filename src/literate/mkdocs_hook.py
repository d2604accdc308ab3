"""The MkDocs hook: it serves what ``literate weave`` would write, page by page."""

from __future__ import annotations

import gc
import json
import logging
import os
import re
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from html import escape, unescape
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from jinja2 import Environment, FileSystemBytecodeCache
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from watchdog.observers.polling import PollingObserver

from literate.fold.book import Book, load
from literate.read.finding import BookError, Finding
from literate.run.jobs import Later
from literate.show import beside, head, highlighted
from literate.show.card import card
from literate.show.entries import ASIDE, entries
from literate.show.folder import Folder, code_state, folder, page_of
from literate.show.lab import package_state
from literate.show.live import SCRIPT, STYLE
from literate.show.plain import llms_txt, plain_pages
from literate.show.rendered import HERE
from literate.show.stamp import date, stamp

LOG = logging.getLogger("mkdocs.literate")
CONTENT = re.compile(r"<article[^>]*>|<body[^>]*>(?!.*<article)", re.DOTALL)
CODE = re.compile(r"<pre\b.*?</pre>", re.DOTALL)
TOKEN = re.compile(r"</?span\b[^>]*>")
SEARCH = 'data-md-component="search" role="dialog"'  # as the theme writes it
NOT_FOUND = "<h1>404 - Not found</h1>"
WAY_OUT = '<p>No page has this address. Search for it, or <a href="{home}">begin at the start</a>.</p>'
POLLING = 0.15  # seconds between two looks at the files
SETTLED = 0.05  # seconds without a change before a build begins
FILE_NAME = re.compile(r"[\w-]+(?:\.\w+)*\.[A-Za-z]\w*", re.ASCII)  # as links have it
INCLUDES = re.compile(r"^:::|-8<-", re.MULTILINE)  # what a page shows of files that are no pages
CARDS = "assets/cards"  # the pictures that stand beside links to the pages
HIGHLIGHT = "pymdownx.highlight"
OF_THE_SITE = f"{CARDS}/site.png"
EDITING = "edit/main/"  # where a repository has its forms, below its address
REPORTING = "issues/new?title="
NOWHERE = "/.nowhere"  # below the folder of the site: what MkDocs clears in place of it

AGAIN = (
    '<p class="literate-again" role="status">'
    "The experiments of this page are being run; until then it is as it was, or without its pictures.</p>"
)

_serving = False
_later: Later | None = None  # runs what need not be waited for
_ran: Path | None = None  # the file that says to the server that something has run
_book: Book | None = None  # as of the start of the build
_folder = Folder({}, {}, ())
_theme: tuple[list[str], dict[str, str]] = [], {}  # its folders; its files, of each the folder
_site: set[str] = set()  # the files of the site as it is served
_coloured: list[str] = []  # the code of a page while the search reads it


def on_startup(command: str, dirty: bool) -> None:
    """Note whether pages will be built again and again."""
    global _serving, _later, _ran
    _serving = command == "serve"
    _later, _ran = Later(_say_so) if _serving else None, None
    _shown.clear()
    _site.clear()


def on_config(config: MkDocsConfig) -> None:
    """Say where a page is edited, if it is known where the book lies; let code be highlighted once."""
    if repository := config.extra.get("repository"):
        config.edit_uri = f"{repository.rstrip('/')}/{EDITING}{_docs(config)}/"
    if HIGHLIGHT in config.markdown_extensions:
        highlighted.read_kept(_root(config))
        config.markdown_extensions[config.markdown_extensions.index(HIGHLIGHT)] = highlighted.EXTENSION
        config.mdx_configs[highlighted.EXTENSION] = config.mdx_configs.pop(HIGHLIGHT, {})


def on_pre_build(config: MkDocsConfig) -> None:
    """Weave everything, and say what is wrong; each page says its own, too."""
    global _book, _folder
    _book, _folder = None, Folder({}, {}, ())
    if _site:
        config.site_dir += NOWHERE
    if _site and config.theme.dirs == _theme[0] and not config.theme.custom_dir:
        config.theme.dirs = []  # else MkDocs lists them, thousands of icons among them
    try:
        _book = load(_root(config))
    except BookError as error:
        _warn(error.findings)
        return
    url = config.site_url or ""
    _folder = folder(_book, None if urlsplit(url).hostname in HERE else url or None, _later)
    _warn({*_book.findings, *_folder.findings})
    if _folder.failed and not _serving:
        raise PluginError(f"a lab did not run to its end: {', '.join(_folder.failed)}")
    config.nav = _with_pages_of_labs(config.nav)
    if SCRIPT in _folder.files:  # else no page says a word of it
        config.extra_css.append(STYLE)
        config.extra_javascript.append(SCRIPT)
    config.copyright = _with_stamp(config.copyright or "", stamp(_book))


def _with_stamp(said: str, stamp: str) -> str:
    return said if f'"stamp">{stamp}<' in said else f'{said} <span class="stamp">{stamp}</span>'


def _warn(findings: Iterable[Finding]) -> None:
    """Say what is wrong in the terminal; ``mkdocs build --strict`` fails on it."""
    for finding in sorted(findings):
        LOG.warning("%s", finding)


def _with_pages_of_labs(nav: Any) -> Any:
    match nav:
        case list():
            return [_with_pages_of_labs(item) for item in nav]
        case dict():
            return {title: _with_pages_of_labs(item) for title, item in nav.items()}
    return page_of(nav) if nav in _folder.labs else nav


@event_priority(50)  # before mkdocs-jupyter, whose converter has run the labs already
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what no one wrote, and the pages of the labs in place of the labs."""
    config.site_dir = config.site_dir.removesuffix(NOWHERE)
    for file in files:
        file.dest_dir = config.site_dir
    _add_theme(files, config)
    in_circles = [file for file in files if _folder_that_leads_back(config, file.src_uri)]
    for file in [*in_circles, *(files.src_uris[path] for path in _folder.labs)]:
        files.remove(file)
    links = {str(_folder_that_leads_back(config, file.src_uri)) for file in in_circles}
    _warn(Finding(path, 1, "is a link that leads back to the pages; take it away") for path in links)
    made: dict[str, str | bytes] = {name: page.text for name, page in _folder.pages.items()}
    made |= _folder.files
    for name, content in made.items():
        if name not in files.src_uris:
            files.append(File.generated(config, name, content=content, inclusion=InclusionLevel.NOT_IN_NAV))
    for lab in _folder.labs:
        files.src_uris[page_of(lab)].edit_uri = lab
    return files


def _add_theme(files: Files, config: MkDocsConfig) -> None:
    """Note the files of the theme, those too that a page's own hides; add them, if MkDocs has found none."""
    global _theme
    if dirs := config.theme.dirs:
        pairs = [(name, place) for place in reversed(dirs) for name in files.src_uris]
        _theme = dirs, {name: place for name, place in pairs if os.path.isfile(f"{place}/{name}")}
        return
    config.theme.dirs, theirs = _theme
    for name, place in theirs.items():
        if name not in files.src_uris:
            files.append(File(name, place, config.site_dir, config.use_directory_urls))


def _folder_that_leads_back(config: MkDocsConfig, name: str) -> str | None:
    """The folder on the way to a file that is a link to a folder of ``docs/`` itself."""
    top = os.path.realpath(config.docs_dir)
    for parent in reversed(PurePosixPath(name).parents[:-1]):
        real = os.path.realpath(os.path.join(top, parent))
        if real != os.path.join(top, parent) and f"{real}{os.sep}".startswith(f"{top}{os.sep}"):
            return f"{os.path.basename(top)}/{parent}"
    return None


def on_page_read_source(page: Page, config: MkDocsConfig) -> str | None:
    """The woven text of a page."""
    woven = _folder.pages.get(page.file.src_uri)
    return woven.text if woven else None


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """In the reference, each heading leads to the life of what it stands for; a page ends with its forms."""
    if _book and f'id="{_book.project.package}.' in html:
        up = "../" * page.url.count("/")
        html = beside.with_lives(html, _book, lambda life: up + _address(config, life))
    return html + _forms(page, config)


def _forms(page: Page, config: MkDocsConfig) -> str:
    """Links to where a page is edited and a mistake in it reported."""
    if not config.extra.get("repository") or not page.edit_url:
        return ""
    report = f"{config.extra['repository'].rstrip('/')}/{REPORTING}{quote(str(page.title))}"
    links = {"Edit this page": page.edit_url, "Report a mistake": report}
    said = " · ".join(f'<a href="{escape(to)}">{name}</a>' for name, to in links.items())
    return f'\n<p class="forms" data-search-exclude="">{said}</p>'


@event_priority(50)  # before the search reads the page
def _without_colours(context: Any, page: Page, config: MkDocsConfig, nav: Navigation) -> None:
    """Let the search read code without its colours, which are most of a page's tags."""
    _coloured[:] = CODE.findall(page.content or "")
    page.content = CODE.sub(lambda code: TOKEN.sub("", code[0]), page.content or "")


def _complete(context: Any, page: Page, config: MkDocsConfig, nav: Navigation) -> None:
    """What a page does not say of itself: its first sentences describe it, and a picture of its title."""
    coloured = iter(_coloured)
    page.content = CODE.sub(lambda code: next(coloured, code[0]), page.content or "")
    in_nav = page in nav.pages
    said = head.description(page.content or "")
    page.meta.setdefault("description", escape(said if in_nav else f"{page.title}: {said}"))
    page.meta.setdefault("image", _card(page) if in_nav else OF_THE_SITE)


on_page_context = CombinedEvent(_without_colours, _complete)


@event_priority(50)  # before others add to it
def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """Keep the compiled templates of the theme between builds, and the files that are as they were."""
    env = config.theme.get_env()  # that which is given may know no folders
    templates = _root(config) / ".cache" / "templates"
    templates.mkdir(parents=True, exist_ok=True)
    env.bytecode_cache = FileSystemBytecodeCache(str(templates))
    _set_aside(False)
    if _serving:
        _keep(files)
    _set_aside(True)
    return env


def on_post_build(config: MkDocsConfig) -> None:
    """Complete the index, mark pages that wait, write plain Markdown, and run what was put off."""
    _mark_waiting()
    if _later and _book and _ran:
        _later.go(_book.project)
    if _book and not _serving:
        _write_plain(_book, config)
    path = Path(config.site_dir) / "search" / "search_index.json"
    if path.exists():
        index = json.loads(path.read_bytes())
        index["docs"] = _all_entries(index["docs"])
        if _book:
            chapters = [_address(config, PurePosixPath(c.page.path).name) for c in _book.chapters]
            for entry in index["docs"]:
                if entry["location"].partition("#")[0] not in chapters:
                    entry.setdefault("boost", ASIDE)
            index["docs"] += entries(_book, partial(_address, config))
        path.write_text(json.dumps(index, separators=(",", ":")), encoding="utf-8")


# --- files that are as they were in the last build of `mkdocs serve` ----------------------------------------


def _keep(files: Files) -> None:
    """Take away what is no longer of the site, and let MkDocs pass over the files that lie there already."""
    global _site
    there = {file.abs_dest_path: file for file in files if file.inclusion != InclusionLevel.EXCLUDED}
    for gone in map(Path, _site - there.keys()):
        gone.unlink(missing_ok=True)
        with suppress(OSError):  # it is not empty
            os.removedirs(gone.parent)
    _site = {*there}
    for path, file in there.items():
        is_copied = os.path.isfile(path) and not file.is_documentation_page()
        if is_copied and file.content_bytes == Path(path).read_bytes():
            file.inclusion = InclusionLevel.EXCLUDED


# --- pages that look as they did in the last build of `mkdocs serve` ----------------------------------------


@dataclass
class Kept:
    """What came of a page: its entries in the search index, and what other pages show of it."""

    key: int  # what it was made of
    text: str
    page: Page
    made: bool = False
    marked: bool = False  # as one that waits
    entries: Sequence[dict[str, Any]] = ()


_shown: dict[str, Kept] = {}  # by the name of the page
_spared: dict[File, InclusionLevel] = {}  # the pages that MkDocs need not make again


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> None:
    """Add the pictures of the pages, date them, and find those that will look as they did."""
    drawn = {_card(page): _drawn(page, config) for page in nav.pages}
    for name, picture in {**drawn, OF_THE_SITE: card("", "", config.site_name)}.items():
        files.append(File.generated(config, name, content=picture, inclusion=InclusionLevel.NOT_IN_NAV))
    day = date(_root(config))
    for file in files.documentation_pages():
        if file.page:
            file.page.update_date = day or file.page.update_date
    _find_spared(nav, config, files)


def _find_spared(nav: Navigation, config: MkDocsConfig, files: Files) -> None:
    before, known = dict(_shown), _folder.pages
    _shown.clear()
    _spared.clear()
    if not _serving or not _book or config.theme.custom_dir:
        return
    state = package_state(_book.project), code_state(_book)
    titles = [page.title or _title(page.file.src_uri) for page in nav.pages]
    named: dict[str, list[str]] = {}  # the files, by what a link to them ends in, if that can be told
    for path in files.src_uris:
        name = PurePosixPath(path).name
        named.setdefault(name if FILE_NAME.fullmatch(name) else "", []).append(path)
    config_file = Path(config.config_file_path).read_bytes()
    frame = config_file, config.copyright, *named.get("", ()), tuple(titles)
    for file in files.documentation_pages():
        if file.page and file.src_uri in known:
            text = known[file.src_uri].text
            led_to = tuple(path for name in _led_to(text) for path in named.get(name, ()))
            key = hash((frame, text, led_to, state if _includes(text) else None))
            last = before.get(file.src_uri)
            waits_as_before = known[file.src_uri].waits and last and last.text == text
            if last and last.made and (last.key == key or waits_as_before):
                _spare(file, file.page, last)
            _shown[file.src_uri] = last if file in _spared and last else Kept(key, text, file.page)
    _set_aside(True)


@lru_cache(maxsize=1024)  # pages stay as they are from one build to the next
def _led_to(text: str) -> list[str]:
    """The names of files that a page leads to, and perhaps more."""
    return sorted({*FILE_NAME.findall(text)})


@lru_cache(maxsize=1024)
def _includes(text: str) -> bool:
    """Whether a page shows what is in files that are no pages."""
    return INCLUDES.search(text) is not None


def _title(name: str) -> str:
    """The heading of a page that the nav gives no title."""
    page = _folder.pages.get(name)
    heading = re.search(r"^# (.*)", page.text, re.MULTILINE) if page else None
    return heading[1] if heading else ""


def _spare(file: File, page: Page, last: Kept) -> None:
    _spared[file] = file.inclusion
    page.title, page.meta = last.page.title, last.page.meta
    page.present_anchor_ids = last.page.present_anchor_ids
    last.page = page


def _set_aside(aside: bool) -> None:
    """Let MkDocs pass over the pages that are spared; links to them lead somewhere all the same."""
    for file, level in _spared.items():
        file.inclusion = InclusionLevel.EXCLUDED if aside else level


def on_pre_page(page: Page, config: MkDocsConfig, files: Files) -> None:
    """The pages to be made have been chosen: from here on the others are there again."""
    _set_aside(False)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Complete the head of a page."""
    output = _with_named_search(output.replace("</head>", f"{_head(page, config)}</head>", 1))
    if shown := _shown.get(page.file.src_uri):
        shown.made, shown.marked = True, _folder.pages[page.file.src_uri].waits
        return _with_mark(output) if shown.marked else output
    return output


def _with_mark(output: str) -> str:
    """A page that says that it waits."""
    return CONTENT.sub(rf"\g<0>{AGAIN}", output, count=1)


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    """The page for an address that leads nowhere says what to do."""
    home = urlsplit(config.site_url or "/").path
    return _with_named_search(output.replace(NOT_FOUND, f"{NOT_FOUND}\n{WAY_OUT.format(home=home)}"))


def _with_named_search(output: str) -> str:
    """A page whose search dialog has a name for who hears the page."""
    return output.replace(SEARCH, f'{SEARCH} aria-label="Search"')


def _mark_waiting() -> None:
    """Say on each page that now waits that it does; take that away where its experiments have run."""
    for name, kept in _shown.items():
        path = Path(kept.page.file.abs_dest_path)
        if kept.marked != _folder.pages[name].waits:
            kept.marked, text = not kept.marked, path.read_text(encoding="utf-8")
            text = _with_mark(text) if kept.marked else text.replace(AGAIN, "")
            path.write_text(text, encoding="utf-8")


def _all_entries(made: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries of the search index that were made in this build, and those that are kept."""
    new: dict[str, list[dict[str, Any]]] = {}
    for entry in made:
        new.setdefault(entry["location"].partition("#")[0], []).append(entry)
    for shown in _shown.values():
        if shown.page.file not in _spared:
            shown.entries = new.pop(shown.page.url, [])
    kept = [entry for shown in _shown.values() for entry in shown.entries]
    return kept + [entry for entries in new.values() for entry in entries]


def on_serve(server: LiveReloadServer, config: MkDocsConfig, builder: Any) -> None:
    """Look for edits more often than MkDocs does by itself, and run what was put off."""
    global _ran
    _ran = Path(config.site_dir) / ".ran"  # hidden files stay from build to build
    _say_so()
    watched = [config.docs_dir, config.config_file_path]
    for path in watched:
        server.unwatch(path)
    server.observer = PollingObserver(timeout=POLLING)
    server.build_delay = SETTLED
    for path in (*watched, str(_ran)):
        server.watch(path)
    if _later and _book:
        _later.go(_book.project)
    gc.collect()
    gc.freeze()  # to look for garbage among all that was read takes as long as an edit, at every third


def _say_so() -> None:
    if _ran:
        _ran.write_text(str(time.time_ns()))


def on_shutdown() -> None:
    """Stop what still runs, and keep what was highlighted."""
    if _later:
        _later.stop()
    if _book:
        highlighted.write_kept(_book.project.root)


# --- what is said of a page elsewhere -----------------------------------------------------------------------


def _head(page: Page, config: MkDocsConfig) -> str:
    """What places that show a link to a page need to know."""
    title = _heading(page, config)
    said = {
        "og:type": "website" if page.is_homepage else "article",
        "og:site_name": config.site_name,
        "og:title": title,
        "og:description": unescape(page.meta.get("description", "")),
        "og:url": page.canonical_url or "",
        "og:image": urljoin(config.site_url or "", page.meta.get("image", OF_THE_SITE)),
        "og:image:alt": title,
        "twitter:card": "summary_large_image",
    }
    plain = "../" * page.url.count("/") + page.file.src_uri
    return head.tags(said, plain if _is_written(page, config) else "")


def _is_written(page: Page, config: MkDocsConfig) -> bool:
    """Whether an author wrote a page: a built site has it as plain Markdown, too."""
    path = f"{_docs(config)}/{page.file.src_uri}"
    return any(written.path == path for written in _book.pages) if _book and not _serving else False


def _card(page: Page) -> str:
    """The name of the picture of a page; pages that are not in the nav share one."""
    name = PurePosixPath(page.file.src_uri).with_suffix("").as_posix()
    return f"{CARDS}/{name.replace('/', '-')}.png"


def _drawn(page: Page, config: MkDocsConfig) -> bytes:
    title, path = _heading(page, config), f"{_docs(config)}/{page.file.src_uri}"
    for chapter in _book.chapters if _book else ():
        if chapter.page.path == path:
            above = f"{chapter.kicker} · {chapter.part}" if chapter.part != chapter.kicker else chapter.part
            return card(config.site_name, above, chapter.title)
    return card(config.site_name if title != config.site_name else "", "", title)


def _heading(page: Page, config: MkDocsConfig) -> str:
    return config.site_name if page.is_homepage else str(page.title or _title(page.file.src_uri))


# --- small parts --------------------------------------------------------------------------------------------


def _write_plain(book: Book, config: MkDocsConfig) -> None:
    """The pages as Markdown, and their list; it names a page of another kind by its address."""
    pages, site = plain_pages(book), (config.site_url or "").rstrip("/")
    here = f"{site}/" if site and urlsplit(site).hostname not in HERE else ""
    about = " ".join((config.site_description or "").split())

    def where(name: str) -> str:
        return here + (name if name in pages else _address(config, name))

    files = pages | {"llms.txt": llms_txt(config.site_name, about, config.nav, where)}
    for name, text in files.items():
        path = Path(config.site_dir) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def _address(config: MkDocsConfig, name: str) -> str:
    """Where a Markdown page of the root of ``docs/`` is found, from the root of the site."""
    page, _, anchor = name.partition("#")
    page = page.removesuffix(".md") + ("/" if config.use_directory_urls else ".html")
    return f"{page}#{anchor}" if anchor else page


def _docs(config: MkDocsConfig) -> str:
    return Path(config.docs_dir).relative_to(_root(config)).as_posix()


def _root(config: MkDocsConfig) -> Path:
    return Path(config.config_file_path).resolve().parent
