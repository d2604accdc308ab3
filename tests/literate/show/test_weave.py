"""What a page becomes before Markdown sees it: labels, changed lines, views, outputs, pictures, errors."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from literate.fold.book import Book
from literate.read.finding import Finding
from literate.show.weave import weave

BookOf = Callable[..., Book]
Woven = Callable[..., str]

BEFORE = 'title="Before the change below"'
BOX = """
```python title="src/dezero.py"
class Box:
    def get(self):
        value = 1
        return value
```
"""
MORE = """
```python title="src/dezero.py"
class Box:
    ...

    def get(self):
        value = 2
        return value
```
"""


def test_a_page_says_which_chapter_it_is(woven: Woven) -> None:
    assert woven("Text.").startswith('Chapter 1\n{ .kicker data-search-exclude="" }\n\n# Chapter')


def test_a_label_says_what_is_new_and_when_it_will_be_replaced(woven: Woven) -> None:
    page = woven(BOX, MORE, number=0)

    assert (
        "`src/dezero.py` · adds class `Box`, `get` replaced in [chapter 2](step02-chapter.md#fragment-1)\n"
        "{ .fragment #fragment-1 }"
    ) in page


def test_a_label_leads_to_the_version_before(woven: Woven) -> None:
    page = woven(BOX, MORE)

    assert "class `Box` · replaces `get` of [chapter 1](step01-chapter.md#fragment-1)" in page


def test_within_a_chapter_a_label_points_up_and_down(woven: Woven) -> None:
    page = woven(BOX, MORE + MORE.replace("2", "3"))

    assert "replaced again in [the block below](#fragment-2)" in page
    assert "replaces `get` of [the block above](#fragment-1)" in page


COPY = '```sh title="src/"\ncp dezero/one.py dezero/two.py\n```\n'


def test_a_version_that_lives_on_in_another_file_says_where_it_was_replaced(woven: Woven) -> None:
    chapters = [
        (BOX + MORE).replace("dezero.py", "dezero/one.py"),
        COPY + MORE.replace("2", "3").replace("dezero.py", "dezero/two.py"),
    ]

    page = woven(*chapters, number=0)
    assert "replaced again in [chapter 2](step02-chapter.md#fragment-2) (two.py)" in page
    assert "`get` replaced in [the block below]" in page


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("mv dezero.py dezero/core.py", "moves files"),
        ("mv dezero.py dezero/core.py\ncp dezero/core.py dezero/two.py", "moves and copies files"),
        ("# away with it\nrm dezero.py", "removes files"),
    ],
)
def test_a_block_of_moves_says_what_becomes_of_files(woven: Woven, code: str, said: str) -> None:
    assert f"`src/` · {said}\n" in woven(BOX, f'```sh title="src/"\n{code}\n```\n')


def test_a_label_follows_a_module_that_moves(woven: Woven) -> None:
    move = '```sh title="src/"\nmv dezero.py dezero/core.py\n```\n'

    page = woven(BOX, move + MORE.replace("dezero.py", "dezero/core.py"))

    assert "`src/dezero/core.py` · class `Box` · replaces `get` of [chapter 1]" in page


def test_a_label_names_what_is_imported_and_what_is_removed(woven: Woven) -> None:
    first = '```python title="src/dezero.py"\nimport heapq\nfrom os import path as p\n\nx = 1\n```\n'
    second = '```python title="src/dezero.py"\ndel heapq, x\ny = 2\n```\n'

    assert "· imports `heapq`, `p` · adds `x`, removed in [chapter 2]" in woven(first, second, number=0)
    assert "· no longer imports `heapq` · removes `x` of [chapter 1]" in woven(first, second)


def test_the_lines_that_the_version_before_did_not_have_are_marked(woven: Woven) -> None:
    assert '{ .python .fragment hl_lines="5" }' in woven(BOX, MORE)


def test_code_that_is_new_as_a_whole_is_not_marked(woven: Woven) -> None:
    assert "``` { .python .fragment }\nclass Box:" in woven(BOX)


def test_a_member_added_beside_a_replaced_one_is_marked(woven: Woven) -> None:
    more = MORE.replace(
        "        return value\n", "        return value\n\n    def put(self):\n        pass\n"
    )

    assert 'hl_lines="5 8 9"' in woven(BOX, more)


def test_a_fragment_that_stands_for_itself_has_one_view(woven: Woven) -> None:
    assert '=== "Whole"' not in woven(BOX)


def test_a_fragment_that_changes_something_has_three_views(woven: Woven) -> None:
    page = woven(BOX, MORE)

    changed, whole, difference = page.split('=== "')[1:]
    assert changed.startswith('Changed"')
    assert "    class Box:\n        ...\n" in changed
    assert "    class Box:\n        def get(self):\n            value = 2\n" in whole
    assert "    -        value = 1\n    +        value = 2\n" in difference


@pytest.mark.parametrize("code", ["import heapq", '"""A module."""'], ids=["imports", "docstring"])
def test_a_fragment_without_definitions_has_one_view(woven: Woven, code: str) -> None:
    page = woven(BOX, f'```python title="src/dezero.py"\n{code}\n```\n')

    assert '=== "' not in page


def test_a_fragment_that_only_takes_away_has_no_whole(woven: Woven) -> None:
    page = woven(BOX, '```python title="src/dezero.py"\ndel Box\n```\n')

    changed, difference = page.split('=== "')[1:]
    assert changed.startswith('Changed"')
    assert "    -class Box:\n" in difference


def test_the_other_views_are_not_searched(woven: Woven) -> None:
    assert woven(BOX, MORE).count('data-search-exclude="" }') == 3  # the kicker, the whole, the difference


def test_in_an_admonition_everything_keeps_its_place(woven: Woven) -> None:
    inside = "\n".join(f"    {line}" if line else "" for line in MORE.strip().split("\n"))

    page = woven(BOX, f"!!! note\n\n{inside}\n")

    assert "\n    `src/dezero.py` · class `Box` · replaces" in page
    assert '\n    === "Changed"\n' in page
    assert "\n        ``` { .python .fragment" in page


def test_annotations_stay_below_their_block(woven: Woven) -> None:
    more = MORE.replace("value = 2", "value = 2  # (1)!")

    page = woven(BOX, more + "\n1.  Why two.\n\nProse goes on.")

    changed, rest = page.split('=== "Whole"')
    assert "    1.  Why two." in changed
    assert rest.endswith("Prose goes on.\n")
    assert "(1)" not in rest


def test_experiments_and_outputs_are_told_apart_by_their_class(woven: Woven) -> None:
    page = woven('```python\nprint(1)\n```\n\n```text title="Output"\n1\n```\n')

    assert "``` { .python .experiment }\nprint(1)\n```" in page
    assert "``` { .text .output }\n1\n```" in page


def test_a_picture_takes_the_place_of_its_figure_block(woven: Woven) -> None:
    page = woven('```python\nfig\n```\n\n```text title="Figure"\nC.\n\nA.\n```\n', pictures={7: "<figure>"})

    assert "\n<figure>\n" in page
    assert "C." not in page


def test_without_a_picture_the_figure_block_is_read(woven: Woven) -> None:
    assert "C." in woven('```python\nfig\n```\n\n```text title="Figure"\nC.\n\nA.\n```\n')


def test_what_is_wrong_stands_at_the_top_of_the_page(book_of: BookOf) -> None:
    book = book_of("Text.")
    finding = Finding("docs/step01-chapter.md", 3, "is wrong & <odd>; mend it")

    first = weave(book, book.chapters[0].page, {}, (finding,))[0]

    assert 'role="alert"' in first
    assert "docs/step01-chapter.md:3: is wrong &amp; &lt;odd&gt;; mend it" in first


def test_front_matter_does_not_shift_a_page(book_of: BookOf) -> None:
    book = book_of("Text.", index="---\ntitle: X\n---\n\n# Index\n\n```python\nprint(1)\n```\n")
    index = next(page for page in book.pages if page.path == "docs/index.md")

    lines = weave(book, index, {}, ())

    assert lines[:4] == ["# Index", "", "``` { .python .experiment }", "print(1)"]


# --- chapters without a number ------------------------------------------------------------------------------

PAUSE = f"# A pause\n{MORE}"


def test_a_page_without_a_number_says_that_it_is_an_interlude(woven: Woven) -> None:
    assert woven(BOX, PAUSE).startswith('Interlude\n{ .kicker data-search-exclude="" }\n\n# A pause')


def test_a_label_names_an_interlude_by_its_title(woven: Woven) -> None:
    page = woven(BOX, PAUSE, MORE.replace("2", "3"))

    assert 'replaces `get` of [the interlude "A pause"](interlude-a-pause.md#fragment-1)' in page


def test_the_label_of_an_interlude_leads_to_the_versions_before_and_after(woven: Woven) -> None:
    page = woven(BOX, PAUSE, MORE.replace("2", "3"), number=1)

    assert (
        "replaces `get` of [chapter 1](step01-chapter.md#fragment-1), replaced again in [chapter 2](" in page
    )


def test_a_label_says_that_an_interlude_replaces_it(woven: Woven) -> None:
    page = woven(BOX, MORE, PAUSE.replace("2", "3"), number=1)

    assert 'replaced again in [the interlude "A pause"](interlude-a-pause.md#fragment-1)' in page


def test_an_experiment_that_a_change_below_ends_says_so(woven: Woven) -> None:
    text = woven(
        f"Look.\n\n```python {BEFORE}\n1\n```\n\n> ```python {BEFORE}\n> 2\n> ```\n\n```python\n3\n```\n{BOX}"
    )
    label = (
        'Before the change below\n{}{{ .before data-search-exclude="" }}\n{}\n{}``` {{ .python .experiment }}'
    )

    assert text.count("the change below") == 2
    assert f"{label.format('', '', '')}\n1" in text
    assert f"> {label.format('> ', '>', '> ')}\n> 2" in text
