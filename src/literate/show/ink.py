"""Ink: pictures that explain, drawn by code in the book's own hand, as SVG.

An experiment that ends in a picture shows it, and a Figure block below says what is to be seen in it:

    from literate.show.ink import Picture

    p = Picture()
    x = p.variable(0, 0, "x", "3.0", "6.0")  # its name, its value, its gradient
    square = p.function(140, 30, "Square")
    p.arrow(x, square, "forward")
    p

Everything is measured in pixels of a screen, to the right and downwards, from wherever you like: the picture
is as large as what is drawn on it. It may be ``WIDTH`` wide, and all its letters are ``SIZE`` high, so on a
phone, in a frame of 361 pixels, they still have 12. What a program says is set in its letters (``write``),
what the book says about it in italics (``note``). What is drawn is returned as a ``Shape``: arrows start at
it, and ``shape.at(0.5, 1)`` is the middle of its lower edge.

An ink says what a line is about: ``pen`` is what exists, ``forward`` what travels to a result, ``backward``
what comes back as a gradient and nothing else, ``soft`` what stands behind. A wash says what a shape is:
``variable``, ``function``, or ``forward`` and ``backward`` for the values that an ink carries. Variables are
round and functions have corners, as in a graph that Graphviz draws. A page gives them its colours by their
class; without a page, each has one that white paper asks for and black still shows.
The same calls give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import dist
from typing import Any
from unicodedata import east_asian_width

from literate.show.hand import Point, Shape, between, curved, numbers, straight

XMLNS, ROUND = "http://www.w3.org/2000/svg", 'stroke-linecap="round" stroke-linejoin="round"'
WIDTH, SIZE, ROW, MARGIN = 500, 17, 30, 6
PALE, LETTERS = 'fill-opacity="0.14"', f'font-size="{SIZE}" font-family="monospace"'
TOO_WIDE = "a picture may be {} wide, this one is {:.0f}; draw downwards, or say scrolls=True"
ALONE = "color-scheme: light dark; color: CanvasText"  # as a file of its own, or in an <img>
LETTER, ITALIC = 0.602 * SIZE, 0.56 * SIZE  # of DejaVu, the widest that a page may have
INKS = {"pen": "", "soft": "#6e6e6e", "forward": "#007885", "backward": "#b84f12"}
WASHES = {"variable": "#e8a33d", "function": "#5aa7d0", "forward": "#4fb3bf", "backward": "#e08a4f"}

Points = Sequence[Point]
Rows = Sequence[Sequence[str]]
End = Shape | Point


class Picture:
    """A sheet of paper, as large as what is drawn on it; lines lie on washes, letters on lines.

    One that ``scrolls`` may be wider than a phone: there the reader moves it in its frame.
    """

    def __init__(self, scrolls: bool = False) -> None:
        self.scrolls = scrolls
        self._points: list[Point] = []
        self._layers: list[tuple[str, list[str], list[str], list[str]]] = []
        self.layer("layer")

    def layer(self, name: str) -> None:
        """Begin a layer; a page can show and hide it by its name."""
        self._layers.append((name, [], [], []))

    def svg(self) -> str:
        """The picture as an SVG document; what is seen is said by the Figure block.

        Raises:
            ValueError: If it is too wide for a phone, or nothing is drawn on it.
        """
        if not self._points:
            raise ValueError("nothing is drawn in this picture; draw something, or take it out")
        left, top = (min(values) - MARGIN for values in zip(*self._points, strict=True))
        right, bottom = (max(values) + MARGIN for values in zip(*self._points, strict=True))
        width, height = right - left, bottom - top
        if width > WIDTH and not self.scrolls:
            raise ValueError(TOO_WIDE.format(WIDTH, width))
        size = f'width="{numbers(width)}" height="{numbers(height)}" style="{ALONE}"'
        lines = [f'<svg xmlns="{XMLNS}" viewBox="{numbers(left, top, width, height)}" {size}>']
        lines += [f'<g class="ink" fill="none" stroke="currentColor" {ROUND}>']
        for name, washes, strokes, words in self._layers:
            lines += [f'<g class="{name}">', f'<g class="washes" stroke="none" {PALE}>', *washes, "</g>"]
            lines += [*strokes, f'<g fill="currentColor" stroke="none" {LETTERS}>', *words, "</g></g>"]
        return "\n".join([*lines, "</g></svg>", ""])

    _repr_svg_ = svg  # what a notebook, and the book, ask for

    def stroke(
        self, d: str, points: Points, ink: str = "pen", width: float = 1.4, full: bool = False
    ) -> None:
        """Draw a path that lies within the points; a width of 0 makes it dotted."""
        self._points += points
        line = f'stroke-width="{width:g}"' if width else 'stroke-width="1.8" stroke-dasharray="0.1 5.5"'
        fill = ' fill="currentColor"' if full else ""
        self._layers[-1][2].append(f'<path{_inked(ink)} d="{d}" {line}{fill}/>')

    def line(
        self, *points: Point, radius: float = 0, smooth: bool = False, closed: bool = False, **style: Any
    ) -> None:
        """A line from point to point, with corners of a radius, or smooth; ``closed``, back to the first."""
        passes = 2 if style.get("width", 1) else 1
        d = curved(points, passes) if smooth else straight(points, radius, closed, passes)
        self.stroke(d, points, **style)

    def wash(self, shape: Shape, colour: str, radius: float = 7) -> None:
        """Colour for a shape, laid a little beside its lines."""
        corners = Shape(shape.x + 4, shape.y + 4, shape.width - 1, shape.height - 1).corners
        self._points += corners
        path = straight(corners, radius, True, 1)
        self._layers[-1][1].append(f'<path class="{colour}" fill="{WASHES[colour]}" d="{path}Z"/>')

    def box(self, shape: Shape, wash: str = "", radius: float = 7, **style: Any) -> Shape:
        """A box with round corners."""
        if wash:
            self.wash(shape, wash, radius)
        self.line(*shape.corners, radius=radius, closed=True, **style)
        return shape

    def tile(self, shape: Shape, words: str, wash: str = "function", radius: float = 4) -> Shape:
        """A box with words in it."""
        self.write(shape.at(0.5, 0.5), words)
        return self.box(shape, wash, radius)

    def write(
        self, at: Point, words: str, ink: str = "pen", anchor: str = "middle", book: bool = False
    ) -> None:
        """A line of words as a program has them, around a point, or with its start or end there."""
        width = room(words, ITALIC if book else LETTER)
        left = at[0] - {"start": 0, "middle": 0.5, "end": 1}[anchor] * width
        self._points += Shape(left, at[1] - SIZE / 2, width, SIZE).corners
        style = ' font-family="Georgia, serif" font-style="italic"' if book else ""
        where = f'x="{numbers(at[0])}" y="{numbers(at[1] + 0.34 * SIZE)}" text-anchor="{anchor}"'
        self._layers[-1][3].append(f"<text{_inked(ink, book)} {where}{style}>{escape(words)}</text>")

    def note(self, at: Point, words: str, ink: str = "soft", anchor: str = "start") -> None:
        """What the book says, line by line."""
        for row, line in enumerate(words.split("\n")):
            self.write((at[0], at[1] + 1.3 * SIZE * row), line, ink, anchor, True)

    def arrow(self, a: End, b: End, ink: str = "pen", bend: float = 0, width: float = 1.6) -> None:
        """An arrow that bends to its right. The head of a gradient's is full, others are open."""
        start, end = (end.at(0.5, 0.5) if isinstance(end, Shape) else end for end in (a, b))
        aim = between(start, end, 0.5, 2 * bend)
        start, end = (end.towards(aim) if isinstance(end, Shape) else end for end in (a, b))
        aim = between(start, end, 0.5, 2 * bend)
        shares = (0, 0.25, 0.5, 0.75, 1) if bend else (0, 1)
        way = [between(between(start, aim, share), between(aim, end, share), share) for share in shares]
        self.line(*way, smooth=bool(bend), ink=ink, width=width)
        tail = between(end, aim, min(9 / dist(end, aim), 0.9))
        head, full = [between(tail, end, 0, 4.6), end, between(tail, end, 0, -4.6)], ink == "backward"
        self.stroke(straight(head, 0, full, 1), head, ink, 1.6, full)

    def refer(self, a: Point, b: End, ink: str = "pen", bend: float = 0, weak: bool = False) -> None:
        """A reference: a dot where it is held, an arrow to what it holds; a weak one is dotted."""
        dot = Shape(a[0] - 2.2, a[1] - 2.2, 4.4, 4.4).corners
        self.stroke(straight(dot, 2, True, 1), dot, ink, full=True)
        self.arrow(a, b, ink, bend, 0 if weak else 1.6)

    def bracket(self, a: Point, b: Point, ink: str = "soft", depth: float = 8) -> None:
        """A bracket from a to b, with its back to the right of the way."""
        self.line(a, between(a, b, 0, depth), between(a, b, 1, depth), b, radius=5, ink=ink)

    def variable(self, x: float, y: float, name: str, *rows: str, width: float = 0) -> Shape:
        """A round box, its name above, its value inside and, below that, its gradient: the two parts."""
        width = width or max(map(room, rows)) + 22
        parts = tuple(Shape(x, y + ROW * row, width, ROW) for row in range(len(rows)))
        shape = self.box(Shape(x, y, width, ROW * len(rows), parts), "variable", radius=ROW / 2)
        for part, row, ink in zip(parts, rows, ("forward", "backward"), strict=False):
            self.write(part.at(0.5, 0.5), row, ink)
        for part in parts[1:]:
            self.line(part.at(0.04, 0), part.at(0.96, 0), width=0.8)
        self.write(shape.at(0.5, -13 / shape.height), name)
        return shape

    def function(self, x: float, y: float, name: str) -> Shape:
        """A function, a box with corners, around (x, y)."""
        width = max(room(name) + 22, 34)
        return self.tile(Shape(x - width / 2, y - 17, width, 34), name, radius=2)

    def cells(
        self, x: float, y: float, rows: Rows, size: float, wash: str = "", words: str = "pen", **style: Any
    ) -> Shape:
        """An array as a grid with cells of a width; its parts are the cells, row by row."""
        down, across = len(rows), len(rows[0])
        parts = [Shape(x + size * i, y + ROW * j, size, ROW) for j in range(down) for i in range(across)]
        whole = self.box(Shape(x, y, size * across, ROW * down, tuple(parts)), wash, 2, **style)
        for i in range(1, across):
            self.line(whole.at(i / across, 0), whole.at(i / across, 1), **{"width": 0.8, **style})
        for j in range(1, down):
            self.line(whole.at(0, j / down), whole.at(1, j / down), **{"width": 0.8, **style})
        for part, word in zip(parts, [word for row in rows for word in row], strict=True):
            self.write(part.at(0.5, 0.5), word, words)
        return whole

    def stack(self, x: float, y: float, items: Sequence[str]) -> Shape:
        """A stack: open at its top, the last item on top; (x, y) is the lower left corner."""
        size = max(map(room, items)) + 18
        slots = [Shape(x + 7, y - 35 * i - 35, size, 28) for i in range(len(items))]
        parts = tuple(map(self.tile, slots, items))
        shape = Shape(x, y - 35 * len(items) - 16, size + 14, 35 * len(items) + 16, parts)
        self.line(shape.at(0, 0), shape.at(0, 1), shape.at(1, 1), shape.at(1, 0), radius=4)
        return shape

    def queue(self, x: float, y: float, items: Sequence[str], width: float = 0) -> Shape:
        """A queue or a list: between two rails, the first item on the left."""
        size = max(map(room, items), default=LETTER) + 18
        slots = [Shape(x + 10 + (size + 7) * i, y + 7, size, 28) for i in range(len(items))]
        parts = tuple(map(self.tile, slots, items))
        shape = Shape(x, y, width or (size + 7) * len(items) + 13, 42, parts)
        for down in (0, 1):
            self.line(shape.at(0, down), shape.at(1, down))
        return shape

    def heap(self, x: float, y: float, items: Sequence[str]) -> Shape:
        """A heap: the first item of its list on top, and below each the two that come next."""
        size, floors = max(map(room, items)) + 18, len(items).bit_length() - 1
        tiles: list[Shape] = []
        for i, item in enumerate(items, 1):
            floor = i.bit_length() - 1
            slot = (size + 12) * 2 ** (floors - floor)
            left = x + slot * (i - 2**floor) + (slot - size) / 2
            tiles.append(self.tile(Shape(left, y + 62 * floor, size, 28), item))
            if i > 1:
                self.line(tiles[i // 2 - 1].at(0.5, 1), tiles[-1].at(0.5, 0), width=1)
        return Shape(x, y, (size + 12) * 2**floors, 62 * floors + 28, tuple(tiles))


def room(words: str, letter: float = LETTER) -> float:
    """How wide words are at most. Hangul and kana are as wide as they are high."""
    return sum(SIZE if east_asian_width(each) in "WF" else letter for each in words)


def _inked(ink: str, book: bool = False) -> str:
    """The classes, for a page, and the colour, for where there is none."""
    classes = " ".join(["book"] * book + [ink] * (ink != "pen"))
    return (f' class="{classes}"' if classes else "") + (f' color="{INKS[ink]}"' if INKS[ink] else "")
