"""A picture and the words of its Figure block -> the ``<figure>`` that takes the place of the block."""

from __future__ import annotations

import html
import re

import markdown

from literate.read.page import Block

SHRINKS, INK_SHRINKS = 0.6, 0.66  # how far a picture may that is no graph, see blocks.css
PHONE = 340  # pixels that a picture has there


def figure(picture: str, block: Block) -> str:
    """The ``<figure>`` of a picture and its Figure block."""
    caption, alt = block.caption_and_alt
    label = f' role="img" aria-label="{html.escape(" ".join(alt.split()))}"'
    picture = re.sub(r"<\w+", lambda tag: tag[0] + label, picture, count=1)
    stop = ' tabindex="0"' if _may_scroll(picture) else ""
    words = f"<figcaption>{_inline_markdown(caption)}</figcaption>"
    return f'<figure class="picture"{stop}>{picture}{words}</figure>'


def _may_scroll(picture: str) -> bool:
    """Whether a picture is wider than a phone, where arrow keys, too, must reach all of it."""
    least = re.search(r"--least: (\d+)px", picture.partition(">")[0])
    width = re.search(r"--width: (\d+)px", picture.partition(">")[0])
    share = INK_SHRINKS if '<g class="ink"' in picture else SHRINKS
    return bool(int(least[1]) > PHONE if least else width and share * int(width[1]) > PHONE)


def _inline_markdown(text: str) -> str:
    """A caption: code, emphasis and formulas, as in the prose."""
    converted = markdown.markdown(text, extensions=["literate.show.formulas"])
    return converted.removeprefix("<p>").removesuffix("</p>")
