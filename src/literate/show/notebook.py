# mypy: disable-error-code="no-untyped-call"
"""A chapter -> a notebook that runs from top to bottom where only NumPy is installed.

Prose becomes plain Markdown, an experiment a code cell that carries its output. A fragment is shown as on the
page; below it, folded away, a cell holds the whole file as of there. How such a cell gets into the package is
said by the first code cell of the notebook, which is made from the tool's own importer and autoreload.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import PurePosixPath
from typing import Any

import isort
import nbformat
from nbformat import NotebookNode

from literate.fold.book import Book
from literate.read.chapters import Chapter
from literate.read.page import Block, Kind
from literate.read.project import Project
from literate.run import autoreload, importer, renderer
from literate.show import notebook_setup
from literate.show.needs import Needs, imports_within
from literate.show.prose import Links, pieces

Cell = dict[str, Any]
Files = tuple[tuple[str, str | None], ...]  # paths and texts; None: the file is taken away

ABOUT = """\
*This is {chapter} as a notebook: run its cells from top to bottom.
They need NumPy; a figure that needs more says so.
A cell that begins with `%%{package}` is a file of the package, as of there, and most of them are folded away.
Change it and run it again, and what follows runs with yours, up to the next cell with the same file.*

*Folded away below: {folded}.*"""
RUN: tuple[Kind, ...] = ("experiment", "fragment", "moves")
APART: tuple[Kind, ...] = (*RUN, "output", "figure", "life")
SETUP = '''\
"""{about}
"""


def setup(package, shell):  # a function, so that its names are not among those of the chapter
{body}

    return Notebook(package, shell)


notebook = setup("{package}", get_ipython())'''
PYPLOT = ((None, "matplotlib.pyplot"), ("matplotlib", "pyplot"))
MACHINERY = "the machinery that keeps the package in the notebook"
FOLDED = {"jupyter": {"source_hidden": True}}
NOTHING: Cell = {}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def notebook(book: Book, chapter: Chapter, site: str | None = None) -> str:
    """A chapter as a notebook; its links lead to the book published at ``site``, else to other notebooks."""
    before = book.package_found_by(chapter)
    text = "\n".join(f"{block.title} {block.code}" for block in chapter.page.blocks if block.kind != "other")
    needed = [path for path in before if book.project.is_source(path) or PurePosixPath(path).stem in text]
    files = tuple((path, before[path].text) for path in sorted(needed))
    changes = tuple((block.line, _changes(book, block)) for block in chapter.page.of("fragment", "moves"))
    return _notebook(book.project, chapter, files, changes, site)


def _changes(book: Book, block: Block) -> Files:
    """The files that a fragment changes, as they are after it."""
    before, after = book.package_before(block), book.package_at(block)
    changed = [path for path in sorted({*before, *after}) if before.get(path) is not after.get(path)]
    return tuple((path, after[path].text if path in after else None) for path in changed)


@lru_cache(maxsize=256)
def _notebook(
    project: Project, chapter: Chapter, files: Files, changes: tuple[tuple[int, Files], ...], site: str | None
) -> str:
    """The text of a notebook: ``files`` is what it begins with, ``changes`` what each fragment changes."""
    cells = [*_Cells(project, chapter, files, dict(changes), Links(project, chapter.page.path, site)).all()]
    for number, cell in enumerate(cells, 1):
        cell["id"] = f"cell-{number:03}"  # the same each time
    whole = NotebookNode(cells=cells, metadata=METADATA, nbformat=4, nbformat_minor=5)
    return f"{nbformat.v4.writes(whole)}\n"


@cache
def _setup(package: str) -> str:
    """The first code cell: the machinery, put together from the modules that are the tool's own, too."""
    texts = []
    for module in (importer, autoreload, notebook_setup, renderer):
        _, _, text = inspect.getsource(module).partition('\n"""\n')  # what follows its docstring
        texts.append(re.sub(r"^from (__future__|literate)\b.*\n", "", text, flags=re.MULTILINE))
    body = isort.code("\n\n\n".join(texts), profile="black", float_to_top=True)
    body = textwrap.indent(re.sub(r"\n{3,}", "\n\n", body).strip(), "    ")
    return SETUP.format(about=str(notebook_setup.__doc__).strip(), body=body, package=package)


def _cell(kind: str, source: str, metadata: Cell = NOTHING, **more: Any) -> Cell:
    """A cell; nbformat's own functions hold each against a schema, which takes more than all else."""
    return NotebookNode(cell_type=kind, metadata=NotebookNode(metadata), source=source, **more)


def _code_cell(source: str, output: str = "", *, folded: bool = False) -> Cell:
    stream = NotebookNode(output_type="stream", name="stdout", text=f"{output}\n")
    outputs = [stream] if output else []
    return _cell("code", source, FOLDED if folded else NOTHING, execution_count=None, outputs=outputs)


@dataclass
class _Cells:
    """The cells of a chapter."""

    project: Project
    chapter: Chapter
    files: Files
    changes: dict[int, Files]
    links: Links
    pyplot: str = ""  # what the experiments so far call it

    def __post_init__(self) -> None:
        own = {self.project.package, "numpy", *(PurePosixPath(path).stem for path, _ in self.files)}
        self.needs = Needs(own | sys.stdlib_module_names)

    def all(self) -> Iterator[Cell]:
        package, page = self.project.package, self.chapter.page
        folded = f"{MACHINERY}, and the package as this chapter finds it" if self.files else MACHINERY
        yield _cell("markdown", f"# {self.chapter.entry}")
        yield _cell("markdown", ABOUT.format(chapter=self.chapter.said, folded=folded, package=package))
        yield _code_cell(_setup(package), folded=True)
        for path, text in self.files:
            yield self.file(path, text)
        for piece in pieces(page, page.of(*APART), self.quoted(), self.links):
            match piece:
                case str():
                    if text := piece.removeprefix(f"# {page.title}\n").strip("\n"):
                        yield _cell("markdown", text)
                case Block(kind="experiment"):
                    yield self.experiment(piece, page.answer_to(piece))
                case Block(kind="figure"):
                    yield _cell("markdown", f"*{piece.caption_and_alt[0]}*")
                case Block(kind="life"):
                    yield _cell("markdown", f"*{' '.join(piece.code.split())}*")
                case Block(kind="fragment" | "moves"):
                    yield from self.fragment(piece)

    def quoted(self) -> list[Block]:
        """The blocks that stand in the prose: all that are no cells, and those that show a part of one."""
        page = self.chapter.page
        return [block for block in page.blocks if block.kind not in APART or self.is_part(block)]

    def is_part(self, block: Block) -> bool:
        """Whether a fragment is not the whole of the file that it changes."""
        whole = ((block.title, f"{block.tangled}\n"),)
        return self.changes.get(block.line, whole) != whole

    def fragment(self, block: Block) -> Iterator[Cell]:
        """The files that a fragment changes; after the last before an experiment, names turn to them."""
        following = (other for other in self.chapter.page.of(*RUN) if other.line > block.line)
        goes_on = next((other.kind != "experiment" for other in following), False)
        changes = self.changes[block.line]
        for number, (path, text) in enumerate(changes, 1):
            later = goes_on or number < len(changes)
            yield self.file(path, text, later=later, folded=self.is_part(block))

    def file(self, path: str, text: str | None, *, later: bool = False, folded: bool = True) -> Cell:
        """A cell that holds a file."""
        body = "# gone" if text is None else text.strip("\n") or "# empty"
        words = [f"%%{self.project.package}", path, *["gone"] * (text is None), *["later"] * later]
        return _code_cell(f"{' '.join(words)}\n{body}", folded=folded)

    def experiment(self, block: Block, answer: Block | None) -> Cell:
        """An experiment as a cell, left out where something is missing for it or for an earlier name."""
        source = block.tangled
        output = answer.code if answer and answer.kind == "output" else ""
        try:
            needed = self.needs.needed(source)
            bound = {(entry.module, entry.name): entry.bound for entry in imports_within(ast.parse(source))}
        except SyntaxError:  # whoever runs the experiments says so
            needed, bound = frozenset(), {}
        self.pyplot = next((bound[name] for name in PYPLOT if name in bound), self.pyplot)
        if answer and answer.kind == "figure" and self.pyplot and f"{self.pyplot}." in source:
            source = re.sub(r"(^|\n)\w+$", rf"\1{self.pyplot}.show()", source)
        magic = f"%%needs {' '.join(sorted(needed))}\n" if needed else ""
        return _code_cell(magic + source, output)
