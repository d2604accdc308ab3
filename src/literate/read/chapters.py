"""The chapters in the order of the site's nav, and what is wrong with it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import yaml

from literate.read.finding import Finding, nearest_name
from literate.read.page import Page
from literate.read.project import Project

MADE = ("lives.md",)  # pages that the tool makes itself
TITLE = re.compile(r"(\d+) · (.+)")
Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Chapter:
    """A chapter, such as ``docs/step08-….md``; or one without a number, such as ``docs/interlude-….md``.

    Both come in the order of their ``place``, and are looked up by their ``key``.
    """

    place: int  # in the nav, counted from 1
    key: str  # what commands call it: 8, or interlude-some-words
    title: str
    slug: str  # its name in names of files: step08, or interlude-some-words
    page: Page
    part: str = ""  # the section of the nav that it stands in

    @property
    def number(self) -> int | None:
        """Its number; None for an interlude."""
        return _number(self.key)

    @property
    def mark(self) -> str:
        """What stands for it where there is no room."""
        return "•" if self.number is None else self.key

    @property
    def kicker(self) -> str:
        """What stands above its title: ``Chapter 8``, or ``Interlude``."""
        return self._kind.capitalize() if self.number is None else f"Chapter {self.key}"

    @property
    def said(self) -> str:
        """How a sentence names it: ``chapter 8``, or ``the interlude "Some words"``."""
        return f'the {self._kind} "{self.title}"' if self.number is None else f"chapter {self.key}"

    @property
    def _kind(self) -> str:
        return self.key.partition("-")[0]

    @property
    def entry(self) -> str:
        """What the nav calls it: ``8 · From recursion to loop``, or its title alone."""
        return self.title if self.number is None else f"{self.key} · {self.title}"


@dataclass(frozen=True)
class Nav:
    """The chapters in order. ``complete``: none was lost, so whatever a chapter builds on is there."""

    chapters: tuple[Chapter, ...] = ()
    findings: tuple[Finding, ...] = ()
    named: frozenset[str] = frozenset()  # the paths of chapters that the nav names, there or not
    complete: bool = True


@dataclass(frozen=True)
class _Entry:
    """A page of the nav: where the nav names it, its title, its file, its section."""

    line: int
    title: str | None
    name: str
    part: str = ""
    path: str = ""
    key: str = ""  # of the chapter that it names


def _number(key: str) -> int | None:
    return int(key) if key.isdecimal() else None


def read_nav(
    project: Project, config: str | None, pages: Mapping[str, Page], unreadable: frozenset[str]
) -> Nav:
    """Read the text of the nav's file; None if it is unreadable. ``pages`` are those that could be read."""
    if config is None:
        return Nav(complete=False)
    try:
        entries = list(_nav_entries(config))
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).split("\n")[0]
        finding = Finding(project.nav, mark.line + 1 if mark else 1, f"is no YAML ({problem}); mend it")
        return Nav(findings=(finding,), complete=False)
    return _Nav(project, pages, unreadable).nav(entries)


@dataclass
class _Nav:
    project: Project
    pages: Mapping[str, Page]
    unreadable: frozenset[str]
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.by_proper_path = {self.proper(path): path for path in self.pages if self.project.key_of(path)}

    def nav(self, entries: list[_Entry]) -> Nav:
        found = [self.found(entry) for entry in entries if self.project.key_of(entry.name)]
        named = frozenset(entry.path for entry in found)
        chapters = tuple(self.chapters(found, named))
        self.check_numbers(found)
        self.check_files(found, named)
        empty = not all(chapter.page.text.strip() for chapter in chapters)
        complete = not (self.findings or empty or any(map(self.project.key_of, self.unreadable)))
        self.check_entries(entries)
        for entry in found:
            for chapter in chapters:
                if chapter.page.path == entry.path:
                    self.check_title(entry, chapter)
        return Nav(chapters, tuple(self.findings), named, complete)

    def wrong(self, line: int, message: str) -> None:
        self.findings.append(Finding(self.project.nav, line, message))

    def proper(self, path: str) -> str:
        """What the file of a chapter should be called, in its folder."""
        return posixpath.join(posixpath.dirname(path), self.project.file_name(path))

    def found(self, entry: _Entry) -> _Entry:
        """The entry of a chapter with its key and its path, whatever capitals and spaces are in the name."""
        path = self.proper(f"{self.project.docs}/{entry.name}")
        return replace(
            entry, key=self.project.key_of(entry.name) or "", path=self.by_proper_path.get(path, path)
        )

    def check_entries(self, entries: list[_Entry]) -> None:
        """Every page of the nav that is no chapter has a file."""
        known = {*self.pages, *self.unreadable}
        for entry in entries:
            path, is_page = f"{self.project.docs}/{entry.name}", re.fullmatch(r"[^:]*\.md", entry.name)
            if entry.title and not entry.name:
                self.wrong(entry.line, f'"{entry.title}" names no file; write it behind the title')
            elif is_page and not (self.project.key_of(path) or path in known or entry.name in MADE):
                self.lost(entry, path, [page for page in self.pages if not self.project.key_of(page)])

    def lost(self, entry: _Entry, path: str, pages: list[str]) -> None:
        folder = f"{self.project.docs}/"
        near = nearest_name(path.removeprefix(folder), [page.removeprefix(folder) for page in pages])
        way_out = f"did you mean {folder}{near}?" if near else "write it, or take it out of the nav"
        self.wrong(entry.line, f"there is no {path}; {way_out}")

    def chapters(self, entries: list[_Entry], named: frozenset[str]) -> Iterator[Chapter]:
        keys: list[str] = []
        for entry in entries:
            if entry.path in self.unreadable:
                continue
            if (page := self.pages.get(entry.path)) is None:
                self.lost(
                    entry, entry.path, [path for path in self.by_proper_path.values() if path not in named]
                )
            elif entry.key in keys:
                called = entry.key if _number(entry.key) is None else f"chapter {entry.key}"
                self.wrong(entry.line, f"{called} is in the nav twice; keep one of the two")
            else:
                keys.append(entry.key)
                self.check_order(entry, keys)
                slug = self.project.slug(entry.key)
                yield Chapter(len(keys), entry.key, page.title, slug, page, entry.part)

    def check_order(self, entry: _Entry, keys: list[str]) -> None:
        """No number comes after a larger one."""
        *_, before, last = [-1, -1, *(number for key in keys if (number := _number(key)) is not None)]
        if entry.key.isdecimal() and last < before:
            message = f"chapter {last} comes after chapter {before}"
            self.wrong(entry.line, f"{message}; put the chapters in the order of their numbers")

    def check_numbers(self, entries: list[_Entry]) -> None:
        """No number is left out."""
        numbers = {number for entry in entries if (number := _number(entry.key)) is not None}
        last = 0
        for entry in entries:
            number = _number(entry.key) or 0
            if missing := [n for n in range(last + 1, number) if n not in numbers]:
                first, many = missing[0], len(missing) > 1
                chapters = f"chapters {first} to {missing[-1]} are" if many else f"chapter {first} is"
                way_out = "add what is missing, or renumber"
                self.wrong(entry.line, f"{chapters} missing before chapter {number}; {way_out}")
            last = max(last, number)

    def check_files(self, entries: list[_Entry], named: frozenset[str]) -> None:
        """Every chapter is in the nav, and its file is called like one."""
        for proper, path in self.by_proper_path.items():
            if proper != path:
                message = "a chapter's file has no capitals and no spaces in its name; call it"
                self.findings.append(Finding(path, 1, f"{message} {posixpath.basename(proper)}"))
        lost = [path for path in self.by_proper_path.values() if path not in named]
        if lost and not entries:
            self.wrong(1, f"the nav names no chapter; list {lost[0]} and those that follow it")
        for path in lost if entries else ():
            message = f"this chapter is not in the nav of {self.project.nav}; add it there"
            self.findings.append(Finding(path, 1, message))

    def check_title(self, entry: _Entry, chapter: Chapter) -> None:
        """The nav, the file and the heading say the same."""
        headings = chapter.page.headings
        if not headings or headings[0].level != 1:
            self.findings.append(
                Finding(entry.path, 1, "a chapter starts with its title; write `# The title`")
            )
            return
        plain, expected = (re.sub(r"[`*]", "", text) for text in (chapter.title, chapter.entry))
        match = TITLE.fullmatch(entry.title or "")
        number, title = (int(match[1]), match[2]) if match else (None, entry.title)
        if entry.title is None:
            self.wrong(entry.line, f'{entry.name} has no title; write "{expected}": {entry.name}')
        elif number != chapter.number:
            self.wrong(entry.line, f'{entry.name} is called "{entry.title}"; write "{expected}"')
        elif title != plain:
            message = f'{entry.name} is called "{title}", its heading says "{plain}"; make them the same'
            self.wrong(entry.line, message)


def _nav_entries(config: str) -> Iterator[_Entry]:
    """The pages of the nav, depth first. Nodes only: tags such as ``!ENV`` are no concern of ours."""
    root = yaml.compose(config, Loader=Loader)
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.value == "nav":
            yield from _below(value, None, "")


def _below(node: yaml.Node, title: str | None, part: str) -> Iterator[_Entry]:
    match node:
        case yaml.ScalarNode():
            yield _Entry(node.start_mark.line + 1, title, node.value, part)
        case yaml.SequenceNode():
            for inner in node.value:
                yield from _below(inner, None, title or part)
        case yaml.MappingNode():
            for key, inner in node.value:
                yield from _below(inner, key.value, part)
