# mypy: disable-error-code="no-untyped-def, no-untyped-call, union-attr"
"""The package lives in this notebook: the text of each of its files, and a way to import it from there.

A cell that begins with %%dezero puts its definitions into a file, each in the place of its namesake; then the
package is imported anew, and what the notebook has of it turns to the new definitions.
Where it cannot be imported before another such cell has run, the line ends in "later".
A cell that begins with %%needs is left out where a library is missing, but for its other imports.
"""

import ast
import contextlib
import gc
import linecache
import sys
from importlib import import_module, util
from importlib.abc import InspectLoader, MetaPathFinder
from symtable import symtable

IMPORT = ("import ", "from ")


class Notebook(MetaPathFinder, InspectLoader):
    def __init__(self):
        self.files = {}  # the text of each file, by its path
        sys.meta_path.insert(0, self)

    def dezero(self, line, cell):
        """%%dezero PATH: put the definitions of a cell into a file of the package."""
        path, _, later = line.partition(" ")
        before = dict(self.files)
        self.files[path] = folded(self.files.get(path, ""), cell)
        try:
            if not later:
                self.turn()
        except BaseException:  # a mistake in the cell: nothing has changed, mend it and run it again
            self.files = before
            raise

    def needs(self, libraries, cell):
        """%%needs LIBRARY: run a cell, unless a library is missing."""
        missing = [name for name in libraries.split() if util.find_spec(name) is None]
        if missing:
            print(f"This cell was left out; it needs: pip install {' '.join(missing)}")
            for statement in ast.parse(cell).body:
                if isinstance(statement, ast.Import | ast.ImportFrom):
                    with contextlib.suppress(ImportError):
                        exec(ast.unparse(statement), globals())
        elif shell:
            shell.run_cell(cell).raise_error()
        else:
            exec(cell, globals())

    # --- importing anew ---

    def turn(self):
        """Import the package anew; names, objects and classes of the notebook turn to the new definitions."""
        old = {name: sys.modules.pop(name) for name in list(sys.modules) if self.owns(name)}
        try:
            new = {name: import_module(name) for name in old if self.path(name)}
        except BaseException:
            sys.modules.update(old)
            raise

        def now(value, name):  # what the package calls by this name now, first of all at its top
            top = value.__module__.partition(".")[0]
            places = [m for m in sorted(old, key=len) if m.partition(".")[0] == top]
            found = next((m for m in places if vars(old[m]).get(name) is value), value.__module__)
            return getattr(new.get(found), name, None)

        for name, value in list(globals().items()):
            module = getattr(value, "__module__", None)
            if isinstance(value, type(sys)) and old.get(value.__name__) is value:
                turned = new.get(value.__name__)
            elif module in old and vars(old[module]).get(name) is value:
                turned = now(value, name)
            else:
                continue
            globals()[name] = turned
            if turned is None:  # it is gone
                del globals()[name]
        for thing in gc.get_objects():
            with contextlib.suppress(AttributeError, ReferenceError, TypeError):
                if type(thing).__module__ in old:
                    thing.__class__ = now(type(thing), type(thing).__name__)
                elif issubclass(type(thing), type) and thing.__module__ == __name__:
                    bases = [now(base, base.__name__) or base for base in thing.__bases__]
                    thing.__bases__ = tuple(bases)

    # --- what Python asks of an importer ---

    def owns(self, module):
        tops = {path.split("/")[1].removesuffix(".py") for path in self.files}
        return module.partition(".")[0] in tops

    def path(self, module):
        """The file of a module: of a package its __init__.py, or the folder alone."""
        stem = module.replace(".", "/")
        places = [f"{top}/{stem}{end}" for end in ("/__init__.py", ".py", "/") for top in ("src", "tests")]
        return next((p for p in places if any(f == p or f.startswith(p) for f in self.files)), None)

    def find_spec(self, module, path=None, target=None):
        place = self.path(module)
        if place is None:
            return None
        spec = util.spec_from_loader(module, self, origin=place)
        spec.has_location = True
        return spec

    def is_package(self, module):
        return not self.path(module).endswith(".py") or self.path(module).endswith("__init__.py")

    def get_source(self, module):
        return self.files.get(self.path(module), "")

    def get_code(self, module):
        linecache.cache.pop(self.path(module), None)  # a traceback shows the text as it is now
        return compile(self.get_source(module), self.path(module), "exec")


def split(text):
    """The statements of a file, each with the names that it defines and the comments above it."""
    lines, start = text.splitlines(), 0
    for statement in ast.parse(text).body:
        part = "\n".join(lines[start : statement.end_lineno]).strip("\n")
        start = statement.end_lineno
        if isinstance(statement, ast.Expr):
            yield {"__doc__"}, part
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in [*statement.names]:
                statement.names = [alias]
                yield {alias.asname or alias.name}, ast.unparse(statement)
        else:
            symbols = symtable(part, "", "exec").get_symbols()
            names = {symbol.get_name() for symbol in symbols if symbol.is_assigned()}
            yield names if names and not isinstance(statement, ast.AugAssign) else {part}, part


def folded(text, cell):
    """The text of a file after a cell: each part in the place of its namesake; a new one before the part
    that follows it in the cell, else at the end."""
    parts, new = list(split(text)), list(split(cell))
    for number, (names, part) in enumerate(new):
        namesakes = [entry for entry in parts if entry[0] & names]
        below = [entry for entry in parts if any(entry[0] & later for later, _ in new[number:])]
        if namesakes:
            place = parts.index(namesakes[0])
            parts = [entry for entry in parts if entry not in namesakes]
        elif "__doc__" in names:
            place = 0
        elif part.startswith(IMPORT):
            place = sum(entry[1].startswith(IMPORT) or "__doc__" in entry[0] for entry in parts)
        else:
            place = parts.index(below[0]) if below else len(parts)
        if not part.startswith("del "):
            parts.insert(place, (names, part))
    return "\n\n".join(part for _, part in parts) + "\n"


notebook = Notebook()
shell = None
with contextlib.suppress(NameError):  # in plain Python, cells are run by calling notebook.dezero(path, cell)
    shell = get_ipython()  # type: ignore[name-defined]  # noqa: F821
    shell.register_magic_function(notebook.dezero, "cell")
    shell.register_magic_function(notebook.needs, "cell")
