"""A value that can draw itself -> a picture in the page: SVG inline, in the page's colours and font.

Black becomes the colour of the text, the colours C0 to C5 become ``var(--picture-0)`` … ``var(--picture-5)``,
white becomes ``var(--picture-paper)``, so that a picture follows the page into the dark. The same value gives
the same bytes.
"""

from __future__ import annotations

import html
import io
import re
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

MATPLOTLIB_CYCLE = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b")
GRAPHVIZ_CYCLE = tuple(f"#c0ffe{index}" for index in range(6))  # stand-ins: Graphviz knows no colour C1
PIXELS_PER_POINT = {
    "matplotlib": 4 / 3,
    "graphviz": 8 / 7,
}  # text of 10 and 14 points becomes 13 and 16 pixels


class DrawingError(Exception):
    """A value should have drawn itself and did not; the text says why and what to do."""


def draw(value: object) -> str | None:
    """The picture of a value, SVG or HTML; None for a value that has none."""
    if _is_a(value, "matplotlib.figure", "FigureBase"):
        return inline(_draw_matplotlib(value), PIXELS_PER_POINT["matplotlib"])
    if _is_a(value, "graphviz.graphs", "BaseGraph") or _is_a(value, "graphviz.sources", "Source"):
        return inline(_draw_graphviz(value), PIXELS_PER_POINT["graphviz"])
    if bundle := _call(value, "_repr_mimebundle_"):
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if svg := data.get("image/svg+xml"):
            return inline(svg, 1)
    if svg := _call(value, "_repr_svg_"):
        return inline(svg, 1)
    if markup := _call(value, "_repr_html_"):
        return f"<div>{markup}</div>"
    return None


def figure(picture: str, text: str) -> str:
    """The ``<figure>`` of a picture and the text of its Figure block."""
    caption, alt = caption_and_alt(text)
    label = f' role="img" aria-label="{html.escape(" ".join(alt.split()))}"'
    tag = re.match(r"<\w+", picture)
    assert tag
    picture = picture[: tag.end()] + label + picture[tag.end() :]
    return f'<figure class="picture">{picture}<figcaption>{_inline_markdown(caption)}</figcaption></figure>'


def caption_and_alt(text: str) -> tuple[str, str]:
    """What stands before and after the first blank line of a Figure block."""
    caption, _, alt = text.strip().partition("\n\n")
    return caption, alt.strip()


def point_graphviz_at_its_wheel() -> None:
    """Let ``graphviz`` draw with the executable of the wheel, where an experiment draws by itself."""
    try:
        from graphviz.backend import dot_command  # type: ignore[import-untyped]
    except ImportError:
        return
    if executable := _graphviz():
        dot_command.DOT_BINARY = Path(executable)


def _is_a(value: object, module: str, name: str) -> bool:
    """Whether a value is of a class of a library, which nobody who did not load it can have."""
    found = getattr(sys.modules.get(module), name, None)
    return found is not None and isinstance(value, found)


def _call(value: object, name: str) -> Any:
    method = getattr(type(value), name, None)
    return method(value) if callable(method) else None


def _draw_matplotlib(value: Any) -> str:
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "literate"}):
        options = {"transparent": True, "bbox_inches": "tight", "pad_inches": 0.05}
        value.savefig(buffer, format="svg", metadata={"Date": None}, **options)
    return buffer.getvalue()


@cache
def _graphviz() -> str | None:
    """The executable that draws graphs: that of the wheel, else one that is installed."""
    folders = (str(Path(sys.executable).parent), sysconfig.get_path("scripts"), None)
    found = (shutil.which("graphviz-pure", path=folder) for folder in folders)
    return next(filter(None, found), None) or shutil.which("dot")


def _draw_graphviz(value: Any) -> str:
    executable = _graphviz()
    if executable is None:
        raise DrawingError(
            "a graph needs Graphviz, and there is none; pip install graphviz-pure, or install Graphviz"
        )
    source = re.sub(
        r"""(color\s*=\s*["']?)C([0-5])\b""", lambda match: f"{match[1]}\0{match[2]}", value.source
    )
    source = re.sub(r"(=\s*)\0([0-5])", lambda match: f'{match[1]}"{GRAPHVIZ_CYCLE[int(match[2])]}"', source)
    source = re.sub(r"\0([0-5])", lambda match: GRAPHVIZ_CYCLE[int(match[1])], source)
    fonts = [f"-{what}fontname=Helvetica" for what in "GNE"]
    command = [executable, f"-K{value.engine or 'dot'}", "-Tsvg", "-Gbgcolor=transparent", *fonts]
    done = subprocess.run(command, input=source.encode(), capture_output=True, timeout=60, check=False)
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode or said:
        raise DrawingError(f"Graphviz says: {said or done.returncode}; mend the graph")
    return done.stdout.decode()


def inline(svg: str, pixels: float) -> str:
    """An SVG document as an element of a page."""
    start, end = svg.find("<svg"), svg.rfind("</svg>")
    if start < 0 or end < 0:
        raise DrawingError(
            "what the value draws is no <svg> element; mend its _repr_svg_ or _repr_mimebundle_"
        )
    svg = svg[start : end + len("</svg>")]
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<title>.*?</title>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style[^>]*>\*\{stroke-linejoin: round; stroke-linecap: butt\}</style>", "", svg)
    svg = re.sub(r"<defs>\s*</defs>", "", svg)
    svg = re.sub(r'\s(?:xlink:title|xml:space)="[^"]*"', "", svg.replace("xlink:href=", "href="))
    svg = re.sub(r"<[^<>]*>", lambda tag: _follow_the_page(tag[0]), svg)
    svg = re.sub(r"\s*\n\s*", "\n", svg)
    root, _, rest = svg.partition(">")
    return _own_ids(f"{_scaled(root, pixels)}>{rest}")


def _scaled(root: str, pixels: float) -> str:
    """The root's tag, with its own width in ``--width``: the style sheet says how far it may shrink."""
    sizes = {name: float(size) for name, size in re.findall(r'\s(width|height)="([\d.]+)(?:pt|px)?"', root)}
    box = re.search(r'\sviewBox="([^"]*)"', root)
    view = box[1] if box else f"0 0 {sizes.get('width', 300):g} {sizes.get('height', 150):g}"
    width = float(view.replace(",", " ").split()[2]) * pixels
    style = f"--width: {width:.0f}px; overflow: visible; stroke-linejoin: round"
    return f'<svg viewBox="{view}" fill="currentColor" style="{style}" xmlns="http://www.w3.org/2000/svg"'


def _follow_the_page(tag: str) -> str:
    """A tag with the page's colours, and its font wherever none but the usual one is asked for."""
    if tag.startswith("<image"):
        return tag
    for index, colours in enumerate(zip(MATPLOTLIB_CYCLE, GRAPHVIZ_CYCLE, strict=True)):
        for colour in colours:
            tag = re.sub(colour, f"var(--picture-{index})", tag, flags=re.IGNORECASE)
    paint = r"((?:fill|stroke|stop-color)(?:=\"|:\s*))"
    tag = re.sub(paint + r"(?:#000000|#000|black)\b", r"\1currentColor", tag)
    tag = re.sub(paint + r"(?:#ffffff|#fff|white)\b", r"\1var(--picture-paper, none)", tag)
    tag = re.sub(paint + r"(?:#b0b0b0|#cccccc)\b", r"\1var(--picture-grid, #b0b0b0)", tag)
    tag = re.sub(r"(?<![\w-])font: ([^;\"]*?)([\d.]+px) [^;\"]*", _font_size, tag)
    tag = re.sub(r"font-family: [^;\"]*;?\s*", "", tag)
    return re.sub(r"\sfont-family=\"[^\"]*\"", "", tag)


def _font_size(match: re.Match[str]) -> str:
    """``font: italic 700 10px 'DejaVu Sans', …`` without the family."""
    words = match[1].split()
    styles = [f"font-style: {word}; " for word in words if word in ("italic", "oblique")]
    weights = [f"font-weight: {word}; " for word in words if word.isdigit() or word == "bold"]
    return "".join([*styles, *weights, f"font-size: {match[2]}"])


def _own_ids(svg: str) -> str:
    """Ids that no other picture of the page has."""
    prefix = f"p{sha256(svg.encode()).hexdigest()[:8]}-"
    svg = re.sub(r'(\sid=")', rf"\1{prefix}", svg)
    svg = re.sub(r"(url\(#)", rf"\1{prefix}", svg)
    return re.sub(r'(\shref="#)', rf"\1{prefix}", svg)


def _inline_markdown(text: str) -> str:
    """A caption: code, emphasis and formulas, as in the prose."""
    import markdown

    converted = markdown.markdown(text, extensions=["literate.math"])
    return converted.removeprefix("<p>").removesuffix("</p>")
