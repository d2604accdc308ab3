"""The tests that the book has written so far, run against the package as of a chapter, from memory."""

from __future__ import annotations

import inspect
import io
import unittest
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any

from literate.fold.folding import Package
from literate.read.finding import Finding
from literate.read.project import Project
from literate.run.snapshot import Snapshot, Source, check, failure


def verify(package: Package, project: Project) -> list[Finding]:
    """What is wrong with a package: what cannot be imported, what fails, and tests that nobody would run."""
    return check(package, project) or run_tests(package, project)


def run_tests(package: Package, project: Project) -> list[Finding]:
    """Run every test of the package: unittest's classes, and functions ``test_…`` without parameters."""
    snapshot = Snapshot(package, project)
    sources = {name: source for name, source in snapshot.sources.items() if project.is_test(source.path)}
    findings: list[Finding] = []
    printed = io.StringIO()
    with snapshot.active(), redirect_stdout(printed), redirect_stderr(printed):
        for name, source in sources.items():
            if source.lines:
                findings += _run_module(name, source, snapshot)
    return findings


def _run_module(name: str, source: Source, snapshot: Snapshot) -> Iterator[Finding]:
    try:
        module = snapshot.load(name)
    except Exception as error:
        yield failure(error, snapshot, f"{source.path} cannot be imported")
        return
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    functions = dict(_own(module, inspect.isfunction, "test_"))
    is_test_file = PurePosixPath(source.path).name.startswith("test")
    holds_tests = suite.countTestCases() or functions
    if is_test_file and not holds_tests:
        message = "holds no test; write a unittest.TestCase with methods test_…, or functions test_…"
        yield _at_top(source, f"{source.path} {message}")
    if holds_tests and not is_test_file:
        yield _at_top(source, f"{source.path} holds tests that nobody finds; name the file test_….py")
    yield from _never_run(module, source, functions)
    result = _Result(name, snapshot)
    suite.run(result)
    yield from result.findings
    for function_name, function in functions.items():
        if _is_callable_alone(function):
            yield from _run_function(function_name, function, snapshot)


def _never_run(
    module: ModuleType, source: Source, functions: dict[str, Callable[..., Any]]
) -> Iterator[Finding]:
    """Tests in forms that would be passed over in silence."""
    for name, function in functions.items():
        if not _is_callable_alone(function):
            message = (
                f"{name} is no test that can be called by itself: it has parameters, is async or yields; "
                "write a function without parameters, or a method of a unittest.TestCase"
            )
            yield _at(source, f"def {name}(", message)
    for name, found in _own(module, inspect.isclass, "Test"):
        tests = [member for member in vars(found) if member.startswith("test")]
        if tests and not issubclass(found, unittest.TestCase):
            message = f"class {name} is no unittest.TestCase, so its tests would not run; derive it from one"
            yield _at(source, f"class {name}", message)


def _run_function(name: str, function: Callable[[], object], snapshot: Snapshot) -> Iterator[Finding]:
    try:
        function()
    except unittest.SkipTest:
        pass
    except Exception as error:
        yield failure(error, snapshot, f"{name} fails")


class _Result(unittest.TestResult):
    """Collects findings at the lines of the book, instead of texts."""

    def __init__(self, module: str, snapshot: Snapshot) -> None:
        super().__init__()
        self.module, self.snapshot = module, snapshot
        self.findings: list[Finding] = []

    def _add(self, test: unittest.TestCase, error: Any) -> None:
        self.findings.append(failure(error[1], self.snapshot, f"{self._name(test)} fails"))

    def _name(self, test: unittest.TestCase) -> str:
        return test.id().removeprefix(f"{self.module}.")

    def addError(self, test: unittest.TestCase, err: Any) -> None:  # noqa: N802
        self._add(test, err)

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:  # noqa: N802
        self._add(test, err)

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:  # noqa: N802
        if err:
            self._add(subtest, err)

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802
        code = inspect.unwrap(getattr(test, test._testMethodName)).__code__
        place = self.snapshot.place(code.co_filename, code.co_firstlineno)
        path, line = (place.path, place.line) if place else (self.snapshot.project.tests, 1)
        message = f"{self._name(test)} is expected to fail, and passes; take @unittest.expectedFailure away"
        self.findings.append(Finding(path, line, message))


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


def _at_top(source: Source, message: str) -> Finding:
    return _at(source, "", message)


def _at(source: Source, start: str, message: str) -> Finding:
    """A finding at the first line of a module that starts so."""
    for line in source.lines:
        if line.line and line.text.strip() and line.text.lstrip().removeprefix("async ").startswith(start):
            return Finding(line.path, line.line, message)
    return Finding(source.path, 1, message)
