"""The list of what the pages cite: where, and what is not in it."""

from __future__ import annotations

import pytest

from literate.show.sources import citations, wrong_sources
from literate.show.weave import weave

SOURCES = """
    # Sources

    ```text title="Sources"
    Kahn, *Sorting networks*, 1962.
    ```
"""


def wrong(book):
    """What is wrong with the sources of all pages."""
    return [(f.path, f.line, f.message) for page in book.pages for f in wrong_sources(book, page)]


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("It is old (Kahn, *Sorting networks*, 1962).", [("Sorting networks", "1962")]),
        (
            "Kahn (*Sorting*, second edition, 1962) and Ypma (*A story*, 1995).",
            [("Sorting", "1962"), ("A story", "1995")],
        ),
        (
            "*Trust regions* (Schulman and others, 2015) and *Sorting* by Kahn (1962).",
            [("Trust regions", "2015"), ("Sorting", "1962")],
        ),
        ("It has *one* step, and **two** in 1962.", []),
        ("*Such* a run takes 1,962 steps.", []),
    ],
    ids=["author before", "author outside", "author after", "no title", "no year"],
)
def test_a_citation_is_a_title_and_a_year(book_of, text, cited):
    page = book_of(text).chapters[0].page

    assert [(title, year) for _, title, year in citations(page)] == cited


def test_a_source_leads_to_the_sections_that_cite_it(book_of):
    book = book_of(
        "Text.",
        "## A part\n\nIt is old (*Sorting networks*, 1962).",
        sources=SOURCES,
        about="# About\n\n*Sorting Networks*, 1962.",
    )

    page = next(page for page in book.pages if page.path == "docs/sources.md")
    assert (
        "\n".join(weave(book, page, {}, ()))
        .rstrip()
        .endswith(
            "- Kahn, *Sorting networks*, 1962.\n"
            '  <span class="where">[About](about.md), [chapter 2](step02-chapter.md#a-part)</span>'
        )
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "(*Other networks*, 1962)",
            "Other networks is not in docs/sources.md; add it there, or mend the title",
        ),
        (
            "(*Sorting networks*, 1963)",
            "Sorting networks is of 1963 here, and docs/sources.md says 1962; mend one of the two",
        ),
    ],
)
def test_a_citation_that_is_not_in_the_list_is_a_finding(book_of, text, message):
    book = book_of("(*Sorting networks*, 1962)", text, sources=SOURCES)

    assert wrong(book) == [("docs/step02-chapter.md", 3, message)]


def test_a_source_that_is_not_cited_is_a_finding(book_of):
    book = book_of("Text.", sources=SOURCES)

    assert wrong(book) == [("docs/sources.md", 4, "no page cites this; take the line out")]


def test_without_a_list_nothing_is_asked(book_of):
    assert wrong(book_of("(*Sorting networks*, 1962)")) == []
