"""The lives of the definitions: which there are, what their pages say, and where links find them."""

from __future__ import annotations

import markdown
import pytest

from literate.fold.book import Book
from literate.fold.lives import lives
from literate.show.life_pages import motive, overview, pages

FIRST = '''
    A box holds one array.

    ```python title="src/dezero.py"
    class Variable:
        """A box."""

        def __init__(self, data):
            self.data = data
    ```

    Its square is a function.

    ```python title="src/dezero.py"
    def square(x):
        return x**2
    ```
'''
SECOND = """
    A second place, as [below](#below), and [before](step01-chapter.md#fragment-1).

    ```python title="src/dezero.py"
    class Variable:
        ...

        def __init__(self, data):
            self.data = data
            self.grad = None
    ```
"""


def page(book: Book, name: str) -> str:
    return pages(book)[name]


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next of any level."""
    return text.partition(heading)[2].partition("\n#")[0]


def test_a_version_has_its_chapter_its_sentence_and_what_changed(book_of):
    text = page(book_of(FIRST, SECOND), "life-class-variable.md")

    assert "### Chapter 1 · [Chapter](step01-chapter.md#fragment-1) { #init_-step-1 }" in text
    assert section(text, "{ #init_-step-1 }").strip().startswith("> A box holds one array.")
    told = section(text, "{ #init_-step-2 }")
    assert (
        "{ .diff .difference }\n def __init__(self, data):\n     self.data = data\n+    self.grad = None\n"
        in told
    )


def test_a_class_has_a_section_for_itself_and_one_for_each_member(book_of):
    text = page(book_of(FIRST, SECOND), "life-class-variable.md")

    assert [line for line in text.split("\n") if line.startswith("## ")] == [
        "## The class itself { #class }",
        "## `__init__`",
    ]
    assert 'class Variable:\n    """A box."""' in section(text, "{ #step-1 }")


def test_the_first_lines_say_where_it_is_and_when_it_was_written(book_of):
    book = book_of(FIRST, SECOND)

    assert "A class in `src/dezero.py`.\nWritten in [chapter 1]" in page(book, "life-class-variable.md")
    assert "changed once, in [chapter 2](step02-chapter.md#fragment-1)." in page(
        book, "life-class-variable.md"
    )
    assert "and never changed." in page(book, "life-square.md")


def test_links_of_a_sentence_lead_where_they_led_in_its_chapter(book_of):
    text = page(book_of(FIRST, SECOND), "life-class-variable.md")

    assert "> A second place, as [below](step02-chapter.md#below), and [before](step01-chapter.md#" in text


@pytest.mark.parametrize(
    ("above", "sentence"),
    [
        ("One.\nTwo.\n", "Two."),
        ("One.\nSo it is two.\n", "One. So it is two."),
        ("One. It is. So it is. And so on.\n", "It is. So it is. And so on."),
        ("One.\nIn code:\n", "One."),
        ("In code:\n", ""),
        ("One.\n(Or two.)\n", "One."),
        ("**One. Two.**\n", ""),
        ("One takes `x**2`.\n", "One takes `x**2`."),
        ("One.\n\n$$\ny = x\n$$\n", "One."),
        ("One.\n\n$$ y = x $$\n", "One."),
        ("- one;\n- `two`.\n", "`two`."),
        ("3. Third.\n", "Third."),
        ("One.\n\n```python\n1 + 1;\n```\n", "One."),
        ("One.\n\n## Heading\n", ""),
        ('One.\n\n!!! note "Why?"\n', ""),
    ],
    ids=[
        "two lines",
        "what it refers to",
        "not too far back",
        "before a colon",
        "a colon alone",
        "parentheses",
        "broken bold",
        "code is no bold",
        "formula",
        "formula in a line",
        "item",
        "numbered",
        "after a block",
        "heading",
        "note",
    ],
)
def test_a_reason_is_what_the_prose_says_right_above(book_of, above, sentence):
    book = book_of(f'{above}\n```python title="src/dezero.py"\na = 1\n```')

    (chapter,) = book.chapters
    assert motive(book, chapter.page, chapter.page.of("fragment")[0]) == sentence


def test_pages_have_names_that_differ_in_more_than_case(book_of):
    code = "class Square:\n    a = 1\n\n\ndef square():\n    pass\n\n\nSQUARE = 1"
    book = book_of(f'```python title="src/dezero.py"\n{code}\n```')

    names = [life.page for life in lives(book).all]
    assert names == ["life-class-square.md", "life-square.md", "life-constant-square.md"]


def test_namesakes_in_two_files_have_two_pages(book_of):
    book = book_of(
        '```python title="src/dezero/functions.py"\nclass Linear:\n    a = 1\n```\n\n'
        '```python title="src/dezero/layers.py"\nclass Linear:\n    b = 1\n```'
    )

    known = lives(book)
    assert known.link("src/dezero/functions.py", "Linear.a") == "life-class-linear.md#a"
    assert known.link("src/dezero/layers.py", "Linear.b") == "life-class-linear-layers.md#b"


MOVED = '```sh title="src/"\nmv dezero.py dezero/core_simple.py\n```'
COPIED = '```sh title="src/"\ncp dezero/core_simple.py dezero/core.py\n```'
CORE = '```python title="src/dezero/core.py"\ndef square(x):\n    return x * x\n```'


def test_a_life_goes_on_in_the_file_that_it_is_moved_to(book_of):
    book = book_of(FIRST, MOVED, COPIED, CORE)
    text = page(book, "life-square.md")

    assert "`src/dezero.py` becomes `src/dezero/core_simple.py`" in section(text, "{ #step-2 }")
    assert "`src/dezero/core.py` begins as a copy of" in section(text, "{ #step-3 }")
    assert section(text, "{ #step-4 }").strip().startswith("In `src/dezero/core.py`:")
    assert lives(book).link("src/dezero/core.py", "square") == "life-square.md"


def test_the_first_lines_follow_a_definition_back_through_its_files(book_of):
    text = page(book_of(FIRST, MOVED, COPIED, CORE), "life-square.md")

    copy = "a copy of `src/dezero/core_simple.py` in [chapter 3](step03-chapter.md#fragment-1)"
    former = "was `src/dezero.py` until [chapter 2](step02-chapter.md#fragment-1)"
    assert f"A function in `src/dezero/core.py`, which began as {copy}, which {former}." in text


def test_what_is_removed_here_and_written_there_goes_on(book_of):
    there = '```python title="src/dezero/functions.py"\ndef square(x):\n    return x * x\n```'
    gone = f'{there}\n\n```python title="src/dezero/core_simple.py"\ndel square\n```'
    book = book_of(FIRST, MOVED, gone)

    assert "It is removed, and goes on in [`src/dezero/functions.py`](life-square-functions.md)." in page(
        book, "life-square.md"
    )
    assert "It had [a life before](life-square.md), in `src/dezero/core_simple.py`." in page(
        book, "life-square-functions.md"
    )


@pytest.mark.parametrize("name", ["__init__", "_repr_svg_", "_hidden", "size"])
def test_a_member_is_found_by_its_name_whatever_its_underscores(book_of, name):
    book = book_of(f'```python title="src/dezero.py"\nclass A:\n    def {name}(self):\n        pass\n```')

    html = markdown.markdown(page(book, "life-class-a.md"), extensions=["attr_list", "toc"])
    assert f'<h2 id="{name}"><code>{name}</code></h2>' in html


def test_what_is_removed_has_a_page_that_says_so(book_of):
    book = book_of(FIRST, 'Enough.\n\n```python title="src/dezero.py"\ndel square\n```')

    assert "is in the package no more." in page(book, "life-square.md")
    assert "It is removed." in section(page(book, "life-square.md"), "{ #step-2 }")
    assert "[`square`]" in overview(book).partition("## No longer in the package")[2]


def test_a_file_that_is_removed_takes_its_definitions_along(book_of):
    book = book_of(FIRST, '```sh title="src/"\nrm dezero.py\n```')

    assert "`src/dezero.py` is removed, and `square` with it." in page(book, "life-square.md")


def test_a_member_that_is_gone_is_told_last(book_of):
    code = "class Variable:\n    ...\n\n    size = 1\n\n\ndel Variable.__init__"
    second = f'So.\n\n```python title="src/dezero.py"\n{code}\n```'

    assert lives(book_of(FIRST, second)).all[0].members == ("size", "__init__")


def test_a_class_that_gets_a_base_shows_its_head(book_of):
    second = 'So.\n\n```python title="src/dezero.py"\nclass Variable(dict):\n    ...\n```'
    text = page(book_of(FIRST, second), "life-class-variable.md")

    assert "-class Variable:\n+class Variable(dict):" in section(text, "{ #step-2 }")


def test_every_name_that_a_statement_binds_leads_to_its_page(book_of):
    code = "try:\n    import cupy\n    gpu = True\nexcept ImportError:\n    gpu = False"
    book = book_of(f'```python title="src/dezero.py"\n{code}\n```')

    assert lives(book).link("src/dezero.py", "gpu") == lives(book).link("src/dezero.py", "cupy") is not None


def test_the_overview_begins_with_what_was_rewritten_most(book_of):
    text = overview(book_of(FIRST, SECOND))

    table = text.partition("## Rewritten most often")[2].partition("##")[0]
    assert "| [`Variable.__init__`](life-class-variable.md#__init__) | 2 | [1](step01-" in table
    assert "square" not in table


def test_tests_have_no_lives(book_of):
    book = book_of('```python title="tests/test_a.py"\nA = 1\n```')

    assert lives(book).all == ()


def test_no_page_of_a_life_is_searched(book_of):
    assert all("\nsearch:\n  exclude: true\n" in text for text in pages(book_of(FIRST)).values())


PAUSE = """
    # A pause

    It gets a name.

    ```python title="src/dezero.py"
    class Variable:
        ...

        def __init__(self, data):
            self.data, self.name = data, None
    ```

    And a length.

    ```python title="src/dezero.py"
    class Variable:
        ...

        def __init__(self, data):
            self.data, self.name, self.size = data, None, 1
    ```
"""


def test_a_version_of_an_interlude_has_its_title_and_an_anchor_of_its_own(book_of):
    text = page(book_of(FIRST, PAUSE, SECOND), "life-class-variable.md")

    link = "[A pause](interlude-a-pause.md#fragment-1)"
    assert f"### Interlude · {link} {{ #init_-interlude-a-pause }}\n\n> It gets a name." in text
    assert "{ #init_-interlude-a-pause-2 }\n\n> And a length." in text
    assert "### Chapter 2 · [Chapter](step02-chapter.md#fragment-1) { #init_-step-2 }" in text


def test_the_first_lines_name_an_interlude_by_its_title(book_of):
    text = page(book_of(FIRST, PAUSE), "life-class-variable.md")

    assert 'last in [the interlude "A pause"](interlude-a-pause.md#fragment-2).' in text


def test_the_overview_tells_an_interlude_by_its_title(book_of):
    text = overview(book_of(FIRST, PAUSE))

    assert "[1](step01-chapter.md#fragment-1) to [A pause](interlude-a-pause.md#fragment-2) |" in text


def test_of_two_equal_files_the_one_that_is_gone_was_moved(book_of):
    moves = '```sh title="src/"\nmv dezero.py dezero/a.py\ncp dezero/a.py dezero/b.py\n```\n\nAnd.\n\n'
    book = book_of(FIRST, f'{moves}```sh title="src/"\nmv dezero/b.py dezero/c.py\n```')

    life = lives(book).pages["src/dezero/c.py", "square"]
    assert [(e.what, e.source, e.path) for e in life.events if e.is_move and e.path.endswith("c.py")] == [
        ("moves", "src/dezero/b.py", "src/dezero/c.py")
    ]
