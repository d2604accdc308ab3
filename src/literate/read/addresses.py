"""Where the pages of the book are found on its site."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import Any

import yaml
from markdown.extensions.toc import slugify, unique

from literate.read.chapters import Loader
from literate.read.page import Heading, Page
from literate.read.project import Project
from literate.read.sentences import plain

ANCHOR = re.compile(r"\{[^}\n]*#([^\s}]+)")


class _Settings(Loader):  # type: ignore[misc]
    """Reads ``mkdocs.yml``: ``!ENV`` as MkDocs does, and no other tag."""


def _tagged(loader: Any, tag: str, node: yaml.Node) -> Any:
    if tag != "ENV" or not isinstance(node, yaml.SequenceNode):
        return os.environ.get(node.value) if tag == "ENV" else None
    *names, default = loader.construct_sequence(node)
    return next((os.environ[name] for name in names if name in os.environ), default)


_Settings.add_multi_constructor("!", _tagged)
_Settings.add_multi_constructor("tag:", lambda *_: None)


def settings(text: str) -> dict[str, Any]:
    """What the text of a ``mkdocs.yml`` says."""
    found = yaml.load(text, _Settings)
    return found if isinstance(found, dict) else {}


def site_address(project: Project) -> str:
    """The address that the file of the nav gives to the site; nothing if it gives none."""
    try:
        text = (project.root / project.nav).read_text(encoding="utf-8")
        return str(settings(text).get("site_url") or "")
    except (OSError, ValueError, yaml.YAMLError):
        return ""


def section_of(page: Page, line: int) -> Heading | None:
    """The heading that a line of a page stands under."""
    return next((heading for heading in reversed(page.headings) if heading.line <= line), None)


def lines_of_section(page: Page, heading: Heading) -> range:
    """The lines from a heading up to the next that is no lower."""
    after = (h.line for h in page.headings if h.line > heading.line and h.level <= heading.level)
    return range(heading.line, next(after, None) or page.text.count("\n") + 2)


@lru_cache(maxsize=512)
def anchors(page: Page) -> dict[Heading, str]:
    """The headings of a page and their anchors: their own, else those that ``toc`` makes of their words."""
    lines, used, found = page.text.split("\n"), set[str](), dict[Heading, str]()
    for heading in page.headings:
        own = ANCHOR.search(lines[heading.line - 1])
        base = own[1] if own else slugify(plain(heading.text).replace("`", ""), "-")
        found[heading] = base if own else unique(base, used)
        used.add(base)
    return found


def address_of(page: Page, line: int, project: Project, site: str) -> str:
    """The address of the section that a line of a page stands in."""
    name = page.path.removeprefix(f"{project.docs}/").removesuffix(".md")
    return f"{site.rstrip('/')}/{name}/{anchor_above(page, line)}"


def anchor_above(page: Page, line: int) -> str:
    """The anchor of the section that a line stands in, with its ``#``; a title and a formula have none."""
    heading = section_of(page, line)
    has_anchor = heading and heading.level > 1 and "$" not in heading.text
    return f"#{anchors(page)[heading]}" if heading and has_anchor else ""
