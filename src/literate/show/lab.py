"""A lab, run by mkdocs-jupyter -> a page in the notation of the chapters, woven and rendered like one.

What the cells put out is read from nbconvert's HTML. The rest of that HTML is dropped, with its 600 KB of
styles, its scripts from elsewhere, and its links that nobody checks.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag

from literate.read.finding import Finding
from literate.read.page import Page, read_page
from literate.read.project import Project
from literate.run.picture import inline
from literate.show.figure import figure

SVG = "data:image/svg+xml;base64,"


@dataclass(frozen=True)
class Shown:
    """What a code cell put out: its text, and its pictures as HTML."""

    text: str
    pictures: tuple[str, ...]


@dataclass(frozen=True)
class Lab:
    """A lab as a page of the book, its pictures by the line of their Figure block, what is wrong with it."""

    page: Page
    pictures: dict[int, str]
    findings: tuple[Finding, ...]


def read_lab(project: Project, path: str, source: str, html: str) -> Lab:
    """Read the lab at ``path``, a percent script or a notebook, with the HTML that mkdocs-jupyter made of it.

    A Figure block is a Markdown cell of its own, right after the cell that draws.
    """
    cells = _cells(path, source)
    outputs = iter(shown(html))
    parts: list[str] = []
    drawn: list[tuple[str, int]] = []  # the pictures, each with the line of its cell in the source
    for cell in cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.cell_type == "code":
            output = next(outputs)
            parts.append(fenced("python", cell.source))
            parts += [fenced('text title="Output"', output.text)] if output.text else []
            drawn += [(picture, _line(source, cell.source)) for picture in output.pictures]
    page = read_page(path, "\n\n".join(parts) + "\n", project)
    blocks = page.of("figure")
    findings = list(_captions(page, len(drawn), drawn[len(blocks) :]))
    pairs = zip(blocks, drawn, strict=False)
    return Lab(page, {b.line: figure(picture, b) for b, (picture, _) in pairs}, tuple(findings))


def shown(html: str) -> Iterator[Shown]:
    """What each code cell put out, in their order."""
    _, _, notebook = html.partition('<div class="jupyter-wrapper">')
    for cell in BeautifulSoup(notebook, "html.parser").select("div.jp-CodeCell[id]"):
        outputs = cell.select(".jp-OutputArea-output")
        texts = [output.get_text().strip("\n") for output in outputs if _is_text(output)]
        pictures = [_picture(output) for output in outputs if not _is_text(output)]
        yield Shown("\n".join(filter(None, texts)), tuple(pictures))


def fenced(info: str, code: str) -> str:
    """A fence that is longer than any in the code."""
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{info}\n{code}\n{fence}"


def _cells(path: str, source: str) -> Sequence[Any]:
    import jupytext  # type: ignore[import-untyped]

    cells: Sequence[Any] = jupytext.reads(source, fmt=Path(path).suffix.lstrip(".")).cells
    return cells


def _is_text(output: Tag) -> bool:
    return output.find("pre", recursive=False) is not None


def _picture(output: Tag) -> str:
    image = output.find("img", recursive=False)
    if image is None:
        return f"<div>{output.decode_contents().strip()}</div>"
    source = str(image["src"])
    if source.startswith(SVG):
        return inline(b64decode(source.removeprefix(SVG)).decode())
    return f'<img src="{source}">'


def _captions(page: Page, number: int, bare: Sequence[tuple[str, int]]) -> Iterator[Finding]:
    """Pictures and Figure blocks that have no partner."""
    for _, line in bare:
        message = (
            'a picture without words; put a Markdown cell with a ```text title="Figure" block below its cell'
        )
        yield Finding(page.path, line, message)
    for block in page.of("figure")[number:]:
        yield block.finding("this Figure block has no picture; take it out, or end the cell with plt.show()")


def _line(source: str, code: str) -> int:
    """The line of the source where a cell begins."""
    first = code.strip().split("\n")[0]
    return next((number for number, line in enumerate(source.split("\n"), 1) if first in line), 1)
