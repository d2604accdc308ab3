"""Check the code of a reader: experiments and tests up to a chapter, run against what they typed themselves.

Nothing that a later chapter brings is asked for, and nothing that the reader has is changed.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from symtable import symtable
from typing import Any
from unittest import TestCase

from literate.fold.book import Book, Session
from literate.fold.module import Line, Module, Package
from literate.mine.notes import notes
from literate.mine.promises import PATIENCE, Kinds, is_stopped, kinds, own_kinds, without_endless
from literate.mine.report import Promise, Report
from literate.mine.typed import Code, OwnSnapshot, read_code
from literate.read.addresses import address_of, section_of, site_address
from literate.read.chapters import Chapter
from literate.read.page import Page
from literate.read.project import Project
from literate.read.sentences import as_shown, sentence_above
from literate.run.apart import Outcome, Task, Workers, limited
from literate.run.experiment import Result
from literate.run.importer import module_paths
from literate.run.output import difference, normal
from literate.run.sessions import results as results_of
from literate.run.snapshot import Place, describe, trace
from literate.run.state import begin
from literate.run.suite import cases, failures

LIMIT = 2 * PATIENCE  # seconds that an experiment, a test or an import of the reader's code may take
QUICK = 1.0  # seconds that an experiment of a chapter before may take with the book's package
UNDEFINED = re.compile(r"NameError: name '(\w+)' is not defined")


def check(
    book: Book,
    chapter: Chapter,
    path: Path,
    *,
    limit: float = LIMIT,
    alone: bool = False,
    to_the_end: bool = True,
) -> Report:
    """Hold the code at ``path`` against a chapter and, unless ``alone``, against those before it.

    Unless ``to_the_end``, it asks no more after an experiment that raises, and no tests if one is wrong.

    Raises:
        CommandError: there is no code at this path.
    """
    project, package = book.project, book.package_after(chapter)
    code = read_code(path, project)
    tests = {path: module for path, module in package.items() if project.is_test(path)}
    mine = _Mine(code, tests, project, limit)
    said = [*notes(code, package, chapter, project)]
    asked = f"{chapter.kicker} · {chapter.title}: {code.described}, imported as {project.package}"
    report = Report(f"{asked}\n  {code.path}", notes=said)
    asking = _Asking(book, chapter, mine, report, site_address(project), to_the_end)
    asking.imports(package)
    if not report.broken:
        session = next(book.sessions_of(chapter.page))
        asking.experiments([session], [own_kinds(session, project)])
    if not (report.broken or report.stopped) and (report.holds or to_the_end):
        asking.ask_tests()
    if report.holds and not alone:  # else there is enough to mend
        asking.earlier(package)
    return report


# --- asking -------------------------------------------------------------------------------------------------


@dataclass
class _Asking:
    """Asks a reader's code, in a process for each question; after what had to be stopped, it asks no more."""

    book: Book
    chapter: Chapter
    mine: _Mine
    report: Report
    site: str  # the address of the book's site, if it is known
    to_the_end: bool

    def ask(self, question: Task) -> Outcome:
        """What a question yields in a process that ends with it."""
        with Workers(self.mine.project) as workers:
            return workers.start(question, lambda outcome: outcome, 10 * self.mine.limit).result()

    def imports(self, package: Package) -> None:
        """Import the modules that the chapter has, as far as they are there."""
        project = self.mine.project
        expected = module_paths(tuple(filter(project.is_source, package)))
        outcome = self.ask(partial(self.mine.imports, names=[project.package, *sorted(expected)]))
        if outcome.died:
            self.report.broken = f"it {outcome.died.said}"
        elif failed := outcome.values[0]:
            self.report.broken = self.told(*failed)
        elif said := normal(outcome.output.decode(errors="replace")):
            self.report.notes.append(f"it prints when it is imported:\n{said}")

    def earlier(self, package: Package) -> None:
        """Run the chapters before."""
        chapters = self.book.chapters[: self.book.chapters.index(self.chapter)]
        sessions = [next(self.book.sessions_of(chapter.page)) for chapter in chapters]
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            found = threads.map(lambda one: kinds(one, package, self.mine.project, QUICK), sessions)
            self.experiments(sessions, [*found])

    def experiments(self, sessions: Sequence[Session], found: Sequence[Kinds]) -> None:
        """Run some chapters, each as a whole: later experiments use names of earlier ones."""
        mine = self.mine
        asked = [
            without_endless(session, kinds_of_it).against({**mine.code.package, **mine.tests})
            for session, kinds_of_it in zip(sessions, found, strict=True)
        ]
        options = {"limit": mine.limit, "make": mine.imported, "to_the_end": self.to_the_end}
        results = results_of(asked, mine.project, **options)
        for session, kinds_of_it, done in zip(sessions, found, results, strict=True):
            self.session(session, kinds_of_it, done)

    def session(self, session: Session, kind_of: Kinds, results: Iterable[Result]) -> None:
        """Note what came of a chapter's experiments, up to one that had to be stopped."""
        report = self.report
        is_asked = session.page is self.chapter.page
        report.not_counted += [kind for kind in kind_of.values() if is_asked and kind != "promise"]
        failed: dict[str, str] = {}  # names that failed experiments were to make, and what is said of them
        doubted: set[str] = set()  # those of them whose experiment is told
        for result in () if report.stopped else results:
            block, problem = result.step.block, self.problem(result, failed)
            report.stopped = is_stopped(result.raised) and kind_of[block] != "before"
            if is_told := report.stopped or kind_of[block] == "promise":
                sentence = as_shown(sentence_above(session.page, block)) or session.page.title
                follows = bool(problem and doubted & _names_of_block(block.code)[1])
                told = self.promise(session.page, block.line, sentence, problem=problem, follows=follows)
                report.promises.append(told)
            if report.stopped:
                return
            _note_failed(failed, result, problem, is_told)
            if is_told:
                given, _ = _names_of_block(block.code)
                doubted = doubted | given if problem else doubted - given

    def promise(self, page: Page, line: int, sentence: str = "", **more: Any) -> Promise:
        """What stands in a line of a page."""
        heading, project = section_of(page, line), self.mine.project
        section = as_shown(heading.text) if heading else page.title
        address = address_of(page, line, project, self.site) if self.site else ""
        chapter = self.book.by_path.get(page.path)
        other = chapter.said if chapter and chapter is not self.chapter else ""
        return Promise(page.path, line, sentence, section, address, other, **more)

    def ask_tests(self) -> None:
        """Run all tests that the book has written so far."""
        outcome = self.ask(partial(self.mine.run_tests))
        asked = [(*named, self.told(*failed) if failed else "") for named, failed in outcome.values]
        if outcome.died:
            asked.append((next(iter(self.mine.tests)), "its tests", f"it {outcome.died.said}"))
        for path, test, problem in asked:
            line = _place(self.mine.tests[path], test)
            page, name = self.book.page(line.path), f"{path} · {test}"
            self.report.promises.append(self.promise(page, line.line, name=name, problem=problem))
        stopped = any(failed and is_stopped(failed[0]) for _, failed in outcome.values)
        self.report.stopped = bool(outcome.died) or stopped

    def problem(self, result: Result, failed: Mapping[str, str]) -> str:
        """What of an experiment differs from what the page says; nothing if it holds."""
        answer = result.step.answer
        if (match := UNDEFINED.match(result.raised)) and match[1] in failed:
            return failed[match[1]]
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
        said = re.sub(r"^literate\.run\.apart\.TooLongError: ", "it ", raised)
        code, places = self.mine.code, [place for place in frames if place]
        lines = [said.replace(str(code.path), code.shown(code.path))]
        asked = [place for place in places if place.path.endswith(".md")]
        files = {str(file) for file in code.files.values()}
        own = [place for place in places if place.path in files]
        if asked and (own or not raised.startswith("AssertionError: assert ")):
            lines.append(f"asked by `{asked[-1].text}`")
        if own:
            name = f" in {own[-1].name}" if not own[-1].name.startswith("<") and own[-1].name else ""
            lines.append(f"at {code.shown(own[-1].path)}:{own[-1].line}{name}: {own[-1].text}")
        return "\n".join(lines)


def _note_failed(failed: dict[str, str], result: Result, problem: str, is_told: bool) -> None:
    """After an experiment: which names are not as they should be, and what is said of those who need them."""
    block = result.step.block
    given, _ = _names_of_block(block.code)
    if result.raised:
        first = block.code.strip().partition("\n")[0]
        why = f"it needs what the experiment that begins with `{first}` was to make"
        why = why if is_told else f"{why}, and there\n{problem}"
        failed.update(dict.fromkeys(given, problem if problem in failed.values() else why))


def _names_of_block(code: str) -> tuple[set[str], set[str]]:
    """The names that a block gives to those below it, and those that it takes from above."""
    try:
        symbols = symtable(code, "experiment", "exec").get_symbols()
    except SyntaxError:
        return set(), set()
    given = {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}
    return given, {symbol.get_name() for symbol in symbols if symbol.is_referenced()} - given


def _place(module: Module, name: str) -> Line:
    """Where the book writes a test; where it begins to write the module, if that has no such definition."""
    definition = module.definitions.get(name)
    lines = definition.lines if definition else module.lines
    return next((line for line in lines if line.line), lines[0])


# --- in the process -----------------------------------------------------------------------------------------

Failed = tuple[str, list[Place]]  # an exception as the last line of a traceback has it, and its frames


@dataclass(frozen=True)
class _Mine:
    """What is asked: a reader's code, and the tests of the book beside it."""

    code: Code
    tests: Package
    project: Project
    limit: float

    def own(self) -> OwnSnapshot:
        """The code in this process, which leaves nothing; modules beside its file are found last."""
        begin(self.project.package)
        sys.dont_write_bytecode = True
        if self.code.path.is_file():
            sys.path.append(str(self.code.path.parent))
        return OwnSnapshot(self.code, self.tests, self.project)

    def imported(self, package: Package, project: Project) -> OwnSnapshot:
        """It with its package imported: what that puts out is none of the experiments' business."""
        own = self.own()
        with own.active(), suppress(Exception):
            import_module(own.name)
        return own

    def imports(self, folder: Path, names: list[str]) -> Iterator[Failed | None]:
        """How the first of some modules fails, of those that are there."""
        own = self.own()
        with own.active():
            yield self.failure(own, lambda: [import_module(name) for name in names if name in own.paths])

    def run_tests(self, folder: Path) -> Iterator[tuple[tuple[str, str], Failed | None]]:
        """The tests, and how each fails; it ends with one that takes too long."""
        own = self.own()
        with own.active():
            for name in [name for name, path in own.paths.items() if path in self.tests]:
                for test, failed in self._tests(own, name):
                    yield (own.paths[name], test.removeprefix(f"{name}.")), failed
                    if failed and is_stopped(failed[0]):
                        return

    def _tests(self, own: OwnSnapshot, name: str) -> Iterator[tuple[str, Failed | None]]:
        if failed := self.failure(own, lambda: import_module(name)):
            written = own.package[own.paths[name]].definitions
            names = [test for test in written if test.rpartition(".")[2].startswith("test")]
            yield from ((test, failed) for test in names or ["its tests"])
            return
        for case in cases(import_module(name)):
            yield case.id(), self.failure(own, partial(_pass, case))

    def failure(self, own: OwnSnapshot, ask: Callable[[], object]) -> Failed | None:
        """How something fails, if it does."""
        try:
            with limited(self.limit):
                ask()
        except BaseException as error:
            return describe(error), [place for place in trace(error, own) if place]
        return None


def _pass(case: TestCase) -> None:
    for _, error in failures(case):
        raise error
