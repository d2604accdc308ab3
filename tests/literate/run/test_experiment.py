"""Running experiments: what they put out, what goes wrong, what they leave behind."""

from __future__ import annotations

import os
import pickle
import sys
import textwrap
import warnings

import pytest
from little import drawn

from literate.fold.book import load
from literate.run.sessions import results, update

FRAGMENT = """
    ```python title="src/dezero.py"
    class Variable:
        def __init__(self, data):
            self.data = data

        def double(self):
            return Variable(self.data + self.data)


    def is_variable(value):
        return isinstance(value, Variable)
    ```
    """


def experiment(code, answer=None, title="Output"):
    """A chapter of one experiment, and the block that follows it."""
    text = f"```python\n{code}\n```"
    return text if answer is None else f'{text}\n\n```text title="{title}"\n{answer}\n```'


@pytest.fixture
def results_of(book_of):
    """A function that runs the last of these chapters."""

    def results_of(*chapters, **options):
        book = book_of(*chapters)
        assert not book.findings
        (found,) = results(book.sessions_of(book.chapters[-1].page), book.project, **options)
        return found

    return results_of


@pytest.fixture
def wrong_with(results_of):
    """A function that says what is wrong with a chapter, one finding a line."""

    def wrong(*chapters, **options):
        return "\n".join(
            str(finding) for result in results_of(*chapters, **options) for finding in result.findings
        )

    return wrong


# --- output -----------------------------------------------------------------------------------------

OUTPUTS = {
    "prints": ("print(1)\nprint(2)", "1\n2"),
    "the repr of a final expression": ("'a' + 'b'", "'ab'"),
    "prints before the final expression": ("print('so', end='')\n[1, 2]", "so\n[1, 2]"),
    "nothing for None": ("None", ""),
    "nothing for a statement": ("x = 1", ""),
    "nothing for an expression before the end": ("1\nx = 2", ""),
    "nothing after a semicolon": ("1 + 1;  # quiet", ""),
    "standard error, in order": (
        "import sys\nprint(1)\nprint(2, file=sys.stderr)\nsys.stdout.buffer.write(b'3\\n');",
        "1\n2\n3",
    ),
    "tabs as a terminal shows them": ("print('a\\tb')", "a       b"),
    "white space at the ends of lines": ("print('a   \\n\\n')", "a"),
    "what cannot be encoded": ("print('\\ud800')", "\\ud800"),
    "the annotation is no code": ("1 + 1  # (1)!", "2"),
    "an empty block": ("# nothing yet", ""),
    "its own name": ("__name__", "'__main__'"),
}


@pytest.mark.parametrize(("code", "output"), OUTPUTS.values(), ids=OUTPUTS)
def test_an_experiment_puts_out(results_of, code, output):
    (result,) = results_of(experiment(code, output or None))

    assert not result.findings


def test_the_experiments_of_a_chapter_share_one_namespace(wrong_with):
    assert not wrong_with(experiment("x = 1") + "\n\n" + experiment("x + 1", "2"))


def test_an_experiment_runs_against_the_package_as_of_its_point(wrong_with):
    chapter = """
        ```python title="src/dezero.py"
        answer = 1
        ```

        ```python
        from dezero import answer
        assert answer == 1
        ```

        ```python title="src/dezero.py"
        answer = 2
        ```

        ```python
        assert answer == 2
        ```
        """

    assert not wrong_with(chapter)


def test_classes_of_an_experiment_can_be_dataclasses_and_be_pickled(wrong_with):
    code = """
        ```python
        import pickle
        from dataclasses import dataclass

        @dataclass
        class Point:
            x: "int"

        assert pickle.loads(pickle.dumps(Point(1))) == Point(1)
        ```
        """

    assert not wrong_with(code)
    assert pickle.__name__ == "pickle"
    assert not hasattr(sys.modules["__main__"], "Point")


# --- what is wrong ----------------------------------------------------------------------------------

WRONG = {
    "an exception": (
        experiment("x = 1\nx / 0"),
        r":5: ZeroDivisionError: division by zero; mend it, or catch it to show it$",
    ),
    "an exception in a function of the experiment": (
        experiment("def f():\n    return 1 / 0\n\nf()"),
        r":5: ZeroDivisionError: division by zero; mend it",
    ),
    "a claim that is false": (
        experiment("assert 1 == 2"),
        r":4: AssertionError: assert 1 == 2; mend the claim or the code$",
    ),
    "no Python": (experiment("x = 1\ny = ("), r":5: SyntaxError: '\(' was never closed; mend the line$"),
    "an await": (experiment("x = 1\nawait x"), r":5: SyntaxError: 'await' outside function"),
    "a return": (
        experiment("x = 1\nreturn x"),
        r":5: SyntaxError: 'return' outside function; mend the line$",
    ),
    "an exit": (
        experiment("import sys\nsys.exit(1)"),
        r":5: SystemExit: 1; an experiment goes on; take the exit away \(unittest\.main has exit=False\)$",
    ),
    "a warning": (
        experiment("import numpy as np\nnp.array([1.0]) / np.array([0.0])"),
        r":5: RuntimeWarning: .*; a warning is an error here; avoid it, or allow it \(np\.errstate",
    ),
    "a deprecation of its own": (
        experiment("import warnings\nwarnings.warn('old', DeprecationWarning)"),
        r":5: DeprecationWarning: old; a warning is an error here",
    ),
    "a question": (experiment("input()"), r":4: EOFError: .*; mend it"),
    "an output that nobody sees": (
        experiment("print('hello')\nprint('you')"),
        r":3: puts something out, and no Output block follows; "
        r"`python -m literate run 1 --update` writes it\nhello\nyou$",
    ),
    "an output that differs": (
        experiment("print(1)\nprint(2)\nprint(4)", "1\n2\n3"),
        r":9: the output differs; mend the code, or `python -m literate run 1 --update` writes the new output"
        r"\n"
        r"--- the page shows\n\+\+\+ the run puts out\n@@ -1,3 \+1,3 @@\n 1\n 2\n-3\n\+4$",
    ),
    "an output that is not put out": (
        experiment("x = 1", "1"),
        r":7: the experiment puts nothing out; `python -m literate run 1 --update` takes this block away$",
    ),
    "a repr that raises": (
        experiment("class A:\n    def __repr__(self):\n        raise KeyError\n\nA()"),
        r":6: KeyError; mend it",
    ),
}


@pytest.mark.parametrize(("chapter", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_at_its_markdown_line(wrong_with, chapter, message):
    found = wrong_with(chapter)

    with pytest.raises(AssertionError, match=r"^docs/step01-chapter\.md" + message):
        raise AssertionError(found)


def test_an_exception_inside_the_package_names_the_chapter_line_that_raised_it(wrong_with):
    found = wrong_with(FRAGMENT, experiment("from dezero import Variable\nVariable(None).double()"))

    assert found.startswith(
        "docs/step02-chapter.md:5: TypeError: unsupported operand type(s) for +: 'NoneType' and 'NoneType' "
        "(from docs/step01-chapter.md:9 in Variable.double); mend it"
    )


def test_an_exception_in_an_indented_fence_has_its_line_and_its_columns(results_of):
    chapter = '!!! note "Indented"\n\n    ```python\n    x = 1\n    x.wrong + 1\n    ```'

    (result,) = results_of(chapter)

    assert result.findings[0].line == 7
    assert (result.trace[-1].line, result.trace[-1].text) == (7, "x.wrong + 1")


def test_a_traceback_in_an_indented_fence_marks_the_right_columns(wrong_with):
    code = "def f():\n    return 1\n\nassert max(p[2] for p in f.__code__.co_positions()) == 15"
    chapter = '!!! note "Indented"\n\n' + textwrap.indent(experiment(code), "    ")

    assert not wrong_with(chapter)


def test_a_warning_that_is_allowed_is_put_out(results_of):
    code = "import warnings\nwarnings.simplefilter('always')\nwarnings.warn('seen')"

    (result,) = results_of(experiment(code))

    assert "UserWarning: seen" in result.output


def test_an_exception_ends_the_session_and_a_difference_does_not(results_of):
    three = [experiment("print(1)", "2"), experiment("1 / 0"), experiment("x = 3")]

    results = results_of("\n\n".join(three))

    assert [bool(result.raised) for result in results] == [False, True]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no timer signal")
def test_an_experiment_that_takes_too_long_is_stopped(wrong_with):
    endless = experiment("while True:\n    try:\n        pass\n    except Exception:\n        pass")

    assert "takes longer than 0.05 s and was stopped; make it smaller" in wrong_with(endless, limit=0.05)


def test_a_deprecation_in_a_library_is_not_our_concern(wrong_with):
    assert not wrong_with(
        experiment(
            "import warnings\nwarnings.warn_explicit('old', DeprecationWarning, 'library.py', 1, 'library')"
        )
    )


# --- autoreload -------------------------------------------------------------------------------------


def two_versions(before, after, setup, check):
    """A chapter: a fragment, an experiment, a fragment that changes it, another experiment."""
    parts = [('title="src/dezero.py"', before), ("", setup), ('title="src/dezero.py"', after), ("", check)]
    return "\n\n".join(f"```python {header}".rstrip() + f"\n{code}\n```" for header, code in parts)


IMPORT = "from dezero import answer"
ONE = "def answer():\n    return 1\n\n\ndef other():\n    return answer()"
TWO = "def answer():\n    return 2"
RELOADED = {
    "a name": ("from dezero import answer", "assert answer() == 2"),
    "a name as another": ("from dezero import answer as a", "assert a() == 2"),
    "the package": ("import dezero", "assert dezero.answer() == 2"),
    "the package as another name": ("import dezero as d", "assert d.answer() == 2"),
    "every name": ("from dezero import *", "assert answer() == 2 and other() == 2"),
    "a name in a condition": ("if True:\n    from dezero import answer", "assert answer() == 2"),
    "a name used by a function": (
        "from dezero import answer\ndef f():\n    return answer()",
        "assert f() == 2",
    ),
    "an import inside a function": (
        "def f():\n    from dezero import answer\n    return answer()",
        "assert f() == 2",
    ),
    "a name bound anew stays": ("from dezero import answer\nanswer = 3", "assert answer == 3"),
    "what was kept by an assignment stays": ("from dezero import answer\nold = answer", "assert old() == 1"),
}


@pytest.mark.parametrize(("setup", "check"), RELOADED.values(), ids=RELOADED)
def test_after_a_fragment_an_imported_name_is_the_new_one(wrong_with, setup, check):
    assert not wrong_with(two_versions(ONE, TWO, setup, check))


def test_a_name_that_a_later_experiment_bound_anew_stays(wrong_with):
    chapter = two_versions(ONE, TWO, "answer = 3\n```\n\n```python\nassert answer == 3", "assert answer == 3")

    assert not wrong_with(
        chapter.replace("```python\nanswer", f"{experiment(IMPORT)}\n\n```python\nanswer", 1)
    )


def test_a_name_that_the_package_no_longer_has_is_gone(wrong_with):
    found = wrong_with(two_versions(ONE, "del other", "from dezero import other", "other()"))

    assert "NameError: name 'other' is not defined" in found
    assert "a fragment above removed other from the package" in found


CLASSES = """
class Variable:
    def __init__(self, data):
        self.data = data

    def show(self):
        return "old"


class Function:
    pass


def is_variable(value):
    return isinstance(value, Variable)""".strip()
CLASS_CHANGED = 'class Variable:\n    ...\n\n    def show(self):\n        return "new"'
MOVED = {
    "an object asked by the new package": ("x = Variable(1)", "assert is_variable(x)"),
    "an object of a class that changed": ("x = Variable(1)", 'assert x.show() == "new"'),
    "an object within objects": (
        "x = Variable([{1: (Variable(2),)}])",
        "inner = x.data[0][1][0]\nassert is_variable(inner) and inner.show() == 'new'",
    ),
    "an object in a closure": (
        "def make():\n    x = Variable(1)\n    return lambda: x\nf = make()",
        "assert is_variable(f())",
    ),
    "an object in an array of objects": (
        "import numpy as np\nx = np.array([Variable(1)])",
        "assert is_variable(x[0])",
    ),
    "an object in a generator": (
        "def make(x):\n    while True:\n        yield x\nf = make(Variable(1))\nassert next(f)",
        "assert is_variable(next(f))",
    ),
    "an object that refuses attributes": (
        "x = Variable(1)\ndef refuse(*_):\n    raise AttributeError\nVariable.__setattr__ = refuse",
        "assert is_variable(x)",
    ),
    "an object of a derived class": (
        "class Mine(Variable):\n    pass\nx = Mine(1)",
        'assert is_variable(x) and x.show() == "new"',
    ),
}


@pytest.mark.parametrize(("setup", "check"), MOVED.values(), ids=MOVED)
def test_after_a_fragment_objects_are_of_the_new_classes(wrong_with, setup, check):
    setup = f"from dezero import Variable, is_variable\n{setup}"

    assert not wrong_with(two_versions(CLASSES, CLASS_CHANGED, setup, check))


def test_a_module_that_becomes_a_package_keeps_its_imports(wrong_with):
    chapter = """
        ```python title="src/dezero.py"
        class Variable:
            pass
        ```

        ```python
        from dezero import Variable

        x = Variable()
        ```

        ```sh title="src/"
        mv dezero.py dezero/core.py
        ```

        ```python title="src/dezero/__init__.py"
        from dezero.core import Variable
        ```

        ```python
        assert isinstance(x, Variable) and Variable.__module__ == "dezero.core"
        ```
        """

    assert not wrong_with(chapter)


# --- what a session leaves behind -------------------------------------------------------------------

CHANGES = """
import decimal
import gc
import os
import random
import sys
import warnings

import numpy as np
import matplotlib.pyplot as plt

os.environ["LITERATE_LEAK"] = "1"
sys.path.insert(0, "leak")
sys.setrecursionlimit(5000)
sys.displayhook = print
decimal.getcontext().prec = 3
gc.disable()
random.seed(0)
warnings.simplefilter("ignore")
np.set_printoptions(precision=2)
plt.rcParams["lines.linewidth"] = 9
"""
UNCHANGED = """
import decimal
import gc
import os
import sys
import warnings

import numpy as np
import matplotlib.pyplot as plt

assert "LITERATE_LEAK" not in os.environ and "leak" not in sys.path
assert sys.getrecursionlimit() != 5000 and decimal.getcontext().prec != 3 and gc.isenabled()
assert sys.displayhook is sys.__displayhook__
assert str(np.array([0.123])) == "[0.123]" and plt.rcParams["lines.linewidth"] != 9
try:
    warnings.warn("heard")
    raise AssertionError("a warning was ignored")
except UserWarning:
    pass
"""


@pytest.mark.slow
def test_a_session_keeps_its_state_from_step_to_step_and_gives_it_to_no_other(book_of):
    check = (
        "assert os.environ['LITERATE_LEAK'] == '1' and str(np.array([0.123])) == '[0.12]'\nwarnings.warn('')"
    )
    book = book_of(experiment(CHANGES.strip()) + "\n\n" + experiment(check), experiment(UNCHANGED.strip()))
    before = dict(os.environ), list(sys.path), list(warnings.filters)

    assert [[r.findings for r in found] for found in results(book.sessions, book.project)] == [[(), ()], [()]]
    assert (dict(os.environ), list(sys.path), list(warnings.filters)) == before


def test_files_that_an_experiment_writes_lie_in_no_folder_of_ours(wrong_with, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert not wrong_with(experiment("open('written.txt', 'w').close()"))
    assert not list(tmp_path.rglob("written.txt"))


# --- update -----------------------------------------------------------------------------------------

UPDATES = {
    "a missing block": (
        "```python\n1\n```\n\nEnd.\n",
        '```python\n1\n```\n\n```text title="Output"\n1\n```\n\nEnd.\n',
    ),
    "a wrong block": (
        '```python\n1\n```\n\n```text title="Output"\n2\n3\n```\n\nEnd.\n',
        '```python\n1\n```\n\n```text title="Output"\n1\n```\n\nEnd.\n',
    ),
    "a block too many": (
        '```python\nx = 1\n```\n\n```text title="Output"\n2\n```\n\nEnd.\n',
        "```python\nx = 1\n```\n\nEnd.\n",
    ),
    "an indented one": (
        '!!! note "N"\n\n    ```python\n    print("a\\n\\nb")\n    ```\n\nEnd.\n',
        '!!! note "N"\n\n    ```python\n    print("a\\n\\nb")\n    ```\n\n'
        '    ```text title="Output"\n    a\n\n    b\n    ```\n\nEnd.\n',
    ),
    "another fence": (
        '~~~~python\n1\n~~~~\n\n~~~~text title="Output"\n2\n~~~~\n',
        '~~~~python\n1\n~~~~\n\n~~~~text title="Output"\n1\n~~~~\n',
    ),
    "a fence within the output": (
        '```python\nprint("```")\n```\n\n```text title="Output"\n2\n```\n',
        '```python\nprint("```")\n```\n\n````text title="Output"\n```\n````\n',
    ),
    "a right block stays as it is": (
        '```python\n1\n```\n\n```text title="Output"\n1\n\n```\n',
        '```python\n1\n```\n\n```text title="Output"\n1\n\n```\n',
    ),
    "what raises stays as it is": (
        '```python\nprint(1)\n1 / 0\n```\n\n```text title="Output"\n2\n```\n',
        '```python\nprint(1)\n1 / 0\n```\n\n```text title="Output"\n2\n```\n',
    ),
    "a figure stays as it is": (
        '```python\nprint(1)\n```\n\n```text title="Figure"\nC.\n\nAlt.\n```\n',
        '```python\nprint(1)\n```\n\n```text title="Figure"\nC.\n\nAlt.\n```\n',
    ),
}


def updated(path, root):
    """A page after ``run --update``."""
    book = load(root)
    found = [result for each in results(book.sessions, book.project) for result in each]
    text = path.read_bytes().decode()
    path.write_bytes(update(text, found).encode())
    return path.read_bytes().decode()


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(("before", "after"), UPDATES.values(), ids=UPDATES)
def test_update_writes_the_output_blocks_and_twice_is_the_same_as_once(book_of, before, after, newline):
    book = book_of("Nothing.")
    path = book.project.root / "docs" / "page.md"
    path.write_bytes(f"# Page\n\n{before}".replace("\n", newline).encode())

    once = updated(path, book.project.root)

    assert once == f"# Page\n\n{after}".replace("\n", newline)
    assert updated(path, book.project.root) == once


def test_update_treats_every_block_of_a_page(book_of):
    book = book_of(experiment("1") + "\n\n" + experiment("x = 1", "2") + "\n\n" + experiment("3", "4"))
    path = book.project.root / book.chapters[0].page.path

    assert updated(path, book.project.root).count("Output") == 2
    again = results(load(book.project.root).sessions, book.project)
    assert not [finding for each in again for result in each for finding in result.findings]


# --- the cache --------------------------------------------------------------------------------------


@pytest.fixture
def counted(tmp_path):
    """The code of an experiment that counts its runs, and a function that says how many there were."""
    file = tmp_path / "runs"
    code = f"with open({str(file)!r}, 'a') as runs:\n    runs.write('.')"
    return code, lambda: len(file.read_text())


def test_a_session_that_did_not_change_is_not_run_again(book_of, counted):
    code, runs = counted
    book = book_of(experiment(code))

    first = drawn(book.sessions, book.project)[0]
    book = book_of("Prose above moves every line.\n\n" + experiment(code))
    second = drawn(book.sessions, book.project)[0]

    assert runs() == 1
    assert (first[0].output, first[0].findings) == (second[0].output, second[0].findings)


TWO_LINES = '```python title="src/dezero.py"\nlimit = 2\n```\n\n'


@pytest.mark.parametrize(
    "changed",
    [
        lambda code: TWO_LINES.replace("2", "3") + experiment(code),
        lambda code: TWO_LINES + experiment(f"{code}\n2;"),
        lambda code: TWO_LINES + experiment(code, "1"),
    ],
    ids=["the package", "the experiment", "its Output block"],
)
def test_a_session_that_changed_is_run_again(book_of, counted, changed):
    code, runs = counted
    book = book_of(TWO_LINES + experiment(code))
    drawn(book.sessions, book.project)[0]

    book = book_of(changed(code))
    drawn(book.sessions, book.project)[0]

    assert runs() == 2


def test_findings_are_kept_until_their_lines_move(book_of, counted):
    code, runs = counted
    book = book_of(experiment(f"{code}\n1 / 0"))

    assert [drawn(book.sessions, book.project)[0][0].findings[0].line for _ in range(2)] == [6, 6]
    assert runs() == 1
    book = book_of("Prose above.\n\n" + experiment(f"{code}\n1 / 0"))
    assert drawn(book.sessions, book.project)[0][0].findings[0].line == 8
    assert runs() == 2


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"null",
        b'{"results": [[1]], "places": ""}',
        b'{"results": []}',
        b'{"results": [["", null, [], ""]], "places": ""}',
        b"\xff",
    ],
)
def test_a_broken_cache_file_is_written_anew(book_of, counted, broken):
    code, runs = counted
    book = book_of(experiment(code) + "\n\n" + experiment("x = 1"))
    drawn(book.sessions, book.project)[0]
    (file,) = (book.project.root / ".cache" / "literate").iterdir()
    whole = file.read_bytes()
    file.write_bytes(broken)

    assert drawn(book.sessions, book.project)[0][0].output == ""
    assert runs() == 2
    assert file.read_bytes() == whole


def test_a_cache_that_cannot_be_written_is_done_without(book_of):
    book = book_of(experiment("1", "1"))
    (book.project.root / ".cache").write_text("a file, where a folder should be")

    assert drawn(book.sessions, book.project)[0][0].output == "1\n"
