"""Variables, functions and operators: gradients of first order.

The first engine, kept for programs that expect arrays in x.grad.
What is known to be wrong with it stays: its switch is
shared by all threads; a function object that is called twice
forgets its first call; operands that broadcast have no gradient;
and odd operands get NumPy's own errors, or none.
"""

import contextlib
import heapq
import math
import textwrap
import weakref

import numpy as np

from dezero.utils import svg_of_graph


class Variable:
    """A box that holds one array, its data, and a name if you like.

    data is an ndarray or None; a TypeError says so if it is something
    else.
    """

    __array_ufunc__ = None  # an array on the left leaves operators to us

    def __init__(self, data, name=None):
        if data is not None and not isinstance(data, np.ndarray):
            raise TypeError(
                f"Variable needs an ndarray, got {type(data).__name__}; "
                "wrap a number or a list: Variable(np.array(...))"
            )

        self.data = data
        self.name = name
        self.grad = None
        self.creator = None
        self.generation = 0

    def set_creator(self, func):
        self.creator = func
        self.generation = func.generation + 1

    def cleargrad(self):
        """Forget the gradient: the next backward starts from none."""
        self.grad = None

    def backward(self, retain_grad=False):
        """Add to the grad of every variable that this one came from.

        It starts from self.grad, or from ones where it has none.
        Every gradient is an array of its own. With retain_grad,
        computed variables keep theirs, too, to be looked at; these are
        in the way of a second backward: clear them first.

        A ValueError says so if a gradient has another shape than its
        variable.
        """
        if self.grad is None:
            self.grad = as_array(np.ones_like(self.data) * 1.0)

        for function in past_of(self):
            for x, gx in function.input_gradients():
                if x.grad is None:
                    x.grad = np.array(gx)
                else:
                    x.grad = as_array(x.grad + gx)
            if not retain_grad:
                for y in function.living_outputs():
                    y.cleargrad()

    @property
    def shape(self):
        """The length of the data along each axis, a tuple."""
        return self.data.shape

    @property
    def ndim(self):
        """The number of axes."""
        return self.data.ndim

    @property
    def size(self):
        """The number of elements."""
        return self.data.size

    @property
    def dtype(self):
        """The type of the elements, such as float64."""
        return self.data.dtype

    def __len__(self):
        if self.ndim == 0:
            raise TypeError(
                "a variable without axes has no len(); its size is 1"
            )
        return len(self.data)

    def __repr__(self):
        text = textwrap.indent(str(self.data), " " * len("variable("))
        return f"variable({text.strip()})"

    def _repr_svg_(self):
        return svg_of_graph(self)

    def __add__(self, other):
        return add(self, other)

    def __radd__(self, other):
        return add(other, self)

    def __mul__(self, other):
        return mul(self, other)

    def __rmul__(self, other):
        return mul(other, self)

    def __neg__(self):
        return neg(self)

    def __sub__(self, other):
        return sub(self, other)

    def __rsub__(self, other):
        return rsub(self, other)

    def __truediv__(self, other):
        return div(self, other)

    def __rtruediv__(self, other):
        return rdiv(self, other)

    def __pow__(self, other):
        return pow(self, other)

    def __rpow__(self, other):
        return rpow(self, other)


def past_of(variable):
    """Yield the functions behind a variable, latest generation first.

    Each comes once, after all functions that use its outputs.
    """
    queue, seen = [], set()

    def visit(x):
        function = x.creator
        if function is not None and function not in seen:
            seen.add(function)
            heapq.heappush(
                queue, (-function.generation, len(seen), function)
            )

    visit(variable)
    while queue:
        function = heapq.heappop(queue)[-1]
        yield function
        for x in function.inputs:
            visit(x)


class Constant(Variable):
    """A number or an array beside a variable; it gets no gradient."""

    def __init__(self, value):
        super().__init__(None)
        self.data = value  # as it came


def as_array(x):
    """Return x as an array if it is a scalar, and as it is if not."""
    if np.isscalar(x):
        return np.array(x)
    return x


def as_variable(x):
    """Return x as a variable: it stays one, or goes into a new one."""
    if isinstance(x, Variable):
        return x
    return Variable(as_array(x))


class Config:
    """The switches of the package."""

    enable_backprop = True  # whether functions remember their inputs


@contextlib.contextmanager
def using_config(name, value):
    """Return a context manager: in its block, a switch has the value.

    It is used as `with using_config("enable_backprop", False):`, and
    gives the old value back at the end, also after an exception. An
    AttributeError says so if Config has no switch of that name.
    """
    switches = [
        switch for switch in vars(Config) if not switch.startswith("_")
    ]
    if name not in switches:
        raise AttributeError(
            f"using_config needs the name of a switch, got {name!r}; "
            f"Config has {', '.join(switches)}"
        )
    old_value = getattr(Config, name)
    setattr(Config, name, value)
    try:
        yield
    finally:
        setattr(Config, name, old_value)


def no_grad():
    """Return a context manager: in its block, functions remember nothing.

    It is used as `with no_grad():`.
    """
    return using_config("enable_backprop", False)


class Function:
    """A computation from variables to variables, defined in `forward`."""

    def __call__(self, *inputs):
        inputs = [
            x if isinstance(x, Variable) else Constant(x) for x in inputs
        ]
        xs = [x.data for x in inputs]
        ys = self.forward(*xs)
        if not isinstance(ys, tuple):
            ys = (ys,)
        outputs = [Variable(as_array(y)) for y in ys]
        if Config.enable_backprop:
            self.generation = max(x.generation for x in inputs)
            for output in outputs:
                output.set_creator(self)
            self.inputs = inputs
            self.outputs = [weakref.ref(output) for output in outputs]
            self.output_kinds = [
                (output.data.shape, output.data.dtype)
                for output in outputs
            ]
        return outputs if len(outputs) > 1 else outputs[0]

    def forward(self, *xs):
        raise NotImplementedError(
            f"{type(self).__name__} needs a forward method: "
            "def forward(self, x), which takes an array for each input "
            "and returns an array or a tuple of arrays"
        )

    def input_gradients(self):
        """Return a list of pairs, each input and its gradient.

        Constants are left out. An output that is gone, or has no
        gradient, counts as zeros. A ValueError says so if backward does
        not return one gradient for each input, in the input's shape.
        """
        ys = [output() for output in self.outputs]
        gys = [
            np.zeros(shape, dtype)
            if y is None or y.grad is None
            else y.grad
            for y, (shape, dtype) in zip(
                ys, self.output_kinds, strict=True
            )
        ]
        gxs = self.backward(*gys)
        if not isinstance(gxs, tuple):
            gxs = (gxs,)
        if len(gxs) != len(self.inputs):
            raise ValueError(
                f"{type(self).__name__}.backward must return "
                "one gradient for each input, "
                f"{len(self.inputs)} in all, and returned {len(gxs)}"
            )
        pairs = [
            (x, gx)
            for x, gx in zip(self.inputs, gxs, strict=True)
            if not isinstance(x, Constant)
        ]
        for x, gx in pairs:
            if np.shape(gx) != x.shape:
                raise ValueError(
                    f"a gradient from {type(self).__name__}.backward must "
                    f"have the shape of its variable, {x.shape}, "
                    f"got {np.shape(gx)}; give the operands one shape"
                )
        return pairs

    def living_outputs(self):
        """Return the outputs that somebody still holds."""
        return [
            y for output in self.outputs if (y := output()) is not None
        ]

    def backward(self, *gys):
        raise NotImplementedError(
            f"{type(self).__name__} needs a backward method: "
            "def backward(self, gy), which takes a gradient for each "
            "output and returns one for each input"
        )


class Square(Function):
    def forward(self, x):
        return x**2

    def backward(self, gy):
        x = self.inputs[0].data
        gx = 2 * x * gy
        return gx


def square(x):
    """Return the square of the variable x, elementwise."""
    return Square()(x)


class Exp(Function):
    def forward(self, x):
        return np.exp(x)

    def backward(self, gy):
        x = self.inputs[0].data
        gx = np.exp(x) * gy
        return gx


def exp(x):
    """Return e to the power of the variable x, elementwise."""
    return Exp()(x)


def numerical_diff(f, x, eps=1e-4):
    """Return the slope of f at x as an array, by a central difference.

    f takes a Variable, returns a Variable, and acts on each element
    by itself; eps is the step to either side of x.
    """
    x0 = Variable(as_array(x.data - eps))
    x1 = Variable(as_array(x.data + eps))
    y0 = f(x0)
    y1 = f(x1)
    return as_array((y1.data - y0.data) / (2 * eps))


class Add(Function):
    def forward(self, x0, x1):
        return x0 + x1

    def backward(self, gy):
        return gy, gy


def add(x0, x1):
    """Return x0 + x1, elementwise."""
    return Add()(x0, x1)


class Mul(Function):
    def forward(self, x0, x1):
        return x0 * x1

    def backward(self, gy):
        x0, x1 = self.inputs
        return gy * x1.data, gy * x0.data


def mul(x0, x1):
    """Return x0 * x1, elementwise."""
    return Mul()(x0, x1)


class Neg(Function):
    def forward(self, x):
        return -x

    def backward(self, gy):
        return -gy


def neg(x):
    """Return x with the opposite sign, elementwise."""
    return Neg()(x)


class Sub(Function):
    def forward(self, x0, x1):
        return x0 - x1

    def backward(self, gy):
        return gy, -gy


def sub(x0, x1):
    """Return x0 - x1, elementwise."""
    return Sub()(x0, x1)


def rsub(x0, x1):
    """Return x1 - x0, elementwise.

    Called for `x1 - x0` if x1 is no variable.
    """
    return sub(x1, x0)


class Div(Function):
    def forward(self, x0, x1):
        return x0 / x1

    def backward(self, gy):
        x0, x1 = self.inputs[0].data, self.inputs[1].data
        return gy / x1, -gy * x0 / x1 / x1


def div(x0, x1):
    """Return x0 / x1, elementwise."""
    return Div()(x0, x1)


def rdiv(x0, x1):
    """Return x1 / x0, elementwise.

    Called for `x1 / x0` if x1 is no variable.
    """
    return div(x1, x0)


NUMBERS = (int, float, np.integer, np.floating)


class Pow(Function):
    def __init__(self, c):
        self.c = c

    def forward(self, x):
        return x**self.c

    def backward(self, gy):
        x, c = self.inputs[0].data, self.c
        if c == 0:
            return np.zeros_like(gy)  # 0 * x**-1 is no number at 0
        return c * gy * x ** (c - 1)


def pow(x, c):
    """Return x to the power of the number c, elementwise.

    A TypeError says so if c is no real number; a variable exponent
    needs a Function of its own.
    """
    if not isinstance(c, NUMBERS):
        raise TypeError(
            "pow needs a real number as its exponent, "
            f"got {type(c).__name__}; for a variable exponent, "
            "write a Function of two variables"
        )
    return Pow(c)(x)


class RPow(Function):
    def __init__(self, c):
        self.c = c

    def forward(self, x):
        return self.c**x

    def backward(self, gy):
        x, c = self.inputs[0].data, self.c
        return math.log(c) * c**x * gy


def rpow(x, c):
    """Return c to the power of x, elementwise.

    Called for `c**x` if c is no variable. The base c is a number above
    0. A TypeError says so if it is no real number, a ValueError if it
    is not above 0.
    """
    if not isinstance(c, NUMBERS):
        raise TypeError(
            "rpow needs a real number as its base, "
            f"got {type(c).__name__}"
        )
    if not c > 0:
        raise ValueError(
            f"rpow needs a base > 0, got {c}, "
            "whose powers are no real numbers or have no slope"
        )
    return RPow(c)(x)


def setup_variable():
    """Do nothing and return None: the operators stand in the class.

    Programs written for the original DeZero call this.
    """
