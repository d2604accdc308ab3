"""The terms of a book: what bold is one, what it means, the two links, the second language."""

from __future__ import annotations

import pytest

from literate.fold.book import load
from literate.show.folder import folder
from literate.show.glossary import bold, terms, wrong_terms
from literate.show.links import wrong_links
from literate.show.weave import weave

GLOSSARY = """
    # Words

    ```text title="Glossary"
    ```
"""
TRANSLATED = """
    # Words

    ```text title="Glossary, ko"
    graph: 그래프
    ```
"""


def shown(book, path):
    """A page, woven."""
    page = next(page for page in book.pages if page.path == path)
    return "\n".join(weave(book, page, {}, ()))


def wrong(book):
    """What is wrong with the terms of all pages, with their lines."""
    return [(f.path, f.line, f.message) for page in book.pages for f in wrong_terms(book, page)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A **graph** has a **node** or two.", ["graph", "node"]),
        ("- the **forget gate** says what stays;", ["forget gate"]),
        ("    A **note** within a note.", ["note"]),
        (
            "**Weight decay** is small.\nA second one. **Early stopping**, and **Adam**.",
            ["weight decay", "early stopping", "Adam"],
        ),
        ("**MNIST** and **AdaGrad** are names.", ["MNIST", "AdaGrad"]),
        ("1. **Half.**\n   What is it?", []),
        ("**In every operation.** And so on.", []),
        ("| **head** | **other** |", []),
        ("See [**Part 1**](index.md) and `x**2` or `y**2`.", []),
        ("Not $a**b**c$, not <!-- **a** -->, not ***a***.", []),
        ("## A **heading**", []),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_a_term_is_a_word_in_bold_that_heads_nothing(book_of, text, names):
    book = book_of(text)

    assert [term.name for term in bold(book.chapters[0].page)] == names


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("One. A **graph** is a drawing.\nMore.", "A graph is a drawing."),
        ("It splits a sum.\nThis is called **halving**.", "It splits a sum. This is called halving."),
        ("Above.\n\nThis is **alone**.", "This is alone."),
        ("It is\n\n$$\nx + y .\n$$\n\nThis is a **sum**.", "It is $x + y .$ This is a sum."),
        ("A **sum** is\n\n$$\nx + y\n$$\n\nMore.", "A sum is $x + y$"),
        ("There are\n\n- the first;\n- the **gate**, see [it](index.md);\n- others.", "the gate, see it."),
        ("A [note](index.md) here.[^1]\nSuch a **note** is short.[^1]", "A note here. Such a note is short."),
    ],
    ids=[
        "a sentence",
        "the one before",
        "none before",
        "a formula before",
        "a formula after",
        "an item",
        "links",
    ],
)
def test_a_meaning_stands_alone(book_of, text, meaning):
    book = book_of(text)

    assert [term.meaning for term in bold(book.chapters[0].page)] == [meaning]


def test_a_term_and_its_entry_lead_to_each_other(book_of):
    book = book_of("Text.", "A **test function** is known.", words=GLOSSARY)

    chapter, words = shown(book, "docs/step02-chapter.md"), shown(book, "docs/words.md")
    assert "A [**test function**](words.md#test-function){ #term-test-function .term } is known." in chapter
    assert "[**test function**](step02-chapter.md#term-test-function){ #test-function }" in words
    assert ":   A test function is known.\n" in words


def test_a_term_that_comes_again_is_a_word_in_bold(book_of):
    book = book_of("A **graph** is.", "A **graph** was.", words=GLOSSARY)

    assert "A **graph** was." in shown(book, "docs/step02-chapter.md")
    assert [(term.path, term.line) for term in terms(book)] == [("docs/step01-chapter.md", 3)]


def test_without_a_glossary_bold_is_bold(book_of):
    book = book_of("A **graph** is.")

    assert terms(book) == ()
    assert "A **graph** is." in shown(book, "docs/step01-chapter.md")


def test_other_pages_than_chapters_introduce_no_terms(book_of):
    book = book_of("Text.", words=GLOSSARY, about="A **graph** is.")

    assert terms(book) == ()


def test_an_entry_has_its_translation_in_its_language(book_of):
    book = book_of("A **graph** is.", words=TRANSLATED)

    assert '<span class="other" lang="ko">그래프</span>' in shown(book, "docs/words.md")
    assert [(term.name, term.translation, term.anchor) for term in terms(book)] == [
        ("graph", "그래프", "term-graph")
    ]


def test_the_author_may_spell_a_term(book_of):
    book = book_of("**Newton's method** is.", words=TRANSLATED.replace("graph:", "Newton's method:"))

    assert [term.name for term in terms(book)] == ["Newton's method"]


def test_the_author_may_name_a_term_in_the_singular(book_of):
    book = book_of("Some **graphs** are.", words=TRANSLATED)

    assert [(term.name, term.slug) for term in terms(book)] == [("graph", "graph")]
    assert "[**graphs**](words.md#graph){ #term-graph .term }" in shown(book, "docs/step01-chapter.md")


def test_a_term_without_a_translation_is_a_finding(book_of):
    book = book_of("A **graph** is.\nA **node** is.", words=TRANSLATED)

    [(path, line, message)] = wrong(book)
    assert (path, line) == ("docs/step01-chapter.md", 4)
    assert message.startswith('the term node has no translation in docs/words.md; write "node: …" there')


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("grahp: x", "no chapter has grahp in bold; did you mean graph?"),
        ("other: x", "no chapter has other in bold; take the line out, or set the word in bold there"),
        ("Graph: x", "Graph has a line already; take one of the two out"),
    ],
)
def test_an_entry_that_is_no_term_is_a_finding(book_of, entry, message):
    book = book_of("A **graph** is.", words=TRANSLATED.replace("그래프", f"그래프\n    {entry}"))

    assert wrong(book) == [("docs/words.md", 5, message)]


def test_in_one_language_an_entry_may_be_missing(book_of):
    book = book_of("A **graph** is.", words=GLOSSARY)

    assert wrong(book) == []


def test_letters_are_places_and_entries_are_in_order(book_of):
    book = book_of("A **b** is, an **a** is, a **c** is.", words=GLOSSARY)

    text = shown(book, "docs/words.md")
    assert "[A](#letter-a) [B](#letter-b) [C](#letter-c)\n{ .letters }" in text
    assert text.index("## A { #letter-a }") < text.index("**a**") < text.index("## B { #letter-b }")


def test_a_page_may_link_to_a_term_and_to_its_entry(book_of):
    links = "[a](step01-chapter.md#term-graph) [b](words.md#graph) [c](words.md#grahp)"
    book = book_of("A **graph** is.", words=GLOSSARY, about=links)

    page = next(page for page in book.pages if page.path == "docs/about.md")
    assert [finding.message for finding in wrong_links(book, page)] == [
        "words.md has no place called #grahp; did you mean #graph?"
    ]


def test_what_a_term_is_elsewhere_changes_a_page(book_of, tmp_path):
    book_of("Text.", "A **graph** is.", words=GLOSSARY)
    before = folder(load(tmp_path)).pages
    (tmp_path / "docs/step01-chapter.md").write_text("# Chapter\n\nA **graph** was.\n", encoding="utf-8")
    after = folder(load(tmp_path)).pages

    assert ".term }" in before["step02-chapter.md"].text
    assert ".term }" not in after["step02-chapter.md"].text
    assert "A graph was." in after["words.md"].text
