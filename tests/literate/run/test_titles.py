"""Which experiments hold only until a change below them, and whether their titles say so."""

from __future__ import annotations

import pytest

from literate.read.page import BEFORE
from literate.run import sessions
from literate.run.apart import Workers
from literate.run.output import retitled
from literate.run.sessions import mistitled, results, start_at_the_end, title_finding

pytestmark = pytest.mark.slow

DOUBLE = '```python title="src/dezero.py"\ndef double(x):\n    return {}\n```'
ASK = '```python\nfrom dezero import double\n\nprint(double(2))\n```\n\n```text title="Output"\n{}\n```'
CHANGED = [DOUBLE.format("x + 1"), ASK.format(3), DOUBLE.format("2 * x"), ASK.format(4)]
SAYS_SO = f'```python title="{BEFORE}"'


def wrong(book):
    """The lines of the experiments whose titles are wrong, of the first chapter."""
    session = book.sessions[0]
    (did,) = results([session], book.project)
    with Workers(book.project) as workers:
        return [block.line for block in mistitled(did, start_at_the_end(workers, book, session).result())]


def lines(book):
    return [block.line for block in book.chapters[0].page.of("experiment")]


def titled(text):
    return text.replace("```python\n", f"{SAYS_SO}\n")


def test_what_a_change_below_ends_shall_say_so(book_of):
    book = book_of("\n\n".join(CHANGED))

    assert wrong(book) == lines(book)[:1]


def test_what_says_so_is_right(book_of):
    assert wrong(book_of("\n\n".join([CHANGED[0], titled(CHANGED[1]), *CHANGED[2:]]))) == []


def test_what_a_change_leaves_as_it_is_shall_not(book_of):
    same = [DOUBLE.format("2 * x"), titled(ASK.format(4)), DOUBLE.format("x + x")]
    book = book_of("\n\n".join(same))

    assert wrong(book) == lines(book)


def test_what_raises_with_the_chapter_s_end_shall_say_so(book_of):
    book = book_of("\n\n".join([DOUBLE.format("2 * x"), ASK.format(4), DOUBLE.format("x / 0")]))

    assert wrong(book) == lines(book)


def test_the_next_chapter_ends_nothing(book_of):
    assert wrong(book_of("\n\n".join(CHANGED[:2]), DOUBLE.format("2 * x"))) == []


def test_of_what_is_wrong_already_nothing_is_said(book_of):
    assert wrong(book_of("\n\n".join([CHANGED[0], ASK.format(5), *CHANGED[2:]]))) == []


def test_where_only_tests_change_nothing_is_run_again(book_of, monkeypatch):
    tests = '```python title="tests/test_a.py"\nA = 1\n```'
    book = book_of("\n\n".join([*CHANGED[:2], tests]))
    monkeypatch.setattr(sessions, "_run_session", None)

    with Workers(book.project) as workers:
        assert start_at_the_end(workers, book, book.sessions[0]).result() == ()


def test_a_finding_says_what_to_do(book_of):
    page = book_of(f"{ASK.format(3)}\n\n{titled(ASK.format(3))}").chapters[0].page
    plain, before = page.of("experiment")

    assert f'write ```python title="{BEFORE}", or let' in title_finding(plain).message
    assert "take its title away, or let" in title_finding(before).message


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "opening", ["```python", "> ```{.python}", "```{ .python linenums=1 }", "~~~python "]
)
def test_a_title_that_is_given_and_taken_away_leaves_a_page_as_it_was(book_of, opening, newline):
    prefix, mark = opening[: opening.index("p")].rpartition(" ")[0][:2].strip(" `~"), opening.strip("> ")[:3]
    prefix = "> " if prefix else ""
    text = f"# Chapter\n\n{opening}\n{prefix}1\n{prefix}{mark}\n"
    page = book_of(text.removeprefix("# Chapter\n\n")).chapters[0].page
    given = retitled(text.replace("\n", newline), page.of("experiment"))
    after = book_of(given.replace("\r\n", "\n").removeprefix("# Chapter\n\n")).chapters[0].page

    assert [block.is_before for block in after.of("experiment")] == [True]
    assert retitled(given, after.of("experiment")) == text.replace("\n", newline)


def test_only_a_chapter_has_such_experiments(book_of):
    book = book_of(CHANGED[0], other=f"# Other\n\n{SAYS_SO}\n1\n```\n")

    assert [finding.message for finding in book.findings] == [
        "only a chapter has changes below its experiments; take the title away"
    ]


def test_a_title_that_is_almost_this_one_is_a_finding(book_of):
    book = book_of('```python title="before the change below"\n1\n```')

    assert f'write ```python title="{BEFORE}"' in book.findings[0].message
