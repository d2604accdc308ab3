"""The book's hand: each picture of the gallery can be read, on a page and alone, and is always the same."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from gallery import GALLERY, Picture, Shape

from literate.cli import main
from literate.fold.book import Book
from literate.run.picture import draw as drawn
from literate.show import ink
from literate.show.figure import figure
from literate.show.weave import weave

SVG = "{http://www.w3.org/2000/svg}"
CSS = (Path(__file__).parents[3] / "docs/assets/stylesheets/blocks.css").read_text(encoding="utf-8")
PHONE = 361  # pixels that a picture has in its frame

pictures = pytest.mark.parametrize(
    "draw", [draw for _, _, draw in GALLERY], ids=[name for name, _, _ in GALLERY]
)


def tree(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg())


@pictures
def test_a_picture_is_the_same_every_time(draw: Callable[[], Picture]) -> None:
    assert draw().svg() == draw().svg()


@pytest.mark.slow
def test_pictures_are_the_same_in_every_process() -> None:
    code = "from gallery import GALLERY\nfor *_, draw in GALLERY: print(draw().svg())"
    path = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(outputs) == 1


@pictures
def test_a_picture_needs_nothing_but_itself_and_disturbs_no_page(draw: Callable[[], Picture]) -> None:
    root = tree(draw())

    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {"svg", "g", "path", "text"}
    assert not [element for element in root.iter() if {"id", "href"} & {*element.attrib}]
    assert "var(" not in draw().svg()


@pictures
def test_letters_can_be_read_on_a_phone(draw: Callable[[], Picture]) -> None:
    root = tree(draw())
    sizes = {float(size) for size in re.findall(r'font-size="(.*?)"', draw().svg())}

    assert float(root.attrib["width"]) <= ink.WIDTH
    assert min(sizes) * min(1, PHONE / float(root.attrib["width"])) >= 12


@pictures
def test_nothing_is_outside_of_the_picture(draw: Callable[[], Picture]) -> None:
    root = tree(draw())
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    points = [
        (float(x), float(y))
        for path in root.iter(f"{SVG}path")
        for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path.attrib["d"])
    ]
    for text in root.iter(f"{SVG}text"):
        room = ink.room(str(text.text), ink.ITALIC if "font-style" in text.attrib else ink.LETTER)
        start = (
            float(text.attrib["x"]) - {"start": 0, "middle": 0.5, "end": 1}[text.attrib["text-anchor"]] * room
        )
        points += [(start, float(text.attrib["y"])), (start + room, float(text.attrib["y"]) - ink.SIZE / 2)]

    assert points
    assert all(left <= x <= left + width and top <= y <= top + height for x, y in points)


@pictures
def test_each_role_has_a_colour_on_the_page_and_without_one(draw: Callable[[], Picture]) -> None:
    layers = {"layer", "formula", "graph", "values", "gradients"}
    for element in tree(draw()).iter():
        for role in set(element.attrib.get("class", "").split()) - layers - {"ink", "washes"}:
            is_wash = element.attrib.get("fill", "").startswith("#")
            assert f"\n.ink {'.washes ' if is_wash else ''}.{role} {{" in CSS
            assert is_wash or role == "book" or element.attrib["color"].startswith("#")


def test_a_picture_alone_takes_the_colour_that_its_surroundings_ask_for() -> None:
    p = Picture()
    p.box(Shape(0, 0, 30, 30))

    assert tree(p).attrib["style"] == "color-scheme: light dark; color: CanvasText"


def test_words_are_escaped() -> None:
    p = Picture()
    p.write((0, 0), "a < b")

    assert [element.text for element in tree(p).iter(f"{SVG}text")] == ["a < b"]


def test_wide_letters_have_room() -> None:
    assert ink.room("한글") == 2 * ink.SIZE


def test_a_picture_too_wide_for_a_phone_says_the_way_out() -> None:
    p = Picture()
    p.box(Shape(0, 0, 700, 30))

    with pytest.raises(
        ValueError, match="may be 500 wide, this one is 712; draw downwards, or say scrolls=True"
    ):
        p.svg()


def test_a_picture_that_scrolls_may_be_wide_and_the_keyboard_reaches_all_of_it(book_of: BookOf) -> None:
    wide = CHAPTER.replace("Picture()", "Picture(scrolls=True)").replace("150, 30", "600, 30")

    assert '<figure class="picture" tabindex="0">' in page_of(book_of(wide))
    assert '<figure class="picture">' in page_of(book_of(CHAPTER))


def test_an_empty_picture_says_so() -> None:
    with pytest.raises(ValueError, match="nothing is drawn in this picture"):
        Picture().svg()


# --- in a book ----------------------------------------------------------------------------------------------

BookOf = Callable[..., Book]
CHAPTER = """
```python
from literate.show.ink import Picture

p = Picture()
x = p.variable(0, 0, "x", f"{3.0}", f"{2 * 3.0}")
f = p.function(150, 30, "square")
p.arrow(x, f, "forward")
p
```

```text title="Figure"
A value travels into $f$.

A box x with 3.0 and 6.0, and an arrow to square.
```
"""


def page_of(book: Book) -> str:
    page = book.chapters[0].page
    (experiment,), (block,) = page.of("experiment"), page.of("figure")
    names: dict[str, object] = {}
    exec(experiment.code, names)
    return "\n".join(weave(book, page, {block.line: figure(str(drawn(names["p"])), block)}, ()))


def test_an_experiment_that_ends_in_a_picture_shows_it_on_its_page(book_of: BookOf) -> None:
    page = page_of(book_of(CHAPTER))

    assert 'role="img" aria-label="A box x with 3.0 and 6.0, and an arrow to square."' in page
    assert 'class="ink" fill="none" stroke="currentColor"' in page
    assert re.search(r'<text class="forward" color="#007885" [^>]*>3.0</text>', page)
    assert "<figcaption>A value travels into <span" in page
    assert "font-family" not in page  # the page's own
    assert "CanvasText" not in page


@pytest.mark.parametrize(
    ("chapter", "said"),
    [
        (CHAPTER, "1 experiment ran"),
        (CHAPTER.partition("```text")[0], "draws a picture, and no Figure block follows"),
        (CHAPTER.replace("150, 30", "900, 30"), "draw downwards, or say scrolls=True"),
    ],
    ids=["right", "without words", "too wide"],
)
def test_such_an_experiment_is_run_like_any_other(
    chapter: str, said: str, book_of: BookOf, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["--root", str(book_of(chapter).project.root), "run"])

    output = capsys.readouterr()
    assert said in output.out + output.err
    assert code == (chapter != CHAPTER)
