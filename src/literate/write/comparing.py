"""A tangled file against the book: the parts that differ, who has changed them, the way out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from literate.fold.book import Book
from literate.fold.folding import Module, fold
from literate.read.finding import Finding
from literate.read.page import Block
from literate.read.project import Project
from literate.write.files import obstacle, outside
from literate.write.manifest import Manifest, Part, parts, place, read_text

TANGLE, STITCH = "`python -m literate tangle`", "`python -m literate stitch`"


@dataclass(frozen=True)
class Difference:
    """A part that the book and a file do not agree on, and who has changed it since it was last written."""

    path: str
    ours: Part | None  # None: no chapter writes it
    theirs: Part | None  # None: the file lacks it
    edited: bool  # the file is not as last written
    moved: bool  # the book is not as last written

    @property
    def part(self) -> Part:
        """What the book says, or else the file."""
        part = self.ours or self.theirs
        assert part
        return part

    @property
    def place(self) -> str:
        """Where the part stands in the file."""
        return f"{self.path}:{self.theirs.line}" if self.theirs else self.path

    @property
    def carried(self) -> bool:
        """Whether it can be carried into the book: only the file has changed, in what a block owns."""
        has_owner = self.ours is not None and self.ours.block is not None
        return has_owner and self.theirs is not None and self.edited and not self.moved

    @property
    def owner(self) -> Block:
        """The block that the part stands in."""
        assert self.part.block
        return self.part.block

    def finding(self) -> Finding:
        """Who has changed what, and the way out."""
        what = self._edited() if self.edited else f"{self._behind()}; run {TANGLE}"
        take = f", or delete {self.path} to take the book's" if self.edited else ""
        return self.part.finding(f"{self.part} {what}{take}")

    def _behind(self) -> str:
        if self.ours is None:
            return "is in no chapter any more"
        return f"in {self.place} is not what this block says" if self.theirs else f"is not in {self.path}"

    def _edited(self) -> str:
        if self.ours is None:
            what = "edited here, and no chapter writes it any more" if self.moved else "typed in here"
            return f'was {what}; write it in the chapter that needs it, in a block with title="{self.path}"'
        what = f"was {'edited in' if self.theirs else 'deleted from'} {self.place}"
        if self.moved:
            return f"{what}, and changed here since it was tangled; make the two the same"
        if self.theirs is None:
            bound = self.ours.name if self.ours.block else self.ours.name.split()[-1]
            return f"{what}; delete it here, or write `del {bound}` in the chapter that drops it"
        return f"{what}; {STITCH} carries that into this block"


@dataclass(frozen=True)
class File:
    """A file that the book writes, or wrote: what the book says now, and what lies in the project."""

    project: Project
    manifest: Manifest
    path: str
    ours: Module | None  # None: no chapter writes it any more
    text: str | None = None  # with LF; None: there is no such file
    problem: str | None = None  # why it cannot be read, or written

    @property
    def equal(self) -> bool:
        return self.text == (self.ours.text if self.ours else None)

    @property
    def lost(self) -> bool:
        """Whether writing it would lose anything that the tool did not write."""
        text = self.text or ""
        return not self.equal and bool(text.strip()) and not self.manifest.wrote(self.path, text)

    @property
    def known(self) -> bool:
        """Whether the manifest tells what was last written."""
        return self.path in self.manifest.entries

    def finding(self, message: str) -> Finding:
        """A finding about the file as a whole, at the first block that writes it."""
        written = [line for line in self.ours.lines if line.path] if self.ours else []
        if written:
            return Finding(written[0].path, written[0].line, f"{self.path} {message}")
        return Finding(self.path, 1, message)

    # --- its parts ---

    @cached_property
    def _read(self) -> tuple[Module, tuple[Finding, ...]]:
        return read_tangled(self.project, self.path, self.text or "")

    @cached_property
    def unsayable(self) -> tuple[Finding, ...]:
        """What of it no block could say."""
        return tuple(map(self._unsayable, self._read[1]))

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """The parts that differ, without the members of a class that came or went as a whole."""
        ours, theirs = parts(self.ours), parts(self._read[0])
        if self.unsayable and not theirs:
            return ()
        found = [self._difference(name, ours.get(name), theirs.get(name)) for name in {**ours, **theirs}]
        differing = {difference.part.name: difference for difference in found if difference}
        whole = {name for name, d in differing.items() if d.ours is None or d.theirs is None}
        return tuple(d for name, d in differing.items() if name.rpartition(".")[0] not in whole)

    def _difference(self, name: str, ours: Part | None, theirs: Part | None) -> Difference | None:
        if ours and theirs and ours.text == theirs.text:
            return None
        texts = (part.text if part else None for part in (theirs, ours))
        edited, moved = (not self.manifest.wrote(self.path, text, name) for text in texts)
        return Difference(self.path, ours, theirs, edited, moved)

    def _unsayable(self, problem: Finding) -> Finding:
        owner = self._first_edited()
        where = f" in or below {owner} of {owner.lines[0].path}:{owner.line}" if owner else ""
        what = problem.message.replace("mend the block", "mend it here")
        message = f"was edited{where} so that no block can say it: {what}"
        return Finding(self.path, max(1, problem.line), message)

    def _first_edited(self) -> Part | None:
        """The part of the book that the first differing line of the file belongs to, or follows."""
        lines = self.ours.lines if self.ours else ()
        pairs = enumerate(zip(lines, (self.text or "").split("\n"), strict=False))
        first = next((number for number, (line, text) in pairs if line.text != text), len(lines))
        owners = {line: part for part in parts(self.ours).values() for line in part.lines}
        return next((owners[line] for line in reversed(lines[: first + 1]) if line in owners), None)

    # --- why it must not be overwritten ---

    def refusals(self, carrying: bool = False) -> Iterator[Finding]:
        """Why the edited file must not be overwritten; when ``carrying``, what of it no chapter can take."""
        if not self.known:
            yield from self._unknown()
            return
        edited = [d.finding() for d in self.differences if d.edited and not (carrying and d.carried)]
        wrong = [*self.unsayable, *edited]
        if not self.unsayable and (finding := self._reordered()):
            wrong.append(finding)
        if not wrong and not carrying:
            blank = f"was edited: blank lines differ; {STITCH}, or delete the file to take the book's"
            wrong.append(self.finding(blank))
        yield from wrong

    def _reordered(self) -> Finding | None:
        """That a part of the file stands elsewhere than in the book."""
        ours, theirs = parts(self.ours), parts(self._read[0])
        order = [name for name in ours if name in theirs]
        name = next((a for a, b in zip((n for n in theirs if n in ours), order, strict=True) if a != b), None)
        where = f"has {name} in another place than the book; the order is that of the chapters"
        return self.finding(f"{where}: move it back, or move its block") if name else None

    def _unknown(self) -> Iterator[Finding]:
        """Why a file that differs must not be overwritten where no manifest tells what was last written."""
        take, problem = f"or delete {self.path} to take the book's", self.manifest.problem
        common = parts(self.ours).keys() & parts(self._read[0]).keys()
        if not problem or not (common or self.unsayable):
            yield self.finding(f"is a file that the book never wrote; give the block another title, {take}")
            return
        yield problem
        yield from self.unsayable
        bring = f"bring {place(self.project)} back, {take}"
        for difference in self.differences:
            what = f"{difference.part} in {difference.place} is not the same"
            yield difference.part.finding(f"{what}, and no manifest tells which is newer; {bring}")
        if not self.differences:
            yield self.finding(f"is laid out otherwise than in the book; {bring}")


def survey(book: Book, manifest: Manifest) -> list[File]:
    """Every file that the book writes or wrote."""
    paths = sorted({*book.final, *manifest.entries})
    return [_file(book.project, manifest, path, book.final.get(path)) for path in paths]


def _file(project: Project, manifest: Manifest, path: str, ours: Module | None) -> File:
    root, text = project.root, None
    problem = outside(root, path)
    try:
        text = None if problem else read_text(root / path)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except UnicodeDecodeError:
        problem = f"is not UTF-8; save it as UTF-8, or delete {path} to take the book's"
    except OSError as error:
        problem = obstacle(root, path) or f"cannot be read ({error.strerror}); mend its permissions"
    return File(project, manifest, path, ours, text, problem)


def read_tangled(project: Project, path: str, text: str) -> tuple[Module, tuple[Finding, ...]]:
    """The module in a file, its lines counted in the file, and what no block could say."""
    code, end = text.removesuffix("\n"), text.count("\n") + 1
    block = Block(
        path=path, line=0, end=end, kind="fragment", language="python", title=path, code=code, prefix=""
    )
    folded = fold(project, Module(project.package), block, path)
    findings = [*folded.findings, *_lost_annotations(block)] if text.strip() else []
    return folded.module, tuple(findings)


def _lost_annotations(block: Block) -> Iterator[Finding]:
    """Comments such as ``# (1)!``, which folding would drop."""
    pairs = zip(block.code.split("\n"), block.tangled.split("\n"), strict=True)
    for number, (line, kept) in enumerate(pairs, 1):
        if line != kept:
            what = f"`{line[len(kept) :].strip()}` is an annotation"
            yield block.finding(f"{what}, which only a page can hold; write it there", number)
