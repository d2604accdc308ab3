"""What others show of a page: its description, its picture, its version and date."""

from __future__ import annotations

import io
import subprocess
import textwrap

import pytest
from PIL import Image

from literate.show.card import SIZE, card
from literate.show.head import LONG, description, tags
from literate.show.stamp import date, stamp

FORMULA = (
    "<math><mi>y</mi><mo>=</mo><msup><mrow><mo>(</mo><msup><mi>e</mi><msup><mi>x</mi><mn>2</mn></msup></msup>"
    "<mo>)</mo></mrow><mn>2</mn></msup><mo>&lt;</mo><mn>1</mn><mi>&nbsp;</mi></math>"
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<h1>A</h1><p>One idea. A second one.</p><p>Later.</p>", "One idea. A second one."),
        ('<p class="kicker">Chapter 1</p><p>One idea.</p>', "One idea."),
        ('<p>Ask for <code>x &lt; 1</code>, <a href="b/">see</a>:</p>', "Ask for x < 1, see."),
        ("<p><svg><text>no words</text></svg></p><p>Two\nlines.</p>", "Two lines."),
        (f"<p>Short. {'Long ' * 60}</p>", "Short."),
        ("<h1>Nothing else</h1>", ""),
        (f"<p>Is {FORMULA} slow?</p>", "Is y=(e^(x^2))^2<1 slow?"),
    ],
    ids=["sentences", "a kicker", "marks", "a picture first", "a long one", "none", "a formula"],
)
def test_a_page_is_described_by_its_first_sentences(content, said):
    assert description(content) == said


def test_a_long_first_sentence_is_cut_between_two_words():
    said = description(f"<p>{'word ' * 60}</p>")

    assert len(said) <= LONG + 2
    assert said.endswith("word …")


def test_what_a_head_says_is_escaped():
    assert tags({"og:title": 'A "box"', "twitter:card": "summary"}, "../a.md") == (
        '<meta property="og:title" content="A &quot;box&quot;">\n'
        '<meta name="twitter:card" content="summary">\n'
        '<link rel="alternate" type="text/markdown" href="../a.md">\n'
    )


def test_a_card_is_a_picture_of_the_size_that_others_ask_for_and_shows_its_words():
    pictures = {
        card("Site", "Chapter 1", title) for title in ("A box", "Another box", "A title of many words " * 9)
    }

    assert len(pictures) == 3
    assert {Image.open(io.BytesIO(picture)).size for picture in pictures} == {SIZE}


VERSIONED = '```python title="src/dezero/__init__.py"\n__version__ = "0.4.0"\n```'
UNVERSIONED = '```python title="src/dezero/__init__.py"\nname = 1\n```'


@pytest.mark.parametrize(
    ("code", "said"), [(VERSIONED, "Version 0.4.0, 2025-07-08"), (UNVERSIONED, "2025-07-08")]
)
def test_a_stamp_says_the_version_and_the_date_that_a_build_is_given(book_of, monkeypatch, code, said):
    date.cache_clear()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1751932800")

    assert stamp(book_of(code)) == said


def test_else_the_date_is_that_of_the_last_commit(tmp_path, monkeypatch):
    date.cache_clear()
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    commands = """
        git init -q
        git -c user.name=A -c user.email=a@e.org commit -q --allow-empty --date=2024-02-03T12:00 -m A
    """
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-02-03T12:00:00")
    subprocess.run(["sh", "-ec", textwrap.dedent(commands)], cwd=tmp_path, check=True)

    assert date(tmp_path) == "2024-02-03"


def test_without_a_history_there_is_no_date(tmp_path, monkeypatch):
    date.cache_clear()
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    assert date(tmp_path) == ""
