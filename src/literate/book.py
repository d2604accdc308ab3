"""The chapters in nav order, the package as of any fragment, and the life of every definition."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

import yaml

from literate.chapter import Block, Heading, Page, read_page
from literate.finding import BookError, Finding, did_you_mean
from literate.fold import Change, Module, Package, fold
from literate.names import unknown_names

CHAPTER = re.compile(r"step(\d+)-[\w-]+\.md")
NAV_TITLE = re.compile(r"(\d+) · (.+)")
EMPTY: Package = MappingProxyType({})


@dataclass(frozen=True)
class Chapter:
    """A chapter: its step, its title, and its page, whose path is ``docs/step08-….md``."""

    number: int
    title: str
    page: Page


@dataclass(frozen=True)
class Step:
    """An experiment, the package that it runs against, and its Output or Figure block."""

    block: Block
    package: Package
    answer: Block | None


@dataclass(frozen=True)
class Session:
    """The experiments that share one namespace: a chapter, a section of the answers, any other page."""

    page: Page
    name: str
    number: int | None  # the step of a chapter
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Book:
    """Everything that the Markdown says. ``findings`` holds what is wrong with its code and its nav, all at once."""

    root: Path
    chapters: tuple[Chapter, ...]
    pages: tuple[Page, ...]
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    packages: Mapping[tuple[str, int], Package] = field(repr=False)  # by path and line of every block

    @cached_property
    def final(self) -> Package:
        """The package that the whole book builds."""
        return self.package_after(self.chapters[-1].number) if self.chapters else EMPTY

    def chapter(self, number: int) -> Chapter:
        """The chapter of a step; KeyError if there is none."""
        for chapter in self.chapters:
            if chapter.number == number:
                return chapter
        raise KeyError(number)

    def package_at(self, block: Block) -> Package:
        """The package as of a block of a chapter, the block included."""
        return self.packages[block.path, block.line]

    def package_after(self, number: int) -> Package:
        """The package as of the end of the chapter of this step."""
        return self.packages[self.chapter(number).page.path, 0]

    @cached_property
    def sessions(self) -> tuple[Session, ...]:
        """Every page's experiments, in the order of the pages."""
        return tuple(session for page in self.pages for session in self.sessions_of(page))

    def sessions_of(self, page: Page) -> Iterator[Session]:
        """One session for a chapter; else one for each section whose heading links to a chapter, and one for the rest."""
        chapter = next((chapter for chapter in self.chapters if chapter.page is page), None)
        if chapter:
            steps = tuple(
                Step(block, self.package_at(block), page.answer_to(block)) for block in page.of("experiment")
            )
            yield Session(page, chapter.title, chapter.number, steps)
            return
        sections: dict[Heading | None, list[Block]] = {}
        for block in page.of("experiment"):
            sections.setdefault(self._section(page, block), []).append(block)
        for heading, blocks in sections.items():
            package = self._linked(page, heading) if heading else self.final
            steps = tuple(Step(block, package, page.answer_to(block)) for block in blocks)
            yield Session(page, heading.text if heading else page.title, None, steps)

    def _section(self, page: Page, block: Block) -> Heading | None:
        """The nearest heading above a block that links to a chapter."""
        above = [heading for heading in page.headings if heading.line < block.line and _links_to_chapter(heading)]
        return above[-1] if above else None

    def _linked(self, page: Page, heading: Heading) -> Package:
        target = _target(page, heading.link or "")
        return self.packages.get((target, 0), self.final)

    def changes_of(self, block: Block) -> tuple[Change, ...]:
        """What a fragment changed."""
        return self._by_block.get((block.path, block.line), ())

    @cached_property
    def _by_block(self) -> dict[tuple[str, int], tuple[Change, ...]]:
        found: dict[tuple[str, int], list[Change]] = {}
        for change in self.changes:
            found.setdefault((change.block.path, change.block.line), []).append(change)
        return {place: tuple(changes) for place, changes in found.items()}

    def fragment_number(self, block: Block) -> int:
        """Which fragment of its chapter a block is, counted from 1: its anchor on the page."""
        page = self.chapter(self.step_of(block)).page
        return 1 + page.of("fragment", "moves").index(block)

    def life(self, name: str) -> tuple[Change, ...]:
        """Every change of a definition, oldest first; ``name`` is qualified, such as ``Variable.backward``."""
        return self.lives.get(name, ())

    @cached_property
    def lives(self) -> dict[str, tuple[Change, ...]]:
        """The life of every name."""
        found: dict[str, list[Change]] = {}
        for change in self.changes:
            found.setdefault(change.name, []).append(change)
        return {name: tuple(changes) for name, changes in found.items()}

    @cached_property
    def unknown_names(self) -> tuple[Finding, ...]:
        """What is wrong with the prose: names in backticks that exist nowhere as of their page."""
        ends = {chapter.page.path: self.package_after(chapter.number) for chapter in self.chapters}
        pages = [(page, ends.get(page.path, self.final)) for page in self.pages]
        return tuple(sorted(set(unknown_names(pages))))

    def step_of(self, block: Block) -> int:
        """The number of the chapter that a block stands in."""
        return next(chapter.number for chapter in self.chapters if chapter.page.path == block.path)


def find_root(start: Path) -> Path:
    """The nearest folder at or above ``start`` that holds ``mkdocs.yml``; ``start`` itself if there is none."""
    start = start.resolve()
    return next((folder for folder in (start, *start.parents) if (folder / "mkdocs.yml").is_file()), start)


def load(root: Path) -> Book:
    """Read the book of a project. What is wrong with its content lands in ``findings``; nothing is raised for that.

    Raises:
        BookError: there is no readable ``mkdocs.yml``.
    """
    files, findings = _read_files(root)
    return _book(root, files, findings)


Files = tuple[tuple[str, str], ...]


def _read_files(root: Path) -> tuple[Files, tuple[Finding, ...]]:
    docs = root / "docs"
    paths = [root / "mkdocs.yml", root / "README.md", *sorted(docs.rglob("*.md"))]
    files, findings = [], []
    for path in paths:
        name = path.relative_to(root).as_posix()
        try:
            files.append((name, path.read_bytes().decode("utf-8-sig")))
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            findings.append(Finding(name, line, "this is not UTF-8; save the file as UTF-8"))
        except FileNotFoundError:
            if name == "mkdocs.yml":
                message = f"there is no such file in {root}; run the command in the root of the project"
                raise BookError([Finding(name, 1, message)]) from None
        except OSError as error:
            findings.append(Finding(name, 1, f"cannot be read ({error.strerror}); mend its permissions"))
    return tuple(files), tuple(findings)


@lru_cache(maxsize=2)
def _book(root: Path, files: Files, findings: tuple[Finding, ...]) -> Book:
    texts = dict(files)
    config = texts.pop("mkdocs.yml", "")
    pages = {path: _page(path, text) for path, text in texts.items()}
    unreadable = {finding.path for finding in findings}
    chapters, nav_findings = _chapters(config, pages, unreadable)
    folding = _Folding()
    for chapter in chapters:
        folding.chapter(chapter)
    found = [*findings, *nav_findings, *folding.findings]
    for page in pages.values():
        found += page.findings
    book = Book(root, chapters, tuple(pages.values()), tuple(folding.changes), (), folding.packages)
    found += _stray_fragments(book)
    return Book(root, chapters, book.pages, book.changes, tuple(sorted(set(found))), folding.packages)


_page = lru_cache(maxsize=512)(read_page)


def _stray_fragments(book: Book) -> Iterator[Finding]:
    chapters = {chapter.page.path for chapter in book.chapters}
    for page in book.pages:
        if page.path not in chapters and not CHAPTER.fullmatch(PurePosixPath(page.path).name):
            for block in page.of("fragment", "moves"):
                yield block.finding(
                    "only chapters (docs/stepNN-….md, in the nav) may hold fragments; take the title out, "
                    "or quote the block in a longer fence"
                )
        for heading in page.headings:
            if page.path not in chapters and _links_to_chapter(heading):
                if _target(page, heading.link or "") not in chapters:
                    message = f"{heading.link} is no chapter of the nav; mend the link of this heading"
                    yield Finding(page.path, heading.line, message)


def _links_to_chapter(heading: Heading) -> bool:
    return bool(heading.link and CHAPTER.search(heading.link))


def _target(page: Page, link: str) -> str:
    """The path of the page that a relative link of another page leads to."""
    parts: list[str] = []
    for part in (PurePosixPath(page.path).parent / link.split("#")[0]).parts:
        if part == ".." and parts:
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


# --- the nav ------------------------------------------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """YAML as MkDocs reads it: tags such as ``!!python/name:…`` and ``!ENV`` are no concern of ours."""


_Loader.add_multi_constructor("", lambda loader, suffix, node: None)


def _chapters(
    config: str, pages: Mapping[str, Page], unreadable: set[str]
) -> tuple[tuple[Chapter, ...], list[Finding]]:
    """The chapters in nav order, and what is wrong with the nav."""
    try:
        nav = (yaml.load(config, Loader=_Loader) or {}).get("nav") or []
    except (yaml.YAMLError, AttributeError) as error:
        problem = str(error).splitlines()[0]
        return (), [Finding("mkdocs.yml", 1, f"is no YAML mapping ({problem}); mend it")]
    chapters: list[Chapter] = []
    findings: list[Finding] = []

    def wrong(name: str, message: str) -> None:
        line = next((number for number, text in enumerate(config.split("\n"), 1) if name in text), 1)
        findings.append(Finding("mkdocs.yml", line, message))

    entries = [(title, name) for title, name in _entries(nav) if CHAPTER.fullmatch(name)]
    for title, name in entries:
        match = CHAPTER.fullmatch(name)
        assert match
        number, path = int(match[1]), f"docs/{name}"
        numbered = NAV_TITLE.fullmatch(title or "")
        if path not in pages:
            if path not in unreadable:
                near = did_you_mean(path, [p for p in pages if CHAPTER.search(p)])
                wrong(name, f"the nav names {name}, and there is no {path}{near or '; write it or take it out'}")
            continue
        page = pages[path]
        if not numbered or int(numbered[1]) != number:
            wrong(name, f'the nav calls {name} "{title}"; write "{number} · {page.title}"')
        elif numbered[2] != page.title:
            wrong(name, f'the nav calls {name} "{numbered[2]}", its heading says "{page.title}"; make them the same')
        if chapters and number <= chapters[-1].number:
            again = any(chapter.number == number for chapter in chapters)
            what = f"step {number} is in the nav twice" if again else f"step {number} comes after step {chapters[-1].number}"
            wrong(name, f"{what}; put the chapters in the order of their numbers, each once")
            if again:
                continue
        expected = chapters[-1].number + 1 if chapters else 1
        if number > expected:
            wrong(name, f"step {number} follows step {expected - 1}, so step {expected} is missing; add it to the nav")
        chapters.append(Chapter(number, page.title, page))
    named = {f"docs/{name}" for _, name in entries}
    for path in pages:
        if CHAPTER.fullmatch(PurePosixPath(path).name) and path not in named:
            findings.append(Finding(path, 1, "this chapter is not in the nav of mkdocs.yml; add it there"))
    numbers = Counter(chapter.number for chapter in chapters)
    return tuple(c for c in chapters if numbers[c.number] == 1), findings


def _entries(nav: Any, title: str | None = None) -> Iterator[tuple[str | None, str]]:
    """The pages of a nav with their titles, depth first."""
    match nav:
        case str():
            yield title, nav
        case list():
            for entry in nav:
                yield from _entries(entry)
        case dict():
            for name, entry in nav.items():
                yield from _entries(entry, str(name))


# --- folding ------------------------------------------------------------------------------------------------------


class _Folding:
    """Folds chapter after chapter and keeps the package as of every block."""

    def __init__(self) -> None:
        self.package: Package = EMPTY
        self.packages: dict[tuple[str, int], Package] = {}
        self.changes: list[Change] = []
        self.findings: list[Finding] = []
        self.unread: set[str] = set()  # modules with a fragment that is no Python: what follows from that is no news

    def chapter(self, chapter: Chapter) -> None:
        for block in chapter.page.blocks:
            if block.kind == "fragment":
                self.fragment(block)
            elif block.kind == "moves":
                self.moves(block)
            elif block.kind == "illustration":
                self.illustration(block)
            self.packages[block.path, block.line] = self.package
        self.packages[chapter.page.path, 0] = self.package

    def fragment(self, block: Block) -> None:
        path = str(block.title)
        folded = fold(self.package.get(path, Module()), block, path)
        unread = any("Python cannot read this" in finding.message for finding in folded.findings)
        if unread or path not in self.unread:
            self.findings += folded.findings
        if unread:
            self.unread.add(path)
        self.changes += folded.changes
        if folded.changes:
            self.package = MappingProxyType({**self.package, path: folded.module})

    def illustration(self, block: Block) -> None:
        try:
            compile(block.code, block.path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", 1) or 1
            self.findings.append(block.finding(f"an illustration must compile: {error}; mend the block", line))

    def moves(self, block: Block) -> None:
        package = dict(self.package)
        for number, line in enumerate(block.code.split("\n"), 1):
            try:
                words = shlex.split(line, comments=True)
            except ValueError as error:
                words = ["", str(error)]
            if words and (problem := _move(package, words)):
                self.findings.append(block.finding(problem, number))
        self.package = MappingProxyType(package)


def _move(package: dict[str, Module], words: list[str]) -> str | None:
    """Carry out one line of a ``src/`` block; what is wrong with it, if anything."""
    match words:
        case ["mv" | "cp" as command, source, target]:
            if target.endswith("/"):
                target += PurePosixPath(source).name
            old, new = f"src/{source}", f"src/{target}"
            if old not in package:
                return f"{old} is not in the package{did_you_mean(old, package) or '; check the path'}"
            if not re.fullmatch(r"src/dezero(/\w+)*\.py", new):
                return f"{new} is no module of src/dezero…; nothing is written elsewhere, so name one there"
            if new in package:
                return f"{new} is there already; `rm` it first"
            package[new] = package[old]
            if command == "mv":
                del package[old]
        case ["rm", *sources] if sources:
            for source in sources:
                if f"src/{source}" not in package:
                    return f"src/{source} is not in the package{did_you_mean(f'src/{source}', package) or '; check the path'}"
                del package[f"src/{source}"]
        case _:
            return f"`{' '.join(words)}` is no move; write `mv A B`, `cp A B` or `rm A`, with paths below src/"
    return None
