"""Sessions -> results: run in worker processes, side by side, or taken from the cache.

A process that dies leaves the results of the experiments before, and a finding at the line where it died.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import astuple, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from literate.fold.book import Book, Session, Step
from literate.fold.module import Module, Package, Typed
from literate.read.finding import Finding
from literate.read.page import Page
from literate.read.project import Project
from literate.run import cache
from literate.run.apart import SEED, Died, Outcome, Workers
from literate.run.experiment import Experiments, Make, Result
from literate.run.output import normal, on_any_machine, rewritten
from literate.run.snapshot import Snapshot
from literate.run.state import begin
from literate.run.suite import verify

LIMIT = 60.0  # seconds of processor time that one experiment may take
SHORT = 8.0  # and with another package than its own
PATIENCE = 10  # so many times its limit an experiment may take on the clock
FRAME = re.compile(r'File "([^"]*)", line (\d+)')


Results = tuple[Result, ...]


def start(
    workers: Workers,
    session: Session,
    project: Project,
    *,
    limit: float = LIMIT,
    make: Make = Snapshot,
    to_the_end: bool = False,
    seed: str = SEED,
) -> Future[Results]:
    """Let a session run; unless ``to_the_end``, it ends with the first experiment that raises."""
    options: dict[str, Any] = {"limit": limit, "make": make, "to_the_end": to_the_end}
    task = partial(_run_session, session=portable(session), project=project, **options)
    return workers.start(task, partial(_results_of, session, project), PATIENCE * limit, seed)


def results(sessions: Iterable[Session], project: Project, **options: object) -> list[Results]:
    """The results of some sessions, which run side by side."""
    with Workers(project) as workers:
        futures = [start(workers, session, project, **options) for session in sessions]  # type: ignore[arg-type]
        return [future.result() for future in futures]


def drawn(sessions: Sequence[Session], project: Project) -> list[Results]:
    """The results of some sessions; from the cache where nothing that they depend on has changed."""
    found = [kept(project, session) for session in sessions]
    pairs = [*zip(sessions, found, strict=True)]
    ran = iter(results([session for session, did in pairs if did is None], project))
    return [keep(project, session, next(ran)) if did is None else did for session, did in pairs]


def verified(workers: Workers, package: Package, project: Project) -> Future[list[Finding]]:
    """What is wrong with a package: what cannot be imported, and what its tests say."""
    task = partial(_run_tests, package=lines_alone(package), project=project)
    return workers.start(task, partial(_verified, package, project), PATIENCE * LIMIT)


def update(page_text: str, results: Sequence[Result]) -> str:
    """The text of a page with the Output blocks that the results ask for. Doing it twice is doing it once."""
    whole = [(r.step.block, r.step.answer, r.output) for r in results if not r.raised]
    return rewritten(page_text, [entry for entry in whole if not (entry[1] and entry[1].kind == "figure")])


def unsteady(once: Iterable[Result], again: Iterable[Result]) -> Iterator[Finding]:
    """The experiments that do not put out the same in two runs."""
    for first, second in zip(once, again, strict=False):
        pairs = zip(normal(first.output).split("\n"), normal(second.output).split("\n"), strict=False)
        for one, other in pairs:
            if one != other:
                message = f"is never the same twice: `{one}`, then `{other}`"
                way_out = "seed what is random, sort what has no order, or do not print it"
                yield first.step.block.finding(f"{message}; {way_out}")
                break


# --- before a change ----------------------------------------------------------------------------------------


def before_changes(book: Book, sessions: Sequence[Session]) -> set[tuple[str, int]]:
    """The path and the line of each experiment that puts out something else with the chapter's end.

    They run once more, against the package as of the end; what came of it is kept by content in the cache.
    """
    asked = [ends for session in sessions if session.key and (ends := _asked_again(book, session)).steps]
    kept = {session.page.path: cache.read(book.project.root, _ends_key(session)) for session in asked}
    missing = [session for session in asked if not isinstance(kept[session.page.path], list)]
    again = results(missing, book.project, limit=SHORT, to_the_end=True)
    for session, done in zip(missing, again, strict=True):
        kept[session.page.path] = [number for number, result in enumerate(done) if result.findings]
        cache.write(book.project.root, _ends_key(session), kept[session.page.path])
    blocks = [session.steps[number].block for session in asked for number in kept[session.page.path]]
    return {(block.path, block.line) for block in blocks}


def _ends_key(session: Session) -> str:
    return sha256(f"ends {cache.key_of(session)}".encode()).hexdigest()[:40]


def _asked_again(book: Book, session: Session) -> Session:
    """The experiments up to the last change of the package, against what it is at the chapter's end."""
    end = book.package_after(book.chapter(session.key or ""))
    steps = list(session.steps)
    while steps and _source(book, steps[-1].package) == _source(book, end):
        steps.pop()
    return replace(session, steps=tuple(steps)).against(end)


def _source(book: Book, package: Package) -> dict[str, Module]:
    return {path: module for path, module in package.items() if book.project.is_source(path)}


# --- what goes to a process, and what comes back ------------------------------------------------------------


def portable(session: Session) -> Session:
    """A session without what its experiments do not need, such as the syntax trees of its package."""
    known: dict[int, Module] = {}
    steps = tuple(replace(step, package=lines_alone(step.package, known)) for step in session.steps)
    page = Page(session.page.path, "", tuple(step.block for step in steps), (), (), (), ())
    return replace(session, page=page, steps=steps)


def lines_alone(package: Package, known: dict[int, Module] | None = None) -> Package:
    """A package whose modules are lines; those in ``known`` are the same again."""
    known = {} if known is None else known
    return {
        path: known.setdefault(id(module), Typed(module.package, typed=module.lines))
        for path, module in package.items()
    }


def _run_session(
    folder: Path, session: Session, project: Project, limit: float, make: Make, to_the_end: bool
) -> Iterator[Result | Finding]:
    experiments = Experiments(session, project, limit, folder, make)
    for result in experiments.run():
        yield result
        if result.raised and not to_the_end:
            break
    if finding := experiments.left_running():
        yield finding


def _results_of(session: Session, project: Project, outcome: Outcome) -> Results:
    did = [value for value in outcome.values if isinstance(value, Result)]
    found = [replace(result, step=step) for step, result in zip(session.steps, did, strict=False)]
    left = tuple(value for value in outcome.values if isinstance(value, Finding))
    if outcome.died and len(found) < len(session.steps):
        step, start = session.steps[len(found)], did[-1].end if did else 0
        found.append(_died(session, project, outcome.died, step, outcome.output[start:]))
    elif left:
        found[-1] = replace(found[-1], findings=(*found[-1].findings, *left))
    return tuple(found)


def _died(session: Session, project: Project, died: Died, step: Step, output: bytes) -> Result:
    """The result of the experiment in which the process died, at the line where it was."""
    file = str(project.root / session.page.path)
    lines = [int(line) for name, line in FRAME.findall(died.trace) if name == file]
    line = next((line for line in lines if step.block.line < line < step.block.end), step.block.line)
    finding = Finding(session.page.path, line, f"{died.said}; an experiment goes on to its end, so mend it")
    text = on_any_machine(output.decode(errors="replace"), project.root)
    return Result(step, text, None, (finding,), died.said)


def _run_tests(folder: Path, package: Package, project: Project) -> Iterator[Finding]:
    begin(project.package)
    yield from verify(package, project)


def _verified(package: Package, project: Project, outcome: Outcome) -> list[Finding]:
    path, died = min(package, default=project.source), outcome.died
    return [*outcome.values, *([Finding(path, 1, f"its tests: {died.said}; mend them")] if died else [])]


# --- the cache ----------------------------------------------------------------------------------------------


def keep(project: Project, session: Session, results: Results) -> Results:
    """Put the results of a session into the cache."""
    entries = [[r.output, r.picture, [*map(astuple, r.findings)], r.raised] for r in results]
    value = {"places": cache.places_of(session), "results": entries}
    cache.write(project.root, cache.key_of(session), value)
    return results


def kept(project: Project, session: Session) -> Results | None:
    """The results in the cache; None if they are not, or broken, or hold findings that have moved since."""
    if not session.steps:
        return ()
    value = cache.read(project.root, cache.key_of(session))
    try:
        entries = value["results"]
        results = tuple(
            Result(step, str(output), picture, tuple(Finding(*finding) for finding in findings), str(raised))
            for step, (output, picture, findings, raised) in zip(session.steps, entries, strict=False)
        )
        whole = len(entries) == len(session.steps) or results[-1].raised
        moved = any(r.findings for r in results) and value["places"] != cache.places_of(session)
    except (TypeError, KeyError, ValueError, IndexError):
        return None
    return results if whole and not moved else None
