"""A block of Python as a notebook runs it: its statements, and a final expression that is shown apart.

This text also runs in the reader's browser, so it needs the standard library and its neighbours there alone.
"""

from __future__ import annotations

import ast
import io
import tokenize
from types import CodeType

from literate.run.asserts import tell_values


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
