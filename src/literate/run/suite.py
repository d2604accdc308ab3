"""The tests that the book has written so far, run against the package as of a chapter, from memory."""

from __future__ import annotations

import inspect
import io
import unittest
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any

from literate.fold.module import Line, Package
from literate.read.finding import Finding
from literate.read.project import Project
from literate.run.snapshot import Snapshot, failure, faults


def verify(package: Package, project: Project) -> list[Finding]:
    """What is wrong with a package: what cannot be imported, what fails, and tests that nobody would run."""
    return faults(package, project) or run_tests(package, project)


def run_tests(package: Package, project: Project) -> list[Finding]:
    """Run every test of the package: unittest's classes, and functions ``test_…`` without parameters."""
    snapshot = Snapshot(package, project)
    findings: list[Finding] = []
    printed = io.StringIO()
    with snapshot.active(), redirect_stdout(printed), redirect_stderr(printed):
        for name, path in snapshot.paths.items():
            if project.is_test(path) and snapshot.lines(path):
                findings += _run_module(name, path, snapshot)
    return list(dict.fromkeys(findings))  # each test of a class fails for a class that cannot be set up


def _run_module(name: str, path: str, snapshot: Snapshot) -> Iterator[Finding]:
    try:
        module = import_module(name)
    except Exception as error:
        yield failure(error, snapshot, f"{path} cannot be imported")
        return
    tests = list(cases(module))
    yield from _never_run(module, path, snapshot.lines(path), bool(tests))
    for test in tests:
        for part, problem in failures(test):
            part = part.removeprefix(f"{name}.")
            if problem is SURPRISE:
                yield _surprise(test, part, snapshot)
            else:
                yield failure(problem, snapshot, f"{part} fails")


def _surprise(test: unittest.TestCase, name: str, snapshot: Snapshot) -> Finding:
    """A finding at the first line of a test that should fail, and passes."""
    code = inspect.unwrap(getattr(test, test._testMethodName)).__code__
    place = snapshot.place(code.co_filename, code.co_firstlineno)
    path, line = (place.path, place.line) if place else (snapshot.project.tests, 1)
    return Finding(path, line, f"{name} is expected to fail, and passes; take @unittest.expectedFailure away")


# --- one test -----------------------------------------------------------------------------------------------

SURPRISE = AssertionError("it is expected to fail, and passes")


def cases(module: ModuleType) -> Iterator[unittest.TestCase]:
    """The tests of a module: unittest's, and its functions ``test_…`` that can be called by themselves."""
    yield from _flat(unittest.defaultTestLoader.loadTestsFromModule(module))
    for _, function in _own(module, inspect.isfunction, "test_"):
        if _is_callable_alone(function):
            yield unittest.FunctionTestCase(function)


def _flat(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from _flat(test)
        else:
            yield test


def failures(test: unittest.TestCase) -> list[tuple[str, BaseException]]:
    """Run a test: what it, or each of its parts, fails with, by name."""
    result = _Result()
    unittest.TestSuite([test]).run(result)
    return result.found


class _Result(unittest.TestResult):
    """Keeps exceptions, instead of their texts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, BaseException]] = []

    def addError(self, test: unittest.TestCase, err: Any) -> None:  # noqa: N802
        self.found.append((test.id(), err[1]))

    addFailure = addError  # noqa: N815

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:  # noqa: N802
        if err:
            self.found.append((subtest.id(), err[1]))

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802
        self.found.append((test.id(), SURPRISE))


# --- what nobody would run ----------------------------------------------------------------------------------


def _never_run(module: ModuleType, path: str, lines: Sequence[Line], holds_tests: bool) -> Iterator[Finding]:
    """Tests in forms that would be passed over in silence."""
    functions = list(_own(module, inspect.isfunction, "test_"))
    is_test_file = PurePosixPath(path).name.startswith("test")
    if is_test_file and not holds_tests and not functions:
        message = "holds no test; write a unittest.TestCase with methods test_…, or functions test_…"
        yield _at(path, lines, "", f"{path} {message}")
    if holds_tests and not is_test_file:
        yield _at(path, lines, "", f"{path} holds tests that nobody finds; name the file test_….py")
    for name, function in functions:
        if not _is_callable_alone(function):
            message = (
                f"{name} is no test that can be called by itself: it has parameters, is async or yields; "
                "write a function without parameters, or a method of a unittest.TestCase"
            )
            yield _at(path, lines, f"def {name}(", message)
    for name, found in _own(module, inspect.isclass, "Test"):
        tests = [member for member in vars(found) if member.startswith("test")]
        if tests and not issubclass(found, unittest.TestCase):
            message = f"class {name} is no unittest.TestCase, so its tests would not run; derive it from one"
            yield _at(path, lines, f"class {name}", message)


def _own(module: ModuleType, is_kind: Callable[[object], bool], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in vars(module).items():
        if is_kind(value) and name.startswith(prefix) and value.__module__ == module.__name__:
            yield name, value


def _is_callable_alone(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind()
    except TypeError:
        return False
    return not (inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function))


def _at(path: str, lines: Sequence[Line], start: str, message: str) -> Finding:
    """A finding at the first line of a module that starts so."""
    for line in lines:
        if line.line and line.text.strip() and line.text.lstrip().removeprefix("async ").startswith(start):
            return Finding(line.path, line.line, message)
    return Finding(path, 1, message)
