"""Bold is for new terms, each once in the book, at its first use in a chapter."""

from __future__ import annotations

from pathlib import Path

import pytest

from literate.fold.book import Book, load
from literate.show.glossary import bold, terms

ROOT = Path(__file__).parents[2]
AGAIN = {
    ("docs/interlude-one-rule.md", "broadcasting"),
    ("docs/step17-a-circle-that-keeps-itself-alive.md", "garbage collector"),
}
NO_TERMS = {
    f"docs/{name}.md" for name in ("index", "how-to-read", "answers", "memo", "coming-from-the-original")
}


@pytest.fixture(scope="module")
def book() -> Book:
    return load(ROOT)


def test_a_term_is_in_bold_once(book: Book) -> None:
    first = {term.anchor: (term.path, term.line, term.start) for term in terms(book)}
    slugs = {(path, line, start): anchor for anchor, (path, line, start) in first.items()}
    places = [(t, (t.path, t.line, t.start)) for chapter in book.chapters for t in bold(chapter.page)]

    assert {(term.path, term.name) for term, place in places if place not in slugs} <= AGAIN


def test_other_pages_have_no_bold_terms(book: Book) -> None:
    chapters = {chapter.page.path for chapter in book.chapters}
    others = [page for page in book.pages if page.path.startswith("docs/") and page.path not in chapters]

    assert {page.path for page in others if bold(page)} <= NO_TERMS


def test_a_korean_word_of_the_memo_s_subjects_leads_to_its_chapter(book: Book) -> None:
    found = {word: term for term in terms(book) for word in term.translation.split(", ")}

    assert found["역전파"].path == "docs/step05-the-chain-rule-read-backwards.md"
    assert {
        "계산 그래프",
        "경사하강법",
        "연쇄 법칙",
        "약한 참조",
        "순환 참조",
        "고차 미분",
        "뉴턴 방법",
    } <= found.keys()
