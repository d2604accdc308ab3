"""How code is quoted in Markdown."""

from __future__ import annotations

import re


def fenced(code: str, info: str = "", fence: str = "```") -> list[str]:
    """The lines of a block of code: its fence begins as ``fence``, and is longer than any like it inside."""
    longest = max(map(len, re.findall(re.escape(fence[0]) + "+", code)), default=0)
    fence = fence[0] * max(len(fence), longest + 1)
    return [f"{fence}{info}", *code.split("\n"), fence]
