"""The folder to type along in: what it holds, where it may be, and that nothing else is imported there."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from literate.cli import main

CHAPTER = """
    ```python title="src/dezero.py"
    def double(x):
        return 2 * x
    ```

    Doubling doubles.

    ```python
    from dezero import double

    assert double(2) == 4
    ```
    """


@pytest.fixture
def book(tmp_path, book_of, monkeypatch):
    """The folder of a book of one chapter; the current folder is beside it."""
    (tmp_path / "book").mkdir()
    monkeypatch.setattr("literate.mine.notes.installed", lambda name, folder: "")
    book = book_of(CHAPTER)
    for path in [path for path in tmp_path.iterdir() if path.name != "book"]:
        path.rename(tmp_path / "book" / path.name)
    assert not book.findings
    monkeypatch.chdir(tmp_path)
    return tmp_path / "book"


@pytest.fixture
def begun(book, tmp_path):
    """A folder that was made."""
    assert main(["start", "mine", "--root", "book"]) == 0
    return tmp_path / "mine"


def test_it_holds_a_file_for_the_package_and_one_for_the_experiments(begun):
    assert sorted(path.name for path in begun.iterdir()) == [
        "README.md",
        "chapter01.py",
        "dezero.py",
        "pyproject.toml",
    ]
    assert "the blocks with `src/dezero.py` above them go into it" in (begun / "README.md").read_text()


def test_the_next_steps_are_said(book, capsys):
    main(["start", "mine", "--root", "book"])

    assert capsys.readouterr().out.endswith(
        "go there, type the blocks of chapter 1, and run\n"
        "  python chapter01.py\n  literate check 1 --mine dezero.py\n"
    )


@pytest.mark.slow
def test_a_check_finds_the_book_from_there(begun, monkeypatch, capsys):
    (begun / "dezero.py").write_text("def double(x):\n    return x + x\n", encoding="utf-8")
    monkeypatch.chdir(begun)

    assert main(["check", "1", "--mine", "dezero.py"]) == 0
    assert str(begun / "dezero.py") in capsys.readouterr().out


def test_the_folder_names_the_book_as_root_too(begun, book, capsys):
    assert main(["show", "1", "--root", str(begun)]) == 0
    assert "def double" in capsys.readouterr().out


def test_a_book_that_has_gone_away_is_told(begun, book, monkeypatch, capsys):
    book.rename(book.parent / "elsewhere")
    monkeypatch.chdir(begun)

    assert main(["check", "1", "--mine", "dezero.py"]) == 2
    assert f"the book was in {book}; say where it is now with --root DIR" in capsys.readouterr().err


@pytest.mark.parametrize("name", [".venv", ".git"])
def test_an_environment_may_be_there_first(book, tmp_path, name):
    (tmp_path / "mine" / name).mkdir(parents=True)

    assert main(["start", "mine", "--root", "book"]) == 0


def test_a_folder_that_holds_something_is_refused(begun, capsys):
    (begun / "dezero.py").write_text("mine = True\n", encoding="utf-8")

    assert main(["start", "mine", "--root", "book"]) == 2
    assert "mine is not empty; name a directory that is" in capsys.readouterr().err
    assert (begun / "dezero.py").read_text(encoding="utf-8") == "mine = True\n"


@pytest.mark.parametrize("name", ["book", "book/mine", "there/../book/mine"])
def test_a_folder_in_the_book_is_refused(book, name, capsys):
    assert main(["start", name, "--root", "book"]) == 2
    assert f"{name} lies in the book; name a directory outside of it" in capsys.readouterr().err


def test_a_link_into_the_book_is_refused(book, tmp_path):
    (tmp_path / "link").symlink_to(book)

    assert main(["start", "link/mine", "--root", "book"]) == 2


@pytest.mark.parametrize("where", [".", "mine"], ids=["from outside", "from there"])
@pytest.mark.parametrize("text", ["", "raise SystemError"], ids=["nothing typed", "an error typed"])
def test_a_finished_package_in_the_environment_is_never_imported_there(begun, tmp_path, where, text):
    finished = tmp_path / "site" / "dezero"
    finished.mkdir(parents=True)
    (finished / "__init__.py").write_text("double = print\n", encoding="utf-8")
    (begun / "dezero.py").write_text(text, encoding="utf-8")
    (begun / "chapter01.py").write_text("from dezero import double\n", encoding="utf-8")
    run = subprocess.run(
        [sys.executable, begun / "chapter01.py"],
        cwd=tmp_path / where,
        env={**os.environ, "PYTHONPATH": str(finished.parent)},
        capture_output=True,
        text=True,
    )

    assert run.returncode == 1
    assert str(begun / "dezero.py") in run.stderr
    assert ("SystemError" if text else "cannot import name 'double'") in run.stderr


def test_a_finished_package_is_told_at_the_start(book, monkeypatch, capsys):
    monkeypatch.setattr("literate.mine.notes.installed", lambda name, folder: "site/dezero.py")
    main(["start", "mine", "--root", "book"])

    assert (
        "`import dezero` means site/dezero.py: an environment of your own is safer" in capsys.readouterr().out
    )
