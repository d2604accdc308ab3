"""The package lives in this notebook: the text of each of its files, and a way to import it from there.

A cell that begins with %% and the name of the package holds a file of it. When it is run, the package is
imported anew, and what the notebook has of it turns to the new definitions; with "later", not before the next
such cell or the next use; with "gone", the file is taken away.
A cell that begins with %%needs is left out where something is missing, but for its other imports.
"""

from __future__ import annotations

import ast
import contextlib
import sys
from importlib import import_module
from importlib.util import find_spec
from traceback import extract_tb, format_exception_only, format_list
from typing import Any

from literate.run.autoreload import Imported, carry_over, import_what_is_there, imports
from literate.run.importer import Importer
from literate.run.renderer import renderer


class Notebook(Importer):
    """A package whose files are cells of a notebook; ``shell`` is what IPython calls so."""

    def __init__(self, package: str, shell: Any) -> None:
        super().__init__(package, {})
        self.shell = shell
        self.imported: list[Imported] = []
        self.waiting = False  # for a cell after which the package can be imported
        sys.meta_path.insert(0, self)
        shell.register_magic_function(self.write, "cell", package)
        shell.register_magic_function(self.needs, "cell", "needs")
        shell.events.register("pre_run_cell", lambda info: self.before(info.raw_cell))
        shell.events.register("post_run_cell", lambda result: self.after(result.info.raw_cell))

    def write(self, line: str, cell: str) -> None:
        """``%%PACKAGE PATH [gone] [later]``: let a cell be a file of the package, or take the file away."""
        path, *words = line.split()
        before = self.files
        self.files = {**before, path: cell}
        if "gone" in words:
            self.files = {name: text for name, text in before.items() if name != path}
        self.waiting = True
        try:
            if "later" not in words:
                self.turn()
        except Exception as error:  # a mistake in the cell: nothing has changed, mend it and run it again
            from IPython.core.error import UsageError  # which IPython shows without all of the cell

            places = [place for place in extract_tb(error.__traceback__) if place.filename in self.files]
            self.files = before
            raise UsageError("".join(["\n", *format_list(places), *format_exception_only(error)])) from None

    def turn(self) -> None:
        """Import the package anew; names, objects and classes of the notebook turn to the new definitions."""
        old = self.take()
        try:
            self.imported, _ = carry_over(self.shell.user_ns, self.imported, old)
        except BaseException:
            self.take()
            sys.modules.update(old)
            raise
        self.waiting = False

    def before(self, cell: str) -> None:
        """Before a cell that may use the package."""
        if self.waiting and not cell.startswith(f"%%{self.name} "):
            self.turn()

    def after(self, cell: str) -> None:
        """After a cell: note what it imported of the package."""
        with contextlib.suppress(SyntaxError):  # it begins with %%
            self.imported += imports(ast.parse(cell), self.shell.user_ns, self)

    def needs(self, line: str, cell: str) -> None:
        """``%%needs NAME``: run a cell, unless something of this name is not installed."""
        names = line.split()
        if missing := [name for name in names if not is_there(name)]:
            print(f"This cell was left out; it needs: pip install {' '.join(missing)}")
            import_what_is_there(ast.parse(cell), self.shell.user_ns)
            self.after(cell)
            return
        if "graphviz" in names:
            vars(import_module("graphviz.backend.dot_command"))["DOT_BINARY"] = renderer()
        self.shell.run_cell(cell).raise_error()


def is_there(name: str) -> bool:
    """Whether a library is installed, or what draws graphs."""
    return bool(renderer() if name == "graphviz-pure" else find_spec(name))
