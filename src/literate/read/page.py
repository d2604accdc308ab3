"""Markdown text -> Page: its fragments, experiments and outputs, each with its lines.

A block is what its fence says; what would be passed over in silence is a finding.
"""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from io import StringIO
from typing import Literal

from literate.read.fences import Fence, in_raw_html, passed_over, read_fences, swallowed
from literate.read.finding import Finding
from literate.read.project import Project
from literate.read.syntax import parse

Kind = Literal["fragment", "moves", "experiment", "output", "figure", "life", "list", "illustration", "other"]

ANNOTATION = re.compile(r"#[ \t]*\(\d+\)!?[ \t]*")
FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*(?:\{[^}]*\}\s*)?")
LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)[^)]*\)")
CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: .*)?$", re.MULTILINE)
ON_PURPOSE = re.compile(r"<!--\s*literate:\s*on purpose:\s*(.*?)\s*-->", re.DOTALL)
# What is not prose: a comment, or code, whichever comes first. Code ends with its paragraph.
COMMENT_OR_CODE = re.compile(
    r"(?P<comment><!--.*?-->)"
    r"|(?<![`\\])(?P<ticks>`+)(?!`)(?P<code>(?:(?!\n[ \t>]*\n).)+?)(?<!`)(?P=ticks)(?!`)",
    re.DOTALL,
)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ufeff]")
PYTHON = ("py", "py3", "py3tb", "pycon", "pytb", "python", "python3", "python-repl", "ipython", "ipython3")
LIFE = "Life of "
LISTS = ("Glossary", "Index", "Sources")  # what a page shows of all the others
ANSWERS: dict[str, Kind] = {"Output": "output", "Figure": "figure"}
SHELL = ("sh", "bash", "shell", "console", "zsh")
# The title of an experiment that does something else with the package as of the chapter's end.
BEFORE = "Before the change below"

CONFLICTING = "git's conflict marker; keep one of the two versions, and delete the markers"
COMMENTED = "a fence inside an HTML comment would be tangled and not shown; delete it or show it"
RAW = 'a fence inside HTML, where a page shows no Markdown; write markdown="1" into the tag around it'
SWALLOWED = "a fence within the block of line {}, which is not closed; close it, or give it a longer fence"


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: ``line`` and ``end`` are the lines of its opening and its closing fence."""

    path: str
    line: int
    end: int
    kind: Kind
    language: str
    title: str | None
    code: str  # dedented, as the page shows it, annotations included
    prefix: str  # what stands before each of its lines in the Markdown: indentation, "> "

    @cached_property
    def tangled(self) -> str:
        """The code without Material's annotations, which belong to the page alone."""
        if not ANNOTATION.search(self.code):
            return self.code
        lines = self.code.split("\n")
        for row, column in _annotation_places(self.code):
            lines[row - 1] = lines[row - 1][:column].rstrip()
        return "\n".join(lines)

    @property
    def caption_and_alt(self) -> tuple[str, str]:
        """What stands before and after the first blank line of a Figure block."""
        caption, _, alt = self.code.strip().partition("\n\n")
        return caption, alt.strip()

    @property
    def is_before(self) -> bool:
        """Whether it is an experiment that holds only until a change below it."""
        return self.kind == "experiment" and self.title == BEFORE

    @property
    def subject(self) -> str:
        """The name of the definition whose life a block shows."""
        return str(self.title).removeprefix(LIFE).strip("` ")

    def finding(self, message: str, line: int = 0) -> Finding:
        """A finding at the ``line``-th line of the code; 0 is the fence."""
        return Finding(self.path, self.line + line, message)


def words(text: str) -> frozenset[str]:
    """The words of a text, among them every name."""
    return frozenset(re.findall(r"\w+", text))


def _annotation_places(code: str) -> Iterator[tuple[int, int]]:
    """Where a comment is an annotation and nothing else; in a string, ``# (1)!`` is no comment."""
    try:
        for token in tokenize.generate_tokens(StringIO(code).readline):
            if ANNOTATION.fullmatch(token.string):
                yield token.start
    except (tokenize.TokenError, SyntaxError):
        return  # no Python: whoever parses it says so


@dataclass(frozen=True)
class Heading:
    """A heading of a page and the target of the first link in it, if there is one."""

    line: int
    level: int
    text: str
    link: str | None


@dataclass(frozen=True)
class Page:
    """A Markdown page as written, and what was found in it."""

    path: str
    text: str
    blocks: tuple[Block, ...]
    headings: tuple[Heading, ...]
    code_spans: tuple[tuple[int, str], ...]  # inline code of the prose: line, text
    on_purpose: tuple[tuple[int, str], ...]  # names that exist nowhere, and are meant to: line, name
    findings: tuple[Finding, ...]
    doubtful: frozenset[str] = frozenset()  # words of what is unreadable: what follows from it is no news

    def __hash__(self) -> int:
        return hash((self.path, self.text))  # the rest follows from these

    @property
    def title(self) -> str:
        """The text of the first heading, else the path."""
        return self.headings[0].text if self.headings else self.path

    def of(self, *kinds: Kind) -> tuple[Block, ...]:
        """The blocks of these kinds, in order."""
        return tuple(block for block in self.blocks if block.kind in kinds)

    def answer_to(self, block: Block) -> Block | None:
        """The Output or Figure block that follows an experiment, if the next block is one."""
        following = [b for b in self.blocks if b.line > block.line][:1]
        return next((b for b in following if b.kind in ("output", "figure")), None)


def read_page(path: str, text: str, project: Project) -> Page:
    """Read the Markdown ``text`` of the page at ``path``, which is relative to the project's root."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    page = _PageReader(path, text, project).page()
    if conflict := CONFLICT.search(text):
        finding = Finding(path, text.count("\n", 0, conflict.start()) + 1, CONFLICTING)
        return replace(page, blocks=(), code_spans=(), findings=(finding,), doubtful=words(text))
    return page


@dataclass
class _PageReader:
    path: str
    text: str
    project: Project
    findings: list[Finding] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)

    def wrong(self, line: int, message: str, unread: Iterable[str] = ()) -> None:
        self.findings += [Finding(self.path, line, message)] if message else []
        self.doubtful.update(*map(words, unread))

    def page(self) -> Page:
        self.raw = FRONT_MATTER.sub(_line_breaks, self.text).split("\n")
        lines = [line.expandtabs(4) for line in self.raw]
        self.fences = read_fences(lines)
        prose = list(self.raw)
        for fence in self.fences:
            prose[fence.start : fence.end] = [""] * (fence.end - fence.start)
        for line, message, end in passed_over(prose, [fence.start + 1 for fence in self.fences]):
            self.wrong(line, message, self.raw[line:end])
        blocks = tuple(map(self.block, self.fences))
        for fence in in_raw_html(lines, self.fences):
            self.wrong(fence.start + 1, RAW)
        self.check_answers(blocks)
        code_spans, on_purpose = self.read_prose("\n".join(prose))
        headings = tuple(_headings(COMMENT_OR_CODE.sub(_without_comment, "\n".join(prose)).split("\n")))
        found = (blocks, headings, tuple(code_spans), tuple(on_purpose))
        return Page(self.path, self.text, *found, tuple(self.findings), frozenset(self.doubtful))

    def block(self, fence: Fence) -> Block:
        kind, problem = _classify(fence, self.project)
        for number, message in self.problems(fence, kind, problem):
            self.wrong(fence.start + 1 + number, message, fence.code.split("\n"))
            kind = "other"
            break
        code = "\n".join(line if line.strip(" ") else "" for line in fence.code.split("\n"))
        place = (self.path, fence.start + 1, fence.end)
        return Block(*place, kind, fence.language, fence.title, code, fence.prefix)

    def problems(self, fence: Fence, kind: Kind, problem: str) -> Iterator[tuple[int, str]]:
        """What is wrong with a block, with the line of it; the first is enough."""
        inside = self.raw[fence.start + 1 : fence.end - 1]
        if line := swallowed(fence, inside):
            yield line, self.swallowed(fence)
        if problem:
            yield 0, problem
        elif kind == "illustration":
            yield from _no_python(fence.code, self.project.python)
        elif kind != "other":
            yield from _bad_characters(inside)

    def swallowed(self, fence: Fence) -> str:
        """What to say of a block that is not closed; nothing if it follows from what was said."""
        above = max((other.end for other in self.fences if other.end <= fence.start), default=0)
        self.doubtful.update(*map(words, self.raw[above : fence.start]))
        known = any(above < finding.line <= fence.start for finding in self.findings)
        return "" if known else SWALLOWED.format(fence.start + 1)

    def check_answers(self, blocks: tuple[Block, ...]) -> None:
        """An answer stands below an experiment, unless that may be what could not be read."""
        for block, above in zip(blocks, (None, *blocks), strict=False):
            if block.kind in ("output", "figure") and not (above and above.kind == "experiment"):
                what = "an output" if block.kind == "output" else "a figure"
                message = f"{what} that follows no experiment; put it right after the block that makes it"
                self.findings += [block.finding(message)] if not self.doubtful else []

    def read_prose(self, prose: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
        """The inline code with its lines, and the names that are excused in comments with theirs."""
        code_spans, on_purpose = [], []
        for match in COMMENT_OR_CODE.finditer(prose):
            first = prose.count("\n", 0, match.start()) + 1
            if match["code"]:
                text = re.sub(r"\s*\n[ \t>]*", " ", match["code"]).strip()
                code_spans.append((first, re.sub(r"^(#!|:::)\w+ ", "", text)))
                continue
            if excused := ON_PURPOSE.fullmatch(match["comment"]):
                on_purpose += [(first, name.strip()) for name in excused[1].split(",") if name.strip()]
            for fence in self.fences:
                if first <= fence.start + 1 <= first + match[0].count("\n"):
                    self.wrong(fence.start + 1, COMMENTED)
        return code_spans, on_purpose


def _bad_characters(inside: list[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(inside, 1):
        if "\t" in line:
            yield number, "a tab in a code block, which Markdown turns into spaces; indent with four spaces"
        elif match := CONTROL.search(line):
            what = f"an invisible character, U+{ord(match[0]):04X}"
            yield number, f"{what}; delete it, or write it as an escape"


def _no_python(code: str, python: tuple[int, int]) -> Iterator[tuple[int, str]]:
    """Why an illustration cannot be compiled, if so."""
    try:
        parse(code, python)
    except SyntaxError as error:
        yield error.lineno or 1, f"an illustration must compile: {error.msg}; mend the block"


def _classify(fence: Fence, project: Project) -> tuple[Kind, str]:
    """What a fence is, by its language and its title, and what is wrong with that."""
    title, language, problem = fence.title or "", fence.language, ""
    name = title.strip().capitalize()
    source, tests = project.source, project.tests
    if name in ANSWERS:
        if (language, title) == ("text", name):
            return ANSWERS[name], ""
        problem = f'write ```text title="{name}"; as it stands, nothing checks this block'
    elif title.lower().startswith(LIFE.lower()) and language not in ("python", "sh"):
        if language == "text" and title.startswith(LIFE):
            return "life", ""
        problem = f'write ```text title="{LIFE}…"; as it stands, this block is no picture'
    elif language == "text" and title.partition(",")[0] in LISTS:
        return "list", ""
    elif language == "python":
        return _classify_python(fence, project)
    elif language.lower() in PYTHON:
        problem = f"a {language} block is neither run nor tangled; write ```python"
    elif title.rstrip("/") == source and language in SHELL:
        if language == "sh":
            return "moves", ""
        problem = f'moves are written ```sh title="{source}/"'
    elif title.partition("/")[0] in (source, tests):
        problem = f'only ```python blocks are tangled; write ```python title="{title}", or another title'
    return "other", problem


def _classify_python(fence: Fence, project: Project) -> tuple[Kind, str]:
    title, file = fence.title, fence.options.get("file")
    if "hl_lines" in fence.options:
        return "other", "hl_lines is computed from the fold, never typed; take it out"
    if file is not None:
        return "other", f'a file is named by its title; write ```python title="{file}"'
    if title in (None, BEFORE):
        return "experiment", ""
    assert title is not None
    if title.strip().lower() == BEFORE.lower():
        return "other", f'write ```python title="{BEFORE}"; as it stands, nothing runs this block'
    if project.module.fullmatch(title):
        return "fragment", ""
    if not title.strip():
        return "other", "the title is empty; take it out, and the block is an experiment"
    if not re.search(r"[/\\]|\.py$", title) and title not in (project.source, project.tests):
        return "illustration", ""
    what = f"no path of {project.source}/{project.package}… or {project.tests}/….py"
    way_out = "nothing is written elsewhere, so name a .py file there, or write a title that is no path"
    return "other", f'the title "{title}" is {what}; {way_out}'


def _line_breaks(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def _without_comment(match: re.Match[str]) -> str:
    return _line_breaks(match) if match["comment"] else match[0]


def _headings(prose: list[str]) -> Iterator[Heading]:
    for number, line in enumerate(prose, 1):
        if match := HEADING.fullmatch(line):
            link = LINK.search(match[2])
            text = LINK.sub(lambda found: found["text"], match[2])
            yield Heading(number, len(match[1]), text, link["target"] if link else None)
