"""A chapter -> a notebook (nbformat 4.5) that runs from top to bottom where only NumPy is installed.

Prose becomes plain Markdown, an experiment a code cell that carries its output, a fragment a cell with the
whole of what it touches. How such a cell gets into the package is said by the first code cell of the
notebook, which is ``notebook_setup.py``.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from symtable import SymbolTable, symtable
from typing import Literal

from literate.fold.book import Book
from literate.fold.imports import Import, read_imports
from literate.fold.module import Definition, Module, Package
from literate.read.chapters import Chapter
from literate.read.page import Block, Page
from literate.read.project import Project
from literate.show.prose import Links, pieces

Files = tuple[tuple[str, str], ...]  # paths and texts

ABOUT = """\
*This is {chapter} as a notebook: run its cells from top to bottom.
They need NumPy; a figure that needs more says so.
A cell that begins with `%%{package}` is code of the package.
Change it and run it again, and what follows runs with yours.*

*Folded away below: {folded}.*"""
PYPLOT = ((None, "matplotlib.pyplot"), ("matplotlib", "pyplot"))
MACHINERY = "the machinery that keeps the package in the notebook"


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook; ``output`` is what a code cell has put out, ``folded`` whether it is hidden."""

    kind: Literal["markdown", "code"]
    source: str
    output: str = ""
    folded: bool = False


def notebook(book: Book, chapter: Chapter, site: str | None = None) -> str:
    """A chapter as a notebook; its links lead to the book published at ``site``, else to other notebooks."""
    before = book.package_found_by(chapter)
    files = tuple((path, before[path].text) for path in _needed(book.project, before, chapter.page))
    sources = tuple(_source(book, block) for block in chapter.page.blocks)
    return _notebook(book.project, chapter, files, sources, site)


def _needed(project: Project, package: Package, page: Page) -> list[str]:
    """The files that a chapter's notebook begins with: the package, and those tests that it mentions."""
    text = "\n".join(f"{block.title} {block.code}" for block in page.blocks if block.kind != "other")
    return [p for p in sorted(package) if project.is_source(p) or PurePosixPath(p).stem in text]


@lru_cache(maxsize=256)
def _notebook(
    project: Project, chapter: Chapter, files: Files, sources: tuple[str, ...], site: str | None
) -> str:
    """The text of a notebook: ``files`` is what it begins with, ``sources`` are the cells of its blocks."""
    cells = [
        Cell("markdown", f"# {chapter.entry}"),
        *_opening(project, chapter, files),
        *_chapter(project, chapter.page, files, sources, Links(project, chapter.page.path, site)),
    ]
    content = {
        "cells": [_as_json(cell, f"cell-{index:03}") for index, cell in enumerate(cells, 1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _as_json(cell: Cell, name: str) -> dict[str, object]:
    content: dict[str, object] = {"cell_type": cell.kind, "id": name, "metadata": {}}
    if cell.folded:
        content["metadata"] = {"jupyter": {"source_hidden": True}}
    if cell.kind == "code":
        text = f"{cell.output}\n".splitlines(keepends=True)
        stream = {"name": "stdout", "output_type": "stream", "text": text}
        content |= {"execution_count": None, "outputs": [stream] if cell.output else []}
    return content | {"source": cell.source.splitlines(keepends=True)}


def _opening(project: Project, chapter: Chapter, files: Files) -> Iterator[Cell]:
    """What comes before the chapter: the machinery, and the package as the chapter before left it."""
    folded = f"{MACHINERY}, and the package as this chapter finds it" if files else MACHINERY
    yield Cell("markdown", ABOUT.format(chapter=chapter.said, folded=folded, package=project.package))
    yield Cell("code", _setup(project.package), folded=True)
    for path, text in files:
        yield Cell("code", f"%%{project.package} {path}\n{text.strip() or '# empty'}", folded=True)


@cache
def _setup(package: str) -> str:
    """The first code cell: the machinery, without what it says to our type checker."""
    text = Path(__file__).with_name("notebook_setup.py").read_text(encoding="utf-8")
    return text[text.index('"""') :].strip().replace("dezero", package)


def _chapter(
    project: Project, page: Page, files: Files, sources: tuple[str, ...], links: Links
) -> Iterator[Cell]:
    """The chapter itself, but for its title."""
    source = dict(zip(page.blocks, sources, strict=True))
    apart = [block for block in page.blocks if source[block] or block.kind in ("output", "figure", "life")]
    experiments = _Experiments(
        project.package, {project.package, "numpy", *(PurePosixPath(path).stem for path, _ in files)}
    )
    for piece in pieces(page, apart, links):
        match piece:
            case str():
                if text := piece.removeprefix(f"# {page.title}\n").strip("\n"):
                    yield Cell("markdown", text)
            case Block(kind="experiment"):
                yield experiments.cell(piece, page.answer_to(piece))
            case Block(kind="figure"):
                yield Cell("markdown", f"*{piece.caption_and_alt[0]}*")
            case Block(kind="life"):
                yield Cell("markdown", f"*{' '.join(piece.code.split())}*")
            case Block(kind="fragment" | "moves"):
                yield Cell("code", source[piece])
                yield from experiments.again()


# --- experiments --------------------------------------------------------------------------------------------


@dataclass
class _Experiments:
    """The experiments so far: which libraries their names need, and what they imported by another name."""

    package: str
    own: set[str]  # modules that are there anyway
    needs: dict[str, frozenset[str]] = field(default_factory=dict)  # libraries by name
    renamed: dict[str, str] = field(default_factory=dict)  # import statements by name
    pyplot: str = ""  # what matplotlib.pyplot is called

    def cell(self, block: Block, answer: Block | None) -> Cell:
        """An experiment as a cell, left out where a library is missing for it or for an earlier name."""
        source = block.tangled
        output = answer.code if answer and answer.kind == "output" else ""
        try:
            imports = list(_imports(source))
            table = symtable(source, "experiment", "exec")
        except SyntaxError:  # whoever runs the experiments says so
            return Cell("code", source, output)
        written = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned()}
        written |= {entry.bound.partition(".")[0] for entry in imports}
        libraries = {_top(entry) for entry in imports} - self.own - sys.stdlib_module_names
        needed = frozenset(libraries).union(*(self.needs.get(name, ()) for name in _read(table) - written))
        for name in written:
            self.needs[name] = needed & self.needs.get(name, needed)  # what it was before will do
        for entry in imports:
            if _top(entry) not in libraries:  # these are done where the cell is left out, too
                self.needs[entry.bound.partition(".")[0]] = frozenset()
            if _top(entry) == self.package and (entry.alias or entry.name.isupper()):
                self.renamed[entry.bound] = entry.statement
            if (entry.module, entry.name) in PYPLOT:
                self.pyplot = entry.bound
        if answer and answer.kind == "figure" and self.pyplot and f"{self.pyplot}." in source:
            source = re.sub(r"(^|\n)\w+$", rf"\1{self.pyplot}.show()", source)
        magic = f"%%needs {' '.join(sorted(needed))}\n" if needed else ""
        return Cell("code", magic + source, output)

    def again(self) -> Iterator[Cell]:
        """After a fragment, import once more what the notebook does not find by its name."""
        if self.renamed:
            yield Cell("code", "\n".join(self.renamed.values()))


def _imports(source: str) -> Iterator[Import]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from read_imports(node, ("", 0))


def _top(entry: Import) -> str:
    return (entry.module or entry.name).partition(".")[0]


def _read(table: SymbolTable) -> set[str]:
    """The names that a scope and those within it take from the notebook."""
    own = table.get_type() == "module"
    names = {s.get_name() for s in table.get_symbols() if s.is_referenced() and (own or s.is_global())}
    return names.union(*map(_read, table.get_children()))


# --- fragments ----------------------------------------------------------------------------------------------


def _source(book: Book, block: Block) -> str:
    """What the cell of a block contains; nothing for a block that gets none."""
    match block.kind:
        case "experiment":
            return block.tangled
        case "fragment":
            later = "" if _holds(book.package_at(block)) else " later"
            return f"%%{book.project.package} {block.title}{later}\n{_definitions(book, block)}"
        case "moves":
            return "\n".join([*_moves(book.project.source, block.code), "notebook.turn()"])
    return ""


def _holds(package: Package) -> bool:
    """Whether each module of a package has what others import from it by name."""
    modules = {_dotted(path): module for path, module in package.items()}
    for module in modules.values():
        for entry in module.imports:
            home = modules.get(entry.module or "")
            if home and f"{entry.module}.{entry.name}" not in modules:
                bound = {imported.bound for imported in home.imports}
                names = bound.union(*(definition.names for definition in home.body))
                if entry.name not in names:
                    return False
    return True


def _dotted(path: str) -> str:
    """``dezero.core`` for ``src/dezero/core.py``."""
    return ".".join(PurePosixPath(path).with_suffix("").parts[1:]).removesuffix(".__init__")


def _definitions(book: Book, block: Block) -> str:
    """All that a fragment touches: whole definitions, new imports, and a ``del`` for what it takes away."""
    module = book.package_at(block).get(str(block.title), Module())
    changes = [change for change in book.changes_of(block) if not change.inner]
    docstring = [module.docstring.text for change in changes if change.name == "__doc__" and module.docstring]
    imports = [change.name for change in changes if _is_import(change.name) and change.action != "removes"]
    gone = [_bound(change.name) for change in changes if change.action == "removes"]
    lines = "\n".join(imports), "\n".join(f"del {name}" for name in gone if "." not in name)
    definitions = (definition.text for definition in _shown(book, block, module))
    return "\n\n\n".join(filter(None, [*docstring, *lines, *definitions]))


def _shown(book: Book, block: Block, module: Module) -> Iterator[Definition]:
    """What a fragment touches, in the order of the module, and what new definitions stand before."""
    before = book.package_before(block).get(str(block.title), Module()).definitions
    names = {change.name for change in book.changes_of(block) if not change.inner}
    above_is_new = False
    for definition in module.body:
        keys = {definition.key, *definition.names}
        touched = any(name == key or name.startswith(f"{key}.") for name in names for key in keys)
        if touched or above_is_new:
            yield definition
        above_is_new = touched and definition.key not in before


def _is_import(name: str) -> bool:
    return name.startswith(("import ", "from "))


def _bound(name: str) -> str:
    """What an import statement binds; of anything else, its name."""
    return name.split()[-1] if _is_import(name) else name


def _moves(source: str, code: str) -> Iterator[str]:
    """The lines of a block of moves, done to the notebook's files."""
    for line in code.split("\n"):
        match line.partition("#")[0].split():
            case ["mv" | "cp" as command, old, new]:
                new += PurePosixPath(old).name if new.endswith("/") else ""
                file = f'["{source}/{old}"]' if command == "cp" else f'.pop("{source}/{old}")'
                yield f'notebook.files["{source}/{new}"] = notebook.files{file}'
            case ["rm", *paths]:
                yield from (f'del notebook.files["{source}/{path}"]' for path in paths)
