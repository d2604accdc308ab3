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
# # Derivatives of the hyperbolic tangent
#
# [Chapter 35](../step35-a-graph-that-grows.md) differentiated `tanh` again and again, and counted: each order has about three times as many functions in its graph as the one before.
# A count is not yet a cost.
# How do the derivatives look, what do their graphs look like, and how long do you wait for them?
#
# Every number and every picture here was computed when this page was made.
# Take <a href="derivatives-of-tanh.py" download>the script</a>, and see what your machine says.

# %%
import gc
import math
import sys
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from numpy.polynomial import Polynomial

import dezero.functions as F
from dezero import Variable, past_of
from dezero.utils import plot_dot_graph

# %config InlineBackend.figure_formats = ["svg"]
plt.rcParams["svg.fonttype"] = "none"  # words stay words

# %% [markdown]
# ## Eight curves
#
# The loop is that of the chapter.
# We give it 801 places at once; every element is differentiated by itself.


# %%
def derivatives(x, n):
    """Yield tanh at x and its derivatives up to order n, as variables."""
    y = F.tanh(x)
    yield y
    for _ in range(n):
        x.cleargrad()
        y.backward(create_graph=True)
        y = x.grad
        yield y
    x.cleargrad()


highest = 8
x = Variable(np.linspace(-4, 4, 801))
curves = [y.data for y in derivatives(x, highest)]

# %% [markdown]
# On paper each of them is a polynomial in $y = \tanh x$, and the next one is $p'(y)\,(1 - y^2)$.


# %%
def polynomials(n):
    p = Polynomial([0.0, 1.0])
    yield p
    for _ in range(n):
        p = p.deriv() * Polynomial([1.0, 0.0, -1.0])
        yield p


print("order  largest value  zeros  terms on paper")
for n, p in enumerate(polynomials(highest)):
    curve = curves[n]
    largest = np.abs(curve).max()
    assert np.allclose(curve, p(curves[0]), atol=1e-9 * largest)
    signs = np.sign(curve[np.abs(curve) > 1e-9 * largest])
    zeros = np.count_nonzero(np.diff(signs))
    terms = np.count_nonzero(p.coef)
    print(f"{n:5}{largest:15.1f}{zeros:7}{terms:16}")
    assert zeros == (n - 1 if n else 1)

# %%
size = {"figsize": (6.4, 3.6), "layout": "constrained"}
fig, axes = plt.subplots(2, 4, sharex=True, sharey=True, **size)
for n, ax in enumerate(axes.flat, start=1):
    ax.plot(x.data, curves[n] / np.abs(curves[n]).max(), color=f"C{n % 2}")
    ax.axhline(0, color="black", linewidth=0.5)
    ax.set_title(f"order {n}", fontsize=10)
    ax.set_yticks([-1, 0, 1])
plt.show()

# %% [markdown]
# ```text title="Figure"
# The derivatives of order 1 to 8, each divided by its largest value: every order has one zero more, and all that happens, happens near the middle.
#
# Eight small charts from -4 to 4. Order 1 is a bell; order 2 goes up, through zero, and down; each further order has one more zero and swings more often around 0. The outermost parts are flat, and from order 6 on the inner swings are much larger than the outer ones.
# ```

# %% [markdown]
# Order $n$ has $n - 1$ zeros, since between two zeros of a slope, and far outside, where all is flat, the next slope must change its sign.
# And the values grow: the derivative of order 8 is more than a thousand times as large as the curve that it came from.
#
# ## Three graphs
#
# The first three orders, at a single place.
# `plot_dot_graph` writes a file and, in a notebook, shows it.

# %%
x = Variable(np.array(1.0), name="x")
orders = list(derivatives(x, highest))
orders[0].name = "y"
for n in range(1, highest + 1):
    orders[n].name = f"gx{n}"
folder = tempfile.TemporaryDirectory()


def picture(n):
    file = Path(folder.name) / f"gx{n}.svg"
    return plot_dot_graph(orders[n], verbose=False, to_file=str(file))


picture(1)

# %% [markdown]
# ```text title="Figure"
# Order 1, four functions: $1 \cdot (1 - y \cdot y)$.
#
# A graph from top to bottom, in which x leads to Tanh and y, then to Mul, Sub and Mul, and on to gx1.
# ```

# %%
picture(2)

# %% [markdown]
# ```text title="Figure"
# Order 2, nine functions: $-2y$, as a sum, times the slope of order 1.
#
# A graph with nine boxes. From y, arrows lead to three boxes Mul; the results of two of them are added, that of the third is subtracted from a constant, and the product of both is gx2.
# ```

# %%
picture(3)

# %% [markdown]
# ```text title="Figure"
# Order 3, with 23 functions; all of order 2 but its last product are still in it.
#
# A tall graph with 23 boxes, more than half of them Mul, with two boxes Copy side by side and a row of Add that leads down to gx3. Many arrows start from y.
# ```

# %% [markdown]
# From here on it is better to count than to look.

# %%
folder.cleanup()
counts = [sum(1 for _ in past_of(y)) for y in orders]
print(counts[1:])
for n in range(1, highest + 1):
    assert counts[n] == 2 * 3 ** (n - 1) + 2 ** (n - 1) + 1

# %% [markdown]
# ## Three ways to order n
#
# Now the time.
# Against the walks we put two other ways to the same numbers.
# One is the polynomial, with the time that it takes to find its coefficients.
# The other one is the Taylor series of exercise 4 in chapter 35, whose coefficients follow from one another:


# %%
def by_walks(n):
    x = Variable(np.array(1.0))
    return [float(y.data) for y in derivatives(x, n)]


def by_polynomial(n):
    y = math.tanh(1.0)
    return [float(p(y)) for p in polynomials(n)]


def by_series(n):
    c = [math.tanh(1.0)]
    for k in range(n):
        square = sum(c[i] * c[k - i] for i in range(k + 1))
        c.append(((k == 0) - square) / (k + 1))
    return [math.factorial(k) * c[k] for k in range(n + 1)]


ways = {
    "walks": by_walks,
    "polynomial": by_polynomial,
    "series": by_series,
}
for way in ways.values():
    assert np.allclose(way(highest), [y.data for y in orders])

# %% [markdown]
# We take the time that the processor has spent on us, the shortest of five runs, in which the ways take turns.
# The garbage collector waits until a run is over.

# %%
# on Windows, thread_time ticks 64 times a second: too coarse for us
on_windows = sys.platform == "win32"
clock = time.perf_counter if on_windows else time.thread_time


def seconds(way, n):
    """Return the time of one run; a short one is repeated."""
    repeat = 1 if way is by_walks and n > 4 else 20
    start = clock()
    for _ in range(repeat):
        way(n)
    return (clock() - start) / repeat


all_orders = range(1, highest + 1)
measured = []
gc.collect()
gc.disable()
for _ in range(5):
    rows = [[seconds(way, n) for n in all_orders] for way in ways.values()]
    measured.append(rows)
    gc.collect()
gc.enable()
waits = dict(zip(ways, np.min(measured, axis=0), strict=True))

print("milliseconds" + "".join(f"{n:>9}" for n in all_orders))
for name, times in waits.items():
    print(f"{name:12}" + "".join(f"{1e3 * t:9.3f}" for t in times))

# %%
fig, ax = plt.subplots(figsize=(6.4, 3.4))
for (name, times), marker in zip(waits.items(), "os^", strict=True):
    ax.semilogy(all_orders, 1e3 * times, marker=marker, label=name)
ax.set(xlabel="up to order", ylabel="milliseconds")
ax.legend()
ax.grid(alpha=0.3)
fig.tight_layout()
plt.show()

# %% [markdown]
# ```text title="Figure"
# The time for all derivatives up to an order: that of the walks grows by a constant factor with each order, the other two hardly at all.
#
# A chart with a logarithmic scale, milliseconds against the orders 1 to 8. The line of the walks rises more and more steadily until it is straight. The lines of the polynomial and of the series rise a little and end far below.
# ```

# %%
assert waits["walks"][7] / waits["walks"][3] > 8
for name in ("polynomial", "series"):
    assert waits[name][7] / waits[name][3] < 8
    assert waits["walks"][7] / waits[name][7] > 8

# %% [markdown]
# Between order 4 and order 8 the walks become more than eight times as slow; the other two do not.
# For a handful of numbers at order 8 you wait more than eight times as long for the walks as for either, and the table says how much longer than that it was here.
#
# ## Time against functions
#
# Is it the functions that cost the time?
# The walk to order $n$ visits the functions of order $n - 1$, so all walks together visit the sum of the counts.

# %%
visited = np.cumsum(counts)[:-1]
per_visit = 1e6 * waits["walks"] / visited
print("  visits  microseconds per visit")
for visits, microseconds in zip(visited, per_visit, strict=True):
    print(f"{visits:8}{microseconds:10.1f}")

late = per_visit[3:]
assert late.max() / late.min() < 4

# %% [markdown]
# From order 4 to order 8 the visits become many times more, and the time of a visit stays the same, give or take a factor that is far from three.
# (The first orders have so few visits that the run forward counts as well.)
# So the count of the chapter is the cost.
#
# For the second order, which is the one that people use, the walks are the way to choose: they need no formula, and take every program as it is.
# For the eighth, it pays to think first.
#
# ## Things to try
#
# - **An array.**
#   Give all three ways an array of 100,000 places instead of one.
#   Does the distance between them become larger or smaller, and why?
# - **The slim way back.**
#   Replace `F.tanh` by the `slim_tanh` of exercise 2 in chapter 35.
#   How much of the time does it save at order 8?
# - **No copies.**
#   Count how many of the functions at order 8 are a `Copy`.
#   What would have to be true of a framework that needs none?
