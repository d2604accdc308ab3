"""Run the experiments of a page in the reader's browser, as they ran when the page was made.

This text runs there, so it needs the standard library alone, and of the tool what ``live`` sends along.
"""

from __future__ import annotations

import ast
import contextlib
import io
import linecache
import os
import sys
import sysconfig
import tempfile
import traceback
from collections.abc import Callable, Container, Iterator, Mapping
from types import ModuleType, TracebackType
from typing import Any

from literate.run.autoreload import Imported, carry_over, import_what_is_there, imports
from literate.run.cell import code_object, parsed
from literate.run.importer import Importer
from literate.run.picture import DrawingError, draw
from literate.run.state import begin

LONGEST = 1_000_000  # letters that an experiment may put out
UNDRAWN = "This picture is drawn by a program that is not in the browser; the page has it as it was drawn."


class LiveSession(Importer):
    """The experiments of a session: their names, and the package as of the one that ran last.

    ``data`` is what ``live`` writes, ``put`` takes what an experiment puts out, ``root`` is a folder for the
    package and the files that it reads.
    """

    def __init__(self, data: Mapping[str, Any], put: Callable[[str], object], root: str) -> None:
        super().__init__(data["package"], {})
        self.data, self.root, self.output = data, root, _Output(put)
        self.done: list[str] = []  # the experiments that ran, from the first on
        self.imported: list[Imported] = []
        begin(self.name)
        schemes = vars(sysconfig)["_INSTALL_SCHEMES"]  # where Pyodide lacks the user's
        schemes.setdefault("posix_user", schemes["posix_prefix"])
        sys.meta_path.insert(0, self)
        self.restart()

    def close(self) -> None:
        """Make room for another session."""
        self.take()
        sys.meta_path.remove(self)

    def file(self, path: str) -> str:
        return f"{self.root}/{path}"  # beside the files that the package reads

    def missing(self, name: str) -> str:
        return f"No module named {name!r} in the package as of this point of the book"

    def run(self, edits: Mapping[int, str], index: int) -> dict[str, Any]:
        """Run an experiment, and before it those above it, unless they are what ran last."""
        codes = self._codes(edits)
        return self._above(codes[:index]) or self._next(index, codes[index], muted=False)

    def check(self, edits: Mapping[int, str], number: int, answer: str) -> dict[str, Any]:
        """Run an answer to an exercise, then its test, below all experiments; what they name is not kept."""
        if failed := self._above(self._codes(edits)):
            return failed
        self._turn_to(self.data["end"])
        namespace = self.module.__dict__
        names = dict(namespace)
        try:
            result = self._shown(answer, "your answer", muted=False)
            if "error" not in result:
                result = self._shown(self.data["checks"][number], "the test", muted=False)
            return result
        finally:
            namespace.clear()
            namespace.update(names)

    def restart(self) -> None:
        """Forget all that ran."""
        self.take()
        self.files, self.done, self.imported = {}, [], []
        self.module = sys.modules["__main__"] = ModuleType("__main__")
        os.chdir(tempfile.mkdtemp())

    def _codes(self, edits: Mapping[int, str]) -> list[str]:
        return [edits.get(number, step["code"]) for number, step in enumerate(self.data["steps"])]

    def _above(self, codes: list[str]) -> dict[str, Any]:
        """Let these experiments be what ran last; what one of them fails with, if so."""
        if self.done != codes[: len(self.done)]:
            self.restart()
        for number in range(len(self.done), len(codes)):
            result = self._next(number, codes[number], muted=True)
            edited = codes[: number + 1] != self._codes({})[: number + 1]
            if "stopped" in result or ("error" in result and edited):
                return {**result, "at": number}
            self.done[-1] = codes[number]  # what fails as written lacks what browsers lack
        return {}

    def _next(self, number: int, code: str, muted: bool) -> dict[str, Any]:
        """Run an experiment after those above it; while ``muted``, one that lacks a library is left out."""
        step = self.data["steps"][number]
        self._turn_to(step["package"])
        if step["needs"] and muted:
            tree, result = ast.parse(code), dict[str, Any]()
            import_what_is_there(tree, self.module.__dict__)
            self.imported += imports(tree, self.module.__dict__, self)
        else:
            result = self._shown(code, f"experiment {number + 1}", muted)
        self.done.append("\0" if "error" in result else code)  # after a failure, the next run begins anew
        if step["figure"] and not {"picture", "error"} & result.keys():
            result["note"] = UNDRAWN
        return result

    def _turn_to(self, package: int) -> None:
        """Let ``import`` mean this package, and so the names that were imported before."""
        files = {path: self.data["texts"][text] for path, text in self.data["packages"][package].items()}
        if files != self.files:
            before, self.files = self.take(), files
            self.imported, _ = carry_over(self.module.__dict__, self.imported, before)

    def _shown(self, code: str, file: str, muted: bool) -> dict[str, Any]:
        """Run some code, and show what came of it."""
        lines = f"{code}\n".splitlines(keepends=True)  # without the last break, carets stand wrong
        linecache.cache[file] = len(code), None, lines, file
        self.output.begin(muted)
        with contextlib.redirect_stdout(self.output), contextlib.redirect_stderr(self.output):
            try:
                return self._ran(code, file)
            except BaseException as error:
                told = {"error": "".join(_told(error, {file, *map(self.file, self.files)}))}
                return told | ({"stopped": True} if isinstance(error, KeyboardInterrupt) else {})

    def _ran(self, code: str, file: str) -> dict[str, Any]:
        namespace = self.module.__dict__
        tree, last = parsed(code, file)
        exec(code_object(tree, file), namespace)
        value = eval(code_object(ast.Expression(last.value), file), namespace) if last else None
        self.imported += imports(tree, namespace, self)
        if value is None:
            return {}
        with contextlib.suppress(DrawingError):
            if (picture := draw(value)) is not None:
                return {"picture": picture}
        print("" if self.output.at_line_start else "\n", end="")
        print(repr(value))
        return {}


class _Output(io.TextIOBase):
    """What takes the place of standard output."""

    def __init__(self, put: Callable[[str], object]) -> None:
        self.put = put
        self.begin(muted=False)

    def begin(self, muted: bool) -> None:
        """Before the next experiment."""
        self.muted, self.length, self.at_line_start = muted, 0, True

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.length += len(text)
        if self.length > LONGEST:
            raise ValueError(f"puts out more than {LONGEST:,} letters")
        if text:
            self.at_line_start = text.endswith("\n")
            if not self.muted:
                self.put(text)
        return len(text)


def _told(error: BaseException, files: Container[str]) -> Iterator[str]:
    """A traceback that begins in the reader's code."""
    trace: TracebackType | None = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename not in files:
        trace = trace.tb_next
    yield from traceback.TracebackException(type(error), error, trace).format()
