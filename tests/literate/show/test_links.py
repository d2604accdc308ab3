"""Links, anchors and pictures that lead nowhere, with their lines and a way out."""

from __future__ import annotations

import pytest

from literate.cli import main
from literate.show.links import wrong_links

CHAPTER = """
    See [there](#a-part).

    ## A part

    ```python title="src/dezero.py"
    class Box:
        size = 1
    ```
"""


def wrong(book, name="index"):
    """What is wrong on a page, each with its line."""
    page = next(page for page in book.pages if page.path == f"docs/{name}.md")
    return [(finding.line, finding.message) for finding in wrong_links(book, page)]


@pytest.mark.parametrize(
    ("link", "message"),
    [
        (
            "[a](step01-chaptr.md)",
            "the link to step01-chaptr.md leads nowhere; did you mean step01-chapter.md?",
        ),
        ("[a](nothing.md)", "the link to nothing.md leads nowhere; mend it, or take it out"),
        ("[a]\n\n[a]: nothing.md", "the link to nothing.md leads nowhere; mend it, or take it out"),
        ("[a](../src/dezero.py)", "the link to ../src/dezero.py leads nowhere; mend it, or take it out"),
        ("![a](nothing.svg)", "there is no picture nothing.svg; mend it, or take it out"),
        (
            "[a](/step01-chapter/)",
            "the link to /step01-chapter/ leads to the root of the server; write it relative",
        ),
        ("[a](#nowhere)", "this page has no place called #nowhere; mend the link, or name the place"),
        (
            "[a](step01-chapter.md#fragment-2)",
            "step01-chapter.md has no place called #fragment-2; did you mean #fragment-1?",
        ),
        ("[a](life-class-box.md#sise)", "life-class-box.md has no place called #sise; did you mean #size?"),
    ],
)
def test_what_leads_nowhere_is_a_finding(book_of, link, message):
    book = book_of(CHAPTER, index=f"# Start\n\nOne.\n\n{link}\n")

    ((line, said),) = wrong(book)
    assert said.startswith(message)
    assert line == 5 + link.count("\n")


@pytest.mark.parametrize(
    "link",
    [
        "[a](step01-chapter.md)",
        "[a](step01-chapter.md#a-part)",
        "[a](step01-chapter.md#fragment-1)",
        "[a](step01-chapter.md#Box)",
        "[a](lives.md) [b](life-class-box.md#size)",
        "[a](downloads/step01/dezero.zip)",
        "[a](https://elsewhere.org/a.md#b) [c](mailto:a@b.org)",
        "![a](picture.svg)",
        "[a](#named) and [b](#heading-with-code-and-a-link)",
        "A note[^1] and [its place](#fn:1).\n\n[^1]: It.",
        "`[a](nothing.md)` and <!-- [a](nothing.md) -->",
        "```text\n[a](nothing.md)\n```",
        "$f[x](y)$ and $$f[x](y)$$",
    ],
)
def test_what_leads_somewhere_or_is_no_link_is_none(book_of, tmp_path, link):
    headings = '## Heading with `code` and [a link](lives.md)\n\n<a id="named"></a>'
    book = book_of(CHAPTER, index=f"# Start\n\n{link}\n\n{headings}\n")
    (tmp_path / "docs" / "picture.svg").write_text("<svg/>")

    assert wrong(book) == []
    assert wrong(book, "step01-chapter") == []


def test_a_page_beside_the_site_leads_to_files_of_the_project(book_of, tmp_path):
    book_of(CHAPTER)
    (tmp_path / "README.md").write_text(
        "# Read\n\n[a](docs/step01-chapter.md) [b](mkdocs.yml) [c](nothing)\n"
    )

    book = book_of(CHAPTER)
    (page,) = [page for page in book.pages if page.path == "README.md"]
    (finding,) = wrong_links(book, page)
    assert str(finding) == "README.md:3: the link to nothing leads nowhere; mend it, or take it out"


def test_run_reports_what_leads_nowhere(book_of, capsys):
    book = book_of(CHAPTER, index="# Start\n\n[a](nothing.md)")

    assert main(["--root", str(book.project.root), "run"]) == 1
    assert "docs/index.md:3: the link to nothing.md leads nowhere" in capsys.readouterr().err


def test_on_a_page_where_other_extensions_name_places_any_anchor_may_be(book_of):
    book = book_of(CHAPTER, index="# Start\n\n[a](names.md#os.path)", names="# Names\n\n::: os\n")

    assert wrong(book) == []
