"""A block of a chapter -> what it says about its module: definitions, imports, deletions, places."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from literate.fold.imports import Import, read_imports
from literate.fold.module import Definition, Kind, Line, decorators, signature
from literate.read.finding import Finding
from literate.read.page import Block
from literate.read.syntax import parse


@dataclass(frozen=True)
class Deleted:
    """``del name``; ``name`` may be dotted."""

    name: str
    line: int


@dataclass(frozen=True)
class Shown:
    """``def f(self): ...`` or ``class A: ...``: stays as it is, shown for its place."""

    key: str
    statement: ast.stmt
    line: int


@dataclass(frozen=True)
class Rest:
    """``...`` in a class body: all members not shown."""


@dataclass(frozen=True)
class Class:
    """A class as a fragment shows it; ``head`` has no members yet."""

    head: Definition
    elements: tuple[Element, ...]
    line: int

    @property
    def key(self) -> str:
        return self.head.key

    @property
    def partial(self) -> bool:
        """Whether members may be left out."""
        return any(isinstance(element, Rest) for element in self.elements)


Element = Definition | Class | Shown | Rest


@dataclass(frozen=True)
class Fragment:
    """What a block says, and what is wrong with it whatever the module holds."""

    docstring: Definition | None = None
    imports: tuple[Import, ...] = ()
    deleted: tuple[Deleted, ...] = ()
    elements: tuple[Element, ...] = ()
    findings: tuple[Finding, ...] = ()


@lru_cache(maxsize=4096)
def read_fragment(block: Block, python: tuple[int, int]) -> Fragment:
    """Read a fragment; of one that is no Python at all, only the finding remains.

    ``python`` is the oldest version that must read it, wherever the book is built.
    """
    try:
        tree = parse(block.tangled, python)
    except SyntaxError as error:
        lines = block.tangled.split("\n")
        line = min(error.lineno or 1, len(lines))
        what = f"Python {python[0]}.{python[1]} cannot compile this: {error.msg}"
        return Fragment(
            findings=(block.finding(f"{what} in `{lines[line - 1].strip()}`; mend the block", line),)
        )
    reader = _FragmentReader(block)
    elements = tuple(reader.elements(tree.body, 1, len(reader.texts), column=0, scope=""))
    return Fragment(
        reader.docstring, tuple(reader.imports), tuple(reader.deleted), elements, tuple(reader.findings)
    )


@dataclass(frozen=True)
class _Piece:
    """A statement with the lines that belong to it: comments above, comments that trail its body."""

    statement: ast.stmt
    first: bool  # of its body
    top: int
    start: int
    end: int
    gap: int | None


@dataclass
class _FragmentReader:
    """Reads the statements of a fragment into elements; collects what is wrong instead of stopping."""

    block: Block
    docstring: Definition | None = None
    imports: list[Import] = field(default_factory=list)
    deleted: list[Deleted] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.texts = self.block.tangled.split("\n")

    def wrong(self, line: int, message: str) -> None:
        self.findings.append(self.block.finding(message, line))

    def elements(
        self, body: list[ast.stmt], first: int, last: int, column: int, scope: str
    ) -> Iterator[Element]:
        """The elements of a body, whose statements start at ``column``; a class is a ``scope``, ``A.``."""
        seen: set[str] = set()
        for piece in self.pieces(body, first, last, column):
            if element := self.element(piece, scope):
                for name in sorted(names_of(element) & seen):
                    message = f"{scope}{name} is defined twice in this block; keep one of them"
                    self.wrong(piece.start, message)
                seen |= names_of(element)
                yield element

    # --- lines ---

    def pieces(self, body: list[ast.stmt], first: int, last: int, column: int) -> Iterator[_Piece]:
        above = first - 1
        for index, statement in enumerate(body):
            start = first_row(statement)
            if start <= above:
                self.wrong(start, "two statements share a line; give each a line of its own")
                continue
            following = first_row(body[index + 1]) - 1 if index + 1 < len(body) else last
            end = self.end(statement, following, column)
            top = self.top(start, above)
            gap = None if index == 0 else sum(not text.strip() for text in self.texts[above : top - 1])
            above = end
            yield _Piece(statement, index == 0, top, start, end, gap)
        self.refuse_comments(above + 1, last)

    def end(self, statement: ast.stmt, limit: int, column: int) -> int:
        """The last line of a statement, with the deeper comments that trail its body."""
        end = statement.end_lineno or statement.lineno
        for number, text in enumerate(self.texts[end:limit], end + 1):
            if text.strip() and len(text) - len(text.lstrip()) <= column:
                break
            end = number if text.strip() else end
        return end

    def top(self, start: int, above: int) -> int:
        """The first of the comment lines directly above a statement; any other comment is refused."""
        top = start
        while top - 1 > above and self.is_comment(top - 1):
            top -= 1
        self.refuse_comments(above + 1, top - 1)
        return top

    def is_comment(self, number: int) -> bool:
        return self.texts[number - 1].lstrip().startswith("#")

    def refuse_comments(self, first: int, last: int) -> None:
        """One finding for a comment of many lines."""
        if lost := next(filter(self.is_comment, range(first, last + 1)), None):
            message = "this comment belongs to no definition and would be lost; put it above one or inside"
            self.wrong(lost, message)

    def lines(self, first: int, last: int) -> tuple[Line, ...]:
        texts = enumerate(self.texts[first - 1 : last], self.block.line + first)
        return tuple([Line(text, self.block.path, number) for number, text in texts])

    # --- statements ---

    def element(self, piece: _Piece, scope: str) -> Element | None:
        """What one statement means; None if that is no matter of place: an import, a ``del``, a mistake."""
        match piece.statement:
            case ast.Expr(ast.Constant(str())) if piece.first:
                docstring = self.definition(piece, "__doc__", "docstring")
                if scope:
                    return docstring
                self.docstring = docstring
            case ast.Expr(ast.Constant(value)) if value is Ellipsis and scope:
                self.refuse_comments(piece.top, piece.start - 1)
                return Rest()
            case ast.FunctionDef() | ast.AsyncFunctionDef() as function:
                key = _function_key(function)
                if _is_ellipsis(function.body) and not _is_overload(function):
                    return self.shown(piece, key)
                return self.definition(piece, key, "function")
            case ast.ClassDef() as statement:
                return self.read_class(statement, piece, scope)
            case ast.Import() | ast.ImportFrom() as statement if not scope:
                self.read_import(statement, piece)
            case ast.Delete(targets) if not scope:
                self.refuse_comments(piece.top, piece.start - 1)
                self.deleted += [Deleted(ast.unparse(target), piece.start) for target in targets]
            case statement:
                return self.binding(statement, piece, scope)
        return None

    def binding(self, statement: ast.stmt, piece: _Piece, scope: str) -> Definition | None:
        """An assignment, a compound statement that binds names, a ``pass``; anything else is a mistake."""
        match statement:
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                names = _assigned(statement)
                return self.definition(piece, ", ".join(names), "assignment", frozenset(names))
            case ast.If() | ast.Try() | ast.With() if not _is_main(statement):
                if bound := frozenset(_bound_names(statement)):
                    return self.definition(piece, ", ".join(sorted(bound)), "compound", bound)
            case ast.Pass() if scope:
                return self.definition(piece, "pass", "pass", frozenset())
        self.wrong(piece.start, _does_not_belong(statement, scope))
        return None

    def definition(
        self, piece: _Piece, key: str, kind: Kind, names: frozenset[str] | None = None, end: int = 0
    ) -> Definition:
        names = frozenset({key}) if names is None else names
        lines = self.lines(piece.top, end or piece.end)
        return Definition(key, kind, names, lines, self.block, piece.statement, piece.gap)

    def shown(self, piece: _Piece, key: str) -> Shown:
        self.refuse_comments(piece.top, piece.start - 1)
        return Shown(key, piece.statement, piece.start)

    def read_import(self, statement: ast.Import | ast.ImportFrom, piece: _Piece) -> None:
        if any("#" in text for text in self.texts[piece.top - 1 : piece.end]):
            message = "imports are merged, so a comment on one would be lost; say it in the prose"
            self.wrong(piece.start, message)
        if statement.names[0].name == "*":
            self.wrong(piece.start, "`import *` does not say which names come; list them")
        else:
            self.imports += read_imports(statement, (self.block.path, self.block.line + piece.start))

    def read_class(self, statement: ast.ClassDef, piece: _Piece, scope: str) -> Element | None:
        body, name = statement.body[0], statement.name
        if self.texts[body.lineno - 1][: body.col_offset].strip():  # the body stands on the class line
            if _is_ellipsis(statement.body):
                return self.shown(piece, name)
            message = f"the body of class {scope}{name} needs a line of its own, below the class line"
            self.wrong(piece.start, message)
            return None
        end = first_row(body) - 1
        while not self.texts[end - 1].strip() or self.is_comment(end):
            end -= 1
        inner = self.elements(statement.body, end + 1, piece.end, body.col_offset, f"{scope}{name}.")
        head = self.definition(piece, name, "class", end=end)
        return Class(head, tuple(inner), statement.lineno)


def first_row(statement: ast.stmt) -> int:
    """The first row of a statement, its decorators included."""
    decorated: list[ast.expr] = getattr(statement, "decorator_list", [])
    return decorated[0].lineno if decorated else statement.lineno


def names_of(element: Element) -> frozenset[str]:
    """What an element speaks of, and another in the same body may not."""
    match element:
        case Definition():
            return element.names
        case Class() | Shown():
            return frozenset({element.key})
        case Rest():
            return frozenset()


def _is_ellipsis(body: list[ast.stmt]) -> bool:
    match body:
        case [ast.Expr(ast.Constant(value))]:
            return value is Ellipsis
    return False


def _is_main(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test)


def _is_overload(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(text.rpartition(".")[2] == "overload" for text in decorators(function))


def _function_key(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The name, and the role that a decorator gives it: ``d``, ``d.setter``, ``f(x: int)`` of an overload."""
    if not function.decorator_list:
        return function.name
    for text in decorators(function):
        if re.fullmatch(rf"{function.name}\.(setter|deleter|getter)", text):
            return text
        if function.name == "_":  # many may have this name: what they are registered for tells them apart
            return f"{text} {signature(function)}"
    return f"{function.name}({ast.unparse(function.args)})" if _is_overload(function) else function.name


def _assigned(statement: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[str]:
    """The targets of an assignment; ``+=`` never replaces, so its whole text stands for it."""
    if isinstance(statement, ast.AugAssign):
        return [ast.unparse(statement)]
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return [name for target in targets for name in _target_names(target)]


def _target_names(target: ast.expr) -> list[str]:
    if isinstance(target, ast.Tuple | ast.List):
        return [name for element in target.elts for name in _target_names(element)]
    return _target_names(target.value) if isinstance(target, ast.Starred) else [ast.unparse(target)]


def _bound_names(node: ast.AST) -> Iterator[str]:
    """The names that a compound statement binds in the scope that it stands in."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield _function_key(child)
            case ast.ClassDef():
                yield child.name
            case ast.Import() | ast.ImportFrom():
                yield from (alias.asname or alias.name.split(".")[0] for alias in child.names)
            case ast.Assign() | ast.AnnAssign():
                yield from _assigned(child)
            case ast.withitem(optional_vars=ast.expr() as target) | ast.For(target=target):
                yield from _target_names(target)
                yield from _bound_names(child)
            case ast.stmt() | ast.ExceptHandler() | ast.match_case():
                yield from _bound_names(child)


def _does_not_belong(statement: ast.stmt, scope: str) -> str:
    if _is_main(statement):
        return '`if __name__ == "__main__"` does not belong in a fragment; run its body in an experiment'
    match statement:
        case ast.Expr(ast.Constant(value)) if value is Ellipsis:
            return "`...` stands for the rest of a class, and a file keeps its rest anyway; take it out"
        case ast.Expr(ast.Constant(str())):
            return "a string that is no docstring does nothing; make it a comment above a definition"
        case ast.Import() | ast.ImportFrom():
            return "an import inside a class body cannot be merged; move it to the top of the fragment"
        case ast.Delete(targets):
            way_out = f"write `del {', '.join(scope + ast.unparse(target) for target in targets)}`"
            return f"a `del` inside a class body removes nothing; {way_out} at the top of the fragment"
        case ast.If() | ast.Try() | ast.With():
            return "this statement binds no name, so it has no key to be folded by; make it an experiment"
    what = type(statement).__name__.lower()
    what = {"expr": "a bare expression or call", "for": "a loop", "while": "a loop"}.get(what, f"`{what}`")
    where = f"in a {'class body' if scope else 'fragment'}, which only defines"
    return f"{what} does not belong {where}; run it in an experiment, without a title"
