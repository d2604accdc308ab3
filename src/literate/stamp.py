"""A mark of what the last `tangle` read and wrote: where nothing differs, the book need not be read."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from literate.manifest import MANIFEST, Manifest, digest, read_manifest
from literate.writing import temporaries

MARK = ".cache/literate/tangled"


def inputs(root: Path) -> str:
    """The hash of what decides about the tangled files: the Markdown, the nav and the tool."""
    state = hashlib.blake2b(sys.version.encode(), digest_size=16)
    for path in _inputs(root):
        content = b""
        with suppress(OSError):  # the book has a finding then, and the mark is not left
            content = path.read_bytes()
        state.update(f"{path}\0{len(content)}\0".encode("utf-8", "surrogatepass"))
        state.update(content)
    return state.hexdigest()


def _inputs(root: Path) -> Iterator[Path]:
    yield from sorted(Path(__file__).parent.glob("*.py"))
    yield from (root / "mkdocs.yml", root / "README.md", *sorted((root / "docs").rglob("*.md")))


def unchanged(root: Path) -> bool:
    """Whether the last run read the same, and what it wrote is still there."""
    try:
        manifest = read_manifest(root)
        marked = (root / MARK).read_text(encoding="utf-8") == _mark(inputs(root), manifest)
        return marked and not temporaries(root / MANIFEST) and all(_intact(root, manifest))
    except (OSError, UnicodeDecodeError):
        return False


def _intact(root: Path, manifest: Manifest) -> Iterator[bool]:
    for path in manifest.entries:
        text = (root / path).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        yield manifest.wrote(path, text)


def mark(root: Path, read: str) -> None:
    """Note that what was ``read`` has been written; where that is not possible, the next run takes longer."""
    with suppress(OSError):
        (root / MARK).parent.mkdir(parents=True, exist_ok=True)
        (root / MARK).write_text(_mark(read, read_manifest(root)), encoding="utf-8")


def _mark(read: str, manifest: Manifest) -> str:
    return f"{read} {digest(manifest.text or '')}"
