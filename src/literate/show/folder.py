"""The whole site as plain Markdown and files, which any renderer of Python-Markdown turns into pages.

What has not changed since the last time is not made again: a server asks for all of it after each edit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import yaml

from literate.fold.book import Book
from literate.read.addresses import settings
from literate.read.finding import BookError, Finding
from literate.read.page import FRONT_MATTER, Page
from literate.run.experiment import Result
from literate.run.jobs import Job, Later, made
from literate.run.sessions import session_job
from literate.show import answers, glossary, life_pages
from literate.show import lab as labs
from literate.show.downloads import downloads, offer_editions
from literate.show.figure import figure
from literate.show.gathering import is_gathered
from literate.show.live import SCRIPT, STYLE, live_files
from literate.show.proof import proofread
from literate.show.weave import errors, weave

P = ParamSpec("P")
T = TypeVar("T")
OF_THE_HOOK = ("hooks", "watch")  # what mkdocs.yml says of the weaving, and a woven folder needs no more
RUNS_LABS = "mkdocs-jupyter"
TEXT, LIST, MAPPING = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))
NEEDED = """# to show what the weaving writes, and what the tool reads
markdown_extensions:
  [admonition, attr_list, def_list, md_in_html, tables, toc, pymdownx.details, pymdownx.highlight,
  pymdownx.superfences, pymdownx.tabbed: {alternate_style: true}, pymdownx.blocks.details,
  pymdownx.blocks.html, literate.show.formulas]
"""
LIVES = "/life-*.md"  # pages that no nav names


@dataclass(frozen=True)
class Woven:
    """A page as Markdown, with its front matter, and what is wrong with it."""

    text: str
    findings: tuple[Finding, ...] = ()
    waits: bool = False  # whether it is as it was, while its experiments run again


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


def folder(book: Book, site: str | None = None, later: Later | None = None) -> Folder:
    """The folder of the pages; ``site`` is its address, if it is known.

    What is put off for ``later`` are labs and experiments of pages that say the same as the last time; when
    a project is woven for the first time, all of them.
    """
    project = book.project
    written = [page for page in book.pages if page.path.startswith(f"{project.docs}/")]
    keys = {page.path: _page_key(book, page) for page in written}
    changed = [page for page in written if _last(book, page.path)[0] != keys[page.path]]
    jobs = {page.path: [session_job(one, project) for one in book.sessions_of(page)] for page in changed}
    options = lab_options(book)
    sources = labs.sources(project, options)
    jobs |= {path: [labs.lab_job(project, path, source, options)] for path, source in sources.items()}
    texts = sources | {page.path: page.text for page in written}
    done = made(chain(*jobs.values()), project, later, _patient(book, texts, jobs))
    pages: dict[str, Woven] = {}
    for page in written:
        pages |= _woven_page(book, page, keys[page.path], jobs.get(page.path), done)
    pages |= _unreadable(book, written) | _lives(book)
    outputs = {path: done.get(jobs[path][0].key) for path in sources}
    pages |= {page_of(_name(book, path)): _lab(book, path, sources[path], outputs[path]) for path in sources}
    failed = [path for path, put in outputs.items() if put and put.failure]
    of_labs = (tuple(_name(book, path) for path in paths) for paths in (sources, failed))
    return Folder(_leading_on(book, sources, pages), _files(book, sources, site), *of_labs)


def _files(book: Book, sources: Mapping[str, str], site: str | None) -> dict[str, bytes]:
    """The files beside the pages: what readers take home, and what runs in their browsers."""
    files: dict[str, bytes] = {}
    for chapter in book.chapters:
        key = (code_state(book), chapter.page.text, site)
        files |= _once(book, f"downloads/{chapter.slug}", key, downloads, book, chapter, site)
    for path, source in sources.items():
        name = Path(_name(book, path))
        files[f"{name.with_suffix('')}/{name.name}"] = source.encode()
    return files | live_files(book)


def weave_out(book: Book) -> dict[str, bytes]:
    """Every file of a folder that any renderer of Python-Markdown shows.

    Raises:
        BookError: something is wrong with the pages.
    """
    project, woven = book.project, folder(book)
    if woven.findings:
        raise BookError(woven.findings)
    top = project.root / project.docs
    others = {path.relative_to(top).as_posix(): path for path in sorted(top.rglob("[!.]*")) if path.is_file()}
    content = {name: path.read_bytes() for name, path in others.items() if name not in woven.labs}
    content |= woven.files | {name: page.text.encode() for name, page in woven.pages.items()}
    files = {f"{project.docs}/{name}": data for name, data in content.items()}
    package = book.final.items()  # for the reference
    files |= {path: module.text.encode() for path, module in package if project.is_source(path)}
    return files | {"mkdocs.yml": _without_the_hook(book, woven.labs).encode()}


# --- pages --------------------------------------------------------------------------------------------------


def _page_key(book: Book, page: Page) -> tuple[object, ...]:
    """What a page is made of, but for its results: its text first, and at last what is wrong with it."""
    state = code_state(book), is_gathered(book.project), _others(book, page)
    return page.text, *state, tuple(proofread(book, page))


def _patient(book: Book, texts: Mapping[str, str], jobs: Mapping[str, Sequence[Job]]) -> set[str]:
    """The keys of the jobs that may wait."""
    first = not any(root == book.project.root for root, _ in _kept)
    as_before = [path for path in jobs if first or _last(book, path)[0][:1] == (texts[path],)]
    return {job.key for path in as_before for job in jobs[path]}


def _woven_page(
    book: Book, page: Page, key: tuple[Any, ...], jobs: Sequence[Job] | None, done: Mapping[str, Any]
) -> dict[str, Woven]:
    """What becomes of a page, by name: as it was, if its ``jobs`` are None or not ``done``."""
    before, woven = _last(book, page.path)
    if jobs is None:
        return dict(woven)
    waits = not all(job.key in done for job in jobs)
    if not waits or before[:1] != key[:1]:
        results = [result for job in jobs for result in done.get(job.key, ())]
        found = {*key[-1], *(finding for result in results for finding in result.findings)}
        woven = _woven(book, page, found, _figures_of(book, page, results, waits))
        # Findings name lines of other pages, so such a page is woven again each time.
        unsettled = waits or any(part.findings for part in woven.values())
        _kept[book.project.root, page.path] = key[:1] if unsettled else key, woven
    return {name: replace(part, waits=True) for name, part in woven.items()} if waits else woven


def _figures_of(book: Book, page: Page, results: Iterable[Result], waits: bool) -> dict[int, str]:
    """The figures of a page by their lines; where it waits, those of the last time."""
    blocks, name = page.of("figure"), f"pictures of {page.path}"
    made = {result.step.answer: result.picture for result in results}
    drawn, last = [made.get(block) for block in blocks], _last(book, name)[1] or ()
    if waits and len(last) == len(drawn):
        drawn = [new or old for new, old in zip(drawn, last, strict=True)]
    _kept[book.project.root, name] = (), drawn
    pairs = zip(blocks, drawn, strict=True)
    return {block.line: figure(picture, block) for block, picture in pairs if picture}


def _woven(book: Book, page: Page, found: set[Finding], pictures: dict[int, str]) -> dict[str, Woven]:
    """What becomes of a page, by name; of a page with answers, one for each chapter besides."""
    sections = [section for section in answers.all_answers(book) if section.page is page]
    if not sections:
        return {_name(book, page.path): _as_markdown(book, page, pictures, tuple(sorted(found)))}
    part = partial(weave, book, pictures=pictures, findings=())
    made = {page.path: (answers.list_of_answers(page, sections, part), found)}
    for section in sections:
        inside = {finding for finding in found if finding.line in section.lines}
        made[section.path] = answers.answers_page(section, part), inside
    return {
        _name(book, path): _with_front_matter(page, [*errors(sorted(wrong)), *lines], tuple(sorted(wrong)))
        for path, (lines, wrong) in made.items()
    }


def _name(book: Book, path: str) -> str:
    return path.removeprefix(f"{book.project.docs}/")


def _as_markdown(book: Book, page: Page, pictures: dict[int, str], findings: tuple[Finding, ...]) -> Woven:
    return _with_front_matter(page, weave(book, page, pictures, findings), findings)


def _with_front_matter(page: Page, lines: Sequence[str], findings: tuple[Finding, ...]) -> Woven:
    front = FRONT_MATTER.match(page.text)
    return Woven((front[0] if front else "") + "\n".join(lines), findings)


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
    for entry in settings(config).get("plugins") or ():
        if isinstance(entry, dict) and RUNS_LABS in entry:
            options: dict[str, Any] | None = entry[RUNS_LABS]
            return options
    return None


def page_of(path: str) -> str:
    """The page that becomes of a lab."""
    return Path(path).with_suffix(".md").as_posix()


def _lab(book: Book, path: str, source: str, outputs: labs.Outputs | None) -> Woven:
    """The page of a lab; as it was, if it is still to run."""
    before, woven = _last(book, path)
    if outputs is None and before[:1] == (source,):
        return Woven(woven.text, woven.findings, waits=True)
    waits, outputs = outputs is None, outputs or labs.Outputs()
    lab = _once(book, f"{path} read", (source, outputs), labs.read_lab, book.project, path, source, outputs)
    findings = tuple(sorted({*lab.findings, *labs.at_home(proofread(book, lab.page), lab.page, source)}))
    key = (source, code_state(book), outputs, findings, waits)
    made = _once(book, path, key, _as_markdown, book, lab.page, lab.pictures, () if waits else findings)
    return replace(made, waits=waits)


def _leading_on(book: Book, sources: Iterable[str], pages: dict[str, Woven]) -> dict[str, Woven]:
    """Pages whose links to labs lead to the pages of these; the first offers the editions, too."""
    if start := pages.get("index.md"):
        pages["index.md"] = replace(start, text=offer_editions(book.project, start.text))
    names = "|".join(re.escape(Path(path).name) for path in sources)
    if not names:
        return pages
    link = re.compile(rf"(\]\([^)\s]*\b)({names})(?=[)#\s])")
    return {
        name: replace(page, text=link.sub(lambda found: found[1] + page_of(found[2]), page.text))
        for name, page in pages.items()
    }


def _without_the_hook(book: Book, sources: Iterable[str]) -> str:
    """The text of a ``mkdocs.yml`` for what is woven already; it says all that the pages need."""
    project = book.project
    config = (project.root / project.nav).read_text(encoding="utf-8")
    for path in sources:
        config = config.replace(path, page_of(path))
    said, needed = _config_entries(config), _config_entries(NEEDED)
    entries = {"site_name": yaml.ScalarNode(TEXT, _site_name(book)), **needed, **said}
    entries["docs_dir"] = yaml.ScalarNode(TEXT, project.docs)
    made = {f"/{_name(book, section.page.path)[:-3]}-*.md": None for section in answers.all_answers(book)}
    hidden = [said["not_in_nav"].value] if "not_in_nav" in said else []
    entries["not_in_nav"] = yaml.ScalarNode(TEXT, "\n".join([*hidden, LIVES, *made]))
    if "plugins" in said:
        said["plugins"].value = [
            entry for entry in said["plugins"].value if RUNS_LABS not in _plugin_names(entry)
        ]
    for name, path in (("extra_css", STYLE), ("extra_javascript", SCRIPT)) if is_gathered(project) else ():
        known_paths = entries.setdefault(name, yaml.SequenceNode(LIST, []))
        known_paths.value = [*known_paths.value, yaml.ScalarNode(TEXT, path)]
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


def _last(book: Book, name: str) -> tuple[Any, Any]:
    """What was made under a name the last time, after its key."""
    return _kept.get((book.project.root, name), ((), None))


@lru_cache(maxsize=2)
def code_state(book: Book) -> int:
    """What pages show of one another: fragments and titles; prose and experiments are of one page alone."""
    fragments = [block for page in book.pages for block in page.of("fragment", "moves")]
    code = [(block.path, block.kind, block.title, block.code) for block in fragments]
    chapters = [(chapter.key, chapter.title, chapter.part, chapter.page.path) for chapter in book.chapters]
    return hash((book.project, tuple(code), tuple(chapters)))
