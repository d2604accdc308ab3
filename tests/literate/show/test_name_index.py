"""The index: what is in it, and the chapters that it leads to."""

from __future__ import annotations

import pytest

from literate.show.weave import weave

INDEX = """
    # Index

    ```text title="Index"
    ```
"""
BOX = """
    A `Box` has a size.

    ```python title="src/dezero.py"
    class Box:
        size = 1

        def get(self):
            return self.size

        def put(self):
            return 0
    ```
"""
CHANGED = """
    Now `get` is another.

    ```python title="src/dezero.py"
    class Box:
        ...

        def get(self):
            return self.size + 1
    ```
"""


@pytest.fixture
def entries(book_of):
    """A function that gives the lines of a book's index, its links to lives left out."""

    def listed(*chapters, **pages):
        book = book_of(*chapters, index=INDEX, **pages)
        page = next(page for page in book.pages if page.path == "docs/index.md")
        return [line for line in weave(book, page, {}, ()) if line.startswith("- ")]

    return listed


def test_a_name_leads_to_where_it_is_introduced_changed_and_used(entries):
    found = entries(BOX, CHANGED, "## Boxes\n\nA `Box`, and what it can `get()`.")

    assert found == [
        "- [`Box`](life-class-box.md), class: **[1](step01-chapter.md#fragment-1)**; "
        "used [3](step03-chapter.md#boxes)",
        "- [`get`](life-class-box.md#get), of `Box`: **[1](step01-chapter.md#fragment-1)**; "
        "changed [2](step02-chapter.md#fragment-1); used [3](step03-chapter.md#boxes)",
    ]


def test_a_name_that_the_prose_never_speaks_of_is_not_in_it(entries):
    assert entries(BOX.replace("`Box`", "box")) == []


def test_chapters_that_follow_one_another_are_a_range(entries):
    [box] = entries(BOX, "`Box`", "`Box`", "# Aside\n\n`Box`", "`Box`", "Text.", "`Box`")

    shown = box.partition("used ")[2]
    assert shown == (
        "[2](step02-chapter.md), [3](step03-chapter.md), "
        '[interlude](interlude-aside.md "Aside"), [4](step04-chapter.md), [6](step06-chapter.md)'
    )


def test_a_long_range_leads_to_its_ends(entries):
    [box] = entries(BOX, "`Box`", "`Box`", "`Box`")

    assert box.endswith("used [2](step02-chapter.md)&ndash;[4](step04-chapter.md)")


def test_a_term_leads_to_where_it_is_introduced_and_often_used(entries):
    glossary = '# Words\n\n```text title="Glossary"\n```'
    found = entries(
        "A **graph** is.", "A graph, two graphs.", "## All\n\nGraphs, a graph, the graph.", words=glossary
    )

    assert found == ["- graph: **[1](step01-chapter.md#term-graph)**; [3](step03-chapter.md#all)"]


def test_namesakes_say_their_files(entries):
    other = '`Box`\n\n```python title="src/dezero/other.py"\nclass Box:\n    pass\n```'
    moved = '```sh title="src/"\nmkdir dezero\nmv dezero.py dezero/core.py\n```'
    found = entries(BOX, moved, other)

    assert [line.partition(": ")[0] for line in found] == [
        "- [`Box`](life-class-box.md), class in `core.py`",
        "- [`Box`](life-class-box-other.md), class in `other.py`",
    ]


def test_headings_that_are_alike_have_places_of_their_own(entries):
    [box] = entries(BOX, "## Part\n\nText.\n\n## Part\n\n`Box`", "## Named { #own }\n\n`Box`")

    assert box.endswith("used [2](step02-chapter.md#part_1), [3](step03-chapter.md#own)")


def test_chapters_before_the_first_are_not_in_an_entry(entries):
    glossary = '# Words\n\n```text title="Glossary"\n```'
    found = entries("`Box`: graph, graph, graph.", BOX, "A **graph** is.", words=glossary)

    assert found == [
        "- [`Box`](life-class-box.md), class: **[2](step02-chapter.md#fragment-1)**",
        "- graph: **[3](step03-chapter.md#term-graph)**",
    ]


def test_of_many_chapters_a_term_leads_to_those_that_use_it_most(entries):
    glossary = '# Words\n\n```text title="Glossary"\n```'
    often = [f"graph, graph, {'graph' * (number != 3)} graph." for number in range(10)]
    [graph] = entries("A **graph** is.", *often, words=glossary)

    assert "&ndash;[4](step04-chapter.md), [6](step06-chapter.md)&ndash;[10]" in graph
