"""Checking a reader's code: what counts, what is told of what does not hold, and what stays as it was."""

from __future__ import annotations

import os
import pickle
import re
import sys
import textwrap

import numpy as np
import pytest

from literate.cli import main
from literate.mine.check import check
from literate.mine.notes import around, installed
from literate.mine.typed import read_code
from literate.read.finding import CommandError
from literate.read.project import Project

pytestmark = pytest.mark.slow

ONE = """
    ```python title="src/dezero.py"
    def double(x):
        return 2 * x
    ```

    Doubling doubles.

    ```python
    from dezero import double

    print(double(2))
    ```

    ```text title="Output"
    4
    ```

    What is 2 and 2?

    ```python
    print(2 + 2)
    ```

    ```text title="Output"
    4
    ```
    """
TWO = """
    Today nothing is told of a box.

    ```python title="Before the change below"
    from dezero import double

    try:
        double([])
    except TypeError:
        print("refused")
    else:
        print("taken")
    ```

    ```text title="Output"
    taken
    ```

    So we refuse it.

    ```python title="src/dezero.py"
    def double(x):
        if isinstance(x, list):
            raise TypeError(f"a list: {x}")
        return 2 * x
    ```

    A list is *refused* now. A **number** is [not](step01-chapter.md).

    ```python
    result = double(3)
    assert result == 6 and double(result) == 12
    ```

    ```python title="tests/test_double.py"
    import unittest

    from dezero import double


    class DoubleTest(unittest.TestCase):
        def test_a_number_is_doubled(self):
            self.assertEqual(double(2), 4)

        def test_a_list_is_refused(self):
            with self.assertRaises(TypeError):
                double([])


    def test_zero_stays_zero():
        assert double(0) == 0
    ```
    """
PACKAGE = """
    ```sh title="src/"
    mv dezero.py dezero/core.py
    ```

    ```python title="src/dezero/__init__.py"
    from dezero.core import double
    ```

    The door opens.

    ```python
    import dezero
    from dezero.core import double

    assert dezero.double is double
    ```
    """
RIGHT = "def double(x):\n    if isinstance(x, list):\n        raise TypeError\n    return x + x\n"
PASSING = """\
Chapter 2 · Chapter: mine.py, imported as dezero
  {}

All promises hold: 1 experiment, 1 of the chapters before, 3 tests.
Not counted: experiments that show the package before a change of this chapter (1).
"""


@pytest.fixture(autouse=True)
def _nothing_else_installed(monkeypatch):
    """No other package of the name is seen: the one of this repository would be noted in each report."""
    monkeypatch.setattr("literate.mine.notes.installed", lambda name, folder: "")


@pytest.fixture
def checked(tmp_path, book_of, monkeypatch):
    """A function that writes a reader's files and checks them against one of some chapters."""
    monkeypatch.chdir(tmp_path)

    def check_files(files, *chapters, number=None, limit=5.0, mine=None, **options):
        for name, text in ({"mine.py": files} if isinstance(files, str) else files).items():
            (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        chapters = chapters or (ONE, TWO)
        book = book_of(*chapters)
        assert not book.findings
        path = tmp_path / (mine or ("mine.py" if isinstance(files, str) else next(iter(files))))
        return check(book, book.chapters[(number or len(chapters)) - 1], path, limit=limit, **options)

    return check_files


# --- what counts ----------------------------------------------------------------------------------------


def test_code_that_keeps_all_promises_gets_a_short_report(checked, tmp_path):
    assert f"{checked(RIGHT)}\n" == PASSING.format(tmp_path / "mine.py")


def test_a_report_can_be_sent_from_one_process_to_another(checked):
    report = checked(RIGHT.replace("x + x", "x * x"))

    assert pickle.loads(pickle.dumps(report)) == report


def test_an_experiment_counts_if_it_holds_at_the_end_of_its_chapter(checked):
    report = checked(RIGHT)

    assert [promise.line for promise in report.promises if not (promise.name or promise.chapter)] == [31]
    assert report.not_counted == ["before"]


def test_an_experiment_that_holds_of_an_empty_package_does_not_count(checked):
    report = checked("def double(x):\n    return x + x\n", ONE)

    assert len(report.promises) == 1
    assert "Not counted: experiments that do not ask the package (1)." in str(report)


def test_what_is_shown_before_a_change_is_that_even_of_an_empty_package(checked):
    ask = '```python\nimport dezero\n\nhasattr(dezero, "name")\n```\n\n```text title="Output"\n{}\n```'
    name = '```python title="src/dezero.py"\nname = "Ada"\n```'
    now = ask.format(False).replace("python", 'python title="Before the change below"')
    report = checked("name = 'Bob'", "\n\n".join([now, name, "Now.", ask.format(True)]))

    assert (len(report.promises), report.not_counted) == (1, ["before"])


def test_an_experiment_that_shows_docstrings_does_not_count(checked):
    documented = '```python title="src/dezero.py"\n"""Two."""\n\ntwo = 2\n```'
    shows = '```python\nimport dezero\n\nprint(dezero.__doc__)\n```\n\n```text title="Output"\nTwo.\n```'
    report = checked(
        "two = 2", f"{documented}\n\n{shows}\n\nIt is.\n\n```python\nassert dezero.two == 2\n```"
    )

    assert report.holds
    assert "Not counted: experiments that show its docstrings (1)." in str(report)


def test_an_experiment_that_would_never_end_is_left_out(checked, monkeypatch):
    monkeypatch.setattr("literate.mine.check.QUICK", 0.2)
    once = '```python title="src/dezero.py"\nonce = {}\n```'
    ask = "```python\nfrom dezero import once\n```"
    loop = "```python\nheld = once\nwhile not once:\n    pass\n```"
    uses = ["```python\nassert once in (True, False)\n```", "```python\nassert held\n```"]
    first = "\n\n".join([once.format(True), ask, loop, *uses])
    report = checked("once = False", first, once.format(False), limit=0.4)

    assert report.holds
    assert [promise.line for promise in report.promises] == [7, 17]  # the second use is of what the loop made


def test_an_experiment_before_a_change_may_take_too_long_after_it(checked):
    once = '```python title="src/dezero.py"\nonce = {}\n```'
    ask = "```python\nfrom dezero import once\n```"
    loop = '```python title="Before the change below"\nwhile not once:\n    pass\n```'
    chapter = "\n\n".join(
        [once.format(True), ask, loop, once.format(False), "```python\nassert not once\n```"]
    )
    report = checked("once = False", chapter, limit=0.4)

    assert report.not_counted == ["before"]
    assert report.holds


def test_nothing_of_a_later_chapter_is_asked(checked):
    assert checked("def double(x):\n    return x + x\n", ONE, TWO, number=1).holds


def test_whoever_asks_only_whether_all_holds_need_not_wait_for_the_end(checked):
    further = f"{TWO}\n    A third.\n\n    ```python\n    assert double(1) == 2\n    ```\n"
    wrong = RIGHT.replace("x + x", "x * x")
    told = [checked(wrong, ONE, further, to_the_end=end).promises for end in (True, False)]

    assert [(len(all_told), bool(all_told[0].problem)) for all_told in told] == [(5, True), (1, True)]


def test_more_than_the_book_has_is_welcome(checked):
    assert checked(f"import math\n\n{RIGHT}\n\nclass Mine:\n    root = math.sqrt(2)\n").holds


def test_an_interlude_is_checked_as_of_its_end(checked, tmp_path):
    later = '```python title="src/dezero.py"\ndef double(x):\n    return "later"\n```'
    report = checked(RIGHT, ONE, f"    # A pause\n{TWO}", later, number=2)

    passing = PASSING.format(tmp_path / "mine.py").replace("Chapter 2 · Chapter", "Interlude · A pause")
    assert f"{report}\n" == passing


def test_a_chapter_may_promise_nothing(checked):
    report = checked("", '```python title="src/dezero.py"\nx = 1\n```')

    assert str(report).endswith("This chapter promises nothing of the package.")


def test_what_a_chapter_before_promised_is_asked_too(checked):
    report = checked(RIGHT.replace("return x + x", "return x + x if x != 2 else 4.0"), ONE, TWO)
    of_tests = [promise for promise in report.promises if promise.name]

    assert [(p.chapter, bool(p.problem)) for p in report.promises if not p.name] == [
        ("", False),
        ("chapter 1", True),
    ]
    assert all(not promise.problem for promise in of_tests)
    assert 'In "Chapter" of chapter 1 (docs/step01-chapter.md:10)' in str(report)


def test_what_a_later_chapter_takes_back_is_not_asked_of_its_code(checked):
    again = TWO.replace("return 2 * x", "return 2 * x if x != 2 else 5").replace(
        "double(2), 4", "double(2), 5"
    )

    assert checked(RIGHT.replace("x + x", "x + x if x != 2 else 5"), ONE, again).holds


def test_the_chapters_before_are_not_asked_where_there_is_enough_to_mend(checked):
    report = checked("def double(x):\n    return x\n")

    assert [promise for promise in report.promises if promise.chapter and not promise.name] == []


# --- what is told ---------------------------------------------------------------------------------------


def test_a_failed_assert_tells_its_sentence_and_its_values(checked):
    report = str(checked(RIGHT.replace("x + x", "x * x")))

    assert 'In "Chapter" (docs/step02-chapter.md:31)\n  A number is not.\n' in report
    assert "AssertionError: assert result == 6 and double(result) == 12, where result is 9" in report
    assert "3 of 4 promises hold." in report


def test_an_output_that_differs_is_shown_as_a_difference(checked):
    report = str(checked("def double(x):\n    return 5\n", ONE))

    assert (
        "  Doubling doubles.\n    --- the page shows\n    +++ your code puts out\n    -4\n    +5\n" in report
    )


def test_an_output_that_is_missing_is_told(checked):
    chapter = ONE.replace("print(double(2))", "double(2)")

    assert "it puts nothing out; the page shows\n    4" in str(checked("def double(x): pass", chapter))


def test_an_exception_tells_the_line_of_the_book_and_the_line_of_the_reader(checked):
    report = str(checked("def double(x):\n    y = x.twice\n    return y\n", ONE))

    assert "AttributeError: 'int' object has no attribute 'twice'\n" in report
    assert "    asked by `print(double(2))`\n" in report
    assert "    at mine.py:2 in double: y = x.twice\n" in report


def test_a_failed_test_tells_its_name_its_file_and_its_chapter(checked):
    report = str(checked(RIGHT.replace("list", "dict")))

    assert (
        'tests/test_double.py · DoubleTest.test_a_list_is_refused, in "Chapter" (docs/step02-chapter.md:46)\n'
        "    AssertionError: TypeError not raised\n"
        "    asked by `with self.assertRaises(TypeError):`\n"
    ) in report


def test_what_fails_alike_is_told_once(checked):
    report = str(checked("", ONE, TWO))

    assert report.count("ImportError: cannot import name 'double' from 'dezero' (mine.py)") == 2
    assert "  The same: tests/test_double.py (2)\n" in report
    assert "0 of 4 promises hold." in report


def test_what_follows_from_an_experiment_that_failed_is_told_as_that(checked):
    chapter = textwrap.dedent(ONE) + "\nAgain.\n\n```python\nassert double(1) == 2\n```\n"
    problems = [promise.problem for promise in checked("", chapter).promises]

    begins = "from dezero import double"
    assert problems[1:] == [f"it needs what the experiment that begins with `{begins}` was to make"]


def test_what_uses_the_result_of_an_experiment_that_failed_is_told_apart(checked):
    chapter = textwrap.dedent(ONE).replace("print(double(2))", "y = double(2)\nprint(y)")
    chapter += "\n## Later\n\n```python\nassert y == 4\n```\n"
    report = str(checked("def double(x):\n    return 5\n", chapter))

    assert report.count("In ") == 1
    assert (
        "These use what one of those above was to make; see to that first: "
        '"Later" (1).\n\n0 of 2 promises hold.' in report
    )


def test_what_a_later_experiment_made_anew_is_blamed_on_nobody(checked):
    chapter = textwrap.dedent(ONE).replace("print(double(2))", "y = double(2)\nprint(y)")
    chapter += "\n## Later\n\n```python\ny = double(1)\nassert y == 2\n```\n"
    chapter += "\n```python\nassert y == double(1)\n```\n"
    report = checked("def double(x):\n    return 2 if x == 1 else 5\n", chapter)

    assert [promise.follows for promise in report.promises if promise.problem] == [False]


def test_what_follows_from_an_experiment_that_does_not_count_is_told_with_its_reason(checked):
    needs = TWO.replace('print("taken")', 'print("taken")\n        held = 3').replace(
        "double(3)", "double(held)"
    )
    needs = needs.replace("double([])", "held = 3\n        double([])", 1)
    (promise, *_) = checked(RIGHT.replace("double", "triple"), ONE, needs).promises

    begins = "from dezero import double"
    needs = f"it needs what the experiment that begins with `{begins}` was to make, and there\nImport"
    assert promise.problem.startswith(needs)


def test_the_first_promise_that_takes_too_long_is_the_last(checked):
    report = checked("def double(x):\n    while True:\n        pass\n", ONE, TWO, limit=0.3)

    assert [promise.line for promise in report.promises] == [31]
    assert "it takes longer than 0.3 s and was stopped\n    asked by `result = double(3)`" in str(report)
    assert "in double: " in str(report)
    assert "It was stopped there; what comes after that was not asked.\n0 of 1 promises hold." in str(report)


def test_a_test_that_takes_too_long_is_the_last(checked):
    report = checked(RIGHT.replace("return", "while x == 2:\n        pass\n    return"), limit=0.3)

    assert (report.stopped, report.holds) == (True, False)
    assert report.promises[-1].name == "tests/test_double.py · DoubleTest.test_a_number_is_doubled"


TESTS = {
    "a subtest": (
        "class T(TestCase):\n    def test_each(self):\n        for x in (0, 1):\n"
        "            with self.subTest(x=x):\n                self.assertEqual(double(x), 2 * x)",
        "test_t.py · T.test_each",
        "AssertionError: 1 != 2",
    ),
    "a surprise": (
        "class T(TestCase):\n    @expectedFailure\n    def test_it(self):\n        assert double(1) == 1",
        "test_t.py · T.test_it",
        "AssertionError: it is expected to fail, and passes",
    ),
    "a file without tests of its own": (
        "one = 1 / (double(1) - 1)\n\n\nclass T(Base):\n    pass",
        "test_t.py · its tests",
        "ZeroDivisionError",
    ),
    "a plain function": (
        "def test_it():\n    assert double(1) == 2",
        "test_t.py · test_it",
        "asked by `assert double(1) == 2`",
    ),
}


@pytest.mark.parametrize(("test", "name", "told"), TESTS.values(), ids=TESTS)
def test_a_test_of_any_form_can_fail(checked, test, name, told):
    helper = "from unittest import TestCase\n\n\nclass Base(TestCase):\n    def test_it(self):\n        pass"
    imports = (
        "from unittest import TestCase, expectedFailure\n\nfrom dezero import double\nfrom helper import Base"
    )
    files = {"helper": helper, "test_t": f"{imports}\n\n\n{test}"}
    fences = [f'```python title="tests/{name}.py"\n{code}\n```' for name, code in files.items()]
    chapter = "\n\n".join([textwrap.dedent(ONE), *fences])
    promise = checked("def double(x):\n    return x\n", chapter).promises[-1]

    assert promise.name.endswith(name)
    assert told in promise.problem


def test_code_that_exits_is_told(checked):
    report = str(checked("import sys\n\n\ndef double(x):\n    sys.exit(3)\n", ONE))

    assert "SystemExit: 3\n" in report
    assert "at mine.py:5 in double: sys.exit(3)" in report


def test_a_picture_that_is_not_drawn_is_told(checked):
    drawn = "class Drawn:\n    def _repr_svg_(self):\n        return '<svg></svg>'"
    fragment = f'```python title="src/dezero.py"\n{drawn}\n```'
    drawing = "```python\nfrom dezero import Drawn\n\nDrawn()\n```"
    figure = '```text title="Figure"\nA caption.\n\nWhat is seen.\n```'
    report = checked("class Drawn: pass", f"{fragment}\n\nLook.\n\n{drawing}\n\n{figure}")

    assert [promise.problem for promise in report.promises] == ["it draws no picture"]


def test_a_promise_names_its_section_and_where_the_site_has_it(checked, monkeypatch):
    chapter = textwrap.dedent(ONE).replace("Doubling doubles.", "## Two `times` { #twice }\n\nIt $doubles$.")
    monkeypatch.setattr("literate.mine.check.site_address", lambda project: "https://book.example/")
    (promise,) = checked("def double(x): pass", chapter).promises

    assert (promise.section, promise.sentence) == ("Two times", "It doubles.")
    assert promise.address == "https://book.example/step01-chapter/#twice"
    assert f'In "Two times" ({promise.path}:{promise.line})\n  {promise.address}\n' in f"{promise.place}\n"


SLIPS = {
    "dots in a class": (
        "class A:\n    ...\n\n    x = 1",
        "mine.py:2: `...` in class A stands for what is there",
    ),
    "a method of dots": ("class A:\n    def f(self): ...", "mine.py:2: `...` in f stands for what is there"),
    "dots in the module": ("x = 1\n...", "mine.py:2: `...` in the module stands for what is there already"),
    "two classes": (
        "class A:\n    x = 1\n\n\nclass A:\n    y = 2",
        "mine.py:5: class A is there already, at line 1",
    ),
    "two methods": (
        "class A:\n    def f(self):\n        return 1\n\n    def f(self):\n        return 2",
        "mine.py:5: def f is there already, at line 2; keep one of them",
    ),
}


@pytest.mark.parametrize(("text", "told"), SLIPS.values(), ids=SLIPS)
def test_what_was_typed_as_the_page_shows_it_is_noted(checked, text, told):
    assert told in str(checked(f"{text}\n", ONE))


def test_a_setter_and_what_the_book_itself_has_are_no_slips(checked):
    own = "class A:\n    @property\n    def f(self):\n        return 1\n\n"
    own += "    @f.setter\n    def f(self, x):\n        pass\n"
    chapter = '```python title="src/dezero.py"\ndef double(x):\n    """Double."""\n    ...\n```'

    assert checked(f"{own}\n\ndef double(x):\n    ...\n", chapter).notes == []


def test_a_finished_package_that_a_program_would_import_instead_is_noted(checked, tmp_path, monkeypatch):
    (tmp_path / "finished").mkdir()
    (tmp_path / "finished" / "dezero.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "finished"), *sys.path])
    monkeypatch.setattr("literate.mine.notes.installed", installed)

    assert f"`import dezero` means {tmp_path / 'finished' / 'dezero.py'}" in str(checked(RIGHT))


def test_a_library_that_is_not_there_is_noted(tmp_path):
    (tmp_path / "mine.py").write_text("", encoding="utf-8")
    project = Project(tmp_path, "dezero", preload=("math", "nonsense", "nonsense.inner"))

    assert [*around(read_code(tmp_path / "mine.py", project), project)] == [
        "nonsense, nonsense.inner cannot be imported, so experiments that need it do not count; install it"
    ]


# --- what is imported -----------------------------------------------------------------------------------


def test_a_package_is_imported_whatever_its_folder_is_called(checked):
    files = {"box/__init__.py": "from dezero.core import double\n", "box/core.py": RIGHT}
    report = checked(files, ONE, TWO, PACKAGE, mine="box")

    assert report.holds
    assert str(report).startswith("Chapter 3 · Chapter: box/ (__init__.py, core.py), imported as dezero\n")


def test_a_package_may_import_itself_by_the_name_of_its_folder(checked):
    files = {"box/__init__.py": "import box.core\nfrom box.core import double\n", "box/core.py": RIGHT}
    files["box/core.py"] += "\nimport box\n\nassert box.__spec__.name == 'dezero'\n"

    assert checked(files, ONE, TWO, PACKAGE, mine="box").holds


def test_a_module_where_the_chapter_has_a_package_is_told(checked):
    report = str(checked(RIGHT, ONE, TWO, PACKAGE))

    assert (
        "as of chapter 3 the package is a folder with __init__.py and core.py; yours is one module" in report
    )
    assert "ModuleNotFoundError: No module named 'dezero.core'" in report


def test_a_package_that_lacks_a_module_is_told(checked):
    report = checked({"box/__init__.py": RIGHT}, ONE, TWO, PACKAGE, mine="box")

    assert not report.broken
    report = str(report)
    assert "note: as of chapter 3 the package has core.py; yours has not" in report
    assert "ModuleNotFoundError: No module named 'dezero.core' in box" in report


def test_a_module_that_the_chapter_does_not_have_is_not_imported(checked):
    files = {
        "box/scratch.py": "1 / 0\n",
        "box/__init__.py": "from box.core import double\n",
        "box/core.py": RIGHT,
    }

    assert checked(files, ONE, TWO, PACKAGE, mine="box").holds


def test_the_first_module_that_cannot_be_imported_is_told_whatever_comes_after_it(checked):
    last = """
    ```python title="src/dezero/last.py"
    LAST = True
    ```
    """
    files = {"box/__init__.py": "", "box/core.py": "1 / 0\n", "box/last.py": "LAST = True\n"}
    report = checked(files, ONE, TWO, PACKAGE, last, mine="box")

    assert report.broken == "ZeroDivisionError: division by zero\nat box/core.py:1: 1 / 0"


def test_a_module_may_import_what_lies_beside_it(checked):
    report = checked({"mine.py": f"from beside_mine import TWO\n\n\n{RIGHT}", "beside_mine.py": "TWO = 2\n"})

    assert report.holds
    assert "beside_mine" not in sys.modules


def test_what_is_printed_at_import_is_noted_and_does_not_count(checked):
    report = checked(f"print('hello')\n{RIGHT}", ONE)

    assert report.holds
    assert "    note: it prints when it is imported:\n    hello\n" in str(report)


BROKEN = {
    "syntax": ("x = 1\ndef f(:\n", r"SyntaxError: invalid syntax\n    at mine.py:2: def f\(:"),
    "a null byte": ("x = '\0'", "null bytes"),
    "an exception": ("import math\nmath.sqrt(-1)\n", "ValueError: .*\n    at mine.py:2: math.sqrt"),
    "in a function": ("def f():\n    return 1 / 0\n\n\nf()\n", "at mine.py:2 in f: return 1 / 0"),
    "a module that is not there": ("import nonsense\n", "No module named 'nonsense'\n    at mine.py:1"),
    "an exit": ("import sys\nsys.exit(3)\n", "SystemExit: 3\n    at mine.py:2: sys.exit"),
    "a loop": ("while True:\n    pass\n", "it takes longer than 0.5 s and was stopped\n    at mine.py:"),
}


@pytest.mark.parametrize(("text", "told"), BROKEN.values(), ids=BROKEN)
def test_code_that_cannot_be_imported_is_told_with_its_line(checked, text, told):
    report = checked(text, limit=0.5)

    assert not report.holds
    assert "It cannot be imported, so no promise was asked." in str(report)
    assert re.search(told, str(report)), str(report)


def test_what_python_warns_of_while_it_compiles_is_no_promise(checked):
    assert checked(f"{RIGHT}\n\nsame = 1 is 1\n").holds


def test_the_installed_package_is_not_seen(checked):
    report = str(checked("from dezero.core import Variable\n"))

    assert "No module named 'dezero.core'; 'dezero' is not a package" in report


# --- what stays -----------------------------------------------------------------------------------------


def test_nothing_that_the_reader_has_is_touched(checked, tmp_path):
    files = {
        "mine/__init__.py": "from mine.core import double\n",
        "mine/core.py": RIGHT,
        "mine/notes.txt": "",
    }
    (tmp_path / "mine/.old").mkdir(parents=True)
    (tmp_path / "mine/.old/core.py").write_bytes(b"\xff")
    report = checked(files, mine="mine")
    left = sorted(path.relative_to(tmp_path).as_posix() for path in (tmp_path / "mine").rglob("*"))

    assert report.holds
    assert left == ["mine/.old", "mine/.old/core.py", "mine/__init__.py", "mine/core.py", "mine/notes.txt"]


def test_a_file_that_it_writes_is_thrown_away(checked, tmp_path):
    report = checked(f"open('left.txt', 'w').close()\n{RIGHT}")

    assert report.holds
    assert not (tmp_path / "left.txt").exists()


def test_a_module_beside_it_leaves_no_bytecode(checked, tmp_path):
    checked({"mine.py": f"import beside_mine\n\n\n{RIGHT}", "beside_mine.py": "TWO = 2\n"})

    assert list(tmp_path.rglob("__pycache__")) == []


def test_the_process_is_left_as_it_was(checked, tmp_path):
    noisy = "import os, sys\nimport numpy as np\nnp.seterr(all='ignore')\nos.environ['MINE'] = '1'\n"

    def state():
        ours = [name for name in sys.modules if name.startswith(("dezero", "mine", "test_double"))]
        writes = sys.dont_write_bytecode
        return (
            ours,
            list(sys.path),
            list(sys.meta_path),
            os.getcwd(),
            np.geterr(),
            os.environ.get("MINE"),
            writes,
        )

    checked(RIGHT)
    before = state()
    checked(f"{noisy}sys.path.append('x')\n\n\n{RIGHT}")

    assert state() == before


def test_what_experiments_do_to_the_code_is_gone_before_the_tests(checked):
    claim = "assert result == 6 and double(result) == 12"
    chapter = TWO.replace(claim, f"{claim}\n    import dezero\n    dezero.two = 3")
    report = checked(f"two = 2\n{RIGHT.replace('x + x', 'two * x')}", ONE, chapter)

    assert report.holds


# --- the command ----------------------------------------------------------------------------------------


@pytest.fixture
def command(tmp_path, book_of, capsys, monkeypatch):
    """A function that runs ``check`` in a project with these two chapters."""
    monkeypatch.chdir(tmp_path)
    book_of(ONE, TWO)

    def run(*arguments):
        code = main(["check", *arguments])
        return code, *capsys.readouterr()

    return run


def test_the_command_exits_with_0_if_all_promises_hold(command, tmp_path):
    (tmp_path / "mine.py").write_text(RIGHT, encoding="utf-8")

    assert command("2", "--mine", "mine.py") == (0, PASSING.format(tmp_path / "mine.py"), "")


def test_the_command_exits_with_1_if_one_does_not(command, tmp_path):
    (tmp_path / "mine.py").write_text("def double(x): return x", encoding="utf-8")
    code, out, err = command("1", "--mine", "mine.py")

    assert (code, err) == (1, "")
    assert "0 of 1 promises hold." in out


def test_a_file_that_is_not_there_is_a_wrong_command(command):
    code, out, err = command("2", "--mine", "my_dezero.py")

    assert (code, out) == (2, "")
    assert "there is no my_dezero.py; name your module, or the folder of your package" in err


def test_an_unknown_chapter_is_a_wrong_command(command, tmp_path):
    (tmp_path / "mine.py").write_text(RIGHT, encoding="utf-8")

    assert command("7", "--mine", "mine.py")[0] == 2
    assert "the book has no chapter 7; it has 1 to 2" in command("7", "--mine", "mine.py")[2]


@pytest.mark.parametrize("arguments", [["2"], ["--mine", "mine.py"]])
def test_a_command_that_lacks_something_exits_with_2(command, arguments):
    with pytest.raises(SystemExit) as raised:
        command(*arguments)

    assert raised.value.code == 2


def test_the_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit):
        command("--help")

    assert "for example:\n  python -m literate check 14 --mine mine.py" in capsys.readouterr().out


UNREADABLE = {
    "a folder without a door": ("box/core.py", b"", "the folder box has no __init__.py; a package is"),
    "a project": ("box/dezero.py", b"", r"has no __init__.py; did you mean box/dezero\.py\?"),
    "a project with a package": ("box/dezero/__init__.py", b"", r"did you mean box/dezero\?"),
    "another encoding": ("box.py", "x = 1\ny = 2\nz = 'é'".encode("latin-1"), "box.py is not UTF-8; save it"),
    "an unknown encoding": (
        "box.py",
        b"# coding: klingon\n",
        "box.py: unknown encoding: klingon; save it as",
    ),
    "a notebook": ("box.ipynb", b"{}", "box.ipynb is a notebook; put its definitions into a .py file"),
}


@pytest.mark.parametrize(("name", "text", "told"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_code_is_told(tmp_path, book_of, monkeypatch, name, text, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_bytes(text)
    book = book_of(ONE)

    with pytest.raises(CommandError, match=told):
        check(book, book.chapters[0], tmp_path / name.split("/")[0])


@pytest.mark.parametrize(
    ("where", "told"),
    [
        (
            "import",
            "so no promise was asked.\n    it ends the process with exit code 3",
        ),
        ("experiment", "ends the process with exit code 3"),
        ("test", 'its tests, in "Chapter" (docs/step01-chapter.md:'),
    ],
)
def test_code_that_ends_its_process_ends_no_more_than_that(checked, where, told):
    ask = {"import": "True", "experiment": "x == 3", "test": "x == 21"}[where]
    code = f"import os\n\n\ndef double(x):\n    if {ask}:\n        os._exit(3)\n    return 2 * x\n"
    code += "\n\ndouble(1)\n" if where == "import" else ""
    report = checked(code, ENDS)

    assert not report.holds
    assert told in str(report)


ENDS = """
```python title="src/dezero.py"
def double(x):
    return 2 * x
```

```python title="tests/test_double.py"
from dezero import double


def test_double():
    assert double(21) == 42
```

It doubles.

```python
from dezero import double

assert double(3) == 6
```
"""
