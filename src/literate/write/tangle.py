"""What has to be written so that the package and the tests say what the chapters say, and what forbids it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from literate.fold.book import Book
from literate.read.finding import BookError, Finding
from literate.write.comparing import TANGLE, File, survey
from literate.write.files import obstacle, outside, replace_files
from literate.write.manifest import place, read_manifest, render


@dataclass(frozen=True)
class Plan:
    """What has to be written and removed: pages, then what is tangled from them, then the manifest."""

    writes: Mapping[str, bytes]
    removals: tuple[str, ...]
    manifest: Mapping[str, bytes]  # the manifest, if it changes
    notes: tuple[Finding, ...] = ()  # what is mended by the way
    pages: Mapping[str, bytes] = field(default_factory=dict)
    carried: tuple[str, ...] = ()  # the edits that the pages hold now, for people

    def carry_out(self, root: Path) -> list[str]:
        """Write and remove, and tell what was done. Killed between pages and package, no edit is lost."""
        replace_files(root, self.pages)
        replace_files(root, self.writes, self.removals, self.manifest)
        wrote = (f"wrote {path}" for path in (*self.pages, *self.writes, *self.manifest))
        return [*self.carried, *wrote, *(f"removed {path}" for path in self.removals)]


def plan(book: Book, settled: Collection[str] = ()) -> Plan:
    """What tangling would do. ``settled``: edited files whose edits are all in the book by now.

    Raises:
        BookError: something forbids it; then nothing at all is done.
    """
    manifest, project = read_manifest(book.project), book.project
    files, where, text = survey(book, manifest), place(book.project), render(book.final)
    notes = (manifest.problem,) if manifest.problem and manifest.text is not None else ()
    changed = {} if text == manifest.text else {where: text.encode()}
    refused = [*forbidden(book)]
    for file in files:
        if problem := file.problem or (None if file.equal else obstacle(project.root, file.path)):
            refused.append(Finding(file.path, 1, problem))
        elif file.lost and file.path not in settled:
            refused += file.refusals()
    if problem := (obstacle if changed else outside)(project.root, where):
        refused.append(Finding(where, 1, problem))
    if refused:
        raise BookError([*refused, *notes])
    differing = [file for file in files if not file.equal]
    writes = {file.path: file.ours.text.encode() for file in differing if file.ours}
    return Plan(writes, tuple(file.path for file in differing if not file.ours), changed, notes)


def tangled(book: Book) -> dict[str, bytes]:
    """All files that come of a book, the manifest last."""
    files = {path: module.text.encode() for path, module in book.final.items()}
    return files | {place(book.project): render(book.final).encode()}


def forbidden(book: Book) -> Iterator[Finding]:
    """Why a book cannot be written, whatever lies in the project."""
    known: dict[str, str] = {}
    for path in book.final:
        if (other := known.setdefault(path.lower(), path)) != path:
            yield Finding(path, 1, f"this is {other} where case makes no difference; rename one of the two")
    if not book.chapters:  # what earlier ones wrote does not go for that
        files = f"{book.project.chapter_files}, or mend [tool.literate]"
        yield Finding(book.project.nav, 1, f"the nav names no chapter, so nothing is written; list {files}")


def differences(book: Book) -> tuple[Finding, ...]:
    """Where the package and the tests are not what the chapters say: file, definition, owning block."""
    manifest, where = read_manifest(book.project), place(book.project)
    if wrong := tuple(forbidden(book)):
        return wrong
    files = survey(book, manifest)
    found = [*_stray_files(book, {file.path for file in files})]
    found += (finding for file in files for finding in _unequal(file))
    if not found and manifest.text != render(book.final):
        what = manifest.problem.message if manifest.problem else "is not of this book"
        found.append(Finding(where, 1, f"{what.split('; ')[0]}; run {TANGLE} and commit what it writes"))
    return tuple(sorted(set(found)))


def _unequal(file: File) -> Iterator[Finding]:
    if file.problem:
        yield Finding(file.path, 1, file.problem)
    elif file.lost:
        yield from file.refusals()
        if file.known:
            yield from (difference.finding() for difference in file.differences if not difference.edited)
    elif file.equal:
        return
    elif file.text is None:
        yield file.finding(f"is missing; run {TANGLE}")
    elif file.ours is None:
        yield file.finding(f"is written by no chapter any more; run {TANGLE}")
    elif file.differences:
        yield from (difference.finding() for difference in file.differences)
    else:
        yield file.finding(f"is laid out otherwise than in the book; run {TANGLE}")


def _stray_files(book: Book, known: Collection[str]) -> Iterator[Finding]:
    """Modules in the package that neither the book nor the manifest knows."""
    root, package = book.project.root, book.project.root / book.project.source / book.project.package
    for file in (package.with_suffix(".py"), *sorted(package.rglob("*.py"))):
        path = file.relative_to(root).as_posix()
        if file.is_file() and path not in known:
            yield Finding(path, 1, "no chapter writes this file; write it in one, or delete it")
