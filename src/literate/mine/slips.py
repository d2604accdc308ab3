"""What can be seen in a reader's code without running it: a block that was typed as it is shown."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from literate.fold.module import Package
from literate.mine.typed import Code

Named = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
DOTS = "stands for what is there already, so it is not typed"


def slips(code: Code, book: Package) -> Iterator[str]:
    """A sentence for each; what the package of the ``book`` has, too, is none."""
    known = {said for module in book.values() for _, said in seen(module.text)}
    for path, module in code.package.items():
        for line, said in seen(module.text):
            if said not in known:
                yield f"{code.shown(code.files[path])}:{line}: {said}"


def seen(text: str) -> Iterator[tuple[int, str]]:
    """The line of each in a module, and what is said of it."""
    try:
        yield from _in_body(ast.parse(text), "the module")
    except (SyntaxError, ValueError):
        return  # whoever imports it says so


def _in_body(node: ast.Module | ast.ClassDef, owner: str) -> Iterator[tuple[int, str]]:
    first: dict[str, int] = {}
    for statement in node.body:
        if _is_dots(statement):
            yield statement.lineno, f"`...` in {owner} {DOTS}"
        elif isinstance(statement, Named):
            yield from _of_definition(statement, first.get(statement.name))
            first.setdefault(statement.name, statement.lineno)


def _of_definition(node: Named, before: int | None) -> Iterator[tuple[int, str]]:
    kind = "class" if isinstance(node, ast.ClassDef) else "def"
    if before and not node.decorator_list:
        what = "what a block shows goes into the one that is there" if kind == "class" else "keep one of them"
        yield node.lineno, f"{kind} {node.name} is there already, at line {before}; {what}"
    if isinstance(node, ast.ClassDef):
        yield from _in_body(node, f"class {node.name}")
    elif _is_dots(node.body[-1]):
        yield node.lineno, f"`...` in {node.name} {DOTS}: the method stays as it was"


def _is_dots(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and getattr(statement.value, "value", None) is ...
