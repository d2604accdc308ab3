"""What engines answer where there is no slope, or several: the table of chapter 66.

    python tests/benchmarks/kinks.py [PYTHON ...]

Every engine is asked that can be imported, here or by the other interpreters that are named, and the table is
printed in Markdown, below it the versions. Each answer is the slope of the sum of a function at a place, in
float32 where an engine has it. A dash means that ours lacks the function; others that lack it are left out.
`ours` is the package beside this file, `the original` another one that is named `dezero`, too.
"""
# ruff: noqa: RUF001 - signs as the page has them

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import packages_distributions, version
from pathlib import Path

import numpy as np

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "DEV": "PYTHON", "JAX_PLATFORMS": "cpu", "GLOG_minloglevel": "3"}
SRC = str(Path(__file__).parents[2] / "src")
Numbers = list[float]


class MissingError(Exception):
    """An engine has no such function."""


class Engine:
    """Functions under common names, and the slope of a function of them at a list of numbers."""

    def __getattr__(self, name: str):
        raise MissingError(name)

    def constant(self, numbers: Numbers):
        return np.array(numbers, np.float32)

    def positive(self, x):
        return x > 0

    def slope(self, f: Callable, numbers: Numbers) -> Numbers:
        raise NotImplementedError

    def second(self, f: Callable, numbers: Numbers) -> Numbers:
        """The slope of the slope; every element acts by itself."""
        raise MissingError("second")


class Ours(Engine):
    package = ""

    def __init__(self) -> None:
        import dezero.functions as F
        from dezero import Variable, grad

        self.grad, self.variable = grad, Variable
        self.relu, self.leaky_relu = F.relu, lambda x: F.leaky_relu(x, 0.1)
        self.absolute, self.maximum, self.clip = F.absolute, F.maximum, lambda x: F.clip(x, 0, 1)
        self.log, self.sqrt, self.sum, self.norm = F.log, F.sqrt, F.sum, F.norm
        self.max, self.where = lambda x: F.max(x, axis=0), F.where
        self.pool = lambda x: F.pooling(x.reshape(1, 1, 1, 3), (1, 3))
        self.softmax = lambda x: F.softmax(x, axis=0)
        self.log_softmax = lambda x: F.log_softmax(x, axis=0)

    def slope(self, f, numbers):
        x = self.variable(self.constant(numbers))
        return self.grad(self.sum(f(x)), x).data.tolist()

    def second(self, f, numbers):
        x = self.variable(self.constant(numbers))
        gx = self.grad(self.sum(f(x)), x, create_graph=True)
        return self.grad(self.sum(gx), x).data.tolist()


class Original(Engine):
    package = "dezero"

    def __init__(self) -> None:
        import dezero.functions as F
        from dezero import Variable

        self.variable = Variable
        self.relu, self.leaky_relu = F.relu, lambda x: F.leaky_relu(x, 0.1)
        self.clip, self.log, self.sum = lambda x: F.clip(x, 0, 1), F.log, F.sum
        self.sqrt = lambda x: x**0.5
        self.max = lambda x: F.max(x, axis=0)
        self.pool = lambda x: F.pooling(F.reshape(x, (1, 1, 1, 3)), (1, 3))
        self.softmax = lambda x: F.softmax(x, axis=0)
        self.log_softmax = lambda x: F.reshape(F.log_softmax(F.reshape(x, (1, -1))), (-1,))

    def positive(self, x):
        raise MissingError("where")

    def slope(self, f, numbers, create_graph=False):
        x = self.variable(self.constant(numbers))
        self.sum(f(x)).backward(create_graph=create_graph)
        return x.grad.data.tolist()

    def second(self, f, numbers):
        x = self.variable(self.constant(numbers))
        self.sum(f(x)).backward(create_graph=True)
        gx = x.grad
        x.cleargrad()
        self.sum(gx).backward()
        return x.grad.data.tolist()


class PyTorch(Engine):
    package = "torch"

    def __init__(self) -> None:
        import torch
        import torch.nn.functional as F

        self.torch, self.sum, self.prod = torch, torch.sum, torch.prod
        self.relu, self.leaky_relu = F.relu, lambda x: F.leaky_relu(x, 0.1)
        self.absolute, self.clip = torch.abs, lambda x: torch.clip(x, 0, 1)
        self.maximum = lambda x, c: torch.maximum(x, self.constant([c]))
        self.log, self.sqrt, self.norm, self.std = torch.log, torch.sqrt, torch.linalg.norm, torch.std
        self.max, self.where = lambda x: torch.max(x, dim=0).values, torch.where
        self.pool = lambda x: F.max_pool2d(x.reshape(1, 1, 1, 3), (1, 3))
        self.softmax = lambda x: torch.softmax(x, 0)
        self.log_softmax = lambda x: torch.log_softmax(x, 0)
        self.logsumexp = lambda x: torch.logsumexp(x, 0)
        self.constant = torch.tensor

    def slope(self, f, numbers):
        x = self.torch.tensor(numbers, requires_grad=True)
        (gx,) = self.torch.autograd.grad(f(x).sum(), x)
        return gx.tolist()

    def second(self, f, numbers):
        x = self.torch.tensor(numbers, requires_grad=True)
        (gx,) = self.torch.autograd.grad(f(x).sum(), x, create_graph=True)
        (ggx,) = self.torch.autograd.grad(gx.sum(), x)
        return ggx.tolist()


class JAX(Engine):
    package = "jax"

    def __init__(self) -> None:
        import jax
        import jax.numpy as jnp

        self.grad, self.sum, self.prod = jax.grad, jnp.sum, jnp.prod
        self.relu, self.leaky_relu = jax.nn.relu, lambda x: jax.nn.leaky_relu(x, 0.1)
        self.absolute, self.maximum, self.clip = jnp.abs, jnp.maximum, lambda x: jnp.clip(x, 0, 1)
        self.log, self.sqrt, self.norm, self.std = jnp.log, jnp.sqrt, jnp.linalg.norm, jnp.std
        self.max, self.where = lambda x: jnp.max(x, axis=0), jnp.where
        self.pool = lambda x: jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (3,), (1,), "VALID")
        self.softmax, self.log_softmax = jax.nn.softmax, jax.nn.log_softmax
        self.logsumexp = jax.nn.logsumexp

    def slope(self, f, numbers):
        return self.grad(lambda x: self.sum(f(x)))(self.constant(numbers)).tolist()

    def second(self, f, numbers):
        return self.slope(lambda x: self.grad(lambda x: self.sum(f(x)))(x), numbers)


class Autograd(Engine):
    package = "autograd"

    def __init__(self) -> None:
        import autograd.numpy as anp
        from autograd import grad
        from autograd.scipy.special import logsumexp

        self.grad, self.sum, self.prod = grad, anp.sum, anp.prod
        self.absolute, self.maximum, self.clip = anp.abs, anp.maximum, lambda x: anp.clip(x, 0, 1)
        self.log, self.sqrt, self.norm, self.std = anp.log, anp.sqrt, anp.linalg.norm, anp.std
        self.max, self.where, self.logsumexp = lambda x: anp.max(x, axis=0), anp.where, logsumexp

    slope, second = JAX.slope, JAX.second


class MyGrad(Engine):
    package = "mygrad"

    def __init__(self) -> None:
        import mygrad as mg
        from mygrad.nnet import activations, layers

        self.mg, self.sum, self.prod = mg, mg.sum, mg.prod
        self.relu = activations.relu
        self.leaky_relu = lambda x: activations.leaky_relu(x, 0.1)
        self.absolute, self.maximum, self.clip = mg.abs, mg.maximum, lambda x: mg.clip(x, 0, 1)
        self.log, self.sqrt, self.norm, self.std = mg.log, mg.sqrt, mg.linalg.norm, mg.std
        self.max = lambda x: mg.max(x, axis=0)
        self.where = lambda mask, x, y: mg.where(np.asarray(mask), x, y)
        self.pool = lambda x: layers.max_pool(x.reshape(1, 3), (1, 3), 1)
        self.softmax = activations.softmax
        self.log_softmax = activations.logsoftmax

    def slope(self, f, numbers):
        x = self.mg.tensor(self.constant(numbers))
        self.sum(f(x)).backward()
        return x.grad.tolist()


class Tinygrad(Engine):
    package = "tinygrad"

    def __init__(self) -> None:
        from tinygrad import Tensor

        self.tensor, self.sum, self.prod = Tensor, Tensor.sum, Tensor.prod
        self.relu, self.leaky_relu = Tensor.relu, lambda x: x.leaky_relu(0.1)
        self.absolute, self.maximum, self.clip = Tensor.abs, Tensor.maximum, lambda x: x.clip(0, 1)
        self.log, self.sqrt, self.std = Tensor.log, Tensor.sqrt, Tensor.std
        self.max, self.where = lambda x: x.max(axis=0), lambda mask, x, y: mask.where(x, y)
        self.pool = lambda x: x.reshape(1, 1, 1, 3).max_pool2d((1, 3))
        self.softmax, self.log_softmax, self.logsumexp = Tensor.softmax, Tensor.log_softmax, Tensor.logsumexp
        self.constant = Tensor

    def slope(self, f, numbers):
        x = self.tensor(numbers)
        return f(x).sum().gradient(x)[0].tolist()

    def second(self, f, numbers):
        x = self.tensor(numbers)
        return f(x).sum().gradient(x)[0].sum().gradient(x)[0].tolist()


class PyTensor(Engine):
    package = "pytensor"

    def __init__(self) -> None:
        import pytensor
        import pytensor.tensor as pt

        pytensor.config.cxx = ""
        self.function, self.pt, self.sum, self.prod = pytensor.function, pt, pt.sum, pt.prod
        self.grad = pytensor.grad
        self.absolute, self.maximum, self.clip = pt.abs, pt.maximum, lambda x: pt.clip(x, 0, 1)
        self.log, self.sqrt, self.std = pt.log, pt.sqrt, pt.std
        self.norm = pt.linalg.norm
        self.max, self.where = lambda x: pt.max(x, axis=0), pt.where
        self.softmax = lambda x: pt.special.softmax(x, axis=0)
        self.log_softmax = lambda x: pt.special.log_softmax(x, axis=0)
        self.logsumexp = pt.logsumexp

    def slope(self, f, numbers, times=1):
        y = x = self.pt.fvector()
        y = f(x)
        for _ in range(times):
            y = self.grad(y.sum(), x)
        return self.function([x], y)(self.constant(numbers)).tolist()

    def second(self, f, numbers):
        return self.slope(f, numbers, 2)


class CasADi(Engine):
    package = "casadi"

    def __init__(self) -> None:
        import casadi

        self.casadi, self.sum = casadi, casadi.sum1
        self.absolute, self.maximum = casadi.fabs, casadi.fmax
        self.clip = lambda x: casadi.fmin(casadi.fmax(x, 0), 1)
        self.log, self.sqrt, self.norm = casadi.log, casadi.sqrt, casadi.norm_2
        self.max, self.where, self.logsumexp = casadi.mmax, casadi.if_else, casadi.logsumexp
        self.constant = casadi.DM

    def slope(self, f, numbers, times=1):
        casadi = self.casadi
        y = x = casadi.MX.sym("x", len(numbers))
        y = f(x)
        for _ in range(times):
            y = casadi.gradient(casadi.sum1(y), x)
        return np.array(casadi.Function("g", [x], [y])(numbers)).ravel().tolist()

    def second(self, f, numbers):
        return self.slope(f, numbers, 2)


class Paddle(Engine):
    package = "paddle"

    def __init__(self) -> None:
        import paddle
        import paddle.nn.functional as F

        self.paddle, self.sum, self.prod = paddle, paddle.sum, paddle.prod
        self.relu, self.leaky_relu = F.relu, lambda x: F.leaky_relu(x, 0.1)
        self.absolute, self.clip = paddle.abs, lambda x: paddle.clip(x, 0, 1)
        self.maximum = lambda x, c: paddle.maximum(x, self.constant([c]))
        self.log, self.sqrt, self.norm, self.std = paddle.log, paddle.sqrt, paddle.linalg.norm, paddle.std
        self.max, self.where = lambda x: paddle.max(x, axis=0), paddle.where
        self.pool = lambda x: F.max_pool2d(x.reshape([1, 1, 1, 3]), (1, 3))
        self.softmax, self.log_softmax, self.logsumexp = F.softmax, F.log_softmax, paddle.logsumexp
        self.constant = paddle.to_tensor

    def slope(self, f, numbers):
        x = self.paddle.to_tensor(numbers, stop_gradient=False)
        (gx,) = self.paddle.grad(f(x).sum(), x)
        return gx.tolist()

    def second(self, f, numbers):
        x = self.paddle.to_tensor(numbers, stop_gradient=False)
        (gx,) = self.paddle.grad(f(x).sum(), x, create_graph=True)
        (ggx,) = self.paddle.grad(gx.sum(), x)
        return ggx.tolist()


class MLX(Engine):
    package = "mlx"

    def __init__(self) -> None:
        import mlx.core as mx
        import mlx.nn as nn

        self.grad, self.sum, self.prod, self.constant = mx.grad, mx.sum, mx.prod, mx.array
        self.relu, self.leaky_relu = nn.relu, lambda x: nn.leaky_relu(x, 0.1)
        self.absolute, self.maximum, self.clip = mx.abs, mx.maximum, lambda x: mx.clip(x, 0, 1)
        self.log, self.sqrt, self.norm, self.std = mx.log, mx.sqrt, mx.linalg.norm, mx.std
        self.max, self.where = lambda x: mx.max(x, axis=0), mx.where
        self.pool = lambda x: nn.MaxPool1d(3)(x.reshape(1, 3, 1))
        self.softmax, self.log_softmax = lambda x: mx.softmax(x, axis=0), nn.log_softmax
        self.logsumexp = mx.logsumexp

    slope, second = JAX.slope, JAX.second


class TensorFlow(Engine):
    package = "tensorflow"

    def __init__(self) -> None:
        import tensorflow as tf

        self.tf, self.sum, self.prod, self.constant = tf, tf.reduce_sum, tf.reduce_prod, tf.constant
        self.relu, self.leaky_relu = tf.nn.relu, lambda x: tf.nn.leaky_relu(x, 0.1)
        self.absolute, self.maximum = tf.abs, tf.maximum
        self.clip = lambda x: tf.clip_by_value(x, 0.0, 1.0)
        self.log, self.sqrt, self.norm = tf.math.log, tf.sqrt, tf.norm
        self.std = tf.math.reduce_std
        self.max, self.where = lambda x: tf.reduce_max(x, axis=0), tf.where
        self.pool = lambda x: tf.nn.max_pool2d(tf.reshape(x, (1, 1, 3, 1)), (1, 3), 1, "VALID")
        self.softmax, self.log_softmax = tf.nn.softmax, tf.nn.log_softmax
        self.logsumexp = tf.reduce_logsumexp

    def slope(self, f, numbers, times=1):
        x = self.tf.constant(numbers)
        return self.derivative(f, x, times).numpy().tolist()

    def derivative(self, f, x, times):
        if times == 0:
            return f(x)
        with self.tf.GradientTape() as tape:
            tape.watch(x)
            y = self.derivative(f, x, times - 1)
        return tape.gradient(y, x)

    def second(self, f, numbers):
        return self.slope(f, numbers, 2)


class Chainer(Engine):
    package = "chainer"

    def __init__(self) -> None:
        import chainer
        import chainer.functions as F

        self.variable, self.grad, self.sum, self.prod = chainer.Variable, chainer.grad, F.sum, F.prod
        self.relu, self.leaky_relu = F.relu, lambda x: F.leaky_relu(x, 0.1)
        self.absolute, self.clip = abs, lambda x: F.clip(x, 0.0, 1.0)
        self.maximum = lambda x, c: F.maximum(x, self.constant([c]))
        self.log, self.sqrt = F.log, F.sqrt
        self.max = lambda x: F.max(x, axis=0)
        self.positive = lambda x: x.array > 0
        self.where = lambda mask, x, y: F.where(mask, x, y * np.ones(1, np.float32))
        self.pool = lambda x: F.max_pooling_1d(x.reshape(1, 1, 3), 3)
        self.softmax = lambda x: F.softmax(x, axis=0)
        self.log_softmax = lambda x: F.log_softmax(x, axis=0)
        self.logsumexp = F.logsumexp

    def slope(self, f, numbers):
        x = self.variable(self.constant(numbers))
        (gx,) = self.grad([self.sum(f(x))], [x])
        return gx.array.tolist()

    def second(self, f, numbers):
        x = self.variable(self.constant(numbers))
        (gx,) = self.grad([self.sum(f(x))], [x], enable_double_backprop=True)
        (ggx,) = self.grad([self.sum(gx)], [x])
        return ggx.array.tolist()


ENGINES = {
    "ours": Ours,
    "the original": Original,
    "PyTorch": PyTorch,
    "JAX": JAX,
    "TensorFlow": TensorFlow,
    "Autograd": Autograd,
    "tinygrad": Tinygrad,
    "PyTensor": PyTensor,
    "CasADi": CasADi,
    "Paddle": Paddle,
    "MLX": MLX,
    "MyGrad": MyGrad,
    "Chainer": Chainer,
}


def where_of(function, safe=None):
    """The function where x is above 0, else 0; with safe, the rest of x is replaced before."""

    def f(e, x):
        mask = e.positive(x)
        return e.where(mask, function(e, x if safe is None else e.where(mask, x, safe)), 0.0)

    return f


INF = float("inf")
QUESTIONS: dict[str, tuple] = {
    "relu, at 0": (lambda e, x: e.relu(x), [0.0]),
    "maximum of x and 0, at 0": (lambda e, x: e.maximum(x, 0.0), [0.0]),
    "relu(x) − relu(−x), at 0": (lambda e, x: e.relu(x) - e.relu(-x), [0.0]),
    "leaky relu with 0.1, at 0": (lambda e, x: e.leaky_relu(x), [0.0]),
    "clip to 0…1, at 0 and 1": (lambda e, x: e.clip(x), [0.0, 1.0]),
    "relu(x)², second slope at 0": (lambda e, x: e.relu(x) ** 2, [0.0], 2),
    "max(x, 0)², second slope at 0": (lambda e, x: e.maximum(x, 0.0) ** 2, [0.0], 2),
    "maximum over an axis, of 3, 3, 1": (lambda e, x: e.max(x), [3.0, 3.0, 1.0]),
    "max pooling, of 3, 3, 1": (lambda e, x: e.pool(x), [3.0, 3.0, 1.0]),
    "log x where x > 0, else 0; at 0": (where_of(lambda e, x: e.log(x)), [0.0]),
    "the same, the input masked too": (where_of(lambda e, x: e.log(x), 1.0), [0.0]),
    "x log x, at 0": (lambda e, x: x * e.log(x), [0.0]),
    "root of a sum of squares, at 0, 0": (lambda e, x: e.sqrt(e.sum(x * x)), [0.0, 0.0]),
    "norm, at 0, 0": (lambda e, x: e.norm(x), [0.0, 0.0]),
    "standard deviation, of 1, 1": (lambda e, x: e.std(x), [1.0, 1.0]),
    "product, of 0, 2, 3": (lambda e, x: e.prod(x), [0.0, 2.0, 3.0]),
    "x⁰, at 0": (lambda e, x: x**0.0, [0.0]),
    "softmax, of −∞, −∞": (lambda e, x: e.softmax(x), [-INF, -INF]),
    "second log softmax, of −∞, 0": (lambda e, x: e.log_softmax(x)[1], [-INF, 0.0]),
    "log-sum-exp, of −∞, −∞": (lambda e, x: e.logsumexp(x), [-INF, -INF]),
}


def shown(number: float) -> str:
    words = {0.5: "½", INF: "∞", -INF: "−∞"}
    return words.get(number) or f"{number:.3g}".replace("-0", "0").replace("-", "−")


def answer(engine: Engine, f, numbers, order=1) -> str:
    try:
        ask = engine.slope if order == 1 else engine.second
        found = ask(lambda x: f(engine, x), numbers)
    except MissingError:
        return "–"
    except Exception as error:
        print(f"{type(engine).__name__}: {type(error).__name__} {str(error)[:200]}", file=sys.stderr)
        return "error"
    return " ".join(map(shown, found))


def is_here(name: str) -> bool:
    """Whether an engine can be imported; our package is beside this file."""
    if name == "ours":
        sys.path.insert(0, SRC)
        return True
    if name == "the original":  # without ours in its way
        sys.path[:] = [path for path in sys.path if not (Path(path) / "dezero" / "explain.py").is_file()]
    return importlib.util.find_spec(ENGINES[name].package) is not None


def answers(name: str) -> dict[str, str]:
    """The answers of an engine to all questions."""
    engine = ENGINES[name]()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return {question: answer(engine, *asked) for question, asked in QUESTIONS.items()}


def serve(name: str) -> None:
    """Print the answers and the version of an engine as JSON, nothing if it is not here."""
    if is_here(name):
        package = ENGINES[name].package
        number = version(packages_distributions()[package][0]) if package else ""
        print(json.dumps([number, answers(name)]))


def others(question: str, columns: dict[str, dict[str, str]]) -> str:
    """Who answers what, the most frequent answer first."""
    found: dict[str, list[str]] = {}
    for name, column in columns.items():
        if name != "ours" and column[question] != "–":
            found.setdefault(column[question], []).append(name)
    if len(found) == 1:
        return f"{next(iter(found))}: all"
    groups = sorted(found.items(), key=lambda group: -len(group[1]))
    return "<br>".join(f"{said}: {', '.join(names)}" for said, names in groups)


def main() -> None:
    if sys.argv[1:2] == ["--serve"]:
        return serve(sys.argv[2])
    columns, versions = {}, []
    for name in ENGINES:
        for python in [sys.executable, *sys.argv[1:]]:
            run = subprocess.run([python, __file__, "--serve", name], stdout=subprocess.PIPE, text=True)
            if run.returncode == 0 and run.stdout:
                number, columns[name] = json.loads(run.stdout.splitlines()[-1])
                versions.append(f"{name} {number}".strip())
                break
    print("| slope of | ours | others |\n|---|---|---|")
    for question in QUESTIONS:
        print(f"| {question} | {columns['ours'][question]} | {others(question, columns)} |")
    print("\n" + ", ".join(versions))


if __name__ == "__main__":
    main()
