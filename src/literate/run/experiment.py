"""Run the experiments of a session in this process, one namespace for all.

What they put out is held against the page by ``output``; other processes are the business of ``sessions``.
"""

from __future__ import annotations

import ast
import linecache
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from literate.fold.book import Session, Step
from literate.fold.module import Package
from literate.read.finding import Finding
from literate.read.project import Project
from literate.run.apart import OUTPUT, TooLongError, limited
from literate.run.autoreload import Imported, carry_over, imports
from literate.run.cell import code_object, parsed
from literate.run.output import findings, on_any_machine
from literate.run.picture import DrawingError, draw, point_graphviz_at_its_wheel
from literate.run.snapshot import Place, Snapshot, describe
from literate.run.state import begin

TOOL = Path(__file__).parents[1]
Make = Callable[[Package, Project], Snapshot]
LONGEST = 1_000_000  # bytes that an experiment may put out


@dataclass(frozen=True)
class Result:
    """What an experiment did, and what is wrong with that."""

    step: Step
    output: str = ""  # what it put out
    picture: str | None = None  # SVG or HTML, for its Figure block
    findings: tuple[Finding, ...] = ()
    raised: str = ""  # the exception that ended it, as the last line of a traceback has it
    trace: tuple[Place, ...] = ()  # where the exception went through, outermost first
    end: int = 0  # bytes that the session had put out by then


class Experiments:
    """A session that is being run: its namespace, and the snapshot that ``make`` makes of each package."""

    def __init__(self, session: Session, project: Project, limit: float, folder: Path, make: Make) -> None:
        self.session, self.project, self.limit, self.folder, self.make = session, project, limit, folder, make
        self.file = str(project.root / session.page.path)
        self.module = ModuleType("__main__")
        self.imported: list[Imported] = []
        self.gone: list[str] = []
        self.package: Package = {}
        self.snapshot = Snapshot(self.package, project)
        self.before: dict[str, ModuleType] | None = None  # the modules of the last snapshot
        self.line = 0  # where the experiment is, when no frame of it is on the stack
        self.picture: str | None = None
        self.process = os.getpid()
        self.written = 0

    def run(self) -> Iterator[Result]:
        """Step by step, whatever an experiment raises."""
        begin(self.project.package)
        sys.modules["__main__"] = self.module  # so that dataclasses and pickle find its classes
        for step in self.session.steps:
            result = self._result(step)
            if os.getpid() != self.process:
                os._exit(0)  # a child that an experiment forked, and forgot
            yield replace(result, step=replace(step, package={}))  # whoever asked has the package

    def _result(self, step: Step) -> Result:
        self.picture, self.line = None, step.block.line
        self._turn_to(step.package)
        self._output()  # what the package puts out by itself
        error: BaseException | None = None
        with self.snapshot.active():
            try:
                with limited(self.limit):
                    self._execute(step)
            except BaseException as raised:
                error = raised
        output = self._output()
        if len(output) > LONGEST:
            error, output = error or ValueError(f"puts out {len(output):,} letters"), output[:1000]
        if error:
            return self._failed(step, output, error)
        wrong = tuple(findings(self.session, step, output, self.picture is not None))
        return Result(step, output, self.picture, wrong, end=self.written)

    def _output(self) -> str:
        """What was put out since the last time."""
        text = self._put_out()
        self.written += len(text)
        return on_any_machine(text.decode(errors="replace"), self.project.root)

    def _put_out(self) -> bytes:
        sys.stdout.flush()
        with open(self.folder / OUTPUT, "rb") as file:
            file.seek(self.written)
            return file.read()

    def _turn_to(self, package: Package) -> None:
        if not _same(self.package, package):
            self.before, self.package = self.snapshot.modules, package
            self.snapshot = self.make(package, self.project)

    def _execute(self, step: Step) -> None:
        namespace = self.module.__dict__
        if _mentions_graphviz(step):
            point_graphviz_at_its_wheel()
        if self.before is not None:
            self.imported, gone = carry_over(namespace, self.imported, self.before)
            self.gone += gone
            self.before = None
        block = step.block
        tree, last = parsed(block.code, self.file, block.line, len(block.prefix.encode()))
        exec(code_object(tree, self.file), namespace)
        if last:
            value = eval(code_object(ast.Expression(last.value), self.file), namespace)
            self.line = last.lineno
            self._show(value)
        if self.picture is None:
            self.picture = _left_open(is_asked=bool(step.answer and step.answer.kind == "figure"))
        self.imported += imports(tree, namespace, self.snapshot)

    def _show(self, value: object) -> None:
        """Show a final value as a notebook does: nothing for None, else its picture, else its repr."""
        if value is None:
            return
        self.picture = draw(value)
        if self.picture is None:
            text = repr(value)
            if self._put_out()[-1:] not in (b"", b"\n"):
                print()
            print(text)

    # --- what went wrong ---

    def _failed(self, step: Step, output: str, error: BaseException) -> Result:
        trace = tuple(self._trace(error))
        block = step.block
        here = [place for place in trace if place.path == block.path and block.line < place.line < block.end]
        line = here[-1].line if here else self.line
        if isinstance(error, SyntaxError) and error.filename == self.file:
            line = error.lineno if error.lineno and block.line < error.lineno < block.end else line
        raised = describe(error)
        if raised == "AssertionError" and here:
            raised += f": {here[-1].text}"
        head, *rest = raised.split("\n")
        message = f"{head}{self._deeper(error, trace, line)}; {self._way_out(error)}"
        if isinstance(error, DrawingError):
            message = str(error)
        finding = Finding(block.path, line, "\n".join([message, *rest]))
        return Result(step, output, None, (finding,), raised, trace, self.written)

    def _deeper(self, error: BaseException, trace: Sequence[Place], line: int) -> str:
        """Where in the book an exception comes from, if not from the line that is reported."""
        if isinstance(error, SyntaxError):
            place = self._place(error.filename or "", error.lineno or 1, "")
        else:
            place = next((place for place in reversed(trace) if place.path.endswith(".md")), None)
        if place is None or (place.path, place.line) == (self.session.page.path, line):
            return ""
        name = f" in {place.name}" if place.name and not place.name.startswith("<") else ""
        return f" (from {place.path}:{place.line}{name})"

    def _trace(self, error: BaseException) -> Iterator[Place]:
        for frame, line in traceback.walk_tb(error.__traceback__):
            code = frame.f_code
            ours = Path(code.co_filename).is_relative_to(TOOL) or code.co_filename.startswith("<frozen")
            place = None if ours else self._place(code.co_filename, line, code.co_qualname)
            if place:
                yield place

    def _place(self, file: str, line: int, name: str) -> Place | None:
        if file == self.file:
            for block in self.session.page.of("experiment"):
                if block.line < line < block.end:
                    text = block.code.split("\n")[line - block.line - 1].strip()
                    return Place(block.path, line, name, text)
        if place := self.snapshot.place(file, line, name):
            return place
        if not file:
            return None
        path, root = Path(file), self.project.root
        shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else file
        return Place(shown, line, name, linecache.getline(file, line).strip())

    def _way_out(self, error: BaseException) -> str:
        match error:
            case TooLongError() | ValueError() if str(error).startswith(("takes", "puts out")):
                return "make it smaller"
            case SystemExit():
                return "an experiment goes on; take the exit away (unittest.main has exit=False)"
            case Warning():
                allow = "allow it (np.errstate, warnings.catch_warnings)"
                return f"a warning is an error here; avoid it, or {allow}"
            case NameError() if error.name in self.gone:
                return f"a fragment above removed {error.name} from the package; use what replaced it"
            case SyntaxError():
                return "mend the line"
            case AssertionError():
                return "mend the claim or the code"
        return "mend it, or catch it to show it"

    def left_running(self) -> Finding | None:
        """A thread that would keep the process alive."""
        patience = time.monotonic() + 1
        for thread in threading.enumerate():
            if thread is not threading.main_thread() and not thread.daemon:
                thread.join(max(0.0, patience - time.monotonic()))
                if thread.is_alive():
                    return self._still_running(thread)
        return None

    def _still_running(self, thread: threading.Thread) -> Finding:
        frame = sys._current_frames().get(thread.ident or 0)
        stack = traceback.walk_stack(frame) if frame else ()
        line = next((line for inner, line in stack if inner.f_code.co_filename == self.file), self.line)
        message = f"the thread {thread.name} never ends; join it, or make it a daemon"
        return Finding(self.session.page.path, line, message)


# --- small parts --------------------------------------------------------------------------------------------


def _left_open(is_asked: bool) -> str | None:
    """The picture of what ``plt.show()`` showed; if one is asked for, also of the figure that is open."""
    backend = sys.modules.get("literate.run.backend")
    figures: list[Any] = backend.shown if backend else []
    pyplot = sys.modules.get("matplotlib.pyplot")
    if not figures and is_asked and pyplot and pyplot.get_fignums():
        figures = [pyplot.gcf()]
    picture = draw(figures[-1]) if figures else None
    figures.clear()
    return picture


def _same(one: Package, other: Package) -> bool:
    return one is other or (one.keys() == other.keys() and all(one[path] is other[path] for path in one))


def _mentions_graphviz(step: Step) -> bool:
    return any("graphviz" in text for text in (step.block.code, *(m.text for m in step.package.values())))
