"""Edits made in tangled files -> the blocks that own them: a merge by definition, checked by folding again.

Base is what was last written (the manifest), ours what the chapters say, theirs what lies in src/. Where only
theirs has changed, the lines that differ are carried into the Markdown; all others stay as they are.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, get_close_matches
from itertools import pairwise
from pathlib import Path

from literate.fold.book import Book, load
from literate.fold.folding import Package
from literate.read.finding import BookError, Finding
from literate.read.page import Block
from literate.read.project import FILE as PROJECT
from literate.write.files import obstacle
from literate.write.manifest import Manifest, read_manifest
from literate.write.tangle import (
    Comparison,
    Difference,
    Part,
    Plan,
    compare,
    explain,
    parts,
    plan,
    refusals,
    reordered,
    survey,
)

LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")


@dataclass(frozen=True)
class Carry:
    """A definition that was edited in its file alone, and the block that owns it."""

    path: str
    ours: Part
    theirs: Part
    block: Block

    def __str__(self) -> str:
        return f"{self.ours.name}: {self.path}:{self.theirs.line} -> {self.block.path}:{self.block.line}"


@dataclass(frozen=True)
class Edit:
    """Lines of a Markdown page to be replaced: ``first`` to before ``last``, counted from 1."""

    path: str
    first: int
    last: int
    below: bool  # an insertion below the line before, rather than above ``first``
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Stitched:
    """What a stitch writes: the pages, then what is tangled from them; and what it carried, for people."""

    pages: Mapping[str, bytes]
    plan: Plan
    carried: tuple[str, ...]


def stitch(book: Book) -> Stitched:
    """Carry what was edited in src/ and tests/ into the chapters.

    Raises:
        BookError: something cannot be carried; then nothing shall be written.
    """
    manifest = read_manifest(book.project)
    files = survey(book, manifest)
    wrong = [Finding(file.path, 1, file.problem) for file in files if file.problem]
    comparisons = [compare(file, manifest) for file in files if not file.equal and file.lost(manifest)]
    wrong += (finding for comparison in comparisons for finding in _refused(comparison, manifest))
    carries = [carry for comparison in comparisons for d in comparison.differences if (carry := _carry(d))]
    edits: set[Edit] = set()
    for carry in carries:
        try:
            edits |= set(_edits(carry))
        except BookError as error:
            wrong += error.findings
    wrong += _in_the_way(book, edits)
    _stop(wrong)
    pages = _apply(book, edits)
    after = _folded_again(book, pages)
    _stop(_verify(book, after, carries))
    then = plan(after, {comparison.file.path for comparison in comparisons})
    _stop(then.refusals)
    return Stitched(pages, then, tuple(map(str, carries)))


def _stop(findings: Iterable[Finding]) -> None:
    if found := tuple(findings):
        raise BookError(found)


def _carry(difference: Difference) -> Carry | None:
    """What can be carried: only the file has changed, in a definition that a block owns."""
    ours, theirs = difference.ours, difference.theirs
    if not ours or not theirs or not ours.block or not difference.edited or difference.moved:
        return None
    return Carry(difference.path, ours, theirs, ours.block)


def _refused(comparison: Comparison, manifest: Manifest) -> Iterator[Finding]:
    file = comparison.file
    if file.path not in manifest.entries:
        yield from refusals(comparison, manifest)
        return
    yield from comparison.findings
    yield from (explain(d) for d in comparison.differences if d.edited and not _carry(d))
    if not comparison.findings and (finding := reordered(comparison)):
        yield finding


# --- edits --------------------------------------------------------------------------------------------------


def _edits(carry: Carry) -> Iterator[Edit]:
    """The differing lines of a definition, as edits of the page that its block stands on.

    Raises:
        BookError: an annotation would be lost.
    """
    lines = carry.ours.lines
    old, new = carry.ours.text.split("\n"), carry.theirs.text.split("\n")
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            texts = _with_annotations(carry, range(i1, i2), new[j1:j2])
            first = lines[i1].line if i1 < len(lines) else lines[-1].line + 1
            quoted = tuple(_quoted(carry.block, text) for text in texts)
            yield Edit(carry.block.path, first, first + i2 - i1, i1 > 0, quoted)


def _quoted(block: Block, text: str) -> str:
    """A line of code as it stands in the Markdown, inside its list, admonition or quote."""
    return block.prefix + text if text else block.prefix.rstrip()


def _with_annotations(carry: Carry, replaced: range, new: list[str]) -> list[str]:
    """The new lines, with what the page shows behind the lines that they replace: annotations."""
    texts, shown = list(new), carry.block.code.split("\n")
    for offset, index in enumerate(replaced):
        line = carry.ours.lines[index]
        behind = shown[line.line - carry.block.line - 1][len(line.text) :]
        if not behind:
            continue
        position = offset if len(replaced) == len(new) else _nearest(line.text, new)
        if position is None:
            gone = f"{carry.ours} was edited so that the line of `{behind.strip()}` is gone"
            raise BookError([Finding(line.path, line.line, f"{gone}; edit this block by hand")])
        texts[position] += behind
    return texts


def _nearest(text: str, texts: list[str]) -> int | None:
    near = get_close_matches(text, texts, n=1)
    return texts.index(near[0]) if near else None


def _in_the_way(book: Book, edits: set[Edit]) -> Iterator[Finding]:
    """Pages that must not be written, and edits of two files that meet in one block."""
    for path in sorted({edit.path for edit in edits}):
        if problem := obstacle(book.project.root, path):
            yield Finding(path, 1, problem)
        in_order = sorted((edit for edit in edits if edit.path == path), key=_order)
        for above, below in pairwise(in_order):
            same_place = (above.first, above.below) == (below.first, below.below)
            if below.first < above.last or same_place:
                message = "this block makes two files, and they were edited differently; make them the same"
                yield Finding(path, below.first, message)


def _order(edit: Edit) -> tuple[int, bool, int, tuple[str, ...]]:
    return (edit.first, not edit.below, edit.last, edit.texts)


def _apply(book: Book, edits: set[Edit]) -> dict[str, bytes]:
    """The edited pages as they are to be written: a byte-order mark and the line ends stay."""
    root, pages = book.project.root, {}
    for path in sorted({edit.path for edit in edits}):
        lines = LINE.findall((root / path).read_bytes().decode())
        ending = lines[0][1] or "\n"
        for edit in sorted((edit for edit in edits if edit.path == path), key=_order, reverse=True):
            lines[edit.first - 1 : edit.last - 1] = [(text, ending) for text in edit.texts]
        pages[path] = "".join(text + end for text, end in lines).encode()
    return pages


# --- folding again ------------------------------------------------------------------------------------------


def _folded_again(book: Book, pages: Mapping[str, bytes]) -> Book:
    """The book with other pages, read from a copy; nothing of the project is touched."""
    if not pages:
        return book
    root = book.project.root
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory)
        for path in (PROJECT, book.project.nav, "README.md", *(page.path for page in book.pages)):
            target = copy / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if path in pages or (root / path).is_file():
                target.write_bytes(pages[path] if path in pages else (root / path).read_bytes())
        return replace(load(copy), project=book.project)


def _verify(book: Book, after: Book, carries: list[Carry]) -> Iterator[Finding]:
    """Whether the chapters now say what the files say, and nothing else has changed."""
    names = ", ".join(sorted({carry.ours.name for carry in carries}))
    if after.findings:
        for finding in after.findings:
            message = f"carrying the edit of {names} would make the book wrong: {finding.message}"
            yield Finding(finding.path, finding.line, message)
        return
    carried = {(carry.path, carry.ours.name): carry for carry in carries}
    before, now = _texts(book.final), _texts(after.final)
    for place in sorted(before.keys() | now.keys()):
        old, new = before.get(place), now.get(place)
        if new and place in carried:
            yield from _verify_carried(carried[place], new)
        elif part := _changed(old, new):
            message = f"carrying the edit of {names} would change {part} of {place[0]} too"
            way_out = "edit it there the same way, or edit the chapters by hand"
            yield part.finding(f"{message}, which the same block makes; {way_out}")


def _changed(old: Part | None, new: Part | None) -> Part | None:
    """The part, if it came, went, or reads otherwise."""
    return None if old and new and old.text == new.text else new or old


def _texts(package: Package) -> dict[tuple[str, str], Part]:
    return {(path, name): part for path, module in package.items() for name, part in parts(module).items()}


def _verify_carried(carry: Carry, new: Part) -> Iterator[Finding]:
    """Whether the book says of a carried definition what its file says."""
    if new.text == carry.theirs.text:
        return
    if new.block and (new.block.path, new.block.line) != (carry.block.path, carry.block.line):
        here = f"{carry.path}:{carry.theirs.line}, and this later block would undo that"
        there = f"{carry.block.path}:{carry.block.line}"
        yield new.finding(f"{new} was edited in {here}; edit it and {there} by hand")
        return
    pairs = zip(carry.theirs.lines, new.text.split("\n"), strict=False)
    line = next((line for line, text in pairs if line.text != text), carry.theirs.lines[-1])
    message = f"{line.text!r} cannot be said in the block {carry.block.path}:{carry.block.line}"
    yield Finding(line.path, line.line, f"{message}; write this line otherwise")
