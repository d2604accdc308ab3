"""What a chapter promises about the package as of its end, or as of a later one's: which experiments.

A chapter shows the package before a change and after it, so not all of its experiments hold at its end: their
titles say which do not. What holds at a later end is found out: the chapter runs against the book's own
package as of there. Nothing promises what runs with an empty package as well, or asks for docstrings.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Literal, get_args

from literate.fold.book import Session
from literate.fold.module import Module, Package
from literate.read.page import Block
from literate.read.project import Project
from literate.run import cache
from literate.run.apart import STUCK
from literate.run.experiment import Result
from literate.run.sessions import Results, results

Kind = Literal["promise", "before", "apart", "words", "endless"]
Kinds = dict[Block, Kind]  # of the experiments of a chapter
PATIENCE = 8.0  # seconds that an experiment may take; a reader's code gets twice as much
ASKS_FOR_WORDS = re.compile(r"\.__doc__\b|\bhelp\(|\bpydoc\b|\bdoctest\b")


def own_kinds(session: Session, project: Project) -> Kinds:
    """What each experiment of a chapter is to the package as of its end."""
    blocks = [step.block for step in session.steps]
    found = {block: _kind(block, "before" if block.is_before else "promise") for block in blocks}
    return _kept_kinds("own", session, project, lambda: _unless_apart(session, found, project, PATIENCE))


def kinds(session: Session, package: Package, project: Project, patience: float) -> Kinds:
    """What each experiment of a chapter is to a later package; none may take longer than ``patience``."""
    later = session.against(package)
    return _kept_kinds(str(patience), later, project, lambda: _found_kinds(later, project, patience))


def _kept_kinds(about: str, session: Session, project: Project, find: Callable[[], Kinds]) -> Kinds:
    """What is in the cache, else what is found."""
    key = sha256(f"promises {about} {cache.key_of(session)}".encode()).hexdigest()[:40]
    kept = cache.read(project.root, key)
    if isinstance(kept, list) and len(kept) == len(session.steps) and set(kept) <= set(get_args(Kind)):
        return {step.block: kind for step, kind in zip(session.steps, kept, strict=True)}
    found = find()
    cache.write(project.root, key, [*found.values()])
    return found


def _found_kinds(later: Session, project: Project, patience: float) -> Kinds:
    results = _run_to_the_end(later, project, patience)
    found = {result.step.block: _kind(result.step.block, _said(result)) for result in results}
    left = without_endless(later, found)
    if len(left.steps) < len(found):
        return found | _found_kinds(left, project, patience)
    return _unless_apart(later, found, project, patience)


def without_endless(session: Session, found: Kinds) -> Session:
    """A session without what would not end: nobody gets what that would make."""
    return replace(session, steps=tuple(step for step in session.steps if found[step.block] != "endless"))


def _unless_apart(session: Session, found: Kinds, project: Project, patience: float) -> Kinds:
    """These kinds, but for promises that hold of an empty package, too."""
    empty = {f"{project.source}/{project.package}.py": Module(project.package)}
    results = _run_to_the_end(session.against(empty), project, patience)
    apart = {result.step.block for result in results if not result.findings}
    return {block: "apart" if kind == "promise" and block in apart else kind for block, kind in found.items()}


def _said(result: Result) -> Kind:
    """What a run says of an experiment."""
    if is_stopped(result.raised):
        return "endless"
    return "before" if result.findings else "promise"


def _kind(block: Block, said: Kind) -> Kind:
    return "words" if said == "promise" and ASKS_FOR_WORDS.search(block.code) else said


def _run_to_the_end(session: Session, project: Project, patience: float) -> Results:
    (found,) = results([session], project, limit=patience, to_the_end=True)
    return found


def is_stopped(raised: str) -> bool:
    """Whether what ended something was the time limit."""
    return "TooLongError" in raised.split(":")[0] or raised == STUCK
