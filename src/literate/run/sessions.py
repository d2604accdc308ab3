"""Sessions -> results: run in worker processes, side by side, or taken from the cache.

A process that dies leaves the results of the experiments before, and a finding at the line where it died.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path

from literate.fold.book import Session, Step
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
    task = portable(session), project, limit, make, to_the_end
    then = partial(_results_of, session, project)
    return workers.start(_run_session, *task, then=then, seconds=PATIENCE * limit, seed=seed)


def results(sessions: Iterable[Session], project: Project, **options: object) -> list[Results]:
    """The results of some sessions, which run side by side."""
    with Workers(project) as workers:
        futures = [start(workers, session, project, **options) for session in sessions]  # type: ignore[arg-type]
        return [future.result() for future in futures]


def drawn(sessions: Sequence[Session], project: Project) -> list[Results]:
    """The results of some sessions; from the cache where nothing that they depend on has changed."""
    keys = [cache.key_of(session) for session in sessions]
    found = [
        kept(cache.read(project.root, key), session) for key, session in zip(keys, sessions, strict=True)
    ]
    missing = [index for index, did in enumerate(found) if did is None]
    if missing:
        for index, done in zip(missing, results([sessions[i] for i in missing], project), strict=True):
            found[index] = done
            keep(project, keys[index], sessions[index], done)
    return [did or () for did in found]


def verified(workers: Workers, package: Package, project: Project) -> Future[list[Finding]]:
    """What is wrong with a package: what cannot be imported, and what its tests say."""
    then = partial(_verified, package, project)
    return workers.start(_run_tests, lines_alone(package), project, then=then, seconds=PATIENCE * LIMIT)


def update(page_text: str, results: Sequence[Result]) -> str:
    """The text of a page with the Output blocks that the results ask for. Doing it twice is doing it once."""
    outputs = [
        (result.step.block, result.step.answer, result.output)
        for result in results
        if not result.raised and not (result.step.answer and result.step.answer.kind == "figure")
    ]
    return rewritten(page_text, [entry for entry in outputs if entry[1] or entry[2]])


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


def keep(project: Project, key: str, session: Session, results: Results) -> None:
    """Put the results of a session into the cache."""
    entries = [
        [r.output, r.picture, [[f.path, f.line, f.message] for f in r.findings], r.raised] for r in results
    ]
    cache.write(project.root, key, {"places": cache.places_of(session), "results": entries})


def kept(value: object, session: Session) -> Results | None:
    """The results in a cache file; None if it is broken, or holds findings that have moved since."""
    if not session.steps:
        return ()
    try:
        entries = value["results"]  # type: ignore[index]
        results = tuple(
            Result(step, str(output), picture, tuple(Finding(*finding) for finding in findings), str(raised))
            for step, (output, picture, findings, raised) in zip(session.steps, entries, strict=False)
        )
        whole = len(entries) == len(session.steps) or results[-1].raised
        moved = any(r.findings for r in results) and value["places"] != cache.places_of(session)  # type: ignore[index]
    except (TypeError, KeyError, ValueError, IndexError):
        return None
    return results if whole and not moved else None
