"""Which experiments hold only until a change below them."""

from __future__ import annotations

import pytest

from literate.run import sessions
from literate.run.sessions import before_changes

pytestmark = pytest.mark.slow

DOUBLE = '```python title="src/dezero.py"\ndef double(x):\n    return {}\n```'
ASK = '```python\nfrom dezero import double\n\nprint(double(2))\n```\n\n```text title="Output"\n{}\n```'
CHANGED = [DOUBLE.format("x + 1"), ASK.format(3), DOUBLE.format("2 * x"), ASK.format(4)]


def before(book):
    """The lines of such experiments, chapter by chapter."""
    return sorted(line for _, line in before_changes(book, book.sessions))


def lines(book, number=0):
    return [block.line for block in book.chapters[number].page.of("experiment")]


def test_what_a_change_below_ends_is_before_it(book_of):
    book = book_of("\n\n".join(CHANGED))

    assert before(book) == lines(book)[:1]


def test_what_a_change_leaves_as_it_is_is_not(book_of):
    book = book_of("\n\n".join([DOUBLE.format("2 * x"), ASK.format(4), DOUBLE.format("x + x")]))

    assert before(book) == []


def test_what_raises_with_the_chapter_s_end_is_before_the_change(book_of):
    book = book_of("\n\n".join([DOUBLE.format("2 * x"), ASK.format(4), DOUBLE.format("x / 0")]))

    assert before(book) == lines(book)


def test_the_next_chapter_ends_nothing(book_of):
    book = book_of("\n\n".join(CHANGED[:2]), DOUBLE.format("2 * x"))

    assert before(book) == []


def test_what_stands_below_the_last_change_is_not_run_again(book_of, monkeypatch):
    tests = '```python title="tests/test_a.py"\nA = 1\n```'
    book = book_of("\n\n".join([*CHANGED[:2], tests]))
    monkeypatch.setattr(sessions, "results", lambda asked, *_, **o: [*asked] and pytest.fail("asked"))

    assert before(book) == []


def test_it_is_asked_once(book_of, monkeypatch):
    book = book_of("\n\n".join(CHANGED))
    found = before(book)
    monkeypatch.setattr(sessions, "results", lambda asked, *_, **o: [*asked] and pytest.fail("again"))

    assert before(book) == found
