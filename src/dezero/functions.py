"""Functions of variables, for `import dezero.functions as F`."""

import math

import numpy as np

from dezero import cuda, explain
from dezero.config import Config
from dezero.core import (
    MatMul,
    Operation,
    Variable,
    add,
    answers,
    as_array,
    as_variable,
    broadcast_to,
    data_of,
    div,
    expand_dims,
    flatten,
    get_item,
    kept,
    matmul,
    mul,
    neg,
    pow,
    reshape,
    rsub,
    sub,
    sum,
    sum_to,
    transpose,
    turned,
)
from dezero.functions_conv import (
    average_pooling,
    col2im,
    conv2d,
    conv2d_simple,
    deconv2d,
    im2col,
    pooling,
    pooling_simple,
)


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


class Max(Operation):
    def __init__(self, axis, keepdims):
        self.axis, self.keepdims = axis, keepdims

    def forward(self, x):
        return x.max(axis=self.axis, keepdims=self.keepdims)

    def rule(self, gy, y, x):
        shape = kept(x.shape, self.axis)
        is_max = x == y.reshape(shape)
        ties = is_max.sum(axis=self.axis, keepdims=True, dtype=gy.dtype)
        return gy.reshape(shape) / ties * is_max


@answers(np.max)
def max(x, axis=None, keepdims=False):
    """Return the largest of x over an axis, several (a tuple), or all.

    Where several are the largest, they share the gradient equally.
    """
    return Max(axis, keepdims)(x)


class Min(Max):
    def forward(self, x):
        return x.min(axis=self.axis, keepdims=self.keepdims)


@answers(np.min)
def min(x, axis=None, keepdims=False):
    """Return the smallest of x over an axis, several (a tuple), or all.

    Where several are the smallest, they share the gradient equally.
    """
    return Min(axis, keepdims)(x)


class Clip(Operation):
    def __init__(self, x_min, x_max):
        self.x_min, self.x_max = x_min, x_max

    def forward(self, x):
        return np.clip(x, self.x_min, self.x_max)

    def rule(self, gy, y, x):
        return gy * (x == y)


@answers(np.clip)
def clip(x, x_min, x_max):
    """Return x with what is beyond the limits moved to them.

    The slope is 1 between the limits and at both, 0 beyond.
    """
    return Clip(x_min, x_max)(x)


class Where(Operation):
    def __init__(self, condition):
        self.condition = condition

    def forward(self, x0, x1):
        return np.where(self.condition, x0, x1)

    def rule(self, gy, y, x0, x1):
        gx0 = self.chosen(gy, 0) if self.needs(0) else None
        gx1 = self.chosen(0, gy) if self.needs(1) else None
        return gx0, gx1

    def chosen(self, x0, x1):
        return Where(self.condition).apply(x0, x1)


@answers(np.where)
def where(condition, x0, x1):
    """Return x0 where the condition is true, else x1, elementwise.

    condition has truth values and no gradient. What is not chosen gets
    the gradient 0, which is no help if its own slope is inf or nan.
    """
    return Where(data_of(condition))(x0, x1)


class Norm(Operation):
    def __init__(self, axis, keepdims):
        self.axis, self.keepdims = axis, keepdims

    def forward(self, x):
        return np.sqrt((x * x).sum(axis=self.axis, keepdims=self.keepdims))

    def rule(self, gy, y, x):
        shape = kept(x.shape, self.axis)
        length = y.reshape(shape)
        return gy.reshape(shape) * x / (length + (length == 0))


def norm(x, axis=None, keepdims=False):
    """Return the root of the sum of squares over an axis, several, or all.

    The slope of the norm of zeros is 0.
    """
    return Norm(axis, keepdims)(x)


@answers(np.mean)
def average(x, axis=None, keepdims=False):
    """Return the mean of x over an axis, several (a tuple), or all.

    With keepdims, the axes stay, with length 1.
    """
    y = sum(x, axis, keepdims)
    return y / (x.size // y.size if y.size else 1)


mean = average


def linear_simple(x, W, b=None):
    """Return x @ W + b, from a product and a sum.

    x is (..., D), W (D, H), b (H,) or None; the result is (..., H).
    """
    y = matmul(x, W)
    return y if b is None else y + b


class Linear(MatMul):
    expects = "x (..., D), W (D, H) and b (H,)"

    def forward(self, x, W, b=None):
        y = x @ W
        return y if b is None else y + b

    def rule(self, gy, y, x, W, b=None):
        gx, gW = super().rule(gy, y, x, W)
        if b is None:
            return gx, gW
        return gx, gW, gy if self.needs(2) else None


def linear(x, W, b=None):
    """Return x @ W + b.

    x is (..., D), W (D, H), b (H,) or None; the result is (..., H).
    """
    return Linear()(x, W) if b is None else Linear()(x, W, b)


def sigmoid_simple(x):
    """Return 1 / (1 + exp(-x)), elementwise; far below 0, its slope is nan."""
    return 1 / (1 + exp(-as_variable(x)))


class Sigmoid(Operation):
    def forward(self, x):
        with np.errstate(over="ignore"):  # 1 / (1 + inf) is 0
            return 1 / (1 + np.exp(-x))

    def rule(self, gy, y, x):
        return gy * (y * (1 - y))


def sigmoid(x):
    """Return 1 / (1 + exp(-x)), elementwise: a number from 0 to 1."""
    return Sigmoid()(x)


def parts(x, n):
    """Return x in n equal parts, slices of its last axis."""
    size = x.shape[-1] // n
    return [x[..., k * size : (k + 1) * size] for k in range(n)]


class Joined(Operation):
    """Arrays side by side, along the last axis."""

    def forward(self, *xs):
        return np.concatenate(xs, axis=-1)

    def rule(self, gy, y, *xs):
        if isinstance(gy, Products):
            gy = gy.total()
        gxs, start = [], 0
        for x in xs:
            end = start + x.shape[-1]
            gxs.append(gy[..., start:end])
            start = end
        return tuple(gxs)


def product(x, W):
    """Return x @ W; if its sums have one term, by broadcasting."""
    is_column = x.ndim > 1 and x.shape[-1] == 1
    return x * W if is_column else x @ W


def rows(x):
    """Return x (..., D) as a matrix (N, D)."""
    return x if x.ndim == 2 else x.reshape(-1, x.shape[-1])


class Products:
    """A sum of products x.T @ g, computed when it is needed."""

    def __init__(self, xs, gs):
        self.xs, self.gs = xs, gs
        self.shape = xs[0].shape[1], gs[0].shape[1]

    def __add__(self, other):
        if isinstance(other, Products):
            return Products(self.xs + other.xs, self.gs + other.gs)
        return self.total() + other

    def __array__(self, dtype=None, copy=None):
        return self.total()  # NumPy adds this to an array

    def astype(self, dtype, copy=True):
        return self.total().astype(dtype)

    def total(self):
        return np.concatenate(self.xs).T @ np.concatenate(self.gs)


class LSTMGates(Operation):
    expects = "x (..., D), W (D, H), b (H,), h (..., K) and U (K, H)"

    def forward(self, x, W, b, h, U):
        y = h @ U + product(x, W)
        y += b
        f_i_o = y[..., : y.shape[-1] // 4 * 3]
        f_i_o *= 0.5
        np.tanh(y, out=y)
        f_i_o += 1
        f_i_o *= 0.5
        return y

    def rule(self, gy, y, x, W, b, h, U):
        H = y.shape[-1] // 4
        f_i_o, u = y[..., : 3 * H], y[..., 3 * H :]
        gz = Joined().apply(f_i_o * (1 - f_i_o), 1 - u * u)
        gz *= gy
        gx = gz @ W.T if self.needs(0) else None
        x, h, g = rows(x), rows(h), rows(gz)
        gW, gU = self.weights(x, g), self.weights(h, g)
        return gx, gW, g.sum(axis=0), gz @ U.T, gU

    def weights(self, x, g):
        """Return x.T @ g, of a single row as a product to come."""
        if len(x) == 1 and isinstance(g, np.ndarray):
            return Products([x], [g])
        return product(x.T, g)


def lstm_gates(x, W, b, h, U):
    """Return f, i, o and u of an LSTM side by side, (..., 4 * H).

    x is (..., D), h (..., H); W (D, 4 * H), b (4 * H,) and U
    (H, 4 * H) are Joined. f, i and o are sigmoids of x @ W + b +
    h @ U, and u is a tanh.
    """
    return LSTMGates()(x, W, b, h, U)


class LSTMCell(Operation):
    def forward(self, gates, c):
        f, i, _, u = parts(gates, 4)
        return f * c + i * u

    def rule(self, gy, y, gates, c):
        f, i, _, u = parts(gates, 4)
        none = np.zeros_like(gy)
        return Joined().apply(gy * c, gy * u, none, gy * i), gy * f


def lstm_cell(gates, c):
    """Return f * c + i * u: the next cell (..., H) of an LSTM.

    gates (..., 4 * H) are those of lstm_gates.
    """
    return LSTMCell()(*map(as_variable, (gates, c)))


class LSTMOutput(Operation):
    def forward(self, gates, c):
        return parts(gates, 4)[2] * np.tanh(c)

    def rule(self, gy, y, gates, c):
        o, t = parts(gates, 4)[2], np.tanh(c)
        none = np.zeros_like(gy)
        ggates = Joined().apply(none, none, gy * t, none)
        return ggates, gy * o * (1 - t * t)


def lstm_output(gates, c):
    """Return o * tanh(c): what an LSTM shows of its cell (..., H).

    gates (..., 4 * H) are those of lstm_gates.
    """
    return LSTMOutput()(*map(as_variable, (gates, c)))


class ReLU(Operation):
    def forward(self, x):
        return np.maximum(x, 0)

    def rule(self, gy, y, x):
        return gy * (y > 0)


def relu(x):
    """Return x where it is above 0, else 0; the slope at 0 is 0."""
    return ReLU()(x)


class LeakyReLU(Operation):
    def __init__(self, slope):
        self.slope = float(slope)

    def forward(self, x):
        return np.where(x > 0, x, self.slope * x)

    def rule(self, gy, y, x):
        return gy * (x > 0) + (self.slope * gy) * (x <= 0)


class GELU(Operation):
    """x times the share of normal numbers below x, by a tanh."""

    def forward(self, x):
        return 0.5 * x * (1 + self.bend(x))

    def bend(self, x):
        """Return the tanh of the formula."""
        c = math.sqrt(2 / math.pi)
        return np.tanh(c * x * (1 + 0.044715 * (x * x)))

    def rule(self, gy, y, x):
        c, bend = math.sqrt(2 / math.pi), self.bend(x)
        slope = c * (1 + 3 * 0.044715 * (x * x)) * (1 - bend * bend)
        return gy * (0.5 * (1 + bend + x * slope))


def gelu(x):
    """Return x times the share of normal numbers below x, nearly.

    It is the form with tanh (Hendrycks and Gimpel, 2016); that with the
    error function differs by less than 0.0005.
    """
    return GELU()(x)


def leaky_relu(x, slope=0.2):
    """Return x where it is above 0, else slope * x.

    The derivative at 0 is slope.
    """
    return LeakyReLU(slope)(x)


def softmax_simple(x, axis=1):
    """Return exp(x) over its sum along the axis.

    It overflows at 89 in float32, at 710 in float64.
    """
    y = exp(as_variable(x))
    return y / sum(y, axis=axis, keepdims=True)


class Softmax(Operation):
    def __init__(self, axis):
        self.axis = axis

    def forward(self, x):
        y = np.exp(x - x.max(axis=self.axis, keepdims=True))
        return y / y.sum(axis=self.axis, keepdims=True)

    def rule(self, gy, y, x):
        gx = y * gy
        return gx - y * gx.sum(axis=self.axis, keepdims=True)


class MaskedSoftmax(Softmax):
    """A softmax over the last axis; where mask is false, it gives 0."""

    def __init__(self, mask):
        explain.mask(mask)
        self.mask, self.axis = mask, -1

    def forward(self, x):
        x = np.where(cuda.like(self.mask, x), x, -np.inf)
        least = np.finfo(x.dtype).min  # for rows of -inf alone
        top = np.maximum(x.max(axis=-1, keepdims=True), least)
        y = np.exp(x - top)
        total = y.sum(axis=-1, keepdims=True)
        return y / (total + (total == 0))


def softmax(x, axis=1):
    """Return exp(x) over its sum along the axis: probabilities."""
    return Softmax(axis)(x)


class LogSoftmax(Operation):
    def __init__(self, axis):
        self.axis = axis

    def forward(self, x):
        x = x - x.max(axis=self.axis, keepdims=True)
        return x - np.log(np.exp(x).sum(axis=self.axis, keepdims=True))

    def rule(self, gy, y, x):
        return gy - np.exp(y) * gy.sum(axis=self.axis, keepdims=True)


def log_softmax(x, axis=1):
    """Return the logarithm of softmax(x, axis), finite for finite x."""
    return LogSoftmax(axis)(x)


def attention_weights(q, k, mask=None):
    """Return softmax(q k^T / sqrt(D)), the weight of each key.

    q is (..., N, D), k (..., M, D); the result is (..., N, M), and its
    rows have the sum 1 (Vaswani and others, 2017). mask has truth
    values, and broadcasts to (..., N, M): where it is false, the weight
    is 0. A row that sees nothing is 0.
    """
    scores = q @ turned(k) / math.sqrt(q.shape[-1])
    if mask is None:
        return softmax(scores, axis=-1)
    return MaskedSoftmax(mask)(scores)


def attention(q, k, v, mask=None):
    """Return the mean of the values v, weighted by attention_weights.

    q is (..., N, D), k (..., M, D), v (..., M, H); the result is
    (..., N, H). mask is that of attention_weights.
    """
    return attention_weights(q, k, mask) @ v


def causal_mask(N, M=None):
    """Return which of M keys each of N queries sees, (N, M).

    The last query sees all keys, the one before it all but the last,
    and so on. M is N if it is not given.
    """
    M = N if M is None else M
    return np.tri(N, M, M - N, dtype=bool)


def mean_squared_error_simple(x0, x1):
    """Return the sum of (x0 - x1)**2, divided by N.

    x0 and x1 are (N, ...), with broadcasting. mean_squared_error does
    the same with fewer nodes, and refuses to broadcast.
    """
    diff = x0 - x1
    return sum(diff**2) / len(diff)


class MeanSquaredError(Operation):
    def forward(self, x0, x1):
        if x0.shape != x1.shape:
            explain.different(self, x0, x1)
        diff = x0 - x1
        return (diff * diff).sum() / examples(self, x0)

    def rule(self, gy, y, x0, x1):
        g = (2 / examples(self, x0)) * gy * (x0 - x1)
        gx1 = -g.reshape(x1.shape) if self.needs(1) else None
        return g.reshape(x0.shape), gx1


def examples(function, x):
    """Return N, the number of examples in x (N, ...)."""
    return (len(x) if x.ndim else 1) or explain.empty(function)


def mean_squared_error(x0, x1):
    """Return the sum of (x0 - x1)**2, divided by N: a scalar.

    x0 and x1 are (N, ...), arrays or variables; both get a gradient.
    Raises a ValueError if their shapes differ, but for axes of length 1
    in front, or if N is 0.
    """
    return MeanSquaredError()(x0, x1)


def softmax_cross_entropy_simple(x, t):
    """Return softmax_cross_entropy(x, t) from many small operations."""
    x, t = as_variable(x), data_of(t)
    log_p = log(clip(softmax(x), 1e-15, 1.0))  # no log(0)
    return -sum(log_p[np.arange(len(t)), t]) / len(t)


class SoftmaxCrossEntropy(Operation):
    def forward(self, x, t):
        explain.labels(self, x, t)
        x = x - x.max(axis=1, keepdims=True)
        p = np.exp(x)
        total = p.sum(axis=1, keepdims=True)
        p /= total
        self.p, self.at = p, (np.arange(len(t)), t)
        loss = np.log(total).sum() - x[self.at].sum()
        return loss / examples(self, t)

    def rule(self, gy, y, x, t):
        share = gy / len(t)
        if isinstance(x, Variable):  # a graph needs p as a variable
            hot = np.zeros_like(self.p)
            hot[self.at] = 1
            return (softmax(x) - hot) * share, None
        gx = self.p * share
        gx[self.at] -= share
        return gx, None


def softmax_cross_entropy(x, t):
    """Return the mean of -log(softmax(x)) at the labels t, a scalar.

    x is (N, C), scores of C classes, without a softmax. t is (N,), of
    integers from 0 to C - 1; it gets no gradient. Raises a ValueError
    for anything else, and if N is 0.
    """
    return SoftmaxCrossEntropy()(x, t)


class SigmoidCrossEntropy(Operation):
    def forward(self, x, t):
        t = answers_for(self, x, t)
        loss = np.maximum(x, 0) - x * t + np.log1p(np.exp(-abs(x)))
        return loss.sum() / examples(self, x)

    def rule(self, gy, y, x, t):
        t = answers_for(self, x, data_of(t))
        return (Sigmoid().apply(x) - t) * (gy / examples(self, x)), None


def answers_for(function, x, t):
    """Return the labels t in the shape and the dtype of x."""
    t = as_array(t)
    if t.size != x.size or (t.ndim == x.ndim and t.shape != x.shape):
        explain.different(function, x, t)
    return t.reshape(x.shape).astype(x.dtype)


def sigmoid_cross_entropy(x, t):
    """Return the sum of the binary cross-entropies, divided by N.

    x are scores, (N,) or (N, ...), without a sigmoid; t are as many
    labels from 0 to 1, which get no gradient. Raises a ValueError if t
    has another size, and if N is 0.
    """
    return SigmoidCrossEntropy()(x, t)


class BinaryCrossEntropy(Operation):
    def forward(self, p, t):
        t = answers_for(self, p, t)
        with np.errstate(divide="ignore"):  # log(0) becomes -100
            log_p = np.maximum(np.log(p), -100)
            log_q = np.maximum(np.log1p(-p), -100)
        loss = -(t * log_p + (1 - t) * log_q)
        return loss.sum() / examples(self, p)

    def rule(self, gy, y, p, t):
        t = answers_for(self, p, data_of(t))
        spread = np.maximum(p * (1 - p), 1e-12)
        return (p - t) / spread * (gy / examples(self, p)), None


def binary_cross_entropy(p, t):
    """Return the sum of the binary cross-entropies, divided by N.

    p are probabilities, (N,) or (N, ...); t are as many labels from 0
    to 1, which get no gradient. No logarithm is below -100. With
    scores, sigmoid_cross_entropy is more precise. Raises a ValueError
    if t has another size, and if N is 0.
    """
    return BinaryCrossEntropy()(p, t)


def accuracy(y, t):
    """Return the share of rows of y (N, C) whose largest is at t (N,).

    y and t are arrays or variables; the result has no graph. Raises a
    ValueError if N is 0.
    """
    y, t = data_of(y), data_of(t)
    if y.ndim != 2 or t.size != len(y) or t.size == 0:
        raise ValueError(
            "accuracy needs scores y (N, C) and labels t (N,) of at "
            f"least one example, got y {y.shape} and t {t.shape}"
        )
    right = y.argmax(axis=1) == t.reshape(-1)
    return Variable(as_array(right.mean()))


def dropout(x, dropout_ratio=0.5):
    """Return x with a random share of its elements set to 0.

    The others are divided by 1 - dropout_ratio, so that the mean stays;
    in test_mode, x is returned as it is (Srivastava and others, 2014).
    A ValueError says so if the ratio is not between 0 and 1.
    """
    if not 0 <= dropout_ratio <= 1:
        raise ValueError(
            "dropout needs a ratio from 0 to 1, the share to drop, got "
            f"{dropout_ratio}"
        )
    x = as_variable(x)
    if not Config.train or dropout_ratio == 0:
        return x
    chosen = np.random.rand(*x.shape) >= dropout_ratio
    scale = np.array(chosen, x.dtype) / ((1 - dropout_ratio) or 1)
    return x * cuda.like(scale, x)


class BatchNorm(Operation):
    """x with mean 0 and variance 1 in each channel, then scaled."""

    def __init__(self, eps):
        self.eps = eps

    def forward(self, x, gamma, beta):
        explain.normalizable(self, x)
        self.shape = 1, x.shape[1], *[1] * (x.ndim - 2)
        self.axes = 0, *range(2, x.ndim)
        y, self.mean, self.var, self.scale = self.measured(x)
        y *= gamma.reshape(self.shape) * self.scale
        y += beta.reshape(self.shape)
        return y

    def means(self, x, y=None):
        """Return the mean of x, or of x * y, in each channel."""
        if isinstance(x, Variable) or x.dtype == np.float16:
            product = x if y is None else x * y
            return product.mean(axis=self.axes, keepdims=True)
        rows = x.reshape(*x.shape[:2], -1)
        if y is None:
            sums = rows @ np.ones_like(x, shape=rows.shape[2])
        else:
            sums = np.vecdot(rows, y.reshape(rows.shape))
        m = x.size // x.shape[1]
        return sums.sum(axis=0).reshape(self.shape) / m

    def measured(self, x):
        """Return x less its means, the means, the variances, the scale."""
        mean = self.means(x)
        centred = x - mean
        var = self.means(centred, centred)
        return centred, mean, var, (var + self.eps) ** -0.5

    def rule(self, gy, y, x, gamma, beta):
        if isinstance(x, Variable):  # mean and scale depend on x
            centred, _, _, scale = self.measured(x)
        else:
            centred, scale = x - self.mean, self.scale
        mean_gbeta = self.means(gy)
        mean_ggamma = self.means(centred, gy) * scale
        gx = None
        if self.needs(0):
            gx = centred
            gx *= -scale * mean_ggamma
            gx += gy
            gx -= mean_gbeta
            gx *= scale * gamma.reshape(self.shape)
        m = x.size // gamma.size
        ggamma, gbeta = m * mean_ggamma, m * mean_gbeta
        return gx, ggamma.reshape(gamma.shape), gbeta.reshape(gamma.shape)


class LayerNorm(Operation):
    """Rows with mean 0 and variance 1, then scaled and shifted."""

    def __init__(self, eps):
        self.eps = eps

    def forward(self, x, gamma, beta):
        return self.normalized(x)[0] * gamma + beta

    def normalized(self, x):
        """Return the rows, and by what they were multiplied."""
        centred = x - x.mean(axis=-1, keepdims=True)
        var = (centred * centred).mean(axis=-1, keepdims=True)
        scale = (var + self.eps) ** -0.5
        return centred * scale, scale

    def rule(self, gy, y, x, gamma, beta):
        n, scale = self.normalized(x)
        g = gy * gamma
        along = n * (g * n).mean(axis=-1, keepdims=True)
        gx = scale * (g - g.mean(axis=-1, keepdims=True) - along)
        return gx, gy * n, gy


def layer_norm(x, gamma, beta, eps=1e-5):
    """Return x (..., D) with mean 0 and variance 1 in each row.

    gamma and beta (D,) scale and shift what comes out (Ba, Kiros and
    Hinton, 2016).
    """
    return LayerNorm(eps)(x, gamma, beta)


def batch_norm(x, gamma, beta, mean, var, decay=0.9, eps=2e-5):
    """Return x (N, C) or (N, C, H, W), normalized in each channel.

    gamma and beta (C,) scale and shift what comes out. In training, the
    mean and the variance are those of x, and the arrays mean and var
    (C,) follow them in place: a share of decay stays. In test_mode,
    mean and var are used (Ioffe and Szegedy, 2015). A ValueError says
    so if a channel has a single value in training.
    """
    x = as_variable(x)
    if not Config.train:
        shape = 1, x.shape[1], *[1] * (x.ndim - 2)
        scale = gamma / (var + eps) ** 0.5
        shift = beta - mean * scale
        return x * scale.reshape(shape) + shift.reshape(shape)
    function = BatchNorm(eps)
    y = function(x, gamma, beta)
    m = x.size // gamma.size
    follow(mean, function.mean, decay)
    follow(var, function.var * (m / (m - 1)), decay)
    return y


def embed_id(x, W):
    """Return the rows of W at the integers x, of any shape."""
    return W[x]


def follow(old, new, decay):
    """Move the array old towards new, in place: a share of decay stays."""
    old *= decay
    old += (1 - decay) * new.reshape(old.shape)


batch_nrom = batch_norm  # as it is spelled in the original
