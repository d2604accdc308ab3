"""The prose of a page as plain Markdown: what MkDocs and its extensions add is said in other words.

An admonition becomes a block quote, a tab a line in bold, and a link leads to where it can be followed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field

from literate.read.page import FRONT_MATTER, LINK, Block, Page
from literate.read.project import Project
from literate.read.quoting import fenced

OPENING = re.compile(r'(?P<mark>!!!|\?\?\?\+?|===[!+]?) +(?P<kind>[^"]*?) *(?:"(?P<title>.*)")?')
ATTRIBUTES = re.compile(r"\s*\{:?\s*[.#][^}]*\}\s*$")
COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
CODE_OR_LINK = re.compile(rf"(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)|{LINK.pattern}")


@dataclass(frozen=True)
class Links:
    """Where the links of the page at ``path`` lead: to the book's address, else to the other notebooks."""

    project: Project
    path: str
    site: str | None = None

    def target(self, target: str) -> str | None:
        """The address that a link gets; None if what it leads to is not to be had outside of the site."""
        if re.match(r"\w+:", target):
            return target
        path, _, anchor = target.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), path)) if path else self.path
        if self.site is None:
            key = self.project.key_of(path)
            return f"{self.project.slug(key)}.ipynb" if key and path != self.path else None
        page = re.sub(r"\.(md|py|ipynb)$", "/", path.removeprefix(f"{self.project.docs}/"))
        page = re.sub(r"(^|/)index/$", r"\1", page)
        return f"{self.site.rstrip('/')}/{page}{f'#{anchor}' if anchor else ''}"

    def mend(self, line: str) -> str:
        """A line of prose with its links mended; code stays as it is."""

        def mended(match: re.Match[str]) -> str:
            if match["target"] is None:
                return match[0]
            target = self.target(match["target"])
            return f"[{match['text']}]({target})" if target else match["text"]

        return CODE_OR_LINK.sub(mended, line)


def pieces(
    page: Page, apart: Container[Block], quoted: Container[Block], links: Links
) -> Iterator[str | Block]:
    """The blocks of a page that are to stand apart, and the prose between them, which quotes blocks too."""
    writer = _Writer(links)
    blocks = {block.line: block for block in page.blocks}
    lines = FRONT_MATTER.sub(lambda match: "\n" * match[0].count("\n"), page.text).expandtabs(4).split("\n")
    end = 0
    for number, line in enumerate(lines, 1):
        if block := blocks.get(number):
            end = block.end
            if block in quoted:
                writer.quote(block)
            if block in apart:
                yield from writer.prose()
                yield block
        elif number > end:
            writer.write(line)
    yield from writer.prose()


@dataclass
class _Writer:
    """Collects lines of prose; knows the containers that they stand in."""

    links: Links
    opened: list[tuple[int, bool]] = field(default_factory=list)  # how far indented, and whether quoted
    lines: list[tuple[int, str]] = field(default_factory=list)  # how deep quoted, and the text

    def prose(self) -> Iterator[str]:
        """What has been collected, if anything, and begin anew."""
        text = COMMENT.sub("", "\n".join(f"{'> ' * depth}{line}".rstrip() for depth, line in self.lines))
        self.lines = []
        if text := re.sub(r"\n{3,}", "\n\n", text).strip("\n"):
            yield text

    def write(self, line: str) -> None:
        """A line of prose as the page has it."""
        if not line.strip():
            self.lines.append((0, ""))
            return
        indent = self.enter(line)
        if opening := OPENING.fullmatch(line.strip()):
            self.opened.append((len(line) - len(line.lstrip()) + 4, opening["mark"] == "!!!"))
            title = opening["title"]
            title = opening["kind"].split(" ")[0].capitalize() if title is None else title
            line = f"**{title}**" if title else ""
        else:
            line = self.links.mend(ATTRIBUTES.sub("", line[indent:]))
        if line:
            self.add(line)

    def quote(self, block: Block) -> None:
        """A block that stays in the prose: a fence that any renderer understands, its title above it."""
        indent = self.enter(f"{block.prefix}x")
        titled = [f"*{block.title}:*", ""] if block.title else []
        for line in [*titled, *fenced(block.code, block.language or "")]:
            self.add(f"{block.prefix.expandtabs(4)[indent:]}{line}")

    def enter(self, line: str) -> int:
        """Leave the containers that a line does not stand in; return how far the others indent it."""
        indent = len(line) - len(line.lstrip())
        while self.opened and indent < self.opened[-1][0]:
            self.opened.pop()
        return self.opened[-1][0] if self.opened else 0

    def add(self, line: str) -> None:
        """A line, quoted as deep as it stands; so are the blank lines between two that are."""
        depth = sum(quoted for _, quoted in self.opened)
        blanks = 0
        while self.lines and not self.lines[-1][1]:
            self.lines.pop()
            blanks += 1
        between = min(depth, self.lines[-1][0], 1) if self.lines else 0
        self.lines += [*[(between, "")] * blanks, (depth, line)]
