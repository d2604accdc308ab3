"""Sessions -> results: run in worker processes, side by side, or taken from the cache.

A process that dies leaves the results of the experiments before, and a finding at the line where it died.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import astuple, replace
from functools import partial
from pathlib import Path
from typing import Any

from literate.fold.book import Book, Session, Step
from literate.fold.module import Module, Package, Typed
from literate.read.finding import Finding
from literate.read.page import BEFORE, Block, Page
from literate.read.project import Project
from literate.run import cache
from literate.run.apart import SEED, Died, Outcome, Workers
from literate.run.experiment import Experiments, Make, Result
from literate.run.jobs import Job
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
    then: Callable[[Results], Results] = lambda results: results,
) -> Future[Results]:
    """Let a session run, and then ``then``; unless ``to_the_end``, it ends with the first that raises."""
    options: dict[str, Any] = {"limit": limit, "make": make, "to_the_end": to_the_end}
    if not session.steps:  # no process for nothing
        nothing = Future[Results]()
        nothing.set_result(())
        return nothing
    task = partial(_run_session, session=portable(session), project=project, **options)
    return workers.start(task, lambda out: then(_results_of(session, project, out)), PATIENCE * limit, seed)


def results(sessions: Iterable[Session], project: Project, **options: object) -> list[Results]:
    """The results of some sessions, which run side by side."""
    with Workers(project) as workers:
        futures = [start(workers, session, project, **options) for session in sessions]  # type: ignore[arg-type]
        return [future.result() for future in futures]


def session_job(session: Session, project: Project) -> Job:
    """A session whose results are kept."""

    def start_and_keep(workers: Workers) -> Future[Results]:
        return start(workers, session, project, then=partial(keep, project, session))

    return Job(cache.key_of(session), partial(kept, project, session), start_and_keep)


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


def at_the_end(book: Book, session: Session) -> Session:
    """A chapter's experiments against the package as of its end; none, if that changes below none of them."""
    end = book.package_after(book.chapter(session.key or ""))
    changes = any(_source(book, step.package) != _source(book, end) for step in session.steps)
    return session.against(end) if changes else replace(session, steps=())


def start_at_the_end(workers: Workers, book: Book, session: Session) -> Future[Results]:
    """Let a chapter's experiments run once more, all of them, against the package as of its end."""
    return start(workers, at_the_end(book, session), book.project, limit=SHORT, to_the_end=True)


def mistitled(did: Iterable[Result], ends: Iterable[Result]) -> list[Block]:
    """The experiments whose title is wrong about whether they do the same at their chapter's end.

    Of what is wrong by itself nothing is said.
    """
    failed = {result.step.block for result in ends if result.findings}
    right = [result.step.block for result in did if not result.findings]
    return [block for block in right if block.is_before != (block in failed)]


def title_finding(block: Block) -> Finding:
    """What to do with an experiment that is ``mistitled``."""
    way_out = "or let `python -m literate run --update` do it"
    if block.is_before:
        return block.finding(f"does the same at the chapter's end; take its title away, {way_out}")
    title = f'write ```python title="{BEFORE}"'
    return block.finding(f"does something else at the chapter's end; {title}, {way_out}")


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
