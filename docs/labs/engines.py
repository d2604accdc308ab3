# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The finished engine beside others
#
# How fast is the package that we have built, beside PyTorch, JAX and Autograd?
# PyTorch and JAX compute in C++ and choose among many ways to do the same; ours is Python and NumPy, some five thousand lines.
# The answer depends on the work, so we ask with eleven pieces of work, from a formula of one number to a step of training.
# Their programs are [below](#the-work-in-one-language-for-all-engines).
#
# This page has two kinds of figures.
# Those of the first chart were measured once, on one machine, all engines in turn, and lie in the file `engines.json` beside this page with their date and versions.
# Those at the end were measured when this page was made, with the engines that were installed then; take <a href="engines.py" download>the script</a> and <a href="../engines.json" download>the file</a>, and see what your machine says.

# %%
import os

os.environ |= {"OMP_NUM_THREADS": "1", "JAX_PLATFORMS": "cpu"}
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"  # one thread

import importlib.util
import json
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

# %config InlineBackend.figure_formats = ["svg"]
plt.rcParams["svg.fonttype"] = "none"  # words stay words

# %% [markdown]
# ## What was measured
#
# The script `tests/benchmarks/compare_engines.py` of the repository runs each engine in a process of its own, on one thread.
# In each round every engine does the work once, and the order changes from round to round; the time is that of the processor, without the time of other programs on the machine.
# Before that, the results of all engines are compared with PyTorch's.
#
# A time alone says little about another machine, but a ratio of two does.
# So we divide all times by PyTorch's, within a round, and take the median over the rounds.
#
# Still, these other programs compete for its memory and its caches.
# In another run of the script the convolution took 1.47 times as long as PyTorch's instead of 1.05, so small differences mean little here.

# %%
places = Path("docs/labs/engines.json"), Path("engines.json")
figures = json.loads(next(p for p in places if p.exists()).read_text())
assert figures["date"] == "2026-11-29"  # that of the words below
print(figures["date"], "-", figures["machine"])
versions = {"Python": figures["python"], "NumPy": figures["numpy"]}
for name, version in (versions | figures["versions"]).items():
    print(f"{name:15}{version}")

# %%
ratios = figures["ratios"]
names = list(ratios["formula of one number"])
heads = [name.replace("JAX, compiled", "compiled") for name in names]
print(f"{'time / time of PyTorch':27}" + "".join(f"{head:>9}" for head in heads))
for work, row in ratios.items():
    cells = (f"{row[name]:.2f}" if name in row else "" for name in names)
    print(f"{work:27}" + "".join(f"{cell:>9}" for cell in cells))

# %%
fig, ax = plt.subplots(figsize=(6.4, 4.4), layout="constrained")
markers = {"ours": "o", "JAX": "s", "JAX, compiled": "D", "Autograd": "^"}
rows = np.arange(len(ratios))
for name, marker in markers.items():
    found = [row.get(name, np.nan) for row in ratios.values()]
    size = 9 if name == "ours" else 5
    ax.plot(found, rows, marker, label=name, markersize=size)
ax.axvline(1, color="black", linewidth=1)
ax.set(xscale="log", xlabel="time / time of PyTorch", yticks=rows)
ax.set_yticklabels(ratios)
ax.xaxis.set_major_formatter("{x:g}")
ax.invert_yaxis()
ax.grid(alpha=0.3)
ax.legend(loc="upper center", bbox_to_anchor=(0.4, 1.12), ncols=4)
plt.show()

# %% [markdown]
# ```text title="Figure"
# Times as multiples of PyTorch's, which is the line at 1; further to the left is faster.
#
# A chart with a logarithmic scale from 0.01 to 200 and a row for each piece of work. The large dots of our engine lie to the left of the line for the first five rows and for max pooling, near it for the convolution, batch normalization and the LSTM, and to the right of it for LeNet and attention. The squares of JAX lie far to the right, up to nearly 200, except for the convolution, where they are near the line. The diamonds of compiled JAX lie to the left in the first four rows, in two of them far; in the others they are around the line, and for LeNet, max pooling and attention to the right. The triangles of Autograd, in five rows only, lie a little to the right, and in one far to the right.
# ```
#
# ## Where ours wins, and where it loses
#
# - **Formulas and derivatives.**
#   With few numbers, an engine spends its time on its own work: it makes nodes, looks for rules, orders them.
#   Ours does little of that for each operation, since [the interlude on its speed](../interlude-a-lean-engine.md), and takes less time than PyTorch, which has more cases to tell apart.
#   JAX, called like this, traces the Python code anew at each call; compiled, it does that once, and joins the whole formula into one loop, which no engine that works operation by operation can do.
# - **The 8th derivative of tanh.**
#   Here the size of the graph decides.
#   Autograd's rule divides by the square of the hyperbolic cosine, and its derivatives become large formulas; ours keeps the slope of tanh as a single node, and the graph stays smaller.
#   (Autograd gets `float64` here, since the powers of that formula overflow in `float32`.)
# - **Linear layers.**
#   Nearly all time goes into matrix products, and all engines call a library for these; what is left is the update.
# - **LeNet and convolutions.**
#   Ours loses, hardly in the large convolution, clearly in LeNet.
#   NumPy has no convolution, so [chapter 61](../step61-the-same-numbers-faster.md) copies strips of the images and calls matrix products, and the copies cost time; the library behind PyTorch has convolutions that are made for the processor.
#   With fewer than eight channels, as in this LeNet, it copies whole windows, which takes longer still.
# - **Max pooling.**
#   Ours wins, with a few calls of `np.maximum` on whole slices.
#   JAX's general windows are slow here, compiled or not.
# - **Batch normalization.**
#   It is bound by the memory: each number is read and written several times.
#   Compiled JAX joins the operations, and reads less often.
# - **Attention.**
#   Ours loses: it writes the whole matrix of weights into memory, once for each operation of the softmax, where PyTorch's function goes through it in blocks.
# - **LSTM.**
#   Many small matrix products and element-wise functions, one after the other: nobody is much faster than the others, except that JAX without compilation pays its price for each operation 30 times.
#
# All this is said of one thread of a processor.
# With more threads, or on a graphics card, PyTorch and JAX divide the work of a single operation, and ours leaves that to NumPy, which does it for matrix products only.
# And a compilation takes its time: for the LSTM, whose 30 steps are one long formula here, JAX computes for more than ten seconds before the first result comes (it has a function for loops, `scan`, to avoid that).

# %% [markdown]
# ## The work, in one language for all engines
#
# Each piece of work is a formula in the words of an engine `e`, and the numbers that it begins with, all of them `float32`.
# `e.gradients` makes a program that computes it forwards and backwards, `e.training` one that also moves the parameters a little.


# %% tags=["programs"]
def numbers(*shape, scale=1.0):
    rng = np.random.default_rng(sum(shape))
    return (scale * rng.standard_normal(shape)).astype(np.float32)


def weights(*shapes):
    """Return random kernels (OC, C, KH, KW), matrices (D, H) and zeros (H,)."""
    made = []
    for shape in shapes:
        fan_in = shape[0] if len(shape) == 2 else np.prod(shape[1:])
        made.append(numbers(*shape, scale=fan_in**-0.5 if len(shape) > 1 else 0))
    return made


def formula(x):
    return (x * x + x) * 3 - x / 2


def rosenbrock(x, y):
    return 100 * (y - x**2) ** 2 + (1 - x) ** 2


def mlp(e):
    x, t = numbers(100, 784), np.arange(100) % 10

    def loss(W0, b0, W1, b1):
        return e.loss(e.linear(e.relu(e.linear(e.data(x), W0, b0)), W1, b1), t)

    return e.training(loss, weights((784, 1000), (1000,), (1000, 10), (10,)))


def lenet(e):
    x, t = numbers(64, 1, 28, 28), np.arange(64) % 10

    def loss(K0, b0, K1, b1, W0, c0, W1, c1, W2, c2):
        y = e.pool(e.relu(e.conv(e.data(x), K0, b0, 2)))
        y = e.pool(e.relu(e.conv(y, K1, b1, 0))).reshape(64, 400)
        y = e.relu(e.linear(e.relu(e.linear(y, W0, c0)), W1, c1))
        return e.loss(e.linear(y, W2, c2), t)

    kernels = (6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,)
    matrices = (400, 120), (120,), (120, 84), (84,), (84, 10), (10,)
    return e.training(loss, weights(*kernels, *matrices))


def convolution(e):
    arrays = [numbers(8, 64, 56, 56), *weights((64, 64, 3, 3), (64,))]
    return e.gradients(lambda x, W, b: e.conv(x, W, b, 1), arrays)


def pooling(e):
    return e.gradients(e.pool, [numbers(8, 64, 56, 56)])


def normalization(e):
    ones = np.ones(64, np.float32)
    return e.gradients(e.norm, [numbers(8, 64, 56, 56), ones, 0 * ones])


def attention(e):
    return e.gradients(e.attention, [numbers(8, 4, 128, 32)] * 3)


WORK = {
    "formula of one number": lambda e: e.gradients(formula, [np.float32([1.5])]),
    "formula of 10,000 numbers": lambda e: e.gradients(formula, [numbers(10_000)]),
    "8th derivative of tanh": lambda e: e.derivative(np.linspace(-2, 2, 200), 8),
    "Hessian times a vector": lambda e: e.product(rosenbrock, (-1.2, 1.0), (0.3, -0.7)),
    "two linear layers, step": mlp,
    "LeNet, step": lenet,
    "convolution": convolution,
    "max pooling": pooling,
    "batch normalization": normalization,
    "causal attention": attention,
    "LSTM of 30 steps": lambda e: e.lstm(numbers(30, 30, 1)),
}

# %% [markdown]
# ## The engines
#
# Each engine says in its own words what a convolution is, and how it takes gradients.
# Where an engine has a function for the whole of something, such as attention, we take that.


# %% tags=["programs"]
class Ours:
    package = "dezero"

    def __init__(self):
        import dezero.functions as F
        from dezero import Variable, grad

        self.variable, self.grad, self.F = Variable, grad, F
        self.data = lambda x: x
        self.relu, self.linear, self.loss = F.relu, F.linear, F.softmax_cross_entropy
        self.conv = lambda x, W, b, pad: F.conv2d(x, W, b, pad=pad)
        self.pool = lambda x: F.pooling(x, 2, 2)
        self.norm = lambda x, *gb: F.batch_norm(x, *gb, np.zeros(64), np.ones(64))
        self.attention = lambda q, k, v: F.attention(q, k, v, F.causal_mask(128))

    def gradients(self, f, arrays):
        xs = [self.variable(x) for x in arrays]
        gy = self.variable(numbers(*f(*xs).shape))

        def run():
            for x in xs:
                x.cleargrad()
            y = f(*xs)
            y.grad = gy
            y.backward()
            return [x.grad.data for x in xs]

        return run

    def training(self, loss, arrays):
        xs = [self.variable(x.copy()) for x in arrays]

        def run():
            for x in xs:
                x.cleargrad()
            y = loss(*xs)
            y.backward()
            for x in xs:
                x.data -= 0.01 * x.grad.data
            return [y.data]

        return run

    def derivative(self, places, n):
        def run():
            x = self.variable(places.astype(np.float32))
            y = self.F.tanh(x)
            for k in range(n):
                y = self.grad(y, x, create_graph=k < n - 1)
            return [y.data]

        return run

    def product(self, f, place, direction):
        def run():
            xs = [self.variable(np.array(x, np.float32)) for x in place]
            gxs = self.grad(f(*xs), xs, create_graph=True)
            along = sum(v * gx for v, gx in zip(direction, gxs, strict=True))
            return [gx.data for gx in self.grad(along, xs)]

        return run

    def lstm(self, sequence):
        import dezero.layers as L

        W, U, b = weights((1, 400), (100, 400), (400,))
        layer = L.LSTM(100, in_size=1)
        parts = (np.split(a, 4, axis=-1) for a in (W, U, b))
        for gate, w, u, bias in zip("ifuo", *parts, strict=True):
            x2, h2 = getattr(layer, f"x2{gate}"), getattr(layer, f"h2{gate}")
            x2.W.data, h2.W.data, x2.b.data = w.copy(), u.copy(), bias.copy()

        def run():
            layer.cleargrads()
            layer.reset_state()
            loss = 0
            for x in sequence:
                loss = loss + self.F.sum(layer(x))
            loss.backward()
            return [loss.data, layer.h2o.W.grad.data]

        return run


class PyTorch:
    package = "torch"

    def __init__(self):
        import torch
        from torch.nn import functional as F

        torch.set_num_threads(1)
        self.torch, self.data, self.relu = torch, torch.from_numpy, F.relu
        self.linear = lambda x, W, b: torch.addmm(b, x, W)
        self.loss = lambda x, t: F.cross_entropy(x, torch.from_numpy(t))
        self.conv = lambda x, W, b, pad: F.conv2d(x, W, b, padding=pad)
        self.pool = lambda x: F.max_pool2d(x, 2)
        running = torch.zeros(64), torch.ones(64)
        self.norm = lambda x, *gb: F.batch_norm(x, *running, *gb, True, eps=2e-5)
        attention = F.scaled_dot_product_attention
        self.attention = lambda *qkv: attention(*qkv, is_causal=True)

    def leaf(self, x):
        return self.torch.tensor(x, requires_grad=True)

    def gradients(self, f, arrays):
        xs = [self.leaf(x) for x in arrays]
        gy = self.data(numbers(*f(*xs).shape))
        return lambda: self.torch.autograd.grad(f(*xs), xs, gy)

    def training(self, loss, arrays):
        xs = [self.leaf(x) for x in arrays]

        def run():
            y = loss(*xs)
            gxs = self.torch.autograd.grad(y, xs)
            with self.torch.no_grad():
                for x, gx in zip(xs, gxs, strict=True):
                    x -= 0.01 * gx
            return [y.detach()]

        return run

    def derivative(self, places, n):
        def run():
            x = self.leaf(places.astype(np.float32))
            y, ones = self.torch.tanh(x), self.torch.ones(len(places))
            for k in range(n):
                (y,) = self.torch.autograd.grad(y, x, ones, create_graph=k < n - 1)
            return [y]

        return run

    def product(self, f, place, direction):
        def run():
            xs = [self.leaf(x) for x in place]
            gxs = self.torch.autograd.grad(f(*xs), xs, create_graph=True)
            along = sum(v * gx for v, gx in zip(direction, gxs, strict=True))
            return self.torch.autograd.grad(along, xs)

        return run

    def lstm(self, sequence):
        W, U, _ = weights((1, 400), (100, 400), (400,))
        cell, steps = self.torch.nn.LSTMCell(1, 100), self.data(sequence)
        with self.torch.no_grad():
            cell.weight_ih.copy_(self.data(W.T.copy()))
            cell.weight_hh.copy_(self.data(U.T.copy()))
            cell.bias_ih.zero_(), cell.bias_hh.zero_()

        def run():
            cell.zero_grad()
            loss, state = 0, None
            for x in steps:
                state = cell(x, state)
                loss = loss + state[0].sum()
            loss.backward()
            return [loss.detach(), cell.weight_hh.grad[300:].T]

        return run


class JAX:
    """JAX as it is called, operation by operation."""

    package = "jax"

    def __init__(self):
        import jax
        import jax.numpy as jnp

        lax, ones = jax.lax, (1, 1)
        self.jax, self.jnp, self.data, self.relu = jax, jnp, jnp.asarray, jax.nn.relu
        self.linear = lambda x, W, b: x @ W + b
        layout = {"dimension_numbers": ("NCHW", "OIHW", "NCHW")}

        def conv(x, W, b, pad):
            y = lax.conv_general_dilated(x, W, ones, [(pad, pad)] * 2, **layout)
            return y + b[:, None, None]

        def norm(x, gamma, beta):
            mean = x.mean((0, 2, 3), keepdims=True)
            var = ((x - mean) ** 2).mean((0, 2, 3), keepdims=True)
            scale = gamma[:, None, None] * lax.rsqrt(var + 2e-5)
            return (x - mean) * scale + beta[:, None, None]

        def pool(x):
            two = (1, 1, 2, 2)
            return lax.reduce_window(x, -jnp.inf, lax.max, two, two, "VALID")

        def loss(x, t):
            return -jax.nn.log_softmax(x)[jnp.arange(len(t)), t].mean()

        def attention(*qkv):
            qkv = [x.swapaxes(1, 2) for x in qkv]
            y = jax.nn.dot_product_attention(*qkv, is_causal=True)
            return y.swapaxes(1, 2)

        self.conv, self.norm, self.pool = conv, norm, pool
        self.loss, self.attention = loss, attention

    def compiled(self, f):
        return f

    def gradients(self, f, arrays):
        xs = [self.data(x) for x in arrays]
        gy = self.data(numbers(*f(*xs).shape))
        g = self.compiled(lambda *xs: self.jax.vjp(f, *xs)[1](gy))
        return lambda: self.jax.block_until_ready(g(*xs))

    def training(self, loss, arrays):
        xs = [self.data(x) for x in arrays]

        def step(xs):
            of_all = tuple(range(len(xs)))
            y, gxs = self.jax.value_and_grad(loss, of_all)(*xs)
            return y, [x - 0.01 * gx for x, gx in zip(xs, gxs, strict=True)]

        step = self.compiled(step)

        def run():
            y, xs[:] = self.jax.block_until_ready(step(xs))
            return [y]

        return run

    def derivative(self, places, n):
        x, f = self.data(places.astype(np.float32)), self.jnp.tanh
        for _ in range(n):
            f = self.slope(f)
        f = self.compiled(f)
        return lambda: [f(x).block_until_ready()]

    def slope(self, f):
        ones = self.jnp.ones(200)
        return lambda x: self.jax.vjp(f, x)[1](ones)[0]

    def product(self, f, place, direction):
        def along(*xs):
            gxs = self.jax.grad(f, (0, 1))(*xs)
            return sum(v * gx for v, gx in zip(direction, gxs, strict=True))

        g = self.compiled(self.jax.grad(along, (0, 1)))
        xs = [self.jnp.float32(x) for x in place]
        return lambda: self.jax.block_until_ready(g(*xs))

    def lstm(self, sequence):
        jax, jnp = self.jax, self.jnp
        parameters = [self.data(x) for x in weights((1, 400), (100, 400), (400,))]

        def step(state, x, W, U, b):
            h, c = state
            i, f, u, o = jnp.split(x @ W + h @ U + b, 4, axis=1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(u)
            return jax.nn.sigmoid(o) * jnp.tanh(c), c

        def loss(*parameters):
            total, state = 0, (jnp.zeros((30, 100)),) * 2
            for x in sequence:
                state = step(state, x, *parameters)
                total = total + state[0].sum()
            return total

        g = self.compiled(jax.value_and_grad(loss, (0, 1, 2)))

        def run():
            y, (_, gU, _) = jax.block_until_ready(g(*parameters))
            return [y, gU[:, 300:]]

        return run


class CompiledJAX(JAX):
    """JAX with each whole program compiled; that time is not counted."""

    def compiled(self, f):
        return self.jax.jit(f)


class Autograd:
    """It has no convolutions, pooling or losses."""

    package = "autograd"

    def __init__(self):
        import autograd
        import autograd.numpy as anp
        from autograd.core import make_vjp

        self.autograd, self.np, self.make_vjp = autograd, anp, make_vjp
        self.data, self.relu = lambda x: x, lambda x: anp.maximum(x, 0)
        self.linear = lambda x, W, b: anp.dot(x, W) + b

    def loss(self, x, t):
        x = x - self.np.max(x, axis=1, keepdims=True)
        log_p = x - self.np.log(self.np.sum(self.np.exp(x), axis=1, keepdims=True))
        return -self.np.mean(log_p[np.arange(len(t)), t])

    def gradients(self, f, arrays):
        xs, gy = tuple(arrays), numbers(*f(*arrays).shape)
        return lambda: self.make_vjp(lambda xs: f(*xs), xs)[0](gy)

    def training(self, loss, arrays):
        xs, g = [x.copy() for x in arrays], self.autograd.value_and_grad

        def run():
            y, gxs = g(lambda xs: loss(*xs))(tuple(xs))
            for x, gx in zip(xs, gxs, strict=True):
                x -= np.float32(0.01) * gx
            return [y]

        return run

    def derivative(self, places, n):
        f = self.np.tanh
        for _ in range(n):
            f = self.autograd.elementwise_grad(f)
        return lambda: [f(places)]  # in float64: float32 overflows here

    def product(self, f, place, direction):
        def along(xs):
            gxs = self.autograd.grad(lambda xs: f(*xs))(xs)
            return sum(v * gx for v, gx in zip(direction, gxs, strict=True))

        g = self.autograd.grad(along)
        return lambda: g(tuple(np.float32(x) for x in place))


ENGINES = {
    "ours": Ours,
    "PyTorch": PyTorch,
    "JAX": JAX,
    "JAX, compiled": CompiledJAX,
    "Autograd": Autograd,
}


def installed():
    """Return the names of the engines that are here."""
    found = importlib.util.find_spec
    return [name for name, engine in ENGINES.items() if found(engine.package)]


def programs(name):
    """Return the work that an engine can do, by name, each run once."""
    engine, made = ENGINES[name](), {}
    for work, make in WORK.items():
        try:
            made[work] = make(engine)
            made[work]()
        except AttributeError:  # the engine lacks a function
            made.pop(work, None)
    return made


def cost(program, least=0.05):
    """Return the processor time of one run in seconds."""
    runs, start = 0, time.process_time()
    while (spent := time.process_time() - start) < least:
        program()
        runs += 1
    return spent / runs


# %% [markdown]
# ## On this machine
#
# Now the same work here, with the engines that are installed; PyTorch and JAX are measured if you install them beside `dezero`.


# %%
def measure(name, rounds=3):
    """Return the best time for each piece of work, in milliseconds."""
    made = programs(name)
    return {w: 1e3 * min(cost(p) for _ in range(rounds)) for w, p in made.items()}


here = {name: measure(name) for name in installed()}
print(f"{'milliseconds':27}" + "".join(f"{name:>15}" for name in here))
for work in WORK:
    cells = (f"{row[work]:.3g}" if work in row else "" for row in here.values())
    print(f"{work:27}" + "".join(f"{cell:>15}" for cell in cells))

# %% [markdown]
# Are the ratios of the pieces of work to one another the same as on the other machine?
# A factor that all of them share says how fast this machine is, and what is left says how it differs.

# %%
kept = figures["seconds"]
shares = np.array([here["ours"][w] / (1e3 * kept[w]["ours"]) for w in WORK])
print(f"all of them: {np.median(shares):.1f} times the time of the other machine")
for work, share in zip(WORK, shares / np.median(shares), strict=True):
    print(f"{work:27} {share:.2f}")
assert np.all(shares > 0)

# %% [markdown]
# ## Things to try
#
# - **More threads.**
#   Delete the first lines, which ask for a single thread, and measure with `time.perf_counter` in place of `time.process_time`.
#   Which of our programs become faster, and why not all?
# - **Larger and smaller.**
#   Take formulas of 10, 100, … numbers: from which size on does the time of ours grow, and from which do the engines agree?
# - **A piece of work of your own.**
#   Add it to `WORK`, in the words of `e`, and guess first which engine wins.
