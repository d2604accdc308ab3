"""The Run buttons: what a browser gets for them, and what its Python makes of that, without a browser."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from literate.fold.book import load
from literate.show import gathering
from literate.show.folder import weave_out
from literate.show.live import SCRIPT, content, live_files, marks
from literate.show.weave import weave

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]

CHAPTER = """
    ```python title="src/dezero.py"
    def double(x):
        return x + 1
    ```

    ```python
    from dezero import double

    double(21)
    ```

    ```text title="Output"
    22
    ```

    ```python title="src/dezero.py"
    def double(x):
        return 2 * x
    ```

    ```python
    y = double(21)
    print("now", y)
    ```

    ```text title="Output"
    now 42
    ```

    1.  Write `triple`.

        ```python title="A test for your answer"
        assert triple(2) == 6
        ```

        ```python title="How it might begin"
        def triple(x):
            return x
        ```
    """
ANSWERS = """
    # Answers

    ## [One](step01-chapter.md)

    ```python
    def triple(x):
        return 3 * x


    assert triple(2) == 6
    ```
    """

# What stands in for the worker: it has the standard library and what is sent, nothing else.
WORKER = """
import json, sys
sys.path[:0] = [sys.argv[1]]
from literate.show.live_session import LiveSession
data, calls = json.load(sys.stdin)
out = []
live = LiveSession(data, out.append, sys.argv[2])
results = []
for name, edits, *arguments in calls:
    out.clear()
    result = getattr(live, name)({int(number): text for number, text in edits.items()}, *arguments)
    results.append(["".join(out), result])
live.close()
print(json.dumps(results))
"""


@pytest.fixture
def gathered(tmp_path):
    """A folder with files that are called like Pyodide's."""
    folder = tmp_path / gathering.FOLDER
    folder.mkdir(parents=True)
    for name in gathering.WANTED:
        (folder / name).write_bytes(name.encode())


@pytest.fixture
def run(tmp_path, gathered):
    """A function that runs experiments of a book's first page with experiments as the worker does.

    Each call is a method of ``LiveSession`` with its arguments; its result is what was put out, and the rest.
    """

    def run(book, *calls, chapter=0):
        tool = tmp_path / "tool.zip"
        tool.write_bytes(live_files(book)["assets/live/tool.zip"])
        (session,) = book.sessions_of(book.chapters[chapter].page)
        command = [sys.executable, "-I", "-S", "-c", WORKER, str(tool), str(tmp_path)]
        given = json.dumps([content(book, session), calls])
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
        assert not done.stderr
        return json.loads(done.stdout)

    return run


# --- what a browser gets ------------------------------------------------------------------------------------


def test_without_pyodide_pages_are_as_they_were_and_nothing_lies_beside_them(book_of):
    book = book_of(CHAPTER, answers=ANSWERS)

    assert live_files(book) == {}
    assert "data-" not in "\n".join(weave(book, book.chapters[0].page, {}, ())).replace("data-search", "")


def test_each_experiment_says_which_it_is(book_of, gathered):
    book = book_of(CHAPTER, answers=ANSWERS)
    page = "\n".join(weave(book, book.chapters[0].page, {}, ()))

    assert '``` { .python .experiment data-live="step01-chapter 0 ' in page
    assert '``` { .python .experiment data-live="step01-chapter 1 ' in page


def test_the_mark_of_an_experiment_changes_with_its_text_alone(book_of, gathered):
    before = [*marks(book := book_of(CHAPTER), book.chapters[0].page).values()]
    after = [*marks(book := book_of(CHAPTER.replace('"now"', '"then"')), book.chapters[0].page).values()]

    assert before[0] == after[0]
    assert before[1] != after[1]


def test_what_the_answers_run_is_the_test_of_an_exercise(book_of, gathered):
    book = book_of(CHAPTER, answers=ANSWERS)
    page = "\n".join(weave(book, book.chapters[0].page, {}, ()))

    assert '``` { .python title="A test for your answer" data-check="step01-chapter 0 ' in page
    assert 'title="How it might begin"\n' in page


def test_an_exercise_whose_test_no_answer_runs_has_none(book_of, gathered):
    book = book_of(CHAPTER, answers=ANSWERS.replace("== 6", "< 7"))

    assert "data-check" not in "\n".join(weave(book, book.chapters[0].page, {}, ()))


def test_a_test_that_asks_for_a_name_of_what_no_browser_runs_has_no_button(book_of, gathered):
    drawn = "```python\nimport graphviz\n\ndraw = graphviz.Source\n```\n\n"
    asked = '```python title="A test"\nassert {}\n```'
    answers = "# Answers\n\n## [1](step01-chapter.md)\n\n```python\nassert draw\nassert 1\n```"
    with_it = book_of(drawn + asked.format("draw"), answers=answers)
    without = book_of(drawn + asked.format("1"), answers=answers)

    assert [*marks(with_it, with_it.chapters[0].page).values()] == []
    assert [mark.partition("=")[0] for mark in marks(without, without.chapters[0].page).values()] == [
        "data-check"
    ]


def test_an_experiment_that_needs_what_no_browser_has_gets_no_button_nor_do_those_that_use_its_names(
    book_of, gathered
):
    book = book_of(
        """
        ```python
        import matplotlib.pyplot as plt

        figure = plt.figure()
        ```

        ```python
        size = figure.get_size_inches()
        ```

        ```python
        figure = 1
        ```

        ```python
        size, figure = 2, plt.figure()
        ```

        ```python
        figure
        ```

        ```python
        print(1)
        ```
        """
    )

    assert [mark.split()[1] for mark in marks(book, book.chapters[0].page).values()] == ["2", "5"]


def test_a_text_of_a_module_is_sent_once(book_of):
    book = book_of(CHAPTER)
    sent = content(book, next(book.sessions_of(book.chapters[0].page)))

    assert [step["package"] for step in sent["steps"]] == [0, 1]
    assert sent["packages"] == [{"src/dezero.py": 0}, {"src/dezero.py": 1}]
    assert len(sent["texts"]) == 2


def test_of_the_tests_those_are_sent_that_an_experiment_names(book_of):
    test = '```python title="tests/test_{0}.py"\ndef test_{0}():\n    assert 1\n```\n\n'
    chapter = f"{test.format('one')}{test.format('two')}```python\nimport test_two\n```"
    book = book_of(chapter)
    sent = content(book, next(book.sessions_of(book.chapters[0].page)))

    assert sent["packages"][0] == {"tests/test_two.py": 0}
    assert sent["steps"][0]["needs"] == []


def test_data_that_a_module_reads_is_sent_along(book_of, gathered, tmp_path):
    book = book_of('```python title="src/dezero.py"\nFOLDER = "digits"\n```\n\n```python\nimport dezero\n```')
    data = tmp_path / "src" / "dezero" / "digits" / "ones.gz"
    data.parent.mkdir(parents=True)
    data.write_bytes(b"1")

    assert content(book, next(book.sessions_of(book.chapters[0].page)))["data"] == [
        "src/dezero/digits/ones.gz"
    ]
    assert live_files(book)["assets/live/src/dezero/digits/ones.gz.bin"] == b"1"


def test_a_woven_folder_names_the_script_only_with_pyodide(book_of, tmp_path, request):
    (tmp_path / "mkdocs.yml").write_text("nav:\n  - 1 · Chapter: step01-chapter.md\n", encoding="utf-8")
    book_of('```python\nprint(1)\n```\n\n```text title="Output"\n1\n```')
    before = weave_out(load(tmp_path))
    request.getfixturevalue("gathered")
    after = weave_out(load(tmp_path))

    assert "extra_javascript" not in yaml.safe_load(before["mkdocs.yml"])
    assert yaml.safe_load(after["mkdocs.yml"])["extra_javascript"] == [SCRIPT]
    assert f"docs/{SCRIPT}" in after
    assert f"docs/{SCRIPT}" not in before


# --- what its Python makes of it ----------------------------------------------------------------------------


def test_the_experiments_above_run_first_and_each_sees_the_package_as_of_its_place(book_of, run):
    (now, then) = run(book_of(CHAPTER), ("run", {}, 1), ("run", {}, 0))

    assert now == ["now 42\n", {}]
    assert then == ["22\n", {}]


def test_what_ran_last_does_not_run_again_before_what_follows(book_of, run):
    chapter = "```python\nimport time\n\nt = time.time_ns()\nt\n```\n\n```python\nprint(t)\n```"
    first, second, third = run(book_of(chapter), ("run", {}, 0), ("run", {}, 1), ("run", {}, 1))

    assert first == second
    assert second != third


def test_a_final_value_begins_a_line_of_its_own(book_of, run):
    begun, ended = "print('a', end='')\n3", "print('a')\n3"
    results = run(book_of(CHAPTER), ("run", {0: begun}, 0), ("run", {0: ended}, 0))

    assert results == [["a\n3\n", {}]] * 2


def test_an_edit_above_counts(book_of, run):
    (result,) = run(book_of(CHAPTER), ("run", {0: "from dezero import double as twice", 1: "twice(4)"}, 1))

    assert result == ["8\n", {}]


def test_a_traceback_begins_in_the_reader_s_text(book_of, run):
    ((_, failed),) = run(book_of(CHAPTER), ("run", {1: "y = 0\ny = double(1) / y"}, 1))

    place = 'File "experiment 2", line 2, in <module>\n    y = double(1) / y\n        ~~~~~~~~~~^~~\n'
    start, end = "Traceback (most recent call last):\n", "ZeroDivisionError: division by zero\n"
    assert failed["error"] == f"{start}  {place}{end}"


def test_a_failed_assert_tells_the_values(book_of, run):
    ((_, failed),) = run(book_of(CHAPTER), ("run", {1: "assert double(3) == 7"}, 1))

    assert failed["error"].endswith("AssertionError: assert double(3) == 7, where double(3) is 6\n")


def test_an_error_above_is_said_to_be_there_and_once_mended_all_is_well(book_of, run):
    wrong, right = run(book_of(CHAPTER), ("run", {0: "oops"}, 1), ("run", {}, 1))

    assert wrong[1]["at"] == 0
    assert "NameError" in wrong[1]["error"]
    assert right == ["now 42\n", {}]


def test_what_fails_above_as_it_is_written_lacks_what_browsers_lack_and_the_rest_goes_on(book_of, run):
    chapter = "```python\nx = 1\nraise OSError\n```\n\n```python\nprint(x)\n```"
    (result,) = run(book_of(chapter), ("run", {}, 1))

    assert result == ["1\n", {}]


def test_what_is_interrupted_above_ends_there(book_of, run):
    chapter = "```python\nraise KeyboardInterrupt\n```\n\n```python\nprint(1)\n```"
    ((out, result),) = run(book_of(chapter), ("run", {}, 1))

    assert (out, result["stopped"], result["at"]) == ("", True, 0)


def test_what_lacks_a_library_is_left_out_above_but_for_its_other_imports(book_of, run):
    chapter = "```python\nimport math\nimport cupy\n\ncupy.zeros(3)\n```\n\n```python\nmath.floor(2.5)\n```"
    (result,) = run(book_of(chapter), ("run", {}, 1))

    assert result == ["2\n", {}]


def test_a_picture_in_the_book_s_hand_is_drawn(book_of, run):
    chapter = """
        ```python
        from literate.show.ink import Picture

        p = Picture()
        p.write((0, 0), "x")
        p
        ```

        ```text title="Figure"
        A letter.

        The letter x.
        ```
        """
    ((_, drawn),) = run(book_of(chapter), ("run", {}, 0))

    assert drawn["picture"].startswith("<svg ")
    assert "note" not in drawn


def test_a_picture_that_cannot_be_drawn_is_owned_up_to(book_of, run):
    chapter = '```python\n3\n```\n\n```text title="Figure"\nThree.\n\nA three.\n```'
    ((_, drawn),) = run(book_of(chapter), ("run", {}, 0))

    assert "not in the browser" in drawn["note"]


def test_who_prints_without_end_is_stopped(book_of, run):
    ((out, failed),) = run(book_of(CHAPTER), ("run", {1: "while True:\n    print('x' * 1000)"}, 1))

    assert len(out) < 1_100_000
    assert "puts out more than" in failed["error"]


ASKED = "def triple(x):\n    return {} * x"


def test_an_answer_is_held_against_the_test_of_its_exercise(book_of, run):
    book = book_of(CHAPTER, answers=ANSWERS)
    wrong, right = run(book, ("check", {}, 0, ASKED.format(2)), ("check", {}, 0, ASKED.format(3)))

    assert wrong[1]["error"].endswith("AssertionError: assert triple(2) == 6, where triple(2) is 4\n")
    assert right == ["", {}]


def test_an_answer_sees_what_the_experiments_made_and_leaves_nothing_behind(book_of, run):
    book = book_of(CHAPTER, answers=ANSWERS)
    code = ASKED.format(3) + "\nprint(y)\ny = 0"
    first, second = run(book, ("check", {}, 0, code), ("check", {}, 0, code))

    assert first == second == ["42\n", {}]


def shown_and_put(book, key, folder):
    """What a chapter shows for its experiments, and what they put out or end with as a browser runs them."""
    (session,) = book.sessions_of(book.chapter(key).page)
    sent = content(book, session)
    numbers = [n for n, step in enumerate(sent["steps"]) if not step["needs"]]
    command = [sys.executable, "-c", WORKER, str(ROOT / "src"), str(folder)]
    given = json.dumps([sent, [("run", {}, number) for number in numbers]])
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert not done.stderr
    answers = [session.steps[number].answer for number in numbers]
    shown = [answer.code.strip() if answer and answer.kind == "output" else "" for answer in answers]
    return shown, [result.get("error", out.strip()) for out, result in json.loads(done.stdout)]


@pytest.mark.parametrize("key", ["1", "9", "14", "18", "32"])
def test_the_experiments_of_a_chapter_give_the_page_s_outputs(key, tmp_path):
    shown, put = shown_and_put(load(ROOT), key, tmp_path)

    assert put == shown


@pytest.mark.parametrize("key", ["2", "3", "4", "5"])
def test_those_of_another_book_do_too(key, tmp_path):
    shown, put = shown_and_put(load(ROOT / "tests" / "literate" / "stack"), key, tmp_path)

    assert shown
    assert put == shown
