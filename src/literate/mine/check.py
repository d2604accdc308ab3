"""Check the code of a reader: the experiments and tests of a chapter, run against what they typed themselves.

Nothing that a later chapter brings is asked for, and nothing that the reader has is changed.
"""

from __future__ import annotations

import ast
import importlib
import io
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from literate.fold.book import Book, Session
from literate.fold.module import Package
from literate.mine.promises import PATIENCE, Kind, as_of, is_too_long, kinds, sentence_above
from literate.mine.report import Promise, Report
from literate.mine.typed import Code, OwnSnapshot, read
from literate.read.chapters import Chapter
from literate.read.page import Block
from literate.read.project import Project
from literate.run.asserts import tell_values
from literate.run.experiment import Result, run
from literate.run.output import difference, normal
from literate.run.sandbox import Sandbox, TooLongError, limited
from literate.run.snapshot import Place, Source, describe, location, trace
from literate.run.suite import cases, failures

T = TypeVar("T")
LIMIT = 2 * PATIENCE  # seconds that an experiment, a test or an import of the reader's code may take
UNDEFINED = re.compile(r"NameError: name '(\w+)' is not defined")


def check(book: Book, chapter: Chapter, path: Path, *, limit: float = LIMIT) -> Report:
    """Hold the code at ``path`` against a chapter.

    Raises:
        NoCodeError: there is no code at this path.
    """
    project = book.project
    code = read(path, project)
    report = Report(project.package, f"{chapter.kicker} · {chapter.title}", code.described)
    package = book.package_after(chapter)
    tests = {path: module for path, module in package.items() if project.is_test(path)}
    wanted = sorted(_import_name(path) for path in package if project.is_source(path))
    own = OwnSnapshot(code, tests, project)
    printed, broken = _import(own, wanted, limit)
    notes = (*_missing(package, code, chapter, project), *printed)
    if broken:
        return replace(report, notes=notes, broken=broken)
    checking = _Checking(project, limit)
    checking.experiments(next(book.sessions_of(chapter.page)), package, own)
    checking.tests(OwnSnapshot(code, tests, project))
    return replace(
        report,
        notes=notes,
        promises=tuple(checking.promises),
        not_counted=tuple(checking.not_counted),
        stopped=checking.stopped,
    )


# --- importing ----------------------------------------------------------------------------------------------


def _import_name(path: str) -> str:
    return path.partition("/")[2].removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _missing(package: Package, code: Code, chapter: Chapter, project: Project) -> Iterator[str]:
    """What the chapter expects beside what there is: a folder, or more modules in it."""
    home = f"{project.source}/{project.package}"
    expected = sorted(path.removeprefix(f"{home}/") for path in package if project.is_source(path))
    is_module = f"{home}.py" in code.package
    if f"{home}.py" in package or not expected:
        return
    if is_module:
        yield (
            f"as of {chapter.said} the package is a folder with {_listed(expected)}; yours is one module: "
            "make a folder of it, and check that"
        )
    elif missing := [name for name in expected if f"{home}/{name}" not in code.package]:
        yield f"as of {chapter.said} the package has {_listed(missing)}; yours has not"


def _import(own: OwnSnapshot, names: Sequence[str], limit: float) -> tuple[tuple[str, ...], str]:
    """Import the modules that the chapter has, as far as they are there: notes, and why it cannot be done."""
    there = [name for name in dict.fromkeys([own.name, *names]) if name in own.sources]
    with _elsewhere(own.project) as printed, own.active():
        _, error = _tried(lambda: [importlib.import_module(name) for name in there], limit)
    if error:
        return (), _told(own.code, describe(error), _places(error, own))
    said = normal(printed.getvalue())
    return (f"it prints when it is imported:\n{said}",) if said else (), ""


def _places(error: BaseException, own: OwnSnapshot) -> list[Place]:
    if isinstance(error, SyntaxError) and (place := location(error, own)):
        return [place]
    return [place for place in trace(error, own) if place]


@contextmanager
def _elsewhere(project: Project) -> Iterator[io.StringIO]:
    """A place where code may do what it likes: in a folder of its own, and what it prints is kept."""
    printed = io.StringIO()
    room = tempfile.TemporaryDirectory(prefix="literate-", ignore_cleanup_errors=True)
    sandbox = Sandbox(project.package)
    with room as folder, sandbox, redirect_stdout(printed), redirect_stderr(printed):
        os.chdir(folder)
        yield printed


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


# --- asking -------------------------------------------------------------------------------------------------


@dataclass
class _Checking:
    """The promises asked so far; after one that had to be stopped, no more are."""

    project: Project
    limit: float
    promises: list[Promise] = field(default_factory=list)
    not_counted: list[Kind] = field(default_factory=list)
    stopped: bool = False

    def experiments(self, session: Session, package: Package, own: OwnSnapshot) -> None:
        """Run a chapter; whatever of it can be run, since later experiments use names of earlier ones."""
        found = kinds(session, package, self.project)
        self.not_counted += [kind for kind in found if kind != "promise"]
        kind_of = {step.block: kind for step, kind in zip(session.steps, found, strict=True)}
        steps = tuple(step for step in session.steps if kind_of[step.block] != "endless")
        session = as_of(replace(session, steps=steps), own.package)
        missing: dict[str, str] = {}  # names that an experiment would have made, and what is said of them
        for result in run(session, self.project, rewrite=tell_values, limit=self.limit, snapshot=own):
            block = result.step.block
            problem = _problem(own.code, result, missing)
            self.stopped = is_too_long(result)
            is_told = self.stopped or kind_of[block] == "promise"
            if is_told:
                sentence = sentence_above(session.page, block)
                self.promises.append(Promise(block.path, block.line, "", sentence, problem))
            if self.stopped:
                return
            _note_missing(missing, result, problem, is_told)

    def tests(self, own: OwnSnapshot) -> None:
        """Run all tests that the book has written so far."""
        for name, source in own.sources.items():
            if self.project.is_test(source.path) and source.lines and not self.stopped:
                with _elsewhere(self.project), own.active():
                    self._module(own, name, source)

    def _module(self, own: OwnSnapshot, name: str, source: Source) -> None:
        tests, error = _tried(lambda: list(cases(importlib.import_module(name))), self.limit)
        if error:
            for test in _written_tests(own, source):
                self._tested(own, source, test, error)
        for case in tests or ():
            failed, error = _tried(partial(failures, case), self.limit)
            error = failed[0][1] if failed else error
            self._tested(own, source, case.id().removeprefix(f"{name}."), error)
            self.stopped = isinstance(error, TooLongError)
            if self.stopped:
                return

    def _tested(self, own: OwnSnapshot, source: Source, test: str, error: BaseException | None) -> None:
        problem = _told(own.code, describe(error), _places(error, own)) if error else ""
        definition = own.package[source.path].definitions.get(test)
        lines = definition.lines if definition else source.lines
        place = next((line for line in lines if line.line), lines[0])
        self.promises.append(Promise(place.path, place.line, f"{source.path} · {test}", "", problem))


def _tried(ask: Callable[[], T], limit: float) -> tuple[T | None, BaseException | None]:
    """What is answered in time, or the exception that comes instead."""
    try:
        with limited(limit):
            return ask(), None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return None, error


def _written_tests(own: OwnSnapshot, source: Source) -> list[str]:
    """The tests of a module that cannot be imported."""
    names = own.package[source.path].definitions
    return [name for name in names if name.rpartition(".")[2].startswith("test")] or ["its tests"]


def _problem(code: Code, result: Result, missing: Mapping[str, str]) -> str:
    """What of an experiment differs from what the page says; nothing if it holds."""
    answer = result.step.answer
    if (match := UNDEFINED.match(result.raised)) and match[1] in missing:
        return missing[match[1]]
    if result.raised:
        return _told(code, result.raised, result.trace)
    if not result.findings:
        return ""
    if answer and answer.kind == "figure" and result.picture is None:
        return "it draws no picture"
    page = answer.code if answer and answer.kind == "output" else ""
    if not result.output:
        return f"it puts nothing out; the page shows\n{page}"
    lines = difference(page, result.output).replace("+++ the run puts", "+++ your code puts").split("\n")
    return "\n".join(line for line in lines if not line.startswith("@@"))


def _note_missing(missing: dict[str, str], result: Result, problem: str, is_told: bool) -> None:
    """After an experiment: which names are not there, and what is said of those who need them."""
    if result.raised:
        why = f"it needs what the experiment at line {result.step.block.line} was to make"
        why = why if is_told else f"{why}, and there\n{problem}"
        missing.update(
            dict.fromkeys(_bound(result.step.block), problem if problem in missing.values() else why)
        )


def _bound(block: Block) -> set[str]:
    """The names that a block may give to those below it."""
    try:
        nodes = list(ast.walk(ast.parse(block.code)))
    except SyntaxError:
        return set()
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return names | {node.asname or node.name for node in nodes if isinstance(node, ast.alias)}


def _told(code: Code, raised: str, places: Sequence[Place | None]) -> str:
    """An exception, the line of the book that asked for it, and the line of the reader that it came from."""
    said = re.sub(r"^literate\.run\.sandbox\.TooLongError: ", "it ", raised)
    lines = [said.replace(str(code.path), code.shown(code.path))]
    asked = [place for place in places if place and place.path.endswith(".md")]
    own = code.places(places)
    if asked and (own or not raised.startswith("AssertionError: assert ")):
        lines.append(f"asked by {asked[-1].path}:{asked[-1].line}: {asked[-1].text}")
    if own:
        name = f" in {own[-1].name}" if not own[-1].name.startswith("<") and own[-1].name else ""
        lines.append(f"at {code.shown(own[-1].path)}:{own[-1].line}{name}: {own[-1].text}")
    return "\n".join(lines)
