"""What a chapter promises about the package as of its end: which experiments, in which sentences.

A chapter shows the package before a change and after it, so not all of its experiments can hold at its end.
An experiment is a promise if it holds when the whole chapter runs against the book's own package as of the
end, does not when it runs against an empty one, and does not ask for docstrings.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Literal, cast, get_args

from literate.fold.book import Session
from literate.fold.module import Module, Package
from literate.read.project import Project
from literate.run import cache
from literate.run.apart import STUCK
from literate.run.experiment import Result
from literate.run.sessions import Results, results

Kind = Literal["promise", "before", "apart", "words", "endless"]
PATIENCE = 8.0  # seconds that an experiment may take; a reader's code gets twice as much
ASKS_FOR_WORDS = re.compile(r"\.__doc__\b|\bhelp\(|\bpydoc\b|\bdoctest\b")


def kinds(session: Session, package: Package, project: Project, patience: float) -> list[Kind]:
    """What each experiment of a chapter is to a package, of its end or later; kept in the cache."""
    ends = session.against(package)
    key = sha256(f"promises {patience} {cache.key_of(ends)}".encode()).hexdigest()[:40]
    kept = cache.read(project.root, key)
    if isinstance(kept, list) and len(kept) == len(session.steps) and set(kept) <= set(get_args(Kind)):
        return cast(list[Kind], kept)
    found = _kinds(ends, project, patience)
    cache.write(project.root, key, found)
    return found


def _kinds(ends: Session, project: Project, patience: float) -> list[Kind]:
    run = partial(_run_to_the_end, project=project, patience=patience)
    found = {result.step.block: _kind(result) for result in run(ends)}
    kept = tuple(step for step in ends.steps if found[step.block] != "endless")
    if len(kept) < len(found):  # nobody gets what those that are left out make
        others = _kinds(replace(ends, steps=kept), project, patience)
        found.update(zip((step.block for step in kept), others, strict=True))
        return list(found.values())
    empty = {f"{project.source}/{project.package}.py": Module(project.package)}
    apart = {result.step.block for result in run(ends.against(empty)) if not result.findings}
    return ["apart" if kind == "promise" and block in apart else kind for block, kind in found.items()]


def _kind(result: Result) -> Kind:
    if is_stopped(result.raised):
        return "endless"
    if result.findings:
        return "before"
    return "words" if ASKS_FOR_WORDS.search(result.step.block.code) else "promise"


def _run_to_the_end(session: Session, project: Project, patience: float) -> Results:
    (found,) = results([session], project, limit=patience, to_the_end=True)
    return found


def is_stopped(raised: str) -> bool:
    """Whether what ended something was the time limit."""
    return "TooLongError" in raised.split(":")[0] or raised == STUCK
