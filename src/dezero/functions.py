"""Functions of variables, for `import dezero.functions as F`."""

import numpy as np

from dezero.core import Operation, answers


class Square(Operation):
    def forward(self, x):
        return x**2

    def rule(self, gy, y, x):
        return 2 * gy * x


@answers(np.square)
def square(x):
    """Return the square of the variable x, elementwise."""
    return Square()(x)


class Exp(Operation):
    def forward(self, x):
        return np.exp(x)

    def rule(self, gy, y, x):
        return gy * y


class Log(Operation):
    def forward(self, x):
        return np.log(x)

    def rule(self, gy, y, x):
        return gy / x


@answers(np.log)
def log(x):
    """Return the natural logarithm of x, elementwise."""
    return Log()(x)


@answers(np.exp)
def exp(x):
    """Return e to the power of the variable x, elementwise."""
    return Exp()(x)


class Sin(Operation):
    def forward(self, x):
        return np.sin(x)

    def rule(self, gy, y, x):
        return gy * np.cos(x)


@answers(np.sin)
def sin(x):
    """Return the sine of x, elementwise; x in radians."""
    return Sin()(x)


class Cos(Operation):
    def forward(self, x):
        return np.cos(x)

    def rule(self, gy, y, x):
        return -gy * np.sin(x)


@answers(np.cos)
def cos(x):
    """Return the cosine of x, elementwise; x in radians."""
    return Cos()(x)


class Tanh(Operation):
    def forward(self, x):
        return np.tanh(x)

    def rule(self, gy, y, x):
        return TanhSlope().apply(gy, y)


class TanhSlope(Operation):
    """gy * (1 - y**2), as one node: every order of tanh needs it."""

    def forward(self, gy, y):
        return gy * (1 - y * y)

    def rule(self, g, z, gy, y):
        ggy = TanhSlope().apply(g, y) if self.needs(0) else None
        return ggy, -2 * y * (g * gy)


@answers(np.tanh)
def tanh(x):
    """Return the hyperbolic tangent of x, elementwise."""
    return Tanh()(x)


class Abs(Operation):
    def forward(self, x):
        return abs(x)

    def rule(self, gy, y, x):
        return gy * np.sign(x)


@answers(np.absolute)
def absolute(x):
    """Return |x|, elementwise; its slope at 0 is 0."""
    return Abs()(x)


class Maximum(Operation):
    def forward(self, x0, x1):
        return np.maximum(x0, x1)

    def rule(self, gy, y, x0, x1):
        tie = 0.5 * gy * (x0 == x1)
        gx0 = gy * (x0 == y) - tie if self.needs(0) else None
        gx1 = gy * (x1 == y) - tie if self.needs(1) else None
        return gx0, gx1


@answers(np.maximum)
def maximum(x0, x1):
    """Return the larger of x0 and x1, elementwise.

    Where they are equal, each gets half of the gradient.
    """
    return Maximum()(x0, x1)


class Minimum(Maximum):
    def forward(self, x0, x1):
        return np.minimum(x0, x1)


@answers(np.minimum)
def minimum(x0, x1):
    """Return the smaller of x0 and x1, elementwise.

    Where they are equal, each gets half of the gradient.
    """
    return Minimum()(x0, x1)


class Sqrt(Operation):
    def forward(self, x):
        return np.sqrt(x)

    def rule(self, gy, y, x):
        return gy / (2 * y)


@answers(np.sqrt)
def sqrt(x):
    """Return the square root of x, elementwise; its slope at 0 is inf."""
    return Sqrt()(x)
