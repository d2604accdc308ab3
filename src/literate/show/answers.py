"""Exercises and their answers: a page for the answers of each chapter, each folded, with links both ways.

An exercise is an item of the list below ``## Exercises`` of a chapter. Its answer is a section of a page that
is no chapter: ``Exercise 2 · …``, below a heading that links to the chapter.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from literate.fold.book import Book
from literate.read.addresses import anchors, lines_of_section
from literate.read.chapters import Chapter
from literate.read.page import LINK, Page

ITEM = re.compile(r"(\d+)\. +")
TITLE = re.compile(r"Exercise (\d+)\b(?: · )?(.*)")

Weave = Callable[[Page], list[str]]  # the lines of a part of a page, woven


@dataclass(frozen=True)
class Answer:
    """The answer to an exercise: the lines of its section, its heading first."""

    number: str
    title: str
    anchor: str  # of its heading
    lines: range


@dataclass(frozen=True)
class Answers:
    """The answers to the exercises of a chapter: a section of a page, and a page of the site."""

    page: Page
    chapter: Chapter
    anchor: str
    lines: range
    answers: tuple[Answer, ...]

    @cached_property
    def path(self) -> str:
        """Of the page of the site."""
        return f"{self.page.path.removesuffix('.md')}-{self.chapter.slug}.md"

    @property
    def places(self) -> Iterator[tuple[str, str, str]]:
        """What links lead to: the number of the exercise, the title, the anchor; the section itself first."""
        yield "", self.chapter.entry, self.anchor
        yield from ((answer.number, answer.title, answer.anchor) for answer in self.answers)

    def target(self, folder: str, number: str = "") -> str:
        """What a link from a page in a folder says to lead to an answer, or to the page."""
        return posixpath.relpath(self.path, folder) + (f"#answer-{number}" if number else "")


@lru_cache(maxsize=2)
def all_answers(book: Book) -> tuple[Answers, ...]:
    """The sections of answers of all pages, in order."""
    others = [page for page in book.pages if page.path not in book.by_path]
    return tuple(found for page in others for found in _answers_on(page, book.by_path))


def _answers_on(page: Page, chapters: dict[str, Chapter]) -> Iterator[Answers]:
    folder = posixpath.dirname(page.path)
    for heading in page.headings:
        link = (heading.link or "").partition("#")[0]
        if chapter := chapters.get(posixpath.normpath(posixpath.join(folder, link))):
            section = lines_of_section(page, heading)
            if answers := tuple(_answers_in(page, section)):
                yield Answers(page, chapter, anchors(page)[heading], section, answers)


def _answers_in(page: Page, section: range) -> Iterator[Answer]:
    for heading in page.headings:
        if heading.line in section and (title := TITLE.fullmatch(heading.text)):
            lines = lines_of_section(page, heading)
            yield Answer(title[1], title[2] or title[0], anchors(page)[heading], lines)


# --- in a chapter -------------------------------------------------------------------------------------------


def linked(book: Book, page: Page, lines: Sequence[str], offset: int) -> list[str]:
    """The lines of a page, as many as before, with what leads to answers; ``offset`` lines are left out."""
    shown = _relinked(book, page, lines)
    for answers in all_answers(book):
        if answers.chapter.page is page:
            numbers = {answer.number for answer in answers.answers}
            for number, item in _items(page):
                if number in numbers:
                    _tie(shown, range(item.start - 1 - offset, item.stop - 1 - offset), number, answers)
    return shown


def _tie(lines: list[str], item: range, number: str, answers: Answers) -> None:
    """Give an exercise an anchor at its beginning, and at its end a link to the answer."""
    anchor = f'<a id="exercise-{number}"></a>'
    target = answers.target(posixpath.dirname(answers.chapter.page.path), number)
    lines[item.start] = ITEM.sub(rf"\g<0>{anchor}", lines[item.start], count=1)
    lines[item.stop] = f"\n    [Answer to exercise {number}]({target}){{ .answer }}\n\n{lines[item.stop]}"


def _items(page: Page) -> Iterator[tuple[str, range]]:
    """The number and the lines of each exercise."""
    section = next((lines_of_section(page, h) for h in page.headings if h.text == "Exercises"), range(0))
    lines = page.text.split("\n")
    outer = [n for n in section if lines[n - 1].strip() and lines[n - 1][0] != " "]
    for start, stop in zip(outer, [*outer, section.stop][1:], strict=True):
        if item := ITEM.match(lines[start - 1]):
            while not lines[stop - 2].strip():
                stop -= 1
            yield item[1], range(start, stop)


def _relinked(book: Book, page: Page, lines: Sequence[str]) -> list[str]:
    """The lines of a page whose links to a section of answers lead to the page that became of it."""
    known = _addresses(book, posixpath.dirname(page.path))

    def mended(link: re.Match[str]) -> str:
        target = known.get(link["target"])
        return link[0].replace(link["target"], target) if target else link[0]

    return [LINK.sub(mended, line) if ".md#" in line else line for line in lines]


@lru_cache(maxsize=8)
def _addresses(book: Book, folder: str) -> dict[str, str]:
    """Where links of a page in a folder lead to, by what they say in the source."""
    return {
        f"{posixpath.relpath(answers.page.path, folder)}#{anchor}": answers.target(folder, number)
        for answers in all_answers(book)
        for number, _, anchor in answers.places
    }


# --- the pages of answers -----------------------------------------------------------------------------------


def list_of_answers(page: Page, found: Sequence[Answers], weave: Weave) -> list[str]:
    """A page with a list in the place of its answers, part by part; what led to an answer still does."""
    lines, at, part = [], 1, ""
    for answers in found:
        lines += weave(_cut(page, range(at, answers.lines.start)))
        if answers.chapter.part != part:
            part = answers.chapter.part
            lines += ["", f"## {part}", ""]
        lines += [_list_item(answers)]
        at = answers.lines.stop
    return lines + weave(_cut(page, range(at, page.text.count("\n") + 2)))


def _list_item(answers: Answers) -> str:
    """The item of a chapter and its answers, with the anchors of the sections that they were."""
    folder = posixpath.dirname(answers.page.path)
    links = [f"[{title}]({answers.target(folder, n)}){{ #{anchor} }}" for n, title, anchor in answers.places]
    return f"- {links[0]}: {', '.join(links[1:])}"


def answers_page(answers: Answers, weave: Weave) -> list[str]:
    """The page of the answers to the exercises of a chapter."""
    page, chapter = answers.page, answers.chapter
    folder = posixpath.dirname(page.path)
    there, all_of_them = posixpath.relpath(chapter.page.path, folder), posixpath.basename(page.path)
    intro = _cut(page, range(answers.lines.start + 1, answers.answers[0].lines.start))
    lines = [
        f"# Answers to {chapter.said}",
        "",
        f"The exercises are those of [{chapter.entry}]({there}#exercises); "
        f"here are [the answers of all chapters]({all_of_them}).",
        "",
        *weave(intro),
    ]
    for answer in answers.answers:
        body = weave(_cut(page, range(answer.lines.start + 1, answer.lines.stop)))
        lines += _folded(answer, there, body)
    return lines


def _folded(answer: Answer, there: str, body: list[str]) -> list[str]:
    """An answer below its heading; a browser opens a fold if a link leads to a place within."""
    titled = f" · {answer.title}" if answer.title else ""
    return [
        "",
        f"## Exercise {answer.number}{titled} {{ #exercise-{answer.number} }}",
        "",
        f"[Back to the exercise]({there}#exercise-{answer.number}){{ .exercise }}",
        "",
        "//// details | Answer",
        "    type: answer",
        "",
        f'<a id="answer-{answer.number}"></a>',
        "",
        *body,
        "////",
    ]


def _cut(page: Page, lines: range) -> Page:
    """A page of which only some lines are left, where they were."""
    text = "\n".join(page.text.split("\n")[lines.start - 1 : lines.stop - 1])
    blocks = tuple(block for block in page.blocks if block.line in lines)
    return replace(page, text="\n" * (lines.start - 1) + text, blocks=blocks)
