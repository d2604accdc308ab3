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

OPENING = re.compile(r'(?P<mark>!!!|\?\?\?\+?|===[!+]?) +(?P<kind>[^"]*?) *(?:"(?P<title>.*)")?')
ATTRIBUTES = re.compile(r"\s*\{:?\s*[.#][^}]*\}\s*$")
COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")


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
        page = re.sub(r"\.(md|py|ipynb)$", "/", path.removeprefix(f"{self.project.docs}/")).removesuffix(
            "index/"
        )
        return f"{self.site.rstrip('/')}/{page}{f'#{anchor}' if anchor else ''}"

    def mend(self, line: str) -> str:
        """A line of prose with its links mended; code stays as it is."""
        code = [match.span() for match in CODE.finditer(line)]

        def mended(link: re.Match[str]) -> str:
            if any(start < link.start() < end for start, end in code):
                return link[0]
            target = self.target(link["target"])
            return f"[{link['text']}]({target})" if target else link["text"]

        return LINK.sub(mended, line)


@dataclass
class _Opened:
    """An admonition, tab or other container: what stands below it is indented by so many columns."""

    indent: int
    quoted: bool


def pieces(
    page: Page, apart: Container[Block], quoted: Container[Block], links: Links
) -> Iterator[str | Block]:
    """The blocks of a page that are to stand apart, and the prose between them, which quotes blocks too."""
    writer = _Writer(links)
    blocks = {block.line: block for block in page.blocks}
    lines = FRONT_MATTER.sub(lambda match: "\n" * match[0].count("\n"), page.text).expandtabs(4).split("\n")
    number = 1
    while number <= len(lines):
        block = blocks.get(number)
        if block is None:
            writer.write(lines[number - 1])
            number += 1
            continue
        number = block.end + 1
        if block in quoted:
            writer.quote(block)
        if block in apart:
            yield from writer.prose()
            yield block
    yield from writer.prose()


@dataclass
class _Writer:
    """Collects lines of prose; knows the containers that they stand in."""

    links: Links
    opened: list[_Opened] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    quoted: int = 0  # how deep the last line was quoted

    def prose(self) -> Iterator[str]:
        """What has been collected, if anything, and begin anew."""
        text = COMMENT.sub("", "\n".join(self.lines)).strip("\n")
        text = re.sub(r"\n{3,}", "\n\n", text)
        self.lines = []
        if text.strip():
            yield text

    def write(self, line: str) -> None:
        """A line of prose as the page has it."""
        if not line.strip():
            self.lines.append("")
            return
        self.close(line)
        opening = OPENING.fullmatch(line.strip())
        if opening:
            self.open(line, opening)
        elif line := ATTRIBUTES.sub("", line[self.indent :]):
            self.add(self.links.mend(line))

    def quote(self, block: Block) -> None:
        """A block that stays in the prose: a fence that any renderer understands, its title above it."""
        self.close(block.prefix + "x")
        indent = block.prefix.expandtabs(4)[self.indent :]
        fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", block.code))])
        titled = [f"*{block.title}:*", ""] if block.title else []
        for line in [*titled, f"{fence}{block.language}", *block.code.split("\n"), fence]:
            self.add(f"{indent}{line}".rstrip())

    def open(self, line: str, opening: re.Match[str]) -> None:
        quoted = opening["mark"] == "!!!"
        title = opening["title"]
        if title is None:
            title = opening["kind"].split(" ")[0].capitalize()
        self.opened.append(_Opened(len(line) - len(line.lstrip()) + 4, quoted))
        if title:
            self.add(f"**{title}**")

    def close(self, line: str) -> None:
        """Leave the containers that a line does not stand in."""
        indent = len(line) - len(line.lstrip())
        while self.opened and indent < self.opened[-1].indent:
            self.opened.pop()

    def add(self, line: str) -> None:
        """A line, quoted as deep as it stands; so are the blank lines between two that are."""
        depth = sum(container.quoted for container in self.opened)
        for index in range(len(self.lines) - 1, -1, -1):
            if self.lines[index]:
                break
            self.lines[index] = ">" if min(depth, self.quoted) else ""
        self.lines.append(f"{'> ' * depth}{line}".rstrip())
        self.quoted = depth

    @property
    def indent(self) -> int:
        return self.opened[-1].indent if self.opened else 0
