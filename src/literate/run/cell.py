"""A block of Python as a notebook runs it: its statements, and a final expression that is shown apart.

Its asserts tell their values: one that fails says what the parts of its claim were.

This text also runs in the reader's browser, so it needs the standard library and its neighbours there alone.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator
from itertools import count
from types import CodeType
from typing import Any, cast

LONGEST = 160  # characters of a value that a failed assert shows


def parsed(code: str, file: str, line: int = 0, column: int = 0) -> tuple[ast.Module, ast.Expr | None]:
    """A block as Python, at its place in a file; a final expression that is to be shown is taken out."""
    source = code + "\n"
    try:
        tree = ast.parse(source, file)
    except SyntaxError as error:
        error.lineno = line + (error.lineno or 1)
        raise
    final = tree.body[-1] if tree.body else None
    last = final if isinstance(final, ast.Expr) and not _ends_in_semicolon(source) else None
    if last:
        tree.body.pop()
    tell_values(tree, source.encode())
    for node in (tree, last):
        if node:
            _move(node, line, column)
    return tree, last


def code_object(tree: ast.Module | ast.Expression, file: str) -> CodeType:
    """What Python makes of the statements of a block, or of its final expression."""
    return compile(tree, file, "exec" if isinstance(tree, ast.Module) else "eval", dont_inherit=True)


def _move(tree: ast.AST, lines: int, columns: int) -> None:
    """Give every node its place in the file."""
    ast.increment_lineno(tree, lines)
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.stmt):
            node.col_offset += columns
            node.end_col_offset = (node.end_col_offset or 0) + columns


def _ends_in_semicolon(source: str) -> bool:
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER)
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type not in skipped][-1] == ";"


# --- asserts ------------------------------------------------------------------------------------------------


def tell_values(tree: ast.Module, source: bytes) -> None:
    """Change the asserts of a block so that one that fails says which values it saw."""
    _Asserts(source.decode()).visit(tree)
    ast.fix_missing_locations(tree)


class _Asserts(ast.NodeTransformer):
    """Keeps the values of an assert under names that no program can have, for as long as it runs."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.numbers = count(1)

    def visit_Assert(self, node: ast.Assert) -> Any:
        said = " ".join((ast.get_source_segment(self.source, node.test) or "").split())
        kept: dict[str, str] = {}
        node.test = self._kept(node.test, kept)
        tell = "__import__('literate.run.cell', fromlist=['explained']).explained"
        call = f"{tell}({said!r}, {kept!r}, locals())"
        message = cast(ast.Call, ast.parse(call, mode="eval").body)
        if node.msg:
            message.args.append(node.msg)
        node.msg = message
        targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in kept]
        after = [ast.Assign(targets, ast.Constant(None))] if targets else []
        return [ast.copy_location(statement, node) for statement in (node, *after)]

    def _kept(self, test: ast.expr, kept: dict[str, str]) -> ast.expr:
        """An expression that keeps the values of its parts; ``kept`` takes in their names and sources."""

        def part(value: ast.expr) -> ast.expr:
            return self._part(value, kept)

        match test:
            case ast.UnaryOp(ast.Not(), operand):
                test.operand = self._kept(operand, kept)
            case ast.BoolOp():
                test.values = [self._kept(value, kept) for value in test.values]
            case ast.Compare():
                test.left, test.comparators = part(test.left), [part(value) for value in test.comparators]
            case ast.Call():
                test.args = [part(argument) for argument in test.args]
            case _:
                return part(test)
        return test

    def _part(self, value: ast.expr, kept: dict[str, str]) -> ast.expr:
        untold = (ast.Starred, ast.Lambda, ast.GeneratorExp, ast.NamedExpr, ast.JoinedStr)
        if isinstance(value, untold) or _is_literal(value):
            return value
        name = f"@{next(self.numbers)}"
        kept[name] = " ".join((ast.get_source_segment(self.source, value) or "").split())
        return ast.copy_location(ast.NamedExpr(ast.Name(name, ast.Store()), value), value)


def _is_literal(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def explained(said: str, kept: dict[str, str], seen: dict[str, object], message: object = None) -> str:
    """What a failed assert has to say: its source, then what its parts were."""
    values = {text: seen[name] for name, text in kept.items() if name in seen}
    told = list(_told_values(values.items()))
    head = f"{message}: assert {said}" if message is not None else f"assert {said}"
    return f"{head}, where {' and '.join(told)}" if told else head


def _told_values(values: Iterable[tuple[str, object]]) -> Iterator[str]:
    for text, value in values:
        if not isinstance(value, type) and not callable(value):
            yield f"{text} is {_short_repr(value)}"


def _short_repr(value: object) -> str:
    try:
        text = " ".join(repr(value).split())
    except Exception as error:
        return f"a {type(value).__name__} whose repr raises {type(error).__name__}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
