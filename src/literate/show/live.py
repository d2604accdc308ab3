"""The Run buttons of the pages: what the reader's browser gets for them, if Pyodide was gathered.

A page says of each experiment which it is (``data-live``), and a script makes the buttons. On the first click
it loads Pyodide, the part of the tool that runs experiments (``live_session``), and what a session consists
of: its experiments, the package as of each, and the tests of the exercises.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

import literate
from literate.fold.book import Book, Session
from literate.fold.module import Package
from literate.read.page import Block, Page
from literate.show.downloads import archive
from literate.show.gathering import gathered, is_gathered
from literate.show.needs import Needs

OWN, ASSETS = Path(__file__).with_name("live"), "assets/live/"
SCRIPT, STYLE = f"{ASSETS}page.js", f"{ASSETS}page.css"
OF_RUN = ("autoreload", "cell", "importer", "picture", "renderer", "state")
SENT = (*(f"run/{name}" for name in OF_RUN), "show/hand", "show/ink", "show/live_session")
ABSENT = {"multiprocessing", "subprocess", "threading"}  # of Python's own modules, in a browser
Sessions = list[tuple[str, Session]]  # by the names of their files


def live_files(book: Book) -> dict[str, bytes]:
    """All that the buttons need, by name below ``docs/``; nothing if Pyodide was not gathered."""
    if not is_gathered(book.project):
        return {}
    own = {f"{ASSETS}{path.name}": path.read_bytes() for path in sorted(OWN.iterdir())}
    sessions = {f"{ASSETS}{name}.json": session for page in book.pages for name, session in named(book, page)}
    data = book.project.data_files(module.text for module in book.final.values())
    files = {f"assets/pyodide/{name}": content for name, content in gathered(book.project).items()}
    files |= own | {f"{ASSETS}tool.zip": archive(_sent())}
    files |= {name: json.dumps(content(book, session)).encode() for name, session in sessions.items()}
    return files | {f"{ASSETS}{path}.bin": file for path, file in data.items()}


def marks(book: Book, page: Page) -> dict[int, str]:
    """What a page says of the blocks that a browser can run, by line: session, number, state."""
    if not is_gathered(book.project):
        return {}
    found = {}
    for name, session in named(book, page):
        blocks = [step.block for step in session.steps]
        for number, (block, needs) in enumerate(zip(blocks, _needs(book, session, blocks), strict=True)):
            if not needs:
                found[block.line] = f'data-live="{name} {number} {_state(block)}"'
        for number, block in enumerate(tests(book, session)):
            found[block.line] = f'data-check="{name} {number} {_state(block)}"'
    return found


def named(book: Book, page: Page) -> Sessions:
    """The session of a page of the site, if it has one alone, with the name of its file."""
    path = PurePosixPath(page.path.removeprefix(f"{book.project.docs}/"))
    sessions = [session for session in book.sessions_of(page) if session.steps]
    written = path.as_posix() != page.path and any(page is one for one in book.pages)
    if not written or len(sessions) != 1:  # the README, a lab, the answers
        return []
    return [(path.with_suffix("").as_posix().replace("/", "-"), sessions[0])]


def content(book: Book, session: Session) -> dict[str, Any]:
    """What a browser gets of a session; each text of a module once."""
    texts: dict[str, int] = {}
    packages: dict[tuple[tuple[str, int], ...], int] = {}

    def number(package: Package) -> int:
        modules = _needed_modules(book, session, package)
        numbered = tuple((path, texts.setdefault(package[path].text, len(texts))) for path in modules)
        return packages.setdefault(numbered, len(packages))

    blocks = [step.block for step in session.steps]
    steps = [
        {
            "code": step.block.tangled,
            "package": number(step.package),
            "needs": needs,
            "figure": bool(step.answer and step.answer.kind == "figure"),
        }
        for step, needs in zip(session.steps, _needs(book, session, blocks), strict=True)
    ]
    end = number(book.package_after(book.chapter(session.key))) if session.key else steps[-1]["package"]
    checks = [block.tangled for block in tests(book, session)]
    return {
        "package": book.project.package,
        "texts": [*texts],
        "packages": [dict(modules) for modules in packages],
        "steps": steps,
        "end": end,
        "checks": checks,
        "numpy": any("numpy" in text for text in (*texts, *checks, *(str(step["code"]) for step in steps))),
        "data": sorted(book.project.data_files(texts)),
    }


def tests(book: Book, session: Session) -> list[Block]:
    """The tests of a chapter's exercises: what it shows and does not run, while the answers to it do."""
    if not session.key:
        return []
    related = book.related_blocks.get(session.page.path, [])
    run = {said for block in related if block.kind == "experiment" for said in _statements(block)}
    illustrations = [(block, {*_statements(block)}) for block in session.page.of("illustration")]
    shown = [block for block, said in illustrations if said and said <= run]
    needs = [*_needs(book, session, [*(step.block for step in session.steps), *shown])][len(session.steps) :]
    return [block for block, needed in zip(shown, needs, strict=True) if not needed]


def _statements(block: Block) -> Iterator[str]:
    try:
        yield from map(ast.dump, ast.parse(block.tangled).body)
    except SyntaxError:  # whoever runs it says so
        return


def _needed_modules(book: Book, session: Session, package: Package) -> list[str]:
    """The modules of a package that a session may import; of the tests those that it names."""
    text = "\n".join(step.block.code for step in session.steps)
    is_source = book.project.is_source
    return [path for path in sorted(package) if is_source(path) or PurePosixPath(path).stem in text]


def _needs(book: Book, session: Session, blocks: Iterable[Block]) -> Iterator[list[str]]:
    """For each of some blocks, in their order, the libraries and programs that a browser lacks for it."""
    modules = {PurePosixPath(path).stem for step in session.steps for path in step.package}
    own = {book.project.package, literate.__name__, "numpy", *modules}
    needs = Needs(own | (sys.stdlib_module_names - ABSENT), strict=True)
    for block in blocks:
        try:
            yield sorted(needs.needed(block.tangled))
        except SyntaxError:
            yield []


def _state(block: Block) -> str:
    """What tells one text of a block from another: a reader's edits belong to one."""
    return sha256(block.tangled.encode()).hexdigest()[:6]


@cache
def _sent() -> dict[str, bytes]:
    """The part of the tool that runs in a browser, by path."""
    top = Path(str(literate.__file__)).parent
    packages = ("__init__", "run/__init__", "show/__init__")
    return {f"literate/{name}.py": (top / f"{name}.py").read_bytes() for name in (*packages, *SENT)}
