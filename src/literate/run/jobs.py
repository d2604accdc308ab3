"""What takes long and is kept by content: made at once, or later, while a server goes on with what it has."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from functools import partial
from threading import RLock
from typing import Any

from literate.read.project import Project
from literate.run.apart import Workers

OFTEN = 10.0  # seconds from one time that a server hears of what has been made to the next
GRACE = 0.8  # seconds that a server waits for what an edit asks for, before it goes on without


@dataclass(frozen=True)
class Job:
    """Something to make: ``kept`` is what is kept of it, or None; ``start`` makes and keeps it."""

    key: str  # of all that it depends on
    kept: Callable[[], Any]
    start: Callable[[Workers], Future[Any]]


def made(
    jobs: Iterable[Job], project: Project, later: Later | None = None, patient: Container[str] = ()
) -> dict[str, Any]:
    """What came of some jobs, by their keys.

    Those that run ``later`` are left out: those whose keys are ``patient``, and those that take long.
    """
    found = {job.key: (job, job.kept()) for job in jobs}
    missing = [job for job, kept in found.values() if kept is None]
    return {key: kept for key, (_, kept) in found.items() if kept is not None} | (
        later.run(missing, project, patient) if later else _run_all(missing, project)
    )


def _run_all(jobs: Iterable[Job], project: Project) -> dict[str, Any]:
    with Workers(project) as workers:
        started = {job.key: job.start(workers) for job in jobs}
        return {key: future.result() for key, future in started.items()}


@dataclass
class Later:
    """Runs what a build puts off, and calls ``ended`` now and then, and when all has come to its end.

    What comes of it is kept: who asks again finds it there, or lets it run at once.
    """

    ended: Callable[[], object]
    _wanted: dict[str, Job] = field(default_factory=dict)
    _running: dict[str, Workers] = field(default_factory=dict)  # by key
    _tried: set[str] = field(default_factory=set)  # came to an end: whatever came of it, no reason to wait
    _said: float = 0.0  # when ``ended`` was called
    _lock: RLock = field(default_factory=RLock)

    def run(self, jobs: Iterable[Job], project: Project, patient: Container[str]) -> dict[str, Any]:
        """Run what shall not wait, and say what has come of it soon; what nobody asks for is stopped."""
        missing = {job.key: job for job in jobs}
        with self._lock:
            outdated = self._running.keys() - missing.keys()
        if outdated:
            self.stop()
        waiting = {key for key in missing if key in patient or key in self._wanted or key in self._running}
        self._wanted = {key: job for key, job in missing.items() if key in waiting - self._tried}
        return self._run_urgent([job for key, job in missing.items() if key not in self._wanted], project)

    def _run_urgent(self, jobs: Sequence[Job], project: Project) -> dict[str, Any]:
        workers = Workers(project)
        started = {job.key: job.start(workers) for job in jobs}
        workers.close()
        done = wait(started.values(), None if self._tried & started.keys() else GRACE).done
        for key, future in started.items():
            if future not in done:
                self._watch(workers, key, future)
        return {key: future.result() for key, future in started.items() if future in done}

    def go(self, project: Project) -> None:
        """Let run what is to wait."""
        workers = Workers(project)
        with self._lock:
            self._said = self._said if self._running else time.monotonic()
            for key, job in self._wanted.items():
                if key not in self._running and key not in self._tried:
                    self._watch(workers, key, job.start(workers))
        workers.close()

    def stop(self) -> None:
        """Stop what runs; what has ended before is kept."""
        with self._lock:
            running, self._running = {*self._running.values()}, {}
        for workers in running:
            workers.__exit__()

    def _watch(self, workers: Workers, key: str, future: Future[Any]) -> None:
        with self._lock:
            self._running[key] = workers
        future.add_done_callback(partial(self._done, workers, key))

    def _done(self, workers: Workers, key: str, future: Future[Any]) -> None:
        with self._lock:
            if self._running.get(key) is not workers:  # it was stopped, and its processes killed
                return
            self._tried.add(key)
            del self._running[key]
            if not self._running or time.monotonic() - self._said > OFTEN:
                self._said = time.monotonic()
                self.ended()
