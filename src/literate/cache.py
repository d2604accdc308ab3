"""What runs have made, kept by content in ``.cache/literate``: a key never means two things, so nothing goes stale."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any


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
