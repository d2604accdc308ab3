"""The chapters that the nav of ``mkdocs.yml`` names, in its order, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import yaml

from literate.chapter import Page
from literate.finding import Finding, did_you_mean

CHAPTER = re.compile(r"(?:step(\d+)|interlude)-[\w-]+\.md")
TITLE = re.compile(r"(\d+) · (.+)")
Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Chapter:
    """A chapter, whose page is ``docs/step08-….md``; or one without a number, ``docs/interlude-….md``.

    Both come in the order of their ``place``, and are looked up by their ``key``.
    """

    place: int  # in the nav, counted from 1
    key: str  # what commands call it: 8, or interlude-some-words
    title: str
    page: Page
    part: str = ""  # the section of the nav that it stands in

    @property
    def number(self) -> int | None:
        """Its number; None for an interlude."""
        return _number(self.key)

    @property
    def slug(self) -> str:
        """Its name in names of files: ``step08``, or ``interlude-some-words``."""
        return slug(self.key)

    @property
    def mark(self) -> str:
        """What stands for it where there is no room."""
        return "•" if self.number is None else self.key

    @property
    def kicker(self) -> str:
        """What stands above its title: ``Chapter 8``, or ``Interlude``."""
        return "Interlude" if self.number is None else f"Chapter {self.key}"

    @property
    def said(self) -> str:
        """How a sentence names it: ``chapter 8``, or ``the interlude "Some words"``."""
        return f'the interlude "{self.title}"' if self.number is None else f"chapter {self.key}"

    @property
    def entry(self) -> str:
        """What the nav calls it: ``8 · From recursion to loop``, or its title alone."""
        return self.title if self.number is None else f"{self.key} · {self.title}"


@dataclass(frozen=True)
class Entry:
    """A page of the nav: where ``mkdocs.yml`` names it, its title, its file, its section."""

    line: int
    title: str | None
    name: str
    part: str = ""

    @property
    def key(self) -> str:
        """The key of the chapter that it names."""
        key = key_of(self.name)
        assert key
        return key


@dataclass(frozen=True)
class Nav:
    """The chapters in order. ``complete``: none was lost, so whatever a chapter builds on is there."""

    chapters: tuple[Chapter, ...] = ()
    findings: tuple[Finding, ...] = ()
    named: frozenset[str] = frozenset()  # the paths of chapters that the nav names, there or not
    complete: bool = True


def is_chapter(path: str) -> bool:
    """Whether a page is named like a chapter."""
    return key_of(path) is not None


def key_of(path: str) -> str | None:
    """The key of the chapter at a path; None if it is not named like one."""
    match = CHAPTER.fullmatch(PurePosixPath(path).name)
    if match is None:
        return None
    return str(int(match[1])) if match[1] else PurePosixPath(path).stem


def slug(key: str) -> str:
    """The name, in names of files, of the chapter with this key."""
    return f"step{key:0>2}" if key.isdecimal() else key


def _number(key: str) -> int | None:
    return int(key) if key.isdecimal() else None


def read_nav(config: str | None, pages: Mapping[str, Page], unreadable: frozenset[str]) -> Nav:
    """Read the text of ``mkdocs.yml``; None if it is unreadable. ``pages`` are those that could be read."""
    if config is None:
        return Nav(complete=False)
    try:
        entries = [entry for entry in _entries(config) if is_chapter(entry.name)]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).split("\n")[0]
        finding = Finding("mkdocs.yml", mark.line + 1 if mark else 1, f"is no YAML ({problem}); mend it")
        return Nav(findings=(finding,), complete=False)
    return _Nav(pages, unreadable, entries).nav()


@dataclass
class _Nav:
    pages: Mapping[str, Page]
    unreadable: frozenset[str]
    entries: list[Entry]
    chapters: list[Chapter] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def nav(self) -> Nav:
        for entry in self.entries:
            self.read(entry)
        named = frozenset(f"docs/{entry.name}" for entry in self.entries)
        self.check_numbers()
        self.check_files(named)
        shaky = bool(self.findings) or any(is_chapter(path) for path in self.unreadable)
        self.check_titles()
        return Nav(tuple(self.chapters), tuple(self.findings), named, not shaky)

    def wrong(self, line: int, message: str) -> None:
        self.findings.append(Finding("mkdocs.yml", line, message))

    def read(self, entry: Entry) -> None:
        path = f"docs/{entry.name}"
        if path in self.unreadable:
            return
        if path not in self.pages:
            others = {f"docs/{other.name}" for other in self.entries}
            near = did_you_mean(path, [p for p in self.pages if is_chapter(p) and p not in others])
            self.wrong(entry.line, f"there is no {path}{near or '; write it, or take it out of the nav'}")
            return
        page = self.pages[path]
        chapter = Chapter(len(self.chapters) + 1, entry.key, page.title, page, entry.part)
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
        lost = [path for path in self.pages if is_chapter(path) and path not in named]
        if lost and not self.entries:
            self.wrong(1, f"the nav names no chapter; list {lost[0]} and those that follow it")
            return
        for path in lost:
            self.findings.append(
                Finding(path, 1, "this chapter is not in the nav of mkdocs.yml; add it there")
            )

    def check_titles(self) -> None:
        """The nav, the file and the heading say the same."""
        for chapter in self.chapters:
            path, headings = chapter.page.path, chapter.page.headings
            if not headings or headings[0].level != 1:
                self.findings.append(Finding(path, 1, "a chapter starts with its title; write `# The title`"))
                continue
            for entry in self.entries:
                if f"docs/{entry.name}" == path:
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
