"""What the tool last wrote: hashes of the tangled files and of every part of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
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
    definitions = {
        name: Part(name, definition.head, definition.block) for name, definition in module.definitions.items()
    }
    return imports | definitions


def place(project: Project) -> str:
    """Where the manifest lies: beside the package."""
    return f"{project.source}/.{project.package}-manifest.json"


def digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Entry:
    """The hashes of a file as it was written once: of its text, and of every part by name."""

    text: str
    definitions: Mapping[str, str]


@dataclass(frozen=True)
class Manifest:
    """What was last written. A file has two entries while a killed run may have written it or not."""

    text: str | None = None  # of the manifest itself; None: there is none
    entries: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    problem: Finding | None = None

    def wrote(self, path: str, text: str) -> bool:
        """Whether the tool wrote the file with this text."""
        return any(entry.text == digest(text) for entry in self.entries.get(path, ()))

    def wrote_part(self, path: str, name: str, part: Part | None) -> bool:
        """Whether the tool wrote the part of the file like this; None stands for its absence."""
        now = digest(part.text) if part else None
        return any(entry.definitions.get(name) == now for entry in self.entries.get(path, ()))


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
    entries: dict[str, tuple[Entry, ...]] = {}
    text: str | None = ""
    problem = None
    try:
        text = read_text(path)
        entries = {name: (entry,) for name, entry in _entries(project, text).items()}
    except FileNotFoundError:
        text, problem = None, _problem(project, "is missing")
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        problem = _problem(project, f"is no manifest ({why})")
    for leftover in temporaries(path):
        try:
            killed = _entries(project, read_text(leftover))
        except (OSError, ValueError, RecursionError):
            continue  # half-written: its run had not touched a file yet
        for name, entry in killed.items():
            entries[name] = (*entries.get(name, ()), entry)
    return Manifest(text, entries, problem)


def read_text(path: Path) -> str:
    """What a file says, wherever it was checked out."""
    return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")


def _problem(project: Project, what: str) -> Finding:
    path = place(project)
    message = f"{what}, so nothing tells what was last written; bring it back (`git checkout -- {path}`)"
    return Finding(path, 1, message)


def _entries(project: Project, text: str) -> dict[str, Entry]:
    """ValueError if the text is no manifest."""
    data = json.loads(text)
    files = data.get("files") if isinstance(data, dict) else None
    if not isinstance(files, dict):
        raise ValueError('it has no "files"')
    return {path: _entry(project, path, entry) for path, entry in files.items()}


def _entry(project: Project, path: str, entry: Any) -> Entry:
    match entry:
        case {"text": str(text), "definitions": dict(definitions)} if project.module.fullmatch(path):
            if all(isinstance(value, str) for value in definitions.values()):
                return Entry(text, definitions)
    raise ValueError(f"its entry {path!r} is none that the tool writes")
