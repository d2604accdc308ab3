"""Dezero: a deep-learning framework small enough to read."""

import numpy as np


class Variable:
    """A box that holds one array, its `data`."""

    def __init__(self, data):
        if data is not None and not isinstance(data, np.ndarray):
            raise TypeError(
                f"Variable needs an ndarray, got {type(data).__name__}; "
                "wrap a number or a list: Variable(np.array(...))"
            )

        self.data = data
        self.grad = None
        self.creator = None

    def set_creator(self, func):
        self.creator = func

    def backward(self):
        """Fill the grad of every variable that this one came from.

        It starts from self.grad, or from ones if nobody has set it.
        Chapters 7 to 9.
        """
        if self.grad is None:
            self.grad = np.ones_like(self.data)

        functions = [self.creator]
        while functions:
            function = functions.pop()
            if function is None:  # nothing computed this variable
                continue
            x, y = function.input, function.output
            x.grad = function.backward(y.grad)
            functions.append(x.creator)


def as_array(x):
    """Return x as an array if it is a scalar, and as it is if not."""
    if np.isscalar(x):
        return np.array(x)
    return x


class Function:
    """A computation from variable to variable, defined in `forward`."""

    def __call__(self, input):
        x = input.data
        y = self.forward(x)
        output = Variable(as_array(y))
        output.set_creator(self)
        self.input = input
        self.output = output
        return output

    def forward(self, x):
        raise NotImplementedError(
            f"{type(self).__name__} needs a forward method: "
            "def forward(self, x), array in, array out"
        )

    def backward(self, gy):
        raise NotImplementedError(
            f"{type(self).__name__} needs a backward method: "
            "def backward(self, gy), gradient in, gradient out"
        )


class Square(Function):
    def forward(self, x):
        return x**2

    def backward(self, gy):
        x = self.input.data
        gx = 2 * x * gy
        return gx


def square(x):
    """Return the square of the variable x, elementwise. Chapter 9."""
    return Square()(x)


class Exp(Function):
    def forward(self, x):
        return np.exp(x)

    def backward(self, gy):
        x = self.input.data
        gx = np.exp(x) * gy
        return gx


def exp(x):
    """Return e to the power of the variable x, elementwise. Chapter 9."""
    return Exp()(x)


def numerical_diff(f, x, eps=1e-4):
    """Return the slope of f at x as an array, by a central difference.

    f takes a Variable, returns a Variable, and acts on each element
    by itself; eps is the step to either side of x. Chapters 4 and 9.
    """
    x0 = Variable(as_array(x.data - eps))
    x1 = Variable(as_array(x.data + eps))
    y0 = f(x0)
    y1 = f(x1)
    return as_array((y1.data - y0.data) / (2 * eps))
