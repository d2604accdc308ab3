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
# # Gradient descent against Newton
#
# [Chapter 28](../step28-downhill-step-by-step.md) went downhill with a learning rate that we had to choose, and in [chapter 29](../step29-a-step-that-knows-how-far.md) Newton's method computed the length of its steps.
# One was slow, the other sometimes went wrong.
# Here they are compared on three functions: a straight valley, a bent one, and a landscape with four minima.
#
# Since [chapter 32](../step32-gradients-that-remember.md) a gradient is a variable and has gradients of its own, so no second derivative is written by hand.
# We get them with [`grad`](../step36-a-gradient-inside-a-formula.md), which returns gradients and stores none.
# Every number was computed when this page was made; take <a href="gradient-descent-and-newton.py" download>the script</a>, and try your own function.

# %%
import matplotlib.pyplot as plt
import numpy as np

from dezero import Variable, grad, past_of

# %config InlineBackend.figure_formats = ["svg"]
plt.rcParams["svg.fonttype"] = "none"  # words stay words


# %%
def matyas(x, y):
    return 0.26 * (x**2 + y**2) - 0.48 * x * y


def rosenbrock(x, y):
    return 100 * (y - x**2) ** 2 + (x - 1) ** 2


def himmelblau(x, y):
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


# %% [markdown]
# ## Gradients and Hessians
#
# A gradient takes one forward and one backward pass.
# The Hessian takes two more backward passes, one from each first derivative, and needs a graph of the first pass: `create_graph=True`.
# Both functions also work for a whole array of places at once, since each element of `x` and `y` is differentiated by itself.


# %%
def gradient(function, x, y):
    """Return both first derivatives; the last axis says by which."""
    gs = grad(function(x, y), [x, y])
    return np.stack([g.data for g in gs], axis=-1)


def gradient_and_hessian(function, x, y):
    """Return first and second derivatives, on the last axes."""
    gs = grad(function(x, y), [x, y], create_graph=True)
    rows = []
    for g in gs:
        seconds = grad(g, [x, y])
        rows.append(np.stack([h.data for h in seconds], axis=-1))
    g = np.stack([g.data for g in gs], axis=-1)
    return g, np.stack(rows, axis=-2)


x, y = Variable(np.array(0.0)), Variable(np.array(2.0))
g, hessian = gradient_and_hessian(rosenbrock, x, y)
print(g)
print(hessian + 0.0)  # no -0.0
assert np.array_equal(g, [-2.0, 400.0])
assert np.array_equal(hessian, [[-798.0, 0.0], [0.0, 200.0]])

# %% [markdown]
# The same numbers as by hand in chapter 29.
#
# ## The rules
#
# A method is something that returns the next step.


# %%
def descent(rate):
    def step(function, x, y):
        return -rate * gradient(function, x, y)

    return step


def newton(function, x, y):
    g, hessian = gradient_and_hessian(function, x, y)
    return np.linalg.solve(hessian, -g[..., None])[..., 0]


def walk(function, step, start, steps, goal=None):
    """Return the places of a walk, as an array.

    It ends after so many steps, or within 0.1 of the goal.
    """
    x, y = (Variable(np.array(number, dtype=float)) for number in start)
    path = [np.stack([x.data, y.data], axis=-1)]
    for _ in range(steps):
        if goal is not None and np.hypot(*(path[-1] - goal)) < 0.1:
            break
        d = step(function, x, y)
        x.data += d[..., 0]
        y.data += d[..., 1]
        path.append(np.stack([x.data, y.data], axis=-1))
    return np.array(path)


# %% [markdown]
# A step of Newton's method costs more than a step of gradient descent, so it would not be fair to count steps alone.
# A race ends within 0.1 of the minimum, and we also count the forward passes, the backward passes, and how many functions of the graph all these backward passes visit together.


# %%
def visits(function):
    """Return how many functions one step visits, for each method."""
    x, y = Variable(np.array(0.3)), Variable(np.array(0.4))
    z = function(x, y)
    starts = [z, *grad(z, [x, y], create_graph=True)]
    z, gx, gy = (len(list(past_of(start))) for start in starts)
    return {"gradient": z, "Newton": z + gx + gy}


def race(function, rate, start, goal):
    paths = {
        "gradient": walk(function, descent(rate), start, 10_000, goal),
        "Newton": walk(function, newton, start, 10_000, goal),
    }
    print(f"{function.__name__:12} steps  forward  backward  visited")
    for name, path in paths.items():
        steps = len(path) - 1
        backward = steps if name == "gradient" else 3 * steps
        visited = steps * visits(function)[name]
        line = f"{name:11} {steps:6}{steps:9}{backward:10}{visited:9}"
        print(line)
        assert np.hypot(*(path[-1] - goal)) < 0.1
    return paths


def contours(ax, function, xs, ys, levels):
    u, v = np.meshgrid(np.linspace(*xs, 241), np.linspace(*ys, 241))
    lines = {"colors": "C0", "linestyles": "solid", "linewidths": 0.7}
    ax.contour(u, v, function(u, v), levels, **lines)
    ax.set(xlabel="x", ylabel="y", xlim=xs, ylim=ys)


# %% [markdown]
# ## A straight valley
#
# Matyas is a bowl, squeezed into a valley along the diagonal; its second derivative is 1 across the valley and 0.04 along it.
# So no rate above 2 can work, and with a rate of 1.9 the distance along the valley shrinks by 7.6 percent at each step, and the one across by 10, from side to side.

# %%
bowl = race(matyas, 1.9, (-9.0, 4.0), (0.0, 0.0))

x, y = Variable(np.array(1.0)), Variable(np.array(1.0))
g, hessian = gradient_and_hessian(matyas, x, y)
along, across = np.linalg.eigvalsh(hessian)  # the smaller comes first
assert np.isclose(along, 0.04)
assert np.isclose(across, 1.0)
assert np.isclose(1 - 1.9 * along, 1 - 0.076)
assert np.isclose(1 - 1.9 * across, -0.9)
assert len(bowl["Newton"]) - 1 == 1
assert 45 <= len(bowl["gradient"]) - 1 <= 50  # 7 functions each

# %%
fig, ax = plt.subplots(figsize=(6.4, 5.2))
contours(ax, matyas, (-10, 5), (-9.5, 5), np.logspace(-2, 2, 9))
ax.plot(*bowl["gradient"].T, ".-", color="C1", label="gradient")
ax.plot(*bowl["Newton"].T, "s-", color="C3", label="Newton")
ax.plot(0, 0, "*", color="C2", markersize=12)
ax.legend(loc="lower right")
fig.tight_layout()
plt.show()

# %% [markdown]
# ```text title="Figure"
# Matyas: gradient descent zigzags from wall to wall and then creeps along the valley; Newton's method takes one step.
#
# Contour lines of a valley along the diagonal, with a star at (0, 0). One path leaves (-9, 4), jumps across the diagonal and back, each time a little less far, and moves along it to the star in ever shorter steps. The other is one straight line from (-9, 4) to the star.
# ```

# %% [markdown]
# One step, since for a function of second order Taylor's formula with three terms is the function itself.
# It is also cheaper by any count: 17 functions visited against more than 300.

# %%
assert visits(matyas) == {"gradient": 7, "Newton": 17}

# %% [markdown]
# ## A bent valley
#
# Rosenbrock's function, from $(0, 2)$.
# The rate is 0.0018: near the minimum the largest second derivative, in the direction across the valley, is about 1002, and two divided by that is the limit.

# %%
x, y = Variable(np.array(1.0)), Variable(np.array(1.0))
g, hessian = gradient_and_hessian(rosenbrock, x, y)
steepest = np.linalg.eigvalsh(hessian)[-1]
print(f"largest second derivative {steepest:.1f}")
print(f"limit for the rate {2 / steepest:.5f}")
assert 0.0018 < 2 / steepest < 0.002

bent = race(rosenbrock, 0.0018, (0.0, 2.0), (1.0, 1.0))
visited = {name: (len(path) - 1) * visits(rosenbrock)[name] for name, path in bent.items()}
assert len(bent["Newton"]) - 1 == 3
assert len(bent["gradient"]) - 1 > 2000
assert 250 < visited["gradient"] / visited["Newton"] < 300

# %%
fig, ax = plt.subplots(figsize=(6.4, 4.4))
contours(ax, rosenbrock, (-0.5, 1.6), (-0.5, 2.2), np.logspace(-1, 3, 9))
ax.plot(*bent["gradient"].T, ".-", color="C1", label="gradient")
ax.plot(*bent["Newton"].T, "s-", color="C3", label="Newton")
ax.plot(1, 1, "*", color="C2", markersize=12)
ax.legend(loc="lower right")
fig.tight_layout()
plt.show()

# %% [markdown]
# ```text title="Figure"
# Rosenbrock: gradient descent takes thousands of steps along the bent floor, Newton's method three, across the side of the valley.
#
# Contour lines of a narrow valley bent like a parabola, with a star at (1, 1). A path of dots drops from (0, 2) to the floor and follows it to the star without a gap. A path with three squares goes straight down to (0, 0), straight across to (1, 0), and straight up to the star.
# ```

# %% [markdown]
# Newton's method visits more than three times as many functions in a step, 23 against 7, and still visits more than 250 times fewer in all.
#
# How does the distance to the minimum shrink?
# We let Newton's method go on for a few steps more than the race asked of it, and draw the distance to the minimum against the functions visited so far.

# %%
assert visits(rosenbrock) == {"gradient": 7, "Newton": 23}

longer = dict(bent)
longer["Newton"] = walk(rosenbrock, newton, (0.0, 2.0), 5)
fig, ax = plt.subplots(figsize=(6.4, 3.4))
for name, style in {"gradient": "C1-", "Newton": "C3s-"}.items():
    steps = np.arange(len(longer[name]))
    distance = np.hypot(*(longer[name] - (1.0, 1.0)).T)
    cost = steps * visits(rosenbrock)[name]
    ax.loglog(cost[1:], distance[1:], style, label=name)
ax.set(xlabel="functions visited", ylabel="distance", ylim=(1e-16, 10))
ax.legend()
ax.grid(alpha=0.3)
fig.tight_layout()
plt.show()

last = np.hypot(*(longer["Newton"] - (1.0, 1.0)).T)
assert last[3] > 1e-3
assert last[4] < 1e-5
assert last[5] < 1e-13

left = np.hypot(*(longer["gradient"] - (1.0, 1.0)).T)[20:]
assert np.max(1 - left[1:] / left[:-1]) < 1 / 500

# %% [markdown]
# ```text title="Figure"
# The distance to the minimum against the work: near the minimum the distance of Newton's method falls steeply, and gradient descent, from step 20 on, takes away less than a fifth of a percent of what is left at each step.
#
# Two falling lines on logarithmic axes. The line of Newton's method, five squares, stays near 1 for two steps and then drops to 0.003, to a millionth and to 1e-14, all before 120 functions are visited. The line of gradient descent stays between 1 and 0.1 up to many thousands, and bends down to 0.1 near 20,000.
# ```

# %% [markdown]
# ## Hills between the valleys
#
# Himmelblau's function (*Applied Nonlinear Programming*, 1972) has four minima, all of height 0.
# One is at $(3, 2)$, and the others have no such pretty numbers.
# From each of four places, we take 200 steps of gradient descent with the rate 0.01, and take 20 steps of Newton's method; all four starts run at once, as the elements of `x` and `y`.
# Then the Hessian says where they have ended: both second derivatives are above 0 in a minimum, below 0 on a hilltop, and of different signs in a **saddle**, where it goes up on two sides and down on the other two.

# %%
minima = np.array(
    [
        (3.0, 2.0),
        (-2.805118, 3.131313),
        (-3.779310, -3.283186),
        (3.584428, -1.848127),
    ]
)
starts = [(0.5, 0.5), (-1.0, 3.5), (1.5, 0.0), (4.5, 3.5)]
four = np.transpose(starts)
walks = {
    "gradient": walk(himmelblau, descent(0.01), four, 200),
    "Newton": walk(himmelblau, newton, four, 20),
}


def kind_of(place):
    x, y = (Variable(np.array(number)) for number in place)
    g, hessian = gradient_and_hessian(himmelblau, x, y)
    assert np.abs(g).max() < 1e-6  # the gradient is 0
    below = np.sum(np.linalg.eigvalsh(hessian) < 0)
    return ("minimum", "saddle", "hilltop")[int(below)]


kinds = {}
for name, paths in walks.items():
    kinds[name] = [kind_of(place) for place in paths[-1]]
    for start, end, kind in zip(starts, paths[-1], kinds[name], strict=True):
        place = " ".join(f"{number:6.3f}" for number in end)
        print(f"{name:9} {start} to {place}  {kind}")

assert kinds["gradient"] == ["minimum"] * 4
assert kinds["Newton"] == ["hilltop", "saddle", "minimum", "minimum"]

# %%
fig, ax = plt.subplots(figsize=(6.4, 5.2))
contours(ax, himmelblau, (-5, 5.5), (-5, 5), np.logspace(0, 3, 10))
for name, style in {"gradient": "C1.-", "Newton": "C3s-"}.items():
    lines = ax.plot(*walks[name].T.swapaxes(1, 2), style, markersize=5)
    lines[0].set_label(name)
ax.plot(*minima.T, "*", color="C2", markersize=12, linestyle="none")
ax.plot(*np.array(starts).T, "o", color="C4", linestyle="none")
ax.legend(loc="lower right")
fig.tight_layout()
plt.show()

# %% [markdown]
# ```text title="Figure"
# Himmelblau's function, four starts: gradient descent ends in a minimum each time; Newton's method ends on the hilltop, in a saddle, in a minimum far away, and in the nearest one.
#
# Contour lines with four hollows, each with a star, around a hill near the middle, and four dots where the walks begin. The walks downhill bend along the slope to a star. Of Newton's walks, the one from (0.5, 0.5) ends on the hill, the one from (-1, 3.5) between the two upper stars, the one from (1.5, 0) leaps across the hill and comes to the star at the lower left, and the one from (4.5, 3.5) comes to the star nearby.
# ```

# %% [markdown]
# ## Where every start ends
#
# Four starts say little about all the others.
# For a map, we start from every point of a grid: 625 walks at once, in two variables of 25 by 25.
# `np.linalg.solve` takes a stack of matrices as it takes one, so the code stays as it is.
#
# And we add a third method.
# Newton's method goes uphill where a second derivative is negative, so we take the sign away.
# `np.linalg.eigh` finds the eigenvectors of the Hessian, the directions in which it multiplies by a number, and the eigenvalues, which are these numbers; we divide by their *absolute values*.
# Then each part of the step goes downhill, and is as long as in Newton's method (Dauphin and others, *Identifying and attacking the saddle point problem in high-dimensional non-convex optimization*, 2014).


# %%
def downhill_newton(function, x, y):
    g, hessian = gradient_and_hessian(function, x, y)
    bends, directions = np.linalg.eigh(hessian)
    parts = np.swapaxes(directions, -1, -2) @ g[..., None]
    return (directions @ (-parts / np.abs(bends)[..., None]))[..., 0]


grid = np.meshgrid(np.linspace(-5, 5, 25), np.linspace(-5, 5, 25))
ends = {
    "gradient": walk(himmelblau, descent(0.01), grid, 200)[-1],
    "Newton": walk(himmelblau, newton, grid, 50)[-1],
    "Newton, downhill": walk(himmelblau, downhill_newton, grid, 50)[-1],
}

basins = {}
for name, places in ends.items():
    offsets = places[..., None, :] - minima
    distances = np.hypot(offsets[..., 0], offsets[..., 1])
    arrived = distances.min(axis=-1) < 1e-3
    basins[name] = np.where(arrived, distances.argmin(axis=-1), 4)
    print(f"{name:17} {arrived.mean():4.0%} end in a minimum")

share = {name: np.mean(basin < 4) for name, basin in basins.items()}
assert share["gradient"] == share["Newton, downhill"] == 1.0
assert 0.5 < share["Newton"] < 0.7

x, y = (Variable(part) for part in np.moveaxis(ends["Newton"], -1, 0))
g, hessian = gradient_and_hessian(himmelblau, x, y)
assert np.abs(g).max() < 1e-6  # all of them have come to rest
bent_down = np.linalg.eigvalsh(hessian).min(axis=-1) < 0
assert np.array_equal(bent_down, basins["Newton"] == 4)

# %%
fig, axes = plt.subplots(1, 3, figsize=(6.4, 2.7), sharey=True)
offsets = np.stack(grid, axis=-1)[..., None, :] - minima
room = np.hypot(offsets[..., 0], offsets[..., 1]).min(axis=-1) > 0.7  # for the numbers
for ax, (name, basin) in zip(axes, basins.items(), strict=True):
    for number in range(5):
        where = (basin == number) & room
        style = {"marker": "s", "markersize": 3.2, "linestyle": "none"}
        if number == 4:
            style.update(marker="x", markersize=2.5)
        u, v = (axis[where] for axis in grid)
        ax.plot(u, v, color=f"C{number}", **style)
    for number, (a, b) in enumerate(minima):
        ax.annotate(str(number + 1), (a, b), ha="center", va="center")
    ax.set(title=name, xlabel="x", aspect="equal")
axes[0].set_ylabel("y")
fig.tight_layout()
plt.show()

# %% [markdown]
# ```text title="Figure"
# The minimum that each start leads to, by colour, with its number where it lies, and a cross where a start leads to none: gradient descent ends in the minimum of the valley where it starts, Newton's method anywhere, and Newton's method with the signs taken away in a minimum again.
#
# Three square maps of the starts from -5 to 5, with the numbers 1 to 4 on empty ground where the minima are. On the left, for gradient descent, each number lies in a field of its own colour, about a quarter of the map, and there are no crosses. In the middle, for Newton's method, each number still has a field, but wide bands of crosses lie between the fields, and colours are sprinkled along their edges. On the right, for Newton's method downhill, the map is again made of four fields of colour, without crosses, with ragged borders.
# ```

# %% [markdown]
# From about two starts out of five, Newton's method ends in a saddle or on the hilltop: it looks for a place where the gradient is 0, and it is 0 there, too.
# From the same starts, the two methods that go downhill in each step always find a minimum.
#
# No method here looks at the *value* of the function, and none of them knows whether it is lower somewhere else.
# They find a place that is lower than its neighbours.
#
# ## Things to try
#
# - **The wrong rate.**
#   Which is the largest rate with which gradient descent still arrives from everywhere on the grid?
#   Which second derivative decides it?
# - **Goldstein and Price.**
#   Take `goldstein` from [chapter 24](../step24-three-test-functions.md), where the Hessian on paper would fill pages.
#   Where do the starts end?
# - **A finer map.**
#   Zoom in on an edge of the middle map, with a grid of 100 by 100.
#   Does the edge become a line?
