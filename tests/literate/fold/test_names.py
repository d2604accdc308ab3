"""Names in backticks: each exists, or is meant not to."""

from __future__ import annotations

import pytest
from little import project

from literate.fold.book import Book, read_book
from literate.fold.names import wrong_names
from literate.read.finding import Finding

FRAGMENT = '''\
```python title="src/dezero.py"
import weakref
from functools import partial as part

import numpy as np


class Function:
    """Takes `x`."""

    def __call__(self, *inputs, scale=1):
        outputs = self.forward(*inputs)
        self.inputs = self.set_inputs = inputs
        raise ValueError("not an array")


class Square(Function):
    def forward(self, x):
        return x**2
```
'''
EXPERIMENT = """\
```python
import os.path as p
from dezero import Square

numbers = np.array([1.0])
for key in {"shape": 1}:
    f = Square()
```

```text title="Output"
something 1.0
```
"""


def unknown(prose: str, **others: str) -> list[str]:
    """What is said of a chapter that ends in some prose."""
    pages = {"docs/step01-one.md": f"# One\n\n{FRAGMENT}\n{EXPERIMENT}\n{prose}\n"}
    pages |= {f"docs/{name}.md": text for name, text in others.items()}
    book = read_book(project(), (("mkdocs.yml", 'nav:\n  - "1 · One": step01-one.md\n'), *pages.items()))
    assert book.findings == ()
    return [finding.message for finding in wrong(book)]


def wrong(book: Book) -> list[Finding]:
    return sorted({finding for page in book.pages for finding in wrong_names(book, page)})


@pytest.mark.parametrize(
    "span",
    [
        "Function", "Square.forward", "Square.inputs", "Square.__call__", "Function.__init__", "@Function",
        "Square()", "x", "scale", "numbers", "numbers.copy", "f.inputs", "key", "shape", "something",
        "weakref.ref", "part", "p.join", "dezero", "dezero.py", "np.exp", "np.random.default_rng",
        "np.ndarray.sum", "numpy", "ndim", "math.sin", "RecursionError", "list.append", "append", "lambda",
        "match", "None", "assertEqual",
        "unittest.TestCase", "collections.abc.Iterator", "matplotlib.pyplot", "plt.plot", "pytest.approx",
        "gone(1)", "y = x**2", "src/dezero.py", "--update", "1e-4", "set_", "f(x)",
    ],
)  # fmt: skip
def test_a_name_that_exists_is_none_of_our_business(span: str) -> None:
    assert unknown(f"See `{span}`.") == []


@pytest.mark.parametrize(
    ("span", "guess"),
    [
        ("Fonction", "; did you mean Function?"),
        ("Square.outputs", ""),
        ("Function.append", ""),
        ("Function.inputz", "; did you mean Function.inputs?"),
        ("np.expp", "; did you mean np.exp?"),
        ("f.forwrad", "; did you mean f.forward?"),
        ("numbers.cpoy", ""),
        ("math.sinus", "; did you mean math.sin?"),
        ("weakreff", "; did you mean weakref?"),
        ("vwxyz_", ""),
    ],
)
def test_a_name_that_exists_nowhere_is_a_finding(span: str, guess: str) -> None:
    message = unknown(f"See `{span}`.")[0]

    excuse = f"<!-- literate: on purpose: {span} -->"
    assert message == f"`{span}` exists nowhere as of this page{guess}; if it is meant to, write {excuse}"


def test_a_name_may_be_missing_on_purpose() -> None:
    assert unknown("In PyTorch, `grad_fn`.\n\n<!-- literate: on purpose: grad_fn -->") == []


@pytest.mark.parametrize(
    ("name", "why"),
    [("Square", "it exists"), ("grad_fn", "it is in no backticks")],
    ids=["exists", "not there"],
)
def test_a_needless_excuse_is_a_finding(name: str, why: str) -> None:
    assert unknown(f"`Square` <!-- literate: on purpose: {name} -->") == [
        f"{name} is excused as missing on purpose, and {why}; take it out of the comment"
    ]


def test_a_word_of_a_message_or_a_comment_is_no_name() -> None:
    assert len(unknown("`array`")) == 0  # np.array
    assert len(unknown("`Takes`")) == 1


ANSWERS = """\
# Answers

## [1 · One](step01-one.md)

```python
class Half:
    pass
```

Write `Half`, and look at `numbers`.
"""


def test_exercises_speak_of_what_their_answers_define() -> None:
    assert unknown("## Exercises\n\n### First\n\nWrite `Half`.", answers=ANSWERS) == []
    assert len(unknown("## Exercises\n\n## After\n\nWrite `Half`.", answers=ANSWERS)) == 1
    assert len(unknown("Write `Half`.\n\n## Exercises\n\nNone.", answers=ANSWERS)) == 1


def test_names_are_those_of_the_chapter_not_of_a_later_one() -> None:
    nav = 'nav:\n  - "1 · One": step01-one.md\n  - "2 · Two": step02-two.md\n'
    one, two = "# One\n\n`later`\n", '# Two\n\n`later`\n\n```python title="src/dezero.py"\nlater = 1\n```\n'
    book = read_book(
        project(), (("mkdocs.yml", nav), ("docs/step01-one.md", one), ("docs/step02-two.md", two))
    )

    assert [(finding.path, finding.line) for finding in wrong(book)] == [("docs/step01-one.md", 3)]


def test_a_page_without_code_may_use_what_the_package_imports() -> None:
    assert unknown("", index="# Start\n\nSee `part`, `Square` and `Square.forward`.\n") == []
