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
# # The error of the numerical derivative
#
# [Chapter 4](../step04-the-slope-by-small-steps.md) moved the input by a small step and computed the derivative from the difference.
# It found that a step can be too large and too small, and settled on 1e-4.
# Is that the best step there is?
# Best for which method, and in which number format?
#
# A lab is a notebook: the finished package is measured, and every number here was computed when this page was made.
# Take <a href="numerical-derivative.py" download>the script</a>, change something, and run it again.

# %%
import matplotlib.pyplot as plt
import numpy as np

from dezero import Variable, exp, numerical_diff, square

# %config InlineBackend.figure_formats = ["svg"]
plt.rcParams["svg.fonttype"] = "none"  # words stay words

# %% [markdown]
# ## What we measure
#
# The function is $e^x$, because each of its derivatives is $e^x$ again.
# Then the error that we see comes from the step and from the number format, not from a function that happens to be steep.
#
# We try two methods.
# The **forward difference** is the first idea of chapter 4, and not in the package; the **central difference** is `numerical_diff`.


# %%
def forward_diff(f, x, eps):
    y0 = f(x)
    y1 = f(Variable(x.data + eps))
    return (y1.data - y0.data) / eps


# %% [markdown]
# One point would give a ragged curve, because rounding errors vary from point to point.
# So we take 400 points between 0.5 and 1.5, and of their 400 relative errors the root of the mean square.
# The true derivative comes from `backward`, always in `float64`.


# %%
def error(method, f, points, eps):
    x = Variable(points.astype(np.float64))
    f(x).backward()
    found = method(f, Variable(points), eps)
    return float(np.sqrt(np.mean((found / x.grad.data - 1) ** 2)))


points = np.random.default_rng(0).uniform(0.5, 1.5, 400)
forward = error(forward_diff, exp, points, 1e-4)
central = error(numerical_diff, exp, points, 1e-4)
print(f"{forward:.1e}  forward difference, step 1e-4")
print(f"{central:.1e}  central difference, step 1e-4")
assert forward / central > 20_000

# %% [markdown]
# With the same step, the central difference is more than 20,000 times as accurate.
# Now for all the steps between $10^{-14}$ and 1, both methods, and both number formats.

# %%
steps = np.logspace(-14, 0, 141)
methods = {"forward": forward_diff, "central": numerical_diff}
errors = {}
for name, method in methods.items():
    for dtype in ("float32", "float64"):
        typed = points.astype(dtype)
        curve = [error(method, exp, typed, float(eps)) for eps in steps]
        errors[name, dtype] = np.array(curve)

# %%
fig, axes = plt.subplots(2, figsize=(6.4, 6.0), sharex=True, sharey=True)
for ax, dtype in zip(axes, ("float32", "float64"), strict=True):
    precision = np.finfo(dtype).eps
    for name, root, color in [("forward", 2, "C0"), ("central", 3, "C1")]:
        best = precision ** (1 / root)
        ax.loglog(steps, errors[name, dtype], color=color, label=name)
        ax.axvline(best, color=color, linestyle=":", linewidth=1)
        power = rf"$\varepsilon^{{1/{root}}}$"
        ax.annotate(power, (1.2 * best, 2e-15), color=color)
    ax.set(ylabel="relative error", ylim=(1e-15, 30), title=dtype)
    ax.grid(alpha=0.3)

axes[1].annotate("slope −1", (1e-11, 2e-4))
axes[1].annotate("slope 1", (5e-6, 1e-3))
axes[1].annotate("slope 2", (2e-3, 1e-8))
axes[1].set_xlabel("step")
axes[0].legend(loc="lower left")
fig.tight_layout()
plt.show()

# %% [markdown]
# ```text title="Figure"
# Too large a step costs accuracy, and so does too small a one: the bottom of each curve lies at a power of the precision ε.
#
# Two charts, one for float32 and one for float64, of the relative error against the step, both on logarithmic scales. Each holds two V-shaped curves. To the left both fall with slope −1; to the right the forward difference rises with slope 1 and the central difference with slope 2. Dotted lines mark the square root and the cube root of the precision; the lowest point of each curve is near its line.
# ```

# %% [markdown]
# ## Reading the slopes
#
# On these scales a power is a straight line, and its exponent is the slope.
# We fit a line to the clean stretches.


# %%
def slope(name, dtype, lowest, highest):
    part = (lowest < steps) & (steps < highest)
    x, y = np.log(steps[part]), np.log(errors[name, dtype][part])
    return np.polyfit(x, y, 1)[0]


fitted = {
    "float64, forward, left": slope("forward", "float64", 1e-13, 1e-9),
    "float64, forward, right": slope("forward", "float64", 1e-6, 1e-2),
    "float64, central, left": slope("central", "float64", 1e-13, 1e-7),
    "float64, central, right": slope("central", "float64", 1e-4, 1e-1),
    "float32, central, left": slope("central", "float32", 1e-6, 1e-4),
    "float32, central, right": slope("central", "float32", 3e-2, 3e-1),
}
for name, number in fitted.items():
    print(f"{name:24} {number:5.2f}")

assert np.allclose(list(fitted.values()), [-1, 1, -1, 2, -1, 2], atol=0.1)

# %% [markdown]
# To the right of the lowest point, the step is so long that the curve bends noticeably along it.
# Taylor's series says how much that costs: for a step $h$, the forward difference leaves out $\frac{h}{2} f''(x)$, the central one $\frac{h^2}{6} f'''(x)$ and nothing of first order, since the two sides cancel.
#
# To the left, rounding is too coarse.
# A result $f(x)$ is stored with a relative error of up to about $\varepsilon$, the **precision** of the number format.
# The difference of two results inherits that error, and dividing by $h$ magnifies it: $\varepsilon\,|f(x)| / h$.
#
# ## The best step
#
# The sum of both errors is smallest about where they are equal:
#
# $$
# \begin{aligned}
# h &\approx \varepsilon / h & &\text{gives } h \approx \varepsilon^{1/2} \text{ for the forward difference,} \\
# h^2 &\approx \varepsilon / h & &\text{gives } h \approx \varepsilon^{1/3} \text{ for the central one.}
# \end{aligned}
# $$
#
# The same estimates, for functions that are not as kind as $e^x$, are in *Numerical Recipes* (Press, Teukolsky, Vetterling and Flannery, 2007).
# Ours can be held against the bottoms of the four curves.

# %%
print("                  best step  predicted  error there")
for (name, dtype), curve in errors.items():
    root = {"forward": 2, "central": 3}[name]
    predicted = np.finfo(dtype).eps ** (1 / root)
    best, least = steps[curve.argmin()], curve.min()
    columns = f"{best:.1e}    {predicted:.1e}      {least:.1e}"
    print(f"{dtype}, {name}    {columns}")
    assert 1 / 5 < best / predicted < 5

assert 1e-12 < errors["central", "float64"].min() < 1e-11
assert 1e-6 < errors["central", "float32"].min() < 1e-4
assert 1e-9 < central < 1e-8  # our step of 1e-4, from above

# %% [markdown]
# So 1e-4 is not the best step for `float64`: it lies to the right of the lowest point, where the error is larger, but does not depend on how the numbers are rounded.
# And the best answer is not a perfect one.
# A `float64` holds 16 digits; of these the central difference gets 11 right at best, and between 8 and 9 with our step.
# Of the 7 digits of a `float32` it gets 4 or 5.
#
# ## What follows for gradient checks
#
# [Chapter 10](../step10-tests-for-gradients.md) compares `backward` with `numerical_diff`, and lets `np.allclose` say whether they are close.
# In `float32`, with the same code, a gradient that is right looks wrong.

# %%
for dtype in ("float32", "float64"):
    x = Variable(points.astype(dtype))
    square(exp(x)).backward()
    step = numerical_diff(lambda x: square(exp(x)), x)
    print(dtype, np.allclose(x.grad.data, step))
    assert np.allclose(x.grad.data, step) == (dtype == "float64")

# %% [markdown]
# The step of 1e-4 is far to the left of the lowest point for `float32`.
# A larger step helps, but only up to those 4 or 5 digits.
# So check gradients in `float64`, whatever format the program uses later.
#
# ## A step without a difference
#
# To the left, the error comes from the subtraction of two numbers that are nearly equal.
# William Squire and George Trapp ("Using complex variables to estimate derivatives of real functions", 1998) take the step in another direction: along the imaginary axis.
# Then $f(x + ih) \approx f(x) + ih f'(x)$, and the derivative is the imaginary part divided by $h$.
# Nothing is subtracted.
# Our `Variable` takes any array of numbers, also of complex ones, so the forward pass of the package can do this, although it was not made for it.

# %%
tiny = 1e-100
y = square(exp(Variable(points + 1j * tiny)))
x = Variable(points)
square(exp(x)).backward()
largest = np.abs(y.data.imag / tiny / x.grad.data - 1).max()
print(f"largest relative error: {largest:.0e}")
assert largest < 2e-15

# %% [markdown]
# These are nearly all the digits that `float64` has, with a step that would vanish if it were added to 1.
# The price is that every function has to work for complex numbers, and to be smooth: with an absolute value in the formula, the answer is wrong and there is no error.
# And like every numerical derivative it runs the whole program once for each input, which is why the rest of the book uses `backward`.
