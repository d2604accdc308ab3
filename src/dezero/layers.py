"""Layers: functions with parameters, for `import dezero.layers as L`."""

import numpy as np

from dezero.core import Parameter, as_variable
from dezero.functions import linear


class Layer:
    """A function with parameters, and layers inside it.

    A subclass defines forward, and may assign parameters, layers, and
    lists, tuples and dicts of them to its attributes in any method.
    """

    def __call__(self, *inputs):
        return self.forward(*inputs)

    def forward(self, *inputs):
        raise NotImplementedError(
            f"{type(self).__name__} needs a forward method: "
            "def forward(self, x), which takes and returns variables"
        )

    def named_params(self):
        """Yield each parameter once, with its path: ("layers.0.W", W).

        They come in the order of their assignment. A parameter with
        several paths has the first.
        """
        yield from found_in(self, "", set())

    def params(self):
        """Yield the parameters, each once, in the order of assignment."""
        for _, parameter in self.named_params():
            yield parameter

    def cleargrads(self):
        """Forget the gradient of every parameter."""
        for parameter in self.params():
            parameter.cleargrad()

    def __repr__(self):
        shapes = [f"{p} {shape_of(x)}" for p, x in self.named_params()]
        return f"{type(self).__name__}({', '.join(shapes)})"


def found_in(value, path, seen):
    """Yield the parameters in a layer or a container, with their paths."""
    if id(value) in seen:
        return
    if isinstance(value, Parameter):
        seen.add(id(value))
        yield path, value
    elif isinstance(value, (Layer, dict, list, tuple)):
        seen.add(id(value))
        for name, part in parts_of(value):
            inner = f"{path}.{name}" if path else str(name)
            yield from found_in(part, inner, seen)


def parts_of(value):
    """Return the names and values in a layer or a container."""
    if isinstance(value, Layer):
        return vars(value).items()
    return value.items() if isinstance(value, dict) else enumerate(value)


def shape_of(parameter):
    """Return the shape of a parameter as text, "?" if it has no data."""
    return "?" if parameter.data is None else str(parameter.shape)


class Linear(Layer):
    """x @ W + b, with the parameters W (D, H) and b (H,).

    out_size is H. in_size is D; without it, the first x tells, and W is
    made then, of normal numbers with the standard deviation
    1 / sqrt(D) (LeCun and others, Efficient BackProp, 1998). b begins
    at zero; with nobias, there is none.
    """

    def __init__(
        self, out_size, nobias=False, dtype=np.float32, in_size=None
    ):
        self.in_size, self.out_size = in_size, out_size
        self.dtype = dtype
        self.W = Parameter(None, name="W")
        self.b = None
        if not nobias:
            self.b = Parameter(np.zeros(out_size, dtype), name="b")
        if in_size is not None:
            self.init_W()

    def init_W(self):
        W = np.random.randn(self.in_size, self.out_size)
        self.W.data = (W / np.sqrt(self.in_size)).astype(self.dtype)

    def forward(self, x):
        if self.W.data is None:
            self.in_size = as_variable(x).shape[-1]
            self.init_W()
        return linear(x, self.W, self.b)
