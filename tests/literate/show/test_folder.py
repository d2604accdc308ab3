"""The site as plain Markdown and files: what lies in it, and what is not made again."""

from __future__ import annotations

import os
import time

import markdown
import pytest
import yaml

from literate.cli import main
from literate.fold.book import load
from literate.read.finding import BookError
from literate.show import folder as folders
from literate.show.folder import folder, weave_out

pytestmark = pytest.mark.slow

CHAPTER = """
    ```python title="src/dezero.py"
    def double(x):
        return 2 * x
    ```

    ```python
    from dezero import double

    double(21)
    ```

    ```text title="Output"
    42
    ```
"""
DRAWING = """\
# Start

!!! note

    ```python
    class Drawn:
        def _repr_svg_(self):
            return "<svg><text>a *b* $c$</text>\\n\\n    <g/></svg>"

    Drawn()
    ```

    ```text title="Figure"
    A caption.

    What is seen.
    ```

    After it.
"""
CONFIG = """\
site_name: Sample
site_url: !ENV [SITE_URL, "http://localhost:8000/"]
hooks: [hook.py]
watch: [src]
not_in_nav: /apart.md
nav:
  - "1 · Chapter": step01-chapter.md
  - A lab: labs/lab.py
plugins:
  - search
  - mkdocs-jupyter: {include: ["labs/*.py"], execute: true, allow_errors: false}
markdown_extensions: [{attr_list: {}}, literate.show.formulas]
"""
LAB = "# %% [markdown]\n# # A lab\n#\n# See [the chapter](../step01-chapter.md).\n\n# %%\n1 + 1\n"


def texts(book):
    return {name: page.text for name, page in folder(book).pages.items()}


def test_a_page_is_woven_with_its_front_matter(book_of):
    book = book_of(CHAPTER, index='---\ntitle: "S"\n---\n# Start\n\nSee [it](step01-chapter.md).')

    found = texts(book)
    assert found["index.md"].startswith('---\ntitle: "S"\n---\n# Start')
    assert "{ .fragment #fragment-1 }" in found["step01-chapter.md"]
    assert {"lives.md", "life-double.md"} < found.keys()
    assert "downloads/step01/dezero.zip" in folder(book).files


def test_a_picture_in_an_admonition_is_left_alone_by_markdown(book_of):
    text = texts(book_of(CHAPTER, index=DRAWING))["index.md"]

    extensions = ["admonition", "attr_list", "md_in_html", "pymdownx.superfences", "pymdownx.blocks.html"]
    html = markdown.markdown(text, extensions=[*extensions, "literate.show.formulas"])
    assert "<text>a *b* $c$</text>" in html
    assert "<p><figure" not in html
    assert html.index("<figure") < html.index("After it.") < html.rindex("</div>")


def test_a_page_that_cannot_be_read_shows_why(book_of, tmp_path):
    book_of(CHAPTER)
    (tmp_path / "docs" / "index.md").write_bytes(b"# Start\n\nCaf\xe9\n")

    page = folder(load(tmp_path)).pages["index.md"]
    assert "literate-errors" in page.text
    assert "docs/index.md:3: this is not UTF-8; save the file as UTF-8" in page.text


def test_a_link_that_leads_nowhere_is_said_on_the_page(book_of):
    page = folder(book_of(CHAPTER, index="# Start\n\n[a](nothing.md)")).pages["index.md"]

    assert "docs/index.md:3: the link to nothing.md leads nowhere; mend it, or take it out" in page.text


def test_only_a_fragment_that_changes_makes_other_pages_anew(book_of, monkeypatch):
    made = []
    weave = folders.weave
    monkeypatch.setattr(
        folders,
        "weave",
        lambda book, page, *rest, **o: made.append(page.path) or weave(book, page, *rest, **o),
    )
    texts(book_of(CHAPTER, index="# Start"))
    made.clear()

    texts(book_of(CHAPTER, index="# Start"))
    assert made == []

    texts(book_of(CHAPTER, index="# Start\n\nMore."))
    assert made == ["docs/index.md"]

    made.clear()
    texts(book_of(CHAPTER.replace("double(21)", "double(20 + 1)"), index="# Start\n\nMore."))
    assert made == ["docs/step01-chapter.md"]

    made.clear()
    texts(book_of(CHAPTER.replace("2 * x", "x + x"), index="# Start\n\nMore."))
    assert sorted(made) == ["docs/index.md", "docs/step01-chapter.md"]


def test_a_life_quotes_the_sentence_of_today(book_of):
    texts(book_of(f"Why so.\n{CHAPTER}"))

    assert "> Why not." in texts(book_of(f"Why not.\n{CHAPTER}"))["life-double.md"]


@pytest.fixture
def lab(book_of, tmp_path):
    """A project with a lab."""
    book_of(CHAPTER, index="# Start\n\nSee [the lab](labs/lab.py#a-lab), `labs/lab.py`.")
    (tmp_path / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "docs" / "labs").mkdir()
    (tmp_path / "docs" / "labs" / "lab.py").write_text(LAB, encoding="utf-8")
    return tmp_path


def test_the_woven_folder_holds_all_that_a_renderer_needs_and_nothing_that_weaves(lab, capsys):
    out = lab / "out"

    assert main(["--root", str(lab), "weave", "--out", str(out)]) == 0
    written = [path for path in out.rglob("*") if path.is_file()]
    assert capsys.readouterr().out == f"wrote {len(written)} files to {out.as_posix()}\n"
    config = (out / "mkdocs.yml").read_text(encoding="utf-8")
    assert "!ENV" in config
    entries = yaml.safe_load(config.replace("!ENV", ""))
    assert entries["nav"] == [{"1 · Chapter": "step01-chapter.md"}, {"A lab": "labs/lab.md"}]
    assert entries["plugins"] == ["search"]
    assert (entries["site_name"], entries["docs_dir"]) == ("Sample", "docs")
    assert entries["not_in_nav"].split() == ["/apart.md", "/life-*.md"]
    extensions = entries["markdown_extensions"]
    assert extensions[:2] == [{"attr_list": {}}, "literate.show.formulas"]
    assert "pymdownx.superfences" in extensions
    assert "attr_list" not in extensions
    assert not {"hooks", "watch"} & entries.keys()
    assert (out / "src" / "dezero.py").read_text() == "def double(x):\n    return 2 * x\n"
    assert (out / "docs" / "labs" / "lab" / "lab.py").read_text() == LAB
    assert "{ .text .output }\n2\n" in (out / "docs" / "labs" / "lab.md").read_text()
    index = (out / "docs" / "index.md").read_text()
    assert "[the lab](labs/lab.md#a-lab), `labs/lab.py`" in index


@pytest.mark.parametrize(("index", "name"), [("# My book\n\n# More", "My book"), ("No heading.", "dezero")])
def test_a_nav_file_without_a_name_gets_that_of_the_first_page(book_of, index, name):
    files = weave_out(book_of(CHAPTER, index=index))

    assert yaml.safe_load(files["mkdocs.yml"])["site_name"] == name


def test_a_lab_that_fails_is_a_finding_at_its_cell_and_nothing_is_written(lab, capsys):
    (lab / "docs" / "labs" / "lab.py").write_text(f"{LAB}\n# %%\n1 / 0\n", encoding="utf-8")

    assert main(["--root", str(lab), "weave", "--out", str(lab / "out")]) == 1
    assert (
        "docs/labs/lab.py:10: ZeroDivisionError: division by zero; mend the cell" in capsys.readouterr().err
    )
    assert not (lab / "out").exists()
    assert folder(load(lab)).failed == ("labs/lab.py",)


def test_a_lab_that_failed_is_run_again_by_another_process(lab, monkeypatch):
    reads = "from pathlib import Path\n\nprint(Path('more.txt').read_text())"
    (lab / "docs" / "labs" / "lab.py").write_text(LAB.replace("1 + 1", reads), encoding="utf-8")
    assert folder(load(lab)).failed == ("labs/lab.py",)

    (lab / "more.txt").write_text("And more.")
    assert folder(load(lab)).failed == ("labs/lab.py",)  # not again and again by a server
    monkeypatch.setattr("literate.show.lab._known", {})
    assert "And more." in texts(load(lab))["labs/lab.md"]


def test_a_lab_that_never_ends_is_a_finding_and_its_kernel_is_gone(lab, monkeypatch):
    monkeypatch.setattr("literate.show.lab.LIMIT", 6.0)
    note = lab / "kernel.txt"
    says = f"import os\n\nwith open({note.as_posix()!r}, 'w') as file:\n    file.write(str(os.getpid()))"
    source = LAB.replace("1 + 1", f"{says}\nwhile True:\n    pass")
    (lab / "docs" / "labs" / "lab.py").write_text(source, encoding="utf-8")

    page = folder(load(lab)).pages["labs/lab.md"]
    assert "its process waits for something that does not come, and was stopped" in str(page.findings[0])
    if not note.exists():
        pytest.skip("on this busy machine the kernel had not begun")
    assert _is_gone(int(note.read_text()))


def _is_gone(process: int) -> bool:
    """Whether a process comes to its end soon."""
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_a_notebook_that_cannot_be_read_is_a_finding(lab):
    (lab / "docs" / "labs" / "lab.py").unlink()
    (lab / "docs" / "labs" / "lab.ipynb").write_text("{", encoding="utf-8")
    config = CONFIG.replace("lab.py", "lab.ipynb").replace("*.py", "*")
    (lab / "mkdocs.yml").write_text(config, encoding="utf-8")

    page = folder(load(lab)).pages["labs/lab.md"]
    assert "docs/labs/lab.ipynb:1: " in str(page.findings[0])


def test_a_lab_computes_on_one_thread_unless_it_is_told_otherwise(lab, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    source = LAB.replace("1 + 1", 'import os\n\nprint(os.environ.get("OMP_NUM_THREADS"), "threads")')
    (lab / "docs" / "labs" / "lab.py").write_text(source, encoding="utf-8")

    pages = weave_out(load(lab))

    assert "1 threads" in str(pages["docs/labs/lab.md"])


def test_a_link_of_a_lab_that_leads_nowhere_is_a_finding_at_its_line(lab):
    (lab / "docs" / "labs" / "lab.py").write_text(LAB.replace("step01-", "step02-"), encoding="utf-8")

    with pytest.raises(BookError) as caught:
        weave_out(load(lab))
    assert [str(finding) for finding in caught.value.findings] == [
        "docs/labs/lab.py:4: the link to ../step02-chapter.md leads nowhere; "
        "did you mean ../step01-chapter.md?"
    ]


def test_what_has_not_changed_is_woven_from_what_is_kept(book_of):
    book = book_of(CHAPTER)

    first, again = (folder(book).pages for _ in range(2))
    assert first["step01-chapter.md"] is again["step01-chapter.md"]
