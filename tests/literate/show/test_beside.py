"""What the site has beside the chapters: links in the reference."""

from __future__ import annotations

import pytest

from literate.show.beside import defined, with_lives
from literate.show.folder import folder

BOX = '''
    ```python title="src/dezero/core.py"
    class Box:
        """A box.

        And more.
        """

        def size(self):
            """How much it holds."""
            return 1


    def make():
        return Box()
    ```
'''
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
    assert html == page.replace('<a class="headerlink"', f'{link}<a class="headerlink"')


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
