"""What went wrong, and the way out, in words that help."""

import math

import numpy as np

NUMBERS = (int, float, np.integer, np.floating, np.bool_)


def kind(x):
    return type(x).__name__


def is_variable(x):
    return hasattr(x, "creator") and hasattr(x, "data")


def is_array(x):
    """Return whether x is an array of NumPy, or acts like one."""
    return hasattr(x, "__array_ufunc__") and not is_variable(x)


def as_data(x):
    """Return x if a variable can hold it, as a plain array."""
    if x is None:
        return x
    if isinstance(x, (np.matrix, np.ma.MaskedArray)):
        way = "x.filled(0.0)" if np.ma.isMA(x) else "np.asarray(x)"
        raise TypeError(
            f"Variable needs a plain ndarray, got {kind(x)}, which "
            f"computes by rules of its own; {way} makes one of it"
        )
    if not is_array(x) or isinstance(x, np.generic):
        raise TypeError(
            f"Variable needs an ndarray, got {kind(x)}; "
            "wrap a number or a list: Variable(np.array(...))"
        )
    if x.dtype.kind not in "biufc":
        raise TypeError(
            f"Variable needs an array of numbers, got one of {x.dtype}; "
            "of variables, take the data: np.array([v.data for v in ...])"
        )
    return np.asarray(x) if isinstance(x, np.ndarray) else x


def as_result(function, inputs, y):
    """Return what forward returned as an array."""
    if isinstance(y, (np.generic, np.ndarray)) or is_array(y):
        return as_data(np.asarray(y) if isinstance(y, np.generic) else y)
    operands(function, inputs)
    if isinstance(y, NUMBERS):
        return np.asarray(y)
    if y is None:
        raise TypeError(
            f"{kind(function)}.forward returned None; "
            "is its return missing?"
        )
    raise TypeError(
        f"{kind(function)}.forward must return an array, "
        f"or a tuple of arrays, got {kind(y)}"
    )


def operands(function, inputs, error=None):
    """Raise a clear error if the inputs are to blame."""
    name = function if isinstance(function, str) else kind(function)
    for x in inputs:
        hint, what = "", kind(x)
        if is_variable(x):
            if type(x).__module__ == "dezero.core_simple":
                hint = f" of {type(x).__module__}; the engines do not mix"
            elif is_array(x.data):
                continue
            else:
                hint = "; give it an array first: x.data = np.array(...)"
                if is_variable(x.data):
                    hint = (
                        "; data must be an array: "
                        "x.data = x.data - rate * x.grad.data"
                    )
                raise TypeError(
                    f"{name} got a variable whose data is a "
                    f"{kind(x.data)}{hint}"
                ) from error
        elif is_array(x) or isinstance(x, NUMBERS):
            continue
        elif isinstance(x, (list, tuple)):
            hint = "; np.array(...) makes an array of it"
        raise TypeError(
            f"{name} needs variables, arrays or real numbers, "
            f"got {what}{hint}"
        ) from error


def forward(function, inputs, error):
    """Raise a clear error if the operands do not fit each other."""
    operands(function, inputs, error)
    shapes = [np.shape(x.data if is_variable(x) else x) for x in inputs]
    got = " and ".join(map(str, shapes))
    if hasattr(function, "expects") and isinstance(error, ValueError):
        raise ValueError(
            f"{kind(function)} needs {function.expects}, got {got}"
        ) from error
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        if isinstance(error, ValueError) and "broadcast" in str(error):
            raise ValueError(
                f"{kind(function)} got shapes that do not fit, {got}"
            ) from error


def different(function, x0, x1):
    """Raise the error of two shapes that should be one.

    Leading axes of length 1, which one of them may have more, do no harm.
    """
    longer, shorter = sorted((x0.shape, x1.shape), key=len)[::-1]
    n = len(longer) - len(shorter)
    if longer[:n].count(1) == n and longer[n:] == shorter:
        return
    way = ""
    if x0.size == x1.size:
        way = f"; t.reshape{x0.shape} gives the second the first's shape"
    raise ValueError(
        f"{kind(function)} needs two arrays of one shape, got "
        f"{x0.shape} and {x1.shape}{way}"
    )


def empty(function):
    """Raise the error of a batch without examples."""
    raise ValueError(
        f"{kind(function)} needs at least one example, got an empty batch"
    )


def labels(function, x, t):
    """Raise a clear error if t does not name a class for each row."""
    if (
        x.ndim == 2
        and t.shape == x.shape[:1]
        and t.dtype.kind in "iu"
        and (not t.size or (t.min() >= 0 and t.max() < x.shape[1]))
    ):
        return
    way = ""
    if t.shape == x.shape:
        way = "; for one-hot rows pass t.argmax(axis=1)"
    elif t.size == len(x) and t.ndim > 1:
        way = "; t.reshape(-1) makes one row of a column"
    elif t.dtype.kind not in "iu":
        way = "; t.astype(int) makes integers of whole numbers"
    elif t.size:
        way = f" from {t.min()} to {t.max()}"
    raise ValueError(
        f"{kind(function)} needs scores x (N, C) and labels t (N,), "
        "integers from 0 to C - 1, got "
        f"x {x.shape} and t {t.shape} of {t.dtype}{way}"
    )


def dataset(d):
    """Raise a clear error if a data set has no data, or not all labels."""
    name = kind(d)
    if d.data is None:
        raise ValueError(
            f"{name}.prepare must assign self.data, and self.label "
            "if there are labels"
        )
    if d.label is not None and len(d.label) != len(d.data):
        raise ValueError(
            f"{name} has {len(d.data)} examples and {len(d.label)} labels"
        )


def images(function, shape):
    """Raise a clear error if a shape is not that of images."""
    if len(shape) == 4:
        return
    way = "; x[None] makes a batch of one" if len(shape) == 3 else ""
    raise ValueError(
        f"{kind(function)} needs images (N, C, H, W), got {shape}{way}"
    )


def channels(function, x, W, C, axis):
    """Raise a clear error if images and kernels do not fit."""
    if x.ndim == W.ndim == 4 and C == W.shape[axis]:
        return
    kernels = "(OC, C, KH, KW)" if axis else "(C, OC, KH, KW)"
    raise ValueError(
        f"{kind(function)} needs x (N, C, H, W) and W {kernels}, "
        f"got x {x.shape} and W {W.shape}"
    )


def normalizable(function, x):
    """Raise a clear error if a channel has no variance."""
    if x.ndim not in (2, 4):
        raise ValueError(
            f"{kind(function)} needs x (N, C) or (N, C, H, W), "
            f"got {x.shape}"
        )
    if x.size <= x.shape[1]:
        raise ValueError(
            f"{kind(function)} needs more than one value in each channel "
            f"to learn from, got x {x.shape}; take a larger batch, or "
            "test_mode"
        )


def rows(layer, x):
    """Raise a clear error if the state has another number of rows."""
    if x.shape[:-1] != layer.h.shape[:-1]:
        raise ValueError(
            f"{kind(layer)} needs x with as many rows as its state "
            f"{layer.h.shape}, got x {x.shape}; for a new series, "
            "call reset_state() first"
        )


def mask(mask):
    """Raise a clear error for a mask that has no truth values."""
    if not is_array(mask) or mask.dtype != bool:
        got = mask.dtype if is_array(mask) else kind(mask)
        raise TypeError(
            "a mask must be an array of truth values, true where a key "
            f"is seen, got {got}; for zeros and ones, pass mask == 1"
        )


def heads(size, heads):
    """Raise a clear error for rows that can't be cut into heads."""
    if heads < 1 or size % heads:
        raise ValueError(
            f"MultiHeadAttention cuts rows of {size} numbers into "
            f"equal heads, and {heads} heads do not divide them"
        )


def ids(shape, length, window):
    """Raise a clear error for tokens that a GPT can't read."""
    if len(shape) != 2:
        raise ValueError(
            f"GPT needs ids (N, T), got {shape}; for a single text, "
            "pass np.array([ids])"
        )
    if not 1 <= length <= window:
        raise ValueError(
            f"GPT has positions for 1 to {window} tokens, got {length}; "
            "make it with a larger window, or pass the last tokens"
        )


def drawing(scores, temperature):
    """Raise a clear error for scores from which none can be drawn."""
    if not 0 <= temperature < math.inf:
        raise ValueError(
            "a temperature must be a number from 0 on, got "
            f"{temperature}; with 0, the largest score is taken"
        )
    if np.isnan(scores).any():
        raise ValueError(
            "there is no largest of scores that are nan; if they come "
            "from a model, its training has failed"
        )


def cached(layer):
    """Raise a clear error for a cache where the past would change."""
    if not layer.causal:
        raise ValueError(
            "KeyValues are for causal attention: without the mask, all "
            "positions change with each new one; pass causal=True"
        )


def schedule(warmup, total):
    """Raise a clear error for a warm-up that never ends."""
    if not 0 <= warmup <= total:
        raise ValueError(
            f"a warm-up must have from 0 to all {total} steps, got "
            f"{warmup}"
        )


def unbounded(parameters, squares):
    """Raise a clear error that names gradients without a norm."""
    named = [
        f"{p.name or 'a parameter'} {p.shape}"
        for p, square in zip(parameters, squares)
        if not math.isfinite(square)
    ]
    raise ValueError(
        f"ClipGrad found inf or nan in the gradients of "
        f"{', '.join(named)}; leave this batch out, or look for what "
        "divides by 0 or overflows"
    )


def border(kernel_size, pad):
    """Raise a clear error if windows can lie in the padding alone."""
    if any(p >= k for p, k in zip(pad, kernel_size)):
        raise ValueError(
            f"pooling with a kernel of {kernel_size} and a "
            f"padding of {pad} has windows that lie in the "
            "padding alone; the padding must be smaller"
        )


def slope_dtype(dtype):
    """Return the dtype of a gradient where the data are no floats."""
    if dtype.kind in "biu":
        return np.dtype(float)
    raise TypeError(
        f"backward needs real numbers, and this variable holds {dtype}"
    )


def as_grad(g, x):
    """Return a grad that was set by hand as an array."""
    if is_variable(g):
        g = g.data
    elif isinstance(g, NUMBERS):
        g = np.asarray(g)
    if not is_array(g):
        raise TypeError(
            "a grad must be a variable, an array or a number, "
            f"got {kind(g)}"
        )
    if g.shape != x.data.shape:
        raise ValueError(
            "a grad must have the shape of its variable, "
            f"{x.data.shape}, got {g.shape}"
        )
    return g


def as_gradients(function, gxs, graph):
    """Return what backward returned as a tuple of gradients."""
    where = f"{kind(function)}.backward"
    if gxs is None:
        raise TypeError(
            f"{where} returned None; is its return missing? "
            "(None,) says that an input has no gradient"
        )
    gxs = gxs if isinstance(gxs, tuple) else (gxs,)
    if len(gxs) > len(function.args):
        raise ValueError(
            f"{where} returned {len(gxs)} gradients "
            f"for {len(function.args)} inputs"
        )
    for gx in gxs:
        if isinstance(gx, np.ndarray) and gx.dtype.hasobject:
            raise TypeError(
                f"{where} must return numbers, got an array of objects; "
                "NumPy's functions need gy.data"
            )
        if graph and is_array(gx):
            raise TypeError(
                f"{where} must compute with variables, and returned "
                f"{kind(gx)}; for create_graph=True, use self.inputs[0] "
                "where it uses self.inputs[0].data"
            )
        known = gx is None or is_variable(gx) or is_array(gx)
        if not known and not isinstance(gx, NUMBERS):
            raise TypeError(
                f"{where} must return variables, arrays or numbers, "
                f"got {kind(gx)}"
            )
    return gxs


def gradient_shape(function, x, gx, y):
    """Raise a clear error if broadcasting does not explain the shape."""
    try:
        if np.broadcast_shapes(x.shape, gx.shape) == gx.shape == y.shape:
            return
    except ValueError:
        pass
    raise ValueError(
        f"a gradient from {kind(function)} must have the shape of its "
        f"variable, {x.shape}, got {gx.shape}"
    )


def base(c):
    """Raise a clear error for a base without real powers."""
    raise ValueError(
        f"a power needs a base > 0 if its exponent varies, got {c}, "
        "whose powers are no real numbers or have no slope"
    )


def missing(function, method):
    """Raise the error of a function without its forward or backward."""
    example = {
        "forward": "def forward(self, x), which takes an array for each "
        "input and returns an array or a tuple of arrays",
        "backward": "def backward(self, gy), which takes a gradient for "
        "each output and returns one for each input",
        "rule": "def rule(self, gy, y, x), which takes the gradient of "
        "the output, the output and each input, and returns a gradient "
        "for each input",
    }[method]
    raise NotImplementedError(
        f"{kind(function)} needs a {method} method: {example}"
    )


def numpy(function, method, options):
    """Raise the error of a NumPy function that variables do not know."""
    if options.get("out") is not None:
        raise TypeError(
            "a variable can't be added to an array in place; "
            "take its data: x.data -= rate * x.grad.data"
        )
    module = getattr(function, "__module__", None) or "numpy"
    name = f"{module.replace('numpy', 'np', 1)}.{function.__name__}"
    name += "" if method == "__call__" else f".{method}"
    raise TypeError(
        f"{name} does not take variables, or not so; look into "
        "dezero.functions, or take x.data, an array without a graph"
    )


def truth():
    raise TypeError(
        "a variable is neither true nor false; ask whether "
        "x.grad is not None, or compare its value, as in x.data > 0"
    )


def no_graph_there():
    raise BufferError(
        "this variable was computed, and another library does not know "
        "its graph; take y.data, or do it in no_grad"
    )


def copied(function):
    raise ValueError(
        f"a copy of an output of {kind(function)} can't be differentiated, "
        "since the function has several outputs; use the output itself"
    )
