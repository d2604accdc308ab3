"""Where the pages of the book are found on its site."""

from __future__ import annotations

import os
import re

import yaml
from markdown.extensions.toc import slugify

from literate.read.chapters import Loader
from literate.read.page import LINK, Heading, Page
from literate.read.project import Project

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


def anchor_of(page: Page, heading: Heading) -> str:
    """The anchor of a heading: its own, else the one that is made of its words."""
    said = ANCHOR.search(page.text.split("\n")[heading.line - 1])
    return said[1] if said else slugify(LINK.sub(lambda link: link["text"], heading.text), "-")


def address_of(page: Page, line: int, project: Project, site: str) -> str:
    """The address of the section that a line of a page stands in."""
    name = page.path.removeprefix(f"{project.docs}/").removesuffix(".md")
    heading = section_of(page, line)
    anchor = f"#{anchor_of(page, heading)}" if heading and heading.level > 1 else ""
    return f"{site.rstrip('/')}/{name}/{anchor}"
