"""What several of these tests are about: variables, functions, derivatives."""

import numpy as np

from dezero import Function, Variable, past_of, square
from dezero.core import Constant


def variable(*numbers):
    return Variable(np.array(numbers if len(numbers) > 1 else numbers[0]))


def slope(y, x):
    """Return dy/dx as a variable with its graph, and leave no gradient behind in x."""
    x.cleargrad()
    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    return gx


def variables_of(*ys):
    """Return the ys and every variable behind them, constants left out."""
    found = {id(y): y for y in ys}
    for y in ys:
        for function in past_of(y):
            found.update((id(x), x) for x in function.inputs if not isinstance(x, Constant))
    return list(found.values())


class SumAndDifference(Function):
    def forward(self, x0, x1):
        return x0 + x1, x0 - x1

    def backward(self, gsum, gdifference):
        return gsum + gdifference, gsum - gdifference


class Broken(Function):
    """Twice x, with a backward that fails."""

    def forward(self, x):
        return 2 * x

    def backward(self, gy):
        raise ZeroDivisionError


def named(name):
    return Variable(np.array(1.0), name)


def chain(n, function=square):
    y = Variable(np.array(1.0), "x")
    for _ in range(n):
        y = function(y)
    return y
