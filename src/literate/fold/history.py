"""Chapter after chapter: the package as of every block, what each fragment changed, and what is wrong."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Mapping
from types import MappingProxyType

from literate.fold.folding import Change, Module, Package, fold
from literate.read.chapters import Chapter
from literate.read.finding import Finding, did_you_mean
from literate.read.page import Block, words
from literate.read.project import Project

Place = tuple[str, int]  # the path and line of a block; of a chapter's end, the line 0
EMPTY: Package = MappingProxyType({})


class Everything(set[str]):
    """All names."""

    def __contains__(self, name: object) -> bool:
        return True

    def __bool__(self) -> bool:
        return True


class History:
    """Folds chapter after chapter and keeps the package as of every block.

    Names that a mistake may have taken away are ``in_doubt`` from there on: what follows from it is no news.
    """

    def __init__(self, project: Project, in_doubt: set[str]) -> None:
        self.project = project
        self.in_doubt = in_doubt
        self.package: Package = EMPTY
        self.packages: dict[Place, Package] = {}
        self.doubted: set[Place] = set()  # where something that the package needs may be lost
        self.changes: list[Change] = []
        self.findings: list[Finding] = []

    def chapter(self, chapter: Chapter) -> None:
        self.in_doubt |= chapter.page.doubtful
        for block in chapter.page.blocks:
            if block.kind == "fragment":
                self.fragment(block)
            elif block.kind == "moves":
                self.moves(block)
            self.note((block.path, block.line))
        self.note((chapter.page.path, 0))

    def note(self, place: Place) -> None:
        self.packages[place] = self.package
        if self.in_doubt:
            self.doubted.add(place)

    def fragment(self, block: Block) -> None:
        path = str(block.title)
        module = self.package.get(path) or Module(self.project.package)
        folded = fold(self.project, module, block, path, self.in_doubt)
        if folded.findings:
            self.findings += folded.findings
            self.in_doubt |= words(block.code)
        self.changes += folded.changes
        if folded.changes:
            self.replace(block, {**self.package, path: folded.module})

    def replace(self, block: Block, package: dict[str, Module]) -> None:
        """The next package, in which no module may hide another."""
        for path in package.keys() - self.package.keys():
            above, below = f"{posixpath.dirname(path)}.py", f"{path.removesuffix('.py')}/"
            hiding = {other: path for other in package if other.startswith(below)}
            hiding |= {path: above} if above in package else {}
            for inner, file in hiding.items():
                if file not in self.in_doubt:
                    way_out = f"`mv` or `rm` the file in a block titled {self.project.source}/ first"
                    message = f"{inner} would hide {file}; {way_out}"
                    self.findings.append(block.finding(message))
        self.package = MappingProxyType(package)

    def moves(self, block: Block) -> None:
        package, known = dict(self.package), len(self.findings)
        for number, line in enumerate(block.code.split("\n"), 1):
            try:
                words = shlex.split(line, comments=True)
            except ValueError as error:
                words = [line.strip(), f"({error})"]
            if words and (problem := _carry_out(self.project, package, words)):
                self.findings.append(block.finding(problem, number))
                self.in_doubt = Everything()
        if package == self.package and self.findings[known:] == []:
            self.findings.append(block.finding("this block moves nothing; delete it"))
        self.replace(block, package)


def _carry_out(project: Project, package: dict[str, Module], words: list[str]) -> str | None:
    """Carry out one line of a block of moves; what is wrong with it, if anything."""
    folder = project.source
    match words:
        case ["mv" | "cp" as command, source, target]:
            if target.endswith("/"):
                target += posixpath.basename(source)
            old, new = f"{folder}/{source}", f"{folder}/{target}"
            if old not in package:
                return _not_there(package, old)
            if not (project.is_source(new) and project.module.fullmatch(new)):
                where = f"{folder}/{project.package}…"
                return f"{new} is no module of {where}; nothing is written elsewhere, so name one there"
            if new in package:
                return f"{new} is there already; `rm` it first"
            package[new] = package[old] if command == "cp" else package.pop(old)
        case ["rm", *sources] if sources and not any(source.startswith("-") for source in sources):
            for source in sources:
                if (path := f"{folder}/{source}") not in package:
                    return _not_there(package, path)
                del package[path]
        case _:
            line = " ".join(words).strip()
            return f"`{line}` is no move; write `mv A B`, `cp A B` or `rm A`, with paths below {folder}/"
    return None


def _not_there(package: Mapping[str, Module], path: str) -> str:
    return f"{path} is not in the package{did_you_mean(path, package) or '; check the path'}"
