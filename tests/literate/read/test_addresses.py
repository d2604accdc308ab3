"""Where the pages of the book are found on its site."""

from __future__ import annotations

from pathlib import Path

import pytest

from literate.read.addresses import address_of, site_address
from literate.read.page import read_page
from literate.read.project import Project

PAGE = """\
# A *title*

text

## A `heading` with [a link](x.md)

text

## Another { #own }

text
"""
SAID = {
    "a text": ("site_url: https://a.example/", "https://a.example/"),
    "a variable": ("site_url: !ENV [NOBODY_SETS, SITE_URL, https://b.example/]", "https://set.example/"),
    "no variable": ("site_url: !ENV [NOBODY_SETS, https://b.example/]", "https://b.example/"),
    "nothing": ("nav: []", ""),
    "no YAML": ("a: [", ""),
}


@pytest.mark.parametrize(("config", "address"), SAID.values(), ids=SAID)
def test_the_site_is_where_the_file_of_the_nav_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str, address: str
) -> None:
    monkeypatch.setenv("SITE_URL", "https://set.example/")
    (tmp_path / "mkdocs.yml").write_text(config, encoding="utf-8")

    assert site_address(Project(tmp_path, "stack")) == address


def test_a_site_without_a_file_of_the_nav_has_no_address(tmp_path: Path) -> None:
    assert site_address(Project(tmp_path, "stack")) == ""


@pytest.mark.parametrize(
    ("line", "address"),
    [(3, "s/step01-one/"), (7, "s/step01-one/#a-heading-with-a-link"), (11, "s/step01-one/#own")],
)
def test_a_line_is_found_in_its_section(tmp_path: Path, line: int, address: str) -> None:
    project = Project(tmp_path, "stack")
    page = read_page("docs/step01-one.md", PAGE, project)

    assert address_of(page, line, project, "s/") == address
