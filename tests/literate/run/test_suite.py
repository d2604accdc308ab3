"""The tests that the book has written so far."""

from __future__ import annotations

import os
import textwrap

import pytest

from literate.run import sessions
from literate.run.apart import Workers
from literate.run.suite import run_tests, verify

PACKAGE = '```python title="src/dezero.py"\ndef half(x):\n    return x / 2\n```\n\n'


@pytest.fixture
def verified(book_of):
    """A function that says what is wrong with a package that has this test file."""

    def verify_package(code, path="tests/test_half.py"):
        book = book_of(f'{PACKAGE}```python title="{path}"\n{textwrap.dedent(code).strip()}\n```')
        assert not book.findings
        return verify(book.package_after(book.chapters[0]), book.project)

    return verify_package


CASE = """
    import unittest

    from dezero import half


    class HalfTest(unittest.TestCase):
        def test_half(self):
            self.assertEqual(half(4), {value})
    """


def test_a_package_that_passes_its_tests_has_nothing_wrong_with_it(verified):
    assert verified(CASE.format(value=2)) == []
    assert verified("from dezero import half\n\n\ndef test_half():\n    assert half(4) == 2") == []


def test_a_test_may_print_and_be_skipped(verified, capsys):
    code = """
        import unittest


        class PrintTest(unittest.TestCase):
            def test_print(self):
                print("unseen")

            @unittest.skip("not here")
            def test_skipped(self):
                self.fail()

            @unittest.expectedFailure
            def test_known(self):
                self.fail()


        def test_skip():
            raise unittest.SkipTest("not here")
        """

    assert verified(code) == []
    assert capsys.readouterr().out == ""


def test_a_test_file_may_use_a_helper_beside_it(book_of):
    book = book_of(
        f'{PACKAGE}```python title="tests/helper.py"\ntwo = 2\n```\n\n'
        '```python title="tests/test_half.py"\nfrom helper import two\n\n\n'
        "def test_two():\n    assert two == 2\n```"
    )

    assert verify(book.package_after(book.chapters[0]), book.project) == []


WRONG = {
    "a failing method": (
        CASE.format(value=3),
        r":16: HalfTest\.test_half fails: AssertionError: 2\.0 != 3 at",
    ),
    "a failing function": (
        "from dezero import half\n\n\ndef test_half():\n    assert half(4) == 3",
        r":13: test_half fails: AssertionError at `assert half\(4\) == 3`; mend this line or its caller",
    ),
    "an exception in the package": (
        "from dezero import half\n\n\ndef test_half():\n    half('4')",
        r":5: test_half fails: TypeError: .* at `return x / 2`",
    ),
    "a failing subtest": (
        """
        import unittest


        class SubTest(unittest.TestCase):
            def test_each(self):
                for value in range(3):
                    with self.subTest(value=value):
                        self.assertLess(value, 2)
        """,
        r":16: SubTest\.test_each \(value=2\) fails",
    ),
    "a failing set-up": (
        """
        import unittest


        class SetUpTest(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.value = 1 / 0

            def test_nothing(self):
                pass
        """,
        r":15: setUpClass \(test_half\.SetUpTest\) fails: ZeroDivisionError",
    ),
    "a success that is a surprise": (
        """
        import unittest


        class SurpriseTest(unittest.TestCase):
            @unittest.expectedFailure
            def test_known(self):
                pass
        """,
        r":13: SurpriseTest\.test_known is expected to fail, and passes; take @unittest\.expectedFailure",
    ),
    "a warning": (
        "import warnings\n\n\ndef test_warning():\n    warnings.warn('old')",
        ":13: test_warning fails: UserWarning: old",
    ),
    "no test at all": ("limit = 1", r":9: tests/test_half\.py holds no test; write a unittest\.TestCase"),
    "a fixture of pytest": (
        "def test_half(tmp_path):\n    assert tmp_path",
        r":9: test_half is no test that can be called by itself: .*; write a function without parameters",
    ),
    "a coroutine": (
        "async def test_half():\n    assert False",
        ":9: test_half is no test that can be called",
    ),
    "a generator": ("def test_half():\n    yield 1", ":9: test_half is no test that can be called by itself"),
    "a class of pytest": (
        "class TestHalf:\n    def test_half(self):\n        assert False",
        r":9: class TestHalf is no unittest\.TestCase, so its tests would not run; derive it from one",
    ),
    "a file that cannot be imported": (
        "from dezero import third",
        r":9: tests/test_half\.py cannot be imported: ImportError: cannot import name 'third'",
    ),
}


@pytest.mark.parametrize(("code", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_test_is_told_at_its_markdown_line(verified, code, message):
    findings = "\n".join(map(str, verified(code)))

    with pytest.raises(AssertionError, match=r"docs/step01-chapter\.md" + message):
        raise AssertionError(findings)


def test_a_test_in_a_file_that_nobody_would_collect_is_told(verified):
    (finding,) = verified("def test_half():\n    pass", path="tests/half.py")

    assert finding.message == "tests/half.py holds tests that nobody finds; name the file test_….py"


def test_a_package_that_cannot_be_imported_is_told_once(book_of):
    book = book_of('```python title="src/dezero.py"\nx = 1 / 0\n```\n\n' + PACKAGE.replace("half", "third"))

    (finding,) = verify(book.package_after(book.chapters[0]), book.project)

    assert finding.message.startswith("dezero cannot be imported: ZeroDivisionError")


def test_tests_of_a_chapter_run_against_the_package_as_of_that_chapter(book_of):
    test = (
        '```python title="tests/test_half.py"\nfrom dezero import half\n\n\n'
        "def test_half():\n    assert half(4) == 2\n```"
    )
    book = book_of(PACKAGE + test, '```python title="src/dezero.py"\ndef half(x):\n    return x / 3\n```')

    assert [len(run_tests(book.package_after(chapter), book.project)) for chapter in book.chapters] == [0, 1]


@pytest.mark.parametrize(
    ("code", "findings"),
    [
        ("os.environ['LITERATE'] = '1'", []),
        ("os._exit(3)", ["src/dezero.py:1: its tests: ends the process with exit code 3; mend them"]),
    ],
)
def test_the_tests_of_a_package_have_a_process_of_their_own(book_of, code, findings):
    test = f"import os\n\n\ndef test_process():\n    {code}"
    book = book_of(f'{PACKAGE}```python title="tests/test_process.py"\n{test}\n```')

    with Workers(book.project) as workers:
        found = sessions.verified(workers, book.final, book.project).result()

    assert list(map(str, found)) == findings
    assert "LITERATE" not in os.environ
