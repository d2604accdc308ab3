"""What takes long and is kept by content: made at once, or later, while a server goes on with what it has."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from threading import RLock
from typing import Any

from literate.read.project import Project
from literate.run.apart import Workers

OFTEN = 10.0  # seconds from one time that a server hears of what has been made to the next


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

    Those that run ``later`` are left out: those whose keys are ``patient``, and what is under way already.
    """
    found = {job.key: (job, job.kept()) for job in jobs}
    missing = {key: job for key, (job, kept) in found.items() if kept is None}
    waiting = later.put_off(missing.values(), patient) if later else set()
    with Workers(project) as workers:
        started = {key: job.start(workers) for key, job in missing.items() if key not in waiting}
        ran = {key: future.result() for key, future in started.items()}
    return {key: kept for key, (_, kept) in found.items() if kept is not None} | ran


@dataclass
class Later:
    """Runs what a build puts off, and calls ``ended`` now and then, and when all has come to its end.

    What comes of it is kept: who asks again finds it there, or lets it run at once.
    """

    ended: Callable[[], object]
    _wanted: dict[str, Job] = field(default_factory=dict)
    _running: set[str] = field(default_factory=set)
    _tried: set[str] = field(default_factory=set)  # came to an end: whatever came of it, no reason to wait
    _said: float = 0.0  # when ``ended`` was called
    _workers: Workers | None = None
    _lock: RLock = field(default_factory=RLock)

    def put_off(self, jobs: Iterable[Job], patient: Container[str]) -> set[str]:
        """The keys of those of the jobs that are to wait; what nobody asks for any more is stopped."""
        missing = {job.key: job for job in jobs if job.key not in self._tried}
        with self._lock:
            outdated = self._running - missing.keys()
        if outdated:
            self.stop()
        known = self._wanted
        self._wanted = {key: job for key, job in missing.items() if key in patient or key in known}
        return {*self._wanted}

    def go(self, project: Project) -> None:
        """Let them run."""
        with self._lock:
            self._said = self._said if self._running else time.monotonic()
            for key, job in self._wanted.items():
                if key not in self._running and key not in self._tried:
                    workers = self._workers = self._workers or Workers(project)
                    self._running.add(key)
                    job.start(workers).add_done_callback(partial(self._done, workers, key))

    def stop(self) -> None:
        """Stop what runs; what has ended before is kept."""
        with self._lock:
            workers, self._workers, self._running = self._workers, None, set()
        if workers:
            workers.__exit__()

    def _done(self, workers: Workers, key: str, future: Future[Any]) -> None:
        with self._lock:
            if workers is not self._workers:  # it was stopped, and its processes killed
                return
            self._tried.add(key)
            self._running.remove(key)
            if not self._running or time.monotonic() - self._said > OFTEN:
                self._said = time.monotonic()
                self.ended()
