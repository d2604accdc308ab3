"""A page's lines -> its fences, found by SuperFences itself: what is tangled is what is shown.

And what an author takes for a fence, while the page shows none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import markdown
from pymdownx.superfences import SuperFencesBlockPreprocessor  # type: ignore[import-untyped]

FENCE = re.compile(r"[> \t]*(?:[-+*]|\d+[.)])?[> \t]*(`{3,}(?!.*`)|~{3,})(.*)")
RAW_HTML = re.compile(r" {0,3}<[a-z]", re.IGNORECASE)


@dataclass(frozen=True)
class Fence:
    """A fenced block: ``start`` and ``end`` are a slice of the page's lines, both fences included."""

    start: int
    end: int
    marker: str
    language: str
    title: str | None
    options: dict[str, str]
    code: str
    prefix: str


class _Recorder(SuperFencesBlockPreprocessor):  # type: ignore[misc]
    """SuperFences, noting each fence that it accepts instead of rendering it."""

    fences: list[Fence]

    def process_nested_block(self, ws: str, content: str, start: int, end: int) -> None:
        options = {**self.attrs, **self.options}
        code = self.rebuild_block(self.code)
        self.fences.append(
            Fence(start, end, self.fence, self.lang or "", options.get("title"), options, code, self.ws)
        )
        self.clear()


@cache
def _fence_parser() -> Any:
    return markdown.Markdown(
        extensions=["attr_list", "md_in_html", "pymdownx.highlight", "pymdownx.superfences"],
        extension_configs={"pymdownx.superfences": {"disable_indented_code_blocks": True}},
    )


def read_fences(lines: list[str]) -> list[Fence]:
    """The fences that SuperFences renders."""
    original = _fence_parser().preprocessors["fenced_code_block"]
    recorder = _Recorder(_fence_parser())
    recorder.config, recorder.extension = original.config, original.extension
    recorder.fences = []
    recorder.run(lines)
    return recorder.fences


def swallowed(fence: Fence, inside: list[str]) -> int | None:
    """The line of a block at which another opens, by a fence too long to be its content."""
    for number, line in enumerate(inside, 1):
        match = FENCE.fullmatch(line)
        if match and match[2].strip() and match[1].startswith(fence.marker):
            return number
    return None


def passed_over(prose: Sequence[str], starts: Sequence[int]) -> Iterator[tuple[int, str, int]]:
    """What looks like a fence and is none: its line, what is wrong, and the line up to which it is unread.

    Up to the next line of ``starts``, which open blocks, whatever else looks like a fence follows from it.
    """
    found = [(n, match) for n, line in enumerate(prose, 1) if (match := FENCE.fullmatch(line))]
    end = 0
    for (number, match), following in zip(found, [*found[1:], None], strict=False):
        if number > end:
            end = next((start - 1 for start in starts if start > number), len(prose))
            closing = following if following and following[0] <= end else None
            yield number, _why_none(match, closing), end


def _why_none(match: re.Match[str], closing: tuple[int, re.Match[str]] | None) -> str:
    if closing and not closing[1][2].strip() and len(closing[1][1]) != len(match[1]):
        ticks = "backticks" if match[1][0] == "`" else "tildes"
        what = f"a fence of {len(match[1])} {ticks} is closed by one of {len(closing[1][1])}"
        return f"{what} in line {closing[0]}; make them the same"
    return (
        "looks like a fence, but SuperFences renders no block here; write ```python or "
        '```python title="src/…" on a line of its own, and close it at the same indentation'
    )


def in_raw_html(lines: list[str], fences: list[Fence]) -> Iterator[Fence]:
    """The first fence of each piece of HTML in which a page reads no Markdown."""
    if not any(map(RAW_HTML.match, lines)):
        return
    marked = list(lines)
    for number, fence in enumerate(fences):
        marked[fence.start : fence.end] = [
            f"{fence.prefix}\x02{number}\x03",
            *[""] * (fence.end - fence.start - 1),
        ]
    _fence_parser().reset().preprocessors["html_block"].run(marked)
    for html in _fence_parser().htmlStash.rawHtmlBlocks:
        if not isinstance(html, str):  # an element, which HTML that is read as Markdown may hold
            html = "" if html.get("markdown") else "".join(html.itertext())
        found = re.search("\x02(\\d+)\x03", html)
        if found and not html.lstrip().startswith("<!--"):
            yield fences[int(found[1])]
