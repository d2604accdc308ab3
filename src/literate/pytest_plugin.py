"""pytest runs the book: an item for each experiment (``docs/step08-….md::23``), page, and chapter's package.

``-p literate.pytest_plugin`` switches it on; then Markdown files are collected like Python files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
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
Found = Sequence[Finding]


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
    return PageFile.from_parent(parent, path=file_path, book=book)


def _book(config: pytest.Config, root: Path) -> Any:
    """The book of a project, read once in a run of pytest."""
    from literate.fold.book import load

    books = config.stash.setdefault(BOOKS, {})
    if root not in books:
        books[root] = load(root)
    return books[root]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin with what was selected: it runs in processes of its own, while pytest goes on."""
    items = [item for item in session.items if isinstance(item, BookItem)]
    if items and not session.config.option.collectonly:
        from literate.run.apart import Workers

        (book, *_) = session.config.stash[BOOKS].values()
        workers = session.config.stash[WORKERS] = Workers(book.project)
        session.config.add_cleanup(workers.__exit__)  # it stops what nobody has waited for
        for item in items if not hasattr(session.config, "workerinput") else ():  # of pytest-xdist: has some
            item.begin(workers)


class PageFile(pytest.File):
    """A page of the book."""

    def __init__(self, *, book: Any, **options: Any) -> None:
        super().__init__(**options)
        self.book = book

    def collect(self) -> Iterator[pytest.Item]:
        yield PageItem.from_parent(self, name="page", find=self._findings)
        for name, findings in self._strays().items():
            yield PageItem.from_parent(self, name=name, find=lambda findings=findings: findings)
        for session in self.book.sessions_of(self.page) if self.page else ():
            yield from self._of_session(session)

    def _of_session(self, session: Any) -> Iterator[pytest.Item]:
        from literate.run.sessions import session_job, start_at_the_end, verified

        # It runs whatever is kept of it, and what comes of it is kept: a site need not run it again.
        book = self.book
        play = Begun(lambda workers: session_job(session, book.project).start(workers))
        for index, line in enumerate(step.block.line for step in session.steps):
            options = {"line": line, "place": f"{self.nodeid}:{line}", "begun": play, "index": index}
            yield ExperimentItem.from_parent(self, name=str(line), **options)
        for line in (block.line for block in session.waiting):
            item = BookItem.from_parent(self, name=str(line), line=line, place=f"{self.nodeid}:{line}")
            item.add_marker(pytest.mark.skip("waits until the chapters up to here have no findings"))
            yield item
        if session.key is not None and (self._path, 0) not in book.doubted:
            package = book.package_after(book.chapter(session.key))
            if any(step.block.is_before or step.package is not package for step in session.steps):
                ends = Begun(lambda workers: start_at_the_end(workers, book, session))
                place = f"{self.nodeid}: the titles of experiments"
                yield TitlesItem.from_parent(self, name="titles", place=place, begun=ends, did=play)
            tests = Begun(lambda workers: verified(workers, package, book.project))
            place = f"{self.nodeid}: the package as of this chapter"
            yield BookItem.from_parent(self, name="package", place=place, begun=tests)

    @cached_property
    def page(self) -> Any:
        """The page as the book has it; None if it is none, or cannot be read."""
        return next((page for page in self.book.pages if page.path == self._path), None)

    @property
    def _path(self) -> str:
        return self.path.resolve().relative_to(self.book.project.root).as_posix()

    def _findings(self) -> list[Finding]:
        from literate.show.proof import proofread

        if self.page:
            return list(proofread(self.book, self.page))
        way_out = f"move it to {self.book.project.docs}/, or do not ask pytest for it"
        found = [finding for finding in self.book.findings if finding.path == self._path]
        return found or [Finding(self._path, 1, f"is no page of the book; {way_out}")]

    def _strays(self) -> dict[str, list[Finding]]:
        """What is wrong beside the pages, as in ``mkdocs.yml``; the first page collected reports it."""
        strays: dict[str, list[Finding]] = {}
        if self.config.stash.setdefault(REPORTER, self.path) == self.path:
            pages = {page.path for page in self.book.pages}
            for finding in self.book.findings:
                if finding.path not in pages:
                    strays.setdefault(finding.path, []).append(finding)
        return strays


class Begun:
    """What runs in a process of its own, begun before it is asked for."""

    def __init__(self, start: Callable[[Any], Any]) -> None:
        self.start = start
        self.future: Any = None
        self.reported: set[Any] = set()  # the experiments whose own items have failed

    def begin(self, workers: Any) -> None:
        """Begin, unless it has begun."""
        self.future = self.future or self.start(workers)


class BookItem(pytest.Item):
    """Something of the book that can be wrong, and what is; ``place`` is what a report calls it."""

    def __init__(
        self, *, place: str, line: int = 1, findings: Found = (), begun: Begun | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self.place, self.line, self.findings, self.begun = place, line, findings, begun

    def begin(self, workers: Any) -> None:
        """Begin what runs in a process of its own."""
        if self.begun:
            self.begun.begin(workers)

    def setup(self) -> None:
        self.begin(self.config.stash[WORKERS])

    def runtest(self) -> None:
        if findings := self.begun.future.result() if self.begun else self.findings:
            raise WrongError(findings)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.line - 1, self.place

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, WrongError):
            return Failure(excinfo.value)
        return super().repr_failure(excinfo, style)


class PageItem(BookItem):
    """What is wrong with a page as it is written; nobody looks for it until it is asked."""

    def __init__(self, *, find: Callable[[], list[Finding]], **options: Any) -> None:
        super().__init__(place=options["parent"].nodeid, **options)
        self.find = find

    def reportinfo(self) -> tuple[Path, int, str]:
        self.findings = self.find()
        for first in self.findings[:1]:
            self.line, self.place = first.line, f"{first.path}:{first.line}"
        return super().reportinfo()


class ExperimentItem(BookItem):
    """An experiment; those before it run first."""

    def __init__(self, *, begun: Begun, index: int, **options: Any) -> None:
        super().__init__(begun=begun, **options)
        self.play, self.index = begun, index

    def runtest(self) -> None:
        results = self.play.future.result()
        if self.index >= len(results):
            self._not_run(results[-1])
        elif (result := results[self.index]).findings:
            self.play.reported.add(result.step.block)
            raise WrongError(result.findings, result.trace)

    def _not_run(self, failed: Any) -> None:
        """A skip, if the failure has been reported; else the failure itself."""
        block = failed.step.block
        reason = f"not run, because the experiment at line {block.line} failed"
        if block in self.play.reported:
            pytest.skip(reason)
        raise WrongError([Finding(block.path, self.line, reason), *failed.findings], failed.trace)


class TitlesItem(BookItem):
    """Whether the titles of a chapter's experiments say which of them hold only until a change below."""

    def __init__(self, *, did: Begun, begun: Begun, **options: Any) -> None:
        super().__init__(begun=begun, **options)
        self.did, self.ends = did, begun

    def begin(self, workers: Any) -> None:
        self.did.begin(workers)
        super().begin(workers)

    def runtest(self) -> None:
        from literate.run.sessions import mistitled, title_finding

        if found := mistitled(self.did.future.result(), self.ends.future.result()):
            raise WrongError(map(title_finding, found))


class WrongError(Exception):
    """Something in the book is wrong; ``trace`` is where an exception went through."""

    def __init__(self, findings: Iterable[Finding], trace: Sequence[Any] = ()) -> None:
        self.findings, self.trace = tuple(findings), tuple(trace)
        super().__init__("\n".join(map(str, self.findings)))


class Failure(TerminalRepr):
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
