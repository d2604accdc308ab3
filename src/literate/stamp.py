"""A mark that nothing has changed since src/ was last found to be what the chapters say.

It is a hash of all that went in and came out: `tangle` with nothing to do need not read the book.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from literate import cache
from literate.manifest import MANIFEST, read_manifest

KEY = "tangled"


def stamp(root: Path) -> str:
    """The hash of the tool, the Markdown, the manifest and all that it names."""
    state = hashlib.blake2b(sys.version.encode(), digest_size=16)
    for path in _paths(root):
        content = path.read_bytes() if path.is_file() else b"missing"
        state.update(f"{path}\0{len(content)}\0".encode("utf-8", "surrogatepass"))
        state.update(content)
    return state.hexdigest()


def _paths(root: Path) -> Iterator[Path]:
    yield from sorted(Path(__file__).parent.glob("*.py"))
    yield from (root / "mkdocs.yml", root / "README.md", root / MANIFEST)
    yield from sorted((root / "docs").rglob("*.md"))
    yield from (root / path for path in sorted(read_manifest(root).entries))


def unchanged(root: Path) -> bool:
    """Whether the mark of the last run still holds."""
    try:
        return bool(cache.read(root, KEY) == stamp(root))
    except OSError:
        return False


def mark(root: Path) -> None:
    """Leave the mark; where that is not possible, the next run takes longer."""
    with suppress(OSError):
        cache.write(root, KEY, stamp(root))
