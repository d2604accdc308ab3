r"""Python-Markdown extension: ``$…$`` and ``$$…$$`` become MathML when the page is built, with no script.

A ``$`` opens a formula if no space follows, and closes it on the same line if no space stands before it and
no digit after it, so that $5 and $10 stay prices; ``\$`` is always a dollar, and so is one in the address of
a link. ``$$…$$`` is set on a line of its own; it may span lines, but hold no blank one.

In the cell of a table ``\|`` is a bar, as a bar alone would end the cell: ``$\|x\|$`` is an absolute value.
Anywhere else it is LaTeX's double bar; a norm that is right in both is ``\lVert x \rVert``.

The numbered equations of a page (``equation``, ``align``, ``gather``, …) are counted from its top, and
``\eqref`` finds each ``\label``, above it or below.
"""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple
from xml.etree import ElementTree

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.postprocessors import Postprocessor
from markdown.util import HTML_PLACEHOLDER_RE, AtomicString
from math_core import LatexError, LatexToMathML

from literate.read.finding import Finding, did_you_mean
from literate.read.page import COMMENT_OR_CODE, Page
from literate.read.sentences import prose

# Under the name of mkdocs, whose --strict counts the warnings of its loggers; nothing of mkdocs is imported.
logger = logging.getLogger("mkdocs.literate.show.formulas")

# No formula is in the address and title of a link, in an address in angle brackets, in an attribute.
ADDRESS = r"\]\([^\s)]*(?:\s+\"[^\"\n]*\")?\)|<\w+:[^<>\s]*>|<\w[^<>$]*\"[^<>]*>|"
INLINE = r"(?<![\\$])\$(?![\s$])((?:\\.|[^\\$\n\x02\x03])+?)(?<!\s)\$(?![\d$])"
DISPLAY = r"(?<!\\)\$\$((?:\\.|[^\\$\x02\x03])+?)\$\$"
NUMBERED = re.compile(r"\\(?:begin\{(?:equation|align|gather|multline|flalign|alignat)\}|eqref\b)")
UNCLOSED = "no $$ closes it before the next blank line", "close it, or take out the blank line within"

# A prime is drawn high and small already; as an exponent it would be so twice,
# and a second derivative could be taken for a first.
PRIMED = re.compile(r"<msup>(<mi[^<>]*>[^<>]*</mi>)(<mo>[\u2032-\u2034\u2057]</mo>)</msup>")

_CONVERTER = LatexToMathML(fancy_error=False, id_prefix="equation-")


class FormulaError(ValueError):
    """A formula that cannot be read: ``offset`` is where in its LaTeX, ``reason`` is why."""

    def __init__(self, latex: str, offset: int, reason: str, way: str = "mend it") -> None:
        self.latex, self.offset, self.reason = latex, offset, reason
        super().__init__(f"the formula ${_in_a_line(latex)}$ cannot be read: {reason}; {way}")


@cache
def to_mathml(latex: str, display: bool = False) -> str:
    """The formula as a ``<math>`` element, its LaTeX in ``alttext``.

    Raises:
        FormulaError: If it cannot be read.
    """
    try:
        return _finished(latex, _CONVERTER.convert_with_local_state(latex, displaystyle=display))
    except LatexError as error:
        offset, _, reason = str(error).partition(": ")
        raise FormulaError(latex, int(offset), reason.rstrip(".")) from None


def _finished(latex: str, mathml: str) -> str:
    mathml = PRIMED.sub(r"<mrow>\1\2</mrow>", mathml)
    return mathml.replace("<math", f'<math alttext="{html.escape(_in_a_line(latex))}"', 1)


def _in_a_line(latex: str) -> str:
    return " ".join(latex.split())


# --- what is wrong with the formulas of a page --------------------------------------------------------------

DEFINED = r"^[ >]*\[(?!\^)[^\]\n]+\]:[^\n]*"  # the address of a link
NO_MARKDOWN = re.compile(f"{COMMENT_OR_CODE.pattern}|{DEFINED}", re.DOTALL | re.MULTILINE)
QUOTED = re.compile(r"^[ >]*>", re.MULTILINE)
PARAGRAPH = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|\Z))+")
TABLE = re.compile(r"[^\n]*\|[^\n]*\n[ |:-]*-[ |:-]*(?:\n|\Z)")
END_OF_CELL = re.compile(r"(?<!\\)\|")
CELLS = frozenset({"td", "th"})

_reported: set[str] = set()  # what findings say, with the line, so that the log need not


class Formula(NamedTuple):
    """A formula and where it starts in the text of a page."""

    start: int
    latex: str
    display: bool = False
    closed: bool = True

    def errors(self, labels: set[str]) -> Iterator[FormulaError]:
        """What is wrong with it, if the formulas of its page have these labels."""
        if not self.closed:
            yield FormulaError(self.latex, 0, *UNCLOSED)
            return
        try:
            to_mathml(self.latex, self.display)
        except FormulaError as error:
            yield error
        for match in re.finditer(r"\\eqref\{(.*?)\}", self.latex):
            if match[1] not in labels:
                way = did_you_mean(match[1], labels).removeprefix("; ") or "write one, or take this out"
                reason = rf"no formula of this page has \label{{{match[1]}}}"
                yield FormulaError(self.latex, match.start(), reason, way)


@lru_cache(maxsize=256)
def wrong_formulas(page: Page) -> tuple[Finding, ...]:
    """What cannot be read of the formulas of a page, in its prose and in its captions."""
    text = _markdown(page)
    formulas = tuple(formulas_in(text))
    labels = {label for formula in formulas for label in re.findall(r"\\label\{(.*?)\}", formula.latex)}
    wrong = [(formula.start + e.offset, str(e)) for formula in formulas for e in formula.errors(labels)]
    _reported.update(message for _, message in wrong)
    return tuple(Finding(page.path, text.count("\n", 0, at) + 1, message) for at, message in wrong)


def _markdown(page: Page) -> str:
    """The text of a page as far as it is Markdown: its prose, and the captions of its pictures."""
    lines = prose(page)
    for block in page.of("figure", "life"):
        caption = block.caption_and_alt[0].split("\n")
        lines[block.line : block.line + len(caption)] = caption
    return "\n".join(lines)


def formulas_in(text: str) -> Iterator[Formula]:
    """The formulas in the text of a page that has no fences, found as the renderer finds them."""
    text = QUOTED.sub(lambda marks: " " * len(marks[0]), NO_MARKDOWN.sub(_barrier, text))
    for paragraph in PARAGRAPH.finditer(text):
        body, start = paragraph[0], paragraph.start()
        if body.lstrip().startswith("$$") and body.count("$$") % 2:
            yield Formula(start + body.index("$$") + 2, body.partition("$$")[2], True, False)
        if is_table := TABLE.match(body):
            body = END_OF_CELL.sub("\x02", body)
        for pattern in (DISPLAY, INLINE):
            for match in re.finditer(ADDRESS + pattern, body, re.DOTALL):
                if latex := match[1]:
                    latex = latex.replace(r"\|", "|") if is_table else latex
                    yield Formula(start + match.start(1), latex, pattern == DISPLAY)
            body = re.sub(pattern, _barrier, body, flags=re.DOTALL)


def _barrier(match: re.Match[str]) -> str:
    """What no formula reaches across; as long, with the same lines."""
    return re.sub(r"[^\n]", "\x02", match[0])


# --- the extension ------------------------------------------------------------------------------------------


class MathExtension(Extension):
    """Reads formulas after code spans and before escapes, so that neither touches them."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        md.registerExtension(self)
        if "$" not in md.ESCAPED_CHARS:
            md.ESCAPED_CHARS = [*md.ESCAPED_CHARS, "$"]
        self.rendered = _Rendered(md)
        for at, pattern in enumerate((DISPLAY, INLINE)):
            md.inlinePatterns.register(_Inline(pattern, self.rendered), f"math-{at}", 189.8 - at / 100)
        md.parser.blockprocessors.register(_Block(self.rendered), "math-block", 79.9)
        md.postprocessors.register(self.rendered, "math-numbers", 31)  # before raw HTML is put back

    def reset(self) -> None:
        self.rendered.numbered.clear()


class _Rendered(Postprocessor):
    """The formulas of the page being converted: they go into its stash."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.numbered: dict[int, tuple[str, bool]] = {}  # formulas by their place in the stash

    def stashed(self, latex: str, display: bool) -> AtomicString:
        """A placeholder for the formula, which Python-Markdown leaves alone and fills in at the end."""
        try:
            markup = to_mathml(latex, display)
        except FormulaError as error:
            return self.complaint(error)
        if NUMBERED.search(latex):
            self.numbered[self.md.htmlStash.html_counter] = latex, display
        return AtomicString(self.md.htmlStash.store(markup))

    def complaint(self, error: FormulaError) -> AtomicString:
        """A placeholder for the mark on what cannot be read; the log gets what no finding tells."""
        if str(error) not in _reported:
            logger.warning("%s", error)
        latex, reason = html.escape(error.latex.strip()), html.escape(error.reason)
        mark = f'<mark class="math-error"><code>{latex}</code> {reason}</mark>'
        return AtomicString(self.md.htmlStash.store(mark))

    def run(self, text: str) -> str:
        """Convert those with numbers, and those that refer to them, once more: in order, all at once."""
        found = [int(match[1]) for match in HTML_PLACEHOLDER_RE.finditer(text)]
        places = [place for place in found if place in self.numbered]
        formulas = [self.numbered[place] for place in places]
        for place, formula, mathml in zip(places, formulas, _CONVERTER.convert_all(formulas), strict=True):
            self.md.htmlStash.rawHtmlBlocks[place] = _finished(formula[0], mathml)
        return text


class _Inline(InlineProcessor):
    """A formula within a line; a display formula without blank lines around it is still set on its own."""

    def __init__(self, pattern: str, rendered: _Rendered) -> None:
        super().__init__(ADDRESS + pattern, rendered.md)
        self.rendered, self.display = rendered, pattern == DISPLAY

    def handleMatch(  # type: ignore[override]  # noqa: N802
        self, m: re.Match[str], data: str
    ) -> tuple[ElementTree.Element, int, int] | tuple[None, None, None]:
        if m[1] is None:
            return None, None, None
        element = ElementTree.Element("span", {"class": "math display" if self.display else "math"})
        around: Any = self.rendered.md.treeprocessors["inline"]
        latex = m[1] if CELLS.isdisjoint(around.ancestors) else m[1].replace(r"\|", "|")
        element.text = self.rendered.stashed(latex, self.display)
        return element, m.start(), m.end()


class _Block(BlockProcessor):
    """A display formula that is a paragraph of its own."""

    def __init__(self, rendered: _Rendered) -> None:
        super().__init__(rendered.md.parser)
        self.rendered = rendered

    def test(self, parent: ElementTree.Element, block: str) -> bool:
        unclosed = block.startswith("$$") and block.count("$$") % 2 == 1
        return unclosed or re.fullmatch(DISPLAY + r"\s*", block) is not None

    def run(self, parent: ElementTree.Element, blocks: list[str]) -> None:
        block = blocks.pop(0)
        element = ElementTree.SubElement(parent, "div", {"class": "math display"})
        if match := re.fullmatch(DISPLAY + r"\s*", block):
            element.text = self.rendered.stashed(match[1], display=True)
        else:
            element.text = self.rendered.complaint(FormulaError(block[2:], 0, *UNCLOSED))


def makeExtension(**config: Any) -> MathExtension:  # noqa: N802
    return MathExtension(**config)
