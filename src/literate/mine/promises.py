"""What a chapter promises about the package as of its end: which experiments, in which sentences.

A chapter shows the package before a change and after it, so not all of its experiments can hold at its end.
An experiment is a promise if it holds when the whole chapter runs against the book's own package as of the
end, does not when it runs against an empty one, and does not ask for docstrings.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import count
from typing import Any, Literal, cast, get_args

from literate.fold.book import Session
from literate.fold.module import Line, Module, Package
from literate.mine.typed import Typed
from literate.read.page import FRONT_MATTER, LINK, Block, Page
from literate.read.project import Project
from literate.run import cache
from literate.run.experiment import Result, run
from literate.run.snapshot import Snapshot

Kind = Literal["promise", "before", "apart", "words", "endless"]
PATIENCE = 8.0  # seconds that an experiment may take; a reader's code gets twice as much
ASKS_FOR_WORDS = re.compile(r"__doc__|\bhelp\(|\binspect\b|\bpydoc\b|\bdoctest\b")
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
LONGEST = 160  # characters of a value that a failed assert shows


def kinds(session: Session, package: Package, project: Project) -> list[Kind]:
    """What each experiment of a chapter is to its end; kept by content in the cache."""
    ends = as_of(session, package)
    key = sha256(f"promises {cache.key_of(ends)}".encode()).hexdigest()[:40]
    kept = cache.read(project.root, key)
    if isinstance(kept, list) and len(kept) == len(session.steps) and set(kept) <= set(get_args(Kind)):
        return cast(list[Kind], kept)
    found = _kinds(ends, project)
    cache.write(project.root, key, found)
    return found


def _kinds(ends: Session, project: Project) -> list[Kind]:
    found = {result.step.block: _kind(result) for result in _results(ends, project)}
    kept = tuple(step for step in ends.steps if found[step.block] != "endless")
    if len(kept) < len(found):  # nobody gets what those that are left out make
        found.update(
            zip((step.block for step in kept), _kinds(replace(ends, steps=kept), project), strict=True)
        )
        return list(found.values())
    empty = {f"{project.source}/{project.package}.py": Module(project.package)}
    apart = {result.step.block for result in _results(as_of(ends, empty), project) if not result.findings}
    words = {result.step.block for result in _undocumented(ends, project) if result.findings}
    for block in [block for block, kind in found.items() if kind == "promise"]:
        found[block] = "apart" if block in apart else "words" if block in words else "promise"
    return list(found.values())


def _undocumented(ends: Session, project: Project) -> Iterator[Result]:
    """The results against the package without its docstrings, if anything asks for them."""
    if any(ASKS_FOR_WORDS.search(step.block.code) for step in ends.steps):
        package = {path: _without_docstrings(module) for path, module in ends.steps[0].package.items()}
        yield from _results(as_of(ends, package), project)


def _without_docstrings(module: Module) -> Module:
    tree = ast.parse(module.text)
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            node.body = [*node.body[1:], ast.Pass()]
    return Typed(typed=tuple(map(Line, ast.unparse(tree).split("\n"))))


def _kind(result: Result) -> Kind:
    if is_too_long(result):
        return "endless"
    return "before" if result.findings else "promise"


def _results(session: Session, project: Project) -> Iterator[Result]:
    snapshot = Snapshot(session.steps[0].package, project) if session.steps else None
    return run(session, project, rewrite=tell_values, limit=PATIENCE, snapshot=snapshot)


def as_of(session: Session, package: Package) -> Session:
    """A session whose experiments all run against one package."""
    return replace(session, steps=tuple(replace(step, package=package) for step in session.steps))


def is_too_long(result: Result) -> bool:
    """Whether a result was stopped by the time limit."""
    return "TooLongError" in result.raised.split(":")[0]


# --- sentences ----------------------------------------------------------------------------------------------

NO_SENTENCE = re.compile(r"\s*(!!!|\?\?\?|===|<|\||$)")
CODE_OR_EMPHASIS = re.compile(r"(`[^`]*`)|(?<!\\)\*+(?=\S)([^*`]+)\*+")
START = re.compile(r"\s*(> ?|[-+*] |\d+[.)] |#{1,6} )*")
SENTENCE_ENDS = re.compile(r"(?<=[.?!])(?<!e\.g\.)(?<!i\.e\.)\s+(?=[A-Z`$*\[])")


def sentence_above(page: Page, block: Block) -> str:
    """The sentence right above a block, as it reads; the heading if that comes first."""
    for line in reversed(_prose(page)[: block.line - 1]):
        if not NO_SENTENCE.match(line):
            text = LINK.sub(lambda link: link["text"], START.sub("", line, count=1))
            text = CODE_OR_EMPHASIS.sub(lambda match: match[1] or match[2], text)
            return SENTENCE_ENDS.split(text.strip())[-1]
    return page.title


def _prose(page: Page) -> list[str]:
    """The lines of a page; those of blocks and of formulas that stand alone are empty."""
    text = FRONT_MATTER.sub(lambda match: "\n" * match[0].count("\n"), page.text)
    lines = text.replace("\r\n", "\n").split("\n")
    for block in page.blocks:
        lines[block.line - 1 : block.end] = [""] * (block.end - block.line + 1)
    inside = False
    for index, line in enumerate(lines):
        fence = line.strip().count("$$") == 1
        if inside or fence:
            lines[index] = ""
        inside ^= fence
    return lines


# --- asserts that tell their values -------------------------------------------------------------------------


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
        tell = "__import__('literate.mine.promises', fromlist=['explained']).explained"
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
    told = list(_told(values.items()))
    head = f"{message}: assert {said}" if message is not None else f"assert {said}"
    return f"{head}, where {' and '.join(told)}" if told else head


def _told(values: Iterable[tuple[str, object]]) -> Iterator[str]:
    for text, value in values:
        if not isinstance(value, type) and not callable(value):
            yield f"{text} is {_shown(value)}"


def _shown(value: object) -> str:
    try:
        text = " ".join(repr(value).split())
    except Exception as error:
        return f"a {type(value).__name__} whose repr raises {type(error).__name__}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
