"""The cover of each part names all its chapters, and counts all its tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from literate.fold.book import load

ROOT = Path(__file__).parents[2]
BOOK = load(ROOT)
PARTS = {
    f"part{number}": [chapter for chapter in BOOK.chapters if chapter.part.startswith(f"Part {number} ")]
    for number in (1, 2, 3, 4, 5, 6)
}


def text(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PARTS)
def test_a_cover_lists_the_chapters_of_its_part_as_the_nav_does(name: str) -> None:
    links = [f"- [{chapter.entry}]({Path(chapter.page.path).name}): " for chapter in PARTS[name]]

    assert re.findall(r"^- \[.*?\]\((?:step|interlude).*?\): ", text(name), re.MULTILINE) == links


@pytest.mark.parametrize("name", PARTS)
def test_a_cover_counts_every_file_of_tests_that_its_part_ends_with(name: str) -> None:
    package = BOOK.package_after(PARTS[name][-1])
    files = sorted(Path(path).stem for path in package if path.startswith("tests/"))

    assert re.findall(r'"(test_\w+)"', text(name)) == files


@pytest.mark.parametrize("name", PARTS)
def test_a_cover_computes_with_the_package_as_of_the_end_of_its_part(name: str) -> None:
    (page,) = (page for page in BOOK.pages if page.path == f"docs/{name}.md")
    package = BOOK.package_after(PARTS[name][-1])
    experiments = [step for session in BOOK.sessions_of(page) for step in session.steps]

    assert experiments
    assert all(step.package is package for step in experiments)
