"""The package as of a chapter, imported from memory."""

from __future__ import annotations

import importlib
import inspect
import sys
import traceback
import warnings

import pytest
from little import project

from literate.run.snapshot import Snapshot, faults, location, trace

TWO_VERSIONS = (
    """
    ```python title="src/dezero.py"
    def answer():
        return 1
    ```
    """,
    """
    ```python title="src/dezero.py"
    def answer():
        return 2
    ```
    """,
)

PACKAGE = """
    ```python title="src/dezero/__init__.py"
    def late():
        import dezero.functions

        return dezero.functions.double(3)
    ```

    ```python title="src/dezero/functions.py"
    def double(x):
        return 2 * x
    ```
    """


@pytest.fixture
def snapshot_of(book_of):
    """A function that makes the snapshots as of the ends of these chapters."""

    def make(*chapters):
        book = book_of(*chapters)
        assert not book.findings
        return [Snapshot(book.package_after(chapter), book.project) for chapter in book.chapters]

    return make


def test_a_snapshot_answers_as_its_chapter_does(snapshot_of):
    first, second = snapshot_of(*TWO_VERSIONS)

    assert [first.load("dezero").answer(), second.load("dezero").answer()] == [1, 2]


def test_the_process_keeps_its_own_dezero(snapshot_of):
    own = importlib.import_module("dezero")
    finders = list(sys.meta_path)
    (snapshot,) = snapshot_of(TWO_VERSIONS[0])

    with snapshot.active():
        assert importlib.import_module("dezero") is not own
    assert sys.modules["dezero"] is own
    assert sys.meta_path == finders


def test_the_process_keeps_its_own_dezero_after_an_exception(snapshot_of):
    own = importlib.import_module("dezero")
    (snapshot,) = snapshot_of(TWO_VERSIONS[0])

    with pytest.raises(ZeroDivisionError), snapshot.active():
        importlib.import_module("dezero").answer() / 0
    assert sys.modules["dezero"] is own


def test_a_name_that_was_not_imported_before_is_not_imported_after(snapshot_of, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "dezero"]:
        monkeypatch.delitem(sys.modules, name)
    (snapshot,) = snapshot_of(PACKAGE)

    assert snapshot.load("dezero").late
    assert not [name for name in sys.modules if name.partition(".")[0] == "dezero"]


def test_a_snapshot_that_is_active_again_has_the_same_modules(snapshot_of):
    first, second = snapshot_of(*TWO_VERSIONS)

    with first.active():
        before = importlib.import_module("dezero")
    with second.active():
        between = importlib.import_module("dezero")
    with first.active():
        assert importlib.import_module("dezero") is before
    assert (before.answer(), between.answer()) == (1, 2)


def test_a_test_of_another_snapshot_is_not_seen(snapshot_of):
    without, with_test = snapshot_of(
        TWO_VERSIONS[0], '```python title="tests/test_first.py"\ndef test_nothing():\n    pass\n```'
    )

    with with_test.active():
        importlib.import_module("test_first")
    with without.active(), pytest.raises(ModuleNotFoundError):
        importlib.import_module("test_first")


def test_a_function_may_import_late(snapshot_of):
    (snapshot,) = snapshot_of(PACKAGE)

    with snapshot.active():
        assert importlib.import_module("dezero").late() == 6


def test_a_module_that_the_package_lacks_is_sought_nowhere_else(snapshot_of):
    (snapshot,) = snapshot_of(PACKAGE)

    with pytest.raises(
        ModuleNotFoundError, match=r"as of this point of the book; did you mean dezero\.functions"
    ):
        snapshot.load("dezero.function")


def test_before_the_first_fragment_there_is_no_dezero(tmp_path):
    with pytest.raises(ModuleNotFoundError, match="as of this point of the book"):
        Snapshot({}, project(tmp_path)).load("dezero")


def test_a_missing_name_is_an_import_error(snapshot_of):
    (snapshot,) = snapshot_of(PACKAGE)

    with snapshot.active(), pytest.raises(ImportError, match="cannot import name 'triple'"):
        exec("from dezero import triple")


def test_a_folder_without_init_is_a_package_and_a_module_goes_before_it(snapshot_of):
    (folder,) = snapshot_of('```python title="src/dezero/core.py"\nx = 1\n```')
    (module,) = snapshot_of('```python title="src/dezero.py"\ny = 2\n```')
    both = Snapshot({**folder.package, **module.package}, folder.project)

    assert folder.load("dezero.core").x == 1
    assert both.load("dezero").y == 2


BROKEN = """
    !!! note "Indented"

        ```python title="src/dezero.py"
        def outer(numbers, wrap=lambda f: f):
            @wrap
            def inner(number):
                return 1 / number
            return [inner(number) for number in numbers]


        class Late:
            limit = None

            def use(self):
                return self.limit + 1


        divide = lambda number: 1 / number
        ```
    """


@pytest.mark.parametrize(
    ("call", "line", "text", "name"),
    [
        ("outer([0])", 9, "return 1 / number", "outer.<locals>.inner"),
        ("Late().use()", 17, "return self.limit + 1", "Late.use"),
        ("divide(0)", 20, "divide = lambda number: 1 / number", "<lambda>"),
    ],
    ids=["a function in a function", "a method", "a lambda"],
)
def test_a_traceback_points_into_the_markdown(snapshot_of, call, line, text, name):
    (snapshot,) = snapshot_of(BROKEN)
    module = snapshot.load("dezero")

    with pytest.raises((ZeroDivisionError, TypeError)) as raised:
        eval(call, vars(module))

    assert location(raised.value, snapshot) == ("docs/step01-chapter.md", line, name, text)
    plain = traceback.extract_tb(raised.value.__traceback__)[-1]
    assert plain.filename == str(snapshot.project.root / "docs" / "step01-chapter.md")
    assert (plain.lineno, plain.line) == (line, text)


def test_methods_of_one_class_point_into_their_own_chapters(snapshot_of):
    _, snapshot = snapshot_of(
        """
        ```python title="src/dezero.py"
        class Variable:
            def old(self):
                raise ValueError
        ```
        """,
        """
        Prose.

        ```python title="src/dezero.py"
        class Variable:
            ...

            def new(self):
                self.old()
        ```
        """,
    )

    with pytest.raises(ValueError) as raised:  # noqa: PT011
        snapshot.load("dezero").Variable().new()

    frames = [place for place in trace(raised.value, snapshot) if place]
    assert [(place.path, place.line) for place in frames] == [
        ("docs/step02-chapter.md", 10),
        ("docs/step01-chapter.md", 6),
    ]


def test_an_exception_in_a_class_body_is_found_in_the_markdown(snapshot_of):
    (snapshot,) = snapshot_of('```python title="src/dezero.py"\nclass A:\n    x = 1\n    y = x / 0\n```')

    with pytest.raises(ZeroDivisionError) as raised:
        snapshot.load("dezero")

    assert location(raised.value, snapshot) == ("docs/step01-chapter.md", 6, "A", "y = x / 0")
    assert traceback.extract_tb(raised.value.__traceback__)[-1].line == "y = x / 0"


def test_a_warning_in_the_package_reports_its_markdown_line(snapshot_of):
    (snapshot,) = snapshot_of(
        '```python title="src/dezero.py"\nimport warnings\n\n\ndef warn():\n    warnings.warn("old")\n```'
    )
    module = snapshot.load("dezero")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        module.warn()

    assert (caught[0].filename, caught[0].lineno) == (
        str(snapshot.project.root / "docs" / "step01-chapter.md"),
        8,
    )


def test_the_source_of_functions_and_classes_can_be_asked_for(snapshot_of):
    (snapshot,) = snapshot_of(BROKEN)

    with snapshot.active():
        module = importlib.import_module("dezero")
        assert (
            inspect.getsource(module.Late.use).strip() == "def use(self):\n            return self.limit + 1"
        )
        assert inspect.getsource(module.Late).startswith("class Late:\n    limit = None\n")


def test_two_versions_of_a_module_do_not_share_their_sources(snapshot_of):
    for number, snapshot in enumerate(snapshot_of(*TWO_VERSIONS), 1):
        with snapshot.active():
            module = importlib.import_module("dezero")
            assert f"return {number}" in inspect.getsource(module)


def test_every_module_is_checked_not_only_the_first(book_of):
    book = book_of(
        '```python title="src/dezero/__init__.py"\nx = 1\n```\n\n'
        '```python title="src/dezero/core.py"\ny = 1 / 0\n```'
    )

    (finding,) = faults(book.package_after(book.chapters[0]), book.project)

    assert str(finding).startswith(
        "docs/step01-chapter.md:8: dezero.core cannot be imported: ZeroDivisionError: division by zero at"
    )
