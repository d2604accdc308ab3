"""Code in colours as ``pymdownx.highlight`` makes it, each block once: what it made is kept by content."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

from pymdownx.highlight import Highlight, HighlightExtension  # type: ignore[import-untyped]

from literate.run import cache as disk

NAME = "highlighted"  # of the file
EXTENSION = f"{__name__}:KeptHighlight"
OF_THE_PAGE = ("line_spans", "line_anchors", "auto_title")  # with these, a block says its place on the page

_kept: dict[str, str] = {}  # what an earlier command made
_made: dict[str, str] = {}  # what this one asked for


def read_kept(root: Path) -> None:
    """Begin with what the last command made, unless other versions of the libraries did; a server goes on."""
    found = disk.read(root, NAME) if not _made else None
    if isinstance(found, dict) and found.get("by") == _libraries():
        _kept.update(found["made"])


def write_kept(root: Path) -> None:
    """Keep what was asked for since."""
    if _made.keys() - _kept.keys():
        disk.write(root, NAME, {"by": _libraries(), "made": _made})


@cache
def _libraries() -> str:
    return " ".join(f"{name} {metadata.version(name)}" for name in ("pygments", "pymdown-extensions"))


class _Highlight(Highlight):  # type: ignore[misc]
    def highlight(self, src: str, *place: Any, code_block_count: int = 0, **options: Any) -> Any:
        if options.get("inline") or options.get("title") or any(getattr(self, name) for name in OF_THE_PAGE):
            return super().highlight(src, *place, code_block_count=code_block_count, **options)
        settings = {name: value for name, value in vars(self).items() if name != "md"}
        key = sha256(json.dumps([src, place, options, settings], default=str).encode()).hexdigest()
        if key not in _made:
            _made[key] = _kept.get(key) or super().highlight(src, *place, **options)
        return _made[key]


class KeptHighlight(HighlightExtension):  # type: ignore[misc]
    """``pymdownx.highlight`` with a memory."""

    def get_pymdownx_highlighter(self) -> type[Highlight]:
        return _Highlight
