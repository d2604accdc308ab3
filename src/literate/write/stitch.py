"""Edits made in tangled files -> the blocks that own them: a merge by definition, checked by folding again.

Base is what was last written (the manifest), ours what the chapters say, theirs what lies in the files. Where
only theirs has changed, the lines that differ are carried into the Markdown; all others stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, get_close_matches
from itertools import pairwise

from literate.fold.book import Book, read_book
from literate.fold.folding import Package
from literate.read.files import read_files
from literate.read.finding import BookError, Finding
from literate.read.page import Block
from literate.write.comparing import Difference, survey
from literate.write.files import obstacle
from literate.write.manifest import Part, parts, read_manifest
from literate.write.tangle import Plan, forbidden, plan

LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")


@dataclass(frozen=True, order=True)
class Edit:
    """Lines of a Markdown page to be replaced: ``first`` to before ``last``, counted from 1."""

    path: str
    first: int
    above: bool  # an insertion above ``first``, rather than below the line before
    last: int
    texts: tuple[str, ...]


def stitch(book: Book) -> Plan:
    """Carry what was edited in the package and the tests into the chapters.

    Raises:
        BookError: something cannot be carried; then nothing shall be written.
    """
    _stop(forbidden(book))
    files = survey(book, read_manifest(book.project))
    wrong = [Finding(file.path, 1, file.problem) for file in files if file.problem]
    edited = [file for file in files if file.lost]
    wrong += (finding for file in edited for finding in file.refusals(carrying=True))
    carried = [difference for file in edited for difference in file.differences if difference.carried]
    edits: set[Edit] = set()
    for difference in carried:
        try:
            edits |= set(_edits(difference))
        except BookError as error:
            wrong += error.findings
    wrong += _in_the_way(book, edits)
    _stop(wrong)
    pages = _apply(book, edits)
    after = _folded_again(book, pages)
    _stop(_check_again(book, after, carried))
    planned = plan(after, {file.path for file in edited})
    told = (f"carried {d.part.name}: {d.place} -> {d.owner.path}:{d.owner.line}" for d in carried)
    return replace(planned, pages=pages, carried=tuple(told))


def _stop(findings: Iterable[Finding]) -> None:
    if found := tuple(findings):
        raise BookError(found)


# --- edits --------------------------------------------------------------------------------------------------


def _edits(carried: Difference) -> Iterator[Edit]:
    """The differing lines of a definition, as edits of the page that its block stands on.

    Raises:
        BookError: an annotation would be lost.
    """
    assert carried.ours
    assert carried.theirs
    block, lines = carried.owner, carried.ours.lines
    old, new = carried.ours.text.split("\n"), carried.theirs.text.split("\n")
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            texts = _with_annotations(block, carried.ours, range(i1, i2), new[j1:j2])
            first = lines[i1].line if i1 < len(lines) else lines[-1].line + 1
            quoted = tuple(block.prefix + text if text else block.prefix.rstrip() for text in texts)
            yield Edit(block.path, first, i1 == 0, first + i2 - i1, quoted)


def _with_annotations(block: Block, part: Part, replaced: range, new: list[str]) -> list[str]:
    """The new lines, with what the page shows behind the lines that they replace: annotations."""
    texts, shown = list(new), block.code.split("\n")
    for offset, line in enumerate(part.lines[replaced.start : replaced.stop]):
        behind = shown[line.line - block.line - 1][len(line.text) :]
        if not behind:
            continue
        near = get_close_matches(line.text, new, n=1)
        if len(replaced) != len(new) and not near:
            gone = f"{part} was edited so that the line of `{behind.strip()}` is gone"
            raise BookError([Finding(line.path, line.line, f"{gone}; edit this block by hand")])
        texts[offset if len(replaced) == len(new) else new.index(near[0])] += behind
    return texts


def _in_the_way(book: Book, edits: set[Edit]) -> Iterator[Finding]:
    """Pages that must not be written, and edits of two files that meet in one block."""
    for path in sorted({edit.path for edit in edits}):
        if problem := obstacle(book.project.root, path):
            yield Finding(path, 1, problem)
    for one, other in pairwise(sorted(edits)):
        same_place = (one.first, one.above) == (other.first, other.above)
        if one.path == other.path and (other.first < one.last or same_place):
            message = "this block makes two files, and they were edited differently; make them the same"
            yield Finding(one.path, other.first, message)


def _apply(book: Book, edits: set[Edit]) -> dict[str, bytes]:
    """The edited pages as they are to be written: a byte-order mark and the line ends stay."""
    pages = {}
    for path in sorted({edit.path for edit in edits}):
        lines = LINE.findall((book.project.root / path).read_bytes().decode())
        ending = lines[0][1] or "\n"
        for edit in sorted((edit for edit in edits if edit.path == path), reverse=True):
            lines[edit.first - 1 : edit.last - 1] = [(text, ending) for text in edit.texts]
        pages[path] = "".join(text + end for text, end in lines).encode()
    return pages


# --- folding again ------------------------------------------------------------------------------------------


def _folded_again(book: Book, pages: Mapping[str, bytes]) -> Book:
    """The book with other pages; nothing of the project is touched."""
    files, findings = read_files(book.project)
    texts = {path: content.decode("utf-8-sig") for path, content in pages.items()}
    return read_book(book.project, tuple((path, texts.get(path, text)) for path, text in files), findings)


def _check_again(book: Book, after: Book, carried: list[Difference]) -> Iterator[Finding]:
    """Whether the chapters now say what the files say, and nothing else has changed."""
    carrying = f"carrying the edit of {', '.join(sorted({d.part.name for d in carried}))} would"
    for finding in after.findings:
        yield Finding(finding.path, finding.line, f"{carrying} make the book wrong: {finding.message}")
    places = {(difference.path, difference.part.name): difference for difference in carried}
    before, now = ({} if after.findings else _parts(some.final) for some in (book, after))
    for place in sorted(before.keys() | now.keys()):
        old, new = before.get(place), now.get(place)
        if new and place in places:
            yield from _verify_carried(places[place], new)
        elif not (old and new and old.text == new.text) and (part := new or old):
            way_out = "edit it there the same way, or edit the chapters by hand"
            too = f"change {part} of {place[0]} too, which the same block makes"
            yield part.finding(f"{carrying} {too}; {way_out}")


def _parts(package: Package) -> dict[tuple[str, str], Part]:
    return {(path, name): part for path, module in package.items() for name, part in parts(module).items()}


def _verify_carried(carried: Difference, new: Part) -> Iterator[Finding]:
    """Whether the book says of a carried definition what its file says."""
    block, theirs = carried.owner, carried.theirs
    if not theirs or new.text == theirs.text:
        return
    there = f"{block.path}:{block.line}"
    if new.block and (new.block.path, new.block.line) != (block.path, block.line):
        undone = f"{carried.place}, and this later block would undo that"
        yield new.finding(f"{new} was edited in {undone}; edit it and {there} by hand")
        return
    pairs = zip(theirs.lines, new.text.split("\n"), strict=False)
    line = next((line for line, text in pairs if line.text != text), theirs.lines[-1])
    message = f"{line.text!r} cannot be said in the block {there}; write this line otherwise"
    yield Finding(line.path, line.line, message)
