"""Writing src/ and tests/: only what the book says, only over what the tool wrote, and never by halves."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from literate.write.manifest import digest
from literate.write.tangle import Plan

ONE = """
    ```python title="src/dezero.py"
    import numpy as np


    class Variable:
        def __init__(self, data):
            self.data = data

        def double(self):
            return 2 * self.data


    LIMIT = 3
    ```
    """
TWO = """
    ```python title="src/dezero.py"
    class Variable:
        ...

        def double(self):
            return self.data + self.data
    ```

    ```python title="tests/test_variable.py"
    from dezero import Variable


    def test_double():
        assert Variable(2).double() == 4
    ```
    """
PACKAGE = """
    ```sh title="src/"
    mv dezero.py dezero/core.py
    ```

    ```python title="src/dezero/__init__.py"
    from dezero.core import Variable
    ```
    """
MANIFEST = "src/.dezero-manifest.json"
SOURCE = "src/dezero.py"
KILLED = """
import os, signal, sys
import literate.cli
replace, calls = os.replace, []
def killing(source, target):
    calls.append(target)
    if len(calls) == int(sys.argv[1]):
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    replace(source, target)
os.replace = killing
literate.cli.main(["--root", sys.argv[2], "tangle"])
"""


@pytest.fixture
def tangled(book_of, literate):
    """The book of ONE and TWO, tangled."""
    book_of(ONE, TWO)
    assert literate("tangle").code == 0


def everything(root: Path) -> dict[str, bytes]:
    """All files of a project."""
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


# --- what is written ------------------------------------------------------------------------------


def test_the_files_are_what_the_last_chapter_leaves(tmp_path, tangled, book_of):
    package = book_of(ONE, TWO).final

    assert {path: (tmp_path / path).read_text("utf-8") for path in package} == {
        path: module.text for path, module in package.items()
    }


def test_tangling_again_changes_nothing_and_says_so(tmp_path, tangled, literate):
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    outcome = literate("tangle")

    assert outcome.out.startswith("nothing to do")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_page_that_is_saved_during_a_run_is_not_missed(
    tmp_path, tangled, edit, book_of, literate, monkeypatch
):
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO)
    with monkeypatch.context() as patch:
        saved = ("docs/step01-chapter.md", "LIMIT = 5", "LIMIT = 6")
        patch.setattr(Plan, "carry_out", lambda plan, at, real=Plan.carry_out: edit(*saved) or real(plan, at))
        literate("tangle")

    assert literate("tangle").out.splitlines() == [f"wrote {SOURCE}", f"wrote {MANIFEST}"]


def test_a_page_that_cannot_be_read_is_a_finding(tmp_path, tangled, literate):
    (tmp_path / "docs/step02-chapter.md").unlink()
    (tmp_path / "docs/step02-chapter.md").mkdir()

    assert literate("tangle").code == 1


def test_the_same_book_gives_the_same_bytes(tmp_path, tangled, literate):
    before = everything(tmp_path)
    for path in ("src/dezero.py", "tests/test_variable.py", MANIFEST):
        (tmp_path / path).unlink()

    assert literate("tangle").code == 0
    assert everything(tmp_path) == before


def test_files_end_their_lines_as_the_book_does(tmp_path, tangled):
    assert b"\r" not in (tmp_path / SOURCE).read_bytes() + (tmp_path / MANIFEST).read_bytes()


def test_a_chapter_that_changes_is_written_over_what_the_tool_wrote(tmp_path, tangled, book_of, literate):
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO)

    assert literate("tangle").out.splitlines() == [f"wrote {SOURCE}", f"wrote {MANIFEST}"]
    assert "LIMIT = 5" in (tmp_path / SOURCE).read_text("utf-8")


def test_a_missing_file_is_written_again(tmp_path, tangled, literate):
    (tmp_path / SOURCE).unlink()

    assert literate("tangle").out.splitlines() == [f"wrote {SOURCE}"]


def test_an_empty_file_holds_nothing_that_could_be_lost(tmp_path, book_of, literate):
    book_of(ONE)
    (tmp_path / "src").mkdir()
    (tmp_path / SOURCE).touch()

    assert literate("tangle").code == 0


def test_a_module_that_became_a_package_goes(tmp_path, tangled, book_of, literate):
    book_of(ONE, TWO, PACKAGE)

    assert f"removed {SOURCE}" in literate("tangle").out
    assert not (tmp_path / SOURCE).exists()
    assert (tmp_path / "src/dezero/core.py").exists()


def test_directories_that_hold_nothing_any_more_go(tmp_path, book_of, literate):
    book_of(ONE, TWO, PACKAGE)
    literate("tangle")
    bytecode = tmp_path / "src/dezero/__pycache__"
    bytecode.mkdir()
    (bytecode / "core.cpython-311.pyc").touch()
    (bytecode / "__init__.cpython-311.pyc").touch()
    book_of(ONE, TWO)
    (tmp_path / "docs/step03-chapter.md").unlink()

    assert literate("tangle").code == 0
    assert sorted(path.name for path in (tmp_path / "src").iterdir()) == [
        ".dezero-manifest.json",
        "dezero.py",
    ]


def test_a_directory_with_a_file_of_another_stays(tmp_path, book_of, literate):
    book_of(ONE, TWO, PACKAGE)
    literate("tangle")
    (tmp_path / "src/dezero/notes.txt").write_text("mine")
    book_of(ONE, TWO)
    (tmp_path / "docs/step03-chapter.md").unlink()

    assert literate("tangle").code == 0
    assert [path.name for path in (tmp_path / "src/dezero").iterdir()] == ["notes.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows one permission only")
def test_a_file_keeps_its_mode(tmp_path, tangled, book_of, literate):
    (tmp_path / SOURCE).chmod(0o640)
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO)
    literate("tangle")

    assert stat.S_IMODE((tmp_path / SOURCE).stat().st_mode) == 0o640


def test_a_wrong_book_writes_nothing(tmp_path, book_of, literate):
    book_of(ONE.replace("class Variable:", "class Variable"))
    before = everything(tmp_path)
    outcome = literate("tangle")

    assert (outcome.code, everything(tmp_path)) == (1, before)
    assert outcome.err.startswith("docs/step01-chapter.md:7: Python 3.11 cannot compile this")


# --- what is refused ------------------------------------------------------------------------------

EDITS = [
    (
        "return self.data + self.data",
        "return 0",
        r"docs/step02-chapter.md:7: Variable.double was edited in src/dezero.py:8; ",
    ),
    ("LIMIT = 3", "LIMIT = 4", r"docs/step01-chapter.md:15: LIMIT was edited in src/dezero.py:12; "),
    (
        "class Variable:",
        "class Variable(object):",
        r"docs/step01-chapter.md:7: Variable was edited in src/dezero.py:4; ",
    ),
    (
        "    def __init__(self, data):\n        self.data = data\n\n",
        "",
        r"step01-chapter.md:8: Variable.__init__ was deleted ",
    ),
    (
        "LIMIT = 3",
        "LIMIT = 3\nMORE = 4",
        r"src/dezero.py:13: MORE was typed in here; .*title=\"src/dezero.py\"",
    ),
    (
        "import numpy as np",
        "import math\n\nimport numpy as np",
        r"src/dezero.py:1: `import math` was typed in here; ",
    ),
    ("import numpy as np\n", "", r"step01-chapter.md:4: `import numpy as np` was deleted .*`del np`"),
    (
        "LIMIT = 3\n",
        "LIMIT = 3\n# mine\n",
        r"src/dezero.py:13: was edited in or below LIMIT of docs/step01-chapter.md:15 ",
    ),
    ("LIMIT = 3", "LIMIT = (", r"src/dezero.py:12: was edited in or below LIMIT .*cannot compile this"),
    ("\n\nLIMIT", "\n\n\n\nLIMIT", r"src/dezero.py was edited: blank lines differ; .*stitch`, or"),
]


@pytest.mark.parametrize(("old", "new", "message"), EDITS, ids=[message[:60] for *_, message in EDITS])
def test_an_edit_by_hand_is_never_overwritten(tmp_path, tangled, edit, literate, old, new, message):
    edit(SOURCE, old, new)
    before = everything(tmp_path)
    outcome = literate("tangle")

    assert (outcome.code, everything(tmp_path)) == (1, before)
    assert re.search(message, outcome.err)


def test_another_order_of_definitions_is_an_edit(tmp_path, tangled, literate):
    text = (tmp_path / SOURCE).read_text("utf-8").replace("\n\nLIMIT = 3\n", "")
    assert text.startswith("import numpy as np\n\n\n")
    text = text.replace("as np\n\n\n", "as np\n\nLIMIT = 3\n\n\n")
    (tmp_path / SOURCE).write_text(text, encoding="utf-8", newline="\n")

    assert "src/dezero.py has LIMIT in another place than the book; the order" in literate("tangle").err


def test_a_refused_file_keeps_all_others_from_being_written(tmp_path, tangled, edit, book_of, literate):
    edit(SOURCE, "LIMIT = 3", "LIMIT = 4")
    book_of(ONE, TWO.replace("== 4", "== 4.0"))
    before = everything(tmp_path)

    assert literate("tangle").code == 1
    assert everything(tmp_path) == before


def test_all_edits_are_named_at_once(tangled, edit, literate):
    edit(SOURCE, "LIMIT = 3", "LIMIT = 4")
    edit("tests/test_variable.py", "== 4", "== 5")

    assert [line.split()[1] for line in literate("tangle").err.splitlines()] == ["LIMIT", "test_double"]


def test_a_file_that_python_cannot_read_is_one_finding(tangled, edit, literate):
    edit(SOURCE, "LIMIT = 3", "LIMIT = (")

    assert literate("tangle").err.count("\n") == 1


def test_an_edit_of_what_the_book_changed_too_has_no_easy_way_out(tangled, edit, book_of, literate):
    edit(SOURCE, "LIMIT = 3", "LIMIT = 4")
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO)

    assert (
        "LIMIT was edited in src/dezero.py:12, and changed here since it was tangled"
        in literate("tangle").err
    )


def test_deleting_an_edited_file_takes_the_book_s(tmp_path, tangled, edit, literate):
    edit(SOURCE, "LIMIT = 3", "LIMIT = 4")
    (tmp_path / SOURCE).unlink()

    assert literate("tangle").code == 0
    assert "LIMIT = 3" in (tmp_path / SOURCE).read_text("utf-8")


def test_an_edited_file_that_the_book_no_longer_has_stays(tmp_path, tangled, edit, book_of, literate):
    edit(SOURCE, "LIMIT = 3", "LIMIT = 4")
    book_of(ONE, TWO, PACKAGE)
    outcome = literate("tangle")

    assert "LIMIT was edited here, and no chapter writes it any more" in outcome.err
    assert (tmp_path / SOURCE).exists()
    assert not (tmp_path / "src/dezero").exists()


def test_a_test_of_the_project_s_own_is_not_overwritten(tmp_path, book_of, literate):
    book_of(ONE, TWO)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_variable.py").write_text("def test_mine():\n    pass\n")

    assert literate("tangle").code == 1
    assert (tmp_path / "tests/test_variable.py").read_text() == "def test_mine():\n    pass\n"


@pytest.mark.parametrize("first", [True, False], ids=["the first run", "a later run"])
def test_a_test_of_the_project_s_own_is_named(tmp_path, book_of, literate, first):
    book_of(ONE)
    first or literate("tangle")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_variable.py").write_text("def test_mine():\n    pass\n")
    book_of(ONE, TWO)

    message = "step02-chapter.md:12: tests/test_variable.py is a file that the book never wrote; give"
    assert message in literate("tangle").err


@pytest.mark.parametrize("target", ["src/dezero", "tests", "src"])
def test_nothing_is_written_through_a_link_that_leads_elsewhere(
    tmp_path, tmp_path_factory, book_of, literate, target
):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    book_of(ONE, TWO, PACKAGE)
    (tmp_path / target).parent.mkdir(exist_ok=True)
    link(tmp_path / target, elsewhere)
    outcome = literate("tangle")

    assert (outcome.code, list(elsewhere.iterdir())) == (1, [])
    assert f"leads to {Path(os.path.realpath(elsewhere)).as_posix()}" in outcome.err


def test_a_file_that_is_a_link_is_not_replaced(tmp_path, tangled, book_of, literate):
    (tmp_path / SOURCE).rename(tmp_path / "real.py")
    link(tmp_path / SOURCE, tmp_path / "real.py")
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO)

    assert "src/dezero.py:1: leads to " in literate("tangle").err
    assert (tmp_path / SOURCE).is_symlink()


def link(source: Path, target: Path) -> None:
    try:
        source.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("no links here")


def test_a_manifest_that_is_a_link_is_not_replaced(tmp_path, tangled, literate):
    (tmp_path / MANIFEST).rename(tmp_path / "real.json")
    link(tmp_path / MANIFEST, tmp_path / "real.json")

    assert f"{MANIFEST}:1: leads to " in literate("tangle").err


def test_a_read_only_file_is_not_replaced(tmp_path, tangled, book_of, literate):
    (tmp_path / SOURCE).chmod(0o444)
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO)

    assert "src/dezero.py:1: is read-only; make it writable" in literate("tangle").err
    (tmp_path / SOURCE).chmod(0o644)


def test_a_directory_in_the_place_of_a_file_is_no_traceback(tmp_path, book_of, literate):
    book_of(ONE)
    (tmp_path / SOURCE).mkdir(parents=True)

    assert "src/dezero.py:1: is a directory, and the book writes a file there" in literate("tangle").err


def test_a_file_in_the_place_of_a_directory_is_no_traceback(tmp_path, book_of, literate):
    book_of(ONE, TWO, PACKAGE)
    (tmp_path / "src").mkdir()
    (tmp_path / "src/dezero").write_text("mine")

    outcome = literate("tangle")

    assert outcome.code == 1
    assert "cannot be written" in outcome.err
    assert everything(tmp_path).keys() & {MANIFEST, "tests/test_variable.py"} == set()


def test_a_file_that_is_not_utf_8_is_not_overwritten(tmp_path, tangled, literate):
    (tmp_path / SOURCE).write_bytes(b"# caf\xe9\n")

    assert "src/dezero.py:1: is not UTF-8; save it as UTF-8" in literate("tangle").err


def test_a_checkout_with_windows_line_ends_is_the_same(tmp_path, tangled, literate):
    for path in (SOURCE, MANIFEST, "tests/test_variable.py"):
        (tmp_path / path).write_bytes((tmp_path / path).read_bytes().replace(b"\n", b"\r\n"))

    assert literate("tangle").out.startswith("nothing to do")
    assert literate("tangle", "--check").code == 0


# --- the manifest ---------------------------------------------------------------------------------

BROKEN = ["", "<<<<<<< HEAD\n{}", "[]", '{"files": {"src/dezero.py": 3}}', "\udcff", "[" * 100_000]
BROKEN_IDS = ["empty", "conflict", "list", "entry", "bytes", "depth"]


@pytest.mark.parametrize("text", BROKEN, ids=BROKEN_IDS)
def test_a_broken_manifest_is_written_anew_where_nothing_differs(tmp_path, tangled, literate, text):
    good = (tmp_path / MANIFEST).read_bytes()
    (tmp_path / MANIFEST).write_bytes(text.encode("utf-8", "surrogateescape"))
    outcome = literate("tangle")

    assert (outcome.code, (tmp_path / MANIFEST).read_bytes()) == (0, good)
    assert f"{MANIFEST}:1: is no manifest" in outcome.err


@pytest.mark.parametrize("text", [None, *BROKEN], ids=["missing", *BROKEN_IDS])
def test_without_a_manifest_nothing_that_differs_is_overwritten(tmp_path, tangled, edit, literate, text):
    edit(SOURCE, "LIMIT = 3", "LIMIT = 4")
    (tmp_path / MANIFEST).unlink()
    if text is not None:
        (tmp_path / MANIFEST).write_bytes(text.encode("utf-8", "surrogateescape"))
    before = everything(tmp_path)
    outcome = literate("tangle")

    assert (outcome.code, everything(tmp_path)) == (1, before)
    assert (
        "step01-chapter.md:15: LIMIT in src/dezero.py:12 is not the same, and no manifest tells"
        in outcome.err
    )
    assert f"git checkout -- {MANIFEST}" in outcome.err


@pytest.mark.parametrize(
    "path", ["../victim.py", "src/../victim.py", "victim.py", "/victim.py", "src/literate/x.py"]
)
def test_a_manifest_cannot_have_other_files_removed(tmp_path, tangled, literate, path):
    victim = tmp_path / "victim.py"
    victim.write_text("mine\n")
    manifest = json.loads((tmp_path / MANIFEST).read_text("utf-8"))
    text = digest("mine\n")
    manifest["files"][path] = {"text": text, "definitions": {}}
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    outcome = literate("tangle")

    assert victim.exists()
    assert "is none that the tool writes" in outcome.err


# --- killed ---------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process is gone: nothing handles this."""


def kill_at(monkeypatch, name: str, number: int) -> None:
    """Let the n-th call of a function of ``os`` be the last of its process."""
    real, calls = getattr(os, name), []

    def dying(*arguments, **options):
        calls.append(arguments)
        if len(calls) == number:
            raise Killed
        return real(*arguments, **options)

    monkeypatch.setattr(os, name, dying)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["replace", "fsync"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_killed_at_any_moment_the_next_run_recovers(
    tmp_path, tangled, book_of, literate, monkeypatch, name, number
):
    book_of(ONE, TWO.replace("== 4", "== 4.0"), PACKAGE)
    with monkeypatch.context() as patch:
        kill_at(patch, name, number)
        with pytest.raises(Killed):
            literate("tangle")
    outcome = literate("tangle")

    assert (outcome.code, outcome.err) == (0, "")
    assert literate("tangle", "--check").code == 0
    assert not list(tmp_path.rglob("*.literate-tmp"))
    assert not (tmp_path / SOURCE).exists()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_kill_leaves_each_file_old_or_new(tmp_path, tangled, book_of, literate, monkeypatch, number):
    old = everything(tmp_path)
    new = book_of(ONE.replace("= 3", "= 5"), TWO.replace("== 4", "== 4.0")).final
    kill_at(monkeypatch, "replace", number)
    with pytest.raises(Killed):
        literate("tangle")

    for path, module in new.items():
        assert (tmp_path / path).read_bytes() in (old[path], module.text.encode())


@pytest.mark.parametrize("number", [1, 2, 3])
def test_after_a_kill_the_book_may_move_on(tmp_path, tangled, book_of, literate, monkeypatch, number):
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO.replace("== 4", "== 4.0"))
    with monkeypatch.context() as patch:
        kill_at(patch, "replace", number)
        with pytest.raises(Killed):
            literate("tangle")
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 6"), TWO)

    assert literate("tangle").code == 0
    assert "LIMIT = 6" in (tmp_path / SOURCE).read_text("utf-8")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_after_a_kill_the_book_may_go_back(tmp_path, tangled, book_of, literate, monkeypatch, number):
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO.replace("== 4", "== 4.0"))
    with monkeypatch.context() as patch:
        kill_at(patch, "replace", number)
        with pytest.raises(Killed):
            literate("tangle")
    book_of(ONE, TWO)

    assert literate("tangle").code == 0
    assert literate("tangle", "--check").code == 0


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_edit_made_after_a_kill_is_not_overwritten(
    tmp_path, tangled, edit, book_of, literate, monkeypatch, number
):
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO.replace("== 4", "== 4.0"))
    with monkeypatch.context() as patch:
        kill_at(patch, "replace", number)
        with pytest.raises(Killed):
            literate("tangle")
    edit(SOURCE, "LIMIT = ", "LIMIT = 70 + ")

    assert "LIMIT was edited in src/dezero.py:12" in literate("tangle").err


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_killed_process_leaves_nothing_that_the_next_run_cannot_mend(
    tmp_path, tangled, book_of, literate, number
):
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO.replace("== 4", "== 4.0"))
    killed = subprocess.run([sys.executable, "-c", KILLED, str(number), str(tmp_path)], check=False)
    left = list(tmp_path.rglob("*.literate-tmp"))

    assert killed.returncode in (-9, signal.SIGTERM)
    assert len(left) == 4 - number
    assert literate("tangle").code == 0
    assert literate("tangle", "--check").code == 0
    assert not list(tmp_path.rglob("*.literate-tmp"))


def test_only_our_own_leftovers_are_deleted(tmp_path, tangled, literate):
    ours = tmp_path / "src/.dezero.py.1.literate-tmp"
    theirs = [tmp_path / name for name in ("src/dezero.py.tmp", "src/.dezero.py.swp", "src/x.literate-tmp")]
    for path in (ours, *theirs):
        path.touch()
    literate("tangle")

    assert [path.exists() for path in (ours, *theirs)] == [False, True, True, True]


def test_a_full_disk_is_a_finding_and_leaves_everything_as_it_was(
    tmp_path, tangled, book_of, literate, monkeypatch
):
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO.replace("== 4", "== 4.0"))
    before, calls = everything(tmp_path), []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    outcome = literate("tangle")

    assert (outcome.code, everything(tmp_path)) == (1, before)
    assert (
        "tests/test_variable.py:1: cannot be written (No space left on device); clear the way" in outcome.err
    )


def test_a_file_that_another_program_holds_is_a_finding_and_the_next_run_recovers(
    tmp_path, tangled, book_of, literate, monkeypatch
):
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO.replace("== 4", "== 4.0"))
    real = os.replace

    def held(source, target):
        if str(target).endswith("test_variable.py"):
            raise PermissionError(13, "Permission denied")
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", held)
        outcome = literate("tangle")

    assert (
        "tests/test_variable.py:1: cannot be replaced (Permission denied); clear the way and run"
        in outcome.err
    )
    assert literate("tangle").code == 0


# --- the check ------------------------------------------------------------------------------------


def test_the_check_names_file_definition_and_block_of_what_is_behind(tmp_path, tangled, book_of, literate):
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO)
    before = everything(tmp_path)
    outcome = literate("tangle", "--check")

    assert (outcome.code, everything(tmp_path)) == (1, before)
    assert outcome.err == (
        "docs/step01-chapter.md:15: LIMIT in src/dezero.py:12 is not what this block says; "
        "run `python -m literate tangle`\n"
    )


CHECKS = [
    (SOURCE, None, None, r"step01-chapter.md:4: src/dezero.py is missing; run"),
    (SOURCE, "LIMIT = 3", "LIMIT = 4", r"step01-chapter.md:15: LIMIT was edited in src/dezero.py:12; "),
    (
        SOURCE,
        "\n\nLIMIT = 3",
        "",
        r"LIMIT was deleted from src/dezero.py; delete it here, or write `del LIMIT`",
    ),
    (
        MANIFEST,
        None,
        None,
        r"src/.dezero-manifest.json:1: is missing, .*; run `python -m literate tangle` and commit",
    ),
    (MANIFEST, '"LIMIT": "', '"LIMIT": "0', r"src/.dezero-manifest.json:1: is not of this book; run"),
    (MANIFEST, "{", "", r"src/.dezero-manifest.json:1: is no manifest .*; run"),
]


@pytest.mark.parametrize(
    ("path", "old", "new", "message"), CHECKS, ids=[message[:50] for *_, message in CHECKS]
)
def test_the_check_fails_on_whatever_differs(tmp_path, tangled, edit, literate, path, old, new, message):
    if old is None:
        (tmp_path / path).unlink()
    else:
        edit(path, old, new)
    outcome = literate("tangle", "--check")

    assert outcome.code == 1
    assert re.search(message, outcome.err)


def test_the_check_names_modules_that_no_chapter_writes(tmp_path, tangled, literate):
    (tmp_path / "src/dezero").mkdir()
    (tmp_path / "src/dezero/mine.py").write_text("X = 1\n")

    assert "src/dezero/mine.py:1: no chapter writes this file" in literate("tangle", "--check").err


def test_the_check_names_what_the_book_added_and_dropped(tangled, book_of, literate):
    book_of(ONE, TWO, '```python title="src/dezero.py"\ndel LIMIT\n\n\nMORE = 4\n```')
    errors = literate("tangle", "--check").err

    assert "src/dezero.py:12: LIMIT is in no chapter any more; run `python -m literate tangle`" in errors
    assert "step03-chapter.md:7: MORE is not in src/dezero.py; run `python -m literate tangle`" in errors


def test_a_new_class_is_named_once_and_not_with_every_member(tangled, book_of, literate):
    book_of(
        ONE,
        TWO,
        '```python title="src/dezero.py"\nclass Square:\n    def forward(self, x):\n        return x\n```',
    )

    assert literate("tangle", "--check").err.count("Square") == 1


def test_where_case_makes_no_difference_a_renamed_file_is_not_removed(
    tmp_path, tangled, book_of, literate, monkeypatch
):
    monkeypatch.setattr(Path, "samefile", lambda self, other: self.name.lower() == other.name.lower())
    book_of(ONE, TWO, '```sh title="src/"\nmv dezero.py dezero/DEZERO.py\n```')
    outcome = literate("tangle")

    assert (outcome.code, (tmp_path / SOURCE).exists()) == (0, True)


# --- what makes no sense --------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["tangle"], ["tangle", "--check"], ["stitch"]], ids=" ".join)
def test_a_book_that_names_no_chapter_takes_nothing_away(tmp_path, tangled, literate, command):
    (tmp_path / "mkdocs.yml").write_text("nav:\n")
    for page in (tmp_path / "docs").iterdir():
        page.unlink()
    before = everything(tmp_path)
    outcome = literate(*command)

    assert (outcome.code, everything(tmp_path)) == (1, before)
    assert outcome.err == (
        "mkdocs.yml:1: the nav names no chapter, so nothing is written; "
        "list docs/stepNN-….md or docs/interlude-….md, or mend [tool.literate]\n"
    )


def test_two_files_that_some_systems_take_for_one_are_not_written(tmp_path, book_of, literate):
    book_of(ONE, PACKAGE, '```python title="src/dezero/Core.py"\nX = 1\n```')
    before = everything(tmp_path)
    outcome = literate("tangle")

    assert (outcome.code, everything(tmp_path)) == (1, before)
    assert "is src/dezero/core.py where case makes no difference" in outcome.err


@pytest.mark.parametrize("changed", [False, True])
def test_a_directory_in_the_place_of_the_manifest_is_no_traceback(
    tmp_path, tangled, book_of, literate, changed
):
    (tmp_path / MANIFEST).unlink()
    (tmp_path / MANIFEST).mkdir()
    changed and book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO)
    before = everything(tmp_path)
    outcome = literate("tangle")

    assert (outcome.code, everything(tmp_path)) == (1, before)
    assert f"{MANIFEST}:1: is a directory, and the book writes a file there" in outcome.err
    assert f"{MANIFEST}:1: is no manifest (Is a directory), so nothing tells" in outcome.err


def test_a_manifest_that_must_not_be_written_keeps_all_others_as_they_are(
    tmp_path, tangled, book_of, literate
):
    (tmp_path / MANIFEST).chmod(0o444)
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO)
    before = everything(tmp_path)

    assert f"{MANIFEST}:1: is read-only; make it writable" in literate("tangle").err
    assert everything(tmp_path) == before
    (tmp_path / MANIFEST).chmod(0o644)


@pytest.mark.parametrize("target", ["lib", "src"], ids=["elsewhere in the project", "to itself"])
@pytest.mark.parametrize("command", [["tangle"], ["tangle", "--check"], ["stitch"]], ids=" ".join)
def test_a_linked_folder_is_named_and_nothing_is_written(tmp_path, tangled, literate, command, target):
    (tmp_path / "src").rename(tmp_path / "lib")
    link(tmp_path / "src", Path(target))
    before = everything(tmp_path)
    outcome = literate(*command)

    assert (outcome.code, everything(tmp_path)) == (1, before)
    assert re.search(
        r"src/dezero.py:1: (leads to .*lib/dezero.py|cannot be written \(Too many lev)", outcome.err
    )


# --- two at once ----------------------------------------------------------------------------------

SLOW = """
import os, sys, time
import literate.cli
replace = os.replace
def slow(source, target):
    print("writing", flush=True)
    time.sleep(0.3)
    replace(source, target)
os.replace = slow
sys.exit(literate.cli.main(["--root", *sys.argv[1:]]))
"""


@pytest.fixture
def slow(tmp_path):
    """A function that starts a command which takes its time to write, and returns when it has begun to."""
    started = []

    def start(*command):
        arguments = [sys.executable, "-c", SLOW, str(tmp_path), *command]
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        started.append(process)
        assert process.stdout.readline() == "writing\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.slow
def test_of_two_at_once_one_waits_for_the_other(tmp_path, tangled, book_of, literate, slow):
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO.replace("== 4", "== 4.0"))
    other = slow("tangle")
    outcome = literate("tangle")
    said, _ = other.communicate()

    assert (other.returncode, outcome.code) == (0, 0), said + outcome.err
    assert outcome.out.startswith("nothing to do")
    assert literate("tangle", "--check").code == 0
    assert not list(tmp_path.rglob("*.literate-tmp"))


@pytest.mark.slow
def test_tangling_beside_a_stitch_loses_no_edit(tmp_path, tangled, edit, book_of, literate, slow):
    edit(SOURCE, "self.data + self.data", "self.data * 2")
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO)
    other = slow("stitch")
    outcome = literate("tangle")
    said, _ = other.communicate()

    assert (other.returncode, outcome.code) == (0, 0), said + outcome.err
    assert "self.data * 2" in (tmp_path / "docs/step02-chapter.md").read_text("utf-8")
    assert "self.data * 2" in (tmp_path / SOURCE).read_text("utf-8")
    assert literate("tangle", "--check").code == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows interrupts otherwise")
def test_an_interrupted_run_says_so_and_the_next_one_recovers(tmp_path, tangled, book_of, literate, slow):
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO.replace("== 4", "== 4.0"))
    other = slow("tangle")
    other.send_signal(signal.SIGINT)
    said, _ = other.communicate()

    assert (other.returncode, said) == (130, "python -m literate: interrupted; run this again\n")
    assert literate("tangle").code == 0
    assert literate("tangle", "--check").code == 0
    assert not list(tmp_path.rglob("*.literate-tmp"))


@pytest.mark.slow
def test_who_waits_too_long_says_so_and_changes_nothing(
    tmp_path, tangled, book_of, literate, slow, monkeypatch
):
    monkeypatch.setattr("literate.write.files.PATIENCE", 0)
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO.replace("== 4", "== 4.0"))
    other = slow("tangle")
    outcome = literate("tangle")
    said, _ = other.communicate()

    assert (outcome.code, other.returncode) == (1, 0), said
    assert (
        outcome.err
        == "pyproject.toml:1: another run of the tool is writing in this project; let it end, and try again\n"
    )
    assert literate("tangle", "--check").code == 0


# --- what is settled ----------------------------------------------------------------------------------------

IDLE = "nothing to do"


@pytest.fixture
def unfolded(tangled, literate, monkeypatch):
    """A book that was tangled; whoever reads it again says so."""
    assert literate("tangle").out.startswith(IDLE)

    def read(*_):
        raise AssertionError("the book is read")

    monkeypatch.setattr("literate.cli._load", read)


def test_what_is_as_it_was_left_is_not_folded_to_say_so(unfolded, literate):
    assert literate("tangle").out.startswith(IDLE)


@pytest.mark.parametrize("path", [SOURCE, "tests/test_variable.py", MANIFEST, "docs/step01-chapter.md"])
@pytest.mark.parametrize(
    "change", [Path.unlink, lambda path: path.write_bytes(path.read_bytes() + b"\n# x\n")]
)
def test_after_any_edit_the_book_is_read(tmp_path, unfolded, literate, path, change):
    change(tmp_path / path)

    with pytest.raises(AssertionError, match="the book is read"):
        literate("tangle")


def test_a_file_that_became_a_link_to_the_same_is_looked_at(tmp_path, unfolded, literate):
    (tmp_path / SOURCE).rename(tmp_path / "elsewhere.py")
    (tmp_path / SOURCE).symlink_to(tmp_path / "elsewhere.py")

    with pytest.raises(AssertionError, match="the book is read"):
        literate("tangle")


@pytest.mark.parametrize(
    "text", [b"", b"[[", b"[]", b"null", b'[["src"], "a"]', b"[[], 0]", b"\xff", b'["a"]']
)
def test_a_damaged_note_is_none(tmp_path, unfolded, literate, text):
    note = tmp_path / ".cache" / "literate" / "tangled.json"
    note.write_bytes(text)

    with pytest.raises(AssertionError, match="the book is read"):
        literate("tangle")


def test_another_version_of_the_tool_folds_again(unfolded, literate, monkeypatch):
    monkeypatch.setattr("literate.run.cache.tool", lambda libraries: "another")

    with pytest.raises(AssertionError, match="the book is read"):
        literate("tangle")


def test_what_is_edited_while_it_is_tangled_counts_as_edited(
    tmp_path, tangled, book_of, literate, monkeypatch
):
    book_of(ONE, TWO.replace("== 4", "== 4.0"))
    carry_out = Plan.carry_out

    def carry_out_and_edit(plan, root):
        done = carry_out(plan, root)
        with open(tmp_path / SOURCE, "a") as file:
            file.write("\n\nMORE = 4\n")
        return done

    with monkeypatch.context() as patched:
        patched.setattr(Plan, "carry_out", carry_out_and_edit)
        literate("tangle")
    assert "MORE was typed in" in literate("tangle").err
