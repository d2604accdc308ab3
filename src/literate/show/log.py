"""The life of a definition in words: each chapter that wrote it, and what changed."""

from __future__ import annotations

from collections.abc import Iterator

from literate.fold.book import Book
from literate.fold.folding import Change, Definition
from literate.read.finding import did_you_mean
from literate.show.changed import diff

DOES = {"adds": "adds {} to", "replaces": "replaces {} in", "removes": "removes {} from"}


def told(book: Book, name: str) -> Iterator[str]:
    """Every change of a definition with its lines; of a class those of its members, too, in a line each."""
    parts = [part for change in book.life(name) for part in (change.before, change.after)]
    is_class = any(part and part.kind == "class" for part in parts)
    for change in book.changes:
        if change.name == name:
            yield _headline(book, change)
            yield from _changed_lines(change)
        elif is_class and change.name.startswith(f"{name}."):
            yield _headline(book, change)


def unknown(book: Book, name: str) -> str:
    """That no chapter wrote a name, and which it may have been."""
    members = sorted(known for known in book.lives if known.rpartition(".")[2] == name)
    nearest = f"; did you mean {' or '.join(members)}?" if members else did_you_mean(name, book.lives)
    return f"no chapter has ever written {name}{nearest or '; check the name'}"


def _headline(book: Book, change: Change) -> str:
    line = change.after.head[0].line if change.after else change.block.line
    did = f"{DOES[change.action].format(change.name)} {change.path}"
    return f"{book.chapter_of(change.block).said} · {change.block.path}:{line} · {did}"


def _changed_lines(change: Change) -> Iterator[str]:
    """The lines that a change added (+) and removed (-)."""
    before, after = _lines(change, change.before, "removes"), _lines(change, change.after, "adds")
    yield from (f"    {line}".rstrip() for line in diff(before, after, 2))


def _lines(change: Change, definition: Definition | None, action: str) -> list[str]:
    """The lines of a definition, of a class its head; an import has no definition and is a line itself."""
    if definition:
        return [line.text for line in definition.head]
    is_import = change.before is None and change.after is None
    return [change.name] if is_import and change.action == action else []
