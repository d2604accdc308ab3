"""Markdown text -> Page: its fragments, experiments and outputs, each with its lines.

The fences are found by SuperFences itself, the parser that renders them: what is tangled is what is shown.
"""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import StringIO
from typing import Any, Literal

import markdown
from pymdownx.superfences import SuperFencesBlockPreprocessor  # type: ignore[import-untyped]

from literate.read.finding import Finding
from literate.read.project import Project
from literate.read.syntax import parse

Kind = Literal["fragment", "moves", "experiment", "output", "figure", "life", "illustration", "other"]

ANNOTATION = re.compile(r"#[ \t]*\(\d+\)!?[ \t]*")
FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
FENCE = re.compile(r"[> \t]*(?:[-+*]|\d+[.)])?[> \t]*(`{3,}(?!.*`)|~{3,})(.*)")
HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*(?:\{[^}]*\}\s*)?")
LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)[^)]*\)")
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
SHELL = ("sh", "bash", "shell", "console", "zsh")

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
        for row, column in _annotations(self.code):
            lines[row - 1] = lines[row - 1][:column].rstrip()
        return "\n".join(lines)

    @property
    def caption_and_alt(self) -> tuple[str, str]:
        """What stands before and after the first blank line of a Figure block."""
        caption, _, alt = self.code.strip().partition("\n\n")
        return caption, alt.strip()

    @property
    def subject(self) -> str:
        """The name of the definition whose life a block shows."""
        return str(self.title).removeprefix(LIFE).strip("` ")

    def finding(self, message: str, line: int = 0) -> Finding:
        """A finding at the ``line``-th line of the code; 0 is the fence."""
        return Finding(self.path, self.line + line, message)


def _annotations(code: str) -> Iterator[tuple[int, int]]:
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

    @property
    def title(self) -> str:
        """The text of the first heading, else the path."""
        return self.headings[0].text if self.headings else self.path

    def of(self, *kinds: Kind) -> tuple[Block, ...]:
        """The blocks of these kinds, in order."""
        return tuple(block for block in self.blocks if block.kind in kinds)

    def answer_to(self, block: Block) -> Block | None:
        """The Output or Figure block that follows an experiment, if the next block is one."""
        index = self.blocks.index(block) + 1
        following = self.blocks[index] if index < len(self.blocks) else None
        return following if following and following.kind in ("output", "figure") else None


@dataclass
class _Fence:
    start: int  # with ``end``, a slice of the page's lines
    end: int
    marker: str
    language: str
    title: str | None
    options: dict[str, str]
    code: str
    prefix: str


class _Recorder(SuperFencesBlockPreprocessor):  # type: ignore[misc]
    """SuperFences, noting each fence that it accepts instead of rendering it."""

    fences: list[_Fence]

    def process_nested_block(self, ws: str, content: str, start: int, end: int) -> None:
        options = {**self.attrs, **self.options}
        code = self.rebuild_block(self.code)
        self.fences.append(
            _Fence(start, end, self.fence, self.lang or "", options.get("title"), options, code, self.ws)
        )
        self.clear()


_MARKDOWN: Any = None


def _fences(lines: list[str]) -> list[_Fence]:
    """The fences that SuperFences renders."""
    global _MARKDOWN
    if _MARKDOWN is None:
        _MARKDOWN = markdown.Markdown(
            extensions=["attr_list", "pymdownx.highlight", "pymdownx.superfences"],
            extension_configs={"pymdownx.superfences": {"disable_indented_code_blocks": True}},
        )
    original = _MARKDOWN.preprocessors["fenced_code_block"]
    recorder = _Recorder(_MARKDOWN)
    recorder.config, recorder.extension = original.config, original.extension
    recorder.fences = []
    recorder.run(lines)
    return recorder.fences


def read_page(path: str, text: str, project: Project) -> Page:
    """Read the Markdown ``text`` of the page at ``path``, which is relative to the project's root."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _Reader(path, text, project).page()


@dataclass
class _Reader:
    path: str
    text: str
    project: Project
    findings: list[Finding] = field(default_factory=list)

    def wrong(self, line: int, message: str) -> None:
        self.findings.append(Finding(self.path, line, message))

    def page(self) -> Page:
        raw = FRONT_MATTER.sub(_line_breaks, self.text).split("\n")
        fences = _fences([line.expandtabs(4) for line in raw])
        blocks = tuple(self.block(fence, raw) for fence in fences)
        prose = list(raw)
        for fence in fences:
            prose[fence.start : fence.end] = [""] * (fence.end - fence.start)
        self.check_fences(prose)
        self.check_answers(blocks)
        code_spans, on_purpose = self.read_prose("\n".join(prose), fences)
        prose = COMMENT_OR_CODE.sub(_without_comment, "\n".join(prose)).split("\n")
        headings = tuple(_headings(prose))
        findings = tuple(self.findings)
        return Page(self.path, self.text, blocks, headings, tuple(code_spans), tuple(on_purpose), findings)

    def block(self, fence: _Fence, raw: list[str]) -> Block:
        kind, problem = _classify(fence, self.project)
        problems = [(0, problem)] if problem else []
        inside = raw[fence.start + 1 : fence.end - 1]
        if swallowed := next(_swallowed(fence, inside), None):
            kind, problems = "other", [(swallowed, SWALLOWED.format(fence.start + 1))]
        elif kind not in ("other", "illustration"):
            problems += list(_bad_characters(inside))[:1]
            kind = "other" if any(CONTROL.search(line) for line in inside) else kind
        if kind == "illustration":
            problems += list(_no_python(fence.code, self.project.python))
        for number, message in problems:
            self.wrong(fence.start + 1 + number, message)
        code = "\n".join(line if line.strip(" ") else "" for line in fence.code.split("\n"))
        place = (self.path, fence.start + 1, fence.end)
        return Block(*place, kind, fence.language, fence.title, code, fence.prefix)

    def check_fences(self, prose: list[str]) -> None:
        """Nothing that looks like a fence may be passed over."""
        opened = False  # what closes a block that is none is not worth a finding of its own
        for number, line in enumerate(prose, 1):
            match = FENCE.fullmatch(line)
            if match and opened and not match[2].strip():
                opened = False
            elif match:
                opened = True
                message = (
                    "looks like a fence, but SuperFences renders no block here; write ```python or "
                    '```python title="src/…" on a line of its own, and close it at the same indentation'
                )
                self.wrong(number, message)

    def check_answers(self, blocks: tuple[Block, ...]) -> None:
        for index, block in enumerate(blocks):
            if block.kind in ("output", "figure") and (index == 0 or blocks[index - 1].kind != "experiment"):
                what = "an output" if block.kind == "output" else "a figure"
                message = f"{what} that follows no experiment; put it right after the block that makes it"
                self.findings.append(block.finding(message))

    def read_prose(
        self, prose: str, fences: list[_Fence]
    ) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
        """The inline code with its lines, and the names that are excused in comments with theirs."""
        code_spans, on_purpose = [], []
        for match in COMMENT_OR_CODE.finditer(prose):
            first = prose.count("\n", 0, match.start())
            if match["code"]:
                text = re.sub(r"\s*\n[ \t>]*", " ", match["code"]).strip()
                code_spans.append((first + 1, re.sub(r"^(#!|:::)\w+ ", "", text)))
                continue
            if excused := ON_PURPOSE.fullmatch(match["comment"]):
                on_purpose += [(first + 1, name.strip()) for name in excused[1].split(",") if name.strip()]
            last = first + match[0].count("\n")
            for fence in fences:
                if first <= fence.start <= last:
                    message = (
                        "a fence inside an HTML comment would be tangled and not shown; delete it or show it"
                    )
                    self.wrong(fence.start + 1, message)
        return code_spans, on_purpose


def _swallowed(fence: _Fence, inside: list[str]) -> Iterator[int]:
    """The lines of a block at which another opens, by a fence too long to be its content."""
    for number, line in enumerate(inside, 1):
        match = FENCE.fullmatch(line)
        if (
            match
            and match[2].strip()
            and match[1][:1] == fence.marker[0]
            and len(match[1]) >= len(fence.marker)
        ):
            yield number


def _bad_characters(inside: list[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(inside, 1):
        if "\t" in line:
            yield number, "a tab in a code block, which Markdown turns into spaces; indent with four spaces"
        elif match := CONTROL.search(line):
            yield (
                number,
                f"an invisible character, U+{ord(match[0]):04X}; delete it, or write it as an escape",
            )


def _no_python(code: str, python: tuple[int, int]) -> Iterator[tuple[int, str]]:
    """Why an illustration cannot be compiled, if so."""
    try:
        parse(code, python)
    except SyntaxError as error:
        yield error.lineno or 1, f"an illustration must compile: {error.msg}; mend the block"


def _classify(fence: _Fence, project: Project) -> tuple[Kind, str | None]:
    """What a fence is, by its language and its title, and what is wrong with that."""
    title, language = fence.title or "", fence.language
    if title.strip().lower() in ("output", "figure"):
        kind = title.strip().capitalize()
        if (language, title) != ("text", kind):
            return "other", f'write ```text title="{kind}"; as it stands, nothing checks this block'
        return ("output" if kind == "Output" else "figure"), None
    if title.lower().startswith(LIFE.lower()) and language not in ("python", "sh"):
        if language == "text" and title.startswith(LIFE):
            return "life", None
        return "other", f'write ```text title="{LIFE}…"; as it stands, this block is no picture'
    if language == "python":
        return _classify_python(fence, project)
    if language.lower() in PYTHON:
        return "other", f"a {language} block is neither run nor tangled; write ```python"
    source, tests = project.source, project.tests
    if title.rstrip("/") == source and language in SHELL:
        return (
            ("moves", None) if language == "sh" else ("other", f'moves are written ```sh title="{source}/"')
        )
    if title.partition("/")[0] in (source, tests):
        return (
            "other",
            f'only ```python blocks are tangled; write ```python title="{title}", or another title',
        )
    return "other", None


def _classify_python(fence: _Fence, project: Project) -> tuple[Kind, str | None]:
    title = fence.title
    if "hl_lines" in fence.options:
        return "other", "hl_lines is computed from the fold, never typed; take it out"
    if "file" in fence.options:
        return "other", f'a file is named by its title; write ```python title="{fence.options["file"]}"'
    if title is None:
        return "experiment", None
    if project.module.fullmatch(title):
        return "fragment", None
    if not title.strip():
        return "other", "the title is empty; take it out, and the block is an experiment"
    if "/" in title or "\\" in title or title.endswith(".py") or title in (project.source, project.tests):
        paths = f"{project.source}/{project.package}… or {project.tests}/….py"
        return "other", (
            f'the title "{title}" is no path of {paths}; nothing is written elsewhere, '
            "so name a .py file there, or write a title that is no path"
        )
    return "illustration", None


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
