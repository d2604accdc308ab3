"""Variables, functions and operators: gradients of any order."""

import copy
import heapq
import math
import textwrap
import weakref

import numpy as np

from dezero import cuda, explain
from dezero.config import Config, is_recording, no_grad, using_config


class Variable:
    """A box that holds one array, its data, and a name if you like.

    data is an ndarray of numbers or None; a TypeError says so if it is
    something else. `==` and the other comparisons compare the values
    and return arrays; `is` tells whether two are one variable.
    """

    name = None
    grad = None
    creator = None
    generation = 0

    def __init__(self, data, name=None):
        if type(data) is not np.ndarray or data.dtype.kind not in "fiub":
            data = explain.as_data(data)
        self.data = data
        if name is not None:
            self.name = name

    def set_creator(self, func):
        self.creator = func
        self.generation = func.generation + 1

    def cleargrad(self):
        """Forget the gradient: the next backward starts from none."""
        self.grad = None

    def to_cpu(self):
        """Move the data to NumPy."""
        if self.data is not None:
            self.data = cuda.as_numpy(self.data)

    def to_gpu(self):
        """Move the data to the graphics card."""
        if self.data is not None:
            self.data = cuda.as_cupy(self.data)

    def backward(self, retain_grad=False, create_graph=False):
        """Add to the grad of every leaf that this variable came from.

        It starts from self.grad, or from ones where it has none.
        Every gradient is a variable. With create_graph, it remembers
        how it was computed, so that it can be asked for gradients in
        its turn. With retain_grad, intermediate variables get theirs,
        too, to be looked at.

        A leaf to which no path leads keeps the grad that it had; grad()
        returns zeros there. If backward fails, every grad is as before.
        """
        gy = ones(self) if self.grad is None else given(self)
        if create_graph:
            with using_config("enable_backprop", True):
                self.accumulate(gy, retain_grad, True)
        else:
            self.accumulate(data_of(gy), retain_grad, False)
        is_kept = retain_grad or self.creator is None
        self.grad = as_variable(gy) if is_kept else None

    def unchain(self):
        """Forget the creator: the variable becomes a leaf."""
        self.creator = None
        self.generation = 0

    def unchain_backward(self):
        """Cut the graph behind this variable into leaves.

        What was computed stays; the backward passes to come end here,
        and memory that only the graph held is freed.
        """
        waiting = [self]
        while waiting:
            x = waiting.pop()
            if isinstance(x, Variable) and x.creator is not None:
                waiting += x.creator.args
                x.unchain()

    def accumulate(self, gy, retain_grad, graph):
        """Add all gradients to those in grad, once the last is known."""
        found = [
            (x, total(x, owned(x, gx, is_new), graph))
            for x, gx, is_new in gradients(self, gy, graph)
            if retain_grad or x.creator is None
        ]
        for x, gx in found:
            x.grad = gx

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

    @property
    def T(self):
        """The transpose, all axes in reversed order."""
        return transpose(self)

    def reshape(self, *shape):
        """Return the elements in another shape; see reshape."""
        return reshape(self, unpacked(shape))

    def transpose(self, *axes):
        """Return it with its axes in another order; see transpose."""
        return transpose(self, unpacked(axes) if axes else None)

    def sum(self, axis=None, keepdims=False):
        """Return the sum over an axis, several, or all; see sum."""
        return sum(self, axis, keepdims)

    def mean(self, axis=None, keepdims=False):
        """Return the mean over an axis, several (a tuple), or all."""
        return np.mean(self, axis=axis, keepdims=keepdims)

    def max(self, axis=None, keepdims=False):
        """Return the largest over an axis, several (a tuple), or all."""
        return np.max(self, axis=axis, keepdims=keepdims)

    def min(self, axis=None, keepdims=False):
        """Return the smallest over an axis, several (a tuple), or all."""
        return np.min(self, axis=axis, keepdims=keepdims)

    def __len__(self):
        if self.ndim == 0:
            raise TypeError(
                "a variable without axes has no len(); its size is 1"
            )
        return len(self.data)

    def __getitem__(self, slices):
        return get_item(self, slices)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __repr__(self):
        text = textwrap.indent(str(self.data), " " * len("variable("))
        return f"variable({text.strip()})"

    def _repr_svg_(self):
        return OURS["_repr_svg_"](self)

    def __format__(self, form):
        return format(self.data, form) if form else repr(self)

    def __bool__(self):
        explain.truth()

    def __eq__(self, other):
        return self.data == data_of(other)

    def __ne__(self, other):
        return self.data != data_of(other)

    def __lt__(self, other):
        return self.data < data_of(other)

    def __le__(self, other):
        return self.data <= data_of(other)

    def __gt__(self, other):
        return self.data > data_of(other)

    def __ge__(self, other):
        return self.data >= data_of(other)

    __hash__ = object.__hash__  # two equal values are two variables

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        if method == "__call__" and not options and ufunc in OURS:
            return OURS[ufunc](*inputs)
        return numpys(ufunc, method, inputs, options)

    def __array_function__(self, function, types, inputs, options):
        return numpys(function, "__call__", inputs, options)

    def __array__(self, dtype=None, copy=None):
        """Become an array in no_grad; else the graph would be lost."""
        if is_recording():
            explain.numpy(np.array, "__call__", {})
        explain.operands("np.array", [self])
        return np.array(self.data, dtype, copy=copy)

    def __dlpack__(self, **options):
        """Give the data to another library, without copying it.

        A BufferError refuses a variable with a graph, which would be
        lost; in no_grad, there is none to lose.
        """
        explain.operands("from_dlpack", [self])
        if self.creator is not None and is_recording():
            explain.no_graph_there()
        return self.data.__dlpack__(**options)

    def __dlpack_device__(self):
        """Return where the data is, as two numbers of DLPack."""
        return self.data.__dlpack_device__()

    def __add__(self, other):
        return Add()(self, other)

    def __radd__(self, other):
        return Add()(other, self)

    def __mul__(self, other):
        return Mul()(self, other)

    def __rmul__(self, other):
        return Mul()(other, self)

    def __neg__(self):
        return Neg()(self)

    def __sub__(self, other):
        return Sub()(self, other)

    def __rsub__(self, other):
        return Sub()(other, self)

    def __truediv__(self, other):
        return Div()(self, other)

    def __rtruediv__(self, other):
        return Div()(other, self)

    def __pow__(self, other):
        return pow(self, other)

    def __rpow__(self, other):
        return rpow(self, other)

    def __abs__(self):
        return np.absolute(self)

    def __matmul__(self, other):
        return matmul(self, other)

    def __rmatmul__(self, other):
        return matmul(other, self)


def unpacked(numbers):
    """Return (2, 3) for the arguments (2, 3), for ((2, 3),) and ([2, 3],)."""
    if len(numbers) == 1 and not isinstance(numbers[0], NUMBERS):
        return numbers[0]
    return numbers


def past_of(variable):
    """Yield the functions behind a variable, latest generation first.

    Each comes once, after all functions that use its outputs.
    """
    queue, seen = [], set()

    def visit(x):
        function = getattr(x, "creator", None)
        if function is not None and function not in seen:
            seen.add(function)
            heapq.heappush(
                queue, (-function.generation, len(seen), function)
            )

    visit(variable)
    while queue:
        function = heapq.heappop(queue)[-1]
        yield function
        for x in function.args:
            visit(x)


new = Variable.__new__
ndarray = np.ndarray
generic = np.generic
asarray = np.asarray


def new_variable(data):
    """Return a variable around an array, without any question."""
    variable = new(Variable)
    variable.data = data
    return variable


def data_of(x):
    """Return the data of a variable, and anything else as it is."""
    return x.data if isinstance(x, Variable) else x


def gradients(start, gy, graph):
    """Yield each variable behind start, with its complete gradient.

    A variable waits in the list of its generation until all functions
    that used it have sent their share. The third that is yielded says
    whether the gradient is in memory of its own. With graph, gradients
    are variables, and computing them leaves a graph; without, they are
    arrays.
    """
    grads, own, asked = {id(start): gy}, set(), set()
    waiting = [[] for _ in range(start.generation)] + [[start]]
    try:
        while waiting:
            for y in waiting.pop():
                key, function = id(y), y.creator
                gy = grads.pop(key)
                if y is not start:
                    yield y, gy, key in own
                if function is None:
                    continue
                gxs = function.vjp(y, gy, graph, grads, asked)
                if type(gxs) is not tuple:
                    gxs = (gxs,)
                for x, gx in zip(function.args, gxs, strict=False):
                    if gx is None or not isinstance(x, Variable):
                        continue
                    if gx.shape != x.data.shape:
                        gx = unbroadcast(function, x, gx, y)
                    key = id(x)
                    if key not in grads:
                        grads[key] = gx
                        waiting[x.generation].append(x)
                        if x.creator is None and isinstance(gx, Variable):
                            known = [gy, y, *function.args]
                            known += [g for g in gxs if g is gx][1:]
                            if is_computed(gx, known):
                                own.add(key)
                    elif key in own and not isinstance(gx, Variable):
                        grads[key] += gx  # in place, if it is an array
                    else:
                        grads[key] = grads[key] + gx
                        own.add(key)
    except (AttributeError, TypeError) as error:
        explain.operands(function, function.args, error)
        raise


def is_computed(gx, known):
    """Return whether gx was computed anew, in memory of its own."""
    if gx.creator is None or gx.data.base is not None:
        return False
    return all(gx is not other for other in known)


def unbroadcast(function, x, gx, y):
    """Return gx summed over the axes along which x was stretched."""
    explain.gradient_shape(function, x, gx, y)
    return SumTo(x.shape).apply(gx)


def zeros(x):
    """Return the gradient of a variable to which no path leads."""
    return new_variable(np.zeros_like(x.data, slope_dtype(x)))


def grad(y, xs, create_graph=False):
    """Return the gradient of y with respect to each of xs, a list.

    xs are variables; of a single variable, it returns the gradient
    itself. Zeros say that no path leads from y to it. The grad of no
    variable is read or changed. With create_graph, the gradients
    remember how they were computed.
    """
    if isinstance(xs, Variable):
        return grad(y, [xs], create_graph)[0]
    found = {id(y): new_variable(ones(y))}
    wanted = {id(x) for x in xs}
    with using_config("enable_backprop", create_graph):
        for x, gx, is_new in gradients(y, ones(y), create_graph):
            if id(x) in wanted:
                found[id(x)] = owned(x, gx, is_new and x.creator is None)
    return [found[id(x)] if id(x) in found else zeros(x) for x in xs]


class Constant(Variable):
    """A number or an array beside a variable; it gets no gradient."""

    def __init__(self, value):
        self.data = value  # as it came


class Parameter(Variable):
    """A variable that an optimizer changes; its data may come later."""


class Buffer(Variable):
    """A variable that is saved with the parameters, but not trained."""


def as_array(x):
    """Return x as an array if it is a scalar, and as it is if not."""
    return np.asarray(x) if np.isscalar(x) else x


def as_variable(x):
    """Return x as a variable: it stays one, or goes into a new one."""
    return x if isinstance(x, Variable) else Variable(as_array(x))


FLOAT = np.dtype(float)


def slope_dtype(x):
    """Return the dtype of the gradient of x: its own, or float64."""
    dtype = x.data.dtype
    return dtype if dtype.kind == "f" else explain.slope_dtype(dtype)


def ones(y):
    """Return the gradient of y with respect to itself, an array."""
    if not isinstance(y.data, ndarray):
        explain.operands("backward", [y])
    gy = y.data.astype(slope_dtype(y))
    gy.fill(1)
    return gy


def given(x):
    """Return x.grad as a variable of the shape and dtype of x."""
    g, dtype = x.grad, slope_dtype(x)
    array = explain.as_grad(g, x)
    if not isinstance(g, Variable):
        g = Variable(array)
    return g if array.dtype == dtype else Copy(dtype)(g)


def owned(x, gx, is_new):
    """Return gx as a variable in the dtype of x, in its own memory."""
    dtype = x.data.dtype if x.data.dtype.kind == "f" else slope_dtype(x)
    if isinstance(gx, Variable):
        is_mine = is_new and gx.data.dtype == dtype
        return gx if is_mine else Copy(dtype)(gx)
    if isinstance(gx, generic):
        return new_variable(asarray(gx, dtype))
    return new_variable(gx.astype(dtype, copy=not is_new))


def total(x, gx, graph):
    """Return the sum of x.grad, if there is one, and gx."""
    if x.grad is None:
        return gx
    if graph:
        return given(x) + gx
    return new_variable(as_array(given(x).data + gx.data))


class Function:
    """A computation from variables to variables, defined in `forward`.

    forward gets an array for each input and returns an array, or a
    tuple of arrays. backward gets a gradient for each output, as a
    variable, and returns one for each input: variables, or without
    create_graph also arrays or numbers. Inputs for which it returns
    None, or nothing, get no gradient.
    """

    args = None
    outputs = ()

    def __call__(self, *inputs):
        if self.args is not None:  # each call is a node of its own
            self = copy.copy(self)
        try:
            args = as_args(inputs)
            ys = self.forward(*map(data_of, args))
        except Exception as error:
            explain.forward(self, inputs, error)
            raise
        outputs = [
            new_variable(explain.as_result(self, inputs, y))
            for y in (ys if isinstance(ys, tuple) else (ys,))
        ]
        if is_recording():
            self.args = args
            for y in outputs:
                y.set_creator(self)
            self.outputs = [weakref.ref(y) for y in outputs]
            self.output_kinds = [(y.shape, y.dtype) for y in outputs]
        return outputs if len(outputs) > 1 else outputs[0]

    @property
    def inputs(self):
        """The inputs as variables; numbers and arrays as constants."""
        return tuple(
            x if isinstance(x, Variable) else Constant(x)
            for x in self.args
        )

    @property
    def generation(self):
        """The largest generation of the inputs."""
        return max(x.generation for x in self.inputs)

    def vjp(self, y, gy, graph, grads, asked):
        """Return the gradients of the inputs, asking backward once."""
        if len(self.outputs) > 1:
            if self in asked:
                return ()
            asked.add(self)
        ys = [output() for output in self.outputs]
        if len(ys) == 1 and ys[0] is not y:
            ys, self.outputs = [y], [weakref.ref(y)]  # y is a copy
        if all(output is not y for output in ys):
            explain.copied(self)
        gys = []
        kinds = self.output_kinds
        for output, (shape, dtype) in zip(ys, kinds, strict=True):
            g = gy if output is y else grads.get(id(output))
            if g is None:
                g = np.zeros_like(y.data, dtype, shape=shape)
            gys.append(as_variable(g))
        with using_config("enable_backprop", graph):
            gxs = explain.as_gradients(self, self.backward(*gys), graph)
            return tuple(
                gx if gx is None else self.converted(gx, graph, ys)
                for gx in gxs
            )

    def converted(self, gx, graph, ys):
        """Return what backward returned: a variable for a graph."""
        if not graph:
            gx = as_array(data_of(gx))
            return gx if gx.dtype.kind in "fc" else gx.astype(float)
        gx = as_variable(gx)
        is_output = any(gx is y for y in ys)
        return Copy(gx.dtype)(gx) if is_output else gx

    def forward(self, *xs):
        explain.missing(self, "forward")

    def backward(self, *gys):
        explain.missing(self, "backward")


class Operation(Function):
    """A function whose derivative is a rule, with one output.

    rule(gy, y, *xs) returns a gradient for each input, in NumPy's names
    alone. Given arrays, it computes arrays; given variables, it leaves
    a graph. forward gets numbers and arrays as they came.
    """

    def __call__(self, *inputs):
        if self.args is not None:  # each call is a node of its own
            self = copy.copy(self)
        xs, generation = [], 0
        for x in inputs:
            if isinstance(x, Variable):
                if x.generation > generation:
                    generation = x.generation
                xs.append(x.data)
            else:
                xs.append(x)
        try:
            data = self.forward(*xs)
        except Exception as error:
            explain.forward(self, inputs, error)
            raise
        if isinstance(data, generic):
            data = asarray(data)
        elif type(data) is not ndarray:
            data = explain.as_result(self, inputs, data)
        y = new(Variable)
        y.data = data
        if is_recording():
            self.args = inputs
            y.creator = self
            y.generation = generation + 1
        return y

    def apply(self, *xs):
        """Return a variable if one of xs is a variable, else an array."""
        for x in xs:
            if isinstance(x, Variable):
                return self(*xs)
        return self.forward(*xs)

    def needs(self, i):
        """Return whether the input number i gets a gradient."""
        return self.args is None or isinstance(self.args[i], Variable)

    def vjp(self, y, gy, graph, grads, asked):
        if graph:
            return self.rule(gy, y, *self.args)
        xs = []
        for x in self.args:
            xs.append(x.data if isinstance(x, Variable) else x)
        return self.rule(gy, y.data, *xs)

    def rule(self, gy, y, *xs):
        explain.missing(self, "rule")

    def backward(self, *gys):
        """Return what the rule gives; for programs that call it themselves."""
        (gy,) = gys
        return self.rule(gy, self(*self.args), *self.args)


class Copy(Operation):
    """The same values in an array of its own, of the given dtype."""

    def __init__(self, dtype):
        self.dtype = dtype

    def forward(self, x):
        return x.astype(self.dtype)

    def rule(self, gy, y, x):
        return gy


class SumTo(Operation):
    """The sum over the axes along which an array was stretched."""

    def __init__(self, shape):
        self.shape = shape
        self.expects = f"a shape to which {shape} broadcasts"

    def forward(self, x):
        new = x.ndim - len(self.shape)
        ones = [i for i, n in enumerate(self.shape, new) if n == 1]
        y = x.sum(axis=(*range(new), *ones), keepdims=True)
        if y.shape[new:] != self.shape:
            raise ValueError(f"{self.shape} does not fit {x.shape}")
        return y.reshape(self.shape)

    def rule(self, gy, y, x):
        return BroadcastTo(x.shape).apply(gy)


def sum_to(x, shape):
    """Return x summed over the axes along which shape was stretched.

    It undoes broadcast_to: shape must broadcast to the shape of x.
    """
    return SumTo(as_shape(shape))(x)


class BroadcastTo(Operation):
    """The same elements, repeated along new axes and axes of one."""

    def __init__(self, shape):
        self.shape = shape
        self.expects = f"a shape that broadcasts to {shape}"

    def forward(self, x):
        return np.broadcast_to(x, self.shape)

    def rule(self, gy, y, x):
        return SumTo(x.shape).apply(gy)


def broadcast_to(x, shape):
    """Return x repeated along new axes and axes of length 1."""
    return BroadcastTo(as_shape(shape))(x)


def as_shape(shape):
    """Return a shape as a tuple; a number is the length of one axis."""
    return (shape,) if isinstance(shape, NUMBERS) else tuple(shape)


class Reshape(Operation):
    """The same elements in the same order, in another shape."""

    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        return x.reshape(self.shape)

    def rule(self, gy, y, x):
        return gy.reshape(x.shape)


def reshape(x, shape):
    """Return the elements of x, in their order, in another shape.

    One length in shape may be -1: it becomes what is left.
    """
    return Reshape(shape)(x)


def expand_dims(x, axis):
    """Return x with a new axis of length 1 at the given place."""
    return reshape(x, np.expand_dims(data_of(x), axis).shape)


def flatten(x):
    """Return x (N, ...) as (N, D): one row for each example."""
    return reshape(x, (len(x), math.prod(x.shape[1:])))


class Transpose(Operation):
    """The same elements, with the axes in another order."""

    def __init__(self, axes):
        self.axes = axes

    def forward(self, x):
        return x.transpose(self.axes)

    def rule(self, gy, y, x):
        if self.axes is None:
            return gy.transpose()
        places = [axis % x.ndim for axis in self.axes]
        return gy.transpose(sorted(range(x.ndim), key=places.__getitem__))


def transpose(x, axes=None):
    """Return x with its axes in the given order, reversed without.

    Axis i of the result is axis axes[i] of x.
    """
    if axes is not None:
        axes = tuple(unpacked((axes,)))
    return Transpose(axes)(x)


class Sum(Operation):
    """The sum over some axes, or over all."""

    def __init__(self, axis, keepdims):
        self.axis, self.keepdims = axis, keepdims

    def forward(self, x):
        return x.sum(axis=self.axis, keepdims=self.keepdims)

    def rule(self, gy, y, x):
        gy = gy.reshape(kept(x.shape, self.axis))
        return BroadcastTo(x.shape).apply(gy)


def kept(shape, axis):
    """Return the shape that a sum over axis has with keepdims."""
    if axis is None or not shape:
        return (1,) * len(shape)
    axes = axis if isinstance(axis, tuple) else (axis,)
    lengths = list(shape)
    for i in axes:
        lengths[i] = 1
    return tuple(lengths)


def sum(x, axis=None, keepdims=False):
    """Return the sum of x over an axis, several (a tuple), or all.

    With keepdims, the axes stay, with length 1. Negative axes count
    from the last.
    """
    return Sum(axis, keepdims)(x)


class MatMul(Operation):
    expects = "x (..., N, D) and W (..., D, H)"

    def forward(self, x, W):
        return x @ W

    def rule(self, gy, y, x, W):
        if not x.ndim == W.ndim == 2:
            return self.stacked(gy, x, W)
        gx = gy @ W.T if self.needs(0) else None
        gW = x.T @ gy if self.needs(1) else None
        return gx, gW

    def stacked(self, gy, x, W):
        """Return the gradients of vectors or stacks of matrices."""
        row, column = x.ndim == 1, W.ndim == 1
        X = x.reshape(1, -1) if row else x
        V = W.reshape(-1, 1) if column else W
        lengths = list(gy.shape)
        if column:
            lengths.append(1)
        if row:
            lengths.insert(-1, 1)
        gy = gy.reshape(tuple(lengths))
        gx = gW = None
        if self.needs(0):
            gx = SumTo(X.shape).apply(gy @ turned(V)).reshape(x.shape)
        if self.needs(1):
            gW = SumTo(V.shape).apply(turned(X) @ gy).reshape(W.shape)
        return gx, gW


def turned(x):
    """Return a stack of matrices with each transposed."""
    *others, row, column = range(x.ndim)
    return x.transpose((*others, column, row))


def matmul(x, W):
    """Return the matrix product of x (..., N, D) and W (..., D, H).

    A vector, of shape (D,), counts as one row on the left and as one
    column on the right, and the result is without that axis. Further
    axes are broadcast: one product for each pair of matrices. A list is
    made an array.
    """
    x, W = (np.array(v) if isinstance(v, list) else v for v in (x, W))
    return MatMul()(x, W)


class GetItem(Operation):
    """The elements at an index."""

    def __init__(self, index):
        self.index = index

    def forward(self, x):
        return x[self.index]

    def rule(self, gy, y, x):
        return ScatterAdd(self.index, x.shape).apply(gy)


class ScatterAdd(Operation):
    """Zeros, to which the elements are added at an index."""

    def __init__(self, index, shape):
        self.index, self.shape = index, shape

    def forward(self, gy):
        gx = np.zeros_like(gy, shape=self.shape)
        if may_repeat(self.index):
            cuda.add_at(gx, self.index, gy)
        else:
            gx[self.index] = gy
        return gx

    def rule(self, g, z, gy):
        return g[self.index]


def may_repeat(index):
    """Return whether an index can name an element twice."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(
        isinstance(part, (list, tuple))
        or (hasattr(part, "dtype") and part.dtype.kind != "b")
        for part in parts
    )


def get_item(x, slices):
    """Return x[slices]; what is picked twice gets both gradients.

    slices is what NumPy takes between brackets: numbers, slices, arrays
    of integers or of truth values, and tuples of them; a variable
    stands for its data.
    """
    if isinstance(slices, tuple):
        return GetItem(tuple(map(data_of, slices)))(x)
    return GetItem(data_of(slices))(x)


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


class Add(Operation):
    def forward(self, x0, x1):
        return x0 + x1

    def rule(self, gy, y, x0, x1):
        return gy, gy


def add(x0, x1):
    """Return x0 + x1, elementwise."""
    return Add()(x0, x1)


class Mul(Operation):
    def forward(self, x0, x1):
        return x0 * x1

    def rule(self, gy, y, x0, x1):
        gx0 = gy * x1 if self.needs(0) else None
        gx1 = gy * x0 if self.needs(1) else None
        return gx0, gx1


def mul(x0, x1):
    """Return x0 * x1, elementwise."""
    return Mul()(x0, x1)


class Neg(Operation):
    def forward(self, x):
        return -x

    def rule(self, gy, y, x):
        return -gy


def neg(x):
    """Return x with the opposite sign, elementwise."""
    return Neg()(x)


class Sub(Operation):
    def forward(self, x0, x1):
        return x0 - x1

    def rule(self, gy, y, x0, x1):
        return gy, -gy if self.needs(1) else None


def sub(x0, x1):
    """Return x0 - x1, elementwise."""
    return Sub()(x0, x1)


def rsub(x0, x1):
    """Return x1 - x0, elementwise.

    Called for `x1 - x0` if x1 is no variable.
    """
    return Sub()(x1, x0)


class Div(Operation):
    def forward(self, x0, x1):
        return x0 / x1

    def rule(self, gy, y, x0, x1):
        gx0 = gy / x1
        return gx0, -gx0 * y if self.needs(1) else None


def div(x0, x1):
    """Return x0 / x1, elementwise."""
    return Div()(x0, x1)


def rdiv(x0, x1):
    """Return x1 / x0, elementwise.

    Called for `x1 / x0` if x1 is no variable.
    """
    return Div()(x1, x0)


NUMBERS = (int, float, np.integer, np.floating)


def as_args(inputs):
    """Return inputs for a forward that takes arrays alone.

    A Python number takes the dtype of the first variable beside it.
    """
    first = next((x.data for x in inputs if isinstance(x, Variable)), 0)
    return tuple(
        np.array(x, np.result_type(first, x))
        if isinstance(x, NUMBERS)
        else x
        for x in inputs
    )


class Pow(Operation):
    """k * x**c for numbers c and k; so is its derivative, and so on."""

    def __init__(self, c, k=1):
        self.c, self.k = c, k

    def forward(self, x):
        if self.k == 0:
            return np.zeros_like(x)  # 0 * x**-1 is no number at 0
        return x**self.c if self.k == 1 else self.k * x**self.c

    def rule(self, gy, y, x):
        return gy * Pow(self.c - 1, float(self.k * self.c)).apply(x)


class Power(Operation):
    """x0**x1, with a variable or an array as the exponent."""

    def forward(self, x0, x1):
        return x0**x1

    def rule(self, gy, y, x0, x1):
        gx0 = gx1 = None
        if self.needs(0):
            less = (x0 != 0) | (x1 != 0)  # 0 * 0**-1 is no number
            gx0 = gy * (x1 * x0 ** (1.0 * x1 - less))
        if self.needs(1):
            gx1 = gy * (y * np.log(x0 + (x0 == 0)))  # 0**x1 is flat
        return gx0, gx1


def pow(x, c):
    """Return x to the power of c, elementwise.

    Either may be a variable, an array or a number. Where x and c are
    0, the derivatives are 0; the derivative by c is 0 where x is 0. A
    ValueError says so if a number x, below a variable exponent, is not
    above 0.
    """
    if isinstance(c, NUMBERS):
        return Pow(c.item() if isinstance(c, np.generic) else c)(x)
    if isinstance(x, NUMBERS):
        return rpow(c, x)
    lists = (list, tuple)
    x, c = (np.array(v) if isinstance(v, lists) else v for v in (x, c))
    return Power()(x, c)


class RPow(Operation):
    """c**x for a number c above 0."""

    def __init__(self, c):
        self.c = c

    def forward(self, x):
        return self.c**x

    def rule(self, gy, y, x):
        return gy * (math.log(self.c) * y)


def rpow(x, c):
    """Return c to the power of x, elementwise.

    Called for `c**x` if c is no variable. A ValueError says so if c is
    a number that is not above 0.
    """
    if not isinstance(c, NUMBERS):
        return pow(c, x)
    if not c > 0:
        explain.base(c)
    return RPow(c.item() if isinstance(c, np.generic) else c)(x)


def setup_variable():
    """Do nothing and return None: the operators stand in the class.

    Programs written for the original DeZero call this.
    """


OURS = {
    np.add: add,
    np.multiply: mul,
    np.negative: neg,
    np.subtract: sub,
    np.divide: div,
    np.power: pow,
    np.reshape: reshape,
    np.expand_dims: expand_dims,
    np.transpose: transpose,
    np.sum: sum,
    np.broadcast_to: broadcast_to,
    np.matmul: matmul,
}  # NumPy's functions, and those of ours that answer for them


def answers(function):
    """Return a decorator: what it marks answers for NumPy's function."""

    def register(ours):
        OURS[function] = ours
        return ours

    return register


QUESTIONS = {
    np.allclose,
    np.argmax,
    np.argmin,
    np.array_equal,
    np.equal,
    np.greater,
    np.greater_equal,
    np.isclose,
    np.isfinite,
    np.isinf,
    np.isnan,
    np.less,
    np.less_equal,
    np.ndim,
    np.not_equal,
    np.ones_like,
    np.shape,
    np.sign,
    np.size,
    np.zeros_like,
}  # whose answers have no slope: they are asked of the data


def numpys(function, method, inputs, options):
    """Return what a function of NumPy gives for variables."""
    if method == "__call__" and "out" not in options:
        if function in OURS:
            return OURS[function](*inputs, **options)
        if function in QUESTIONS:
            options = {name: data_of(x) for name, x in options.items()}
            return function(*map(data_of, inputs), **options)
    explain.numpy(function, method, options)
