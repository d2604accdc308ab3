"""What a check of a reader's code has found, and how it is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from textwrap import indent

from literate.mine.promises import Kind


@dataclass(frozen=True)
class Promise:
    """What an experiment or a test says of the package; ``problem`` is why it does not hold of this code."""

    path: str  # where it stands in the book
    line: int
    sentence: str
    section: str
    address: str  # of the section, on the site
    chapter: str  # if that is not the one that was asked for
    name: str = ""  # of a test: its file and its name
    problem: str = ""
    follows: bool = False  # it uses what another that failed has made

    @property
    def place(self) -> str:
        """The section of the book, and where that is found."""
        said = f"{self.name}, in" if self.name else "In"
        address = f"\n  {self.address}" * bool(self.address)
        return f"{said} {_section_of_promise(self)} ({self.path}:{self.line}){address}"


@dataclass
class Report:
    """What a check has found so far; ``broken`` says why nothing could be asked."""

    asked: str  # what of whom
    promises: list[Promise] = field(default_factory=list)
    not_counted: list[Kind] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    broken: str = ""
    stopped: bool = False

    @property
    def holds(self) -> bool:
        return not (self.broken or any(promise.problem for promise in self.promises))

    def __str__(self) -> str:
        return "\n".join(_report_lines(self))


INDENT = " " * 4
WHY: dict[Kind, str] = {
    "before": "show the package before a change of this chapter",
    "apart": "do not ask the package",
    "words": "show its docstrings",
    "endless": "take too long with the package of this chapter's end",
}


def _report_lines(report: Report) -> Iterator[str]:
    yield report.asked
    yield from (indent(f"note: {note}", INDENT) for note in report.notes)
    if report.broken:
        yield f"\nIt cannot be imported, so no promise was asked.\n{indent(report.broken, INDENT)}"
        return
    for group in _alike(promise for promise in report.promises if not promise.follows):
        yield from _told_group(group)
    if followers := [promise for promise in report.promises if promise.follows]:
        yield f"\nThese use what one of those above was to make; see to that first: {_places_of(followers)}."
    yield ""
    yield from _summary(report)


def _alike(promises: Iterable[Promise]) -> list[list[Promise]]:
    """The promises that do not hold; those that fail alike together."""
    groups: dict[str, list[Promise]] = {}
    for promise in promises:
        if promise.problem:
            groups.setdefault(_cause(promise.problem), []).append(promise)
    return list(groups.values())


def _cause(problem: str) -> str:
    """A problem without who met it."""
    return "\n".join(line for line in problem.split("\n") if not line.startswith("asked by "))


def _told_group(group: Sequence[Promise]) -> Iterator[str]:
    first, *others = group
    yield f"\n{first.place}"
    if first.sentence:
        yield f"  {first.sentence}"
    yield indent(first.problem, INDENT)
    if others:
        yield f"  The same: {_places_of(others)}"


def _summary(report: Report) -> Iterator[str]:
    if not report.promises:
        yield "This chapter promises nothing of the package."
        return
    holding = [promise for promise in report.promises if not promise.problem]
    if report.stopped:
        yield "It was stopped there; what comes after that was not asked."
    if report.holds:
        yield f"All promises hold: {', '.join(_counted(holding))}."
    else:
        yield f"{len(holding)} of {len(report.promises)} promises hold."
    left_out = [
        f"that {why} ({report.not_counted.count(kind)})"
        for kind, why in WHY.items()
        if kind in report.not_counted
    ]
    if left_out:
        yield f"Not counted: experiments {', '.join(left_out)}."


def _counted(promises: Sequence[Promise]) -> Iterator[str]:
    """How many experiments and tests: those of this chapter, and of the chapters before."""
    tests = sum(bool(promise.name) for promise in promises)
    earlier = sum(bool(promise.chapter) and not promise.name for promise in promises)
    yield _count(len(promises) - tests - earlier, "experiment")
    if earlier:
        yield f"{earlier} of the chapters before"
    yield _count(tests, "test")


def _places_of(promises: Sequence[Promise]) -> str:
    """The sections and the files of tests, each with how many."""
    places = [promise.name.partition(" · ")[0] or _section_of_promise(promise) for promise in promises]
    return ", ".join(f"{place} ({places.count(place)})" for place in dict.fromkeys(places))


def _section_of_promise(promise: Promise) -> str:
    return f'"{promise.section}"' + (f" of {promise.chapter}" if promise.chapter else "")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
