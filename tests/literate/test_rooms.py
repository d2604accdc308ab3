"""The rooms of the tool: what each may import, and that no file is called like something else."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib import import_module, metadata
from pathlib import Path

import pytest

import literate

TOOL = Path(str(literate.__file__)).parent
TAKEN = {*sys.stdlib_module_names, *metadata.packages_distributions()}
ROOMS = ("read", "fold", "run", "write", "show", "mine")  # a room may import those before it, never one after


def imported(room: str) -> set[str]:
    """The other rooms, and files of no room, that the files of a room import."""
    names = {name for path in (TOOL / room).glob("*.py") for name in _imports(path)}
    return {name.split(".")[1] for name in names if name.startswith("literate.")} - {room}


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports go one way, by whole names"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_these_are_the_rooms() -> None:
    assert {path.parent.name for path in TOOL.glob("*/__init__.py")} == {*ROOMS}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_what_its_docstring_says_and_nothing_that_comes_later(room: str) -> None:
    said = re.search(r"Imports (.*?)\.", str(import_module(f"literate.{room}").__doc__), re.DOTALL)
    assert said
    allowed = set(re.findall("``(.*?)``", said[1]))

    assert imported(room) == allowed
    assert allowed <= set(ROOMS[: ROOMS.index(room)])


@pytest.mark.parametrize(
    "path", sorted(TOOL.rglob("*.py")), ids=lambda path: path.relative_to(TOOL).as_posix()
)
def test_no_file_is_called_like_a_package(path: Path) -> None:
    assert path.stem not in TAKEN


def test_a_helper_s_name_means_one_thing_in_the_whole_tool() -> None:
    homes: dict[str, list[str]] = {}
    for path in sorted(TOOL.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                homes.setdefault(node.name, []).append(path.relative_to(TOOL).as_posix())

    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}
