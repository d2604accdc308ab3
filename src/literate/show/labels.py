"""The label over a fragment: the file, the class, what it adds, replaces or removes, with links."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from literate.fold.book import Book
from literate.fold.folding import Change
from literate.fold.lives import lives
from literate.read.page import Block
from literate.show.places import way_to

IMPORTS = {"adds": "imports", "replaces": "imports", "removes": "no longer imports"}
PAST = {"adds": "added", "replaces": "replaced", "removes": "removed"}
MOVES = {"mv": "moves", "cp": "copies", "rm": "removes"}


def address(book: Book, block: Block, folder: str) -> str:
    """Where a fragment is found, from a page in a folder."""
    return f"{way_to(block.path, folder)}#fragment-{book.fragment_number(block)}"


def chapter_link(book: Book, block: Block, folder: str) -> str:
    """A link to a fragment that names its chapter, for a page in a folder."""
    return f"[{book.chapter_of(block).said}]({address(book, block, folder)})"


@dataclass(frozen=True)
class Label:
    """The label of a block: its names lead to their lives, past and future to other blocks."""

    book: Book
    block: Block

    def lines(self) -> list[str]:
        """The lines of Markdown that stand above the block."""
        said = self.phrases() if self.block.kind == "fragment" else self.moves()
        number, prefix = self.book.fragment_number(self.block), self.block.prefix
        return [
            "",
            f"{prefix}{self.anchors()}{' · '.join([f'`{self.block.title}`', *said])}",
            f"{prefix}{{ .fragment #fragment-{number} }}",
            prefix.rstrip(),
        ]

    def moves(self) -> Iterator[str]:
        """What a block of ``mv``, ``cp`` and ``rm`` does to files."""
        said = dict.fromkeys(MOVES[line[:2]] for line in self.block.code.split("\n") if line[:2] in MOVES)
        yield f"{' and '.join(said)} files" if said else "files move"

    def anchors(self) -> str:
        """An anchor for each name that a fragment introduces, members of a new class included."""
        new = [c for c in self.book.changes_of(self.block) if c.after and c.action == "adds"]
        names = [
            self.anchor(c.path, c.name) for c in new if lives(self.book).first(c.path, c.name) == self.block
        ]
        return "".join(f'<a id="{name}"></a>' for name in names)

    def anchor(self, path: str, name: str) -> str:
        """The name, or ``layers.Conv2d`` where another module's stands further up on the page."""
        known, top = lives(self.book), name.partition(".")[0]
        others = [other for other in self.book.final if other != path and (other, top) in known.pages]
        first = [known.first(other, name) for other in others]
        if any(b and b.path == self.block.path and b.line < self.block.line for b in first):
            return f"{path.rpartition('/')[2].removesuffix('.py')}.{name}"
        return name

    def phrases(self) -> Iterator[str]:
        """What happens to which names, owner by owner."""
        groups: dict[str, list[Change]] = {}
        for change in self.book.changes_of(self.block):
            if not change.inner and change.name != "__doc__":
                owner = change.name.rpartition(".")[0] if " " not in change.name else ""
                groups.setdefault(owner, []).append(change)
        for owner, group in groups.items():
            if owner:
                yield f"class {self.linked(owner, group[0].path, owner)}"
            yield from self.actions(group)
        if not groups:
            yield "the docstring"

    def actions(self, group: list[Change]) -> Iterator[str]:
        """What happens to the names of one owner, names with the same fate in one phrase."""
        phrases: dict[tuple[str, str], list[str]] = {}
        for change in group:
            verb = change.action if not _is_import(change) else IMPORTS[change.action]
            phrases.setdefault((verb, self.history(change)), []).append(self.called(change))
        for (verb, history), names in phrases.items():
            yield f"{verb} {', '.join(names)}{history}"

    def called(self, change: Change) -> str:
        """A name without its owner, leading to its life; of an import what it binds; of a class its kind."""
        definition = change.after or change.before
        if _is_import(change):
            return f"`{change.name.split()[-1]}`"
        kind = "class " if definition and definition.kind == "class" else ""
        shown = change.name if " " in change.name else change.name.rpartition(".")[2]
        return f"{kind}{self.linked(shown, change.path, change.name)}"

    def linked(self, shown: str, path: str, name: str) -> str:
        """A name as code, leading to its life if it has one."""
        life = lives(self.book).link(path, name)
        return f"[`{shown}`]({life})" if life else f"`{shown}`"

    def history(self, change: Change) -> str:
        """`` of chapter 7, replaced again in chapter 14``, as links."""
        past = f" of {self.link(change.before.block)}" if change.before else ""
        if change.action == "adds" and change.after and change.after.kind == "class":
            return past + self.fates_of_members(change)
        fate = self.fate(change, change.name)
        return f"{past}, {fate}" if fate else past

    def fates_of_members(self, change: Change) -> str:
        """``, `forward` replaced in chapter 11``, for the members that a class came with."""
        fates: dict[str, list[str]] = {}
        for member in change.after.members if change.after else ():
            name = f"{change.name}.{member.key}"
            if member.kind != "docstring" and (fate := self.fate(change, name)):
                fates.setdefault(fate, []).append(self.linked(member.key, change.path, name))
        return "".join(f", {', '.join(names)} {fate}" for fate, names in fates.items())

    def fate(self, change: Change, name: str) -> str:
        """``replaced again in chapter 14``: what ends the version of ``name`` that this change brought."""
        for later in self.book.life(name):
            if later.before and later.before.block == change.block:
                again = " again" if later.action == change.action == "replaces" else ""
                return f"{PAST[later.action]}{again} in {self.where(later)}"
        return ""

    def where(self, following: Change) -> str:
        """Where a version ends; with the file, if it lives on in another."""
        package = self.book.package_at(following.block)
        stays = any(
            module.definitions.get(following.name) is following.before
            for path, module in package.items()
            if path != following.path
        )
        return self.link(following.block) + (f" ({PurePosixPath(following.path).name})" if stays else "")

    def link(self, target: Block) -> str:
        """A link from the page of the block to another fragment."""
        if target.path == self.block.path:
            where = "above" if target.line < self.block.line else "below"
            return f"[the block {where}](#fragment-{self.book.fragment_number(target)})"
        return chapter_link(self.book, target, posixpath.dirname(self.block.path))


def _is_import(change: Change) -> bool:
    return change.name.startswith(("import ", "from "))
