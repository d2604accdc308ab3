"""What the tool last wrote: hashes of the tangled files and of every part of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from literate.fold.folding import Line, Module, Package
from literate.read.finding import Finding
from literate.read.page import Block
from literate.read.project import Project
from literate.write.files import temporaries

ABOUT = "Hashes of what `python -m literate tangle` last wrote. Commit this file with those, never edit it."


@dataclass(frozen=True)
class Part:
    """What can be edited by itself: a docstring, an import, a definition; of a class, its head."""

    name: str
    lines: tuple[Line, ...]
    block: Block | None = None  # None: an import

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    @property
    def line(self) -> int:
        return self.lines[0].line

    def finding(self, message: str) -> Finding:
        return Finding(self.lines[0].path, self.line, message)

    def __str__(self) -> str:
        return self.name if self.block else f"`{self.name}`"


def parts(module: Module | None) -> dict[str, Part]:
    """The parts of a module by their names: imports, then definitions in their order."""
    module = module or Module()
    imports = {
        entry.statement: Part(entry.statement, (Line(entry.statement, *entry.origin),))
        for entry in sorted(module.imports, key=lambda entry: entry.statement)
    }
    return imports | {name: Part(name, d.head, d.block) for name, d in module.definitions.items()}


def place(project: Project) -> str:
    """Where the manifest lies: beside the package."""
    return f"{project.source}/.{project.package}-manifest.json"


def digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


Hashes = Mapping[str, str]  # of a file as it was written once: of every part by name, of its text under WHOLE
WHOLE = ""


@dataclass(frozen=True)
class Manifest:
    """What was last written. A file has two entries while a killed run may have written it or not."""

    text: str | None = None  # of the manifest itself; None: there is none
    entries: Mapping[str, tuple[Hashes, ...]] = field(default_factory=dict)
    problem: Finding | None = None

    def wrote(self, path: str, text: str | None, name: str = WHOLE) -> bool:
        """Whether the tool wrote the file, or a part of it, with this text; None stands for its absence."""
        now = None if text is None else digest(text)
        return any(hashes.get(name) == now for hashes in self.entries.get(path, ()))


def render(package: Package) -> str:
    """The manifest of a package that has been written."""
    files = {
        path: {
            "text": digest(module.text),
            "definitions": {name: digest(part.text) for name, part in parts(module).items()},
        }
        for path, module in package.items()
    }
    return json.dumps({"about": ABOUT, "files": files}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read_manifest(project: Project) -> Manifest:
    """The manifest of a project, and what a killed run was about to write; a broken one counts as none."""
    path = project.root / place(project)
    entries: dict[str, tuple[Hashes, ...]] = {}
    text: str | None = ""
    problem = None
    try:
        text = read_text(path)
        entries = {name: (hashes,) for name, hashes in _read_entries(project, text)}
    except FileNotFoundError:
        text, problem = None, _manifest_problem(project, "is missing")
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        problem = _manifest_problem(project, f"is no manifest ({why})")
    for leftover in temporaries(path):
        with suppress(OSError, ValueError, RecursionError):  # half-written: no file had been touched yet
            for name, hashes in list(_read_entries(project, read_text(leftover))):
                entries[name] = (*entries.get(name, ()), hashes)
    return Manifest(text, entries, problem)


def read_text(path: Path) -> str:
    """What a file says, wherever it was checked out."""
    return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")


def _manifest_problem(project: Project, what: str) -> Finding:
    path = place(project)
    message = f"{what}, so nothing tells what was last written; bring it back (`git checkout -- {path}`)"
    return Finding(path, 1, message)


def _read_entries(project: Project, text: str) -> Iterator[tuple[str, Hashes]]:
    """ValueError if the text is no manifest."""
    match json.loads(text):
        case {"files": dict(files)}:
            for path, entry in files.items():
                yield path, _hashes(project, path, entry)
        case _:
            raise ValueError('it has no "files"')


def _hashes(project: Project, path: str, entry: Any) -> Hashes:
    match entry:
        case {"text": str(text), "definitions": dict(definitions)} if project.module.fullmatch(path):
            if all(isinstance(value, str) for value in definitions.values()):
                return {**definitions, WHOLE: text}
    raise ValueError(f"its entry {path!r} is none that the tool writes")
