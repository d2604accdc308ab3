"""Layers: functions with parameters, for `import dezero.layers as L`."""

import re

import numpy as np

from dezero import cuda, explain
from dezero.config import is_recording
from dezero.core import Buffer, Parameter, as_variable, data_of
from dezero.cuda import as_numpy, like
from dezero.files import check_arrays, load_arrays, save_arrays
from dezero.functions import (
    Joined,
    attention_weights,
    batch_norm,
    causal_mask,
    gelu,
    layer_norm,
    linear,
    lstm_cell,
    lstm_gates,
    lstm_output,
    parts,
    sigmoid,
    tanh,
)
from dezero.functions_conv import conv2d, deconv2d
from dezero.utils import pair


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

    def named_saved(self):
        """Yield what is saved, parameters and buffers, with its path."""
        yield from found_in(self, "", set(), (Parameter, Buffer))

    def params(self):
        """Yield the parameters, each once, in the order of assignment."""
        for _, parameter in self.named_params():
            yield parameter

    def cleargrads(self):
        """Forget the gradient of every parameter."""
        for parameter in self.params():
            parameter.cleargrad()

    def to_cpu(self):
        """Move all parameters and buffers to NumPy."""
        for _, variable in self.named_saved():
            variable.to_cpu()

    def to_gpu(self):
        """Move all parameters and buffers to the graphics card."""
        for _, variable in self.named_saved():
            variable.to_gpu()

    def save_weights(self, path):
        """Write all parameters and buffers into a file, under their paths.

        The file has the format npz. A ValueError names those that have
        no data yet; run the layer once, or give it its in_size.
        """
        named = dict(self.named_saved())
        empty = [p for p, x in named.items() if x.data is None]
        if empty:
            raise ValueError(
                f"{path} was not written: {', '.join(empty)} have no "
                "data yet; call the model once before you save it"
            )
        save_arrays(path, {p: as_numpy(x) for p, x in named.items()})

    def load_weights(self, path):
        """Take all parameters from a file that save_weights wrote.

        Files of the original DeZero are read, too. A ValueError lists
        every name that is missing or too many in the file, and every
        shape that is not that of the parameter; then nothing is loaded.
        """
        named = dict(self.named_saved())
        arrays = {here(k, named): v for k, v in load_arrays(path).items()}
        shapes = {p: data_shape(x) for p, x in named.items()}
        check_arrays(path, arrays, shapes, needed=named)
        for name, parameter in named.items():
            set_data(parameter, arrays[name])

    def __repr__(self):
        named = list(self.named_params())
        size = sum(x.size for _, x in named if x.data is not None)
        parts = [f"{path} {shape_of(x)}" for path, x in named]
        parts.append(f"{size:,} numbers")
        return f"{type(self).__name__}({', '.join(parts)})"


def data_shape(parameter):
    """Return the shape of a parameter, None if it has no data."""
    return None if parameter.data is None else parameter.shape


def here(name, named):
    """Return a name of the original, such as l0/W, as a path of ours."""
    if name in named:
        return name
    path = name.replace("/", ".")
    return path if path in named else re.sub(r"\bl(\d)", r"layers.\1", path)


def set_data(parameter, array):
    """Put an array into a parameter, where its old data were."""
    if parameter.data is not None:
        array = like(array.astype(parameter.dtype), parameter)
    parameter.data = array


def found_in(value, path, seen, kinds=Parameter):
    """Yield the parameters in a layer or a container, with their paths."""
    if id(value) in seen:
        return
    if isinstance(value, kinds):
        seen.add(id(value))
        yield path, value
    elif isinstance(value, (Layer, dict, list, tuple)):
        seen.add(id(value))
        for name, part in parts_of(value):
            inner = f"{path}.{name}" if path else str(name)
            yield from found_in(part, inner, seen, kinds)


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
            self.W.data = like(self.W.data, x)
        return linear(x, self.W, self.b)


class Conv2d(Layer):
    """conv2d with the parameters W (OC, C, KH, KW) and b (OC,).

    out_channels is OC, in_channels C; without it, the first x tells.
    kernel_size, stride and pad are numbers, or pairs for height and
    width. W begins with normal numbers, of the standard deviation
    1 / sqrt(C * KH * KW), and b at zero; with nobias, there is none.
    """

    function = staticmethod(conv2d)

    def __init__(
        self,
        out_channels,
        kernel_size,
        stride=1,
        pad=0,
        nobias=False,
        dtype=np.float32,
        in_channels=None,
    ):
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = pair(kernel_size)
        self.stride, self.pad, self.dtype = stride, pad, dtype
        self.W = Parameter(None, name="W")
        self.b = None
        if not nobias:
            self.b = Parameter(np.zeros(out_channels, dtype), name="b")
        if in_channels is not None:
            self.init_W()

    def shape(self):
        """Return the shape of W."""
        return self.out_channels, self.in_channels, *self.kernel_size

    def init_W(self):
        KH, KW = self.kernel_size
        scale = 1 / np.sqrt(self.in_channels * KH * KW)
        W = scale * np.random.randn(*self.shape())
        self.W.data = W.astype(self.dtype)

    def forward(self, x):
        if self.W.data is None:
            shape = as_variable(x).shape
            explain.images(self, shape)
            self.in_channels = shape[1]
            self.init_W()
            self.W.data = like(self.W.data, x)
        return self.function(x, self.W, self.b, self.stride, self.pad)


class Deconv2d(Conv2d):
    """deconv2d with the parameters W (C, OC, KH, KW) and b (OC,).

    The arguments are those of Conv2d.
    """

    function = staticmethod(deconv2d)

    def shape(self):
        """Return the shape of W."""
        return self.in_channels, self.out_channels, *self.kernel_size


class BatchNorm(Layer):
    """batch_norm with the parameters gamma and beta (C,).

    avg_mean and avg_var (C,) follow the means and variances of the
    batches in training, and are used in test_mode. The first x tells C.
    decay and eps are those of batch_norm.
    """

    def __init__(self, decay=0.9, eps=2e-5):
        self.decay, self.eps = decay, eps
        self.avg_mean, self.avg_var = Buffer(None), Buffer(None)
        self.gamma = Parameter(None, name="gamma")
        self.beta = Parameter(None, name="beta")

    def forward(self, x):
        if self.gamma.data is None:
            self.init_params(data_of(x))
        return batch_norm(
            x,
            self.gamma,
            self.beta,
            self.avg_mean.data,
            self.avg_var.data,
            self.decay,
            self.eps,
        )

    def init_params(self, x):
        C = x.shape[1]
        for variable, value in (
            (self.avg_mean, 0),
            (self.avg_var, 1),
            (self.gamma, 1),
            (self.beta, 0),
        ):
            if variable.data is None:
                variable.data = np.full_like(x, value, shape=C)


class RNN(Layer):
    """A recurrent layer (Elman, 1990): h = tanh(x W + b + h_old U).

    x is (N, D), the result h (N, H), the state. hidden_size is H;
    in_size is D, without it the first x tells.
    """

    def __init__(self, hidden_size, in_size=None):
        self.x2h = Linear(hidden_size, in_size=in_size)
        self.h2h = Linear(hidden_size, in_size=hidden_size, nobias=True)
        self.reset_state()

    def reset_state(self):
        """Forget the state: the next x begins a new sequence."""
        self.h = None

    def forward(self, x):
        new = self.x2h(x)
        if self.h is not None:
            explain.rows(self, x)
            new = new + self.h2h(self.h)
        self.h = tanh(new)
        return self.h


class Joint:
    """Parameters side by side in one variable, in the same memory."""

    def __init__(self, parameters):
        self.whole = Joined()(*parameters)
        self.slices = parts(self.whole.data, len(parameters))
        for parameter, part in zip(parameters, self.slices):
            if parameter.dtype == part.dtype:
                parameter.data = part

    def holds(self, parameters):
        """Return whether their data are here, and their graph is."""
        if is_recording() and self.whole.creator is None:
            return False
        for parameter, part in zip(parameters, self.slices):
            if parameter.data is not part:
                return False
            if part.base is not self.whole.data:  # after a deepcopy
                return False
        return True


class LSTM(Layer):
    """A layer with long short-term memory (Hochreiter, Schmidhuber, 1997).

    x is (N, D), the result h (N, H); h and the cell c (N, H) are the
    state. hidden_size is H; in_size is D, without it the first x tells.
    With the forget gate of Gers, Schmidhuber and Cummins (2000).
    """

    def __init__(self, hidden_size, in_size=None):
        H, D = hidden_size, in_size
        self.x2f = Linear(H, in_size=D)
        self.x2i = Linear(H, in_size=D)
        self.x2o = Linear(H, in_size=D)
        self.x2u = Linear(H, in_size=D)
        self.h2f = Linear(H, in_size=H, nobias=True)
        self.h2i = Linear(H, in_size=H, nobias=True)
        self.h2o = Linear(H, in_size=H, nobias=True)
        self.h2u = Linear(H, in_size=H, nobias=True)
        self.joints = []
        self.reset_state()

    def reset_state(self):
        """Forget the state: the next x begins a new sequence."""
        self.h = self.c = None

    def forward(self, x):
        if self.h is None:
            self.x2f(x)  # there is no cell yet, but it learns its in_size
            self.c = sigmoid(self.x2i(x)) * tanh(self.x2u(x))
            self.h = sigmoid(self.x2o(x)) * tanh(self.c)
            return self.h
        explain.rows(self, x)
        W, b, U = self.joined()
        gates = lstm_gates(x, W, b, self.h, U)
        self.c = lstm_cell(gates, self.c)
        self.h = lstm_output(gates, self.c)
        return self.h

    def joined(self):
        """Return W, b and U of all four gates, three variables."""
        x2 = self.x2f, self.x2i, self.x2o, self.x2u
        h2 = self.h2f, self.h2i, self.h2o, self.h2u
        kinds = (
            [layer.W for layer in x2],
            [layer.b for layer in x2],
            [layer.W for layer in h2],
        )
        pairs = zip(self.joints, kinds)
        if not self.joints or not all(j.holds(ps) for j, ps in pairs):
            self.joints = [Joint(parameters) for parameters in kinds]
        return [joint.whole for joint in self.joints]


class EmbedID(Layer):
    """A row of the parameter W (in_size, out_size) for each number.

    x are integers from 0 to in_size - 1, of any shape; the result has
    an axis more, of length out_size. A number that is too large is an
    IndexError. Words have such rows since Bengio and others (2003).
    """

    def __init__(self, in_size, out_size):
        W = np.random.randn(in_size, out_size).astype(np.float32)
        self.W = Parameter(W, name="W")

    def forward(self, x):
        return self.W[x]


class KeyValues:
    """The keys and values of a text so far, for one layer of attention.

    They are arrays (N, heads, T, size / heads); no gradient flows back
    through them.
    """

    def __init__(self):
        self.k = self.v = None

    def __len__(self):
        return 0 if self.k is None else self.k.shape[2]

    def add(self, k, v):
        """Append those of new positions, and return those of all."""
        k, v = data_of(k), data_of(v)
        if self.k is not None:
            xp = cuda.get_array_module(k)
            k = xp.concatenate([self.k, k], axis=2)
            v = xp.concatenate([self.v, v], axis=2)
        self.k, self.v = k, v
        return k, v


class MultiHeadAttention(Layer):
    """Rows that take from one another (Vaswani and others, 2017).

    x is (N, T, size): N texts of T positions. heads is the number of
    parts into which the rows are cut, each with attention of its own;
    with causal, a position sees itself and those before it. Of a text
    that grows, pass the new rows alone, and the same KeyValues each time.
    """

    def __init__(self, size, heads=1, causal=False):
        explain.heads(size, heads)
        self.heads, self.causal = heads, causal
        self.q = Linear(size, in_size=size)
        self.k = Linear(size, in_size=size)
        self.v = Linear(size, in_size=size)
        self.out = Linear(size, in_size=size)

    def weights(self, x):
        """Return how each position looks at each, (N, heads, T, T)."""
        return self.look(x, self.split(self.k(x)))

    def split(self, x):
        """Return a part for each head, (N, heads, T, size / heads)."""
        N, T, size = x.shape
        parts = x.reshape(N, T, self.heads, size // self.heads)
        return parts.transpose(0, 2, 1, 3)

    def forward(self, x, cache=None):
        k, v = self.split(self.k(x)), self.split(self.v(x))
        if cache is not None:
            explain.cached(self)
            k, v = cache.add(k, v)
        y = self.look(x, k) @ v
        return self.out(y.transpose(0, 2, 1, 3).reshape(x.shape))

    def look(self, x, k):
        """Return how the rows look at keys, of which they are the last."""
        T, M = x.shape[1], k.shape[2]
        mask = causal_mask(T, M) if self.causal else None
        return attention_weights(self.split(self.q(x)), k, mask)


class LayerNorm(Layer):
    """layer_norm with the parameters gamma and beta (size,)."""

    def __init__(self, size):
        self.gamma = Parameter(np.ones(size, np.float32), name="gamma")
        self.beta = Parameter(np.zeros(size, np.float32), name="beta")

    def forward(self, x):
        return layer_norm(x, self.gamma, self.beta)


class TransformerBlock(Layer):
    """Attention, then two linear layers, each added to its input.

    The rows x (N, T, size) are normalized before both (Xiong and others,
    2020). With heads, and always causal, see MultiHeadAttention.
    """

    def __init__(self, size, heads):
        self.norm1, self.norm2 = LayerNorm(size), LayerNorm(size)
        self.attention = MultiHeadAttention(size, heads, causal=True)
        self.up = Linear(4 * size, in_size=size)
        self.down = Linear(size, in_size=4 * size)

    def forward(self, x, cache=None):
        x = x + self.attention(self.norm1(x), cache)
        return x + self.down(gelu(self.up(self.norm2(x))))
