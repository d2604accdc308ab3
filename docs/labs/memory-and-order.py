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
# # Memory and order
#
# Two of the changes in Part 2 have no effect on an answer that was right before.
# The heap of [chapter 16](../step16-generations.md) gives the gradients that a sorted list gives, and the weak references of [chapter 17](../step17-a-circle-that-keeps-itself-alive.md) touch no number at all.
# What they change is how long you wait, and how much memory is in use meanwhile.
#
# The chapters counted comparisons, and results that were left in memory.
# Here we measure seconds and megabytes, on graphs of up to 20,000 functions.
# We measure `core_simple`, the engine of Parts 1 and 2.
# In the final engine, since [the interlude](../interlude-one-rule.md), operations hold no reference to their outputs at all, and the backward pass keeps its variables in a list for each generation.
# Every number was computed when this page was made; take <a href="memory-and-order.py" download>the script</a>, and see what your machine says.

# %%
import gc
import sys
import time
import tracemalloc
from functools import partial

import matplotlib.pyplot as plt
import numpy as np

from dezero.core_simple import Square, Variable, no_grad, past_of, square

# %config InlineBackend.figure_formats = ["svg"]
plt.rcParams["svg.fonttype"] = "none"  # words stay words

# %% [markdown]
# ## A reference that counts
#
# The functions of `core_simple` hold their outputs weakly, so we need a function that does not.
# A weak reference is called to get the output.
# A `lambda` can be called, too, but it *holds* what it returns, so one line restores the reference cycle that chapter 17 removed.


# %%
class StrongSquare(Square):
    def __call__(self, x):
        y = super().__call__(x)
        self.outputs = [lambda: y]  # the cycle is back
        return y


def strong_square(x):
    return StrongSquare()(x)


def chain(step, x, n):
    for _ in range(n):
        x = step(x)
    return x


for step in (square, strong_square):
    x = Variable(np.ones(3))
    chain(step, x, 100).backward()
    assert np.all(x.grad == 2.0**100)

# %% [markdown]
# A hundred squares in a row, and the gradient at 1 is $2^{100}$ with both.
#
# ## Five runs under one name
#
# One run is such a chain of a hundred squares, on an array of 1,000 numbers, which takes 8 kB.
# We do five runs, each under the name of the one before, and measure after every square how much memory is in use.
# The garbage collector is off, so memory is freed by reference counting alone.


# %%
def megabytes(step, runs, collector=False, n=100):
    """Return the memory in use after each square of each run."""
    used = np.zeros((runs, n))  # made before, so it is not counted
    gc.collect()
    if not collector:
        gc.disable()
    tracemalloc.start()
    try:
        x = Variable(np.ones(1000))
        for run in range(runs):
            y = x  # nothing holds the last run now
            for i in range(n):
                y = step(y)
                used[run, i] = tracemalloc.get_traced_memory()[0] / 1e6
    finally:
        tracemalloc.stop()
        gc.enable()
    del x, y
    gc.collect()
    return used


strong = megabytes(strong_square, 5)
weak = megabytes(square, 5)
with no_grad():
    nothing = megabytes(square, 5)

for name, used in [("strong", strong), ("weak", weak)]:
    print(f"{name:6}", "  ".join(f"{mb:.2f}" for mb in used[:, -1]), "MB")
print(f"no_grad at most {nothing.max():.2f} MB")

# %%
fig, ax = plt.subplots(figsize=(6.4, 3.4))
ax.plot(strong.ravel(), label="strong references")
ax.plot(weak.ravel(), label="weak references")
ax.plot(nothing.ravel(), label="no_grad")
ax.set(xlabel="squares computed", ylabel="MB in use")
ax.legend()
ax.grid(alpha=0.3)
fig.tight_layout()
plt.show()

# %% [markdown]
# ```text title="Figure"
# Five runs of a hundred squares: with strong references each run is stacked on the ones before, with weak references the memory of each is freed before the next begins, and without a graph there is next to nothing to free.
#
# A chart of the memory in use against the squares computed. The line for strong references rises without a break to five times the height of one run. The line for weak references is a saw of five equal teeth: it rises with the first line up to 100, drops to the bottom and begins again. The line for no_grad stays at the bottom.
# ```

# %%
peak = weak.max()
assert np.allclose(weak[:, -1], weak[0, -1], rtol=0.1)
assert 4.5 < strong[-1, -1] / strong[0, -1] < 5.5
assert 0.8 < strong[0, -1] / weak[0, -1] < 1.25
assert nothing.max() < peak / 10

# %% [markdown]
# Look at the first hundred squares, where the two lines lie together.
# Within one run, a weak reference saves nothing.
# Every function holds its input, since `backward` may need it, and so the last result holds the whole computation.
# The difference is what happens when nothing holds that last result any more.
#
# `no_grad` needs less than a tenth of a single run, because it holds the last array or two, however long the run is.
#
# ## With the collector on
#
# Programs usually leave the collector on, so now we do, too, for fifty runs.

# %%
curves = {
    "strong, collector off": megabytes(strong_square, 50),
    "strong, collector on": megabytes(strong_square, 50, True),
    "weak, collector off": megabytes(square, 50),
    "weak, collector on": megabytes(square, 50, True),
}
for name, used in curves.items():
    print(f"{name:22} {used.max() / peak:5.1f} times one run")

assert curves["strong, collector off"].max() / peak > 45
assert curves["strong, collector on"].max() / peak > 1.5
assert curves["weak, collector off"].max() / peak < 1.25
assert curves["weak, collector on"].max() / peak < 1.25

# %%
fig, ax = plt.subplots(figsize=(6.4, 3.6))
runs = np.arange(1, 51)
for name, used in curves.items():
    style = "--" if name == "weak, collector on" else "-"
    ax.semilogy(runs, used[:, -1] / peak, style, label=name)
ax.set(xlabel="runs", ylabel="memory, in runs", ylim=(0.5, 200))
ax.legend(ncols=2)
ax.grid(alpha=0.3)
fig.tight_layout()
plt.show()

# %% [markdown]
# ```text title="Figure"
# The collector keeps the cycles from piling up for ever, but many runs that nothing uses stay in memory before it frees them; without cycles there is nothing for it to do.
#
# A chart of the memory after each of fifty runs, measured in what one run needs, on a logarithmic scale. Strong references with the collector off climb steadily from 1 to about 50. With the collector on the line goes up and down well above 1. Weak references stay at 1, and their two lines, collector on and off, cover each other.
# ```

# %% [markdown]
# So the collector prevents the worst.
# It checks new objects often and old ones seldom; its age groups are called generations, too.
# A graph that is in use during a check counts as old from then on, and once nothing uses it, it may be long until the next check.
# So a program with reference cycles needs more than its graph, by a factor that depends on the version of Python and on whatever else the program holds.
# With weak references the factor is 1, with the collector on or off.
#
# ## Three queues
#
# Now the order.
# A backward pass keeps a queue of functions that wait to be visited, and we have seen three kinds:
#
# - a list without order, of which the last is taken, as in [chapter 15](../step15-a-diamond-in-the-graph.md);
# - the same list, sorted by generation whenever something has been added;
# - the heap with its tie-breaker, which is `past_of` of `core_simple`.
#
# The first two differ in one line.


# %%
def by_list(variable, key=None):
    """Yield the functions behind a variable, from the end of a list."""
    queue, seen = [], set()

    def visit(x):
        function = x.creator
        if function is not None and function not in seen:
            seen.add(function)
            queue.append(function)
            if key is not None:
                queue.sort(key=key)

    visit(variable)
    while queue:
        function = queue.pop()
        yield function
        for x in function.inputs:
            visit(x)


by_sorting = partial(by_list, key=lambda function: function.generation)
queues = {
    "list": by_list,
    "sorted list": by_sorting,
    "heap": past_of,
}

# %% [markdown]
# The rest is the loop in `backward`.


# %%
def go_back(y, past):
    y.grad = np.ones_like(y.data)
    for function in past(y):
        for x, gx in function.input_gradients():
            x.grad = gx if x.grad is None else x.grad + gx
        for output in function.living_outputs():
            output.cleargrad()


def unequal(x):
    a = square(x)
    return square(square(a)) + a


for name, past in queues.items():
    x = Variable(np.array(2.0))
    go_back(unequal(x), past)
    print(f"{name:12} {x.grad}")
    assert x.grad == (4.0 if past is by_list else 1028.0)

# %% [markdown]
# The derivative of the diamond with unequal sides is 1028, and the list without order says 4.
# That is chapter 15 again, and the answer can be as wrong as you like: if a result is used a thousand times, its function is visited after the first of a thousand gradients.


# %%
def used_again(x, n):
    y = x
    for _ in range(n - 1):
        y = y + x
    return y


for name, past in queues.items():
    x = Variable(np.array(1.0))
    go_back(used_again(-x, 1000), past)
    print(f"{name:12} {x.grad}")
    assert x.grad == (-1.0 if past is by_list else -1000.0)

# %% [markdown]
# ## Time against size
#
# So the list without order is only our yardstick: it shows what a backward pass costs that spends nothing on order.
# We take three graphs for which it is right, because no result is used twice: a chain of $n$ negations, one variable used $n$ times, and a wide sum of $n$ products.


# %%
def negations(x, n):
    return chain(lambda x: -x, x, n)


def wide_sum(x, n):
    y, *products = [x * x for _ in range(n)]
    for product in products:
        y = y + product
    return y


# on Windows, thread_time ticks 64 times a second: too coarse for us
on_windows = sys.platform == "win32"
clock = time.perf_counter if on_windows else time.thread_time


def seconds(y, x, past):
    x.cleargrad()
    start = clock()
    go_back(y, past)
    return clock() - start


graphs = {
    "chain": (negations, lambda n: (-1.0) ** n),
    "one variable": (used_again, lambda n: n),
    "wide sum": (wide_sum, lambda n: 2.0 * n),
}

# %% [markdown]
# We take the time that the processor has spent on us, and not on other programs that it runs meanwhile.
# Even so they disturb, and can only make a run longer; so each time is the shortest of several, and the queues take turns.
# We divide by the number of functions: where the cost is linear, the result is the same for all $n$.
# On the wide sum, the sorted list has to stop at 3,000 products.

# %%
sizes = [100, 300, 1000, 3000, 10_000]
microseconds = {}
for graph, (program, derivative) in graphs.items():
    for n in sizes:
        x = Variable(np.array(1.0))
        y = program(x, n)
        functions = len(list(past_of(y)))
        runners = dict(queues)
        if graph == "wide sum" and n > 3000:
            del runners["sorted list"]
        times = {name: [] for name in runners}
        gc.disable()
        for _ in range(max(3, 3000 // n)):
            for name, past in runners.items():
                times[name].append(seconds(y, x, past))
                assert x.grad == derivative(n)
        gc.enable()
        for name, measured in times.items():
            best = min(measured)
            microseconds[graph, name, n] = 1e6 * best / functions

print("microseconds per function" + "".join(f"{n:>8}" for n in sizes))
for graph in graphs:
    for name in queues:
        row = [microseconds.get((graph, name, n)) for n in sizes]
        cells = (f"{t:8.1f}" if t else "       -" for t in row)
        print(f"{graph:13}{name:12}" + "".join(cells))

# %%
fig, axes = plt.subplots(1, 3, figsize=(6.4, 3.6), sharey=True)
markers = {"list": "s", "sorted list": "^", "heap": "o"}
for ax, graph in zip(axes, graphs, strict=True):
    for name in queues:
        part = [n for n in sizes if (graph, name, n) in microseconds]
        times = [microseconds[graph, name, n] for n in part]
        ax.loglog(part, times, marker=markers[name], label=name)
    ax.set(title=graph, xlabel="n")
    ax.grid(alpha=0.3)
axes[0].set(ylabel="microseconds per function", ylim=(1, None))
axes[0].legend()
fig.tight_layout()
plt.show()

# %% [markdown]
# ```text title="Figure"
# As long as few functions wait, all queues cost the same; where many wait, the time of the sorted list grows with their number, and that of the heap hardly at all.
#
# Three charts with logarithmic scales, of the microseconds per function against n from 100 to 10,000, for the list, the sorted list and the heap. For the chain and for the one variable, the three lines lie together and are almost level. For the wide sum, the list and the heap stay almost level as well; the sorted list leaves them at the first points, rises more and more steeply, and ends at 3,000, far above.
# ```

# %%
us = microseconds
for graph in graphs:
    assert us[graph, "heap", 10_000] / us[graph, "heap", 100] < 3
    for n in sizes:
        assert us[graph, "heap", n] / us[graph, "list", n] < 3
for graph in ("chain", "one variable"):
    for n in sizes:
        assert us[graph, "sorted list", n] / us[graph, "heap", n] < 3
end = us["wide sum", "sorted list", 3000]
assert end / us["wide sum", "sorted list", 300] > 3
assert end / us["wide sum", "heap", 3000] > 3

# %% [markdown]
# In the first two graphs, one function waits at a time, and to sort a list of one costs next to nothing.
# A benchmark of chains would have found all three queues equally good, and would even have let the wrong one pass.
#
# In the wide sum, the products wait until the last addition has been visited, up to $n$ at once.
# From 300 of them to 3,000, the sorted list takes more than three times as long *for each function*, and ends at more than three times the heap.
# Its line bends towards the slope 1, where the time per function grows like $n$, and that of the whole pass like $n^2$.
#
# The heap has its $\log n$, and here it hardly shows: to find the next function is a small part of a visit.
# From 100 to 10,000, its time per function grows less than threefold in every graph, and at no size is it three times that of the yardstick.
# So the right order costs little more than no order.
#
# ## Things to try
#
# - **With the backward pass.**
#   Call `y.backward()` at the end of each run in `megabytes`, and measure after it; then with `retain_grad=True`.
#   [Chapter 18](../step18-switches-for-the-graph.md) says what to expect.
# - **The same sum, another tree.**
#   Add the products in pairs, then the sums in pairs, until one is left.
#   How many functions wait now?
# - **A better sorted list.**
#   `bisect.insort` finds the place of a function with $\log n$ comparisons, and then moves all that come after it.
#   Does it keep up with the heap?
#   Find a graph for which it does not.
