"""A mark of what the last `tangle` read and wrote: where nothing differs, the book need not be read."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from literate.read.project import FILE, Project
from literate.write.files import temporaries
from literate.write.manifest import Manifest, digest, place, read_manifest

MARK = ".cache/literate/tangled"


def inputs(project: Project) -> str:
    """The hash of what decides about the tangled files: the Markdown, the nav and the tool."""
    state = hashlib.blake2b(sys.version.encode(), digest_size=16)
    for path in _inputs(project):
        content = b""
        with suppress(OSError):  # the book has a finding then, and the mark is not left
            content = path.read_bytes()
        state.update(f"{path}\0{len(content)}\0".encode("utf-8", "surrogatepass"))
        state.update(content)
    return state.hexdigest()


def _inputs(project: Project) -> Iterator[Path]:
    root = project.root
    yield from sorted(Path(__file__).parents[1].rglob("*.py"))
    yield from (root / FILE, root / project.nav, root / "README.md")
    yield from sorted((root / project.docs).rglob("*.md"))


def unchanged(project: Project) -> bool:
    """Whether the last run read the same, and what it wrote is still there."""
    root = project.root
    try:
        manifest = read_manifest(project)
        marked = (root / MARK).read_text(encoding="utf-8") == _mark(inputs(project), manifest)
        return marked and not temporaries(root / place(project)) and all(_intact(root, manifest))
    except (OSError, UnicodeDecodeError):
        return False


def _intact(root: Path, manifest: Manifest) -> Iterator[bool]:
    for path in manifest.entries:
        text = (root / path).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        yield manifest.wrote(path, text)


def mark(project: Project, read: str) -> None:
    """Note that what was ``read`` has been written; where that is not possible, the next run takes longer."""
    path = project.root / MARK
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_mark(read, read_manifest(project)), encoding="utf-8")


def _mark(read: str, manifest: Manifest) -> str:
    return f"{read} {digest(manifest.text or '')}"
