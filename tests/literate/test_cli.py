"""The command line: what the commands mean, print and return."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from literate.cli import main

ONE = """
    ```python title="src/dezero.py"
    import math


    class Variable:
        def __init__(self, data):
            self.data = data

        def double(self):
            return 2 * self.data


    LIMIT = 3
    ```

    ```python
    from dezero import Variable

    print(Variable(2).double())
    ```

    ```text title="Output"
    4
    ```
    """
TWO = """
    ```python title="src/dezero.py"
    class Variable:
        ...

        def double(self):
            return self.data + self.data


    del LIMIT, math
    ```

    ```python title="tests/test_variable.py"
    from dezero import Variable


    def test_double():
        assert Variable(2).double() == 4
    ```
    """
THREE = """
    ```python title="src/dezero.py"
    class Box:
        def __init__(self, data):
            self.data = data


    class Variable(Box):
        ...


    del Variable.double
    ```

    ```python
    from dezero import Box

    Box(3).data
    ```

    ```text title="Output"
    3
    ```
    """
CHANGES = """
    ```python title="src/dezero.py"
    NAME = "Ada"
    ```

    ```python
    from dezero import NAME

    assert NAME == "Ada"
    ```

    ```python title="src/dezero.py"
    NAME = "Grace"
    ```
    """
WRONG_OUTPUT = """
    ```python
    1 + 1
    ```

    ```text title="Output"
    3
    ```
    """
PAUSE = f"    # A pause\n{THREE}"
FIRST, SECOND, THIRD = (f"docs/step0{number}-chapter.md" for number in (1, 2, 3))


@pytest.fixture
def files(tmp_path):
    """A function that tells the files below a directory of the project."""

    def below(directory):
        return {
            file.relative_to(tmp_path / directory).as_posix(): file.read_text("utf-8")
            for file in (tmp_path / directory).rglob("*")
            if file.is_file()
        }

    return below


# --- the command itself -----------------------------------------------------------------------------


def test_no_command_prints_the_help_and_is_wrong(capsys):
    assert main([]) == 2
    assert "usage: python -m literate" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["tangle", "stitch", "show", "run", "log"])
def test_each_command_explains_itself_with_an_example(capsys, command):
    with pytest.raises(SystemExit) as exit_info:
        main([command, "--help"])

    assert exit_info.value.code == 0
    assert f"for example:\n  python -m literate {command}" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["tangel"], ["tangle", "--chek"], ["show"], ["log"]])
def test_a_wrong_command_line_exits_with_2(arguments):
    with pytest.raises(SystemExit) as exit_info:
        main(arguments)

    assert exit_info.value.code == 2


def test_the_root_is_the_nearest_directory_with_a_book(tmp_path, book_of, capsys, monkeypatch):
    book_of(ONE)
    (tmp_path / "docs/deep/er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "docs/deep/er")

    assert main(["tangle"]) == 0
    assert (tmp_path / "src/dezero.py").exists()


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_the_root_may_be_given_before_or_after_the_command(tmp_path, book_of, capsys, monkeypatch, before):
    book_of(ONE)
    monkeypatch.chdir(tmp_path.parent)
    root = ["--root", tmp_path.name]

    assert main([*root, "tangle"] if before else ["tangle", *root]) == 0
    assert (tmp_path / "src/dezero.py").exists()


def test_a_directory_without_a_project_is_a_wrong_command(tmp_path, literate):
    outcome = literate("tangle")

    assert outcome.code == 2
    assert (
        f"there is no pyproject.toml with [tool.literate] in {tmp_path.as_posix()}; say where" in outcome.err
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the directory that a process is in")
def test_a_directory_that_is_gone_is_a_wrong_command(tmp_path, capsys, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    assert main(["tangle"]) == 2
    assert "the current directory is gone; go to another one" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
@pytest.mark.parametrize(("target", "code"), [("link", 2), (".", 0)], ids=["to itself", "to the project"])
def test_the_root_may_be_a_link(tmp_path, book_of, capsys, target, code):
    book_of(ONE)
    (tmp_path / "link").symlink_to(target)

    assert main(["--root", str(tmp_path / "link"), "tangle"]) == code
    assert (tmp_path / "src/dezero.py").exists() == (code == 0)


@pytest.mark.parametrize(
    "command", ["tangle", "tangle --check", "stitch", "show 1", "run", "log x", "check 1 --mine x"]
)
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "[tool.literate]\npakage = 3\n"),
        ("pyproject.toml", "[tool.literate\n"),
        ("mkdocs.yml", "nav: [\n"),
        ("mkdocs.yml", None),
        ("docs/step01-chapter.md", None),
        ("docs/step01-chapter.md", ""),
    ],
    ids=["unknown entry", "no TOML", "no YAML", "no nav", "no page", "empty page"],
)
def test_no_command_answers_a_wrong_project_with_a_traceback(
    tmp_path, book_of, literate, command, path, text
):
    book_of(ONE)
    (tmp_path / path).unlink()
    if text is not None:
        (tmp_path / path).write_text(text)
    outcome = literate(*command.split())

    assert outcome.code in (1, 2)
    assert f"{path}:" in outcome.err or f"there is no {path}" in outcome.err
    assert not (tmp_path / "src").exists()


def test_all_findings_come_at_once_one_a_line_and_on_stderr(book_of, literate):
    book_of(ONE.replace("LIMIT = 3", "print()"), TWO.replace("Variable:", "Varaible:"))
    outcome = literate("tangle")
    lines = outcome.err.splitlines()

    assert (outcome.code, outcome.out) == (1, "")
    assert lines[0].startswith(f"{FIRST}:15: a bare expression or call does not belong")
    assert any(line.startswith(f"{SECOND}:4: class Varaible is not in") for line in lines)


@pytest.mark.slow
def test_it_runs_as_a_module_from_anywhere(tmp_path, book_of):
    book_of(ONE)
    command = [sys.executable, "-m", "literate", "tangle"]
    done = subprocess.run(command, cwd=tmp_path / "docs", capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "wrote src/dezero.py"


@pytest.mark.slow
def test_a_console_that_cannot_show_a_character_is_no_traceback(tmp_path, book_of):
    book_of(ONE)
    command = [sys.executable, "-m", "literate", "log", "Variable"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, env=environment, check=False)

    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"chapter 1 \xb7 docs/step01-chapter.md" in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells of a closed pipe otherwise")
def test_a_reader_that_has_seen_enough_is_no_traceback(tmp_path, book_of):
    book_of(ONE)
    code = "import sys; from literate.cli import main; sys.exit(main(['show', '1']))"
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)

    assert process.stderr == b""


IMPORTED = """
import sys
from literate.cli import main
main(["tangle"])
print(sorted({name.split(".")[0] for name in sys.modules} & set(sys.argv[1:])))
"""


@pytest.mark.slow
def test_tangling_does_not_import_what_it_does_not_need(tmp_path, book_of):
    book_of(ONE)
    heavy = ["numpy", "matplotlib", "pytest", "mkdocs", "nbformat", "pebble", "bs4"]
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *heavy], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"


# --- show -------------------------------------------------------------------------------------------


def test_show_writes_the_package_and_the_tests_as_of_a_chapter(tmp_path, book_of, literate, files):
    book = book_of(ONE, TWO, THREE)
    outcome = literate("show", "2", "--out", str(tmp_path / "out/deep"))

    assert outcome.code == 0
    assert files("out/deep") == {
        path: module.text for path, module in book.package_after(book.chapter("2")).items()
    }
    assert set(files("out/deep")) == {"src/dezero.py", "tests/test_variable.py"}


def test_show_brings_the_data_that_modules_name_and_no_other(tmp_path, book_of, literate):
    book_of("""
        A module that reads from a folder.

        ```python title="src/dezero/reading.py"
        FOLDER = "deep"
        ```
    """)
    for name in ("data/deep/numbers.bin", "cache/old.bin"):
        (tmp_path / "src/dezero" / name).parent.mkdir(parents=True)
        (tmp_path / "src/dezero" / name).write_bytes(b"123")

    literate("show", "1", "--out", str(tmp_path / "out"))

    assert [path.name for path in (tmp_path / "out").rglob("*.bin")] == ["numbers.bin"]
    assert (tmp_path / "out/src/dezero/data/deep/numbers.bin").read_bytes() == b"123"


def test_show_makes_both_directories_even_without_tests(tmp_path, book_of, literate):
    book_of(ONE)
    literate("show", "1", "--out", str(tmp_path / "out"))

    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["src", "tests"]


def test_show_takes_an_empty_directory(tmp_path, book_of, literate):
    book_of(ONE)
    (tmp_path / "out").mkdir()

    assert literate("show", "1", "--out", str(tmp_path / "out")).code == 0


def test_show_refuses_what_is_not_empty(tmp_path, book_of, literate, files):
    book_of(ONE)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").write_text("mine")
    outcome = literate("show", "1", "--out", str(tmp_path / "out"))

    assert outcome.code == 2
    assert "out is not empty; name a directory that is, or that is not there yet" in outcome.err
    assert files("out") == {"mine": "mine"}


@pytest.mark.parametrize("text", ["", "mine"], ids=["empty", "full"])
@pytest.mark.parametrize("below", ["", "/deep"], ids=["the file", "below the file"])
def test_show_refuses_a_file(tmp_path, book_of, literate, text, below):
    book_of(ONE)
    (tmp_path / "out").write_text(text)
    outcome = literate("show", "1", "--out", f"{tmp_path}/out{below}")

    assert outcome.code == 2
    assert ("cannot be written (Not a directory)" if below else "out is a file; name a dir") in outcome.err
    assert (tmp_path / "out").read_text() == text


def test_show_without_a_directory_prints_the_files(book_of, literate):
    book = book_of(ONE, TWO)
    out = literate("show", "2").out

    assert out.startswith(f"# src/dezero.py\n\n{book.final['src/dezero.py'].text}")
    assert "# tests/test_variable.py" in out


@pytest.mark.parametrize("command", [["show", "7"], ["show", "0"], ["run", "7"]], ids=" ".join)
def test_an_unknown_chapter_is_a_wrong_command(book_of, literate, command):
    book_of(ONE, TWO)
    outcome = literate(*command)

    assert outcome.code == 2
    assert f"the book has no chapter {command[1]}; it has 1 to 2" in outcome.err


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("7", "the book has no chapter 7; it has 1 to 2, interlude-a-pause, interlude-another, 3"),
        (
            "interlude-a-puase",
            "interlude-a-puase; did you mean interlude-a-pause? It has 1 to 2, interlude-a-",
        ),
        ("zzz", "the book has no chapter zzz; it has 1 to 2, interlude-a-pause"),
    ],
    ids=["number", "near", "far"],
)
def test_an_unknown_chapter_is_told_what_there_is_the_nearest_first(book_of, literate, key, told):
    book_of(ONE, TWO, PAUSE, "# Another", "Nothing.")

    assert told in literate("show", key).err


def test_a_book_without_chapters_has_none_to_show(book_of, literate):
    book_of()

    assert "the book has no chapter 1; it has none yet" in literate("show", "1").err


def test_show_knows_a_chapter_without_a_number_by_its_file(tmp_path, book_of, literate, files):
    book = book_of(ONE, TWO, PAUSE, "Nothing.")
    outcome = literate("show", "interlude-a-pause", "--out", str(tmp_path / "out"))

    expected = book.package_after(book.chapters[2])
    assert 'wrote the interlude "A pause" to ' in outcome.out
    assert files("out") == {path: module.text for path, module in expected.items()}


def test_a_number_may_be_typed_as_in_the_name_of_the_file(book_of, literate):
    book_of(ONE, TWO)

    assert literate("show", "02") == literate("show", "2")


def test_show_of_a_wrong_book_writes_nothing(tmp_path, book_of, literate):
    book_of(ONE, TWO.replace("Variable:", "Varaible:"))

    assert literate("show", "1", "--out", str(tmp_path / "out")).code == 1
    assert not (tmp_path / "out").exists()


# --- run --------------------------------------------------------------------------------------------


def test_run_runs_every_experiment(book_of, literate):
    book_of(ONE, TWO, THREE)

    assert literate("run") == (0, "2 experiments ran\n", "")


def test_run_of_a_chapter_runs_it_alone(book_of, literate):
    book_of(ONE, WRONG_OUTPUT)

    assert literate("run", "1") == (0, "1 experiment ran\n", "")
    assert literate("run", "2").code == 1


@pytest.mark.slow
def test_run_of_an_interlude_runs_it_alone_and_updates_it(tmp_path, book_of, literate):
    book_of(WRONG_OUTPUT, f"    # A pause\n{WRONG_OUTPUT}", WRONG_OUTPUT)

    assert "`python -m literate run interlude-a-pause --update`" in literate("run").err
    assert literate("run", "interlude-a-pause").out == "1 experiment ran\n"
    assert literate("run", "interlude-a-pause", "--update") == (
        0,
        "updated docs/interlude-a-pause.md\n1 experiment ran\n",
        "",
    )


def test_an_output_that_differs_is_a_finding_with_the_way_out(book_of, literate):
    book_of(WRONG_OUTPUT)
    outcome = literate("run")

    assert outcome.code == 1
    assert outcome.err.startswith(f"{FIRST}:7: the output differs; ")
    assert "run 1 --update" in outcome.err
    assert all(line.startswith("    ") for line in outcome.err.splitlines()[1:])


@pytest.mark.slow
def test_update_writes_the_outputs_and_then_all_is_well(tmp_path, book_of, literate):
    book_of(ONE, WRONG_OUTPUT)
    before = (tmp_path / FIRST).stat().st_mtime_ns
    outcome = literate("run", "--update")

    assert outcome == (0, f"updated {SECOND}\n2 experiments ran\n", "")
    assert '```text title="Output"\n2\n```' in (tmp_path / SECOND).read_text("utf-8")
    assert (tmp_path / FIRST).stat().st_mtime_ns == before


@pytest.mark.slow
def test_update_gives_what_a_change_below_ends_its_title(tmp_path, book_of, literate):
    book_of(CHANGES)
    asked = f"{FIRST}:7: does something else at the chapter's end; "
    assert literate("run").err.startswith(asked)

    assert literate("run", "1", "--update") == (0, f"updated {FIRST}\n1 experiment ran\n", "")
    assert '```python title="Before the change below"\nfrom' in (tmp_path / FIRST).read_text("utf-8")
    assert literate("run").code == 0


@pytest.mark.slow
def test_an_output_that_is_missing_is_written_before_it_is_held_against_the_chapter_s_end(book_of, literate):
    book_of(f'{WRONG_OUTPUT}\n\n    ```python title="src/dezero.py"\n    A = 1\n    ```\n')

    assert "title" not in literate("run", "--update").out
    assert literate("run").code == 0


@pytest.mark.slow
def test_updating_again_changes_nothing(tmp_path, book_of, literate):
    book_of(WRONG_OUTPUT)
    literate("run", "--update")
    before = (tmp_path / FIRST).stat().st_mtime_ns

    assert "updated" not in literate("run", "--update").out
    assert (tmp_path / FIRST).stat().st_mtime_ns == before


@pytest.mark.slow
def test_update_keeps_line_ends_and_byte_order_mark(tmp_path, book_of, literate):
    book_of(WRONG_OUTPUT)
    page = tmp_path / FIRST
    old = b"\xef\xbb\xbf" + page.read_bytes().replace(b"\r", b"").replace(b"\n", b"\r\n")
    page.write_bytes(old)

    assert literate("run", "--update").code == 0
    assert page.read_bytes() == old.replace(b"3\r\n", b"2\r\n")


@pytest.mark.slow
def test_update_of_an_output_that_is_never_the_same_is_an_error(book_of, literate):
    book_of('```python\nimport time\n\nprint(time.time_ns())\n```\n\n```text title="Output"\n0\n```')
    outcome = literate("run", "--update")

    assert outcome.code == 1
    assert "the output differs" in outcome.err


def test_an_experiment_that_fails_stops_its_chapter_and_the_rest_is_counted(book_of, literate):
    book_of(
        "```python\n1 / 0\n```\n\n```python\nx = 1\n```\n\n```python\nx = 2\n```",
        ONE.replace("math", "cmath"),
    )
    outcome = literate("run")

    assert outcome.code == 1
    assert f"{FIRST}:4: ZeroDivisionError" in outcome.err
    assert outcome.out == "2 experiments ran, 2 did not run because one before them failed\n"


@pytest.mark.slow
def test_update_of_a_read_only_page_is_a_finding(tmp_path, book_of, literate):
    book_of(WRONG_OUTPUT)
    (tmp_path / FIRST).chmod(0o444)

    assert f"{FIRST}:1: is read-only; make it writable" in literate("run", "--update").err
    (tmp_path / FIRST).chmod(0o644)


def test_run_reports_what_is_wrong_with_the_book_and_with_its_prose(book_of, literate):
    book_of(ONE + "\n    And `Varaible` too.\n", TWO.replace("Variable:", "Varaible:"))
    errors = literate("run").err

    assert f"{FIRST}:28: `Varaible` exists nowhere" in errors
    assert f"{SECOND}:4: class Varaible is not in src/dezero.py" in errors


# --- log --------------------------------------------------------------------------------------------


def test_log_tells_each_chapter_that_wrote_a_definition_and_what_changed(book_of, literate):
    book_of(ONE, TWO, THREE)

    assert literate("log", "Variable.double").out.splitlines() == [
        f"chapter 1 · {FIRST}:11 · adds Variable.double to src/dezero.py",
        "    +    def double(self):",
        "    +        return 2 * self.data",
        f"chapter 2 · {SECOND}:7 · replaces Variable.double in src/dezero.py",
        "         def double(self):",
        "    -        return 2 * self.data",
        "    +        return self.data + self.data",
        f"chapter 3 · {THIRD}:3 · removes Variable.double from src/dezero.py",
        "    -    def double(self):",
        "    -        return self.data + self.data",
    ]


def test_log_names_an_interlude_by_its_title(book_of, literate):
    book_of(ONE, TWO, PAUSE)

    assert (
        'the interlude "A pause" · docs/interlude-a-pause.md:3 · removes Variable.double from src/dezero.py'
        in literate("log", "Variable.double").out.splitlines()
    )


def test_log_of_a_class_tells_its_members_in_a_line_each(book_of, literate):
    book_of(ONE, TWO, THREE)

    assert literate("log", "Variable").out.splitlines() == [
        f"chapter 1 · {FIRST}:7 · adds Variable to src/dezero.py",
        "    +class Variable:",
        f"chapter 1 · {FIRST}:8 · adds Variable.__init__ to src/dezero.py",
        f"chapter 1 · {FIRST}:11 · adds Variable.double to src/dezero.py",
        f"chapter 2 · {SECOND}:7 · replaces Variable.double in src/dezero.py",
        f"chapter 3 · {THIRD}:3 · removes Variable.double from src/dezero.py",
        f"chapter 3 · {THIRD}:9 · replaces Variable in src/dezero.py",
        "    -class Variable:",
        "    +class Variable(Box):",
    ]


def test_log_knows_constants_and_imports(book_of, literate):
    book_of(ONE, TWO)

    assert literate("log", "LIMIT").out.splitlines()[1::2] == ["    +LIMIT = 3", "    -LIMIT = 3"]
    assert literate("log", "import math").out.splitlines()[1::2] == ["    +import math", "    -import math"]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("Varaible", "Variable"), ("Variable.duoble", "Variable.double"), ("double", "Variable.double")],
)
def test_an_unknown_name_is_a_wrong_command_and_the_nearest_is_named(book_of, literate, name, nearest):
    book_of(ONE)
    outcome = literate("log", name)

    assert (outcome.code, outcome.out) == (2, "")
    assert f"no chapter has ever written {name}; did you mean {nearest}?" in outcome.err


def test_a_member_of_two_classes_has_two_nearest_names(book_of, literate):
    book_of(ONE, TWO, THREE)

    assert "did you mean Box.__init__ or Variable.__init__?" in literate("log", "__init__").err


def test_log_of_a_wrong_book_tells_what_it_knows_and_what_is_wrong(book_of, literate):
    book_of(ONE, TWO.replace("Variable:", "Varaible:"))
    outcome = literate("log", "Variable")

    assert outcome.code == 1
    assert f"chapter 1 · {FIRST}:7 · adds Variable" in outcome.out
    assert "class Varaible is not in" in outcome.err


def test_experiments_wait_while_a_fragment_before_them_is_wrong(book_of, literate):
    code = "```python\nfrom dezero import LIMIT\n\nassert LIMIT == 0\n```"
    book_of(f"```python\nx = 1\n```\n\n{ONE.replace('LIMIT = 3', 'LIMIT = f(a=1, a=2)')}\n\n{code}", code)
    outcome = literate("run")

    assert len(outcome.err.splitlines()) == 1
    assert outcome.out.splitlines()[-1] == "1 experiment ran, 3 wait until the chapters are mended"
