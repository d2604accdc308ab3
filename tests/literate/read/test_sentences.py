"""The sentence right above a block, and how code is quoted."""

from __future__ import annotations

import pytest
from little import project

from literate.read.page import read_page
from literate.read.quoting import fenced
from literate.read.sentences import plain, prose, sentence_above

ABOVE = {
    "the line above": ("One.\nTwo.\n\n{}", "Two."),
    "the last sentence of a line": ("One. Two, e.g. `x`.\n\n{}", "Two, e.g. `x`."),
    "as it is written": ("A **bold** [link](a.md) to `x * y`.\n\n{}", "A **bold** [link](a.md) to `x * y`."),
    "over other blocks": ("One.\n\n```text\nno\n```\n\n{}", "One."),
    "over a formula": ("One:\n\n$$\nx\n$$\n\n{}", "One:"),
    "over a formula in a line": ("One:\n\n$$ x $$\n\n{}", "One:"),
    "over a table": ("One:\n\n| a |\n|---|\n\n{}", "One:"),
    "over a comment": ("One.\n\n<!-- no -->\n\n{}", "One."),
    "over attributes": ("One.\n{{ .two }}\n\n{}", "One."),
    "of an item": ("One:\n\n- two.\n\n{}", "two."),
    "in an item": ("1. **By hand.**\n   Write it.\n\n    {}", "Write it."),
    "of a quotation": ("> One.\n\n{}", "One."),
    "over the note that the block stands in": ('One.\n\n??? example "The code"\n\n    {}', "One."),
    "in the note": ('One.\n\n!!! note "Why?"\n\n    Two.\n\n    {}', "Two."),
    "not over a note that it does not stand in": ('One.\n\n!!! note "Why?"\n\n{}', ""),
    "a heading": ("One.\n\n## Two\n\n{}", "## Two"),
}


@pytest.mark.parametrize(("text", "sentence"), ABOVE.values(), ids=ABOVE)
def test_the_sentence_above_a_block(text: str, sentence: str) -> None:
    indent = " " * (len(text) - len(text[:-2].rstrip(" ")) - 2)
    block = "```python\nx = 1\n```".replace("\n", f"\n{indent}")
    page = read_page("docs/page.md", f"---\na: b\n---\n# Title\n\n{text.format(block)}\n", project())

    assert sentence_above(page, page.of("experiment")[0]) == sentence


def test_at_the_top_of_a_page_nothing_is_above() -> None:
    page = read_page("docs/page.md", "---\na: b\n---\n```python\nx = 1\n```\n", project())

    assert sentence_above(page, page.blocks[0]) == ""


@pytest.mark.parametrize(
    ("markdown", "reads"),
    [
        ("A **bold** [link](a.md) to `x * y * z`.", "A bold link to `x * y * z`."),
        ("## Two *words*", "Two words"),
        (r"2 \* 3", r"2 \* 3"),
    ],
    ids=["sentence", "heading", "escaped"],
)
def test_a_sentence_as_it_reads(markdown: str, reads: str) -> None:
    assert plain(markdown) == reads


def test_the_prose_of_a_page_keeps_its_lines() -> None:
    text = "---\na: b\n---\nOne.\n\n```text\nno\n```\nTwo."

    assert prose(read_page("docs/page.md", text, project())) == ["", "", "", "One.", "", "", "", "", "Two."]


@pytest.mark.parametrize(
    ("code", "fence", "line"),
    [
        ("x", "```", "```"),
        ("a `b`", "```", "```"),
        ("```", "```", "````"),
        ("~~~~~~~", "```", "```"),
        ("~~~~~~~", "~~~~~~", "~~~~~~~~"),
        ("x", "~~~~~~", "~~~~~~"),
    ],
)
def test_a_fence_is_longer_than_those_like_it_in_its_code(code: str, fence: str, line: str) -> None:
    assert fenced(code, 'text title="x"', fence) == [f'{line}text title="x"', code, line]
