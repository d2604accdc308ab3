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
# [Chapter 35](../step35-a-graph-that-grows.md) differentiated `tanh` again and again, and counted: each order has two to three times as many functions in its graph as the one before, and the eighth has 2571.
# Since then, [the interlude](../interlude-one-rule.md) has made the derivative of `tanh` one operation, `TanhSlope`.
# This lab runs on that final engine, so its counts are smaller than those of the chapter.
#
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
# Order $n$ has $n - 1$ zeros.
# Between two zeros, and between the last zero and the flat part far outside, a curve turns back once, and there the next derivative is 0.
# And the values grow: the derivative of order 8 is at its largest more than a thousand times as large as `tanh` itself.
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
# Order 1, two functions: $1 \cdot (1 - y \cdot y)$ is a single operation, `TanhSlope`.
#
# A graph from top to bottom, in which x leads to Tanh and y; this and a constant without a label lead to TanhSlope, and on to gx1.
# ```

# %%
picture(2)

# %% [markdown]
# ```text title="Figure"
# Order 2, four functions: two products make $-2y$ times the gradient that came in, and `TanhSlope` multiplies it by $1 - y^2$.
#
# A graph with four boxes. From y, which comes from x by Tanh, one arrow leads to a box Mul, together with the constant -2; its result goes through a second Mul with a constant. From there, and from y again, arrows lead to the box TanhSlope, and on to gx2.
# ```

# %%
picture(3)

# %% [markdown]
# ```text title="Figure"
# Order 3, eleven functions; all of order 2 but its last, the `TanhSlope`, are still in it.
#
# A tall graph with eleven boxes: Tanh at the top, seven boxes Mul and one TanhSlope in two branches, a box Add where the branches meet, and a last TanhSlope that leads to gx3. Four arrows start from y.
# ```

# %% [markdown]
# From here on it is better to count than to look.

# %%
folder.cleanup()
counts = [sum(1 for _ in past_of(y)) for y in orders]
print(counts[1:])
for n in range(2, highest + 1):
    halves = (3 ** (n - 1) - 1) // 2 + 5 * 2 ** (n - 2)
    assert counts[n] == halves - n

assert counts[highest] < 0.55 * 2571  # the chapter's count

# %% [markdown]
# We guessed the formula in the `assert`, and from order 2 on all counts follow it.
# Its largest term is half of $3^{n-1}$, where that of chapter 35 was $3^{n-1}$.
# So the final engine saves nearly half of the functions at order 8, and the factor from order to order still approaches three: a leaner rule makes the graph smaller, but its growth stays exponential.
#
# ## Three ways to order n
#
# Now the time.
# We compare the backward passes with two other ways to the same numbers.
# One is the polynomial, with the time that it takes to find its coefficients.
# The other one is the Taylor series of exercise 4 in chapter 35, whose coefficients follow from one another.


# %%
def by_backward(n):
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
    "backward": by_backward,
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
    repeat = 1 if way is by_backward and n > 4 else 20
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
# The time for all derivatives up to an order: that of the backward passes is multiplied by each further order, the other two grow slowly.
#
# A chart with a logarithmic scale, milliseconds against the orders 1 to 8. The line of the backward passes begins between the other two, rises more and more steeply, crosses that of the polynomial, and ends far above both. The lines of the polynomial and of the series rise a little and flatten.
# ```

# %%
assert waits["series"][0] < waits["backward"][0] < waits["polynomial"][0]
assert waits["backward"][7] / waits["backward"][3] > 8
for name in ("polynomial", "series"):
    assert waits[name][7] / waits[name][3] < 8
    assert waits["backward"][7] / waits[name][7] > 5

# %% [markdown]
# Between order 4 and order 8 the backward passes become more than eight times as slow; the other two do not.
# For nine numbers, up to order 8, you wait more than five times as long for the backward passes as for either of the others; the table says how much longer it was here.
#
# ## Time against functions
#
# Is it the functions that cost the time?
# The backward pass to order $n$ visits the functions of order $n - 1$, so all of them together visit the sum of the counts.

# %%
visited = np.cumsum(counts)[:-1]
per_visit = 1e6 * waits["backward"] / visited
print("  visits  microseconds per visit")
for visits, microseconds in zip(visited, per_visit, strict=True):
    print(f"{visits:8}{microseconds:10.1f}")

assert visited[7] / visited[3] > 40
late = per_visit[3:]
assert late.max() / late.min() < 4

# %% [markdown]
# From order 4 to order 8 there are more than forty times as many visits, and the time of a visit changes by less than a factor of four.
# (The first orders have so few visits that the forward pass counts as well.)
# So the count of functions is a fair measure of the cost.
#
# For the second order, which is the one that people use, choose the backward passes: they are quick, need no formula, and take every program as it is.
# For the eighth, it pays to think first.
#
# ## Things to try
#
# - **An array.**
#   Give all three ways an array of 100,000 places instead of one.
#   Does the distance between them become larger or smaller, and why?
# - **Without `TanhSlope`.**
#   Write a class like `Tanh` in `dezero.functions`, whose `rule` returns `gy * (1 - y * y)`, and use it in place of `F.tanh`.
#   How many functions does order 8 have, and how much longer does it take?
# - **From exponentials.**
#   Replace `F.tanh` by the quotient of exponentials with which chapter 35 begins.
#   How many functions does order 8 have now, and does the factor from order to order change?
