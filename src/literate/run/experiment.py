"""Run the experiments of a session, one namespace for all, and hold what they put out against the page."""

from __future__ import annotations

import ast
import io
import linecache
import os
import tempfile
import tokenize
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType

from literate.fold.book import Session, Step
from literate.fold.module import Package
from literate.read.finding import Finding
from literate.read.page import Block
from literate.read.project import Project
from literate.run import cache
from literate.run.autoreload import Imported, carry_over, imports
from literate.run.output import findings, rewritten
from literate.run.picture import DrawingError, draw, point_graphviz_at_its_wheel
from literate.run.sandbox import Sandbox, TooLongError, as_main, connected, limited
from literate.run.snapshot import Place, Snapshot, describe

LIMIT = 60.0  # seconds that one experiment may take
TOOL = Path(__file__).parents[1]

Rewrite = Callable[[ast.Module, bytes], None]  # may change a block before it is compiled: pytest's assertions


@dataclass(frozen=True)
class Result:
    """What an experiment did, and what is wrong with that."""

    step: Step
    output: str = ""  # what it put out
    picture: str | None = None  # SVG or HTML, for its Figure block
    findings: tuple[Finding, ...] = ()
    raised: str = ""  # the exception that ended it, as the last line of a traceback has it
    trace: tuple[Place, ...] = ()  # where the exception went through, outermost first


def run(
    session: Session,
    project: Project,
    *,
    rewrite: Rewrite | None = None,
    limit: float = LIMIT,
    snapshot: Snapshot | None = None,
) -> Generator[Result]:
    """Run a session step by step; it ends with the first experiment that raises an exception.

    Against a ``snapshot``, of the package that the steps name, it goes on to the end.
    Between two results the process is as it was before: the session's state comes and goes with each step.
    """
    with tempfile.TemporaryDirectory(prefix="literate-", ignore_cleanup_errors=True) as folder:
        running = _Running(session, project, Path(folder), rewrite, limit)
        running.snapshot = snapshot or running.snapshot
        for step in session.steps:
            result = running.result(step)
            yield result
            if result.raised and not snapshot:
                return


def update(page_text: str, results: Sequence[Result]) -> str:
    """The text of a page with the Output blocks that the results ask for. Doing it twice is doing it once."""
    outputs = [
        (result.step.block, result.step.answer, result.output)
        for result in results
        if not result.raised and not (result.step.answer and result.step.answer.kind == "figure")
    ]
    return rewritten(page_text, [entry for entry in outputs if entry[1] or entry[2]])


class _Running:
    """A session that is being run: its namespace, its snapshot, its share of the global state."""

    def __init__(
        self, session: Session, project: Project, folder: Path, rewrite: Rewrite | None, limit: float
    ) -> None:
        self.session, self.project, self.folder = session, project, folder
        self.rewrite, self.limit, self.root = rewrite, limit, project.root
        self.file = str(self.root / session.page.path)
        self.sandbox = Sandbox(project.package)
        self.module = ModuleType("__main__")
        self.imported: list[Imported] = []
        self.gone: list[str] = []
        self.snapshot = Snapshot({}, project)
        self.before: dict[str, ModuleType] | None = (
            None  # the modules of the last snapshot, to be left behind
        )
        self.line = 0  # where the experiment is, when no frame of it is on the stack
        self.picture: str | None = None

    def result(self, step: Step) -> Result:
        self.picture, self.line = None, step.block.line
        self._turn_to(step.package)
        written = io.BytesIO()
        stream = io.TextIOWrapper(written, "utf-8", "backslashreplace", "\n", write_through=True)
        error: BaseException | None = None
        with self.sandbox, self.snapshot.active(), as_main(self.module), connected(stream):
            try:
                with limited(self.limit):
                    self._execute(step, written)
            except KeyboardInterrupt:
                raise
            except BaseException as raised:
                error = raised
        output = written.getvalue().decode()
        if error is not None:
            return self._failed(step, output, error)
        wrong = tuple(findings(self.session, step, output, self.picture is not None))
        return Result(step, output, self.picture, wrong)

    def _turn_to(self, package: Package) -> None:
        if not _same(self.snapshot.package, package):
            self.before = self.snapshot.modules
            self.snapshot = Snapshot(package, self.project)

    def _execute(self, step: Step, written: io.BytesIO) -> None:
        namespace = self.module.__dict__
        if not self.sandbox.entered_before:
            os.chdir(self.folder)
        if _mentions_graphviz(step):
            point_graphviz_at_its_wheel()
        if self.before is not None:
            self.imported, gone = carry_over(namespace, self.imported, self.before)
            self.gone += gone
            self.before = None
        tree, last = self._parsed(step.block)
        exec(_code(tree, self.file), namespace)
        if last:
            value = eval(_code(ast.Expression(last.value), self.file), namespace)
            self.line = last.lineno
            self._show(value, written)
        self.imported += imports(tree, namespace, self.snapshot)

    def _parsed(self, block: Block) -> tuple[ast.Module, ast.Expr | None]:
        """A block as Python, at its place in the Markdown; a final expression that is to be shown apart."""
        source = block.code + "\n"
        try:
            tree = ast.parse(source, self.file)
        except SyntaxError as error:
            error.lineno = block.line + (error.lineno or 1)
            raise
        final = tree.body[-1] if tree.body else None
        last = final if isinstance(final, ast.Expr) and not _ends_in_semicolon(source) else None
        if last:
            tree.body.pop()
        if self.rewrite:
            self.rewrite(tree, source.encode())
        for node in (tree, last):
            if node:
                _move(node, block.line, len(block.prefix.encode()))
        return tree, last

    def _show(self, value: object, written: io.BytesIO) -> None:
        """Show a final value as a notebook does: nothing for None, else its picture, else its repr."""
        if value is None:
            return
        self.picture = draw(value)
        if self.picture is None:
            text = repr(value)
            if (before := written.getvalue()) and not before.endswith(b"\n"):
                print()
            print(text)

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
        return Result(step, output, None, (finding,), raised, trace)

    def _deeper(self, error: BaseException, trace: Sequence[Place], line: int) -> str:
        """Where in the book an exception comes from, if not from the line that is reported."""
        place = None
        if isinstance(error, SyntaxError):
            place = self.snapshot.place(error.filename or "", error.lineno or 1)
            place = place or self._place(error.filename or "", error.lineno or 1, "")
        else:
            inside = [place for place in trace if place.path.endswith(".md")]
            place = inside[-1] if inside else None
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
                    return Place(
                        block.path, line, name, block.code.split("\n")[line - block.line - 1].strip()
                    )
        if place := self.snapshot.place(file, line, name):
            return place
        if not file:
            return None
        path = Path(file)
        shown = path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else file
        return Place(shown, line, name, linecache.getline(file, line).strip())

    def _way_out(self, error: BaseException) -> str:
        match error:
            case TooLongError():
                return "make it smaller"
            case SystemExit():
                return "an experiment goes on; take the exit away (unittest.main has exit=False)"
            case Warning():
                return (
                    "a warning is an error here; avoid it, or allow it (np.errstate, warnings.catch_warnings)"
                )
            case NameError() if error.name in self.gone:
                return f"a fragment above removed {error.name} from the package; use what replaced it"
            case SyntaxError():
                return "mend the line"
            case AssertionError():
                return "mend the claim or the code"
        return "mend it, or catch it to show it"


# --- cached by content --------------------------------------------------------------------------------------


def drawn(session: Session, project: Project) -> tuple[Result, ...]:
    """The results of a session, from the cache if nothing that they depend on has changed."""
    if not session.steps:
        return ()
    key = cache.key_of(session)
    kept = _kept(cache.read(project.root, key), session)
    if kept is not None:
        return kept
    results = tuple(run(session, project))
    entries = [
        [r.output, r.picture, [[f.path, f.line, f.message] for f in r.findings], r.raised] for r in results
    ]
    cache.write(project.root, key, {"places": cache.places_of(session), "results": entries})
    return results


def _kept(value: object, session: Session) -> tuple[Result, ...] | None:
    """The results in a cache file; None if it is broken, or holds findings that have moved since."""
    try:
        entries = value["results"]  # type: ignore[index]
        results = tuple(
            Result(step, str(output), picture, tuple(Finding(*finding) for finding in findings), str(raised))
            for step, (output, picture, findings, raised) in zip(session.steps, entries, strict=False)
        )
        whole = len(entries) == len(session.steps) or results[-1].raised
        moved = any(r.findings for r in results) and value["places"] != cache.places_of(session)  # type: ignore[index]
    except (TypeError, KeyError, ValueError, IndexError):
        return None
    return results if whole and not moved else None


# --- small parts --------------------------------------------------------------------------------------------


def _same(one: Package, other: Package) -> bool:
    return one is other or (one.keys() == other.keys() and all(one[path] is other[path] for path in one))


def _mentions_graphviz(step: Step) -> bool:
    return any("graphviz" in text for text in (step.block.code, *(m.text for m in step.package.values())))


def _code(tree: ast.Module | ast.Expression, file: str) -> CodeType:
    return compile(tree, file, "exec" if isinstance(tree, ast.Module) else "eval", dont_inherit=True)


def _move(tree: ast.AST, lines: int, columns: int) -> None:
    """Give every node its place in the Markdown."""
    ast.increment_lineno(tree, lines)
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.stmt):
            node.col_offset += columns
            node.end_col_offset = (node.end_col_offset or 0) + columns


def _ends_in_semicolon(source: str) -> bool:
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER)
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type not in skipped][-1] == ";"
