"""Formulas become MathML, what is no formula stays, and a mistake is said where it was made."""

import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from little import project
from markdown import Markdown

from literate.cli import main
from literate.fold.book import Book
from literate.read.page import read_page
from literate.read.sentences import prose as prose_of
from literate.show import formulas
from literate.show.formulas import FormulaError, to_mathml, wrong_formulas
from literate.show.weave import weave

DOCS = Path(__file__).parents[3] / "docs"

EXTENSIONS = [
    "literate.show.formulas",
    "admonition",
    "attr_list",
    "md_in_html",
    "tables",
    "toc",
    "pymdownx.details",
    "pymdownx.superfences",
]


def render(text: str) -> str:
    return Markdown(extensions=EXTENSIONS).convert(text)


def prose(html: str) -> str:
    """What a reader sees outside code."""
    return re.sub(r"<[^>]+>", "", re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL))


@pytest.mark.parametrize(
    ("latex", "part"),
    [
        (r"\frac{a}{b}", "<mfrac><mi>a</mi><mi>b</mi></mfrac>"),
        (
            r"\begin{pmatrix}1 & 2\\3 & 4\end{pmatrix}",
            "<mtr><mtd><mn>3</mn></mtd><mtd><mn>4</mn></mtd></mtr>",
        ),
        (
            r"\operatorname*{argmin}_x f(x)",
            "<mi>argmin</mi></mrow><mi>x</mi></munder>",
        ),
        ("a < b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
        ("x_i * w_i", "<msub><mi>w</mi><mi>i</mi></msub>"),
        ("f'(x)", "<mrow><mi>f</mi><mo>\N{PRIME}</mo></mrow>"),
        ("f''(x)", "<mrow><mi>f</mi><mo>\N{DOUBLE PRIME}</mo></mrow>"),
    ],
    ids=["fraction", "matrix", "operator", "less", "stars-and-underscores", "prime", "double-prime"],
)
def test_a_formula_becomes_mathml(latex: str, part: str) -> None:
    html = render(f"$$\n{latex}\n$$")

    assert part in html
    assert "$" not in prose(html)


def test_aligned_lines_are_rows_of_one_table() -> None:
    html = render("$$\n\\begin{aligned}\ny &= x^2 \\\\\nz &= e^y\n\\end{aligned}\n$$")

    assert html.count("<mtr>") == 2
    assert '<div class="math display"><math' in html
    assert 'display="block"' in html


def test_the_latex_stays_beside_the_formula() -> None:
    assert to_mathml('a < "b"').startswith('<math alttext="a &lt; &quot;b&quot;">')


@pytest.mark.parametrize(
    "text",
    [
        "($x$)",
        "$x$, then",
        "is it $x$?",
        '"$x$"',
        "the $x$-axis",
        "**$x$**",
        "[$x$](y.md)",
        "$x$.",
        "*a* $x$ *b*",
    ],
)
def test_punctuation_may_touch_a_formula(text: str) -> None:
    html = render(text)

    assert html.count("<math ") == 1
    assert "$" not in prose(html)


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 and $10.",
        "From $5-$10 to $20, or $5/$10.",
        "Between $ and $ is nothing.",
        r"\$x\$ is a name.",
        "One $ alone.",
        "$a\nb$ spans two lines.",
    ],
    ids=["prices", "ranges", "spaces", "escaped", "alone", "two-lines"],
)
def test_a_dollar_that_is_no_formula_stays(text: str) -> None:
    html = render(text)

    assert "<math" not in html
    assert prose(html) == text.replace("\\", "")


def test_a_price_beside_a_formula_stays_a_price() -> None:
    html = render("It costs $5 if $x$ is 1, and $10 if $y$ is.")

    assert html.count("<math ") == 2
    assert "$5 if" in html
    assert "$10 if" in html


@pytest.mark.parametrize(
    "text",
    [
        "`$x$`",
        "```python\nprice = '$x$ and $$y$$'\n```",
        "``a `$x$` b``",
        "!!! note\n\n    ```text\n    $x$\n    ```",
    ],
    ids=["span", "fence", "double", "in-admonition"],
)
def test_code_is_left_alone(text: str) -> None:
    html = render(text)

    assert "<math" not in html
    assert "$x$" in html


@pytest.mark.parametrize(
    "text",
    [
        '!!! note "Why $x$?"\n\n    $$\n    x\n    $$',
        '??? example "The $x$"\n\n    $$ x $$',
        "1. One $x$\n\n    $$\n    x\n    $$\n",
        "| $x$ | b |\n|---|---|\n| c | $x$ |",
        '<div markdown="1">\n$x$ and\n\n$$\nx\n$$\n</div>',
        "> $x$\n>\n> $$ x $$",
        "text\n$$\nx\n$$\nmore $x$ text",
    ],
    ids=["admonition", "details", "list", "table", "html", "quote", "in-a-paragraph"],
)
def test_formulas_nest_where_text_does(text: str) -> None:
    html = render(text)

    assert html.count("<math ") == 2
    assert "$" not in prose(html)


def test_a_formula_in_a_heading_is_text_in_the_contents() -> None:
    md = Markdown(extensions=EXTENSIONS)
    html = md.convert("## The slope of $x^2$")

    assert "<msup><mi>x</mi><mn>2</mn></msup>" in html
    assert [(token["id"], token["name"]) for token in md.toc_tokens] == [
        ("the-slope-of-x2", "The slope of x2")
    ]


def test_a_typo_is_an_error_that_names_formula_and_cause() -> None:
    with pytest.raises(
        FormulaError, match=r'formula \$x \+ \\frc\{1\}\{2\}\$ cannot be read: Unknown command "\\frc"'
    ):
        to_mathml(r"x + \frc{1}{2}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (r"Take $\frac{1}{2$ of it.", "end of input"),
        ("$$\n\\frc{1}{2}\n$$", "Unknown command"),
        ("$$\nx +\n\ny\n$$", "no $$ closes it before the next blank line"),
    ],
    ids=["inline", "display", "blank-line"],
)
def test_a_mistake_shows_in_the_log_and_on_the_page(
    text: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    html = render(f"Before.\n\n{text}\n\nAfter.")

    assert '<mark class="math-error"><code>' in html
    assert "<p>After.</p>" in html
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("mkdocs.literate.show.formulas", logging.WARNING)
    assert reason in record.getMessage()


WRONG = r"""---
title: $\fra$
---
# The $\frb$

$\frc$ and `$\frd$` <!-- $\fre$ -->

$$
x \\
y + \frf
$$

> $$
> \frg
> $$

- again $\frc$, which costs \$5

```python
"$\frh$"
```

```text title="Figure"
A caption with $x$
and $\fri$.

An alt text with $\frj$.
```

| a | $\frk$ |
|---|---|
| $\begin{array}{c\|c}1&2\end{array}$ | b |

[a](https://x.org/?$\frl$)

$$
x +

y
$$
"""


def wrong(text: str) -> list[tuple[int, str]]:
    """The wrong formulas of a page: their lines and what is said."""
    page = read_page("docs/page.md", text, project())
    assert {finding.path for finding in wrong_formulas(page)} <= {page.path}
    return [(finding.line, finding.message) for finding in wrong_formulas(page)]


def test_mistakes_are_findings_with_the_lines_that_hold_them() -> None:
    found = [(line, re.search(r"\\fr.|\$x \+", message)) for line, message in wrong(WRONG)]

    assert [(line, match[0]) for line, match in found if match] == [
        (4, r"\frb"),
        (6, r"\frc"),
        (10, r"\frf"),
        (14, r"\frg"),
        (17, r"\frc"),
        (25, r"\fri"),
        (30, r"\frk"),
        (36, r"$x +"),
    ]


def test_a_mistake_comes_with_its_cause_and_the_way_out() -> None:
    ((_, typo),) = wrong(r"$\frc$")
    ((_, opened),) = wrong("$$\nx\n\n")

    assert typo == r'the formula $\frc$ cannot be read: Unknown command "\frc"; mend it'
    assert opened.endswith(
        "no $$ closes it before the next blank line; close it, or take out the blank line within"
    )


def test_the_log_leaves_out_what_a_finding_says_with_the_line(caplog: pytest.LogCaptureFixture) -> None:
    text = (
        "$\\frn$\n\n> $$\n> x\n> \\fro\n> $$\n\n| a | b |\n|---|---|\n| $\\frp\\|$ | $$ x $$ |\n\n$$\n\\frq"
    )
    assert len(wrong(text)) == 4

    html = render(text)

    assert html.count("math-error") == 4
    assert not caplog.records


@pytest.mark.parametrize("path", sorted(DOCS.glob("*.md")), ids=lambda path: path.stem)
def test_findings_look_at_the_formulas_that_are_rendered(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[tuple[str, bool]] = []
    monkeypatch.setattr(
        formulas, "to_mathml", lambda latex, display=False: rendered.append((latex, display)) or "<math/>"
    )
    text = "\n".join(prose_of(read_page(path.name, path.read_text(encoding="utf-8"), project())))

    render(text)

    found = [(" ".join(formula.latex.split()), formula.display) for formula in formulas.formulas_in(text)]
    assert sorted(found) == sorted((" ".join(latex.split()), display) for latex, display in rendered)


# --- bars, addresses, numbers -------------------------------------------------------------------------------

BAR, DOUBLE_BAR = ">|</mo>", ">‖</mo>"


def test_an_escaped_bar_is_a_bar_in_a_table_and_a_double_bar_elsewhere() -> None:
    table = "| $\\|a\\|$ | $$ \\|b\\| $$ |\n|---|---|\n| *c* $\\|d\\|$ | $\\lVert e \\rVert$ |"

    assert [render(table).count(bar) for bar in (BAR, DOUBLE_BAR)] == [6, 2]
    assert [render(r"$\|a\|$ and $|b|$").count(bar) for bar in (BAR, DOUBLE_BAR)] == [2, 2]


@pytest.mark.parametrize(
    "text",
    [
        "[a](https://x.org/?b=$c$d)",
        '[a](b.md "$c$ d")',
        "[a](b$$c$$.md)",
        "![a](b$c$.png)",
        "<https://x.org/$b$c>",
        '<a href="b$c$d">a</a>',
        "[a][b]\n\n[b]: c$d$e.md",
    ],
    ids=["address", "title", "display", "image", "angles", "html", "reference"],
)
def test_a_dollar_in_an_address_is_none_of_a_formula(text: str) -> None:
    assert "<math" not in render(text)
    assert wrong(text.replace("c", r"\frc").replace("d", r"\frd")) == []


def test_beside_an_address_a_formula_is_one() -> None:
    html = render("$x$ [a $y$](b$c$d) $z$")

    assert html.count("<math ") == 3
    assert 'href="b$c$d"' in html


NUMBERS = r"""
By $\eqref{last}$, $\eqref{first}$ and $x$.

$$
\begin{equation} a \label{first} \end{equation}
$$

$$
\begin{align} b \\ c \end{align}
$$

> $$
> \begin{equation} d \label{last} \end{equation}
> $$
"""


def test_equations_are_numbered_from_the_top_of_the_page() -> None:
    html = render(NUMBERS)

    assert re.findall(r"<mtext>\((.)\)", html) == ["1", "2", "3", "4"]
    assert re.findall(r'<a href="#(.*?)">\((.)\)', html) == [("equation-last", "4"), ("equation-first", "1")]
    assert re.findall(r'id="(equation-.*?)"', html) == ["equation-first", "equation-last"]
    assert render(NUMBERS) == html


@pytest.mark.parametrize("after", [NUMBERS, "$x$ $y$ $z$ $a$ $b$ $c$"], ids=["the same", "another"])
def test_a_page_that_comes_after_knows_nothing_of_the_one_before(after: str) -> None:
    md = Markdown(extensions=EXTENSIONS)
    md.convert(NUMBERS)

    assert md.reset().convert(after) == render(after)


def test_a_reference_to_nothing_is_a_finding() -> None:
    ((line, message),) = wrong(NUMBERS + r"and $\eqref{frist}$")

    assert line == 15
    assert message.endswith(r"no formula of this page has \label{frist}; did you mean first?")
    ((_, message),) = wrong(r"By $\eqref{a}$")
    assert message.endswith(r"no formula of this page has \label{a}; write one, or take this out")


# --- where authors read it ----------------------------------------------------------------------------------

BookOf = Callable[..., Book]


def test_the_box_of_the_page_says_it_with_the_line(book_of: BookOf) -> None:
    book = book_of("One.\n\nTake $\\fru$ of <it>.")
    page = book.chapters[0].page

    box, *_ = weave(book, page, {}, wrong_formulas(page))
    assert box.startswith('<div class="literate-errors" role="alert">')
    assert r"docs/step01-chapter.md:5: the formula $\fru$ cannot be read: Unknown command" in box


def test_run_says_it_and_fails(book_of: BookOf, capsys: pytest.CaptureFixture[str]) -> None:
    root = book_of("Take $\\frv$ of it.").project.root

    assert main(["--root", str(root), "run"]) == 1
    assert r"docs/step01-chapter.md:3: the formula $\frv$ cannot be read" in capsys.readouterr().err
