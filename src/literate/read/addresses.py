"""Where the pages of the book are found on its site."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from itertools import count

import yaml
from markdown.extensions.toc import slugify

from literate.read.chapters import Loader
from literate.read.page import Heading, Page
from literate.read.project import Project
from literate.read.sentences import plain

ANCHOR = re.compile(r"\{[^}\n]*#([^\s}]+)")


def site_address(project: Project) -> str:
    """The address that the file of the nav gives to the site; nothing if it gives none."""
    try:
        config = (project.root / project.nav).read_text(encoding="utf-8")
        root = yaml.compose(config, Loader=Loader)
    except (OSError, ValueError, yaml.YAMLError):
        return ""
    entries = root.value if isinstance(root, yaml.MappingNode) else ()
    return next((_said(value) for key, value in entries if key.value == "site_url"), "")


def _said(value: yaml.Node) -> str:
    """A text; of ``!ENV [A, B, text]`` the first variable that is set, else the text."""
    if not isinstance(value, yaml.SequenceNode):
        return str(value.value)
    *variables, last = [str(node.value) for node in value.value]
    return next((os.environ[name] for name in variables if os.environ.get(name)), last)


def section_of(page: Page, line: int) -> Heading | None:
    """The heading that a line of a page stands under."""
    return next((heading for heading in reversed(page.headings) if heading.line <= line), None)


@lru_cache(maxsize=512)
def anchors(page: Page) -> dict[Heading, str]:
    """The headings of a page and their anchors: their own, else those that ``toc`` makes of their words."""
    lines, found = page.text.split("\n"), dict[Heading, str]()
    for heading in page.headings:
        own = ANCHOR.search(lines[heading.line - 1])
        base = own[1] if own else slugify(plain(heading.text).replace("`", ""), "-")
        names = (f"{base}_{number}" if number else base for number in count())
        found[heading] = base if own else next(name for name in names if name not in found.values())
    return found


def address_of(page: Page, line: int, project: Project, site: str) -> str:
    """The address of the section that a line of a page stands in."""
    name = page.path.removeprefix(f"{project.docs}/").removesuffix(".md")
    heading = section_of(page, line)
    anchor = f"#{anchors(page)[heading]}" if heading and heading.level > 1 else ""
    return f"{site.rstrip('/')}/{name}/{anchor}"
