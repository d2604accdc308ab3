"""A page -> the Markdown that the site renders: labels, changed lines, outputs and pictures.

Text in, text out: what is woven is plain Markdown in Material's notation, so each renderer of Python-Markdown
shows it, links are checked by MkDocs, and annotations, admonitions and tabs work beside it. Only pictures and
errors are HTML.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from itertools import takewhile

from literate.fold.book import Book
from literate.fold.lives import lives
from literate.read.finding import Finding
from literate.read.page import ANNOTATION, FRONT_MATTER, Block, Page
from literate.read.quoting import fenced
from literate.show import answers, downloads
from literate.show.changed import new_rows, runs_as_before, shortened, whole_and_difference
from literate.show.glossary import glossary_lines, list_name, mark_terms
from literate.show.labels import Label
from literate.show.life_picture import picture
from literate.show.live import marks
from literate.show.name_index import index_lines
from literate.show.sources import source_lines

FENCE = re.compile(r"(`{3,}|~{3,}).*")
NOTE = re.compile(r"\d+\.\s|\s|$")  # a line of a list, or below an item
TILDES = "~~~~~~"  # so that the code of a page may stand within
LISTS = {"Glossary": glossary_lines, "Index": index_lines, "Sources": source_lines}
HEADERS = {
    "moves": "{ .sh .fragment }",
    "experiment": "{ .python .experiment }",
    "output": "{ .text .output }",
}


def weave(book: Book, page: Page, pictures: dict[int, str], findings: Sequence[Finding]) -> list[str]:
    """The lines of a page, woven; ``pictures`` holds the HTML of its Figure blocks by their line."""
    lines = FRONT_MATTER.sub("", page.text).lstrip("\n").expandtabs(4).split("\n")
    offset = page.text.count("\n") + 1 - len(lines)
    live = marks(book, page)
    mark_terms(book, page, lines, offset)
    lines = answers.linked(book, page, lines, offset)
    for block in reversed(page.blocks):
        start, end = block.line - 1 - offset, block.end - offset
        notes = _notes(block, lines[end:])
        written, stop = lines[start:end], end + len(notes)
        if block.kind == "life":
            lines[start:stop] = _life_drawn(book, page, block) or written
        elif block.kind == "list":
            lines[start:stop] = LISTS[list_name(block)](book, page, block)
        elif block.kind == "figure" and block.line in pictures:
            lines[start:stop] = ["", *_html(pictures[block.line], block.prefix), "", *notes]
        else:
            label = _before_label(block) if block.is_before else []
            code = _code_woven(book, block, written, notes, live.get(block.line, ""))
            lines[start:stop] = [*label, *code]
    chapter = book.by_path.get(page.path)
    above = [chapter.kicker, '{ .kicker data-search-exclude="" }', ""] if chapter else []
    below = downloads.links(book, chapter) if chapter else []
    return [*errors(findings), *above, *lines, *below]


def _life_drawn(book: Book, page: Page, block: Block) -> list[str]:
    """The picture of a life in the place of its block; nothing if there is no such life."""
    last, found = book.last_chapter(page, block), lives(book).named(block.subject)
    drawn = picture(book, *found, block.code, last) if last and found else []
    return [f"{block.prefix}{line}".rstrip() for line in drawn]


def _code_woven(book: Book, block: Block, lines: list[str], notes: list[str], live: str) -> list[str]:
    """A block of code as the site renders it: ``lines`` are its fence, ``notes`` its annotations."""
    label = Label(book, block).lines() if block.kind in ("fragment", "moves") else []
    if block.kind == "fragment":
        return [*label, *_views(book, block, lines, notes)]
    header = HEADERS.get(block.kind)
    if live:
        title = f'title="{block.title}" ' if block.kind == "illustration" else ""
        header = f"{(header or '{ .python }')[:-1]}{title}{live} }}"
    return [*label, *_headed(lines, header), *notes]


def _before_label(block: Block) -> list[str]:
    """The label of an experiment that holds only until a change below it."""
    prefix = block.prefix
    said = [f"{prefix}{block.title}", f'{prefix}{{ .before data-search-exclude="" }}']
    return [prefix.rstrip(), *said, prefix.rstrip()]


def _html(markup: str, prefix: str) -> list[str]:
    """HTML that Markdown leaves alone; what stands in a list or an admonition needs a block of its own."""
    if not prefix:
        return [markup]
    inner = [line for line in markup.split("\n") if line.strip()]
    block = ["/// html | div", "    markdown: html", "", *inner, "///"]
    return [f"{prefix}{line}".rstrip() for line in block]


def _notes(block: Block, below: list[str]) -> list[str]:
    """The list of annotations that belongs to a block, with the blank lines around it."""
    if not ANNOTATION.search(block.code):
        return []
    notes = list(takewhile(lambda line: NOTE.match(line.removeprefix(block.prefix)), below))
    return notes if any(line.strip() for line in notes) else []


def _views(book: Book, block: Block, lines: list[str], notes: list[str]) -> list[str]:
    """A fragment as written; and where it changes what was there, the whole of that and the difference.

    What it repeats at length is left out of the first view; then the whole is what was written, if no more.
    """
    runs = runs_as_before(block, book.changes_of(block))
    marked = " ".join(map(str, new_rows(block, book.changes_of(block), runs)))
    header = "{ .python .fragment" + (f' hl_lines="{marked}" }}' if marked else " }")
    changed = _headed(shortened(lines, block.prefix, runs), header) + notes
    shown = {line.strip() for line in block.tangled.split("\n")}
    text, difference = whole_and_difference(book, block)
    lines_of_it = [line.strip() for line in text.split("\n") if line.strip()]
    if (text or not difference) and "..." not in shown and shown.issuperset(lines_of_it):
        if not runs:
            return changed
        text = block.tangled
    views = {"Changed": [line.removeprefix(block.prefix) for line in changed]}
    if text:  # else all of it is taken away
        views["Whole"] = fenced(text, ' { .python .whole data-search-exclude="" }', TILDES)
    if difference:  # imports have none
        views["Difference"] = fenced(difference, ' { .diff .difference data-search-exclude="" }', TILDES)
    tabs = [
        tab
        for name, view in views.items()
        for tab in (f'=== "{name}"', "", *(f"    {line}" for line in view), "")
    ]
    return [f"{block.prefix}{line}".rstrip() for line in tabs]


def _headed(lines: list[str], header: str | None) -> list[str]:
    """The lines of a block with another header."""
    return [FENCE.sub(rf"\1 {header}", lines[0]), *lines[1:]] if header else lines


def errors(findings: Sequence[Finding]) -> list[str]:
    """The box at the top of a page that says what is wrong with it."""
    if not findings:
        return []
    items = "".join(f"<li><pre>{html.escape(str(finding))}</pre></li>" for finding in findings)
    count = "one thing is" if len(findings) == 1 else f"{len(findings)} things are"
    title = f"<p>On this page {count} to be mended.</p>"
    return [f'<div class="literate-errors" role="alert">{title}<ul>{items}</ul></div>', ""]
