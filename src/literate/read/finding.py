"""What is wrong with the book, where, and the way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that an author must mend: ``path`` is relative to the root, ``line`` counts from 1."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class BookError(Exception):
    """The book is wrong; ``findings`` say where, all of them at once."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        super().__init__("\n".join(map(str, self.findings)))


def nearest_name(name: str, names: Iterable[str]) -> str | None:
    """The one of ``names`` that was probably meant, if any comes near."""
    near = difflib.get_close_matches(name, sorted(names), n=1)
    return near[0] if near else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """``; did you mean X?`` for the nearest of ``names``, else nothing."""
    near = nearest_name(name, names)
    return f"; did you mean {near}?" if near else ""
