"""What an experiment puts out: held against the block that follows it, and written into it."""

from __future__ import annotations

import difflib
import os
import re
import sysconfig
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from literate.fold.book import Session, Step
from literate.read.finding import Finding
from literate.read.page import BEFORE, CONTROL, Block
from literate.read.quoting import fenced

INFO = 'text title="Output"'
END_OF_OPENING = re.compile(r"\s*\}?\s*$")
FENCE = re.compile(r"(`{3,}|~{3,})")
ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")  # colours, titles
VERSIONED = re.compile(r"(\.py)@[0-9a-f]{8}\b")  # the name of a snapshot's module


def normal(text: str) -> str:
    """A text as a terminal would show it and a page can: no white space at the ends of lines, no tabs."""
    lines = (_overwritten(ESCAPE.sub("", line)) for line in text.replace("\r\n", "\n").split("\n"))
    shown = (CONTROL.sub(_visible, line.expandtabs(8)).rstrip() for line in lines)
    return "\n".join(shown).rstrip("\n")


def _overwritten(line: str) -> str:
    """The last state of a line in which ``\\r`` and ``\\b`` go back."""
    if "\r" not in line and "\b" not in line:
        return line
    shown: list[str] = []
    at = 0
    for letter in line:
        if letter in "\r\b":
            at = 0 if letter == "\r" else max(0, at - 1)
        else:
            shown[at : at + 1] = letter
            at += 1
    return "".join(shown)


def _visible(match: re.Match[str]) -> str:
    """A control character as Python writes it."""
    return ascii(match[0])[1:-1]


@cache
def _installed() -> list[str]:
    """The folders of Python's own modules and of others, the longest first."""
    paths = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return sorted(paths, key=len, reverse=True)


def on_any_machine(text: str, root: Path) -> str:
    """A text whose paths are the same everywhere: tracebacks show ``docs/…`` or ``numpy/…``."""
    for folder in (str(root), *_installed()):
        text = text.replace(f"{folder}{os.sep}", "")
    return VERSIONED.sub(r"\1", text)


def difference(shown: str, actual: str) -> str:
    """What the page shows and what the run puts out, as a unified diff; empty if they are the same."""
    old, new = normal(shown).split("\n"), normal(actual).split("\n")
    names = {"fromfile": "the page shows", "tofile": "the run puts out"}
    return "\n".join(difflib.unified_diff(old, new, **names, n=2, lineterm=""))


def findings(session: Session, step: Step, output: str, has_picture: bool) -> Iterator[Finding]:
    """What is wrong with what an experiment put out."""
    block, answer = step.block, step.answer
    command = f"`python -m literate run {f'{session.key} ' if session.key else ''}--update`"
    output = normal(output)
    if answer and answer.kind == "output":
        if not output:
            yield answer.finding(f"the experiment puts nothing out; {command} takes this block away")
        elif diff := difference(answer.code, output):
            way_out = f"mend the code, or {command} writes the new output"
            yield answer.finding(f"the output differs; {way_out}\n{diff}")
    elif output and answer:
        both = "the experiment draws a picture and puts out text"
        yield answer.finding(f"{both}; make it two experiments\n{output}")
    elif output:
        yield block.finding(f"puts something out, and no Output block follows; {command} writes it\n{output}")
    if answer and answer.kind == "figure":
        if not has_picture:
            way_out = "end it in the figure, or take this block away"
            yield answer.finding(f"the experiment draws nothing; {way_out}")
        if not all(answer.caption_and_alt):
            way_out = "write a caption, a blank line and the alt text"
            yield answer.finding(f"says what is seen to nobody; {way_out}")
    elif has_picture:
        way_out = 'write ```text title="Figure" with a caption, a blank line and the alt text'
        drawn = f"draws a picture, and no Figure block follows; {way_out}"
        yield block.finding(f"{drawn}, or end the block in a semicolon")


def rewritten(text: str, outputs: Iterable[tuple[Block, Block | None, str]]) -> str:
    """A page with these outputs in its Output blocks; each is an experiment, its Output block, an output."""
    newline = "\r\n" if "\r\n" in text else "\n"
    before = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = list(before)
    for block, answer, output in sorted(outputs, key=lambda entry: -entry[0].line):
        output = normal(output)
        if answer and normal(answer.code) != output:
            _replace(lines, answer, output)
        elif output and not answer:
            shown = [_prefixed(block.prefix, line) for line in ["", *fenced(output, INFO)]]
            lines[block.end : block.end] = shown
    return text if lines == before else newline.join(lines)


def retitled(text: str, blocks: Iterable[Block]) -> str:
    """A page in which these experiments have the title ``BEFORE``, or have it no longer."""
    lines, title = text.split("\n"), f' title="{BEFORE}"'
    for block in blocks:
        opening = lines[block.line - 1]
        with_title = END_OF_OPENING.sub(rf"{title}\g<0>", opening, count=1)
        lines[block.line - 1] = opening.replace(title, "") if block.is_before else with_title
    return "\n".join(lines)


def _replace(lines: list[str], answer: Block, output: str) -> None:
    """Put an output into its block, or take the block away, with the blank line above it."""
    start, end = answer.line - 1, answer.end
    if output:
        opening = FENCE.search(lines[start])
        first, *rest = fenced(output, INFO, opening[1] if opening else "```")
        head = lines[start][: opening.start()] if opening else answer.prefix
        lines[start:end] = [head + first, *(_prefixed(answer.prefix, line) for line in rest)]
    else:
        above_is_blank = lines[start - 1].strip() in ("", answer.prefix.strip())
        del lines[start - above_is_blank : end]


def _prefixed(prefix: str, line: str) -> str:
    return (prefix + line).rstrip()
