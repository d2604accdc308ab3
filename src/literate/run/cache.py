"""What runs have made, kept by content in ``.cache/literate``: a key means one thing, nothing goes stale."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from literate.fold.book import Session

LIBRARIES = ("numpy", "matplotlib", "graphviz", "graphviz-pure", "math-core")  # that compute and draw


def read(root: Path, key: str) -> Any:
    """What is kept under a key; None if there is nothing, or nothing that can be read."""
    try:
        return json.loads(_path(root, key).read_bytes())
    except (OSError, ValueError):
        return None


def write(root: Path, key: str, value: Any) -> None:
    """Keep a value. Readers see all of it or nothing; a folder that cannot be written means no cache."""
    path = _path(root, key)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(value, file)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise


def _path(root: Path, key: str) -> Path:
    return root / ".cache" / "literate" / f"{key}.json"


def key_of(session: Session) -> str:
    """A digest of all that the results of a session depend on, but for the places of its lines."""
    digest = sha256(f"{tool(LIBRARIES)}{session.page.path}\0{session.key}".encode())
    for step in session.steps:
        answer = step.answer
        for text in (step.block.code, *((answer.kind, answer.code) if answer else ())):
            digest.update(f"\0{text}".encode())
        for path, module in step.package.items():
            digest.update(f"\0{path}\0{module.digest}".encode())
    return digest.hexdigest()[:40]


def places_of(session: Session) -> str:
    """A digest of where the lines of a session and its package stand: findings name them."""
    digest = sha256()
    for step in session.steps:
        digest.update(f"{step.block.line} {step.answer.line if step.answer else ''}\n".encode())
        for module in step.package.values():
            digest.update(module.places.encode())
    return digest.hexdigest()


@cache
def tool(libraries: tuple[str, ...]) -> str:
    """What does the work: this tool, Python, and some libraries."""
    sources = sha256(b"".join(path.read_bytes() for path in sorted(Path(__file__).parents[1].rglob("*.py"))))
    found = {d.metadata["Name"]: d.version for name in libraries for d in metadata.distributions(name=name)}
    return f"{sources.hexdigest()} {sys.version} {found}"
