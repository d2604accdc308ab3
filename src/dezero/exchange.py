"""Weights and arrays of other libraries, in both directions."""

from operator import attrgetter

import numpy as np

from dezero.core import Variable
from dezero.cuda import as_numpy
from dezero.files import differences
from dezero.layers import (
    LSTM,
    RNN,
    BatchNorm,
    Conv2d,
    EmbedID,
    LayerNorm,
    Linear,
    MultiHeadAttention,
    found_in,
    set_data,
)


class Same:
    """An array of PyTorch that is a parameter of ours."""

    def __init__(self, names, *parameters):
        self.names, self.parameters = names.split(), parameters

    def ours(self, array):
        """Return what the arrays of the names are here."""
        return [array]

    def theirs(self):
        """Return what the parameters are there, one for each name."""
        return [as_numpy(self.parameters[0])]

    def shapes(self):
        """Return the shape for each name, None if it is not known."""
        if any(x.data is None for x in self.parameters):
            return dict.fromkeys(self.names)
        return {n: x.shape for n, x in zip(self.names, self.theirs())}


class Turned(Same):
    """Matrices of ours, transposed, one below another.

    Of several names, their sum is the array.
    """

    def ours(self, *arrays):
        parts = np.split(sum(arrays), len(self.parameters))
        return [part.T for part in parts]

    def theirs(self):
        parts = [as_numpy(x).T for x in self.parameters]
        whole = np.concatenate(parts)
        return [whole, *[np.zeros_like(whole)] * (len(self.names) - 1)]


LINEAR = {"weight": "W", "bias": "b"}
NORM = {"weight": "gamma", "bias": "beta"}
RUNNING = {"running_mean": "avg_mean", "running_var": "avg_var"}
SAME = {
    Conv2d: LINEAR,  # and Deconv2d
    EmbedID: {"weight": "W"},
    LayerNorm: NORM,
    BatchNorm: NORM | RUNNING,
}
TURNED = {
    Linear: LINEAR,
    RNN: {
        "weight_ih_l0": "x2h.W",
        "weight_hh_l0": "h2h.W",
        "bias_ih_l0 bias_hh_l0": "x2h.b",
    },
    LSTM: {
        "weight_ih_l0": "x2i.W x2f.W x2u.W x2o.W",
        "weight_hh_l0": "h2i.W h2f.W h2u.W h2o.W",
        "bias_ih_l0 bias_hh_l0": "x2i.b x2f.b x2u.b x2o.b",
    },
    MultiHeadAttention: {
        "in_proj_weight": "q.W k.W v.W",
        "in_proj_bias": "q.b k.b v.b",
        "out_proj.weight": "out.W",
        "out_proj.bias": "out.b",
    },
}
RULES = SAME | TURNED  # PyTorch's names for our parameters


def rules_of(layer):
    """Return the weights of a layer that has a rule."""
    kind = next(k for k in type(layer).__mro__ if k in RULES)
    convert = Turned if kind in TURNED else Same
    for names, paths in RULES[kind].items():
        parameters = [attrgetter(path)(layer) for path in paths.split()]
        if parameters[0] is not None:  # as the bias of some layers is
            yield convert(names, *parameters)


def weights_of(model, names):
    """Return the weights of a model, with PyTorch's full names."""
    weights = []
    for path, layer in found_in(model, "", set(), tuple(RULES)):
        for weight in rules_of(layer):
            full = [f"{path}.{name}" for name in weight.names]
            weight.names = [renamed(name, names) for name in full]
            weights.append(weight)
    known = {id(x) for weight in weights for x in weight.parameters}
    for path, x in model.named_saved():
        if id(x) not in known:
            weights.append(Same(renamed(path, names), x))
    return weights


def renamed(path, names):
    """Return a path with its longest beginning in names replaced."""
    start, rest = path.strip("."), ""
    while start and start not in names:
        start, _, last = start.rpartition(".")
        rest = f".{last}{rest}"
    return (names.get(start, start) + rest).strip(".")


def load_pytorch(model, arrays, names=None):
    """Take all weights of a model from arrays with PyTorch's names.

    arrays is a dict, such as load_arrays or PyTorch's state_dict()
    returns. names gives the names there, for paths here or beginnings
    of them: {"layers": "net"} makes net.0.weight of layers.0.W. Without
    one, a layer has the same name there.

    A ValueError lists every name that is missing or too many, and every
    shape that is another; then nothing is loaded.
    """
    weights, shapes = weights_of(model, names or {}), {}
    for weight in weights:
        shapes |= weight.shapes()
    arrays = {
        name: np.asarray(array)
        for name, array in arrays.items()
        if not name.endswith("num_batches_tracked")
    }
    problems = differences(arrays, shapes, needed=shapes)
    if problems:
        raise ValueError(
            f"PyTorch's weights do not fit: {'; '.join(problems)}; "
            "for a layer of another name, pass names={ours: theirs}"
        )
    found = [
        weight.ours(*[arrays[name] for name in weight.names])
        for weight in weights
    ]
    for weight, parts in zip(weights, found):
        for parameter, part in zip(weight.parameters, parts):
            set_data(parameter, part.copy())


def to_pytorch(model, names=None):
    """Return the weights of a model as arrays with PyTorch's names.

    names is that of load_pytorch. A ValueError names those that have no
    data yet, or have one name there.
    """
    arrays = {}
    for weight in weights_of(model, names or {}):
        if None in weight.shapes().values():
            raise ValueError(
                f"{', '.join(weight.names)} have no data yet; call the "
                "model once before you give its weights away"
            )
        for name, array in zip(weight.names, weight.theirs()):
            if name in arrays:
                raise ValueError(f"two weights are called {name} there")
            arrays[name] = array.copy()
    return arrays


def from_dlpack(x, copy=False):
    """Return a variable around an array of another library.

    They share their memory, unless copy is true. x must be in main
    memory, and of a type that NumPy has; a TypeError says so. Without
    copy, the data can't be written if the other library forbids it,
    or with NumPy before 2.2.5.
    """
    try:
        array = np.from_dlpack(x)
    except (AttributeError, BufferError, RuntimeError) as error:
        raise TypeError(
            "from_dlpack needs an array in main memory, of a type that "
            f"NumPy has; convert this {type(x).__name__} first: {error}"
        ) from error
    return Variable(array.copy() if copy else array)
