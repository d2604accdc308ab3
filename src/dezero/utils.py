"""Graphs of variables and functions, as DOT text and as pictures."""

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import unicodedata
import warnings
from pathlib import Path

import numpy as np

from dezero.core import Variable, answers, data_of, grad, past_of
from dezero.downloads import cache_folder, get_file


def functions_behind(output):
    """Return the functions behind a variable, the nearest first."""
    functions, seen = [], {None}  # None: a leaf has no creator

    def visit(x):
        if x.creator not in seen:
            seen.add(x.creator)
            functions.append(x.creator)

    visit(output)
    for function in functions:  # the list grows on the way
        for x in function.inputs:
            visit(x)
    return functions


VARIABLE = '{} [label="{}", color=orange, style=filled{}]\n'
FUNCTION = (
    '{} [label="{}", color=lightblue, style=filled, shape=box{}]\n'
)
UNSEEN = re.compile(
    "[\0-\t\v-\x1f\x7f-\x9f"  # all controls but the new line
    "\ud800-\udfff\ufffe\uffff]"  # numbers without a character
)


def wide_letters(text):
    """Return those that fill a square: Hangul, kana and their like."""
    return [x for x in text if unicodedata.east_asian_width(x) in "WF"]


def width_for(label, stretch):
    """Return the attribute that makes room for wide letters, or ""."""
    if not wide_letters(label):
        return ""
    points = max(
        8 * len(line) + 6 * len(wide_letters(line))
        for line in label.split("\n")
    )
    return f", width={stretch * (points + 16) / 72:.2f}"


def escaped(text):
    """Return what to write between quotes so that text is drawn."""
    text = UNSEEN.sub(lambda match: ascii(match[0])[1:-1], text)
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("&", "&amp;").replace("\n", "\\n")


def dot_variable(node, variable, verbose):
    """Return the line of a variable: an orange ellipse."""
    name = "" if variable.name is None else str(variable.name)
    kind, data = "", variable.data
    if hasattr(data, "shape"):
        kind = f"{data.shape} {data.dtype}" if verbose else ""
    elif not name and data is not None:
        kind = str(data)  # a constant that is a number
    label = ": ".join(filter(None, [name, kind]))
    width = width_for(label, 2**0.5)  # an ellipse around its text
    return VARIABLE.format(node, escaped(label), width)


def dot_function(node, function):
    """Return the line of a function: a blue box with its class."""
    label = type(function).__name__
    return FUNCTION.format(node, escaped(label), width_for(label, 1))


def dot_for_wide_letters(extension):
    """Return the path of dot; without it, warn of empty squares."""
    dot = shutil.which("dot")
    if dot is None and find_renderer(extension) is not None:
        warnings.warn(
            "plot_dot_graph drew empty squares for some letters: "
            f"graphviz-pure has none as wide in a .{extension}; "
            "ask for .svg, or install Graphviz",
            stacklevel=4,
        )
    return dot


def dot_lines(output, functions, verbose):
    """Return the variables with their nodes, and the lines but the last."""
    nodes, lines, made = {}, ["digraph g {\n"], {}

    def node_of(variable):
        if id(variable) not in nodes:
            node = f"v{len(nodes)}"
            nodes[id(variable)] = variable, node
            made.setdefault(variable.creator, []).append(variable)
            lines.append(dot_variable(node, variable, verbose))
        return nodes[id(variable)][1]

    node_of(output)
    for number, function in enumerate(functions):
        node = f"f{number}"
        lines.append(dot_function(node, function))
        for x in function.inputs:
            lines.append(f"{node_of(x)} -> {node}\n")
        for y in function.outputs:
            if y() is not None:
                node_of(y())
        for y in made[function]:
            lines.append(f"{node} -> {node_of(y)}\n")
    return list(nodes.values()), lines


def get_dot_graph(output, verbose=True):
    """Return the graph behind a variable as text in the DOT language.

    It holds the variable, all functions and variables that it was
    computed with, and their other outputs if somebody holds them. A
    variable is labelled with its name, and with its shape and dtype
    if verbose. The same graph gives the same text.
    """
    _, lines = dot_lines(output, functions_behind(output), verbose)
    return "".join(lines) + "}"


PIXELS = ("png", "jpg", "jpeg")
PICTURES = ("svg", *PIXELS)  # what graphviz-pure can draw


def find_renderer(extension):
    """Return the path of a program that draws such files, or None."""
    if extension in PICTURES:
        user = sysconfig.get_preferred_scheme("user")
        schemes = sysconfig.get_default_scheme(), user
        folders = [sysconfig.get_path("scripts", s) for s in schemes]
        for path in (os.pathsep.join(folders), None):  # None: the PATH
            if pure := shutil.which("graphviz-pure", path=path):
                return pure
    return shutil.which("dot")


def render(text, extension):
    """Return the picture of a DOT text as bytes, None without renderer.

    A RuntimeError tells what the renderer says if it fails.
    """
    renderer = find_renderer(extension)
    if extension in PIXELS and wide_letters(text):
        renderer = dot_for_wide_letters(extension) or renderer
    if renderer is None:
        return None
    command = [renderer, f"-T{extension}", "-Nfontname=Helvetica"]
    if extension in PIXELS:
        command.append("-Gsize=80,80")
    done = subprocess.run(
        command, input=text.encode(), capture_output=True
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise RuntimeError(f"{renderer} can't draw the graph: {said}")
    return done.stdout


@answers("_repr_svg_")
def svg_of_graph(output, most=100):
    """Return the graph behind a variable as SVG.

    Beyond the given number of functions, it shows the nearest and says
    how many are left out. None if the variable is a leaf, or if no
    renderer is found.
    """
    if output.creator is None:
        return None
    functions = functions_behind(output)
    rest = set(functions[most:])
    variables, lines = dot_lines(output, functions[:most], True)
    if rest:
        more = f"{len(rest):,} function{'s' if len(rest) > 1 else ''} more"
        lines.append(f'rest [label="… and {more}", shape=plain]\n')
    for variable, node in variables:
        if variable.creator in rest:
            lines.append(f"rest -> {node} [style=dashed]\n")
    svg = render("".join(lines) + "}", "svg")
    return svg and svg.decode()


FORMATS = (*PICTURES, "pdf", "ps", "eps", "gif")


def plot_dot_graph(output, verbose=True, to_file="graph.png"):
    """Draw the graph behind a variable into a file.

    The extension of to_file says as what: .svg, .png or .jpg, for
    which graphviz-pure or dot is needed, or .pdf, .ps, .eps or .gif,
    for which it is dot. If there is none, a warning says so, and the
    DOT text is written beside, as .dot. In pixels, a graph of more than
    80 inches is scaled down; .svg has no limit. In a notebook, it
    returns the picture.

    Raises a ValueError for another extension, a FileNotFoundError
    without the folder, and a RuntimeError if the renderer fails.
    """
    path = Path(to_file)
    extension = path.suffix[1:].lower()
    if extension not in FORMATS:
        raise ValueError(
            "plot_dot_graph needs a file that ends in "
            f".{', .'.join(FORMATS)}, got {str(to_file)!r}"
        )
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"plot_dot_graph can't write {path.name!r}: there is "
            f"no folder {str(path.parent)!r}; make it first"
        )
    text = get_dot_graph(output, verbose)
    picture = render(text, extension)
    if picture is None:
        return write_text(text, path)
    path.write_bytes(picture)
    return shown(path, extension)


def write_text(text, path):
    """Write a graph that no program could draw as text, and warn."""
    extension, path = path.suffix, path.with_suffix(".dot")
    path.write_text(text, encoding="utf-8")
    way = "install Graphviz, or ask for .svg or .png"
    if extension[1:].lower() in PICTURES:
        way = "pip install graphviz-pure, or install Graphviz"
    warnings.warn(
        f"plot_dot_graph found no program that draws {extension}: {way}; "
        f"the graph is in {str(path)!r}, as text",
        stacklevel=3,
    )


def shown(path, extension):
    """Return what a notebook shows for a picture; else None."""
    if "IPython" not in sys.modules or extension not in PICTURES:
        return None
    from IPython import display

    show = display.SVG if extension == "svg" else display.Image
    return show(filename=str(path))


def array_equal(a, b):
    """Return whether two arrays or variables are equal, shapes too."""
    return np.array_equal(data_of(a), data_of(b))


def array_allclose(a, b, rtol=1e-4, atol=1e-5):
    """Return whether all elements differ by at most atol + rtol * |b|.

    a and b are arrays or variables.
    """
    return np.allclose(data_of(a), data_of(b), rtol, atol)


def numerical_grad(f, x, *args, eps=1e-4, **kwargs):
    """Return the gradient of the sum of f(x), by central differences.

    x is a variable or an array of any shape, f takes a variable of this
    shape, then args and kwargs, and returns a variable. f runs twice
    for each element of x, in float64. Returns an array like x.
    """
    data = data_of(x)
    gx = np.zeros(data.shape)
    for index in np.ndindex(data.shape):
        ys = []
        for step in (eps, -eps):
            moved = data.astype(float)
            moved[index] += step
            ys.append(f(Variable(moved), *args, **kwargs).data)
        gx[index] = (ys[0] - ys[1]).sum() / (2 * eps)
    return gx


def gradient_check(f, x, *args, rtol=1e-4, atol=1e-5, **kwargs):
    """Return whether backward agrees with numerical_grad, and print
    both if it does not.

    f, x, args and kwargs are those of numerical_grad; the tolerances
    are those of array_allclose. Each element of f(x) has a weight of
    its own in the sum, so gradients at wrong places are noticed.
    """
    x = Variable(data_of(x).astype(float))

    def weighted(x):
        y = f(x, *args, **kwargs)
        return np.cos(np.arange(y.size)).reshape(y.shape) * y

    gx, expected = grad(weighted(x), x), numerical_grad(weighted, x)
    agrees = array_allclose(gx, expected, rtol, atol)
    if not agrees:
        print(f"backward:\n{gx.data}\nby small steps:\n{expected}")
    return agrees


def check_finite(y):
    """Return y, or raise a FloatingPointError if it holds nan or inf.

    The error names the first function behind y that made one of them.
    """
    if np.isfinite(y.data).all():
        return y
    variables = [y, *(x for f in past_of(y) for x in f.inputs)]
    bad = [x for x in variables if not np.isfinite(x.data).all()]
    first = min(bad, key=lambda x: x.generation)
    if first.creator is not None:
        where = f"{type(first.creator).__name__} made the first of it"
    elif first is y:
        where = "the variable itself holds it, and has no creator"
    else:
        where = f"the input {first.name or first} holds it already"
    raise FloatingPointError(f"nan or inf in the result: {where}")


def pair(x):
    """Return (x, x) for a whole number, (a, b) for two of them.

    Raises a ValueError for anything else.
    """
    both = tuple(x) if isinstance(x, (tuple, list)) else (x, x)
    if len(both) != 2 or not all(
        isinstance(n, (int, np.integer)) for n in both
    ):
        raise ValueError(
            f"pair needs a whole number or a tuple of two, got {x!r}"
        )
    return both


def get_conv_outsize(input_size, kernel_size, stride, pad):
    """Return how many places a kernel has along an axis.

    A ValueError says so if it has none.
    """
    size = (input_size + 2 * pad - kernel_size) // stride + 1
    if size < 1:
        raise ValueError(
            f"a kernel of {kernel_size} does not fit into {input_size} "
            f"elements with a padding of {pad}"
        )
    return size


def get_deconv_outsize(size, k, s, p):
    """Return the size along an axis of what deconv2d returns.

    size is that of its input, k of the kernel, s the stride, p the pad.
    """
    return s * (size - 1) + k - 2 * p


def progress(items, title=None):
    """Yield items, with a bar while the loop runs, until Ctrl-C.

    The bar needs tqdm and a terminal; otherwise the loop is silent.
    After Ctrl-C, the round that is running is finished and the loop
    ends as at its last item, so that what comes after it still runs; a
    second Ctrl-C interrupts at once.
    """
    bar, stop = with_bar(items, title), []

    def on_interrupt(number, frame):
        if stop:
            raise KeyboardInterrupt
        stop.append(number)
        if outer not in (signal.default_int_handler, signal.SIG_IGN):
            outer(number, frame)  # the loop around this one

    outer = signal.getsignal(signal.SIGINT)
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and callable(outer):
        signal.signal(signal.SIGINT, on_interrupt)
    try:
        for item in bar:
            yield item
            if stop:
                return
    finally:
        if is_main and callable(outer):
            signal.signal(signal.SIGINT, outer)


def with_bar(items, title):
    """Return items with a bar of tqdm, if there is one to be seen."""
    if not sys.stderr.isatty():
        return items
    try:
        from tqdm import tqdm
    except ImportError:
        return items
    return tqdm(items, desc=title)
