"""Pictures in the book's own hand: examples of what it can draw, each a function that runs something.

What they run is a toy of their own, so that they stay as they are while the package grows.
"""
# ruff: noqa: E501, RUF001

from __future__ import annotations

import gc
import heapq
import itertools
import sys
import weakref
from collections.abc import Callable

import numpy as np

from literate.show.hand import Shape, between
from literate.show.ink import LETTER, Picture

GALLERY: list[tuple[str, str, Callable[[], Picture]]] = []


def picture(name: str, caption: str):
    """Put a function into the gallery; its docstring says what is seen."""

    def keep(draw):
        GALLERY.append((name, caption, draw))
        return draw

    return keep


def short(value, digits=4) -> str:
    return f"{float(value):.{digits}g}"


def grid(array, digits=3) -> list[list[str]]:
    return [[short(value, digits) for value in row] for row in np.atleast_2d(array)]


# ---- What is run ----------------------------------------------------------------------------


class Variable:
    def __init__(self, data):
        self.data, self.grad, self.creator, self.generation = data, None, None, 0

    def backward(self):
        self.grad = 1.0
        for function in past_of(self):
            for x, gx in zip(function.inputs, function.input_gradients(), strict=True):
                x.grad = gx if x.grad is None else x.grad + gx


class Function:
    recorded = True

    def __call__(self, *inputs):
        y = Variable(self.forward(*(x.data for x in inputs)))
        if Function.recorded:
            self.inputs, self.outputs = inputs, [weakref.proxy(y)]
            self.generation = max(x.generation for x in inputs)
            y.creator, y.generation = self, self.generation + 1
        return y

    def input_gradients(self):
        return self.backward(self.outputs[0].grad, *(x.data for x in self.inputs))


class Square(Function):
    def forward(self, x):
        return x * x

    def backward(self, gy, x):
        return [2 * x * gy]


class Exp(Function):
    def forward(self, x):
        return np.exp(x)

    def backward(self, gy, x):
        return [np.exp(x) * gy]


class Add(Function):
    def forward(self, a, b):
        return a + b

    def backward(self, gy, a, b):
        return [gy, gy]


def past_of(y):
    """The functions that a variable comes from, in the order of the backward pass."""
    found, waiting = [], [y.creator]
    while waiting:
        function = waiting.pop()
        if function is not None and function not in found:
            found.append(function)
            waiting += [x.creator for x in function.inputs]
    return sorted(found, key=lambda function: -function.generation)


def chain(start, *functions):
    """A run through functions and back: the functions, and the variables with their gradients."""
    made, variables = [function() for function in functions], [Variable(start)]
    for function in made:
        variables.append(function(variables[-1]))
    variables[-1].backward()
    return made, variables


# ---- The first page -------------------------------------------------------------------------


@picture(
    "00-hero",
    "A formula runs as a program. The run leaves a graph; values travel through it to the right, gradients come back to the left.",
)
def hero():
    """The line y = square(exp(square(x))). Below it the graph of its run: four boxes, x, a, b and y, and above
    the gaps the functions Square, Exp and Square. The boxes hold values, 0.7, 0.49, 1.632 and 2.664, with arrows
    to the right through the functions, and gradients, 7.46, 5.329, 3.265 and 1, with arrows to the left,
    labelled times 1.4, times 1.632 and times 3.265."""
    functions, variables = chain(0.7, Square, Exp, Square)
    p = Picture()
    p.layer("formula")
    p.write((239, 0), "y = square(exp(square(x)))")
    p.layer("graph")
    boxes = []
    for i, name in enumerate("xaby"):
        boxes.append(p.variable(134 * i, 150, name, "", "", width=78))
    for i, function in enumerate(functions):
        p.function(134 * i + 106, 78, type(function).__name__)
        p.line((134 * i + 68, 142), (134 * i + 84, 104), ink="soft", width=1)
        p.line((134 * i + 128, 104), (134 * i + 144, 142), ink="soft", width=1)
    p.layer("values")
    for i, (box, variable) in enumerate(zip(boxes, variables, strict=True)):
        p.write(box[0].at(0.5, 0.5), short(variable.data), "forward")
        if i < 3:
            p.arrow((134 * i + 68, 142), (134 * i + 85, 101), "forward")
            p.arrow((134 * i + 127, 101), (134 * i + 144, 142), "forward")
    p.layer("gradients")
    for i, (box, variable) in enumerate(zip(boxes, variables, strict=True)):
        p.write(box[1].at(0.5, 0.5), short(variable.grad), "backward")
        if i:
            p.arrow(box.at(0.25, 1.12), boxes[i - 1].at(0.75, 1.12), "backward", -18)
            slope = "× " + short(variables[i - 1].grad / variable.grad)
            p.write((134 * i - 28, 252), slope, "backward")
    return p


# ---- Part 1 ---------------------------------------------------------------------------------


@picture("01-box", "Chapter 1. Two arrays that look alike, and a box around each, with room for a note.")
def box():
    """Above, two arrays with the one element 4.0, called square and double, which nothing tells apart. Below,
    each lies in a box, and a tag tied to the box says where it came from: x, squared; x, plus x."""
    x = np.array([2.0])
    arrays, notes = {"square": x**2, "double": x + x}, ("x, squared", "x, plus x")
    p = Picture()
    for i, ((name, array), note) in enumerate(zip(arrays.items(), notes, strict=True)):
        left = 196 * i
        p.write((left + 68, -14), name)
        p.cells(left + 40, 0, [[str(value) for value in array]], size=56)
        p.arrow((left + 68, 38), (left + 68, 84), "soft", width=1.2)
        p.write((left + 68, 102), name)
        p.box(Shape(left, 116, 136, 74), "variable")
        p.cells(left + 40, 138, [[str(value) for value in array]], size=56)
        tag = Shape(left + 34, 226, len(note) * LETTER + 20, 30)
        tip = tag.at(-0.12, 0.5)
        p.line(tip, *tag.corners, tip, radius=3)
        p.write(tag.at(0.5, 0.5), note)
        p.line((left + 12, 183), (left + 1, 206), (left + 12, 233), (left + 33, 241), smooth=True, width=1)
    p.note((362, 4), "two arrays,\nboth alike")
    p.note((362, 142), "a box that\nholds one")
    p.note((362, 230), "a note that\nfits no array")
    return p


@picture(
    "05-chain",
    "Chapters 5 to 7. Values travel to the right through the functions. Gradients come back below: each is the one before, times the slope of one function.",
)
def there_and_back():
    """Four boxes in a row, x, a, b and y, with values above and gradients below: 0.5 and 3.297, 0.25 and 3.297,
    1.284 and 2.568, 1.649 and 1. Arrows lead from box to box through Square, Exp and Square above them; below,
    arrows lead back, labelled times 2.568, times 1.284 and times 1."""
    functions, variables = chain(0.5, Square, Exp, Square)
    p = Picture()
    boxes = [
        p.variable(134 * i, 90, name, short(variable.data), short(variable.grad), width=78)
        for i, (variable, name) in enumerate(zip(variables, "xaby", strict=True))
    ]
    for i, function in enumerate(functions):
        p.function(134 * i + 106, 18, type(function).__name__)
        p.arrow((134 * i + 68, 82), (134 * i + 85, 41), "forward")
        p.arrow((134 * i + 127, 41), (134 * i + 144, 82), "forward")
        p.arrow(boxes[i + 1].at(0.25, 1.12), boxes[i].at(0.75, 1.12), "backward", -18)
        slope = variables[i].grad / variables[i + 1].grad
        p.write((134 * i + 106, 192), "× " + short(slope), "backward")
    p.note((480, 192), "start", "backward", "end")
    return p


@picture(
    "07-creators",
    "Chapter 7. After the run, each result holds its creator and each function its input. Whoever holds y can find all of it.",
)
def creators():
    """A chain from left to right: x, Square, a, Exp, y. From y an arrow labelled creator leads back to Exp, from
    there one labelled input to a, and so on to x, which has no creator."""
    functions, variables = chain(0.8, Square, Exp)
    p = Picture()
    shapes, left = [], 0.0
    for i, (variable, name) in enumerate(zip(variables, "xay", strict=True)):
        shapes.append(p.variable(left, 0, name, short(variable.data, 3), width=62))
        left += 62 + 32
        if i < len(functions):
            kind = type(functions[i]).__name__
            width = len(kind) * LETTER + 22
            shapes.append(p.function(left + width / 2, 15, kind))
            left += width + 32
    for a, b in itertools.pairwise(shapes):
        p.arrow(a, b, "forward")
    for i in range(len(shapes) - 1, 0, -1):
        start, end = shapes[i].at(0.4, 1), shapes[i - 1].at(0.6, 1.2)
        p.refer(start, end, bend=-22)
        p.note(between(start, end, 0.5, -44), "creator" if i % 2 == 0 else "input", "pen", "middle")
    p.note((0, 114), "x has no creator: we made it")
    return p


def two_walks(n):
    """The calls that wait at once in a recursion over a chain of n squares, and the states of a loop's list."""
    _, variables = chain(1.1, *[Square] * n)
    waiting, deepest, states = [], [], []

    def back(variable):
        waiting.append(variable)
        if len(waiting) > len(deepest):
            deepest[:] = waiting
        if variable.creator is not None:
            back(variable.creator.inputs[0])
        waiting.pop()

    back(variables[-1])
    functions = [variables[-1].creator]
    while functions:
        states.append(list(functions))
        creator = functions.pop().inputs[0].creator
        if creator is not None:
            functions.append(creator)
    return variables, deepest, [*states, []]


@picture(
    "08-stack-and-list",
    "Chapter 8. In the recursion, a call waits for every variable on the way; the loop has one function in its list, then the next.",
)
def stack_and_list():
    """On the left, a stack that is open at its top, with four calls in it: y.backward() at the bottom, then b, a
    and x. On the right, four states of a list between two rails: it holds h, then g, then f, then nothing."""
    variables, deepest, states = two_walks(3)
    names = dict(zip(map(id, variables), "xaby", strict=True))
    letters = dict(zip((id(variable.creator) for variable in variables[1:]), "fgh", strict=True))
    p = Picture()
    p.note((80, -16), "recursion", "pen", "middle")
    p.stack(0, 164, [f"{names[id(variable)]}.backward()" for variable in deepest])
    p.note((80, 190), f"{len(deepest)} calls wait", anchor="middle")
    p.note((347, -16), "loop", "pen", "middle")
    lists = []
    for i, state in enumerate(states):
        lists.append(p.queue(208 + 77 * i, 66, [letters[id(function)] for function in state], 48))
        if i:
            p.arrow(lists[i - 1], lists[i], "soft", width=1.2)
    p.note((347, 190), f"at most {max(map(len, states))} in the list", anchor="middle")
    return p


@picture(
    "09-scalars",
    "Chapter 9. Squared, an array stays an array, with one exception: an array without axes becomes a bare number.",
)
def scalars():
    """Four rows. A single cell of shape () becomes, squared, the bare number 4.0 of type float64, without a cell
    around it. A cell of shape (1,), three cells of shape (3,), and two rows of three cells of shape (2, 3) become
    arrays of the same shapes, of type ndarray."""
    arrays = [np.array(2.0), np.array([2.0]), np.array([1.0, 2.0, 3.0]), np.arange(6.0).reshape(2, 3)]
    p = Picture()
    top = 0
    for array in arrays:
        result = array**2
        middle = top + 15 * len(np.atleast_2d(array))
        cells = p.cells(0, top, grid(array), size=38)
        p.write((cells.width + 12, middle), str(array.shape), anchor="start")
        p.arrow((214, middle), (258, middle), "forward")
        p.write((236, middle - 15), "**2", "forward")
        if isinstance(result, np.ndarray):
            p.cells(276, top, grid(result), size=38)
            p.write((404, middle), type(result).__name__, "soft", "start")
        else:
            p.write((278, middle), str(float(result)), "forward", "start")
            p.write((404, middle), type(result).__name__, anchor="start")
            p.note((318, middle), "no array", "pen")
        top = 2 * middle - top + 30
    return p


# ---- Part 2 ---------------------------------------------------------------------------------


@picture(
    "13-shares",
    "Chapters 13 and 14. Both inputs of Add are x, so two gradients come back to one box, which keeps their sum.",
)
def shares():
    """On the left the box x with the value 3, from which two arrows lead to the function Add, and one on to y with
    the value 6. Back from y comes the gradient 1, and from Add two arrows with 1 each lead into the box x, where
    1 + 1 = 2 stands as its gradient."""
    x = Variable(3.0)
    y = Add()(x, x)
    y.backward()
    gxs = [short(gx) for gx in y.creator.input_gradients()]
    p = Picture()
    left = p.variable(0, 60, "x", short(x.data), f"{' + '.join(gxs)} = {short(x.grad)}")
    add = p.function(288, 90, "Add")
    right = p.variable(402, 60, "y", short(y.data), short(y.grad), width=64)
    p.arrow((left.width + 7, 66), add.at(0.3, -0.16), "forward", -20)
    p.arrow((left.width + 7, 76), add.at(-0.06, 0.3), "forward", -5)
    p.arrow(add.at(1.08, 0.3), right[0].at(-0.1, 0.5), "forward", -4)
    p.arrow(right[1].at(-0.1, 0.5), add.at(1.08, 0.7), "backward", -4)
    p.arrow(add.at(-0.06, 0.7), (left.width + 8, 104), "backward", -5)
    p.arrow(add.at(0.3, 1.16), (left.width + 8, 114), "backward", -20)
    for (across, down), gx in zip(((196, 90), (196, 149)), gxs, strict=True):
        p.write((across, down), gx, "backward")
    p.write((359, 122), short(y.grad), "backward")
    return p


@picture(
    "14-in-place",
    "Chapter 14. At first, one array is the gradient of x and of y. Written into, it changes for both (left); with a sum in a new array, y keeps its own (right).",
)
def in_place():
    """Two scenes. On the left, x.grad and y.grad both refer to one cell, which holds 2.0 after +=, and a note says
    that y.grad should be 1.0. On the right, x.grad refers to a new cell with 2.0, and y.grad to the old one, 1.0."""
    p = Picture()
    for i, code in enumerate(["x.grad += gx", "x.grad = x.grad + gx"]):
        y_grad = np.array([1.0])
        x_grad = gx = y_grad  # what Add hands out is what it was handed
        if i == 0:
            x_grad += gx
        else:
            x_grad = x_grad + gx
        left, shared = 250 * i, np.shares_memory(x_grad, y_grad)
        p.write((left, -38), code, anchor="start")
        for k, (name, array) in enumerate((("x.grad", x_grad), ("y.grad", y_grad))):
            row = 15 + 84 * k
            p.write((left + 4, row), name, anchor="start")
            if not shared or k == 0:
                top = 42 if shared else row - 15
                cell = p.cells(left + 138, top, [[str(array[0])]], size=56, words="backward")
            p.refer((left + 76, row), cell, bend=(10 if k else -10) if shared else 0)
        p.note(
            (left + 4, 140),
            "one array, two names:\ny.grad should be 1.0" if shared else "two arrays:\nnobody else sees it",
        )
    p.line((227, -46), (227, 168), ink="soft", width=0.8)
    return p


@picture(
    "16-generations",
    "Chapters 15 and 16. Everything stands in its generation. The walk back takes the function with the largest one, so both users of a come before the Square that made it.",
)
def generations():
    """The diamond with unequal sides, from top to bottom: x = 2 and a Square in generation 0, a = 4 and a Square
    in 1, b = 16 and a Square in 2, c = 256 and Add in 3, y = 260 in 4. A long arrow leads from a past generation 2
    into Add. On the right stands when the walk back visits each function: Add first, the Square of x last."""
    x = Variable(2.0)
    a = Square()(x)
    b = Square()(a)
    c = Square()(b)
    y = Add()(c, a)
    order = past_of(y)
    p = Picture()
    shapes = []
    for generation, (variable, name) in enumerate(zip((x, a, b, c, y), "xabcy", strict=True)):
        assert variable.generation == generation
        top = 104 * generation
        p.write((30, top + 15 if variable is y else top + 40), str(generation), "soft")
        if variable is not y:
            p.bracket((52, top - 6), (52, top + 88), depth=-7)
        shapes.append(p.variable(106, top, "", short(variable.data), width=72))
        p.write((94, top + 15), name, anchor="end")
        if variable is not y:
            function = order[len(order) - 1 - generation]
            assert function.generation == generation
            shapes.append(p.function(142, top + 68, type(function).__name__))
            p.note((310, top + 68), f"visit {order.index(function) + 1}", "backward")
    for before, after in itertools.pairwise(shapes):
        p.arrow(before, after, "forward")
    p.line(
        shapes[2].at(1.08, 0.5),
        (232, 136),
        (256, 210),
        (250, 310),
        (222, 362),
        (178, 377),
        smooth=True,
        ink="forward",
        width=1.6,
    )
    p.arrow((184, 376), shapes[7].at(1.09, 0.5), "forward")
    p.arrow((290, 388), (290, 60), "backward")
    p.note((0, -26), "generation")
    return p


@picture(
    "16-heap",
    "Chapter 16. Where generations tie, the heap compares what comes next. Functions have no order, which is an error; a count has one.",
)
def heap():
    """Two heaps, drawn as trees. On the left, entries of a generation and a function: on top -1, D, below it 0, B
    and 0, C, and between these two the question whether B is less than C: a TypeError. On the right each entry has
    a count in the middle: -1, 0, D on top, below it 0, 1, B and 0, 2, C, which the count tells apart."""
    x = Variable(2.0)
    y = Add()(Square()(x), Square()(x))
    functions = [y.creator, *(square.creator for square in y.creator.inputs)]
    pairs, triples, said = [], [], ""
    for count, (function, letter) in enumerate(zip(functions, "DBC", strict=True)):
        heapq.heappush(triples, (-function.generation, count, letter))
        heapq.heappush(pairs, (-function.generation, function))
    try:
        heapq.heappop(pairs)
    except TypeError as error:
        said = type(error).__name__
    p = Picture()
    tree = p.heap(0, 0, [f"{generation}, {letter}" for generation, _, letter in triples])
    p.write((tree.at(0.5, 0)[0], -24), "(generation, f)")
    p.bracket(tree[1].at(0.5, 1.3), tree[2].at(0.5, 1.3), "pen")
    p.write((tree.at(0.5, 0)[0], 130), "B < C ?")
    p.note((tree.at(0.5, 0)[0], 156), said + "!", "pen", "middle")
    tree = p.heap(228, 0, [f"{generation}, {count}, {letter}" for generation, count, letter in triples])
    p.write((tree.at(0.5, 0)[0], -24), "(generation, count, f)")
    p.bracket(tree[1].at(0.5, 1.3), tree[2].at(0.5, 1.3), "pen")
    p.write((tree.at(0.5, 0)[0], 130), "1 < 2")
    p.note((tree.at(0.5, 0)[0], 156), "f is never asked", anchor="middle")
    return p


@picture(
    "17-circle",
    "Chapter 17. Square and its result hold each other. When the name y is gone, a strong reference keeps both alive (left); a weak one holds nothing, and the result is freed at once (right).",
)
def circle():
    """Two scenes, each with a name y, struck through, above a box and the function Square. On the left, two solid
    arrows, creator and outputs, run in a circle between box and function: one holder is left. On the right the
    arrow from the function is dotted, no holder is left, and the box is dotted, too: freed."""
    bare = sys.getrefcount(Variable(1.0))
    p = Picture()
    for i, strong in enumerate([True, False]):
        gc.disable()
        y = Square()(Variable(3.0))
        function, witness, value = y.creator, weakref.ref(y), short(y.data)
        if strong:
            function.outputs = [y]  # as it was before chapter 17
        holders = sys.getrefcount(y) - bare - 1  # without the name
        del y
        alive = witness() is not None
        function.outputs = []
        gc.enable()
        middle, ink = 118 + 232 * i, "pen" if alive else "soft"
        p.write((middle, -8), "y", "soft")
        p.line((middle - 13, 1), (middle + 13, -17), width=1.8)
        p.note((middle + 22, -8), "del y")
        p.arrow((middle, 6), (middle, 42), "soft", width=0)
        if alive:
            shape = p.variable(middle - 36, 52, "", value, width=72)
        else:
            shape = p.box(Shape(middle - 36, 52, 72, 30), width=0, ink="soft")
            p.note((middle, 67), "freed", anchor="middle")
        square = p.function(middle, 176, "Square")
        p.refer(shape.at(0.18, 1), square.at(0.14, -0.1), ink, 18)
        p.refer(square.at(0.86, 0.06), shape.at(0.82, 1.2), "pen", 18, weak=not strong)
        if alive:
            p.note((middle - 54, 124), "creator", "pen", "end")
        p.note((middle + 54, 124), "outputs" if strong else "outputs,\nweakly", "pen")
        p.note(
            (middle, 222), f"{holders} holder left" if alive else f"{holders} holders left", anchor="middle"
        )
    return p


@picture(
    "18-no-grad",
    "Chapter 18. Outside and inside the switch, two squares have the same values. Inside, no result knows where it came from, and the functions are gone.",
)
def no_grad():
    """Above, x, Square, a, Square and y, with arrows forward, and below them references back from each result to its
    function and from each function to its input. Below, beside the line with no_grad():, the same boxes, with
    dotted functions and no references: y.creator is None."""
    p = Picture()
    for i, inside in enumerate([False, True]):
        Function.recorded = not inside
        x = Variable(2.0)
        a = Square()(x)
        y = Square()(a)
        Function.recorded = True
        top = 176 * i
        if inside:
            p.write((0, top - 44), "with no_grad():", anchor="start")
            p.line((6, top - 26), (6, top + 72), ink="soft", width=1)
        shapes = []
        for k, (name, variable) in enumerate(zip("xay", (x, a, y), strict=True)):
            left = 32 + 192 * k
            shapes.append(p.variable(left, top, name, short(variable.data), width=52))
            if k == 2:
                break
            if inside:
                shapes.append(p.box(Shape(left + 80, top - 2, 84, 34), radius=2, width=0, ink="soft"))
                p.write((left + 122, top + 15), "Square", "soft")
            else:
                shapes.append(p.function(left + 122, top + 15, "Square"))
        for before, after in itertools.pairwise(shapes):
            p.arrow(before, after, "forward")
            if not inside:
                p.refer(after.at(0.4, 1), before.at(0.6, 1.2), bend=-18)
        kind = y.creator and type(y.creator).__name__
        p.note(
            (32, top + (60 if inside else 80)),
            f"values only: y.creator is {kind}" if inside else f"a graph: y.creator is a {kind}",
        )
    return p


# ---- Part 3 ---------------------------------------------------------------------------------


@picture(
    "29-newton",
    "Chapter 29. At x = 2, a parabola with the value, the slope and the curvature of f. Its lowest point is the next x.",
)
def newton():
    """The curve f from 0.5 to 2.1. At x = 2 a parabola touches it from above and has its lowest point at x = 1.45.
    Dotted lines lead down from both points to the axis, where an arrow leads from 2 to 1.45."""

    def f(x):
        return x**4 - 2 * x**2

    value, slope, bend = f(2.0), 4 * 2.0**3 - 4 * 2.0, 12 * 2.0**2 - 4
    after = 2.0 - slope / bend

    def parabola(u):
        return value + slope * (u - 2) + bend / 2 * (u - 2) ** 2

    def place(u, v):
        return 255 * (u - 0.4), -15 * v

    p = Picture()
    floor = -5.5
    p.arrow(place(0.35, floor), place(2.2, floor), width=1.2)
    p.line(*(place(u, f(u)) for u in np.linspace(0.5, 2.12, 20)), smooth=True, width=1.8)
    p.line(
        *(place(u, parabola(u)) for u in np.linspace(0.94, 2.15, 16)), smooth=True, ink="forward", width=1.8
    )
    for u, v, ink in ((2.0, value, "pen"), (after, parabola(after), "forward")):
        across, down = place(u, v)
        p.line((across, down + 6), place(u, floor), ink="soft", width=0)
        p.box(Shape(across - 4.5, down - 4.5, 9, 9), radius=4.5, ink=ink, full=True)
        p.write((across, place(u, floor)[1] + 18), f"{u:.3g}")
    p.arrow(
        (place(2.0, 0)[0], place(0, floor)[1] + 32), (place(after, 0)[0], place(0, floor)[1] + 32), "pen", -12
    )
    p.note((place(0.4, 0)[0], place(0, 7.5)[1]), "the parabola\nthat fits at 2", "forward")
    p.note(place(0.62, -2.6), "f", "pen", "middle")
    p.note((place(1.727, 0)[0], place(0, floor)[1] + 64), "one step", anchor="middle")
    return p


@picture(
    "32-graph-of-the-way-back",
    "Chapter 32. With create_graph=True, the backward pass is a computation like any other: gx has a graph of its own, which begins at x, and can be differentiated again.",
)
def graph_of_gradient():
    """Above, x = 3 leads through Square to y = 9. Below, from right to left and in the ink of gradients: gy = 1
    leads through Mul to gx = 6. Into this Mul comes, from above, another 6, which an upper Mul made of 2 and of x:
    a long arrow leads into it from the box x."""
    x, two, gy = 3.0, 2.0, 1.0
    product = two * x
    gx = product * gy
    p = Picture()
    above = [
        p.variable(0, 0, "x", short(x), width=62),
        p.function(236, 15, "Square"),
        p.variable(410, 0, "y", short(x * x), width=62),
    ]
    for before, after in itertools.pairwise(above):
        p.arrow(before, after, "forward")
    upper = p.function(236, 92, "Mul")
    shapes = {}
    for left, top, name, variable, value in (
        (336, 77, "", "two", two),
        (210, 136, "", "product", product),
        (410, 206, "gy", "gy", gy),
        (0, 206, "gx", "gx", gx),
    ):
        shapes[variable] = p.variable(left, top, name, "", width=62 if name else 52)
        p.write(shapes[variable].at(0.5, 0.5), short(value), "pen" if value == two else "backward")
    lower = p.function(236, 221, "Mul")
    p.arrow(above[0].at(0.9, 1.2), upper, "backward", 12)
    p.arrow(shapes["two"], upper, "backward")
    p.arrow(upper, shapes["product"], "backward")
    p.arrow(shapes["product"], lower, "backward")
    p.arrow(shapes["gy"], lower, "backward")
    p.arrow(lower, shapes["gx"], "backward")
    p.note((290, 151), "2x, the slope")
    p.note((0, 128), "the backward pass,\na graph as well", "backward")
    return p


# ---- Later parts ----------------------------------------------------------------------------


@picture("39-sum", "Chapter 39. A sum over axis 0 runs down the columns, a sum over axis 1 along the rows.")
def sums():
    """An array of two rows and three columns, 1 to 6. Three arrows lead down to its sums over axis 0, 5, 7 and 9,
    of shape (3,); two arrows lead right to its sums over axis 1, 6 and 15, of shape (2,)."""
    a = np.arange(1.0, 7.0).reshape(2, 3)
    p = Picture()
    whole = p.cells(0, 0, grid(a), size=48)
    down = p.cells(0, 116, grid(a.sum(axis=0)), size=48, wash="forward")
    right = p.cells(216, 0, grid(a.sum(axis=1)[:, None]), size=48, wash="forward")
    for i in range(3):
        p.arrow(whole[3 + i].at(0.5, 1.25), down[i].at(0.5, -0.2), "forward")
    for j in range(2):
        p.arrow(whole[2 + 3 * j].at(1.18, 0.5), right[j].at(-0.14, 0.5), "forward")
    p.write((72, -14), str(a.shape), "soft")
    p.write((164, 131), f"sum(axis=0): {a.sum(axis=0).shape}", anchor="start")
    p.write((284, 30), f"sum(axis=1): {a.sum(axis=1).shape}", anchor="start")
    return p


@picture(
    "40-broadcasting",
    "Chapter 40. The short array is used once for each row, without a copy. So its gradient is the sum over the rows.",
)
def broadcasting():
    """An array of two rows and three columns, plus one of three elements, which is drawn a second time in pale ink for
    the second row, equals an array of two rows and three columns. Below, arrows lead from both rows into the gradient
    of the three elements: 2, 2, 2."""
    a, b = np.arange(1.0, 7.0).reshape(2, 3), np.array([10.0, 20.0, 30.0])
    gb = np.ones((a + b).shape).sum(axis=0)
    p = Picture()
    p.cells(0, 0, grid(a), size=44)
    p.write((149, 30), "+")
    ghost = p.cells(166, 30, grid(b), size=44, ink="soft", width=0, words="soft")
    p.cells(166, 0, grid(b), size=44, wash="forward")
    p.write((315, 30), "=")
    p.cells(332, 0, grid(a + b), size=44)
    for middle, shape in ((66, a.shape), (232, b.shape), (398, (a + b).shape)):
        p.write((middle, -16), str(shape), "soft")
    below = p.cells(166, 118, grid(gb), size=44, words="backward")
    for i in range(3):
        p.arrow(ghost[i].at(0.5, 1.25), below[i].at(0.5, -0.2), "backward")
    p.note((152, 133), "its gradient:", "backward", "end")
    p.note((312, 133), "1 + 1 each", "backward")
    return p


@picture(
    "55-convolution",
    "Chapters 55 and 56. Padding 1 puts a border of zeros around the image; with stride 2 the window stands in four places, and makes one number at each.",
)
def convolution():
    """A grid of six by six cells: four by four numbers within a border of pale zeros. A window of three by three cells
    is framed and coloured in the upper left corner, a second frame, dotted, stands two columns further. Beside it,
    three by three weights, and below these two by two results; the first, which belongs to the window, is coloured."""
    image = np.arange(16.0).reshape(4, 4) % 7
    padded, weights = np.pad(image, 1), np.array([[1.0, 0, 1], [0, 2, 0], [1, 0, 1]])
    places = range(0, 4, 2)
    out = np.array([[(padded[i : i + 3, j : j + 3] * weights).sum() for j in places] for i in places])
    p = Picture()
    p.wash(Shape(0, 0, 108, 90), "forward", 4)
    border = p.cells(0, 0, [[""] * 6] * 6, size=36, ink="soft", width=0.6)
    p.cells(36, 30, [[""] * 4] * 4, size=36)
    for cell, value, inside in zip(border.parts, padded.flat, np.pad(np.ones((4, 4)), 1).flat, strict=True):
        p.write(cell.at(0.5, 0.5), short(value), "pen" if inside else "soft")
    p.box(Shape(-3, -3, 114, 96), ink="forward", width=2)
    p.box(Shape(70, -8, 112, 106), ink="forward", width=0)
    p.arrow((54, -22), (126, -22), "forward")
    p.note((138, -24), "stride 2", "forward")
    p.note((108, 204), "padding 1", anchor="middle")
    p.cells(276, 0, grid(weights), size=36, wash="function")
    p.note((396, 45), "weights")
    p.write((246, 45), "×")
    p.cells(294, 132, grid(out), size=36)
    p.wash(Shape(294, 132, 34, 28), "forward", 3)
    p.note((382, 162), "result")
    p.arrow((330, 98), (330, 122), "forward")
    p.note((344, 108), "summed", "forward")
    return p


@picture(
    "59-unrolled",
    "Chapter 59. One layer, called once for each moment. Only h goes from one call to the next, and gradients go back along it, until the graph is cut.",
)
def unrolled():
    """Three functions RNN in a row, joined by arrows h0 and h1. Into each comes an x from below, out of each goes a y
    above. Gradients lead back along the row; before the first RNN two strokes cut the line. A bracket below all
    three says: one layer, the same weights."""
    p = Picture()
    calls = [p.function(112 + 150 * t, 96, "RNN") for t in range(3)]
    for t, call in enumerate(calls):
        x = p.variable(84 + 150 * t, 166, "", f"x{t}", width=56)
        y = p.variable(84 + 150 * t, 0, "", f"y{t}", width=56)
        p.arrow(x, call, "forward")
        p.arrow(call, y, "forward")
        if t:
            p.arrow(calls[t - 1].at(1.1, 0.4), call.at(-0.1, 0.4), "forward")
            p.write((37 + 150 * t, 76), f"h{t - 1}", "forward")
            p.arrow(call.at(-0.1, 0.75), calls[t - 1].at(1.1, 0.75), "backward", -8)
    p.arrow((22, 92), calls[0].at(-0.1, 0.4), "forward")
    p.line((44, 102), (52, 82), width=1.8)
    p.line((51, 102), (59, 82), width=1.8)
    p.note((0, 128), "cut: no\ngradient")
    p.bracket((440, 204), (84, 204), depth=-8)
    p.note((262, 228), "one layer, the same weights", anchor="middle")
    return p


@picture(
    "62-attention",
    "Part 6. Each row is a word that looks back: the fuller a cell, the more it takes from the word above that column. What comes later is masked.",
)
def attention():
    """A grid of five rows and five columns, with the words of a sentence at the left and at the top. Each cell up to the
    diagonal is filled from below as high as its weight, which stands in it; every row sums to 1. The cells beyond the
    diagonal are empty."""
    words = ["the", "cat", "sat", "down", "."]
    scores = 1.5 * np.random.default_rng(0).normal(size=(5, 5))
    scores[np.triu_indices(5, 1)] = -np.inf
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    p = Picture()
    cells = p.cells(0, 0, [[f"{w:.2f}" if w else "" for w in row] for row in weights], size=62)
    for cell, weight in zip(cells.parts, weights.flat, strict=True):
        if weight >= 0.05:
            level = cell.y + 1 + 28 * (1 - weight)
            p.wash(Shape(cell.x - 2, level - 3, 62, 28 * weight + 1), "forward", 2)
            if weight < 0.2:  # so pale that it needs an edge
                p.line((cell.x + 3, level), (cell.x + 59, level), ink="forward", width=1)
    for i, word in enumerate(words):
        p.write((62 * i + 31, -16), word)
        p.write((-12, 30 * i + 15), word, anchor="end")
    return p
