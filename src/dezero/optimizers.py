"""Optimizers: how parameters follow their gradients."""

import math

import numpy as np

from dezero import explain
from dezero.core import Variable, as_array
from dezero.cuda import as_numpy, like
from dezero.files import check_arrays, load_arrays, save_arrays
from dezero.layers import Layer, data_shape


class Optimizer:
    """What changes the parameters of a layer by their gradients.

    A subclass defines update_one. hooks are functions that get the list
    of parameters before each update and may change their grad.
    """

    def __init__(self):
        self.target, self.hooks = None, []

    def setup(self, target):
        """Take a layer or model whose parameters to update; return self."""
        self.target = target
        return self

    def add_hook(self, hook):
        """Add a function that changes gradients before each update."""
        self.hooks.append(hook)

    def update(self):
        """Change every parameter by its gradient.

        Raises a ValueError if there is no target, or if a parameter has
        no gradient and is not frozen by FreezeParam; it names them.
        """
        parameters = self.trained()
        for hook in self.hooks:
            hook(parameters)
        for parameter in parameters:
            if parameter.grad is not None:
                self.update_one(parameter)

    def update_one(self, parameter):
        raise NotImplementedError(
            f"{type(self).__name__} needs a method update_one(parameter), "
            "which changes parameter.data by parameter.grad.data"
        )

    def trained(self):
        """Return the parameters that are not frozen; all have gradients."""
        name = type(self).__name__
        if self.target is None:
            raise ValueError(f"{name} needs setup(model) before update()")
        frozen = {
            id(p)
            for hook in self.hooks
            for p in getattr(hook, "freeze_params", ())
        }
        named = [
            (path, p)
            for path, p in self.target.named_params()
            if id(p) not in frozen
        ]
        missing = [path for path, p in named if p.grad is None]
        if missing:
            raise ValueError(
                f"{name} got no gradient for {', '.join(missing)}: call "
                "backward on a loss that depends on it before update(), "
                "or leave it as it is: add_hook(FreezeParam(...))"
            )
        return [p for _, p in named]

    def save_state(self, path):
        """Write what the optimizer remembers into a file.

        With it and the weights, a training goes on as if it had not
        been stopped. It needs setup first.
        """
        named, arrays = self.by_path("save_state"), {}
        for name, value in vars(self).items():
            if isinstance(value, dict):
                for place, parameter in named.items():
                    if parameter in value:
                        array = as_numpy(value[parameter])
                        arrays[f"{name}/{place}"] = array
            elif isinstance(value, (int, float)):
                arrays[name] = np.array(value)
        save_arrays(path, arrays)

    def load_state(self, path):
        """Remember what is in a file that save_state wrote, and no more.

        It needs setup first. A ValueError names what in the file
        belongs to no parameter here, or has another shape; then
        nothing is loaded.
        """
        named, arrays = self.by_path("load_state"), load_arrays(path)
        check_arrays(path, arrays, self.state_shapes(named))
        for value in vars(self).values():
            if isinstance(value, dict):
                value.clear()
        for key, array in arrays.items():
            name, _, place = key.partition("/")
            if place:
                parameter = named[place]
                getattr(self, name)[parameter] = like(array, parameter)
            else:
                setattr(self, name, array.item())

    def state_shapes(self, named):
        """Return the shape of each array that a state can have."""
        shapes = {}
        for name, value in vars(self).items():
            if isinstance(value, dict):
                for place, parameter in named.items():
                    shapes[f"{name}/{place}"] = data_shape(parameter)
            elif isinstance(value, (int, float)):
                shapes[name] = ()
        return shapes

    def by_path(self, method):
        """Return the target's parameters by path, for this method."""
        if self.target is None:
            name = type(self).__name__
            raise ValueError(
                f"{name} needs setup(model) before {method}()"
            )
        return dict(self.target.named_params())


class SGD(Optimizer):
    """Gradient descent: data -= lr * grad.

    On batches chosen at random, it is called stochastic.
    """

    def __init__(self, lr=0.01):
        super().__init__()
        self.lr = rate(lr)

    def update_one(self, parameter):
        parameter.data -= self.lr * parameter.grad.data


class MomentumSGD(Optimizer):
    """Gradient descent with a velocity v for each parameter.

    v = momentum * v - lr * grad, and data += v (Polyak, 1964). The rate
    is inside the velocity: after a change of lr, the old steps go on
    with the old one.
    """

    def __init__(self, lr=0.01, momentum=0.9):
        super().__init__()
        self.lr, self.momentum = rate(lr), momentum
        self.vs = {}  # the velocity of each parameter

    def update_one(self, parameter):
        if parameter not in self.vs:
            self.vs[parameter] = np.zeros_like(parameter.data)
        v = self.vs[parameter]
        v *= self.momentum
        v -= self.lr * parameter.grad.data
        parameter.data += v


class AdaGrad(Optimizer):
    """data -= lr * grad / (sqrt(h) + eps), h the sum of all grad**2.

    (Duchi, Hazan and Singer, 2011.)
    """

    def __init__(self, lr=0.001, eps=1e-8):
        super().__init__()
        self.lr, self.eps = rate(lr), eps
        self.hs = {}

    def update_one(self, parameter):
        if parameter not in self.hs:
            self.hs[parameter] = np.zeros_like(parameter.data)
        g, h = parameter.grad.data, self.hs[parameter]
        h += g * g
        parameter.data -= self.lr * g / (np.sqrt(h) + self.eps)


class AdaDelta(Optimizer):
    """Steps as long as the last ones were, without a rate (Zeiler, 2012).

    rho is the share of the old in the averages of grad**2 and step**2.
    """

    def __init__(self, rho=0.95, eps=1e-6):
        super().__init__()
        self.rho, self.eps = rho, eps
        self.msg, self.msdx = {}, {}

    def update_one(self, parameter):
        if parameter not in self.msg:
            self.msg[parameter] = np.zeros_like(parameter.data)
            self.msdx[parameter] = np.zeros_like(parameter.data)
        g, rho, eps = parameter.grad.data, self.rho, self.eps
        msg, msdx = self.msg[parameter], self.msdx[parameter]
        msg *= rho
        msg += (1 - rho) * g * g
        dx = np.sqrt((msdx + eps) / (msg + eps)) * g
        msdx *= rho
        msdx += (1 - rho) * dx * dx
        parameter.data -= dx


class Adam(Optimizer):
    """Steps along the mean gradient, divided by its usual size.

    The means m of grad and v of grad**2 forget with beta1 and beta2,
    and lr corrects for their beginning at 0 (Kingma and Ba, 2015). eps
    is added to the root of v as it is, as in the original and Chainer;
    PyTorch corrects v first.
    """

    def __init__(self, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__()
        self.alpha, self.eps = rate(alpha), eps
        self.beta1, self.beta2 = beta1, beta2
        self.t = 0  # the number of updates
        self.ms, self.vs = {}, {}

    @property
    def lr(self):
        """The rate of this update, corrected for the start at 0."""
        t = max(self.t, 1)
        fix1, fix2 = 1 - self.beta1**t, 1 - self.beta2**t
        return self.alpha * math.sqrt(fix2) / fix1

    def update(self):
        self.trained()  # whatever it raises, nothing has changed yet
        self.t += 1
        super().update()

    def update_one(self, parameter):
        if parameter not in self.ms:
            self.ms[parameter] = np.zeros_like(parameter.data)
            self.vs[parameter] = np.zeros_like(parameter.data)
        g = parameter.grad.data
        m, v = self.ms[parameter], self.vs[parameter]
        m += (1 - self.beta1) * (g - m)
        v += (1 - self.beta2) * (g * g - v)
        parameter.data -= self.lr * m / (np.sqrt(v) + self.eps)


class AdamW(Adam):
    """Adam, and each weight becomes smaller by the share alpha * decay.

    The decay is no part of the gradient (Loshchilov and Hutter, 2019).
    Parameters with one axis or none are spared: biases, and the factors
    and shifts of a normalization.
    """

    def __init__(
        self, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01
    ):
        super().__init__(alpha, beta1, beta2, eps)
        self.decay = float(decay)

    def update_one(self, parameter):
        if parameter.ndim >= 2:
            parameter.data *= 1 - self.alpha * self.decay
        super().update_one(parameter)


def rate(lr):
    """Return a learning rate as a float; a ValueError if it is below 0."""
    if not lr >= 0:
        raise ValueError(f"a learning rate must be at least 0, got {lr}")
    return float(lr)


def warmup_cosine(step, peak, warmup, total, end=0.0):
    """Return the learning rate of a step; the first step is 0.

    It rises to peak at the step warmup, and falls along a cosine to end
    at the step total (Loshchilov and Hutter, 2017), where it stays. If
    warmup is 0, it begins with peak.
    """
    explain.schedule(warmup, total)
    if step >= total:
        return end
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    angle = math.pi * (step - warmup) / (total - warmup)
    return end + (peak - end) * (1 + math.cos(angle)) / 2


class WeightDecay:
    """A hook: add rate * data to each gradient.

    It is the gradient of rate / 2 times the sum of all squares.
    """

    def __init__(self, rate):
        self.rate = float(rate)

    def __call__(self, parameters):
        for p in parameters:
            gradient = p.grad.data + self.rate * p.data
            p.grad = Variable(as_array(gradient))


class ClipGrad:
    """A hook: scale all gradients so that their norm is at most max_norm.

    The norm is that of all gradients in one vector (Pascanu, Mikolov
    and Bengio, 2013). A ValueError names gradients with inf or nan.
    """

    def __init__(self, max_norm):
        self.max_norm = float(max_norm)

    def __call__(self, parameters):
        squares = [
            np.square(p.grad.data, dtype=float).sum() for p in parameters
        ]
        norm = math.sqrt(sum(squares))
        if not math.isfinite(norm):
            explain.unbounded(parameters, squares)
        if norm > self.max_norm:
            scale = self.max_norm / norm
            for p in parameters:
                p.grad = Variable(as_array(p.grad.data * scale))


class FreezeParam:
    """A hook: leave the given layers and parameters as they are."""

    def __init__(self, *layers):
        self.freeze_params = []
        for x in layers:
            ps = x.params() if isinstance(x, Layer) else [x]
            self.freeze_params.extend(ps)

    def __call__(self, parameters):
        for p in self.freeze_params:
            p.grad = None
