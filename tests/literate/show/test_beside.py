"""What the site has beside the chapters: links in the reference."""

from __future__ import annotations

import re

import pytest
from little import BOX

from literate.show.beside import defined, with_lives
from literate.show.folder import folder

DOOR = """
    ```python title="src/dezero/__init__.py"
    from dezero.core import Box as Case
    from .core import make
    ```
"""


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("dezero.core.Box.size", ("src/dezero/core.py", "Box.size")),
        ("dezero.Case.size", ("src/dezero/core.py", "Box.size")),
        ("dezero.make", ("src/dezero/core.py", "make")),
        ("dezero.nothing", None),
        ("elsewhere.Box", None),
    ],
    ids=["where it stands", "by another name", "through a relative import", "unknown", "no package"],
)
def test_a_name_of_the_reference_is_followed_to_its_definition(book_of, name, found):
    assert defined(book_of(BOX, DOOR), name) == found


def test_a_heading_of_the_reference_leads_to_a_life(book_of):
    page = (
        '<h3 id="dezero.Case.size" class="doc">size<a class="headerlink" href="#">¶</a></h3><h2 id="a">A</h2>'
    )
    html = with_lives(page, book_of(BOX, DOOR), lambda name: f"../{name}")

    link = ' <a class="life" data-search-exclude href="../life-class-box.md#size">its life</a>'
    assert link + '<a class="headerlink"' in html
    assert re.sub(r'<p class="written".*?</p>', "", html.replace(link, "")) == page


def test_below_a_heading_of_the_reference_stand_the_chapters_that_wrote_it(book_of):
    again = "class Box:\n    ...\n\n    def size(self):\n        return {}"
    two = "\n\n".join(f'```python title="src/dezero/core.py"\n{again.format(n)}\n```' for n in (2, 3))
    member, box = '<h3 id="dezero.core.Box.size">size</h3>', '<h2 id="dezero.core.Box">Box</h2>'
    html = with_lives(f"{member}{box}", book_of(BOX, f"# A pause\n\n{two}"), str)

    links = (
        '<a href="step01-chapter.md#fragment-1" title="1 · Chapter">chapter 1</a>, '
        '<a href="interlude-a-pause.md#fragment-2" title="A pause">the interlude &quot;A pause&quot;</a>'
    )
    assert html.count(f'<p class="written" data-search-exclude>Written in {links}</p>') == 2
    assert re.search(r"</h3><p .*?</p><h2 .*</h2><p ", html)


def test_a_heading_that_has_no_life_stays_as_it_is(book_of):
    page = '<h2 id="dezero.nothing">nothing</h2>'

    assert with_lives(page, book_of(BOX), str) == page


@pytest.mark.parametrize(
    "text",
    [
        '```python title="src/dezero.py"\nclass Box:\n```',
        '```python title="src/dezero.py"\nclass Box:\n    ...\n```',
        '```sh title="src/"\nmv nothing.py dezero.py "\n```',
        "```python\nprint(\n```",
        '```python title="src/dezero.py"\na = 1\n',
    ],
    ids=["no python", "unknown", "moves nothing", "experiment", "not closed"],
)
def test_while_an_author_writes_there_are_pages_all_the_same(book_of, text):
    assert "lives.md" in folder(book_of(text, BOX)).pages
