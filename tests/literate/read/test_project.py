"""What belongs to a book: ``[tool.literate]`` of its ``pyproject.toml``, and what is wrong with that."""

from __future__ import annotations

from pathlib import Path

import pytest

from literate.read.finding import BookError
from literate.read.project import Project, find, read_project

GOOD = '[tool.literate]\npackage = "stack"\n'
BAD = {
    "no table": ("", "1: has no [tool.literate]; write one"),
    "a value for a table": ("[tool]\nliterate = 3\n", "1: has no [tool.literate]; write one"),
    "a list of tables": ("[[tool.literate]]\n", "1: has no [tool.literate]; write one"),
    "no TOML": (f"{GOOD}nav = \n", "1: cannot be read (Invalid value (at line 3, column 7)); mend it"),
    "no UTF-8": (b"\xff\n" + GOOD.encode(), "1: cannot be read ('utf-8' codec can't decode"),
    "no package": ("\n[tool.literate]\n", "2: [tool.literate] must say package"),
    "no identifier": ('[tool.literate]\npackage = "a-b"\n', "2: package in [tool.literate] must be the name"),
    "a keyword": ('[tool.literate]\npackage = "class"\n', "2: package in [tool.literate]: class is the name"),
    "Python's own": (
        '[tool.literate]\npackage = "json"\n',
        "2: package in [tool.literate]: json is the name",
    ),
    "the tool": ('[tool.literate]\npackage = "literate"\n', "2: package in [tool.literate]: literate is the"),
    "unknown": (f'{GOOD}pakage = "x"\n', "3: [tool.literate] has no pakage; did you mean package?"),
    "no such": (f'{GOOD}python = "3.9"\n', "3: [tool.literate] has no python; take it out"),
    "no string": (f"{GOOD}source = 3\n", "3: source in [tool.literate] must be a folder of the project"),
    "empty": (f'{GOOD}nav = ""\n', "3: nav in [tool.literate] must be a string"),
    "no list": (f'{GOOD}words = "x"\n', "3: words in [tool.literate] must be a list of strings"),
    "a list of others": (f"{GOOD}words = [3]\n", "3: words in [tool.literate] must be a list of strings"),
    "above": (f'{GOOD}source = "../x"\n', "3: source in [tool.literate] must be a folder of the project"),
    "absolute": (f'{GOOD}docs = "/tmp/x"\n', "3: docs in [tool.literate] must be a folder of the project"),
    "the root": (f'{GOOD}tests = "."\n', "3: tests in [tool.literate] must be a folder of the project"),
    "a slash": (f'{GOOD}tests = "/"\n', "3: tests in [tool.literate] must be a folder of the project"),
    "backslashes": (
        f"{GOOD}source = 'a\\b'\n",
        "3: source in [tool.literate] must be a folder of the project",
    ),
    "deeper": (
        f'{GOOD}docs = "a/b"\n',
        "3: docs in [tool.literate] must be a folder of the project, such as",
    ),
    "the same": (f'{GOOD}tests = "SRC"\n', "3: tests in [tool.literate] is the folder of source, too; give"),
    "a space": (
        f'{GOOD}chapters = "a b"\n',
        "3: chapters in [tool.literate] must be small letters",
    ),
    "a number": (
        f'{GOOD}chapters = "a1"\n',
        "3: chapters in [tool.literate] must be small letters",
    ),
    "a capital": (f'{GOOD}chapters = "Chapter"\n', "3: chapters in [tool.literate] must be small letters"),
    "a hyphen": (
        f'{GOOD}unnumbered = "in-between"\n',
        "3: unnumbered in [tool.literate] must be small letters",
    ),
    "folders": (f'{GOOD}unnumbered = "x/y"\n', "3: unnumbered in [tool.literate] must be small letters"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_a_finding_with_its_line(tmp_path: Path, text: str | bytes, message: str) -> None:
    (tmp_path / "pyproject.toml").write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(BookError) as caught:
        read_project(tmp_path)
    assert str(caught.value).startswith(f"pyproject.toml:{message}")


def test_all_that_is_wrong_comes_at_once(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.literate]\npackage = 3\npakage = "x"\nwords = "x"\n')

    with pytest.raises(BookError) as caught:
        read_project(tmp_path)
    assert [finding.line for finding in caught.value.findings] == [2, 3, 4]


def test_all_that_is_not_said_is_as_usual(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(GOOD)

    assert read_project(tmp_path) == Project(tmp_path.resolve(), "stack")


@pytest.mark.parametrize(
    "project", ["project = 3\n", "[project]\nrequires-python = 3\n"], ids=["no", "number"]
)
def test_a_strange_project_table_is_not_ours_to_judge(tmp_path: Path, project: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"{project}{GOOD}")

    assert read_project(tmp_path).python == (3, 11)


def test_a_project_is_found_from_below_even_if_it_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "deep/er").mkdir(parents=True)
    (tmp_path / "deep/pyproject.toml").write_text("[tool.ruff]\n")
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\n" + GOOD.encode())

    assert find(tmp_path / "deep/er") == tmp_path.resolve()


@pytest.mark.parametrize(
    ("name", "key", "proper"),
    [
        ("chapter08-from-here.md", "8", None),
        ("chapter8-wörter.md", "8", None),
        ("aside-a-pause.md", "aside-a-pause", None),
        ("chapter08-From-here.md", "8", "chapter08-from-here.md"),
        ("Chapter08-from-here.md", "8", "chapter08-from-here.md"),
        ("chapter08-from here.md", "8", "chapter08-from-here.md"),
        ("chapter08 from-here.md", "8", "chapter08-from-here.md"),
        ("Aside A Pause.md", "aside-a-pause", "aside-a-pause.md"),
        ("chapter08.md", None, None),
        ("chapters.md", None, None),
        ("step08-from-here.md", None, None),
        ("asides.md", None, None),
    ],
)
def test_the_file_of_a_chapter_is_known_by_its_name(name: str, key: str | None, proper: str | None) -> None:
    project = Project(Path(), "stack", chapters="chapter", unnumbered="aside")

    assert (project.key_of(f"docs/{name}"), project.file_name(f"docs/{name}")) == (key, proper or name)
