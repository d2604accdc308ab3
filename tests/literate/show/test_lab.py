"""A lab becomes a page in the notation of the chapters, with what its cells put out."""

from __future__ import annotations

import logging

import pytest
from little import project

from literate.read.quoting import fenced
from literate.show.lab import Outputs, read_lab, run, shown

MARKDOWN = "# %% [markdown]\n# "
FIGURE = '```text title="Figure"\n# A caption.\n#\n# What is seen.\n# ```'


OPTIONS = {"execute": True, "kernel_name": "python3", "allow_errors": False}


SOURCE = f"""\
{MARKDOWN}# A lab
#
# Its prose, with $x^2$ and [a link](../step01.md).

# %%
import matplotlib.pyplot as plt

# %config InlineBackend.figure_formats = ["svg"]
plt.rcParams["svg.fonttype"] = "none"

# %%
print("one < two")
print("```")
3

# %%
fig, ax = plt.subplots(figsize=(2, 1))
ax.plot([1, 2], color="C1")
plt.show()

{MARKDOWN}{FIGURE}
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory):
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    path = tmp_path_factory.mktemp("lab") / "lab.py"
    path.write_text(SOURCE, encoding="utf-8")
    return read_lab(project(), "docs/labs/lab.py", SOURCE, run(str(path), OPTIONS))


@pytest.mark.slow
def test_cells_and_what_they_put_out_are_blocks_of_a_page(lab):
    kinds = [block.kind for block in lab.page.blocks]

    assert kinds == ["experiment", "experiment", "output", "experiment", "figure"]
    assert lab.page.blocks[2].code == "one < two\n```\n3"
    assert "[a link](../step01.md)" in lab.page.text
    assert lab.findings == ()


@pytest.mark.slow
def test_a_picture_takes_its_words_from_the_cell_below_and_its_colours_from_the_page(lab):
    (picture,) = lab.pictures.values()

    assert list(lab.pictures) == [lab.page.blocks[-1].line]
    assert 'role="img" aria-label="What is seen."' in picture
    assert "<figcaption>A caption.</figcaption>" in picture
    assert "var(--picture-1)" in picture
    assert "<text" in picture


@pytest.mark.slow
def test_nothing_of_the_notebooks_own_page_is_left(lab):
    everything = lab.page.text + "".join(lab.pictures.values())

    assert "cdnjs" not in everything
    assert "<script" not in everything
    assert len(everything) < 10_000


PICTURE = '<div class="jp-OutputArea-output"><img src="data:image/png;base64,AAAA"></div>'


def outputs_of(*cells: str) -> Outputs:
    """What nbconvert makes of code cells with these outputs, as far as it matters."""
    divs = "".join(f'<div class="jp-CodeCell" id="cell-{i}">{cell}</div>' for i, cell in enumerate(cells))
    html = f'<script src="https://elsewhere"></script><div class="jupyter-wrapper">{divs}</div>'
    return Outputs(tuple(shown(html)))


@pytest.mark.slow
def test_a_picture_without_words_is_a_finding_at_its_cell():
    lab = read_lab(
        project(), "docs/labs/lab.py", "# %%\nx = 1\n\n# %%\nplt.show()\n", outputs_of("", PICTURE)
    )

    (finding,) = lab.findings
    assert (finding.path, finding.line) == ("docs/labs/lab.py", 5)
    assert 'put a Markdown cell with a ```text title="Figure" block below it' in finding.message


def test_words_without_a_picture_are_a_finding():
    lab = read_lab(project(), "docs/labs/lab.py", f"# %%\nx = 1\n\n{MARKDOWN}{FIGURE}\n", outputs_of(""))

    (finding,) = lab.findings
    assert "this Figure block has no picture" in finding.message


def test_a_bitmap_is_shown_with_its_alternative_text():
    lab = read_lab(
        project(), "docs/labs/lab.py", f"# %%\nplt.show()\n\n{MARKDOWN}{FIGURE}\n", outputs_of(PICTURE)
    )

    (picture,) = lab.pictures.values()
    assert '<img role="img" aria-label="What is seen." src="data:image/png' in picture


@pytest.mark.parametrize(("code", "fence"), [("x", "```"), ("a `b`", "```"), ("```", "````")])
def test_a_fence_is_longer_than_those_in_its_code(code: str, fence: str):
    assert "\n".join(fenced(code, "text")) == f"{fence}text\n{code}\n{fence}"
