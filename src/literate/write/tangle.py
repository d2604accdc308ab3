"""What has to be written so that src/ and tests/ say what the chapters say, and what forbids it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from literate.fold.book import Book
from literate.fold.folding import Line, Module, Package, fold
from literate.read.finding import Finding
from literate.read.page import Block
from literate.read.project import Project
from literate.write import manifest as manifests
from literate.write.files import obstacle, outside
from literate.write.manifest import Manifest, read_manifest, render

TANGLE, STITCH = "`python -m literate tangle`", "`python -m literate stitch`"


@dataclass(frozen=True)
class Part:
    """What can be edited by itself: a docstring, an import, a definition; of a class, its head."""

    name: str
    lines: tuple[Line, ...]
    block: Block | None = None  # None: an import

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    @property
    def line(self) -> int:
        return self.lines[0].line

    def finding(self, message: str) -> Finding:
        return Finding(self.lines[0].path, self.line, message)

    def __str__(self) -> str:
        return self.name if self.block else f"`{self.name}`"


def parts(module: Module) -> dict[str, Part]:
    """The parts of a module by their names: imports, then definitions in their order."""
    imports = {
        entry.statement: Part(entry.statement, (Line(entry.statement, *entry.origin),))
        for entry in sorted(module.imports, key=lambda entry: entry.statement)
    }
    definitions = {
        name: Part(name, definition.head, definition.block) for name, definition in module.definitions.items()
    }
    return imports | definitions


def manifest_of(package: Package) -> str:
    """The manifest of a package that has been written."""
    texts = {path: module.text for path, module in package.items()}
    definitions = {
        path: {name: part.text for name, part in parts(module).items()} for path, module in package.items()
    }
    return render(texts, definitions)


@dataclass(frozen=True)
class File:
    """A file that the book writes, or wrote: what the book says now, and what lies in the project."""

    project: Project
    path: str
    ours: Module | None  # None: no chapter writes it any more
    text: str | None  # with LF; None: there is no such file
    problem: str | None = None  # why it cannot be read, or written

    @property
    def equal(self) -> bool:
        return self.text == (self.ours.text if self.ours else None)

    def lost(self, manifest: Manifest) -> bool:
        """Whether writing it would lose anything that the tool did not write."""
        return bool(self.text and self.text.strip()) and not manifest.wrote(self.path, self.text or "")

    def finding(self, message: str) -> Finding:
        """A finding about the file as a whole, at the first block that writes it."""
        written = [line for line in self.ours.lines if line.path] if self.ours else []
        if written:
            return Finding(written[0].path, written[0].line, f"{self.path} {message}")
        return Finding(self.path, 1, message)


def survey(book: Book, manifest: Manifest) -> list[File]:
    """Every file that the book writes or wrote."""
    paths = sorted({*book.final, *manifest.entries})
    return [read_file(book.project, path, book.final.get(path)) for path in paths]


def read_file(project: Project, path: str, ours: Module | None) -> File:
    root = project.root
    if problem := outside(root, path):
        return File(project, path, ours, None, problem)
    try:
        text = (root / path).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except (FileNotFoundError, NotADirectoryError):
        return File(project, path, ours, None)
    except UnicodeDecodeError:
        return File(
            project, path, ours, None, f"is not UTF-8; save it as UTF-8, or delete {path} to take the book's"
        )
    except OSError as error:
        problem = obstacle(root, path) or f"cannot be read ({error.strerror}); mend its permissions"
        return File(project, path, ours, None, problem)
    return File(project, path, ours, text, None)


# --- comparing ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """A part that the book and the file do not agree on, and who has changed it since it was last written."""

    path: str
    ours: Part | None  # None: no chapter writes it
    theirs: Part | None  # None: the file lacks it
    edited: bool  # the file is not as last written
    moved: bool  # the book is not as last written

    @property
    def name(self) -> str:
        part = self.ours or self.theirs
        assert part
        return part.name


@dataclass(frozen=True)
class Comparison:
    """A file against the book: the differing parts, what no block could say, what stands elsewhere."""

    file: File
    theirs: Module
    differences: tuple[Difference, ...]
    findings: tuple[Finding, ...]
    shuffled: str | None  # the first part that stands elsewhere than in the book


def compare(file: File, manifest: Manifest) -> Comparison:
    """Compare a file with the book, definition by definition; it is read as a fragment is."""
    theirs, problems = read_tangled(file.project, file.path, file.text or "")
    findings = tuple(_unsayable(file, problem) for problem in problems)
    ours_parts, their_parts = parts(file.ours or Module()), parts(theirs)
    differences = []
    readable = their_parts or not findings
    for name in {**ours_parts, **their_parts} if readable else ():
        ours, new = ours_parts.get(name), their_parts.get(name)
        if _text(ours) != _text(new):
            edited = not manifest.wrote_definition(file.path, name, _text(new))
            moved = not manifest.wrote_definition(file.path, name, _text(ours))
            differences.append(Difference(file.path, ours, new, edited, moved))
    common = [name for name in their_parts if name in ours_parts]
    order = [name for name in ours_parts if name in their_parts]
    shuffled = next((name for name, other in zip(common, order, strict=True) if name != other), None)
    return Comparison(file, theirs, tuple(_outermost(differences)), findings, shuffled)


def _text(part: Part | None) -> str | None:
    return part.text if part else None


def read_tangled(project: Project, path: str, text: str) -> tuple[Module, tuple[Finding, ...]]:
    """The module in a file, its lines counted in the file, and what no block could say."""
    code, end = text.removesuffix("\n"), text.count("\n") + 1
    block = Block(
        path=path, line=0, end=end, kind="fragment", language="python", title=path, code=code, prefix=""
    )
    folded = fold(project, Module(project.package), block, path)
    findings = [*folded.findings, *_annotations(block)] if text.strip() else []
    return folded.module, tuple(findings)


def _annotations(block: Block) -> Iterator[Finding]:
    """Comments such as ``# (1)!``, which folding would drop."""
    pairs = zip(block.code.split("\n"), block.tangled.split("\n"), strict=True)
    for number, (line, kept) in enumerate(pairs, 1):
        if line != kept:
            what = f"`{line[len(kept) :].strip()}` is an annotation"
            yield block.finding(f"{what}, which only a page can hold; write it there", number)


def _unsayable(file: File, problem: Finding) -> Finding:
    """What of an edited file no block could say, and the definition that its first edited line is in."""
    owner = _first_edited(file)
    where = f" in or below {owner} of {owner.lines[0].path}:{owner.line}" if owner else ""
    what = problem.message.replace("mend the block", "mend it here")
    return Finding(file.path, max(1, problem.line), f"was edited{where} so that no block can say it: {what}")


def _first_edited(file: File) -> Part | None:
    """The part of the book that the first differing line of the file belongs to, or follows."""
    lines = file.ours.lines if file.ours else ()
    pairs = enumerate(zip(lines, (file.text or "").split("\n"), strict=False))
    first = next((number for number, (line, text) in pairs if line.text != text), len(lines))
    owners = {line: part for part in parts(file.ours or Module()).values() for line in part.lines}
    return next((owners[line] for line in reversed(lines[: first + 1]) if line in owners), None)


def _outermost(differences: list[Difference]) -> Iterator[Difference]:
    """Without the members of a class that came or went as a whole."""
    whole = {d.name for d in differences if d.ours is None or d.theirs is None}
    for difference in differences:
        if difference.name.rpartition(".")[0] not in whole:
            yield difference


def refusals(comparison: Comparison, manifest: Manifest) -> Iterator[Finding]:
    """Why the edited file of a comparison must not be overwritten, naming what was edited."""
    file = comparison.file
    if file.path not in manifest.entries:
        yield from _unknown(comparison, manifest)
        return
    yield from comparison.findings
    edited = [difference for difference in comparison.differences if difference.edited]
    yield from map(explain, edited)
    if not edited and not comparison.findings:
        take = "or delete the file to take the book's"
        yield reordered(comparison) or file.finding(f"was edited: blank lines differ; {STITCH}, {take}")


def reordered(comparison: Comparison) -> Finding | None:
    """That a part of the file stands elsewhere than in the book."""
    if comparison.shuffled is None:
        return None
    where = f"has {comparison.shuffled} in another place than the book; the order is that of the chapters"
    return comparison.file.finding(f"{where}: move it back, or move its block")


def _unknown(comparison: Comparison, manifest: Manifest) -> Iterator[Finding]:
    """A file that differs, and no manifest tells what was last written."""
    file = comparison.file
    take = f"or delete {file.path} to take the book's"
    known = parts(file.ours or Module()).keys() & parts(comparison.theirs).keys()
    if not manifest.problem or not (known or comparison.findings):
        yield file.finding(f"is a file that the book never wrote; give the block another title, {take}")
        return
    yield manifest.problem
    yield from comparison.findings
    for difference in comparison.differences:
        part = difference.ours or difference.theirs
        assert part
        yield part.finding(
            f"{part} in {_place(difference)} is not the same, and no manifest tells which is newer; "
            f"bring {manifests.place(file.project)} back, {take}"
        )
    if not comparison.differences:
        lost = manifests.place(file.project)
        yield file.finding(f"is laid out otherwise than in the book; bring {lost} back, {take}")


def _place(difference: Difference) -> str:
    return f"{difference.path}:{difference.theirs.line}" if difference.theirs else difference.path


def explain(difference: Difference) -> Finding:
    """Who has changed what, and the way out."""
    ours, theirs, path = difference.ours, difference.theirs, difference.path
    take = f"or delete {path} to take the book's"
    if ours is None:
        assert theirs
        if not difference.edited:
            return theirs.finding(f"{theirs} is in no chapter any more; run {TANGLE}")
        what = "edited here, and no chapter writes it any more" if difference.moved else "typed in here"
        return theirs.finding(
            f"{theirs} was {what}; write it in the chapter that needs it, "
            f'in a block with title="{path}", {take}'
        )
    if not difference.edited:
        what = (
            f"{ours} in {_place(difference)} is not what this block says"
            if theirs
            else f"{ours} is not in {path}"
        )
        return ours.finding(f"{what}; run {TANGLE}")
    if difference.moved:
        what = "edited in" if theirs else "deleted from"
        return ours.finding(
            f"{ours} was {what} {_place(difference)}, and changed here since it was tangled; "
            f"make the two the same, {take}"
        )
    if theirs is None:
        return ours.finding(
            f"{ours} was deleted from {path}; delete it here, or write `del {_bound(ours)}` "
            f"in the chapter that drops it, {take}"
        )
    return ours.finding(
        f"{ours} was edited in {_place(difference)}; {STITCH} carries that into this block, {take}"
    )


def _bound(part: Part) -> str:
    """What ``del`` takes: of an import, the name that it binds."""
    return part.name if part.block else part.name.split()[-1]


# --- planning -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """What has to be written and removed, and what forbids it: then nothing at all is done."""

    writes: Mapping[str, str]
    removals: tuple[str, ...]
    manifest: Mapping[str, str]  # the manifest, if it changes
    refusals: tuple[Finding, ...]
    notes: tuple[Finding, ...]  # what is mended by the way

    @property
    def nothing(self) -> bool:
        return not (self.writes or self.removals or self.manifest or self.refusals)


def plan(book: Book, settled: Collection[str] = ()) -> Plan:
    """What tangling would do. ``settled``: edited files whose edits are all in the book by now."""
    manifest = read_manifest(book.project)
    files = survey(book, manifest)
    root, place = book.project.root, manifests.place(book.project)
    refused: list[Finding] = []
    for file in files:
        if problem := file.problem or (None if file.equal else obstacle(root, file.path)):
            refused.append(Finding(file.path, 1, problem))
        elif not file.equal and file.path not in settled and file.lost(manifest):
            refused += refusals(compare(file, manifest), manifest)
    if misplaced := outside(root, place):
        refused.append(Finding(place, 1, misplaced))
    text = manifest_of(book.final)
    return Plan(
        {file.path: file.ours.text for file in files if file.ours and not file.equal},
        tuple(file.path for file in files if not file.ours and not file.equal),
        {} if text == manifest.text else {place: text},
        tuple(sorted(set(refused))),
        (manifest.problem,) if manifest.problem and manifest.text is not None else (),
    )


def check(book: Book) -> tuple[Finding, ...]:
    """Where src/ and tests/ are not what the chapters say: file, definition, owning block."""
    manifest = read_manifest(book.project)
    found: list[Finding] = []
    for file in survey(book, manifest):
        found += _unequal(file, manifest)
    found += (
        Finding(path, 1, "no chapter writes this file; write it in one, or delete it")
        for path in _stray(book)
    )
    if not found and manifest.text != manifest_of(book.final):
        what = manifest.problem.message if manifest.problem else "is not of this book"
        place = manifests.place(book.project)
        found.append(Finding(place, 1, f"{what.split('; ')[0]}; run {TANGLE} and commit what it writes"))
    return tuple(sorted(set(found)))


def _unequal(file: File, manifest: Manifest) -> Iterator[Finding]:
    if file.problem:
        yield Finding(file.path, 1, file.problem)
    elif file.equal:
        return
    elif file.text is None:
        yield file.finding(f"is missing; run {TANGLE}")
    elif file.lost(manifest):
        comparison = compare(file, manifest)
        yield from refusals(comparison, manifest)
        if file.path in manifest.entries:
            yield from (explain(d) for d in comparison.differences if not d.edited)
    elif file.ours is None:
        yield file.finding(f"is written by no chapter any more; run {TANGLE}")
    else:
        differences = compare(file, manifest).differences
        yield from map(explain, differences)
        if not differences:
            yield file.finding(f"is laid out otherwise than in the book; run {TANGLE}")


def _stray(book: Book) -> Iterator[str]:
    """Modules in the package that neither the book nor the manifest knows."""
    root, package = book.project.root, book.project.root / book.project.source / book.project.package
    known = {*book.final, *read_manifest(book.project).entries}
    for file in (package.with_suffix(".py"), *sorted(package.rglob("*.py"))):
        path = file.relative_to(root).as_posix()
        if file.is_file() and path not in known:
            yield path
