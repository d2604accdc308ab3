"""pytest runs the book."""

from __future__ import annotations

import numpy  # noqa: F401, since it cannot be loaded a second time, as pytester would
import pytest
from little import PROJECT

from literate.run.experiment import Result
from literate.run.sessions import keep, kept

pytest_plugins = ["pytester"]

CHAPTER = """
```python title="src/dezero.py"
def inverse(x):
    return 1 / x
```

```python
from dezero import inverse

value = 4
```

```python
assert inverse(value) == 0.25
```
"""


@pytest.fixture
def run_pytest(pytester, monkeypatch):
    """A function that runs pytest in the root of a book."""

    def run(root, *arguments, folder=".", **options):
        (root / "pyproject.toml").write_text(
            f'{PROJECT}[tool.pytest.ini_options]\ntestpaths = ["docs"]\n'
            'addopts = ["-p", "literate.pytest_plugin"]\nfilterwarnings = ["error"]\n'
        )
        monkeypatch.chdir(root / folder)
        return pytester.runpytest_inprocess(*arguments, **options)

    return run


@pytest.fixture
def chapters(run_pytest, book_of):
    """A function that writes these chapters and runs pytest on them."""
    return lambda *texts, arguments=(): run_pytest(book_of(*texts).project.root, *arguments)


def test_every_experiment_is_an_item_and_so_are_the_page_and_the_package(chapters):
    result = chapters(CHAPTER, arguments=("--collect-only", "-q"))

    result.stdout.fnmatch_lines(
        [
            "docs/step01-chapter.md::page",
            "docs/step01-chapter.md::8",
            "docs/step01-chapter.md::14",
            "docs/step01-chapter.md::package",
        ]
    )


@pytest.mark.parametrize("arguments", [(), ("docs/step01-chapter.md::titles",)], ids=["all", "alone"])
def test_an_experiment_that_a_change_below_ends_has_a_title(chapters, arguments):
    change = CHAPTER[: CHAPTER.index("```python\nfrom")].replace("1 / x", "2 / x")
    result = chapters(f"{CHAPTER}\n{change}", arguments=arguments)

    result.stdout.fnmatch_lines(
        ["E   docs/step01-chapter.md:14: does something else at the chapter's end; *"]
    )
    assert result.parseoutcomes()["failed"] == 1


def test_of_an_experiment_that_fails_its_title_is_not_asked(chapters):
    wrong = CHAPTER.replace("0.25", "1")

    assert chapters(f"{wrong}\n{CHAPTER.replace('1 / x', '2 / x')}").parseoutcomes()["failed"] == 1


def test_a_right_book_passes(chapters):
    chapters(CHAPTER).assert_outcomes(passed=4)


def test_an_experiment_runs_anew_and_what_comes_of_it_is_kept(book_of, run_pytest):
    book = book_of(CHAPTER)
    (session,) = book.sessions_of(book.pages[0])
    wrong = [Result(step, "", None, (step.block.finding("was wrong"),)) for step in session.steps]
    keep(book.project, session, tuple(wrong))

    run_pytest(book.project.root).assert_outcomes(passed=4)
    assert [result.findings for result in kept(book.project, session)] == [(), ()]


def test_a_wrong_formula_fails_its_page(chapters):
    result = chapters(f"{CHAPTER}\nTake $\\frw$ of it.")

    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["E   docs/step01-chapter.md:18: the formula $\\frw$ cannot be read: *"])


def test_a_link_that_leads_nowhere_fails_its_page(chapters):
    result = chapters(f"[a](nothing.md)\n{CHAPTER}")

    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["E   docs/step01-chapter.md:3: the link to nothing.md leads nowhere; *"])


def test_a_claim_shows_its_values_and_its_lines(chapters):
    result = chapters(CHAPTER.replace("0.25", "0.5"))

    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*_ docs/step01-chapter.md:14 _*",
            "docs/step01-chapter.md:15:",
            "    assert inverse(value) == 0.5",
            "E   docs/step01-chapter.md:15: AssertionError: assert inverse(value) == 0.5, where *",
            "FAILED docs/step01-chapter.md::14 - AssertionError: assert inverse(value) == *",
        ]
    )


def test_a_failure_in_the_package_shows_the_line_of_the_chapter_that_wrote_it(chapters):
    result = chapters(CHAPTER, "```python\nfrom dezero import inverse\n\ninverse(0)\n```")

    result.stdout.fnmatch_lines(
        [
            "docs/step02-chapter.md:6:",
            "    inverse(0)",
            "docs/step01-chapter.md:5: in inverse",
            "    return 1 / x",
            "E   docs/step02-chapter.md:6: ZeroDivisionError: division by zero (from docs/step01-*:5*",
        ]
    )


def test_what_follows_a_failure_is_reported_as_not_run(chapters):
    result = chapters(CHAPTER.replace("value = 4", "value = 1 / 0"), arguments=("-rs",))

    result.assert_outcomes(passed=2, failed=1, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*not run, because the experiment at line 8 failed"])


def test_what_follows_a_failure_fails_if_it_is_selected_alone(chapters):
    result = chapters(
        CHAPTER.replace("value = 4", "value = 1 / 0"), arguments=("docs/step01-chapter.md::14",)
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E   docs/step01-chapter.md:14: not run, because the experiment at line 8 failed",
            "E   docs/step01-chapter.md:11: ZeroDivisionError*",
        ]
    )


def test_a_later_experiment_can_be_selected_alone(chapters):
    chapters(CHAPTER, arguments=("docs/step01-chapter.md::14",)).assert_outcomes(passed=1)


def test_a_chapter_can_be_selected_by_the_name_of_its_file(chapters):
    result = chapters(CHAPTER, "```python\n1 / 0\n```", arguments=("-k", "step01"))

    result.assert_outcomes(passed=4, deselected=3)


def test_an_interlude_can_be_selected_and_has_a_package_of_its_own(chapters):
    result = chapters(
        CHAPTER, f"# A pause\n{CHAPTER.replace('1 / x', '1.0 / x')}", arguments=("-k", "interlude", "-v")
    )

    result.assert_outcomes(passed=4, deselected=4)
    result.stdout.fnmatch_lines(
        ["docs/interlude-a-pause.md::14 PASSED*", "docs/interlude-a-pause.md::package PASSED*"]
    )


def test_an_output_that_differs_shows_the_difference(chapters):
    result = chapters('```python\nprint(1)\n```\n\n```text title="Output"\n2\n```')

    result.stdout.fnmatch_lines(["E   docs/step01-chapter.md:7: the output differs;*", "E   -2", "E   +1"])


def test_the_package_of_a_chapter_must_pass_the_tests_so_far(chapters):
    test = (
        '```python title="tests/test_inverse.py"\nfrom dezero import inverse\n\n\n'
        "def test_two():\n    assert inverse(2) == 0.5\n```"
    )
    wrong = '```python title="src/dezero.py"\ndef inverse(x):\n    return -x\n```'

    result = chapters(CHAPTER + "\n" + test, wrong)

    result.assert_outcomes(passed=6, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*_ docs/step02-chapter.md: the package as of this chapter _*",
            "E   docs/step01-chapter.md:23: test_two fails: AssertionError at `assert inverse(2) == 0.5`*",
        ]
    )


def test_what_is_wrong_with_a_page_fails_at_that_page(chapters):
    result = chapters(
        '```python title="src/dezero.py"\ndef f(:\n```', "A name that is nowhere: `nowhere_at_all`."
    )

    result.stdout.fnmatch_lines(
        ["FAILED docs/step01-chapter.md::page*", "FAILED docs/step02-chapter.md::page*"]
    )


def test_what_is_wrong_beside_the_pages_fails_once(book_of, run_pytest):
    root = book_of(CHAPTER, "Prose.", "Prose.").project.root
    (root / "docs" / "step02-chapter.md").unlink()

    result = run_pytest(root)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert str(result.stdout).count("::mkdocs.yml - there is no docs/step02") == 1


def test_an_unreadable_page_fails(book_of, run_pytest):
    root = book_of(CHAPTER, "Prose.").project.root
    (root / "docs" / "step02-chapter.md").write_bytes(b"# Chapter\n\n\xff\n")

    result = run_pytest(root)

    result.stdout.fnmatch_lines(["FAILED docs/step02-chapter.md::page - this is not UTF-8*"])


def test_pytest_may_be_run_in_a_folder(book_of, run_pytest):
    result = run_pytest(book_of(CHAPTER).project.root, "step01-chapter.md", folder="docs")

    result.assert_outcomes(passed=4)


def test_a_page_beside_the_chapters_runs_against_the_finished_package(book_of, run_pytest):
    root = book_of(
        CHAPTER, page="# Page\n\n```python\nfrom dezero import inverse\n\nassert inverse(2) == 1\n```"
    ).project.root

    result = run_pytest(root)

    result.stdout.fnmatch_lines(["E   docs/page.md:6: AssertionError: assert inverse(2) == 1, *"])


def test_a_markdown_file_that_is_no_page_is_passed_over_unless_it_is_asked_for(book_of, run_pytest):
    root = book_of(CHAPTER).project.root
    (root / "notes.md").write_text("# Notes\n\n```python\n1 / 0\n```\n")

    run_pytest(root, ".").assert_outcomes(passed=4)
    result = run_pytest(root, "notes.md")

    result.stdout.fnmatch_lines(["E   notes.md:1: is no page of the book; move it to docs/*"])


def test_markdown_outside_a_book_is_no_concern_of_the_plugin(pytester):
    pytester.makefile(".md", notes="```python\n1 / 0\n```")
    pytester.makepyfile("def test_nothing():\n    pass")

    pytester.runpytest_inprocess("-p", "literate.pytest_plugin").assert_outcomes(passed=1)


def test_tests_beside_the_book_keep_their_own_dezero(book_of, run_pytest):
    root = book_of(CHAPTER).project.root
    (root / "docs" / "test_own.py").write_text(
        "import dezero\n\n\ndef test_own():\n    import dezero as again\n\n    assert again is dezero\n"
        "    assert not hasattr(dezero, 'inverse')\n"
    )

    run_pytest(root).assert_outcomes(passed=5)


@pytest.mark.parametrize("death", ["raise KeyboardInterrupt", "import os; os._exit(0)"])
def test_an_experiment_cannot_end_pytest(chapters, death):
    result = chapters(f"```python\n{death}\n```\n\n```python\nx = 1\n```", CHAPTER)

    result.assert_outcomes(failed=1, skipped=1, passed=6)


OTHER = CHAPTER.replace("inverse", "other")


@pytest.mark.parametrize(
    "wrong",
    [
        OTHER.replace("def other(x)", "def other(x, x)"),
        OTHER.replace("/ x\n```", "/ x\n````"),
        OTHER.replace("def other(x):", "class Varaible:\n    ...\n\n\ndef other(x):"),
    ],
    ids=["a parameter twice", "a wrong fence", "a misspelt class"],
)
def test_one_mistake_is_one_failure_and_what_builds_on_it_waits(chapters, wrong):
    result = chapters(CHAPTER, wrong, "```python\nassert False\n```")

    outcomes = result.parseoutcomes()
    assert outcomes["failed"] == 1
    assert outcomes["passed"] == 5  # the first chapter, and the page of the last
    assert outcomes["skipped"] in (2, 3)
