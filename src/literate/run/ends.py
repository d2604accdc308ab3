"""Which experiments hold only until a change below them: with the chapter's end they put out something else.

They run once more, against the package as of the end; what came of it is kept by content in the cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from literate.fold.book import Book, Session
from literate.fold.module import Module, Package
from literate.run import cache
from literate.run.sessions import results

PATIENCE = 8.0  # seconds of processor time that an experiment may take with another package


def before_changes(book: Book, sessions: Sequence[Session]) -> set[tuple[str, int]]:
    """The path and the line of each such experiment of some sessions."""
    asked = [ends for session in sessions if session.key and (ends := _asked_again(book, session)).steps]
    kept = {session.page.path: cache.read(book.project.root, _ends_key(session)) for session in asked}
    missing = [session for session in asked if not isinstance(kept[session.page.path], list)]
    for session, done in zip(
        missing, results(missing, book.project, limit=PATIENCE, to_the_end=True), strict=True
    ):
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
