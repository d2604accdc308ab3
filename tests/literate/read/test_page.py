"""Reading a page: which blocks it has, what they are, and what is wrong with it."""

from __future__ import annotations

import random
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import markdown
import pytest
import yaml
from little import project

from literate.read.page import FRONT_MATTER, Page, read_page

FRAGMENT = '```python title="src/dezero.py"\nx = 1\n```'
ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def read(text: str) -> Page:
    return read_page("docs/step01-x.md", text, project())


def kinds(text: str) -> list[tuple[str, str]]:
    return [(block.kind, block.code) for block in read(text).blocks]


def messages(text: str) -> list[str]:
    return [f"{finding.line}: {finding.message}" for finding in read(text).findings]


# --- what is tangled is what is shown ---------------------------------------------------------------------


class Loader(yaml.SafeLoader):
    """Tags such as ``!!python/name:…`` are no concern of ours."""


Loader.add_multi_constructor("", lambda loader, suffix, node: None)


@cache
def site() -> markdown.Markdown:
    """The parser of the site, without our own extensions."""
    config = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader=Loader)
    names: list[str] = []
    configs: dict[str, dict[str, Any]] = {}
    for entry in config["markdown_extensions"]:
        name, options = next(iter(entry.items())) if isinstance(entry, dict) else (entry, {})
        if not name.startswith("literate"):
            names.append(name)
            configs[name] = options or {}
    return markdown.Markdown(extensions=names, extension_configs=configs)


class Codes(HTMLParser):
    """The texts of the code blocks of a page of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "pre":
            self.inside = True
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "pre"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found[-1] += data


def shown(text: str) -> list[str]:
    """The code blocks that the site shows, without the blank lines around them, which it strips."""
    return [code.strip("\n") for code in Codes(site().reset().convert(FRONT_MATTER.sub("", text))).found]


def found(page: Page) -> list[str]:
    return [block.code.strip("\n") for block in page.blocks]


NASTY = {
    "admonition": '!!! note "N"\n\n    ```python\n    a = 1\n\n    if a:\n        b = 2\n    ```\n',
    "details in a tab": '=== "T"\n\n    ??? note\n\n        ```\n        a = 1\n        ```\n\n    end\n',
    "list": "- one\n\n    ```python\n    a\n    ```\n\n- two\n\n    - x\n\n        ~~~\n        ~~~",
    "quote": "> ```python\n> a = 1\n>\n> b = 2\n> ```\n",
    "quote in a quote": "> > ```python\n> > a = 1\n> > ```\n",
    "longer fence": "````markdown\n```python\na\n```\n````\n",
    "tildes around backticks": "~~~\n```python\na\n```\n~~~\n",
    "brace header": '```{.python title="x y" .class #id}\na < b & "c"\n```\n',
    "file without braces": '```python file="src/dezero.py"\na\n```\n\n```python\nb\n```\n',
    "no language": "```\na\n```\n",
    "empty": "```python\n```\n",
    "blank lines": "```python\n\n\na\n\n\n```\n",
    "tab inside": "```text\na\tb\n```\n",
    "trailing blanks": "```python\na  \n    \nb\n```\n",
    "not closed": "```python\na = 1\n",
    "closed too deep": "```python\na = 1\n  ```\n",
    "closed too early": "    ```python\n    a\n```\n",
    "longer close": "```python\na\n````\n```\n",
    "paragraph around": "text\n```python\na\n```\ntext\n",
    "after a heading": "# T\n```python\na\n```\n",
    "tab": "- one\n\n\t```python\n\ta\n\t```\n",
    "front matter": "---\ntitle: T\ncode: |\n  x\n---\n\n# T\n\n```python\na\n```\n",
    "markup": '```python\n"<b>&amp;</b> `x` *y* [z](t)"\n# (1)!\n```\n\n1. note\n',
    "code span of three": "Write ```` ```python ```` there, or ``` `a` ```.\n",
    "definition list": "term\n:   text\n\n    ```python\n    a\n    ```\n",
    "footnote": "a[^1]\n\n```python\na\n```\n\n[^1]: note\n",
    "table": "| a | b |\n|---|---|\n| `x` | ``` y ``` |\n\n```python\na\n```\n",
    "raw html": "<div markdown>\n\n```python\na\n```\n\n</div>\n",
    "letters of all kinds": "```python\nä = 'é\u00a0\u3000日本'\n\u00a0\n```\n",
}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
def test_a_sample_has_the_blocks_that_the_site_shows(text: str) -> None:
    assert found(read(text)) == shown(text)


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_has_the_blocks_that_the_site_shows(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert found(read(text)) == shown(text)


class Author:
    """Writes pages of nested blocks at random; one fence in twelve is not closed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def page(self, depth: int = 2) -> list[str]:
        lines: list[str] = []
        for _ in range(self.random.randint(1, 3)):
            lines += [*self.element(depth), ""]
        return lines

    def element(self, depth: int) -> list[str]:
        kinds = [self.fence, self.fence, lambda: ["A paragraph with `code`,", "of two lines."]]
        if depth:
            openings = ["!!! note", "??? note", '=== "Tab"', "- item", "1. item"]
            kinds.append(lambda: self.indented(self.random.choice(openings), depth))
            kinds.append(lambda: [f"> {line}".rstrip() for line in self.page(depth - 1)])
        return self.random.choice(kinds)()

    def indented(self, opening: str, depth: int) -> list[str]:
        return [opening, "", *(f"    {line}" if line else "" for line in self.page(depth - 1))]

    def fence(self) -> list[str]:
        marker = self.random.choice(["```", "````", "~~~"])
        header = self.random.choice(["", "python", ' text title="A title"', " { .text #id }", "text"])
        content = [
            "a = 1",
            "",
            "    b",
            "# (1)!",
            "- item",
            "!!! note",
            "```python",
            "~~~",
            "```",
            "<!-- c -->",
        ]
        inside = [line for line in self.random.choices(content, k=5) if not line.startswith(marker)]
        closing = [marker] if self.random.random() < 0.92 else []
        return [marker + header, *inside, *closing]


@pytest.mark.parametrize("seed", range(200))
def test_what_is_not_shown_is_a_finding(seed: int) -> None:
    text = "\n".join(Author(seed).page())
    page = read(text)

    assert page.findings or found(page) == shown(text), text


def test_pages_by_chance_are_mostly_right() -> None:
    pages = [read("\n".join(Author(seed).page())) for seed in range(200)]

    assert sum(not page.findings and len(page.blocks) > 0 for page in pages) > 100


# --- what a block is --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("```python", "experiment"),
        ('```python title="src/dezero.py"', "fragment"),
        ('```python title="src/dezero/core.py"', "fragment"),
        ('```python title="tests/test_square.py"', "fragment"),
        ('~~~{.python title="src/dezero.py"}', "fragment"),
        ('```python title="As it was"', "illustration"),
        ('```python title="Before the change below"', "experiment"),
        ('```text title="Output"', "output"),
        ('```text title="Figure"', "figure"),
        ('```text title="Life of Variable.backward"', "life"),
        ('```text title="Life of "', "life"),
        ('```sh title="src/"', "moves"),
        ('```sh title="src"', "moves"),
        ("```sh", "other"),
        ("```", "other"),
        ('```toml title="pyproject.toml"', "other"),
    ],
)
def test_a_block_is_what_its_header_says(header: str, kind: str) -> None:
    page = read(f"```python\nx\n```\n\n{header}\nx\n{header[:3]}\n")

    assert page.blocks[1].kind == kind
    assert page.findings == ()


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("```py", "3: a py block is neither run nor tangled; write ```python"),
        ("```Python", "3: a Python block is neither"),
        ("```pycon", "3: a pycon block is neither"),
        ('```text title="output"', '3: write ```text title="Output"'),
        ('``` title="Figure "', '3: write ```text title="Figure"'),
        ('```python title="Output"', '3: write ```text title="Output"'),
        ('```text title="life of x"', '3: write ```text title="Life of …"'),
        ('``` title="Life of x"', '3: write ```text title="Life of …"'),
        ('```python title=""', "3: the title is empty; take it out"),
        ('```python title="core.py"', '3: the title "core.py" is no path of src/dezero… or tests/….py'),
        (
            '```{.python file="src/dezero.py"}',
            '3: a file is named by its title; write ```python title="src/dezero.py"',
        ),
        ('```python hl_lines="1"', "3: hl_lines is computed from the fold"),
        ('```bash title="src/"', '3: moves are written ```sh title="src/"'),
        ('```toml title="src/x.toml"', "3: only ```python blocks are tangled"),
        ("```python a=b", "3: looks like a fence, but SuperFences renders no block here"),
    ],
)
def test_a_header_that_would_be_ignored_is_a_finding(header: str, message: str) -> None:
    assert messages(f"# T\n\n{header}\nx\n```\n")[0].startswith(message)


def test_a_block_knows_its_lines_and_its_prefix() -> None:
    block = read("# T\n\n- item\n\n    > ```python\n    > x\n    >\n    > y\n    > ```\n").blocks[0]

    assert (block.line, block.end, block.prefix, block.code) == (5, 9, "    > ", "x\n\ny")


def test_an_answer_belongs_to_the_experiment_right_before_it() -> None:
    page = read('```python\n1\n```\n\nProse.\n\n```text title="Output"\n1\n```\n\n```python\n2\n```\n')
    first, answer, second = page.blocks

    assert page.answer_to(first) is answer
    assert page.answer_to(second) is None


@pytest.mark.parametrize("before", ["", '```python title="src/dezero.py"\nx = 1\n```\n', "```sh\nls\n```\n"])
def test_an_output_needs_an_experiment(before: str) -> None:
    assert (
        "an output that follows no experiment" in messages(f'{before}\n```text title="Output"\n1\n```\n')[0]
    )


def test_an_experiment_has_one_answer() -> None:
    text = '```python\n1\n```\n\n```text title="Output"\n1\n```\n\n```text title="Figure"\n1\n```\n'

    assert messages(text) == [
        "9: a figure that follows no experiment; put it right after the block that makes it"
    ]


# --- characters -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"], ids=["CRLF", "CR", "LF"])
def test_any_line_ends_are_accepted(end: str) -> None:
    assert kinds(end.join(["# T", "", "```python", "a = 1", "", "b = 2", "```", ""])) == [
        ("experiment", "a = 1\n\nb = 2")
    ]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("if x:\n\ty = 1\n\tz = 2", "3: a tab in a code block, which Markdown turns into spaces"),
        ("x = 1\n\x0cy = 2", "3: an invisible character, U+000C; delete it, or write it as an escape"),
        ("x = '\x00'", "2: an invisible character, U+0000"),
        ("x = '\u2028'", "2: an invisible character, U+2028"),
        ("\ufeffx = 1", "2: an invisible character, U+FEFF"),
    ],
    ids=["tab", "form feed", "null", "line separator", "BOM"],
)
def test_a_character_that_would_be_changed_or_missed_is_a_finding(code: str, message: str) -> None:
    assert len(messages(f"```python\n{code}\n```\n")) == 1
    assert messages(f"```python\n{code}\n```\n")[0].startswith(message)


def test_a_fence_indented_by_a_tab_is_a_finding_at_its_code() -> None:
    assert messages("- item\n\n\t```python\n\tx\n\t```\n")[0].startswith("4: a tab in a code block")


@pytest.mark.slow
def test_a_very_long_page_is_read() -> None:
    text = "A lonely ` in <!-- a\nparagraph of `code` and *text*.\n\n```python\nx = 1\n```\n\n" * 5000

    assert len(read(text).blocks) == 5000


def test_a_space_that_does_not_break_is_kept() -> None:
    assert read("```python\nx = '''\n\u00a0\n'''\n```\n").blocks[0].code == "x = '''\n\u00a0\n'''"


# --- fences that are none ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "<!--\n{}\n-->\n",
        "<hr>\n\n<!--\n{}\n-->\n",
        "A word <!--\n{}\n-->\n",
        "- x\n\n    <!--\n{}\n    -->\n",
    ],
)
def test_a_fence_in_a_comment_is_a_finding(text: str) -> None:
    (message,) = messages(text.format("```python\nx\n```"))

    assert "a fence inside an HTML comment" in message


def test_a_block_that_swallows_another_is_a_finding() -> None:
    text = '```python\nx\n```\n\n```text title="Output"\n1\n\n```python\ny\n```\n'

    assert messages(text)[0].startswith("8: a fence within the block of line 5, which is not closed")


@pytest.mark.parametrize(
    ("opening", "closing", "message"),
    [
        (
            "````python",
            "```",
            "3: a fence of 4 backticks is closed by one of 3 in line 5; make them the same",
        ),
        ("```python", "````", "7: a fence within the block of line 3, which is not closed"),
        ("~~~~python", "~~~", "3: a fence of 4 tildes is closed by one of 3 in line 5; make them the same"),
        ("```python", "``", "7: a fence within the block of line 3, which is not closed"),
        ("```python", "", "7: a fence within the block of line 3, which is not closed"),
        ("``python", "```", "7: a fence within the block of line 5, which is not closed"),
        ("```py", "```", "3: a py block is neither run nor tangled; write ```python"),
        ("```python a=b", "```", "3: looks like a fence, but SuperFences renders no block here"),
        ("```python", " ```", "7: a fence within the block of line 3, which is not closed"),
        ("    ```python", "```", "3: looks like a fence, but SuperFences renders no block here"),
    ],
)
def test_one_wrong_fence_is_one_finding(opening: str, closing: str, message: str) -> None:
    page = read(
        f'# T\n\n{opening}\nx\n{closing}\n\n```text title="Output"\n1\n```\n' + "\n```python\nx\n```\n" * 20
    )

    (finding,) = page.findings
    assert f"{finding.line}: {finding.message}".startswith(message)
    assert "x" in page.doubtful


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<div>\n\n{}\n\n</div>", False),
        ("<div>\n{}\n</div>", False),
        ("  <DIV class='a'>\n\n{}\n</DIV>", False),
        ("<details>\n<summary>s</summary>\n\n{}\n</details>", False),
        ("<table><tr><td>\n\n{}\n\n</td></tr></table>", False),
        ("<div>\n\n{}\n", False),
        ("<div markdown='1'>\n<section>\n\n{}\n\n</section>\n</div>", False),
        ("<div markdown='1'>\n\n{}\n\n<section>x</section>\n</div>", True),
        ("<div markdown>\n\n{}\n\n</div>", True),
        ("<div markdown='1'>\n\n{}\n\n</div>", True),
        ("<div markdown='block'>\n\n{}\n\n</div>", True),
        ("<div></div>\n\n{}\n\n<div></div>", True),
        ("<br>\n\n{}", True),
        ("<span>a</span>\n\n{}\n\n<hr>", True),
        ("a < b\n\n{}\n", True),
        ("!!! note\n\n    <b>x</b>\n\n{}\n", True),
    ],
)
def test_a_fence_in_html_is_refused_where_the_page_reads_no_markdown(html: str, shown: bool) -> None:
    text = f"# T\n\n{html.format(FRAGMENT)}\n"
    labelled = site().reset().convert(html.format(f"*label*\n\n{FRAGMENT}"))

    assert ("<em>label</em>" in labelled) == shown
    assert [message.partition(": ")[2] for message in messages(text)] == [
        'a fence inside HTML, where a page shows no Markdown; write markdown="1" into the tag around it'
    ] * (not shown)


def test_a_block_closed_at_another_indentation_is_one_finding() -> None:
    text = "- item\n\n  ```python\n  x\n ```\n\nProse.\n\n```python\ny\n```\n"

    assert [line.partition(",")[0] for line in messages(text)] == ["3: looks like a fence"]
    assert kinds(text) == [("experiment", "y")]


CONFLICT = "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> other\n"


@pytest.mark.parametrize(
    "text",
    [
        "# T\n\n" + CONFLICT.format("a", "b"),
        "# T\n\n" + CONFLICT.format("```python\nx\n```", "```python\ny\n```\n\n```text title='Output'\n```"),
        "# T\n\n<<<<<<<\n" + "```python\na\n```\n" * 3,
        "# T\n\n>>>>>>> 1234567\n\nCall `f`.\n",
    ],
)
def test_a_conflict_of_git_is_the_only_finding(text: str) -> None:
    assert messages(text) == [
        "3: git's conflict marker; keep one of the two versions, and delete the markers"
    ]
    assert (read(text).title, read(text).blocks, read(text).code_spans) == ("T", (), ())


def test_what_only_looks_like_a_conflict_is_none() -> None:
    assert messages("T\n=======\n\n> > > > > > > x\n\na <<<<<<< b\n") == []


def test_inline_code_of_three_backticks_is_no_fence() -> None:
    assert messages("``` `x` ``` is inline code.\n") == []


# --- prose ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Call `f` and ``g`h``.\n", [(1, "f"), (1, "g`h")]),
        ("Over `two\nlines` and\n`one`.\n", [(1, "two lines"), (3, "one")]),
        ("> Over `two\n> lines`.\n", [(1, "two lines")]),
        ("A lonely ` here.\n\nAnd `code`.\n", [(3, "code")]),
        ("\\`no\\` but `yes`\n", [(1, "yes")]),
        ('!!! note "Why not `x`?"\n\n    And `y`.\n', [(1, "x"), (3, "y")]),
        ("`#!python x`\n", [(1, "x")]),
        ("<!-- `no` -->`yes`\n", [(1, "yes")]),
        ("`<!-- code -->` and `y`\n", [(1, "<!-- code -->"), (1, "y")]),
        ("```python\n# `no`\n```\n", []),
        ("# The `del` statement\n", [(1, "del")]),
        ("`a``b`\n", [(1, "a``b")]),
    ],
)
def test_inline_code_is_found_where_markdown_finds_it(text: str, spans: list[tuple[int, str]]) -> None:
    assert list(read(text).code_spans) == spans


def test_names_are_excused_in_comments() -> None:
    page = read("# T\n\n<!-- literate: on purpose: a, b.c -->\n\n`<!-- literate: on purpose: d -->`\n")

    assert page.on_purpose == ((3, "a"), (3, "b.c"))


def test_headings_are_those_of_the_prose() -> None:
    text = (
        "# T\n\n```python\n# no\n```\n\n<!--\n# no\n-->\n\n## [3 · *Row*](step03-x.md#a) { #i }\n\n### C ###"
    )

    assert [(h.line, h.level, h.text, h.link) for h in read(text).headings] == [
        (1, 1, "T", None),
        (11, 2, "3 · *Row*", "step03-x.md#a"),
        (13, 3, "C", None),
    ]


def test_front_matter_is_no_prose_and_keeps_the_lines() -> None:
    page = read("---\ntitle: `x`\n# no\n---\n\n# T\n")

    assert [heading.line for heading in page.headings] == [6]
    assert page.code_spans == ()


def test_an_illustration_must_compile_on_every_page() -> None:
    text = '```python title="Not Python"\nx = 1\ndef f(:\n```\n'

    assert read_page("README.md", text, project()).findings[0].line == 3
    assert "3: an illustration must compile: " in messages(text)[0]


def test_annotations_belong_to_the_page_alone() -> None:
    block = read('```python\nx = "# (1)!"  # (1)!\ny  # why (2)\n# (3)!\n```\n\n1. n\n').blocks[0]

    assert block.code == 'x = "# (1)!"  # (1)!\ny  # why (2)\n# (3)!'
    assert block.tangled == 'x = "# (1)!"\ny  # why (2)\n'


def test_code_that_is_no_python_keeps_its_comments() -> None:
    assert read("```python\n'''  # (1)!\n```\n").blocks[0].tangled == "'''  # (1)!"
