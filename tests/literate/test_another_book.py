"""A book of another kind, a stack machine in five chapters: other folders, other names, other libraries.

The tool runs where neither this book's package nor NumPy and matplotlib can be imported.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
pytestmark = pytest.mark.slow
BLOCKED = '''
import sys


class Blocked:
    """Lets nobody import what another book has no need of."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("dezero", "numpy", "matplotlib"):
            raise ModuleNotFoundError(f"{name} is not for this book", name=name)


sys.meta_path.insert(0, Blocked())
'''
OWN = '''
class Stack:
    """As typed by a reader."""

    def __init__(self):
        self.items = []

    def push(self, item):
        self.items += [item]

    def pop(self):
        if self.items:
            return self.items.pop()
        raise IndexError("the stack is empty; push a number first")


def run(program, stack):
    for word in program.split():
        if word in "+*":
            one, other = stack.pop(), stack.pop()
            stack.push(one + other if word == "+" else one * other)
        else:
            stack.push(int(word))
    return stack
'''


class Done(NamedTuple):
    """How a program ended and what it said."""

    code: int
    out: str
    err: str


class Shelf:
    """A copy of the book, and programs that are run in it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "stack"
        self.blocked = folder / "blocked"
        shutil.copytree(HERE / "stack", self.root)
        self.blocked.mkdir()
        (self.blocked / "sitecustomize.py").write_text(BLOCKED, encoding="utf-8")

    def python(self, *arguments: str) -> Done:
        paths = [str(self.blocked), str(HERE.parents[1] / "src")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"}
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, encoding="utf-8", check=False
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def __call__(self, *arguments: str) -> Done:
        return self.python("-m", "literate", *arguments)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The book, tangled. What a test changes it puts back."""
    shelf = Shelf(tmp_path_factory.mktemp("shelf"))
    assert shelf("tangle") == (
        0,
        "wrote checks/test_stack.py\nwrote lib/stack/__init__.py\nwrote lib/stack/machine.py\n"
        "wrote lib/.stack-manifest.json\n",
        "",
    )
    return shelf


@pytest.mark.parametrize("name", ["dezero", "numpy", "matplotlib.pyplot"])
def test_the_other_book_s_libraries_cannot_be_imported_here(shelf: Shelf, name: str) -> None:
    assert f"{name.partition('.')[0]} is not for this book" in shelf.python("-c", f"import {name}").err


def test_it_is_tangled_where_its_project_says(shelf: Shelf) -> None:
    program = "from stack import Stack, run; print(run('6 7 *', Stack()).pop())"

    assert shelf("tangle", "--check").code == 0
    assert shelf.python("-c", f"import sys; sys.path.insert(0, 'lib'); {program}").out == "42\n"


def test_its_experiments_run(shelf: Shelf) -> None:
    assert shelf("run") == (0, "7 experiments ran\n", "")


def test_a_chapter_without_a_number_is_called_by_its_file(shelf: Shelf) -> None:
    assert shelf("run", "aside-why-the-operator-comes-last") == (0, "1 experiment ran\n", "")


def test_its_files_as_of_a_chapter(shelf: Shelf, tmp_path: Path) -> None:
    assert shelf("show", "3", "--out", str(tmp_path)).code == 0
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.py")) == [
        "checks/test_stack.py",
        "lib/stack.py",
    ]


def test_pytest_collects_it(shelf: Shelf) -> None:
    done = shelf.python(
        "-m", "pytest", "-q", "-p", "literate.pytest_plugin", "-p", "no:cacheprovider", "chapters"
    )

    assert done.code == 0, done.out
    assert (
        "chapters/chapter05" in shelf.python("-m", "pytest", "-p", "literate.pytest_plugin", "--co", "-q").out
    )


def test_the_life_of_a_definition_is_told(shelf: Shelf) -> None:
    lines = [line for line in shelf("log", "Stack.pop").out.splitlines() if line.startswith("chapter")]

    assert lines == [
        "chapter 1 · chapters/chapter01-a-pile-of-numbers.md:15 · adds Stack.pop to lib/stack.py",
        "chapter 3 · chapters/chapter03-an-empty-stack.md:24 · replaces Stack.pop in lib/stack.py",
    ]


def test_an_edit_is_carried_into_its_chapter(shelf: Shelf) -> None:
    machine, page = (
        shelf.root / "lib/stack/machine.py",
        shelf.root / "chapters/chapter01-a-pile-of-numbers.md",
    )
    code, text = machine.read_text(encoding="utf-8"), page.read_text(encoding="utf-8")
    machine.write_text(code.replace("A pile of numbers.", "A pile."), encoding="utf-8")

    assert shelf("stitch").out.startswith("carried Stack.__doc__: lib/stack/machine.py:")
    assert page.read_text(encoding="utf-8") == text.replace("A pile of numbers.", "A pile.")
    page.write_text(text, encoding="utf-8")
    assert shelf("tangle").code == 0
    assert machine.read_text(encoding="utf-8") == code


def test_a_reader_s_own_code_is_checked(shelf: Shelf, tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(OWN, encoding="utf-8")
    right = shelf("check", "3", "--mine", str(mine))
    mine.write_text(OWN.replace("push a number first", "no"), encoding="utf-8")
    wrong = shelf("check", "3", "--mine", str(mine))

    assert (right.code, wrong.code) == (0, 1), right
    assert "All promises hold: 1 experiment, " in right.out
    assert " of the chapters before, 1 test." in right.out
    assert "push a number first" in wrong.out


def test_it_is_woven_with_labels_lives_and_downloads(shelf: Shelf, tmp_path: Path) -> None:
    woven = shelf("weave", "--out", str(tmp_path / "site"))
    assert (woven.code, woven.err) == (0, "")

    files = {path.relative_to(tmp_path / "site").as_posix(): path for path in (tmp_path / "site").rglob("*")}
    text = "\n".join(files[name].read_text(encoding="utf-8") for name in files if name.endswith(".md"))
    assert "Aside" in text
    assert "`lib/stack.py`" in text
    assert {"chapters/lives.md", "chapters/downloads/chapter03/stack.zip", "mkdocs.yml"} <= files.keys()
    assert any(name.startswith("chapters/downloads/aside-why-the-operator-comes-last/") for name in files)
    assert not [line for line in text.splitlines() if "dezero" in line.lower() or "docs/" in line]


@pytest.mark.parametrize("theme", ["mkdocs", "material"])
def test_what_is_woven_is_a_site_though_its_nav_file_says_nothing_but_the_nav(
    shelf: Shelf, tmp_path: Path, theme: str
) -> None:
    assert shelf("weave", "--out", str(tmp_path / "woven")).code == 0
    options = ("--strict", "--theme", theme, "--site-dir", str(tmp_path / "site"))
    done = shelf.python("-m", "mkdocs", "build", "-f", str(tmp_path / "woven" / "mkdocs.yml"), *options)
    assert done.code == 0, done.err

    def html(name: str) -> str:
        return (tmp_path / "site" / name / "index.html").read_text(encoding="utf-8")

    aside, chapter = html("aside-why-the-operator-comes-last"), html("chapter03-an-empty-stack")
    assert "A stack machine</title>" in html(".")
    assert "<math" in aside
    assert "$(2" not in aside
    label = (
        r'<p class="fragment" id="fragment-1"><code>lib/stack.py</code> · class .*replaces <a href=".*#pop">'
    )
    assert re.search(label, chapter)
    assert len(re.findall(r'<div class="tabbed-block">', chapter)) == 3
    assert re.search(r'<div class="[^"]*experiment[^"]*"><pre>', chapter)
    assert not re.search(
        r"`{3}|~{3}|\{ ?[.#]|^///|===", re.sub("<script.*?</script>", "", chapter, flags=re.DOTALL)
    )
    assert "<table>" in html("lives")
    assert re.search(r'<a .*id="term-stack"><strong>stack</strong></a>', html("chapter01-a-pile-of-numbers"))
    assert '<dt><a href="../chapter01-a-pile-of-numbers/#term-stack" id="stack">' in html("words-and-names")


def test_what_is_wrong_names_its_own_files(shelf: Shelf) -> None:
    page = shelf.root / "chapters/index.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(f'{text}\n```python title="src/stack.py"\nX = 1\n```\n', encoding="utf-8")
    done = shelf("tangle")
    page.write_text(text, encoding="utf-8")

    assert done.code == 1
    assert 'chapters/index.md:6: the title "src/stack.py" is no path of lib/stack… or checks/….py' in done.err
