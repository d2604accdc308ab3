"""Sessions that run in the background, while a server goes on with the pages that it has.

What comes of them goes into the cache alone: who asks again finds it there, or lets them run at once.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from threading import RLock

from literate.fold.book import Session
from literate.read.project import Project
from literate.run import cache
from literate.run.apart import Workers
from literate.run.sessions import Results, keep, kept, start


@dataclass
class Later:
    """Runs what a build puts off, and calls ``ended`` when all of it has come to its end."""

    ended: Callable[[], object]
    _wanted: dict[str, Session] = field(default_factory=dict)  # by its key in the cache
    _running: dict[str, Future[Results]] = field(default_factory=dict)
    _tried: set[str] = field(default_factory=set)  # came to an end: whatever came of it, no reason to wait
    _workers: Workers | None = None
    _lock: RLock = field(default_factory=RLock)

    def put_off(self, sessions: Iterable[Session], pages: Container[str], project: Project) -> set[str]:
        """Those of the ``pages`` whose sessions are to wait; what nobody asks for any more is stopped."""
        asked = {cache.key_of(session): session for session in sessions if kept(project, session) is None}
        missing = {key: session for key, session in asked.items() if key not in self._tried}
        with self._lock:
            outdated = self._running.keys() - missing.keys()
        if outdated:
            self.stop()
        self._wanted = {key: session for key, session in missing.items() if session.page.path in pages}
        return {session.page.path for session in self._wanted.values()}

    def go(self, project: Project) -> None:
        """Let them run."""
        with self._lock:
            for key, session in self._wanted.items():
                if key not in self._running and key not in self._tried:
                    workers = self._workers = self._workers or Workers(project)
                    future = self._running[key] = start(workers, session, project)
                    future.add_done_callback(partial(self._done, workers, project, key, session))

    def stop(self) -> None:
        """Stop what runs; what has ended before is in the cache."""
        with self._lock:
            workers, self._workers, self._running = self._workers, None, {}
        if workers:
            workers.__exit__()

    def _done(
        self, workers: Workers, project: Project, key: str, session: Session, future: Future[Results]
    ) -> None:
        with self._lock:
            if workers is not self._workers:  # it was stopped, and its processes killed
                return
            if not future.cancelled() and not future.exception():
                keep(project, session, future.result())
            self._tried.add(key)
            del self._running[key]
            if not self._running:
                self.ended()
