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


class CommandError(Exception):
    """Not the book is wrong but the command, or what it needs is not there; the text says the way out."""


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


def is_slip(name: str, known: str) -> bool:
    """Whether one letter within a longer word differs, is missing or is too much, or two are swapped.

    Such as ``bakward`` and ``backward``; not ``set_a`` and ``set_b``, nor ``sin`` and ``sinh``.
    """
    start = _common(name, known)
    end = _common(name[start:][::-1], known[start:][::-1])
    here, there = name[start : len(name) - end], known[start : len(known) - end]
    before, after = name[:start].rpartition("_")[2], name[len(name) - end :].partition("_")[0]
    one = max(len(here), len(there)) == 1 or (len(here) == 2 and here == there[::-1])
    return (
        one
        and bool(before and after)
        and f"{before}{here}{there}{after}".isalpha()
        and len(before + after) > 4
    )


def _common(one: str, other: str) -> int:
    """How many letters are the same from the start."""
    return next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
