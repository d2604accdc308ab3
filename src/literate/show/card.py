"""The picture that stands beside a link to a page elsewhere: its title, in the colours of the book."""

from __future__ import annotations

import io
import textwrap
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

SIZE = 1200, 630  # what those who show it ask for
PAPER, INK, SOFT, ACCENT = "#fcfbf8", "#24211d", "#635c52", "#0b5f6b"
VARIABLE, VARIABLE_EDGE, FUNCTION, FUNCTION_EDGE = "#fbe6c4", "#8f5a0a", "#d9ebf4", "#2f6a87"
LEFT, ROW = 90, 520  # the margin; the middle of the graph below
LARGE, SMALL = 76, 34
WIDE = 26  # letters of the title in a line


@lru_cache(maxsize=512)  # a server asks again for each build
def card(site: str, above: str, title: str) -> bytes:
    """A PNG with the title of a page, what stands above it, and the name of the site."""
    image = Image.new("P", SIZE)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, *SIZE), PAPER)
    draw.text((LEFT, 80), above, SOFT, _font(SMALL))
    lines = textwrap.wrap(title, WIDE, max_lines=3, placeholder=" …")
    draw.multiline_text((LEFT, 150), "\n".join(lines), INK, _font(LARGE), spacing=18)
    _graph(draw, SIZE[0] - 520)
    draw.text((LEFT, ROW), site, ACCENT, _font(SMALL), anchor="lm")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _graph(draw: ImageDraw.ImageDraw, left: int) -> None:
    """Variable, function, variable: the shapes that computational graphs have in the book."""
    for start in (left + 120, left + 280):
        draw.line((start, ROW, start + 36, ROW), SOFT, 4)
        draw.polygon([(start + 46, ROW), (start + 28, ROW - 10), (start + 28, ROW + 10)], SOFT)
    for start in (left, left + 330):
        draw.ellipse((start, ROW - 42, start + 110, ROW + 42), VARIABLE, VARIABLE_EDGE, 5)
    draw.rectangle((left + 170, ROW - 42, left + 275, ROW + 42), FUNCTION, FUNCTION_EDGE, 5)


@lru_cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font that Pillow brings along."""
    return ImageFont.load_default(size)
