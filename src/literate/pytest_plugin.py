"""pytest runs the book: an item for each experiment (``docs/step08-….md::23``), page, and chapter's package.

``-p literate.pytest_plugin`` switches it on; then Markdown files are collected like Python files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from _pytest._code.code import ReprFileLocation, TerminalRepr
from _pytest._io import TerminalWriter

from literate.read.finding import Finding

BOOKS = pytest.StashKey[dict[Path, Any]]()
WORKERS = pytest.StashKey[Any]()
REPORTER = pytest.StashKey[Path]()  # the page that reports what belongs to no page
SHOWN_FRAMES = 20


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> PageFile | None:
    """Collect the Markdown files of a book, and any Markdown file that was asked for by name."""
    if file_path.suffix != ".md":
        return None
    from literate.read.project import find

    root = find(file_path.parent)
    if root is None:
        return None
    book = _book(parent.config, root)
    path = file_path.resolve().relative_to(root).as_posix()
    known = {page.path for page in book.pages} | {finding.path for finding in book.findings}
    if path not in known and not parent.session.isinitpath(file_path):
        return None
    return PageFile.from_parent(parent, path=file_path)


def _book(config: pytest.Config, root: Path) -> Any:
    """The book of a project, read once in a run of pytest."""
    from literate.fold.book import load

    books = config.stash.setdefault(BOOKS, {})
    if root not in books:
        books[root] = load(root)
    return books[root]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin with what was selected: it runs in processes of its own, while pytest goes on."""
    items = [item for item in session.items if isinstance(item, ExperimentItem | PackageItem)]
    if items and not session.config.option.collectonly:
        from literate.run.apart import Workers

        workers = session.config.stash[WORKERS] = Workers(items[0].project)
        for item in items:
            item.start(workers)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop what nobody has waited for."""
    if workers := session.config.stash.get(WORKERS, None):
        workers.__exit__()


class PageFile(pytest.File):
    """A page of the book."""

    def collect(self) -> Iterator[pytest.Item]:
        from literate.read.project import find
        from literate.show.proof import proofread

        root = find(self.path.parent)
        assert root
        book = _book(self.config, root)
        project = book.project
        path = self.path.resolve().relative_to(root).as_posix()
        page = next((page for page in book.pages if page.path == path), None)
        findings = [finding for finding in book.findings if finding.path == path]
        findings = list(proofread(book, page)) if page else findings
        if page is None and not findings:
            findings.append(
                Finding(
                    path,
                    1,
                    f"is no page of the book; move it to {project.docs}/, or do not ask pytest for it",
                )
            )
        yield PageItem.from_parent(self, name="page", findings=findings)
        for stray, group in self._strays(book).items():
            yield PageItem.from_parent(self, name=stray, findings=group)
        for play in [Play(session, project) for session in (book.sessions_of(page) if page else ())]:
            for index, step in enumerate(play.session.steps):
                yield ExperimentItem.from_parent(self, name=str(step.block.line), play=play, index=index)
            for block in play.session.waiting:
                yield WaitingItem.from_parent(self, name=str(block.line), line=block.line)
            if play.session.key is not None and (path, 0) not in book.doubted:
                package = book.package_after(book.chapter(play.session.key))
                yield PackageItem.from_parent(self, name="package", package=package, project=project)

    def _strays(self, book: Any) -> dict[str, list[Finding]]:
        """What is wrong beside the pages, as in ``mkdocs.yml``; the first page collected reports it."""
        if self.config.stash.setdefault(REPORTER, self.path) != self.path:
            return {}
        pages = {page.path for page in book.pages}
        strays: dict[str, list[Finding]] = {}
        for finding in book.findings:
            if finding.path not in pages:
                strays.setdefault(finding.path, []).append(finding)
        return strays


class Play:
    """A session as its items run it: in a process of its own, begun before it is asked for."""

    def __init__(self, session: Any, project: Any) -> None:
        self.session, self.project = session, project
        self.reported: set[int] = set()  # the experiments whose own items have failed
        self.future: Any = None

    def start(self, workers: Any) -> None:
        """Begin, once."""
        from literate.run.sessions import start

        self.future = self.future or start(workers, self.session, self.project)

    @property
    def results(self) -> Any:
        return self.future.result()


class BookItem(pytest.Item):
    """Something of the book that can be wrong."""

    line = 1

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.line - 1, f"{self.nodeid.partition('::')[0]}:{self.line}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, WrongError):
            return Report(excinfo.value)
        return super().repr_failure(excinfo, style)


class PageItem(BookItem):
    """What is wrong with a page, or a file such as ``mkdocs.yml``, before anything runs."""

    def __init__(self, *, findings: Sequence[Finding], **options: Any) -> None:
        super().__init__(**options)
        self.findings = findings

    def reportinfo(self) -> tuple[Path, int, str]:
        first = next(iter(self.findings), Finding(self.nodeid.partition("::")[0], 1, ""))
        return self.path, first.line - 1, f"{first.path}:{first.line}"

    def runtest(self) -> None:
        if self.findings:
            raise WrongError(self.findings)


class ExperimentItem(BookItem):
    """An experiment; those before it run first."""

    def __init__(self, *, play: Play, index: int, **options: Any) -> None:
        super().__init__(**options)
        self.play, self.index, self.project = play, index, play.project
        self.line = play.session.steps[index].block.line

    def start(self, workers: Any) -> None:
        self.play.start(workers)

    def runtest(self) -> None:
        results = self.play.results
        result = results[self.index] if self.index < len(results) else None
        if result is None:
            self._not_run()
        elif result.findings:
            self.play.reported.add(self.index)
            raise WrongError(result.findings, result.trace)

    def _not_run(self) -> None:
        """A skip, if the failure has been reported; else the failure itself."""
        index = len(self.play.results) - 1
        failed = self.play.results[index]
        reason = f"not run, because the experiment at line {failed.step.block.line} failed"
        if index in self.play.reported:
            pytest.skip(reason)
        raise WrongError([Finding(failed.step.block.path, self.line, reason), *failed.findings], failed.trace)


class WaitingItem(BookItem):
    """An experiment that cannot run: what it needs of the package may be lost."""

    def __init__(self, *, line: int, **options: Any) -> None:
        super().__init__(**options)
        self.line = line

    def runtest(self) -> None:
        pytest.skip("waits until the chapters up to here have no findings")


class PackageItem(BookItem):
    """The package as of this chapter imports and passes all the tests that the book has written so far."""

    def __init__(self, *, package: Any, project: Any, **options: Any) -> None:
        super().__init__(**options)
        self.package, self.project = package, project

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.nodeid.partition('::')[0]}: the package as of this chapter"

    def start(self, workers: Any) -> None:
        from literate.run.sessions import verified

        self.future = verified(workers, self.package, self.project)

    def runtest(self) -> None:
        if findings := self.future.result():
            raise WrongError(findings)


class WrongError(Exception):
    """Something in the book is wrong; ``trace`` is where an exception went through."""

    def __init__(self, findings: Iterable[Finding], trace: Sequence[Any] = ()) -> None:
        self.findings, self.trace = tuple(findings), tuple(trace)
        super().__init__("\n".join(map(str, self.findings)))


class Report(TerminalRepr):
    """A failure as places in the Markdown."""

    def __init__(self, error: WrongError) -> None:
        self.error = error
        first = error.findings[0]
        self.reprcrash = ReprFileLocation(first.path, first.line, first.message.split("\n")[0])

    def toterminal(self, tw: TerminalWriter) -> None:
        trace = self.error.trace
        for place in [*trace[:SHOWN_FRAMES], *trace[SHOWN_FRAMES:][-SHOWN_FRAMES:]]:
            where = f": in {place.name}" if place.name and not place.name.startswith("<module") else ":"
            tw.line(f"{place.path}:{place.line}{where}")
            tw.line(f"    {place.text}")
        if len(trace) > 2 * SHOWN_FRAMES:
            tw.line(f"({len(trace) - 2 * SHOWN_FRAMES} frames in the middle left out)")
        for finding in self.error.findings:
            for line in str(finding).split("\n"):
                tw.line(f"E   {line}", red=True, bold=True)
