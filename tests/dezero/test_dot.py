"""Graphs as DOT text, and as pictures: any name, any graph, with and without a renderer."""

import inspect
import os
import re
import subprocess
import sys
import sysconfig
import warnings
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import dezero
from dezero import Variable, no_grad, square, utils
from dezero.utils import find_renderer, get_dot_graph, plot_dot_graph, render, svg_of_graph

with_renderer = pytest.mark.skipif(find_renderer("svg") is None, reason="no renderer is installed")
with_scripts = pytest.mark.skipif(os.name == "nt", reason="the renderers here are scripts with a #! line")

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


def named(name):
    return Variable(np.array(1.0), name)


def chain(n, function=square):
    y = Variable(np.array(1.0), "x")
    for _ in range(n):
        y = function(y)
    return y


def kinds(text):
    """Return how many variables, functions and edges a text has."""
    lines = text.splitlines()
    return (
        sum(line.startswith("v") and "label" in line for line in lines),
        sum(line.startswith("f") and "label" in line for line in lines),
        sum(" -> " in line for line in lines),
    )


@pytest.fixture
def nothing_installed(monkeypatch, tmp_path):
    """No renderer where pip puts it, none in the PATH, and no notebook."""
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    empty = tmp_path / "nothing here"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))
    get_path = sysconfig.get_path
    monkeypatch.setattr(
        sysconfig, "get_path", lambda name: str(empty) if name == "scripts" else get_path(name)
    )
    return empty


@pytest.fixture
def install(nothing_installed):
    """Install a program: it runs the body with its arguments `given` and what it reads, `text`."""

    def install(name, body):
        program = nothing_installed / name
        head = f"#!{sys.executable}\nimport sys\ngiven, text = sys.argv[1:], sys.stdin.buffer.read()\n"
        program.write_text(head + body + "\n", encoding="utf-8")
        program.chmod(0o755)
        return program

    return install


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


ECHO = "sys.stdout.buffer.write(given[0].encode() + b'|' + text)"


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


def test_a_long_chain_needs_no_recursion():
    y = chain(100_000)

    assert kinds(get_dot_graph(y, verbose=False)) == (100_001, 100_000, 200_000)


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


def test_two_processes_give_the_same_text():
    code = (
        "import numpy as np, dezero; from dezero.utils import *; x = dezero.Variable(np.ones(2), 'x');"
        "y = dezero.square(x * 2 + x) / x; y.backward(create_graph=True); print(get_dot_graph(x.grad + y))"
    )
    one, other = (fresh_python(code, PYTHONHASHSEED=seed) for seed in ("1", "2"))

    assert one == other
    assert one.startswith("digraph g {")


# A variable that draws itself


@with_renderer
def test_a_computed_variable_draws_itself(engine):
    x = engine.Variable(np.zeros((2, 3)), "x")
    svg = (x * x)._repr_svg_()

    assert "<svg" in svg
    assert [node.text for node in ElementTree.fromstring(svg).findall(".//{*}text")].count("Mul") == 1


@with_renderer
@pytest.mark.parametrize(
    ("n", "note"),
    [
        (100, None),
        (101, "… and 1 function more"),
        (1_334, "… and 1,234 functions more"),
    ],
)
def test_of_a_large_graph_the_nearest_hundred_are_drawn(n, note):
    svg = chain(n)._repr_svg_()

    assert svg.count(">Square<") == 100
    assert (note in svg) if note else ("more" not in svg)


@with_renderer
def test_what_was_cut_off_does_not_look_like_a_leaf():
    x = named("x")
    y = chain(5) + x
    svg = svg_of_graph(y, most=2)

    assert svg.count("stroke-dasharray") == 1
    assert svg.count('class="node"') == 7


def test_without_a_renderer_the_notebook_shows_the_numbers(nothing_installed):
    assert chain(1)._repr_svg_() is None


@with_renderer
def test_a_notebook_shows_the_picture():
    formatters = pytest.importorskip("IPython.core.formatters")
    formatter = formatters.DisplayFormatter()

    assert "image/svg+xml" in formatter.format(chain(1))[0]
    assert set(formatter.format(named("x"))[0]) == {"text/plain"}


# A file


BEGINNINGS = {
    "graph.svg": b"<?xml",
    "graph.SVG": b"<?xml",
    "graph.png": b"\x89PNG\r\n\x1a\n",
    "graph.PnG": b"\x89PNG\r\n\x1a\n",
    "graph.jpg": b"\xff\xd8\xff",
    "graph.JPEG": b"\xff\xd8\xff",
    "learning rate; rm -rf $HOME & 'x'.png": b"\x89PNG",
    "-o.png": b"\x89PNG",
    "a.b.png": b"\x89PNG",
}


@with_renderer
@pytest.mark.parametrize("name", BEGINNINGS)
def test_the_extension_says_what_is_drawn(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plot_dot_graph(chain(2), to_file=name)

    assert Path(name).read_bytes().startswith(BEGINNINGS[name])
    assert len(list(tmp_path.iterdir())) == 1


@with_renderer
def test_a_file_is_named_by_a_path_as_well(tmp_path):
    folder = tmp_path / "폴더 with spaces"
    folder.mkdir()
    plot_dot_graph(chain(2), to_file=folder / "graph.svg")

    assert (folder / "graph.svg").read_bytes().startswith(b"<?xml")


@with_renderer
def test_without_to_file_it_is_graph_png(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plot_dot_graph(chain(2))

    assert Path("graph.png").exists()


@with_renderer
def test_a_file_is_not_limited_to_a_hundred_functions(tmp_path):
    plot_dot_graph(chain(120), to_file=tmp_path / "graph.svg")

    assert (tmp_path / "graph.svg").read_text("utf-8").count(">Square<") == 120


@with_scripts
@pytest.mark.parametrize("extension", ["pdf", "PDF", "ps", "eps", "gif"])
def test_dot_is_asked_for_what_the_wheel_cannot_draw(extension, install, tmp_path):
    install("graphviz-pure", "sys.exit('not me')")
    install("dot", ECHO)
    y = square(named("가중치"))
    plot_dot_graph(y, to_file=tmp_path / f"graph.{extension}")

    written = (tmp_path / f"graph.{extension}").read_bytes().decode()
    assert written == f"-T{extension.lower()}|{get_dot_graph(y)}"


@with_scripts
@pytest.mark.parametrize("extension", ["svg", "png", "jpg"])
def test_the_wheel_is_asked_first(extension, install, tmp_path):
    install("graphviz-pure", ECHO)
    install("dot", "sys.exit('not me')")
    plot_dot_graph(chain(1), to_file=tmp_path / f"graph.{extension}")

    assert (tmp_path / f"graph.{extension}").read_bytes().startswith(f"-T{extension}|".encode())


@with_scripts
@pytest.mark.parametrize("place", ["scripts", "PATH"])
def test_the_wheel_is_found_where_pip_puts_it_and_in_the_path(place, install, monkeypatch, tmp_path):
    program = install("graphviz-pure", ECHO)
    if place == "scripts":
        monkeypatch.setenv("PATH", str(tmp_path))
    else:
        monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))

    assert find_renderer("svg") == str(program)


@with_scripts
@pytest.mark.parametrize("extension", ["svg", "png", "jpg"])
def test_without_the_wheel_dot_draws_all(extension, install, tmp_path):
    install("dot", ECHO)
    plot_dot_graph(chain(1), to_file=tmp_path / f"graph.{extension}")

    assert (tmp_path / f"graph.{extension}").read_bytes().startswith(f"-T{extension}|".encode())


@with_scripts
@pytest.mark.parametrize(("extension", "who"), [("png", b"dot"), ("jpg", b"dot"), ("svg", b"wheel")])
def test_in_pixels_wide_letters_are_drawn_by_dot_if_there_is_one(extension, who, install, tmp_path):
    install("graphviz-pure", "print('wheel')")
    install("dot", "print('dot')")
    plot_dot_graph(square(named("가중치")), to_file=tmp_path / f"graph.{extension}")

    assert (tmp_path / f"graph.{extension}").read_bytes().strip() == who


@with_scripts
def test_letters_that_nobody_can_draw_are_a_warning(install, tmp_path):
    install("graphviz-pure", "print('wheel')")
    with pytest.warns(UserWarning, match=r"empty squares.* ask for \.svg, or install Graphviz") as caught:
        plot_dot_graph(square(named("가중치")), to_file=tmp_path / "graph.png")

    assert (tmp_path / "graph.png").exists()
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("extension", "way_out"),
    [
        ("png", "no program that draws .png: pip install graphviz-pure, or install Graphviz"),
        ("SVG", "no program that draws .svg: pip install graphviz-pure"),
        ("pdf", "no program that draws .pdf: install Graphviz, or ask for .svg or .png"),
    ],
)
def test_without_a_renderer_a_script_goes_on(extension, way_out, nothing_installed, tmp_path):
    y = square(named("가중치"))
    with pytest.warns(UserWarning, match=re.escape(way_out)) as caught:
        result = plot_dot_graph(y, to_file=tmp_path / f"tonight.{extension}")

    assert result is None
    assert caught[0].filename == __file__
    assert repr(str(tmp_path / "tonight.dot")) in str(caught[0].message)
    assert [file.name for file in tmp_path.glob("tonight*")] == ["tonight.dot"]
    assert (tmp_path / "tonight.dot").read_text("utf-8") == get_dot_graph(y)


@with_scripts
def test_a_renderer_that_fails_is_an_error_with_its_words(install, tmp_path):
    dot = install("dot", "sys.exit('no such layout: 격자')")
    with pytest.raises(RuntimeError, match="can't draw the graph: no such layout: 격자") as error:
        plot_dot_graph(chain(1), to_file=tmp_path / "graph.pdf")

    assert str(dot) in str(error.value)
    assert not (tmp_path / "graph.pdf").exists()


@with_renderer
def test_a_broken_text_is_an_error_with_the_words_of_the_renderer():
    with pytest.raises(RuntimeError, match="syntax error in line 1"):
        render("digraph g { 0 [label=learning rate] }", "svg")


@with_scripts
@pytest.mark.parametrize("to_file", ["graph", "graph.", "graph.bmp", ".png", "graph.png.exe", ""])
def test_an_extension_that_nobody_draws_is_refused_at_once(to_file, install, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    install("graphviz-pure", "open('I ran', 'w')")
    message = f"needs a file that ends in .svg, .png, .jpg, .jpeg, .pdf, .ps, .eps, .gif, got {to_file!r}"
    with pytest.raises(ValueError, match=re.escape(message)):
        plot_dot_graph(chain(1), to_file=to_file)

    assert not Path("I ran").exists()


def test_a_missing_folder_is_named(tmp_path):
    folder = tmp_path / "plots"
    with pytest.raises(FileNotFoundError, match=r"no folder .*plots.*; make it first"):
        plot_dot_graph(chain(1), to_file=folder / "graph.png")

    assert not folder.exists()


@with_renderer
def test_it_is_silent_if_all_is_well(tmp_path, capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plot_dot_graph(square(named("é …")), to_file=tmp_path / "graph.svg")

    assert capfd.readouterr() == ("", "")


@with_renderer
@pytest.mark.parametrize(("extension", "kind"), [("svg", "SVG"), ("png", "Image"), ("jpg", "Image")])
def test_in_a_notebook_the_picture_is_returned(extension, kind, tmp_path):
    display = pytest.importorskip("IPython.display")
    shown = plot_dot_graph(chain(1), to_file=tmp_path / f"graph.{extension}")

    assert type(shown) is getattr(display, kind)


@with_renderer
def test_without_ipython_nothing_is_returned(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)

    assert plot_dot_graph(chain(1), to_file=tmp_path / "graph.png") is None


# The original's programs


def test_the_signatures_are_those_of_the_original():
    assert str(inspect.signature(get_dot_graph)) == "(output, verbose=True)"
    assert str(inspect.signature(plot_dot_graph)) == "(output, verbose=True, to_file='graph.png')"


def test_importing_the_package_loads_numpy_and_what_python_has():
    code = (
        "import sys, numpy; before = set(sys.modules); import dezero, dezero.utils;"
        "new = {m.partition('.')[0] for m in set(sys.modules) - before};"
        "print(sorted(new - sys.stdlib_module_names))"
    )

    assert fresh_python(code) == "['dezero']"


def test_utils_imports_nothing_of_the_package():
    assert "dezero" not in re.findall(r"^(?:from|import) (\w+)", inspect.getsource(utils), re.MULTILINE)
