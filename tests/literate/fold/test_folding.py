"""The fold rules: every document of the folder ``fold`` is a little book and what the tool makes of it.

Each heading of the first level starts a chapter, one without a number if it begins with ``Interlude``; its
fragments are folded in order. What should come out
stands in blocks titled ``Expected src/dezero.py`` (or another file of the package), ``Expected files``,
``Expected changes`` (of the last fragment) and ``Expected findings`` (``LINE: message``). A document that
expects no findings has none; ``…`` stands for what differs between versions of Python. A new case needs no
Python.
"""

from __future__ import annotations

import ast
import random
import re
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
from little import project

from literate.fold.book import Book, read_book
from literate.fold.module import Module
from literate.read.page import read_page

TICK = "`"
FOLDER = Path(__file__).parent / "cases"
DOCUMENTS = sorted(FOLDER.glob("*.md"))


def chapters(text: str) -> dict[str, str]:
    """The chapters of a document by path, each with the line numbers of the document."""
    lines = text.split("\n")
    starts = [h.line - 1 for h in read_page("case.md", text, project()).headings if h.level == 1]
    found, numbers = {}, count(1)
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        words = re.findall(r"\w+", lines[start].lower())
        name = "-".join(words) if words[:1] == ["interlude"] else f"step{next(numbers):02}-chapter"
        found[f"docs/{name}.md"] = "\n".join([*[""] * start, *lines[start:end]])
    return found


def number(path: str) -> str:
    """What the nav says before the title of a chapter, if it has a number."""
    key = str(project().key_of(path))
    return f"{key} · " if key.isdecimal() else ""


def read(text: str) -> Book:
    """The book of a document."""
    pages = chapters(text)
    titles = [re.search(r"^# (.*)$", page, re.MULTILINE) for page in pages.values()]
    entries = [
        f'  - "{number(path)}{title[1].replace(TICK, "")}": {path.removeprefix("docs/")}\n'
        for path, title in zip(pages, titles, strict=True)
        if title
    ]
    return read_book(project(), (("mkdocs.yml", "nav:\n" + "".join(entries)), *pages.items()))


def split(text: str) -> tuple[str, dict[str, str]]:
    """A document without its expectations, and the expectations."""
    lines = text.split("\n")
    blocks = [
        b for b in read_page("case.md", text, project()).blocks if (b.title or "").startswith("Expected ")
    ]
    for block in blocks:
        lines[block.line - 1 : block.end] = [""] * (block.end - block.line + 1)
    return "\n".join(lines), {(block.title or "").removeprefix("Expected "): block.code for block in blocks}


def outcome(book: Book, what: str) -> str:
    """What a book has to show for an expectation."""
    if what == "files":
        return "\n".join(sorted(book.final))
    if what == "findings":
        return "\n".join(f"{finding.line}: {finding.message}" for finding in book.findings)
    if what == "changes":
        last = book.changes[-1].block
        return "\n".join(
            f"{change.action} {change.name}"
            for change in book.changes
            if change.block is last and not change.inner
        )
    return book.final[what].text.removesuffix("\n")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_folds_as_it_says(path: Path) -> None:
    text, expected = split(path.read_text(encoding="utf-8"))
    book = read(text)

    assert expected, f"{path.name} expects nothing; add a block such as ```text title='Expected findings'"
    for what, code in {"findings": "", **expected}.items():
        got = outcome(book, what)
        assert got == code or re.fullmatch(".*".join(map(re.escape, code.split("…"))), got)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_line_comes_from_the_line_that_it_names(path: Path) -> None:
    text, _ = split(path.read_text(encoding="utf-8"))
    book = read(text)

    check_lines(book, text.split("\n"))


def check_lines(book: Book, lines: list[str]) -> None:
    """Every module's lines and text are one, and each line stands where it says, dedented or merged."""
    for module in book.final.values():
        assert module.text == "".join(line.text + "\n" for line in module.lines)
        imports = {
            line for line in module.text.split("\n") if line.startswith(("import ", "from ", "    ", ")"))
        }
        for line in module.lines:
            if line.text and line.text not in imports:
                source = lines[line.line - 1]
                assert source.lstrip("> ").startswith(line.text.lstrip()), line


def test_an_import_has_the_origin_of_the_last_name_that_joined_it() -> None:
    fragment = '```python title="src/dezero.py"\nfrom math import {}\n```\n'
    book = read("# T\n\n" + fragment.format("sin") + fragment.format("cos"))

    assert book.final["src/dezero.py"].lines == (("from math import cos, sin", "docs/step01-chapter.md", 7),)


def test_where_the_tool_runs_says_nothing_about_the_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "zzz.py").touch()
    monkeypatch.chdir(tmp_path)
    book = read('# T\n\n```python title="src/dezero/x.py"\nimport zzz\nimport dezero.y\nimport numpy\n```\n')

    assert book.final["src/dezero/x.py"].text == "import numpy\nimport zzz\n\nimport dezero.y\n"


# --- laws, on books written by chance ---------------------------------------------------------------------


class Author:
    """Writes fragments at random, none of them wrong."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.known: dict[str, set[str]] = {}  # classes with their members, functions and constants with none
        self.count = 0

    def book(self, fragments: int) -> str:
        blocks = [f'```python title="src/dezero.py"\n{self.fragment()}\n```\n' for _ in range(fragments)]
        return "# Chance\n\n" + "\n".join(blocks)

    def fragment(self) -> str:
        names = self.random.sample(["A", "B", "C", "D", "f", "g", "h", "x", "y"], self.random.randint(1, 3))
        parts = [self.imports()] if self.random.random() < 0.3 else []
        return "\n\n\n".join([*parts, *(self.element(name) for name in names), f"last = {self.number()}"])

    def imports(self) -> str:
        names = [
            "import os",
            "import sys",
            "from math import sin",
            "from math import cos",
            "import numpy as np",
        ]
        return "\n".join(self.random.sample(names, self.random.randint(1, 3)))

    def element(self, name: str) -> str:
        if name in self.known and self.random.random() < 0.15:
            del self.known[name]
            return f"del {name}"
        comment = "# why\n" if self.random.random() < 0.2 else ""
        if name.isupper():
            return comment + self.class_(name)
        self.known[name] = set()
        return comment + (f"{name} = {self.number()}" if name in "xy" else self.function(name, ""))

    def class_(self, name: str) -> str:
        members = self.random.sample(["a", "b", "c", "d", "e"], self.random.randint(1, 3))
        known = self.known.setdefault(name, set())
        parts = [self.member(member, member in known) for member in members]
        if known:
            parts.insert(self.random.randint(0, len(parts)), "    ...")
        known |= set(members)
        return f"class {name}:\n" + "\n\n".join(parts)

    def member(self, name: str, known: bool) -> str:
        if name == "e":
            return f"    e = {self.number()}"
        if known and self.random.random() < 0.3:
            return f"    def {name}(self): ..."
        return self.function(name, "    ")

    def function(self, name: str, indent: str) -> str:
        body = [
            "return 1",
            'return """\nclass A:\n\n  del x"""',
            "# inside\n\n" + indent + "    return 2  # end",
        ]
        lines = [f"def {name}(self):", f"    n = {self.number()}", f"    {self.random.choice(body)}"]
        return "\n".join(indent + line for line in lines)

    def number(self) -> int:
        self.count += 1
        return self.count


def modules(book: Book) -> list[Module]:
    """The module after each fragment."""
    found = [book.package_at(block)["src/dezero.py"] for block in book.pages[0].of("fragment")]
    assert not book.findings
    return found


@pytest.fixture(
    params=[*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 30))],
    ids=lambda seed: f"seed{seed}",
)
def chance(request: pytest.FixtureRequest) -> str:
    return Author(request.param).book(fragments=25)


def test_every_snapshot_is_python(chance: str) -> None:
    for module in modules(read(chance)):
        ast.parse(module.text)


def test_every_line_of_every_snapshot_has_its_origin(chance: str) -> None:
    book = read(chance)

    check_lines(book, chance.split("\n"))


def test_folding_again_gives_the_same(chance: str) -> None:
    first = modules(read(chance))
    read_book.cache_clear()
    second = modules(read(chance))

    assert [module.lines for module in first] == [module.lines for module in second]


def test_what_a_fragment_does_not_touch_keeps_its_order(chance: str) -> None:
    book = read(chance)
    snapshots = [Module("dezero"), *modules(book)]

    for before, after, block in zip(snapshots, snapshots[1:], book.pages[0].blocks, strict=False):
        touched = {change.name for change in book.changes_of(block)}
        old = [name for name in before.definitions if name not in touched]
        new = [name for name in after.definitions if name not in touched]
        assert old == new
        assert all(before.definitions[name].head == after.definitions[name].head for name in old)


def test_a_module_written_again_whole_is_the_same(chance: str) -> None:
    text = modules(read(chance))[-1].text
    again = f'# Again\n\n```python title="src/dezero.py"\n{text}```\n'

    assert modules(read(again))[-1].text == text
    assert "changes nothing" in read(f"{chance}\n{again}").findings[0].message


MODULES = ["os", "sys", "os.path", "numpy", "dezero", "dezero.x2", "dezero.x10", ".core", ".", "..a", "zlib"]
NAMES = ["a", "B", "CC", "Dd", "eE", "x2", "x10", "_p", "ABC_D", "Z", "array", "Array", "a_long_name" * 3]
RUFF = ["ruff", "check", "--no-cache", "--config", "pyproject.toml", "--select", "I", "--diff"]
ISORT = ["isort", "--profile", "black", "--check", "--diff"]


def imports_by_chance(rng: random.Random, *, alias_anywhere: bool) -> list[str]:
    """Import statements; renamed names come from any module, or from one that gives no others."""
    lines = []
    for _ in range(rng.randint(1, 15)):
        module, renamed = rng.choice(MODULES), rng.random() < 0.2
        alias = f" as {rng.choice(NAMES)}" if renamed else ""
        if rng.random() < 0.3 and not module.startswith("."):
            lines.append(f"import {module}{alias}")
        else:
            names = ", ".join(rng.sample(NAMES, rng.randint(1, 4)))
            module = "json" if renamed and not alias_anywhere else module
            lines.append(f"from {module} import {names.split(',')[0] if renamed else names}{alias}")
    return lines


# Where a renamed name stands between others of its module, ruff leaves one statement and isort makes two.
@pytest.mark.slow
@pytest.mark.parametrize(("program", "alias_anywhere"), [(RUFF, False), (ISORT, True)], ids=["ruff", "isort"])
def test_imports_stand_as_programs_want_them(
    tmp_path: Path, program: list[str], alias_anywhere: bool
) -> None:
    rng = random.Random(0)
    (tmp_path / "src" / "dezero").mkdir(parents=True)
    (tmp_path / "src" / "dezero" / "__init__.py").touch()
    (tmp_path / "pyproject.toml").write_text('[tool.ruff]\nsrc = ["src"]\n')
    for number in range(100):
        lines = imports_by_chance(rng, alias_anywhere=alias_anywhere)
        after = rng.choice(["class A_:\n    x = 1", "A_ = 1", "# why\ndef f_():\n    return 1"])
        code = "\n".join([*lines, "", after])
        book = read(f'# Chance\n\n```python title="src/dezero/core.py"\n{code}\n```\n')
        (tmp_path / "src" / "dezero" / f"m{number}.py").write_text(book.final["src/dezero/core.py"].text)

    done = subprocess.run(
        [sys.executable, "-m", *program, "src"], cwd=tmp_path, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr
