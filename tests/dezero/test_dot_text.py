"""Graphs as DOT text: any name, any graph, the same text for the same graph."""

import importlib
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from samples import chain, named

import dezero
from dezero import Variable, no_grad, square
from dezero.utils import find_renderer, get_dot_graph, plot_dot_graph, render

with_renderer = pytest.mark.skipif(find_renderer("svg") is None, reason="no renderer is installed")

NAMES = {
    "a plain name": "x",
    "a space": "learning rate",
    "quotes": 'the "best" x',
    "a quote at the end": 'x"',
    "a backslash at the end": "C:\\",
    "two backslashes and a quote": '\\\\"',
    "the node's identity": "\\N \\G \\E \\L",
    "ends of lines": "a\\lb\\rc\\nd",
    "entities": "&lt;b&gt; &amp; &#65; &amp;lt; &",
    "HTML": "<b>x</b>",
    "an attack": '", shape=box]; y [label="',
    "braces": "{a|b} <port>",
    "comments": "# x // y /* z",
    "a percent sign and blanks": "{} %s {0}",
    "Hangul": "가중치",
    "kana": "かな カナ",
    "emoji": "🎉👩",
    "accents and Greek": "é δ Ж",
}


def labels(text):
    """Return the labels of a drawing; an error if the text can't be drawn, or its SVG not be read."""
    tree = ElementTree.fromstring(render(text, "svg").decode())
    return [node.text for node in tree.findall(".//{*}text")]


def kinds(text):
    """Return how many variables, functions and edges a text has."""
    lines = text.splitlines()
    return (
        sum(line.startswith("v") and "label" in line for line in lines),
        sum(line.startswith("f") and "label" in line for line in lines),
        sum(" -> " in line for line in lines),
    )


def fresh_python(code, **environment):
    """Return what a new Python prints that runs the code with this package."""
    folder = str(Path(dezero.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": folder, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


# What a name may be


@with_renderer
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_is_drawn_as_it_stands(name):
    assert labels(get_dot_graph(named(name), verbose=False)) == [name]


@with_renderer
def test_a_new_line_in_a_name_is_a_new_line_in_the_picture():
    assert labels(get_dot_graph(named("a\nb\\n"), verbose=False)) == ["a", "b\\n"]


def test_a_name_of_two_lines_stays_in_its_line_of_the_text():
    assert len(get_dot_graph(named("a\nb")).splitlines()) == 3


@with_renderer
def test_what_cannot_be_seen_is_written_as_python_writes_it():
    text = get_dot_graph(named("a\tb\0c\x1bd\x7fe\ud800f\uffff"), verbose=False)

    assert labels(text) == [r"a\tb\x00c\x1bd\x7fe\ud800f\uffff"]


@with_renderer
def test_every_letter_of_the_first_thousands_can_be_in_a_name():
    rows = ["".join(map(chr, range(start, start + 64))) for start in range(0xC0, 0x2200, 64)]
    y = Many()(*map(named, rows))
    y.name = "".join(map(chr, range(0xC0)))

    drawn = labels(get_dot_graph(y, verbose=False))

    assert set(rows) <= set(drawn)


class Many(dezero.Function):
    """The sum of as many as there are."""

    def forward(self, *xs):
        return sum(xs)


class Twins(dezero.Function):
    """Two outputs."""

    def forward(self, x):
        return x + 1, x + 2


@pytest.mark.parametrize("name", [None, ""], ids=["none", "empty"])
def test_without_a_name_there_is_no_colon(name):
    assert '[label="() float64",' in get_dot_graph(named(name))
    assert '[label="",' in get_dot_graph(named(name), verbose=False)


def test_a_name_may_be_no_string():
    assert '"0: () float64"' in get_dot_graph(named(0))


def test_a_variable_without_data_shows_its_name():
    assert '[label="later",' in get_dot_graph(Variable(None, "later"))
    assert '[label="",' in get_dot_graph(Variable(None))


def test_a_class_made_at_run_time_may_have_any_name():
    y = type('say "x"\\N', (dezero.Square,), {})()(named("x"))

    assert r'[label="say \"x\"\\N",' in get_dot_graph(y)


# Room for wide letters


def width(text):
    """Return the width that a text asks for, in letters of 14 points."""
    return float(re.search(r"width=([\d.]+)", text)[1]) * 72 / 14


@pytest.mark.parametrize("letters", ["가중치", "かなカナ", "重み", "🎉🎉", "\uff37\uff29\uff24\uff25"])
def test_a_wide_letter_has_room_for_a_square(letters):
    boxed = type(letters, (dezero.Square,), {})

    assert width(get_dot_graph(named(letters), verbose=False)) > 1.4 * len(letters)
    assert width(get_dot_graph(boxed()(named(None)), verbose=False)) > len(letters)


@pytest.mark.parametrize(
    ("letters", "points"), [("가", 14), ("가나다", 42), ("가b", 22)], ids=["one", "three", "one of each"]
)
def test_a_wide_letter_has_14_points_any_other_8_and_all_have_16_around(letters, points):
    boxed = type(letters, (dezero.Square,), {})

    inches = (points + 16) / 72
    assert f"width={inches:.2f}]" in get_dot_graph(boxed()(named(None)), verbose=False)
    assert f"width={2**0.5 * inches:.2f}]" in get_dot_graph(named(letters), verbose=False)


def test_of_several_lines_the_longest_counts():
    assert width(get_dot_graph(named("가\n가나다라마\n"), verbose=False)) == pytest.approx(
        width(get_dot_graph(named("가나다라마"), verbose=False))
    )


@pytest.mark.parametrize("name", ["weight", "é δ Ж", "…", ""])
def test_without_wide_letters_the_renderer_knows_the_width(name):
    assert "width" not in get_dot_graph(named(name))


@with_renderer
def test_the_ellipse_is_as_wide_as_was_asked_for():
    text = get_dot_graph(named("가중치의 기울기"), verbose=False)

    assert 2 * float(re.search(r'rx="([\d.]+)"', render(text, "svg").decode())[1]) / 14 >= width(text) - 0.01


# What a graph may be


def test_a_leaf_is_one_node(engine):
    x = engine.Variable(np.zeros((2, 3), np.float32), "x")

    assert get_dot_graph(x) == 'digraph g {\nv0 [label="x: (2, 3) float32", color=orange, style=filled]\n}'


def test_the_lines_are_those_of_the_original_but_for_the_numbers(engine):
    x = engine.variable(2.0)
    x.name = "x"

    assert get_dot_graph(engine.square(x), verbose=False).splitlines() == [
        "digraph g {",
        'v0 [label="", color=orange, style=filled]',
        'f0 [label="Square", color=lightblue, style=filled, shape=box]',
        'v1 [label="x", color=orange, style=filled]',
        "v1 -> f0",
        "f0 -> v0",
        "}",
    ]


def test_a_variable_has_one_node_and_an_edge_for_each_use(engine):
    x = engine.variable(2.0)

    assert kinds(get_dot_graph(x * x + x)) == (3, 2, 6)
    assert kinds(get_dot_graph(x + x)) == (2, 1, 3)


def test_a_diamond_has_its_tip_once(engine):
    x = engine.variable(2.0)
    a = engine.square(x)

    assert kinds(get_dot_graph(engine.exp(a) + engine.square(a))) == (5, 4, 9)


def test_without_a_graph_there_is_a_leaf():
    with no_grad():
        y = square(named("x"))

    assert kinds(get_dot_graph(y)) == (1, 0, 0)
    assert y._repr_svg_() is None


def test_both_outputs_are_drawn_if_both_are_held():
    one, other = Twins()(named("x"))
    other.name = "other"

    assert kinds(get_dot_graph(one)) == (3, 1, 3)
    assert "other: ()" in get_dot_graph(one)


def test_an_output_that_is_gone_is_not_drawn():
    text = get_dot_graph(Twins()(named("x"))[0])

    assert kinds(text) == (2, 1, 2)
    assert "None" not in text


def test_a_gradient_that_was_computed_has_a_graph():
    x = named("x")
    y = x**3
    y.backward(create_graph=True)

    assert kinds(get_dot_graph(x.grad))[1] == len(list(dezero.past_of(x.grad)))


def test_classes_of_others_can_be_drawn_if_they_have_the_same_parts():
    class Node:
        def __init__(self, **parts):
            vars(self).update(parts)

    x = Node(name="x", data=None, creator=None)
    y = Node(name="y", data=None)
    y.creator = Node(inputs=[x], outputs=[lambda: y])

    assert kinds(get_dot_graph(y)) == (2, 1, 2)


@pytest.mark.slow
def test_a_long_chain_needs_no_recursion():
    y = chain(10_000)  # ten times as deep as Python recurses

    assert kinds(get_dot_graph(y, verbose=False)) == (10_001, 10_000, 20_000)


@pytest.mark.slow
def test_a_sum_of_ten_thousand_terms_is_written_once_each():
    x = named("x")
    y = Many()(*[square(x) for _ in range(10_000)])

    assert kinds(get_dot_graph(y)) == (10_002, 10_001, 30_001)


def test_two_runs_give_the_same_text():
    def program():
        x, w = named("x"), named("w")
        return square(x * w + x) / (w + 1) - x

    one, other = program(), program()

    assert get_dot_graph(one) == get_dot_graph(other)
    assert get_dot_graph(one) == get_dot_graph(one)


@pytest.mark.slow
def test_two_processes_give_the_same_text():
    code = (
        "import numpy as np, dezero; from dezero.utils import *; x = dezero.Variable(np.ones(2), 'x');"
        "y = dezero.square(x * 2 + x) / x; y.backward(create_graph=True); print(get_dot_graph(x.grad + y))"
    )
    one, other = (fresh_python(code, PYTHONHASHSEED=seed) for seed in ("1", "2"))

    assert one == other
    assert one.startswith("digraph g {")


# The original's programs


def test_the_signatures_are_those_of_the_original():
    assert str(inspect.signature(get_dot_graph)) == "(output, verbose=True)"
    assert str(inspect.signature(plot_dot_graph)) == "(output, verbose=True, to_file='graph.png')"


@pytest.mark.slow
def test_importing_the_package_loads_numpy_and_what_python_has():
    code = (
        "import sys, numpy; before = set(sys.modules); import dezero, dezero.utils;"
        "new = {m.partition('.')[0] for m in set(sys.modules) - before};"
        "print(sorted(new - sys.stdlib_module_names))"
    )

    assert fresh_python(code) == "['dezero']"


@pytest.mark.parametrize("module", ["config", "explain", "core", "functions"])
def test_an_engine_does_not_need_the_drawing(module):
    source = inspect.getsource(importlib.import_module(f"dezero.{module}"))

    assert not re.findall(r"import.*\b(?:utils|subprocess)\b", source)
