"""Graphs as pictures: with each renderer and without one."""

import os
import re
import sys
import sysconfig
import warnings
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from samples import chain, named

from dezero import square
from dezero.utils import find_renderer, get_dot_graph, plot_dot_graph, render, svg_of_graph

with_renderer = pytest.mark.skipif(find_renderer("svg") is None, reason="no renderer is installed")
with_scripts = pytest.mark.skipif(os.name == "nt", reason="the renderers here are scripts with a #! line")


@pytest.fixture
def nothing_installed(monkeypatch, tmp_path):
    """No renderer where pip puts it, none in the PATH, and no notebook."""
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    empty = tmp_path / "nothing here"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))
    get_path = sysconfig.get_path
    monkeypatch.setattr(
        sysconfig,
        "get_path",
        lambda name, *rest: str(empty) if name == "scripts" else get_path(name, *rest),
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


ECHO = "sys.stdout.buffer.write(given[0].encode() + b'|' + text)"


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
@pytest.mark.parametrize("place", ["the environment", "pip install --user", "PATH"])
def test_the_wheel_is_found_where_pip_puts_it_and_in_the_path(place, install, monkeypatch, tmp_path):
    program = install("graphviz-pure", ECHO)
    folders = {f"{os.name}_user": tmp_path, sysconfig.get_default_scheme(): tmp_path}
    if place == "the environment":
        folders[sysconfig.get_default_scheme()] = program.parent
    if place == "pip install --user":
        folders[f"{os.name}_user"] = program.parent
    if place != "PATH":
        monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sysconfig, "get_path", lambda name, scheme: str(folders[scheme]))

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
        ("SVG", "no program that draws .SVG: pip install graphviz-pure"),
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


@pytest.mark.slow
@with_renderer
def test_a_long_chain_in_pixels_is_scaled_down_to_what_can_be_opened(tmp_path):
    plot_dot_graph(chain(500, lambda y: y * 1.0 + 1.0), to_file=tmp_path / "graph.png")

    head = (tmp_path / "graph.png").read_bytes()[:24]
    width, height = (int.from_bytes(head[at : at + 4], "big") for at in (16, 20))
    assert 0 < width < 8_000
    assert 1_000 < height < 8_000


@with_scripts
@pytest.mark.parametrize(("extension", "is_limited"), [("png", True), ("jpg", True), ("svg", False)])
def test_only_pixels_have_a_limit(extension, is_limited, install, tmp_path):
    install("dot", "print(given)")
    plot_dot_graph(chain(1), to_file=tmp_path / f"graph.{extension}")

    assert ("-Gsize=80,80" in (tmp_path / f"graph.{extension}").read_text()) is is_limited
