"""The chapters in nav order, the package as of any fragment, and the life of every definition."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TypeVar

from literate.fold.folding import Change, Package
from literate.fold.history import EMPTY, Everything, History, Place
from literate.read.chapters import Chapter as Chapter
from literate.read.chapters import Nav, read_nav
from literate.read.files import Files, read_files
from literate.read.finding import Finding
from literate.read.page import Block, Heading, Page, read_page
from literate.read.project import Project, read_project

Key = TypeVar("Key")


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
    key: str | None  # of a chapter
    steps: tuple[Step, ...]
    waiting: tuple[Block, ...] = ()  # experiments that do not run: the package that they need is in doubt

    def against(self, package: Package) -> Session:
        """The session with all its experiments against one package."""
        return replace(self, steps=tuple(replace(step, package=package) for step in self.steps))


@dataclass(frozen=True, eq=False)
class Book:
    """Everything that the Markdown says; ``findings`` is what is wrong with its code and nav, all at once."""

    project: Project
    chapters: tuple[Chapter, ...]
    pages: tuple[Page, ...]
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    packages: Mapping[Place, Package] = field(repr=False)
    doubted: frozenset[Place] = frozenset()  # where a mistake may have taken something from the package

    @cached_property
    def final(self) -> Package:
        """The package that the whole book builds."""
        return self.package_after(self.chapters[-1]) if self.chapters else EMPTY

    @cached_property
    def by_path(self) -> dict[str, Chapter]:
        """The chapters by the paths of their pages."""
        return {chapter.page.path: chapter for chapter in self.chapters}

    def chapter(self, key: str) -> Chapter:
        """The chapter with this key; KeyError if there is none."""
        return {chapter.key: chapter for chapter in self.chapters}[key]

    def package_at(self, block: Block) -> Package:
        """The package as of a block of a chapter, the block included."""
        return self.packages[block.path, block.line]

    def package_before(self, block: Block) -> Package:
        """The package as it was before a block of a chapter."""
        chapter = self.chapter_of(block)
        blocks = chapter.page.blocks
        index = blocks.index(block)
        return self.package_at(blocks[index - 1]) if index else self.package_found_by(chapter)

    def package_found_by(self, chapter: Chapter) -> Package:
        """The package as of the end of the chapter before."""
        index = self.chapters.index(chapter)
        return self.package_after(self.chapters[index - 1]) if index else EMPTY

    def package_after(self, chapter: Chapter) -> Package:
        """The package as of the end of a chapter."""
        return self.packages[chapter.page.path, 0]

    @cached_property
    def sessions(self) -> tuple[Session, ...]:
        """Every page's experiments, in the order of the pages."""
        return tuple(session for page in self.pages for session in self.sessions_of(page))

    def sessions_of(self, page: Page) -> Iterator[Session]:
        """One for a chapter; else one for each section that links to a chapter, and one for the rest."""
        if chapter := self.by_path.get(page.path):
            yield self._session(page, chapter.title, chapter.key, page.of("experiment"), None)
            return
        sections: dict[Heading | None, list[Block]] = {}
        for block in page.of("experiment"):
            sections.setdefault(self._section(page, block), []).append(block)
        for heading, blocks in sections.items():
            last = self._chapter_meant(page, heading)
            place = (last.page.path, 0) if last else ("", 0)
            yield self._session(page, heading.text if heading else page.title, None, blocks, place)

    def _session(
        self, page: Page, name: str, key: str | None, blocks: Iterable[Block], place: Place | None
    ) -> Session:
        """Some experiments of a page against the package of one place; None: against that of their own."""
        steps, waiting = [], []
        for block in blocks:
            where = place or (block.path, block.line)
            if where in self.doubted:
                waiting.append(block)
            else:
                steps.append(Step(block, self.packages.get(where, EMPTY), page.answer_to(block)))
        return Session(page, name, key, tuple(steps), tuple(waiting))

    def _section(self, page: Page, block: Block) -> Heading | None:
        """The heading, of those that a block stands under, that links to a chapter."""
        level = 7
        for heading in reversed(page.headings):
            if heading.line < block.line and heading.level < level:
                level = heading.level
                if _links_to_chapter(self.project, heading):
                    return heading
        return None

    def changes_of(self, block: Block) -> tuple[Change, ...]:
        """What a fragment changed."""
        return self._by_block.get((block.path, block.line), ())

    @cached_property
    def _by_block(self) -> dict[tuple[str, int], tuple[Change, ...]]:
        return _grouped(((change.block.path, change.block.line), change) for change in self.changes)

    def fragment_number(self, block: Block) -> int:
        """Which fragment of its chapter a block is, counted from 1: its anchor on the page."""
        page = self.chapter_of(block).page
        return 1 + page.of("fragment", "moves").index(block)

    def life(self, name: str) -> tuple[Change, ...]:
        """Every change of a definition, oldest first; ``name`` is qualified: ``Variable.backward``."""
        return self.lives.get(name, ())

    @cached_property
    def lives(self) -> dict[str, tuple[Change, ...]]:
        """The life of every name."""
        return _grouped((name, change) for change in self.changes for name in _names_of_change(change))

    def last_chapter(self, page: Page, block: Block) -> Chapter | None:
        """The chapter as of which a page speaks where a block stands, like the package of its experiments."""
        return self.by_path.get(page.path) or self._chapter_meant(page, self._section(page, block))

    def _chapter_meant(self, page: Page, heading: Heading | None) -> Chapter | None:
        """The chapter that a heading links to, else the last one."""
        return self.by_path.get(_target(page, heading)) or next(reversed(self.chapters), None)

    @cached_property
    def related_blocks(self) -> dict[str, list[Block]]:
        """By path: the answers to a chapter's exercises, and for a page of answers what its chapters hold."""
        found: dict[str, list[Block]] = {}
        for page in self.pages:
            for block in page.of("experiment", "illustration") if page.path not in self.by_path else ():
                if chapter := self.by_path.get(_target(page, self._section(page, block))):
                    found.setdefault(chapter.page.path, []).append(block)
                    found.setdefault(page.path, []).extend(chapter.page.blocks)
        return found

    def page(self, path: str) -> Page:
        """The page at a path."""
        return next(page for page in self.pages if page.path == path)

    def chapter_of(self, block: Block) -> Chapter:
        """The chapter that a block stands in."""
        return self.by_path[block.path]


def load(root: Path) -> Book:
    """Read the book of a project; what is wrong with its content lands in ``findings``.

    Raises:
        BookError: there is no project, or no nav.
    """
    project = read_project(root)
    return read_book(project, *read_files(project))


@lru_cache(maxsize=2)
def read_book(project: Project, files: Files, findings: tuple[Finding, ...] = ()) -> Book:
    """The book of some files, each a path and its text; ``findings`` name those that cannot be read."""
    texts = dict(files)
    config = texts.pop(project.nav, None)
    pages = {path: _page(path, text, project) for path, text in texts.items()}
    nav = read_nav(project, config, pages, frozenset(finding.path for finding in findings))
    history = History(project, in_doubt=set() if nav.complete else Everything())
    for chapter in nav.chapters:
        history.chapter(chapter)
    found = {*findings, *nav.findings, *history.findings}
    for page in pages.values():
        found.update(page.findings, _stray_blocks(project, page, nav))
    pages_in_order, changes = tuple(pages.values()), tuple(history.changes)
    doubted = frozenset(history.doubted)
    return Book(
        project, nav.chapters, pages_in_order, changes, tuple(sorted(found)), history.packages, doubted
    )


_page = lru_cache(maxsize=512)(read_page)


def _stray_blocks(project: Project, page: Page, nav: Nav) -> Iterator[Finding]:
    """Fragments outside the chapters, and headings that link to a chapter which is not there."""
    if project.key_of(page.path):
        return
    for block in page.of("fragment", "moves"):
        yield block.finding(
            f"only chapters ({project.chapter_files}, in the nav) may hold fragments; "
            "take the title out, or quote the block in a longer fence"
        )
    for block in page.blocks:
        if block.is_before:
            yield block.finding("only a chapter has changes below its experiments; take the title away")
    for heading in page.headings:
        if _links_to_chapter(project, heading) and nav.complete and _target(page, heading) not in nav.named:
            message = f"{heading.link} is no chapter of the nav; mend the link of this heading"
            yield Finding(page.path, heading.line, message)


def _links_to_chapter(project: Project, heading: Heading) -> bool:
    return heading.link is not None and project.key_of(heading.link.partition("#")[0]) is not None


def _target(page: Page, heading: Heading | None) -> str:
    """The path of the page that a heading's link leads to."""
    link = (heading.link or "").partition("#")[0] if heading else ""
    return posixpath.normpath(posixpath.join(posixpath.dirname(page.path), link))


def _grouped(pairs: Iterable[tuple[Key, Change]]) -> dict[Key, tuple[Change, ...]]:
    found: dict[Key, list[Change]] = {}
    for key, change in pairs:
        found.setdefault(key, []).append(change)
    return {key: tuple(changes) for key, changes in found.items()}


def _names_of_change(change: Change) -> Iterator[str]:
    """The names whose life a change belongs to: its own, and each that its statement binds."""
    yield change.name
    definition = change.after or change.before
    if definition and definition.names != {definition.key}:
        scope = change.name.removesuffix(definition.key)
        yield from (scope + name for name in sorted(definition.names))
