"""The chapters in the order of the site's nav, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import yaml

from literate.read.finding import Finding, did_you_mean
from literate.read.page import Page
from literate.read.project import Project

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
class Entry:
    """A page of the nav: where the nav names it, its title, its file, its section."""

    line: int
    title: str | None
    name: str
    part: str = ""
    key: str = ""  # of the chapter that it names


@dataclass(frozen=True)
class Nav:
    """The chapters in order. ``complete``: none was lost, so whatever a chapter builds on is there."""

    chapters: tuple[Chapter, ...] = ()
    findings: tuple[Finding, ...] = ()
    named: frozenset[str] = frozenset()  # the paths of chapters that the nav names, there or not
    complete: bool = True


def _number(key: str) -> int | None:
    return int(key) if key.isdecimal() else None


def read_nav(
    project: Project, config: str | None, pages: Mapping[str, Page], unreadable: frozenset[str]
) -> Nav:
    """Read the text of the nav's file; None if it is unreadable. ``pages`` are those that could be read."""
    if config is None:
        return Nav(complete=False)
    try:
        found = ((entry, project.key_of(entry.name)) for entry in _entries(config))
        entries = [replace(entry, key=key) for entry, key in found if key]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).split("\n")[0]
        finding = Finding(project.nav, mark.line + 1 if mark else 1, f"is no YAML ({problem}); mend it")
        return Nav(findings=(finding,), complete=False)
    return _Nav(project, pages, unreadable, entries).nav()


@dataclass
class _Nav:
    project: Project
    pages: Mapping[str, Page]
    unreadable: frozenset[str]
    entries: list[Entry]
    chapters: list[Chapter] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def nav(self) -> Nav:
        for entry in self.entries:
            self.read(entry)
        named = frozenset(map(self.path, self.entries))
        self.check_numbers()
        self.check_files(named)
        shaky = bool(self.findings) or any(map(self.project.key_of, self.unreadable))
        self.check_titles()
        return Nav(tuple(self.chapters), tuple(self.findings), named, not shaky)

    def wrong(self, line: int, message: str) -> None:
        self.findings.append(Finding(self.project.nav, line, message))

    def path(self, entry: Entry) -> str:
        return f"{self.project.docs}/{entry.name}"

    def read(self, entry: Entry) -> None:
        path = self.path(entry)
        if path in self.unreadable:
            return
        if path not in self.pages:
            others = set(map(self.path, self.entries))
            near = did_you_mean(path, [p for p in self.pages if self.project.key_of(p) and p not in others])
            self.wrong(entry.line, f"there is no {path}{near or '; write it, or take it out of the nav'}")
            return
        page = self.pages[path]
        slug = self.project.slug(entry.key)
        chapter = Chapter(len(self.chapters) + 1, entry.key, page.title, slug, page, entry.part)
        if any(other.key == chapter.key for other in self.chapters):
            self.wrong(entry.line, f"{_called(entry)} is in the nav twice; keep one of the two")
            return
        self.check_order(entry, chapter)
        self.chapters.append(chapter)

    def check_order(self, entry: Entry, chapter: Chapter) -> None:
        """No number comes after a larger one."""
        numbers = [other.number for other in self.chapters if other.number is not None]
        if chapter.number is not None and numbers and chapter.number < numbers[-1]:
            message = f"chapter {chapter.number} comes after chapter {numbers[-1]}"
            self.wrong(entry.line, f"{message}; put the chapters in the order of their numbers")

    def check_numbers(self) -> None:
        """No number is left out."""
        numbered = [(entry, n) for entry in self.entries if (n := _number(entry.key)) is not None]
        numbers = {number for _, number in numbered}
        last = 0
        for entry, number in numbered:
            missing = [n for n in range(last + 1, number) if n not in numbers]
            if missing:
                chapters = (
                    f"chapter {missing[0]} is"
                    if len(missing) == 1
                    else f"chapters {missing[0]} to {missing[-1]} are"
                )
                self.wrong(
                    entry.line,
                    f"{chapters} missing before chapter {number}; add what is missing, or renumber",
                )
            last = max(last, number)

    def check_files(self, named: frozenset[str]) -> None:
        lost = [path for path in self.pages if self.project.key_of(path) and path not in named]
        if lost and not self.entries:
            self.wrong(1, f"the nav names no chapter; list {lost[0]} and those that follow it")
            return
        for path in lost:
            self.findings.append(
                Finding(path, 1, f"this chapter is not in the nav of {self.project.nav}; add it there")
            )

    def check_titles(self) -> None:
        """The nav, the file and the heading say the same."""
        for chapter in self.chapters:
            path, headings = chapter.page.path, chapter.page.headings
            if not headings or headings[0].level != 1:
                self.findings.append(Finding(path, 1, "a chapter starts with its title; write `# The title`"))
                continue
            for entry in self.entries:
                if self.path(entry) == path:
                    self.check_title(entry, chapter)

    def check_title(self, entry: Entry, chapter: Chapter) -> None:
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


def _called(entry: Entry) -> str:
    return entry.key if _number(entry.key) is None else f"chapter {entry.key}"


def _entries(config: str) -> Iterator[Entry]:
    """The pages of the nav, depth first. Nodes only: tags such as ``!ENV`` are no concern of ours."""
    root = yaml.compose(config, Loader=Loader)
    if not isinstance(root, yaml.MappingNode):
        return
    for key, value in root.value:
        if key.value == "nav":
            yield from _below(value, None, "")


def _below(node: yaml.Node, title: str | None, part: str) -> Iterator[Entry]:
    match node:
        case yaml.ScalarNode():
            yield Entry(node.start_mark.line + 1, title, node.value, part)
        case yaml.SequenceNode():
            for inner in node.value:
                yield from _below(inner, None, title or part)
        case yaml.MappingNode():
            for key, inner in node.value:
                yield from _below(inner, key.value, part)
