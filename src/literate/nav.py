"""The chapters that the nav of ``mkdocs.yml`` names, in its order, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import yaml

from literate.chapter import Page
from literate.finding import Finding, did_you_mean

CHAPTER = re.compile(r"step(\d+)-[\w-]+\.md")
TITLE = re.compile(r"(\d+) · (.+)")
Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Chapter:
    """A chapter: its step, its title, and its page, whose path is ``docs/step08-….md``."""

    number: int
    title: str
    page: Page
    part: str = ""  # the section of the nav that it stands in


@dataclass(frozen=True)
class Entry:
    """A page of the nav: where ``mkdocs.yml`` names it, its title, its file, its section."""

    line: int
    title: str | None
    name: str
    part: str = ""


@dataclass(frozen=True)
class Nav:
    """The chapters in order. ``complete``: none was lost, so whatever a chapter builds on is there."""

    chapters: tuple[Chapter, ...] = ()
    findings: tuple[Finding, ...] = ()
    named: frozenset[str] = frozenset()  # the paths of chapters that the nav names, there or not
    complete: bool = True


def is_chapter(path: str) -> bool:
    """Whether a page is named like a chapter."""
    return bool(CHAPTER.fullmatch(PurePosixPath(path).name))


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
        number, path = _number(entry), f"docs/{entry.name}"
        if path in self.unreadable:
            return
        if path not in self.pages:
            others = {f"docs/{other.name}" for other in self.entries}
            near = did_you_mean(path, [p for p in self.pages if is_chapter(p) and p not in others])
            self.wrong(entry.line, f"there is no {path}{near or '; write it, or take it out of the nav'}")
            return
        last = self.chapters[-1].number if self.chapters else 0
        if any(chapter.number == number for chapter in self.chapters):
            self.wrong(entry.line, f"step {number} is in the nav twice; keep one of the two")
            return
        if number < last:
            self.wrong(
                entry.line,
                f"step {number} comes after step {last}; put the chapters in the order of their numbers",
            )
        page = self.pages[path]
        self.chapters.append(Chapter(number, page.title, page, entry.part))

    def check_numbers(self) -> None:
        """No number is left out."""
        numbers = {_number(entry) for entry in self.entries}
        last = 0
        for entry in self.entries:
            number = _number(entry)
            missing = [n for n in range(last + 1, number) if n not in numbers]
            if missing:
                steps = (
                    f"step {missing[0]} is"
                    if len(missing) == 1
                    else f"steps {missing[0]} to {missing[-1]} are"
                )
                self.wrong(
                    entry.line, f"{steps} missing before step {number}; add what is missing, or renumber"
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
        plain = re.sub(r"[`*]", "", chapter.title)
        expected = f'"{chapter.number} · {plain}"'
        match = TITLE.fullmatch(entry.title or "")
        if entry.title is None:
            self.wrong(entry.line, f"{entry.name} has no title; write {expected}: {entry.name}")
        elif not match or int(match[1]) != chapter.number:
            self.wrong(entry.line, f'{entry.name} is called "{entry.title}"; write {expected}')
        elif match[2] != plain:
            message = f'{entry.name} is called "{match[2]}", its heading says "{plain}"; make them the same'
            self.wrong(entry.line, message)


def _number(entry: Entry) -> int:
    match = CHAPTER.fullmatch(PurePosixPath(entry.name).name)
    assert match
    return int(match[1])


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
