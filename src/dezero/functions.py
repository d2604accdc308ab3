"""Functions of variables, for `import dezero.functions as F`."""

import numpy as np

from dezero.core import Function, answers


class Square(Function):
    def forward(self, x):
        return x**2

    def backward(self, gy):
        (x,) = self.inputs
        return 2 * x * gy


@answers(np.square)
def square(x):
    """Return the square of the variable x, elementwise."""
    return Square()(x)


class Exp(Function):
    def forward(self, x):
        return np.exp(x)

    def backward(self, gy):
        y = self.outputs[0]()
        return gy * y


@answers(np.exp)
def exp(x):
    """Return e to the power of the variable x, elementwise."""
    return Exp()(x)


class Sin(Function):
    def forward(self, x):
        return np.sin(x)

    def backward(self, gy):
        (x,) = self.inputs
        return gy * cos(x)


@answers(np.sin)
def sin(x):
    """Return the sine of x, elementwise; x in radians."""
    return Sin()(x)


class Cos(Function):
    def forward(self, x):
        return np.cos(x)

    def backward(self, gy):
        (x,) = self.inputs
        return -gy * sin(x)


@answers(np.cos)
def cos(x):
    """Return the cosine of x, elementwise; x in radians."""
    return Cos()(x)


class Tanh(Function):
    def forward(self, x):
        return np.tanh(x)

    def backward(self, gy):
        y = self.outputs[0]()
        return gy * (1 - y * y)


@answers(np.tanh)
def tanh(x):
    """Return the hyperbolic tangent of x, elementwise."""
    return Tanh()(x)
