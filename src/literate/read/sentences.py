"""The prose of a page: its lines without the blocks, and the sentence that stands right above a block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from literate.read.page import COMMENT_OR_CODE, FRONT_MATTER, LINK, Block, Page

MARKS = re.compile(r"\s*(?:> ?|[-+*] |\d+[.)] )*")  # of a quotation, of an item of a list
OPENING = re.compile(r"!!!|\?\?\?|===")  # of a note, of a tab
ITEM = re.compile(r"[\s>]*(?:[-+*] |\d+[.)] )")
WHOLE = re.compile(r"[^a-z(].*[.?!][*\"”]*$")
REFERS = re.compile(r"(?:And|But|Both|It|Its|So|Such|That|The two|Their|Then|These|They|This|Those)\b")
MOST = 3  # sentences of a reason
NO_SENTENCE = re.compile(r"<|\||\{|$")
CODE_OR_EMPHASIS = re.compile(r"(`[^`]*`)|(?<!\\)\*+(?=\S)([^*`]+)\*+")
FORMULA = re.compile(r"\$\$.*?\$\$|(?<![\\$])\$(?![\s$])[^$\n]+\$", re.DOTALL)
ENDS = re.compile(r"(?<=[.?!])(?<!e\.g\.)(?<!i\.e\.)\s+(?=[A-Z`$*\[])")


def prose(page: Page) -> list[str]:
    """The lines of a page; those of its front matter and of its blocks are empty."""
    lines = FRONT_MATTER.sub(lambda match: "\n" * match[0].count("\n"), page.text).split("\n")
    for block in page.blocks:
        lines[block.line - 1 : block.end] = [""] * (block.end - block.line + 1)
    return lines


@lru_cache(maxsize=512)
def words_alone(page: Page) -> str:
    """The prose of a page, with spaces for its comments, code and formulas, and for tabs."""
    text = "\n".join(prose(page)).expandtabs(4)
    return FORMULA.sub(_spaces, COMMENT_OR_CODE.sub(_spaces, text))


def sentence_above(page: Page, block: Block) -> str:
    """The sentence right above a block, in Markdown; if a heading comes first, that, with its ``#``.

    It may stand above the note that the block stands in; what a note says in which it does not is another
    matter, and then there is none.
    """
    return ENDS.split(next(_paragraph_above(page, block), ""))[-1]


def reason_above(page: Page, block: Block) -> str:
    """The last whole sentence right above a block, with those before it that it refers to; or nothing.

    What announces the block, and ends in a colon, gives no reason, nor does what stands in parentheses.
    """
    lines = [*_paragraph_above(page, block)][::-1]
    said = [sentence for line in lines for sentence in ENDS.split(line) if not lines[-1].startswith("#")]
    while said and not _is_whole(said[-1]):
        said.pop()
    first = len(said) - 1
    while first > 0 and REFERS.match(said[first]) and len(said) - first < MOST:
        first -= 1
    return " ".join(said[first:]) if said else ""


def _is_whole(sentence: str) -> bool:
    """Whether a sentence begins and ends, and so does what is bold in it."""
    bold = re.sub(r"`[^`]*`", "", sentence).count("**")
    return bool(WHOLE.match(sentence)) and bold % 2 == 0


def _paragraph_above(page: Page, block: Block) -> Iterator[str]:
    """The lines of the paragraph, or the item of a list, right above a block, the last one first."""
    begun = False
    for line in reversed(_without_formulas(page)[: block.line - 1]):
        text = MARKS.sub("", line, count=1)
        opening = OPENING.match(text)
        is_text = not (opening or NO_SENTENCE.match(text))
        if (begun and not is_text) or (opening and len(line) - len(text) >= len(block.prefix)):
            return
        if is_text:
            begun = True
            yield text.strip()
            if ITEM.match(line):
                return


def plain(sentence: str) -> str:
    """A sentence or a heading as it reads: without links, emphasis and ``#``; code stays code."""
    text = LINK.sub(lambda link: link["text"], sentence.lstrip("# "))
    return CODE_OR_EMPHASIS.sub(lambda match: match[1] or match[2], text)


def as_shown(sentence: str) -> str:
    """A sentence or a heading as a terminal can show it: without any mark of Markdown."""
    return re.sub(r"\\(?=[*_`$])|[`$]", "", plain(sentence))


def _spaces(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


@lru_cache(maxsize=512)
def _without_formulas(page: Page) -> list[str]:
    """The lines of the prose; those of formulas that stand alone are empty."""
    inside, lines = False, []
    for line in prose(page):
        edge = line.count("$$") == 1
        lines.append("" if inside or edge or line.strip(" >").startswith("$$") else line)
        inside ^= edge
    return lines
