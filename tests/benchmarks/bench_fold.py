"""How fast a large book is read and folded: ``uv run python tests/benchmarks/bench_fold.py``.

The book is made up: 60 chapters, 400 fragments, a module that grows to 1,600 lines. Each time is the best of
several, and beside it stands how many times what Python takes to parse the fragments.
"""

from __future__ import annotations

import ast
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from literate.fold import book as books
from literate.fold.fragment import read_fragment
from literate.read.page import read_page
from literate.read.project import Project

CHAPTERS, FRAGMENTS, CLASSES = 60, 400, 50
PROSE = "The gradient goes back through every function that made the output, and `Class0` keeps it.\n"


class Author:
    """Writes the book: classes whose methods are replaced now and then, prose, experiments."""

    def __init__(self) -> None:
        self.random = random.Random(0)
        self.methods: dict[str, list[str]] = {}
        self.count = 0

    def chapter(self, number: int, fragments: int) -> str:
        parts = [f"# Chapter {number}\n"]
        for _ in range(fragments):
            parts += [f"## A section\n\n{PROSE * 4}", self.fragment(), PROSE * 2, self.experiment()]
        return "\n".join(parts)

    def experiment(self) -> str:
        return '```python\nimport dezero\n\nprint(1 + 1)\n```\n\n```text title="Output"\n2\n```\n'

    def fragment(self) -> str:
        if len(self.methods) < CLASSES and (self.count % 3 == 0 or len(self.methods) < 5):
            name = f"Class{len(self.methods)}"
            self.methods[name] = ["__init__", "forward"]
            code = "\n".join(["import numpy as np\n\n", f"class {name}:", '    """What it does."""', "",
                              self.method("__init__"), "", self.method("forward")])  # fmt: skip
        else:
            name = self.random.choice(list(self.methods))
            known = self.methods[name]
            method = self.random.choice([*known, f"method{len(known)}"])
            if method not in known:
                known.append(method)
            code = f"class {name}:\n    ...\n\n{self.method(method)}"
        self.count += 1
        return f'```python title="src/dezero.py"\n{code}\n```\n'

    def method(self, name: str) -> str:
        lines = [f"    def {name}(self, *inputs):", f"        count = {self.count}  # of calls"]
        lines += [
            f"        x{i} = np.asarray(inputs[{i}], dtype=float)" for i in range(self.random.randint(2, 4))
        ]
        return "\n".join([*lines, "        return x0 * count"])


def write_book(root: Path) -> None:
    """Write the book into an empty folder."""
    author, nav = Author(), "nav:\n"
    (root / "docs").mkdir()
    for number in range(1, CHAPTERS + 1):
        fragments = FRAGMENTS * number // CHAPTERS - FRAGMENTS * (number - 1) // CHAPTERS
        text = author.chapter(number, fragments)
        (root / "docs" / f"step{number:02}-chapter.md").write_text(text, encoding="utf-8")
        nav += f'  - "{number} · Chapter {number}": step{number:02}-chapter.md\n'
    (root / "mkdocs.yml").write_text(nav, encoding="utf-8")
    (root / "pyproject.toml").write_text('[tool.literate]\npackage = "dezero"\n')


def best(work: Callable[[], object], times: int = 5) -> float:
    """The shortest processor time that some work took, in seconds."""
    found = []
    for _ in range(times):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def processor_time(*arguments: str) -> float:
    """The processor time of a Python process, its children included, in seconds."""
    before = os.times()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def read_pages(root: Path) -> None:
    for path in sorted((root / "docs").glob("*.md")):
        read_page(
            path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"), Project(root, "dezero")
        )


def fold_anew(root: Path) -> list[str]:
    """Fold the whole book as if no fragment had been seen before."""
    read_fragment.cache_clear()
    return fold(root)


def fold(root: Path) -> list[str]:
    """Fold the whole book, its pages and fragments read before, and render every snapshot."""
    books.read_book.cache_clear()
    book = books.load(root)
    assert not book.findings, book.findings[0]
    blocks = [block for page in book.pages for block in page.of("fragment")]
    return [book.package_at(block)["src/dezero.py"].text for block in blocks]


def line(what: str, seconds: float, baseline: float, promise: float | None = None) -> None:
    verdict = ""
    if promise is not None:
        verdict = f"   promised {promise} s: {'kept' if seconds < promise else 'BROKEN'}"
    print(f"{what:<48}{seconds * 1000:7.0f} ms{seconds / baseline:8.1f} x{verdict}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_book(root)
        texts = fold(root)
        size = texts[-1].count("\n")
        print(f"{CHAPTERS} chapters, {len(texts)} fragments, {size} lines; Python {sys.version.split()[0]}")
        codes = [block.code for page in books.load(root).pages for block in page.of("fragment")]
        parsing = best(lambda: [ast.parse(code) for code in codes])
        line("parsing each fragment once", parsing, parsing)
        sample = texts[:: len(texts) // 20]
        anew = best(lambda: [ast.parse(text) for text in sample], times=1) * len(texts) / len(sample)
        line("parsing the module anew at each fragment", anew, parsing)
        line("reading the pages", best(lambda: read_pages(root)), parsing)
        line("reading each fragment, folding, rendering", best(lambda: fold_anew(root)), parsing)
        line("folding, every snapshot rendered", best(lambda: fold(root)), parsing, promise=0.1)

        tangle = ["-m", "literate", "--root", folder, "tangle"]
        start = min(processor_time("-c", "pass") for _ in range(5))
        line("tangle, everything new, beyond Python's start", processor_time(*tangle) - start, parsing)
        idle = min(processor_time(*tangle) for _ in range(5)) - start
        line("tangle with nothing to do, beyond Python's start", idle, parsing, promise=0.5)


if __name__ == "__main__":
    main()
