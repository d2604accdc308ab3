"""A lab, run by mkdocs-jupyter -> a page in the notation of the chapters, woven and rendered like one.

What the cells put out is read from nbconvert's HTML. The rest of that HTML is dropped, with its 600 KB of
styles, its scripts from elsewhere, and its links that nobody checks.
"""

from __future__ import annotations

import json
import os
import re
import sys
from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from hashlib import sha256
from importlib import metadata
from inspect import signature
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bs4 import BeautifulSoup, Tag

from literate.read.finding import Finding
from literate.read.page import Page, read_page
from literate.read.project import Project
from literate.read.quoting import fenced
from literate.run import cache
from literate.run.apart import Outcome, Workers
from literate.run.jobs import Job
from literate.run.picture import inline
from literate.show.figure import figure

SVG = "data:image/svg+xml;base64,"
SETTINGS = Path(__file__).with_name("jupyter")  # on a busy machine nbclient would leave outputs out
LIMIT = 600.0  # seconds that a lab may take
LIBRARIES = ("mkdocs-jupyter", "nbconvert", "ipykernel", "numpy", "matplotlib")


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

_known: dict[str, Outputs] = {}  # by the keys of the labs


def sources(project: Project, options: dict[str, Any] | None) -> dict[str, str]:
    """The sources of the labs by path; ``options`` are those of mkdocs-jupyter."""
    top = project.root / project.docs
    files = {path.relative_to(project.root).as_posix(): path for path in _lab_files(top, options)}
    return {name: path.read_bytes().decode(errors="replace") for name, path in files.items()}


def lab_job(project: Project, path: str, source: str, options: dict[str, Any] | None) -> Job:
    """A lab whose outputs are kept."""
    key = _key(project, path, source, options)
    task = partial(_task, project=project, path=path, options=options)

    def start(workers: Workers) -> Future[Outputs]:
        return workers.start(task, partial(_outputs, project, key), LIMIT)

    return Job(key, partial(_kept_outputs, project, key), start)


def _kept_outputs(project: Project, key: str) -> Outputs | None:
    if key not in _known and (cells := cache.read(project.root, key)):
        _known[key] = Outputs(tuple((text, tuple(pictures)) for text, pictures in cells))
    return _known.get(key)


def _outputs(project: Project, key: str, outcome: Outcome) -> Outputs:
    """What came of a lab; one that failed runs again in another process."""
    died = f"its process {outcome.died.said}" if outcome.died else ""
    made = _known[key] = Outputs(failure=died) if died else outcome.values[0]
    if not made.failure:
        cache.write(project.root, key, made.cells)
    return made


def _task(folder: Path, project: Project, path: str, options: dict[str, Any] | None) -> Iterator[Outputs]:
    os.environ["JUPYTER_CONFIG_PATH"] = str(SETTINGS)
    os.chdir(project.root)
    try:
        yield run(path, options or {})
    except Exception as error:  # of the programs that run it
        yield Outputs(failure=f"{type(error).__name__}: {error}")


def run(path: str, options: dict[str, Any]) -> Outputs:
    """Run a lab in this process as mkdocs-jupyter does."""
    from mkdocs_jupyter.convert import nb2html  # type: ignore[import-untyped]
    from nbclient.exceptions import CellExecutionError

    known = signature(nb2html).parameters
    try:
        html = nb2html(path, **{name: value for name, value in options.items() if name in known})
    except CellExecutionError as error:
        parts = re.split(r"^-+$\n?", error.traceback, maxsplit=2, flags=re.MULTILINE)
        return Outputs(failure=f"{error.ename}: {error.evalue}", failed=parts[1] if len(parts) > 1 else "")
    return Outputs(tuple(shown(html)))


def _lab_files(top: Path, options: dict[str, Any] | None) -> list[Path]:
    """The files that mkdocs-jupyter would run."""
    if options is None:
        return []
    from mkdocs_jupyter.plugin import Plugin  # type: ignore[import-untyped]

    plugin = Plugin()
    plugin.load_config(options)
    files = [path for path in sorted(top.rglob("*")) if path.suffix in (".py", ".ipynb")]
    return [path for path in files if plugin.should_include(SimpleNamespace(abs_src_path=str(path)))]


def _key(project: Project, path: str, source: str, options: dict[str, Any] | None) -> str:
    """A digest of all that the outputs of a lab depend on: the package in the source folder among it."""
    digest = sha256(f"{path}\0{source}\0{json.dumps(options, sort_keys=True)}\0{sys.version}".encode())
    digest.update(package_state(project).encode())
    digest.update(_library_versions().encode())
    return f"lab-{digest.hexdigest()[:36]}"


@lru_cache
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
    for cell in _cells(path, source):
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


def shown(html: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What each code cell put out, in their order: its text, and its pictures as HTML."""
    _, _, notebook = html.partition('<div class="jupyter-wrapper">')
    for cell in BeautifulSoup(notebook, "html.parser").select("div.jp-CodeCell[id]"):
        outputs = cell.select(".jp-OutputArea-output")
        texts = [output.get_text().strip("\n") for output in outputs if _is_text(output)]
        pictures = [_picture(output) for output in outputs if not _is_text(output)]
        yield "\n".join(filter(None, texts)), tuple(pictures)


def _cells(path: str, source: str) -> Sequence[Any]:
    import jupytext  # type: ignore[import-untyped]

    try:
        cells: Sequence[Any] = jupytext.reads(source, fmt=Path(path).suffix.lstrip(".")).cells
    except Exception:  # no notebook: why, its failure says
        return ()
    return cells


def _is_text(output: Tag) -> bool:
    return output.find("pre", recursive=False) is not None


def _picture(output: Tag) -> str:
    image = output.find("img", recursive=False)
    if image is None:
        return f"<div>{output.decode_contents().strip()}</div>"
    source = str(image["src"])
    if source.startswith(SVG):
        return inline(b64decode(source.removeprefix(SVG)).decode())
    return f'<img src="{source}">'


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
