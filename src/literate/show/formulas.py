r"""Python-Markdown extension: ``$…$`` and ``$$…$$`` become MathML when the page is built, with no script.

A ``$`` opens a formula if no space follows, and closes it on the same line if no space stands before it and
no digit after it, so that $5 and $10 stay prices; ``\$`` is always a dollar.
``$$…$$`` is set on a line of its own; it may span lines, but hold no blank one.
"""

from __future__ import annotations

import html
import logging
import re
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString
from math_core import LatexError, LatexToMathML

from literate.read.finding import Finding

# Under the name of mkdocs, whose --strict counts the warnings of its loggers; nothing of mkdocs is imported.
logger = logging.getLogger("mkdocs.literate.show.formulas")

INLINE = r"(?<![\\$])\$(?![\s$])((?:\\.|[^\\$\n\x02\x03])+?)(?<!\s)\$(?![\d$])"
DISPLAY = r"(?<!\\)\$\$((?:\\.|[^\\$\x02\x03])+?)\$\$"

# A prime is drawn high and small already; as an exponent it would be so twice,
# and a second derivative could be taken for a first.
PRIMED = re.compile(r"<msup>(<mi[^<>]*>[^<>]*</mi>)(<mo>[\u2032-\u2034\u2057]</mo>)</msup>")

_CONVERTER = LatexToMathML(fancy_error=False)


class FormulaError(ValueError):
    """A formula that cannot be read: ``offset`` is where in its LaTeX, ``reason`` is why."""

    def __init__(self, latex: str, offset: int, reason: str) -> None:
        self.latex, self.offset, self.reason = latex, offset, reason
        super().__init__(f"the formula {_shown(latex)} cannot be read: {reason}")


@cache
def to_mathml(latex: str, display: bool = False) -> str:
    """The formula as a ``<math>`` element, its LaTeX in ``alttext``.

    Raises:
        FormulaError: If it cannot be read.
    """
    try:
        mathml = _CONVERTER.convert_with_local_state(latex, displaystyle=display)
    except LatexError as error:
        offset, _, reason = str(error).partition(": ")
        raise FormulaError(latex, int(offset), reason.rstrip(".")) from None
    mathml = PRIMED.sub(r"<mrow>\1\2</mrow>", mathml)
    alttext = html.escape(" ".join(latex.split()))
    return mathml.replace("<math", f'<math alttext="{alttext}"', 1)


class MathExtension(Extension):
    """Reads formulas after code spans and before escapes, so that neither touches them."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        md.registerExtension(self)
        if "$" not in md.ESCAPED_CHARS:
            md.ESCAPED_CHARS = [*md.ESCAPED_CHARS, "$"]
        self.page = _Page(md)
        md.inlinePatterns.register(_Inline(DISPLAY, self.page, display=True), "math-display", 189.8)
        md.inlinePatterns.register(_Inline(INLINE, self.page, display=False), "math-inline", 189.7)
        md.parser.blockprocessors.register(_Block(self.page), "math-block", 79.9)

    def reset(self) -> None:
        self.page.seen.clear()


class _Page:
    """The page being converted: formulas go into its stash, mistakes to the log and into a box."""

    def __init__(self, md: Markdown) -> None:
        self.md = md
        self.seen: dict[str, int] = {}

    def stashed(self, latex: str, display: bool) -> AtomicString:
        """A placeholder for the formula, which Python-Markdown leaves alone and fills in at the end."""
        try:
            markup = to_mathml(latex, display)
        except FormulaError as error:
            markup = self.complaint(error)
        return AtomicString(self.md.htmlStash.store(markup))

    def complaint(self, error: FormulaError) -> str:
        """The box for what cannot be read; the log gets the place."""
        logger.warning("%s", self.located(error))
        latex, reason = html.escape(error.latex.strip()), html.escape(error.reason)
        return f'<mark class="math-error"><code>{latex}</code> {reason}</mark>'

    def located(self, error: FormulaError) -> Finding | FormulaError:
        """The error with its file and line, if MkDocs, which knows the file, is the one that converts."""
        if "relpath" not in self.md.treeprocessors:
            return error
        file: Any = getattr(self.md.treeprocessors["relpath"], "file", None)
        if file is None:
            return error
        lines = file.content_string.splitlines()
        first = error.latex.strip().split("\n")[0].strip()
        places = [number for number, line in enumerate(lines, 1) if first in line] or [1]
        nth = self.seen.get(first, 0)
        self.seen[first] = nth + 1
        within = error.latex.lstrip().count("\n", 0, max(0, error.offset - _indent(error.latex)))
        return Finding(_relative(file), places[min(nth, len(places) - 1)] + within, str(error))


class _Inline(InlineProcessor):
    """A formula within a line; a display formula without blank lines around it is still set on its own."""

    def __init__(self, pattern: str, page: _Page, display: bool) -> None:
        super().__init__(pattern, page.md)
        self.page, self.display = page, display

    def handleMatch(  # type: ignore[override]  # noqa: N802
        self, m: re.Match[str], data: str
    ) -> tuple[ElementTree.Element, int, int]:
        element = ElementTree.Element("span", {"class": "math display" if self.display else "math"})
        element.text = self.page.stashed(m[1], self.display)
        return element, m.start(), m.end()


class _Block(BlockProcessor):
    """A display formula that is a paragraph of its own."""

    def __init__(self, page: _Page) -> None:
        super().__init__(page.md.parser)
        self.page = page

    def test(self, parent: ElementTree.Element, block: str) -> bool:
        return re.fullmatch(DISPLAY + r"\s*", block) is not None or (
            block.startswith("$$") and block.count("$$") % 2 == 1
        )

    def run(self, parent: ElementTree.Element, blocks: list[str]) -> None:
        block = blocks.pop(0)
        element = ElementTree.SubElement(parent, "div", {"class": "math display"})
        if match := re.fullmatch(DISPLAY + r"\s*", block):
            element.text = self.page.stashed(match[1], display=True)
        else:
            latex = block[2:]
            reason = "no $$ closes it before the next blank line; a formula holds no blank line"
            error = FormulaError(latex, len(latex), reason)
            element.text = AtomicString(self.page.md.htmlStash.store(self.page.complaint(error)))


def _shown(latex: str) -> str:
    return f"${' '.join(latex.split())}$"


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _relative(file: Any) -> str:
    """The path of a MkDocs file as the author would type it."""
    if file.abs_src_path is None:
        return str(file.src_uri)
    path = Path(file.abs_src_path)
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else path.as_posix()


def makeExtension(**config: Any) -> MathExtension:  # noqa: N802
    return MathExtension(**config)
