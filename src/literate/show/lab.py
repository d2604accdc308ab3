"""A lab, a notebook in the nav -> a page in the notation of the chapters, woven and rendered like one."""

from __future__ import annotations

import asyncio
import functools
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from functools import partial
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml

from literate.read.addresses import settings
from literate.read.finding import Finding
from literate.read.page import Page, read_page
from literate.read.project import Project
from literate.read.quoting import fenced
from literate.run import cache
from literate.run.apart import Outcome, Workers
from literate.run.output import normal
from literate.run.picture import inline
from literate.show.figure import figure
from literate.show.rendered import nav_entries

PATIENCE = 1200  # seconds for a lab: on a busy machine nbclient would leave outputs out
LIBRARIES = ("jupytext", "nbclient", "ipykernel", "numpy", "matplotlib")


@dataclass(frozen=True)
class Outputs:
    """What the code cells of a lab put out, each its text and its pictures; or why they did not."""

    cells: tuple[tuple[str, tuple[str, ...]], ...] = ()
    failure: str = ""
    failed: str = ""  # the code of the cell


@dataclass(frozen=True)
class Lab:
    """A lab as a page of the book, its pictures by the line of their Figure block, what is wrong with it."""

    page: Page
    pictures: dict[int, str]
    findings: tuple[Finding, ...]


# --- run ----------------------------------------------------------------------------------------------------

Running = dict[str, tuple[str, "Future[Outputs]"]]  # by name below docs/: the source, what will come of it


def start_labs(workers: Workers, project: Project) -> Running:
    """Run the labs side by side, those that are not kept."""
    sources = {path: file.read_bytes().decode(errors="replace") for path, file in _in_nav(project)}
    return {path: (source, _started(workers, project, path, source)) for path, source in sources.items()}


def _started(workers: Workers, project: Project, path: str, source: str) -> Future[Outputs]:
    key, future = _key(project, path, source), Future[Outputs]()
    if kept := cache.read(project.root, key):
        cells, *failure = kept
        future.set_result(Outputs(tuple((text, tuple(pictures)) for text, pictures in cells), *failure))
        return future
    task = partial(run, path=path, source=source, where=project.root)
    return workers.start(task, partial(_ended, project.root, key), PATIENCE)


def _in_nav(project: Project) -> Iterator[tuple[str, Path]]:
    """The percent scripts and notebooks that the nav names; nothing if it cannot be read, as others say."""
    with suppress(OSError, UnicodeDecodeError, yaml.YAMLError):
        config = settings((project.root / project.nav).read_text(encoding="utf-8"))
        for _, _, name in nav_entries(config.get("nav") or ()):
            file = project.root / project.docs / name
            if file.suffix in (".py", ".ipynb") and file.is_file():
                yield name, file


def _ended(root: Path, key: str, outcome: Outcome) -> Outputs:
    if outcome.died:
        return Outputs(failure=f"it {outcome.died.said}")
    found: Outputs = outcome.values[0]
    cache.write(root, key, astuple(found))
    return found


def run(folder: Path, path: str, source: str, where: Path) -> Iterator[Outputs]:
    """Run a lab in a kernel that works in a folder of the project."""
    from nbclient import NotebookClient

    notebook = _as_notebook(path, source)
    options: Any = {"timeout": None, "startup_timeout": PATIENCE, "iopub_timeout": PATIENCE}
    options |= {"kernel_name": "python3", "coalesce_streams": True, "extra_arguments": ["--log-level=ERROR"]}
    client = NotebookClient(notebook, resources={"metadata": {"path": str(where)}}, **options)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    try:
        asyncio.run(client.async_execute())
    except Exception as error:  # of a cell, or of the kernel
        wrong = [(cell.source, o) for cell in cells for o in cell.outputs if o.output_type == "error"]
        said = [Outputs((), f"{output.ename}: {output.evalue}", source) for source, output in wrong]
        yield (said or [Outputs((), f"{type(error).__name__}: {error}".split("\n")[0])])[0]
    else:
        yield Outputs(tuple(map(shown, cells)))


def _key(project: Project, path: str, source: str) -> str:
    """A digest of all that the outputs of a lab depend on: the package in the source folder among it."""
    digest = sha256(f"{path}\0{source}\0{sys.version}".encode())
    digest.update(package_state(project).encode())
    digest.update(_library_versions().encode())
    return f"lab-{digest.hexdigest()[:36]}"


@functools.cache
def _library_versions() -> str:
    return str([metadata.version(name) for name in LIBRARIES])


def package_state(project: Project) -> str:
    """What tells one state of the package in its folder from another."""
    digest = sha256()
    for path in sorted((project.root / project.source).glob(f"{project.package}*")):
        for source in sorted([path] if path.is_file() else path.rglob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()


# --- read ---------------------------------------------------------------------------------------------------


def read_lab(project: Project, path: str, source: str, outputs: Outputs) -> Lab:
    """Read the lab at ``path``, a percent script or a notebook, with what its cells put out.

    A Figure block is a Markdown cell of its own, right after the cell that draws.
    """
    left = iter(outputs.cells)
    parts: list[str] = []
    drawn: list[tuple[str, int]] = []  # the pictures, each with the line of its cell in the source
    for cell in _as_notebook(path, source).cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.cell_type == "code":
            text, pictures = next(left, ("", ()))
            parts.append("\n".join(fenced(cell.source, "python")))
            parts += ["\n".join(fenced(text, 'text title="Output"'))] if text else []
            drawn += [(picture, _line_of_cell(source, cell.source)) for picture in pictures]
    page = read_page(path, "\n\n".join(parts) + "\n", project)
    blocks = page.of("figure")
    if outputs.failure:
        message = f"{outputs.failure}; mend the cell"
        findings = [Finding(path, _line_of_cell(source, outputs.failed), message)]
    else:
        findings = [*_captions(page, drawn[len(blocks) :])]
        findings += at_home(_pictureless(page, len(drawn)), page, source)
    pairs = zip(blocks, drawn, strict=False)
    return Lab(page, {b.line: figure(picture, b) for b, (picture, _) in pairs}, tuple(findings))


def at_home(findings: Iterable[Finding], page: Page, source: str) -> Iterator[Finding]:
    """Findings on a lab's page, with the lines of its source."""
    lines = page.text.split("\n")
    for finding in findings:
        yield replace(finding, line=_line_of_cell(source, lines[finding.line - 1]))


def shown(cell: Any) -> tuple[str, tuple[str, ...]]:
    """What a code cell put out: its text, and its pictures as HTML."""
    pictures = [_picture(output.get("data", {})) for output in cell.outputs]
    texts = [
        normal(output.get("text") or output.get("data", {}).get("text/plain", ""))
        for output, picture in zip(cell.outputs, pictures, strict=True)
        if not picture
    ]
    return "\n".join(filter(None, texts)), tuple(filter(None, pictures))


def _picture(data: Mapping[str, str]) -> str:
    if html := data.get("text/html"):
        return f"<div>{html.strip()}</div>"
    if svg := data.get("image/svg+xml"):
        return inline(svg)
    if png := data.get("image/png"):
        return f'<img src="data:image/png;base64,{png.strip()}">'
    return ""


def _as_notebook(path: str, source: str) -> Any:
    import jupytext  # type: ignore[import-untyped]

    return jupytext.reads(source, fmt=Path(path).suffix.lstrip("."))


def _captions(page: Page, bare: Sequence[tuple[str, int]]) -> Iterator[Finding]:
    """Pictures without a Figure block."""
    way_out = 'put a Markdown cell with a ```text title="Figure" block below its cell'
    for _, line in bare:
        yield Finding(page.path, line, f"a picture without words; {way_out}")


def _pictureless(page: Page, number: int) -> Iterator[Finding]:
    """Figure blocks without a picture."""
    for block in page.of("figure")[number:]:
        yield block.finding("this Figure block has no picture; take it out, or end the cell with plt.show()")


def _line_of_cell(source: str, code: str) -> int:
    """The line of the source where a cell begins."""
    first = code.strip().split("\n")[0]
    return next((number for number, line in enumerate(source.split("\n"), 1) if first in line), 1)
