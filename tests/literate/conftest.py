"""Little books: chapters given as texts, read as the tool reads the real one."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from little import make_project

from literate.cli import main
from literate.fold.book import Book, load
from literate.show.weave import weave

BookOf = Callable[..., Book]
Woven = Callable[..., str]


@pytest.fixture
def book_of(tmp_path: Path) -> BookOf:
    """A function that writes a book of these chapters, ``docs/step01-chapter.md`` and so on, and reads it.

    A text with a title of its own, ``# Some words``, has no number: ``docs/interlude-some-words.md``.
    """

    def write(*chapters: str, **pages: str) -> Book:
        docs = tmp_path / "docs"
        docs.mkdir(exist_ok=True)
        nav, numbers = "nav:\n", count(1)
        for chapter in chapters:
            text = textwrap.dedent(chapter).strip()
            if title := re.match("# (.*)", text):
                entry, name = title[1], f"interlude-{title[1].lower().replace(' ', '-')}.md"
            else:
                number = next(numbers)
                entry, name, text = (
                    f"{number} · Chapter",
                    f"step{number:02}-chapter.md",
                    f"# Chapter\n\n{text}",
                )
            (docs / name).write_text(f"{text}\n", encoding="utf-8")
            nav += f"  - {entry}: {name}\n"
        for name, text in pages.items():
            (docs / f"{name}.md").write_text(textwrap.dedent(text).strip() + "\n", encoding="utf-8")
        make_project(tmp_path)
        (tmp_path / "mkdocs.yml").write_text(nav, encoding="utf-8")
        return load(tmp_path)

    return write


@pytest.fixture
def woven(book_of: BookOf) -> Woven:
    """A function that writes a book of these chapters and weaves one of them, the last by default.

    What leads from there to lives and downloads is left out.
    """

    def result(*chapters: str, number: int = -1, pictures: dict[int, str] | None = None) -> str:
        book = book_of(*chapters)
        assert book.findings == ()
        page = "\n".join(weave(book, book.chapters[number].page, pictures or {}, ()))
        page = re.sub(r"\[(`[^`]+`)\]\(life-[^)]*\)", r"\1", page)
        return re.sub(r'<a id="[^"]*"></a>|\n\nTo take home: .*\n.*\Z', "", page)

    return result


class Outcome(NamedTuple):
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture
def literate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """A function that runs a command in the book of the test."""

    def run(*arguments: str) -> Outcome:
        code = main(["--root", str(tmp_path), *arguments])
        return Outcome(code, *capsys.readouterr())

    return run


@pytest.fixture
def edit(tmp_path: Path) -> Callable[[str, str, str], None]:
    """A function that replaces a text in a file of the project, and nothing else of its bytes."""

    def replace(path: str, old: str, new: str) -> None:
        text = (tmp_path / path).read_bytes().decode()
        assert old in text
        (tmp_path / path).write_bytes(text.replace(old, new).encode())

    return replace
