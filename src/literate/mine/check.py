"""Check the code of a reader: the experiments and tests of a chapter, run against what they typed themselves.

Nothing that a later chapter brings is asked for, and nothing that the reader has is changed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from io import StringIO
from pathlib import Path
from symtable import symtable
from tempfile import TemporaryDirectory
from typing import TypeVar

from literate.fold.book import Book, Session
from literate.fold.module import Line, Module, Package
from literate.mine.promises import PATIENCE, as_of, is_too_long, kinds, sentence_above
from literate.mine.report import Promise, Report
from literate.mine.typed import Code, OwnSnapshot, read
from literate.read.chapters import Chapter
from literate.read.page import Block
from literate.read.project import Project
from literate.run.asserts import tell_values
from literate.run.experiment import Result, run
from literate.run.importer import module_paths
from literate.run.output import difference, normal
from literate.run.sandbox import Sandbox, TooLongError, limited
from literate.run.snapshot import Place, Source, describe, trace
from literate.run.suite import cases, failures

T = TypeVar("T")
LIMIT = 2 * PATIENCE  # seconds that an experiment, a test or an import of the reader's code may take
UNDEFINED = re.compile(r"NameError: name '(\w+)' is not defined")


def check(book: Book, chapter: Chapter, path: Path, *, limit: float = LIMIT) -> Report:
    """Hold the code at ``path`` against a chapter.

    Raises:
        NoCodeError: there is no code at this path.
    """
    project, package = book.project, book.package_after(chapter)
    code = read(path, project)
    tests = {path: module for path, module in package.items() if project.is_test(path)}
    report = Report(project.package, f"{chapter.kicker} · {chapter.title}", code.described)
    report.notes += _missing(package, code, chapter, project)
    asking = _Asking(OwnSnapshot(code, tests, project), report, limit)
    asking.imports(package)
    if not report.broken:
        asking.experiments(next(book.sessions_of(chapter.page)), package)
        asking.own = OwnSnapshot(code, tests, project)  # what experiments did to the code is gone
        asking.tests()
    return report


def _missing(package: Package, code: Code, chapter: Chapter, project: Project) -> Iterator[str]:
    """What the chapter expects beside what there is: a folder, or more modules in it."""
    home = f"{project.source}/{project.package}"
    expected = sorted(path.removeprefix(f"{home}/") for path in package if project.is_source(path))
    if f"{home}.py" in package or not expected:
        return
    if f"{home}.py" in code.package:
        yield (
            f"as of {chapter.said} the package is a folder with {_listed(expected)}; yours is one module: "
            "make a folder of it, and check that"
        )
    elif missing := [name for name in expected if f"{home}/{name}" not in code.package]:
        yield f"as of {chapter.said} the package has {_listed(missing)}; yours has not"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


# --- asking -------------------------------------------------------------------------------------------------


@dataclass
class _Asking:
    """Asks a reader's code for one promise after another; after one that had to be stopped, for no more."""

    own: OwnSnapshot
    report: Report
    limit: float

    def imports(self, package: Package) -> None:
        """Import the modules that the chapter has, as far as they are there."""
        names = [self.own.name, *sorted(module_paths(tuple(filter(self.own.project.is_source, package))))]
        with self.elsewhere() as printed:
            _, error = self.tried(lambda: [import_module(name) for name in names if name in self.own.paths])
        if error:
            self.report.broken = self.told(describe(error), trace(error, self.own))
        elif said := normal(printed.getvalue()):
            self.report.notes.append(f"it prints when it is imported:\n{said}")

    def experiments(self, session: Session, package: Package) -> None:
        """Run a chapter; whatever of it can be run, since later experiments use names of earlier ones."""
        own, report = self.own, self.report
        found = kinds(session, package, own.project)
        report.not_counted += [kind for kind in found if kind != "promise"]
        kind_of = {step.block: kind for step, kind in zip(session.steps, found, strict=True)}
        steps = tuple(step for step in session.steps if kind_of[step.block] != "endless")
        session = as_of(replace(session, steps=steps), own.package)
        missing: dict[str, str] = {}  # names that an experiment would have made, and what is said of them
        for result in run(session, own.project, rewrite=tell_values, limit=self.limit, snapshot=own):
            block, problem = result.step.block, self.problem(result, missing)
            report.stopped = is_too_long(result)
            is_told = report.stopped or kind_of[block] == "promise"
            if is_told:
                sentence = sentence_above(session.page, block)
                report.promises.append(Promise(block.path, block.line, "", sentence, problem))
            if report.stopped:
                return
            _note_missing(missing, result, problem, is_told)

    def tests(self) -> None:
        """Run all tests that the book has written so far."""
        for name, source in self.own.sources.items():
            if self.own.project.is_test(source.path) and source.lines and not self.report.stopped:
                for test, error in self.outcomes(name, source):
                    problem = self.told(describe(error), trace(error, self.own)) if error else ""
                    place = _place(self.own.package[source.path], test)
                    name_of_test = f"{source.path} · {test}"
                    self.report.promises.append(Promise(place.path, place.line, name_of_test, "", problem))
                    self.report.stopped = isinstance(error, TooLongError)

    def outcomes(self, name: str, source: Source) -> Iterator[tuple[str, BaseException | None]]:
        """Each test of a module, and the exception that it fails with."""
        with self.elsewhere():
            tests, error = self.tried(lambda: list(cases(import_module(name))))
            if error:
                written = self.own.package[source.path].definitions
                names = [test for test in written if test.rpartition(".")[2].startswith("test")]
                yield from ((test, error) for test in names or ["its tests"])
            for case in tests or ():
                failed, error = self.tried(partial(failures, case))
                yield case.id().removeprefix(f"{name}."), failed[0][1] if failed else error
                if self.report.stopped:
                    return

    @contextmanager
    def elsewhere(self) -> Iterator[StringIO]:
        """A place where the code may do what it likes: in a folder of its own, and what it prints is kept."""
        printed = StringIO()
        room = TemporaryDirectory(prefix="literate-", ignore_cleanup_errors=True)
        sandbox = Sandbox(self.own.name)
        with room as folder, sandbox, redirect_stdout(printed), redirect_stderr(printed), self.own.active():
            os.chdir(folder)
            yield printed

    def tried(self, ask: Callable[[], T]) -> tuple[T | None, BaseException | None]:
        """What is answered in time, or the exception that comes instead."""
        try:
            with limited(self.limit):
                return ask(), None
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return None, error

    def problem(self, result: Result, missing: Mapping[str, str]) -> str:
        """What of an experiment differs from what the page says; nothing if it holds."""
        answer = result.step.answer
        if (match := UNDEFINED.match(result.raised)) and match[1] in missing:
            return missing[match[1]]
        if result.raised:
            return self.told(result.raised, result.trace)
        if not result.findings:
            return ""
        if answer and answer.kind == "figure" and result.picture is None:
            return "it draws no picture"
        page = answer.code if answer and answer.kind == "output" else ""
        if not result.output:
            return f"it puts nothing out; the page shows\n{page}"
        lines = difference(page, result.output).replace("+++ the run puts", "+++ your code puts").split("\n")
        return "\n".join(line for line in lines if not line.startswith("@@"))

    def told(self, raised: str, frames: Iterable[Place | None]) -> str:
        """An exception, the line of the book that asked, and the line of the reader that it came from."""
        said = re.sub(r"^literate\.run\.sandbox\.TooLongError: ", "it ", raised)
        code, places = self.own.code, [place for place in frames if place]
        lines = [said.replace(str(code.path), code.shown(code.path))]
        asked = [place for place in places if place.path.endswith(".md")]
        own = code.places(places)
        if asked and (own or not raised.startswith("AssertionError: assert ")):
            lines.append(f"asked by {asked[-1].path}:{asked[-1].line}: {asked[-1].text}")
        if own:
            name = f" in {own[-1].name}" if not own[-1].name.startswith("<") and own[-1].name else ""
            lines.append(f"at {code.shown(own[-1].path)}:{own[-1].line}{name}: {own[-1].text}")
        return "\n".join(lines)


def _note_missing(missing: dict[str, str], result: Result, problem: str, is_told: bool) -> None:
    """After an experiment: which names are not there, and what is said of those who need them."""
    if result.raised:
        why = f"it needs what the experiment at line {result.step.block.line} was to make"
        why = why if is_told else f"{why}, and there\n{problem}"
        missing.update(
            dict.fromkeys(_bound(result.step.block), problem if problem in missing.values() else why)
        )


def _bound(block: Block) -> set[str]:
    """The names that a block gives to those below it."""
    try:
        symbols = symtable(block.code, "experiment", "exec").get_symbols()
    except SyntaxError:
        return set()
    return {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}


def _place(module: Module, name: str) -> Line:
    """Where the book writes a test; where it begins to write the module, if that has no such definition."""
    definition = module.definitions.get(name)
    lines = definition.lines if definition else module.lines
    return next((line for line in lines if line.line), lines[0])
