"""The colours of the page can be read, in the light and in the dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "docs/assets/stylesheets/book.css").read_text(encoding="utf-8")
COLOURS = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", CSS))
ON_PAPER = ["ink", "soft", "accent", "alarm", *(name for name in COLOURS if name.startswith("picture-"))]
BOXES = ["picture-variable", "picture-function"]
INKS = ["ink", "picture-0", "picture-1"]
WASHES = [*BOXES, "picture-0 14%", "picture-1 14%"]  # the last two as in blocks.css


def luminance(colour: str) -> float:
    """As WCAG 2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def colour(name: str, scheme: int) -> str:
    """A colour of the page, or so much of it on paper."""
    name, _, share = name.partition(" ")
    colours = [COLOURS[each].split(", ")[scheme] for each in (name, "paper")]
    part = int(share.rstrip("%") or 100) / 100
    pairs = [[int(each[at : at + 2], 16) for each in colours] for at in (1, 3, 5)]
    return "#" + "".join(f"{round(part * one + (1 - part) * other):02x}" for one, other in pairs)


def contrast(one: str, other: str, scheme: int) -> float:
    lights = sorted(luminance(colour(name, scheme)) for name in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", sorted({*ON_PAPER} - {*BOXES, "picture-grid"}))
def test_words_and_lines_stand_out_from_the_paper(name, scheme):
    assert contrast(name, "paper", scheme) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("box", BOXES)
def test_words_and_edges_stand_out_from_the_boxes_of_a_graph(box, scheme):
    assert contrast("ink", box, scheme) >= 4.5
    assert contrast(f"{box}-edge", box, scheme) >= 3


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("wash", WASHES)
@pytest.mark.parametrize("ink", INKS)
def test_words_stand_out_from_the_washes_of_a_picture(ink, wash, scheme):
    if (ink, wash) not in [("picture-0", "picture-1 14%"), ("picture-1", "picture-0 14%")]:
        assert contrast(ink, wash, scheme) >= 4.5
