"""What the tool last wrote: hashes of the tangled files and of every definition in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from literate.read.finding import Finding
from literate.read.project import Project
from literate.write.files import temporaries

ABOUT = "Hashes of what `python -m literate tangle` last wrote. Commit this file with those, never edit it."


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

    def wrote_definition(self, path: str, name: str, text: str | None) -> bool:
        """Whether the tool wrote this definition of the file with this text; None stands for its absence."""
        now = None if text is None else digest(text)
        return any(entry.definitions.get(name) == now for entry in self.entries.get(path, ()))


def render(texts: Mapping[str, str], definitions: Mapping[str, Mapping[str, str]]) -> str:
    """The manifest of files that have been written: their texts, and the texts of the definitions in each."""
    files = {
        path: {
            "text": digest(text),
            "definitions": {name: digest(part) for name, part in definitions[path].items()},
        }
        for path, text in texts.items()
    }
    return json.dumps({"about": ABOUT, "files": files}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read_manifest(project: Project) -> Manifest:
    """The manifest of a project, and what a killed run was about to write; a broken one counts as none."""
    path = project.root / place(project)
    entries: dict[str, tuple[Entry, ...]] = {}
    text: str | None = ""
    problem = None
    try:
        text = _text(path)
        entries = {name: (entry,) for name, entry in _entries(project, text).items()}
    except FileNotFoundError:
        text, problem = None, _problem(project, "is missing")
    except (OSError, ValueError, RecursionError) as error:
        problem = _problem(project, f"is no manifest ({error})")
    for leftover in temporaries(path):
        try:
            killed = _entries(project, _text(leftover))
        except (OSError, ValueError, RecursionError):
            continue  # half-written: its run had not touched a file yet
        for name, entry in killed.items():
            entries[name] = (*entries.get(name, ()), entry)
    return Manifest(text, entries, problem)


def _text(path: Path) -> str:
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
