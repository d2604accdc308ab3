"""Modules that are imported from texts in memory."""

from __future__ import annotations

import importlib
import sys
import traceback

import pytest

from literate.run.importer import Importer, module_paths

NAMES = {
    "a module": (["src/a.py"], {"a": "src/a.py"}),
    "a package": (
        ["src/a/__init__.py", "src/a/b.py"],
        {"a": "src/a/__init__.py", "a.b": "src/a/b.py"},
    ),
    "a folder": (["src/a/b.py"], {"a.b": "src/a/b.py", "a": "src/a"}),
    "a module before a folder": (["src/a/b.py", "src/a.py"], {"a": "src/a.py", "a.b": "src/a/b.py"}),
    "a package before a module": (["src/a.py", "src/a/__init__.py"], {"a": "src/a/__init__.py"}),
    "folders in folders": (["src/a/b/c.py"], {"a.b.c": "src/a/b/c.py", "a.b": "src/a/b", "a": "src/a"}),
    "a test": (["tests/test_a.py"], {"test_a": "tests/test_a.py"}),
}


@pytest.mark.parametrize(("files", "names"), NAMES.values(), ids=NAMES)
def test_a_file_has_the_name_under_which_it_is_imported(files, names):
    assert module_paths(tuple(files)) == names


@pytest.fixture
def importer(monkeypatch):
    """An importer that is asked first, of a package with a function that fails."""
    importer = Importer("tiny", {"src/tiny/__init__.py": "def f():\n    return 1 / 0  # no\n"})
    monkeypatch.setattr(sys, "meta_path", [importer, *sys.meta_path])
    yield importer
    importer.take()


def test_a_text_can_be_changed_and_a_traceback_shows_it_as_it_is_now(importer):
    with pytest.raises(ZeroDivisionError) as raised:
        importlib.import_module("tiny").f()
    assert traceback.extract_tb(raised.tb)[-1].line == "return 1 / 0  # no"

    importer.files = {"src/tiny/__init__.py": "def f():\n    return 2 / 0  # yes\n"}
    assert set(importer.take()) == {"tiny"}
    with pytest.raises(ZeroDivisionError) as raised:
        importlib.import_module("tiny").f()
    assert traceback.extract_tb(raised.tb)[-1].line == "return 2 / 0  # yes"


def test_a_traceback_shows_the_text_that_ran_even_if_it_has_been_taken_back(importer):
    right, importer.files = importer.files, {"src/tiny/__init__.py": "3 / 0  # oh\n"}
    with pytest.raises(ZeroDivisionError) as raised:
        importlib.import_module("tiny")
    importer.files = right

    assert traceback.extract_tb(raised.tb)[-1].line == "3 / 0  # oh"


def test_a_module_that_the_package_lacks_is_sought_nowhere_else(importer):
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'tiny\.more'"):
        importlib.import_module("tiny.more")
    importer.files = {}
    importer.take()
    with pytest.raises(ModuleNotFoundError, match="No module named 'tiny'"):
        importlib.import_module("tiny")
