"""Formulas become MathML, what is no formula stays, and a mistake is said where it was made."""

import logging
import re
from types import SimpleNamespace

import pytest
from markdown import Markdown

from literate.show.formulas import FormulaError, to_mathml

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


def test_a_mistake_is_placed_in_the_file_that_mkdocs_converts(caplog: pytest.LogCaptureFixture) -> None:
    body = "# Title\n\n$\\frc$ and\n\n$$\nx \\\\\ny + \\frd\n$$\n\n- again $\\frc$"
    md = Markdown(extensions=EXTENSIONS)
    file = SimpleNamespace(
        src_uri="step05.md", abs_src_path=None, content_string=f"---\nhide: [toc]\n---\n{body}\n"
    )
    md.treeprocessors.register(SimpleNamespace(run=lambda root: None, file=file), "relpath", 0)

    md.convert(body)

    places = sorted(record.getMessage().split(": ")[0] for record in caplog.records)
    assert places == ["step05.md:10", "step05.md:13", "step05.md:6"]
