"""What belongs to one book and not to the tool: ``[tool.literate]`` in its ``pyproject.toml``."""

from __future__ import annotations

import keyword
import os
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from literate.read.finding import BookError, Finding, did_you_mean

FILE = "pyproject.toml"
TABLE = "[tool.literate]"
LISTS = ("libraries", "bare", "words", "preload")
FOLDERS = ("source", "tests", "docs")
NAME = r"[A-Za-z_]\w*"
SHAPES = {  # of what an entry may say; else it is a string
    "package": (rf"(?a:{NAME})", "the name that is imported"),
    **dict.fromkeys(FOLDERS, (r"\w[\w.-]*/?", 'a folder of the project, such as "src"')),
    **dict.fromkeys(("chapters", "unnumbered"), (r"[^\W\d_A-Z]+", "small letters")),
}


@dataclass(frozen=True)
class Project:
    """Where a book's files are and what they are called; paths are relative to ``root``, with slashes."""

    root: Path
    package: str
    source: str = "src"
    tests: str = "tests"
    docs: str = "docs"
    nav: str = "mkdocs.yml"
    readme: str = "README.md"  # a page beside the book
    chapters: str = "step"  # the file of chapter 8 is step08-some-words.md
    unnumbered: str = "interlude"  # of a chapter without a number, interlude-some-words.md
    libraries: tuple[str, ...] = ()  # modules whose names the prose may use, as numpy.add
    bare: tuple[str, ...] = ()  # modules and classes whose names it may use alone, as add
    words: tuple[str, ...] = ()  # other words that the prose may set in backticks
    preload: tuple[str, ...] = ()  # modules that are imported once for all experiments
    python: tuple[int, int] = (3, 11)  # the oldest that the package supports

    @cached_property
    def module(self) -> re.Pattern[str]:
        """The paths that fragments may be titled with: modules of the package, files of tests."""
        package = f"{re.escape(self.source)}/{self.package}(?:/{NAME})*"
        return re.compile(rf"(?:{package}|{re.escape(self.tests)}/{NAME})\.py", re.ASCII)

    def is_source(self, path: str) -> bool:
        """Whether a path lies in the folder of the package, and not among the tests."""
        return path.startswith(f"{self.source}/")

    def is_test(self, path: str) -> bool:
        """Whether a path lies among the tests."""
        return path.startswith(f"{self.tests}/")

    def data_files(self, texts: Iterable[str]) -> dict[str, bytes]:
        """The files that no chapter writes, in a folder of the package that a module names: ``"mnist"``."""
        package, code = self.root / self.source / self.package, "".join(texts)
        files = [file for file in sorted(package.glob("*/**/*")) if file.is_file()]
        words = {*re.findall(r"""["'](\w+)["']""", code)}
        named = [file for file in files if file.suffix != ".py" and file.parent.name in words]
        return {file.relative_to(self.root).as_posix(): file.read_bytes() for file in named}

    # --- chapters ---

    def key_of(self, path: str) -> str | None:
        """The key of the chapter at a path, ``8`` or ``interlude-some-words``; None if it is no chapter's."""
        name = self.file_name(path)
        match = self._chapter.fullmatch(name)
        return match and (str(int(match[1])) if match[1] else name.removesuffix(".md"))

    def file_name(self, path: str) -> str:
        """The name of a file; of one that without capitals and spaces would be a chapter's, that name."""
        name = path.rpartition("/")[2]
        if name.islower() and self._chapter.fullmatch(name):
            return name
        proper = re.sub(r"[^\w.]+", "-", name).lower()
        return proper if self._chapter.fullmatch(proper) else name

    @cached_property
    def _chapter(self) -> re.Pattern[str]:
        return re.compile(rf"(?:{re.escape(self.chapters)}(\d+)|{re.escape(self.unnumbered)})-[\w-]+\.md")

    def slug(self, key: str) -> str:
        """The name, in names of files, of the chapter with this key: ``step08``."""
        return f"{self.chapters}{key:0>2}" if key.isdecimal() else key

    @property
    def chapter_files(self) -> str:
        """How the files of chapters are called, for messages."""
        return f"{self.docs}/{self.chapters}NN-….md or {self.docs}/{self.unnumbered}-….md"


def find(start: Path, *, above: bool = True) -> Path | None:
    """The book whose ``pyproject.toml``, or one that names it, lies in ``start`` or nearest ``above`` it."""
    start = Path(os.path.realpath(start))  # of a link to itself that is the link
    folders = (start, *start.parents) if above else (start,)
    nearest = next((folder for folder in folders if _has_table(folder)), None)
    return nearest and (_named_book(nearest) or nearest)


def _named_book(folder: Path) -> Path | None:
    """The folder of the book that somebody types along with, whose folder this is; None if it is a book's."""
    with suppress(OSError, ValueError):  # whoever reads it says so
        match tomllib.loads((folder / FILE).read_text(encoding="utf-8-sig")):
            case {"tool": {"literate": {"book": str(book)}}}:
                return Path(os.path.realpath(folder / book))
    return None


def _has_table(folder: Path) -> bool:
    try:
        return re.search(rb"^\s*\[+tool\.literate\b", (folder / FILE).read_bytes(), re.MULTILINE) is not None
    except OSError:
        return False


def read_project(root: Path) -> Project:
    """The project in a folder.

    Raises:
        BookError: there is no ``[tool.literate]``, or something is wrong in it.
    """
    try:
        text = (root / FILE).read_text(encoding="utf-8-sig")
        config = tomllib.loads(text)
    except FileNotFoundError:
        raise _wrong(f"there is no such file in {root}; run the command in the root of the project") from None
    except (OSError, ValueError) as error:
        raise _wrong(f"cannot be read ({error}); mend it") from None
    table = _config_table(config, "tool").get("literate")
    if not isinstance(table, dict):
        raise _wrong(f'has no {TABLE}; write one, with package = "the name that is imported"')
    wrong = {name: what for name, value in table.items() if (what := _wrong_value(name, value))}
    if wrong := wrong or dict(_problems(table)):
        raise BookError(Finding(FILE, _line_of_entry(text, name), what) for name, what in wrong.items())
    values: dict[str, Any] = {
        name: tuple(value) if name in LISTS else value.rstrip("/") for name, value in table.items()
    }
    oldest = re.search(r">=\s*3\.(\d+)", str(_config_table(config, "project").get("requires-python", "")))
    return Project(root.resolve(), **values, python=(3, int(oldest[1])) if oldest else Project.python)


def _config_table(config: dict[str, Any], name: str) -> dict[str, Any]:
    table = config.get(name)
    return table if isinstance(table, dict) else {}


def _wrong_value(name: str, value: object) -> str | None:
    """Why an entry of the table is none, or not of the type that ``Project`` has for it."""
    known = {field.name for field in fields(Project)} - {"root", "python"}
    if name not in known:
        return f"{TABLE} has no {name}{did_you_mean(name, known) or '; take it out'}"
    is_list = name in LISTS
    shape, what = SHAPES.get(name, (".+", "a list of strings" if is_list else "a string"))
    strings = isinstance(value, list) and all(isinstance(item, str) for item in value)
    right = strings if is_list else isinstance(value, str) and re.fullmatch(shape, value)
    return None if right else f"{name} in {TABLE} must be {what}"


def _problems(table: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The entries that nothing can be done with, and why."""
    package = table.get("package")
    if package is None:
        yield "package", f"{TABLE} must say package, the name that is imported"
    elif package in {*keyword.kwlist, *sys.stdlib_module_names, __name__.partition(".")[0]}:
        yield "package", f"package in {TABLE}: {package} is the name of something else; choose another one"
    users: dict[str, str] = {}
    for name in FOLDERS:
        folder = table.get(name, getattr(Project, name)).rstrip("/").lower()
        if (user := users.setdefault(folder, name)) != name:
            yield name, f"{name} in {TABLE} is the folder of {user}, too; give it another one"


def _line_of_entry(text: str, name: str) -> int:
    """The line of an entry of the table; else that of the table itself."""
    before, _, table = text.partition(TABLE)
    match = re.search(rf"^\s*{re.escape(name)}\s*=", table, re.MULTILINE)
    return before.count("\n") + 1 + (table.count("\n", 0, match.end()) if match else 0)


def _wrong(message: str, line: int = 1) -> BookError:
    return BookError([Finding(FILE, line, message)])
