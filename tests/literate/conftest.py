"""Little books: chapters given as texts, read as the tool reads the real one."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from literate.book import Book, load

BookOf = Callable[..., Book]


@pytest.fixture
def book_of(tmp_path: Path) -> BookOf:
    """A function that writes a book of these chapters, ``docs/step01-chapter.md`` and so on, and reads it."""

    def write(*chapters: str, **pages: str) -> Book:
        docs = tmp_path / "docs"
        docs.mkdir(exist_ok=True)
        nav = "nav:\n"
        for number, text in enumerate(chapters, 1):
            path = docs / f"step{number:02}-chapter.md"
            path.write_text(f"# Chapter\n\n{textwrap.dedent(text).strip()}\n", encoding="utf-8")
            nav += f"  - {number} · Chapter: {path.name}\n"
        for name, text in pages.items():
            (docs / f"{name}.md").write_text(textwrap.dedent(text).strip() + "\n", encoding="utf-8")
        (tmp_path / "mkdocs.yml").write_text(nav, encoding="utf-8")
        return load(tmp_path)

    return write
