"""The check of a reader's code, held against the real book: what passes it, and what does not."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from literate.book import load
from literate.mine import check
from literate.promises import sentence_above
from literate.report import Report

ROOT = Path(__file__).parents[2]
BOOK = load(ROOT)
STEPS = [chapter.number for chapter in BOOK.chapters]
BEFORE = dict(zip(STEPS[1:], STEPS, strict=False))
EACH_STEP = pytest.mark.parametrize("step", STEPS, ids="step{:02}".format)

# Steps that change what the package does and still hold of the code before: the step, and why that is so.
UNSEEN: dict[int, str] = {}

Texts = dict[str, str]
Checked = Callable[[int, Mapping[str, str]], Report]


@pytest.fixture
def checked(tmp_path: Path) -> Checked:
    """A function that checks a package, given by the texts of its files, against a step."""

    def check_texts(step: int, texts: Mapping[str, str]) -> Report:
        for path, text in texts.items():
            file = tmp_path / path.replace("src/dezero", "typed")
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        is_module = "src/dezero.py" in texts
        return check(BOOK, step, tmp_path / ("typed.py" if is_module else "typed"))

    return check_texts


def texts_of(step: int) -> Texts:
    """What the reader of a step has typed."""
    package = BOOK.package_after(step)
    return {path: module.text for path, module in package.items() if path.startswith("src/")}


def without_docstrings(text: str) -> str:
    """A module without docstrings, comments and layout: what it does."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if documented and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def retyped(text: str) -> str:
    """A module without docstrings and comments, with other names for the locals of its functions."""
    tree = ast.parse(without_docstrings(text))
    for function in functions(tree):
        given = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
        names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
        local = {node.id for node in names if isinstance(node.ctx, ast.Store)} - given
        for node in names:
            node.id = f"my_{node.id}" if node.id in local else node.id
    return ast.unparse(tree)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """The functions of a module and the methods of its classes."""
    for node in tree.body:
        for inner in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(inner, ast.FunctionDef):
                yield inner


def idle(text: str) -> str:
    """A module in which every name is there, and no function does anything."""
    tree = ast.parse(text)
    for function in functions(tree):
        function.body = [ast.Pass()]
    return ast.unparse(tree)


@EACH_STEP
def test_the_code_of_the_book_passes(step: int, checked: Checked) -> None:
    report = checked(step, texts_of(step))

    assert report.holds, str(report)


@pytest.mark.parametrize("step", BEFORE, ids="step{:02}".format)
def test_the_code_of_the_step_before_fails_wherever_something_changed(step: int, checked: Checked) -> None:
    before, after = texts_of(BEFORE[step]), texts_of(step)
    does = [{path: without_docstrings(text) for path, text in texts.items()} for texts in (before, after)]

    assert checked(step, before).holds == (does[0] == does[1] or step in UNSEEN)


@EACH_STEP
@pytest.mark.parametrize("change", [lambda text: "", idle], ids=["empty", "idle"])
def test_a_stub_fails(step: int, change: Callable[[str], str], checked: Checked) -> None:
    report = checked(step, {path: change(text) for path, text in texts_of(step).items()})

    assert not report.holds


@pytest.mark.parametrize("step", STEPS[2::5], ids="step{:02}".format)
def test_comments_docstrings_and_names_of_locals_do_not_matter(step: int, checked: Checked) -> None:
    report = checked(step, {path: retyped(text) for path, text in texts_of(step).items()})

    assert report.holds, str(report)


@EACH_STEP
def test_every_experiment_stands_under_a_sentence(step: int) -> None:
    page = BOOK.chapter(step).page
    sentences = [sentence_above(page, block) for block in page.of("experiment")]

    assert [text for text in sentences if not re.match(r"[\w$`]", text) or "**" in text or "](" in text] == []
