"""Values that draw themselves, and what the page makes of them."""

from __future__ import annotations

import itertools
import re
import subprocess
import xml.etree.ElementTree as ElementTree

import graphviz
import pytest
from little import drawn

from literate.read.page import Block
from literate.run import picture
from literate.run.picture import DrawingError, draw
from literate.run.renderer import renderer
from literate.run.sessions import results as results_of
from literate.show.figure import figure


def words(text):
    """A Figure block of this text."""
    return Block("page.md", 1, 9, "figure", "text", "Figure", text, "")


FIGURE = '```text title="Figure"\nA line rises.\n\nA straight line from left to right.\n```'
PLOT = (
    "```python\nimport matplotlib.pyplot as plt\n\n"
    "fig, ax = plt.subplots(figsize=(3, 2))\nax.plot([1, 2], [1, 2])\nfig\n```"
)
GRAPH = "```python\nimport graphviz\n\ngraph = graphviz.Digraph()\ngraph.edge('x', 'y')\ngraph\n```"


class Drawn:
    """A value that draws itself in the way that it is told."""

    def __init__(self, **methods):
        for name, value in methods.items():
            setattr(type(self), name, lambda self, value=value: value)

    def __new__(cls, **methods):
        return object.__new__(type("Drawn", (cls,), {}))


@pytest.fixture
def plot():
    import matplotlib.pyplot as plt  # which takes half a second, so not for whoever only collects

    fig, ax = plt.subplots(figsize=(3, 2))
    for number in range(6):
        ax.plot([0, 1], [0, number], label=f"$x^{number}$")
    ax.set_title("A title")
    ax.legend()
    yield fig
    plt.close(fig)


@pytest.fixture
def graph():
    dot = graphviz.Digraph(comment="C0")
    dot.node("140341", "x", color="C1", fontcolor="C2", tooltip="C3")
    dot.node("140342", "C4", shape="box")
    dot.edge("140341", "140342", color="C5")
    return dot


def test_what_cannot_draw_itself_has_no_picture():
    from matplotlib.figure import Figure

    values = (1, "<svg></svg>", None, Figure, Drawn(_repr_svg_=None))
    assert [draw(value) for value in values] == [None] * 5


@pytest.mark.parametrize(
    "value",
    [
        Drawn(_repr_svg_="<svg><g/></svg>"),
        Drawn(_repr_mimebundle_={"image/svg+xml": "<svg><g/></svg>"}),
        Drawn(_repr_mimebundle_=({"image/svg+xml": "<svg><g/></svg>"}, {})),
        Drawn(_repr_html_="<p>", _repr_svg_="<svg><g/></svg>"),
    ],
    ids=["_repr_svg_", "_repr_mimebundle_", "a bundle with metadata", "SVG goes before HTML"],
)
def test_a_value_may_draw_itself_as_notebooks_let_it(value):
    assert re.fullmatch(r"<svg [^>]*><g/></svg>", draw(value) or "")


def test_html_stays_as_it_is():
    assert draw(Drawn(_repr_html_="<table></table>")) == "<div><table></table></div>"


def test_what_is_no_svg_is_refused():
    with pytest.raises(DrawingError, match="no <svg> element; mend its _repr_svg_"):
        draw(Drawn(_repr_svg_="oops"))


@pytest.mark.parametrize("name", ["plot", "graph"])
def test_a_picture_is_well_formed_and_carries_nothing_but_itself(name, request):
    svg = draw(request.getfixturevalue(name))

    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert not re.search(r"<\?xml|<!|<metadata|<title|<style|xlink|font-family|14034|<script", svg)


@pytest.mark.parametrize("name", ["plot", "graph"])
def test_a_picture_has_the_colours_of_the_page(name, request):
    svg = draw(request.getfixturevalue(name))

    assert 'fill="currentColor"' in svg
    assert not re.search(r"#000|black|white|#fff|#1f77b4|#c0ffe", svg)


def test_the_colours_of_the_cycle_are_those_of_the_page(plot, graph):
    assert {int(found) for found in re.findall(r"--picture-(\d)", draw(plot))} == set(range(6))
    assert {int(found) for found in re.findall(r"--picture-(\d)", draw(graph))} == {1, 2, 5}


def test_a_legend_may_take_its_time(plot, monkeypatch):
    monkeypatch.setattr("matplotlib.legend.time.perf_counter", itertools.count(step=2).__next__)

    assert draw(plot)


def test_a_label_that_looks_like_a_colour_stays(graph):
    assert ">C4</text>" in draw(graph)


def test_text_stays_text(plot):
    assert ">A title</text>" in draw(plot)


@pytest.mark.slow
def test_the_same_value_gives_the_same_bytes(plot, graph):
    assert draw(plot) == draw(plot)
    assert draw(graph) == draw(graph)


@pytest.mark.slow
def test_ids_are_of_this_picture_alone(plot):
    svg = draw(plot)
    ids = set(re.findall(r'\sid="([^"]*)"', svg))
    used = set(re.findall(r'url\(#([^)]*)\)|\shref="#([^"]*)"', svg))
    plot.gca().set_title("Another")

    assert {one or other for one, other in used} <= ids
    assert not ids & set(re.findall(r'\sid="([^"]*)"', draw(plot)))


def test_a_picture_leaves_its_size_to_the_style_sheet(plot):
    root = draw(plot).partition(">")[0]

    assert 'viewBox="' in root
    assert re.search(r"--width: \d+px", root)
    assert not re.search(r"\s(width|height)=", root)


def test_an_svg_without_a_view_box_gets_one():
    svg = '<svg width="30" height="20"><rect/></svg>'

    assert 'viewBox="0 0 30 20"' in draw(Drawn(_repr_svg_=svg))


def test_an_older_matplotlib_writes_fonts_in_one_word():
    font = "font: italic 700 10px 'DejaVu Sans', sans-serif; text-anchor: middle"
    svg = f'<svg><text style="{font}">x</text></svg>'

    style = "font-style: italic; font-weight: 700; font-size: 10px; text-anchor: middle"
    assert f'<text style="{style}">' in draw(Drawn(_repr_svg_=svg))


def test_a_figure_has_its_caption_and_its_alt_text():
    html = figure("<svg></svg>", words('The slope of $x^2$ in `x`.\n\nA curve,\n"steep" & <high>.'))

    assert html.startswith(
        '<figure class="picture"><svg role="img" aria-label="A curve, &quot;steep&quot; &amp; &lt;'
    )
    assert "<code>x</code>" in html
    assert "<math" in html
    assert html.endswith("</figcaption></figure>")


def test_what_stands_after_the_first_blank_line_is_the_alt_text():
    assert words("One.\nTwo.\n\nThree.\n\nFour.").caption_and_alt == ("One.\nTwo.", "Three.\n\nFour.")


def test_without_graphviz_the_way_to_get_it_is_told(graph, monkeypatch):
    monkeypatch.setattr(picture, "renderer", lambda: None)

    with pytest.raises(DrawingError, match="pip install graphviz-pure"):
        draw(graph)


def test_what_graphviz_complains_about_is_told(graph):
    graph.node("z", color="C9")

    with pytest.raises(DrawingError, match="Graphviz says: Warning: C9 is not a known color"):
        draw(graph)


BOXED = """digraph {
    1 [label="x", color=orange, style=filled]
    2 [label="Sin", color=lightblue, style=filled, shape=box]
    3 [label="y", fontcolor=orange]
    1 -> 2 -> 3
}"""


def pipe(source):
    """What Graphviz itself makes of a graph, as a value of the package hands it on."""
    command = [renderer(), "-Tsvg"]
    return subprocess.run(command, input=source.encode(), capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize(
    "value", [graphviz.Source(BOXED), Drawn(_repr_svg_=pipe(BOXED))], ids=["a graph", "_repr_svg_"]
)
def test_the_boxes_of_a_graph_have_colours_that_follow_the_page(value):
    svg = draw(value)

    assert not re.search("orange|lightblue", svg)
    for role in ("variable", "function"):
        assert f'fill="var(--picture-{role})" stroke="var(--picture-{role}-edge)"' in svg
    assert re.search(r'<text [^>]*fill="var\(--picture-variable-edge\)">y<', svg)


def test_a_graph_that_a_value_draws_is_as_large_as_any_other():
    by_the_page, by_itself = draw(graphviz.Source(BOXED)), draw(Drawn(_repr_svg_=pipe(BOXED)))

    assert re.findall(r"--width: \d+px", by_the_page) == re.findall(r"--width: \d+px", by_itself)


def extent(svg):
    """The widths of the boxes of a graph by their labels, in points."""
    found = {}
    for node in re.findall(r'class="node">(.*?)</g>', svg, re.DOTALL):
        ellipse = re.search(r' rx="([\d.]+)"', node)
        points = " ".join(re.findall(r' points="([^"]*)"', node))
        xs = [float(x) for x in re.findall(r"(\S+),", points)]
        width = 2 * float(ellipse[1]) if ellipse else max(xs) - min(xs)
        found |= dict.fromkeys(re.findall(r">([^<]*)</text>", node), width)
    return found


WIDE = ["입력", "かな", "입력 데이터: (2, 3) float64", "損失関数を計算する関数"]


@pytest.mark.parametrize("shape", ["ellipse", "box", "record"])
@pytest.mark.parametrize("label", WIDE)
def test_wide_letters_fit_their_box(label, shape):
    dot = graphviz.Digraph()
    dot.node('a "name"', label, shape=shape)
    needed = sum(14 if picture._is_wide(letter) else 6 for letter in label)

    assert extent(draw(dot))[label] > needed * (1.1 if shape == "ellipse" else 1)


def test_a_box_that_is_wide_enough_stays_as_it_is():
    dot = graphviz.Digraph()
    dot.node("a", "입력", width="2")

    assert extent(draw(dot)) == {"입력": 144}


def test_letters_that_graphviz_does_not_know_are_no_error_and_others_still_are():
    assert ">x₀</text>" in draw(graphviz.Source('digraph { "x₀" }'))
    with pytest.raises(DrawingError, match=r"^Graphviz says: Warning: C9 is not a known color[^\n]*$"):
        draw(graphviz.Source('digraph { "입력" [color=C9] }'))


def test_the_words_of_a_graph_never_shrink_below_what_can_be_read():
    plain, small = (draw(graphviz.Source(f"digraph {{ node [fontsize={size}] a -> b }}")) for size in (14, 7))

    width, least = (int(re.search(rf"--{name}: (\d+)px", plain)[1]) for name in ("width", "least"))
    assert least == pytest.approx(width * 11 / 16, abs=1)
    assert re.search(r"--least: (\d+)px; --width: \1px", small)


@pytest.mark.parametrize(
    ("svg", "stop"),
    [
        ('<svg style="--width: 400px">', ""),
        ('<svg style="--width: 800px">', ' tabindex="0"'),
        ('<svg style="--least: 300px; --width: 400px">', ""),
        ('<svg style="--least: 390px; --width: 400px">', ' tabindex="0"'),
    ],
)
def test_the_keyboard_reaches_a_picture_that_may_scroll(svg, stop):
    assert figure(f"{svg}</svg>", words("One.\n\nTwo.")).startswith(f'<figure class="picture"{stop}><svg ')


# --- in a chapter -----------------------------------------------------------------------------------


def results(book):
    return [result for found in results_of(book.sessions, book.project) for result in found]


@pytest.mark.slow
@pytest.mark.parametrize("code", [PLOT, GRAPH], ids=["matplotlib", "graphviz"])
def test_a_picture_takes_the_place_of_its_figure_block(book_of, code):
    (result,) = results(book_of(f"{code}\n\n{FIGURE}"))

    assert not result.findings
    assert result.picture.startswith("<svg viewBox=")


SHOWN = "```python\nimport matplotlib.pyplot as plt\n\nplt.plot([1, 2], [1, 2])LAST\n```"


@pytest.mark.slow
@pytest.mark.parametrize("last", ["\nplt.show()", "\nplt.show();", ";"])
def test_what_pyplot_shows_or_leaves_open_is_the_picture(book_of, last):
    (result,) = results(book_of(f"{SHOWN.replace('LAST', last)}\n\n{FIGURE}"))

    assert not result.findings
    assert result.picture.startswith("<svg viewBox=")


@pytest.mark.slow
def test_what_pyplot_shows_needs_its_words(book_of):
    shown = SHOWN.replace("LAST", "\nplt.show()")
    first, second, third = results(book_of(f"{shown}\n\n{FIGURE}\n\n{shown}\n\n```python\nx = 1\n```"))

    assert not first.findings
    assert "draws a picture, and no Figure block follows" in second.findings[0].message
    assert not third.findings


@pytest.mark.slow
def test_a_figure_block_may_follow_a_folded_one(book_of):
    folded = '??? example "The code of this figure"\n\n' + re.sub("^", "    ", GRAPH, flags=re.MULTILINE)
    (result,) = results(book_of(f"{folded}\n\n{FIGURE}"))

    assert result.picture


WRONG = {
    "no Figure block": (
        PLOT,
        r':3: draws a picture, and no Figure block follows; write ```text title="Figure"',
    ),
    "an Output block": (
        f'{GRAPH}\n\n```text title="Output"\n1\n```',
        ":11: the experiment puts nothing out|:3: draws a picture, and no Figure block",
    ),
    "no picture": (
        f"```python\nx = 1\n```\n\n{FIGURE}",
        ":7: the experiment draws nothing; end it in the figure",
    ),
    "no alt text": (
        f'{GRAPH}\n\n```text title="Figure"\nA caption.\n```',
        ":11: says what is seen to nobody; write a caption, a blank line and the alt text",
    ),
    "text as well": (
        GRAPH.replace("graph\n```", "print(1)\ngraph\n```") + f"\n\n{FIGURE}",
        ":12: the experiment draws a picture and puts out text; make it two experiments\n1",
    ),
    "a picture that cannot be drawn": (
        GRAPH.replace("graph\n```", "graph.node('z', color='nothing')\ngraph\n```") + f"\n\n{FIGURE}",
        ":9: Graphviz says: Warning: nothing is not a known color",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("chapter", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_picture_is_told(book_of, chapter, message):
    found = "\n".join(str(finding) for result in results(book_of(chapter)) for finding in result.findings)

    with pytest.raises(AssertionError, match=r"docs/step01-chapter\.md" + f"({message})"):
        raise AssertionError(found)


@pytest.mark.slow
def test_a_semicolon_keeps_a_picture_away(book_of):
    (result,) = results(book_of(PLOT.replace("fig\n```", "fig;\n```")))

    assert not result.findings


@pytest.mark.slow
def test_an_experiment_that_renders_by_itself_finds_graphviz(book_of, monkeypatch):
    monkeypatch.setenv("PATH", "")
    rendered = "graphviz.Digraph('g').pipe(format='svg', encoding='utf-8')"
    code = f"```python\nimport graphviz\n\nassert '<svg' in {rendered}\n```"

    assert not results(book_of(code))[0].findings


@pytest.mark.slow
def test_a_picture_comes_from_the_cache_the_second_time(book_of, monkeypatch):
    book = book_of(f"{PLOT}\n\n{FIGURE}")
    (first,) = drawn(book.sessions, book.project)[0]
    monkeypatch.setattr("literate.run.sessions.start", None)

    assert drawn(book.sessions, book.project)[0][0].picture == first.picture
