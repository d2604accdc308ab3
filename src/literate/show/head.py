"""What the head of a page says to those who do not read it: search engines, and places that show links."""

from __future__ import annotations

import html
import re

from bs4 import BeautifulSoup
from bs4.element import PageElement, Tag

from literate.read.sentences import ENDS

PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)  # a kicker, a label, a caption has a class
LONG = 200  # letters; of what is longer, others show the beginning
MATH = re.compile(r"<math\b.*?</math>", re.DOTALL)
SIGNS = {"msup": "^", "msub": "_", "mfrac": "/"}  # between two parts of a formula
UNREAD = re.compile(r"<(annotation|script|style|sup|svg)\b.*?</\1>", re.DOTALL)


def description(content: str) -> str:
    """The first sentences of a page's HTML as plain text, as many as are shown elsewhere."""
    paragraphs = (text_of(match[1]) for match in PARAGRAPH.finditer(content))
    first, *others = ENDS.split(next((text for text in paragraphs if text), ""))
    for sentence in others:
        if len(first) + len(sentence) < LONG:
            first += f" {sentence}"
        else:
            break
    return _shortened(re.sub(r":$", ".", first))


def text_of(markup: str) -> str:
    """HTML without its tags; a formula in one line."""
    markup = MATH.sub(lambda math: html.escape(_in_one_line(_parsed(math[0]))), UNREAD.sub("", markup))
    text = html.unescape(re.sub(r"<[^>]*>", "", markup))
    return re.sub(r"\s+", " ", text).strip()


def _parsed(math: str) -> PageElement:
    return BeautifulSoup(math, "html.parser")


def _in_one_line(math: PageElement) -> str:
    """A formula as one would type it: ``y=(e^(x^2))^2``."""
    if not isinstance(math, Tag):
        return math.get_text()
    parts = [_in_one_line(part) for part in math.children]
    if (sign := SIGNS.get(math.name)) and len(parts) == 2:
        base, other = parts
        return f"{base}{sign}{other}" if len(other) == 1 else f"{base}{sign}({other})"
    return "".join(parts)


def _shortened(sentence: str) -> str:
    return sentence if len(sentence) <= LONG else f"{sentence[:LONG].rpartition(' ')[0]} …"


def tags(said: dict[str, str], plain: str) -> str:
    """The lines of a head that say these things of a page, and where it is had as plain Markdown."""
    kinds = {name: "property" if name.startswith("og:") else "name" for name in said}
    lines = [f'<meta {kinds[name]}="{name}" content="{html.escape(said[name])}">' for name in said]
    if plain:
        lines.append(f'<link rel="alternate" type="text/markdown" href="{html.escape(plain)}">')
    return "\n".join([*lines, ""])
