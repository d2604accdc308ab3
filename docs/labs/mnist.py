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
# # Five optimizers on handwritten digits
#
# [Chapter 46](../step46-optimizers.md) made two optimizers, `SGD` and `MomentumSGD`, and [chapter 51](../step51-handwritten-digits.md#adaptive-optimizers) added three, which divide each gradient by its usual size.
# `AdaGrad` takes the root of the sum of all its squares so far, `Adam` and `AdaDelta` of an average in which old squares count less.
# `AdaDelta` also multiplies by the usual size of its own last steps, so it needs no rate.
#
# Which of the five should you take?
# Here they train the same networks on the same 6,000 images of MNIST, and we ask how much depends on the learning rate, how their losses fall, and what each of them does with a network whose gradients vanish.
#
# Every number was computed when this page was made; take <a href="mnist.py" download>the script</a>, and try your own rates.

# %%
import matplotlib.pyplot as plt
import numpy as np

import dezero.functions as F
from dezero import no_grad
from dezero.datasets import MNIST
from dezero.models import MLP
from dezero.optimizers import SGD, AdaDelta, AdaGrad, Adam, MomentumSGD

# %config InlineBackend.figure_formats = ["svg"]
plt.rcParams["svg.fonttype"] = "none"  # words stay words

# %% [markdown]
# ## One loop for all
#
# We stack the examples once, since every run here goes through them several times.
# The seed is set at the start of each run and the weights are made first, so all runs of a network begin at the same place and see the same batches.


# %%
def stacked(dataset):
    xs, ts = zip(*dataset, strict=True)
    return np.stack(xs), np.stack(ts)


x_train, t_train = stacked(MNIST(small=True))
x_test, t_test = stacked(MNIST(train=False, small=True))


def new_model(sizes, activation):
    np.random.seed(0)
    model = MLP(sizes, activation=activation)
    with no_grad():
        model(x_train[:1])  # the weights get their sizes
    return model


def train(model, optimizer, epochs, batch=100):
    """Return the loss of each batch, and the accuracy after each epoch."""
    optimizer.setup(model)
    losses, shares = [], []
    for _ in range(epochs):
        order = np.random.permutation(len(x_train))
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            loss = F.softmax_cross_entropy(model(x_train[chosen]), t_train[chosen])
            model.cleargrads()
            loss.backward()
            optimizer.update()
            losses.append(float(loss.data))
        with no_grad():
            share = F.accuracy(model(x_test), t_test)
        shares.append(float(share.data))
    return np.array(losses), np.array(shares)


# %% [markdown]
# ## With the default rates
#
# The network has a hidden layer of 100 units with ReLU; each optimizer is made without arguments and gets three epochs.

# %%
optimizers = (SGD, MomentumSGD, AdaGrad, AdaDelta, Adam)
styles = dict(zip(optimizers, ("C0o-", "C1s-", "C2^-", "C3v-", "C4D-"), strict=True))
print("accuracy after     1     2     3 epochs")
default = {}
for kind in optimizers:
    _, shares = train(new_model((100, 10), F.relu), kind(), 3)
    default[kind] = shares
    print(f"{kind.__name__:14}" + "".join(f"{share:6.2f}" for share in shares))

assert default[AdaDelta][0] > 0.8 > default[SGD][2]
assert default[Adam][2] > 0.85
assert default[AdaDelta][2] == max(shares[2] for shares in default.values())

# %% [markdown]
# `SGD` is the worst by far, and `AdaDelta` the best.
# But is that the method, or its default rate?
#
# ## How much depends on the rate
#
# `AdaDelta` has no rate, so we run it once.
# Each of the other four gets nine rates, from 0.0001 to 1, and one epoch with each.
# We take the mean loss of the last 30 of the 60 batches; if a network gives all digits the same probability, its loss is $\ln 10$, about 2.3.

# %%
rates = np.logspace(-4, 0, 9)
scan = {}
with np.errstate(all="ignore"):  # some of these rates are much too large
    for kind in (SGD, MomentumSGD, AdaGrad, Adam):
        runs = [train(new_model((100, 10), F.relu), kind(rate), 1) for rate in rates]
        scan[kind] = np.array([losses[30:].mean() for losses, _ in runs])
losses, _ = train(new_model((100, 10), F.relu), AdaDelta(), 1)
without_rate = losses[30:].mean()

best = {kind: rates[np.nanargmin(found)] for kind, found in scan.items()}
print("                 best rate  its loss  rates with a loss below 0.9")
for kind, found in scan.items():
    good = rates[found < 0.9]
    span = f"{good.min():.4f} to {good.max():.4f}"
    print(f"{kind.__name__:16}{best[kind]:10.4f}{np.nanmin(found):10.2f}  {span}")
print(f"{'AdaDelta':26}{without_rate:10.2f}")

# %%
fig, ax = plt.subplots(figsize=(6.4, 3.9), layout="constrained")
for kind, found in scan.items():
    ax.semilogx(rates, found, styles[kind], label=kind.__name__)
ax.axhline(without_rate, color="C3", linestyle="--", label="AdaDelta")
ax.set(xlabel="rate", ylabel="loss", ylim=(0, 2.6))
fig.legend(loc="outside upper center", ncols=3)
ax.grid(alpha=0.3)
plt.show()

# %% [markdown]
# ```text title="Figure"
# The loss in the second half of the first epoch, against the rate: each method has a valley of good rates, and they lie at different places.
#
# A chart with a logarithmic axis of rates from 0.0001 to 1. Four curves come down from about 2 on the left to a valley between 0.3 and 0.6, and rise again. The valley of Adam is at the smallest rates, those of AdaGrad and MomentumSGD follow, and that of SGD is the farthest to the right. A dashed level line for AdaDelta runs near the bottom of the valleys.
# ```

# %%
assert best[Adam] < best[AdaGrad] < best[SGD]
lowest = [np.nanmin(found) for found in scan.values()]
assert max(lowest) < 0.6
assert best[SGD] / 0.01 > 10  # its default
assert without_rate < 0.6
ten_times = scan[SGD][2:7] - scan[MomentumSGD][:5]
assert np.abs(ten_times).max() < 0.3

# %% [markdown]
# With its best rate, every method reaches a low loss in one epoch; `SGD` needs a rate more than ten times its default.
# So the first table compared defaults rather than methods.
#
# As long as the rates are small, `MomentumSGD` does about what `SGD` does with ten times the rate, and there is a reason: with the momentum 0.9, each gradient is used again in the following steps, with the factors 0.9, 0.81 and so on, and all its steps together are ten times as long as the first.
# The rates of `AdaGrad` and `Adam` have another meaning: they are about the lengths of the first steps, whatever the size of the gradient.
#
# ## How the losses fall
#
# Now each method gets its best rate, and five epochs.

# %%
chosen = {kind: kind(rate) for kind, rate in best.items()}
chosen[AdaDelta] = AdaDelta()
curves = {kind: train(new_model((100, 10), F.relu), chosen[kind], 5) for kind in optimizers}
for kind, (losses, shares) in curves.items():
    last = losses[-60:].mean()
    print(f"{kind.__name__:12} loss {last:.2f}   accuracy {shares[-1]:.2f}")

assert min(shares[-1] for _, shares in curves.values()) > 0.87

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.7), layout="constrained")
epochs = np.arange(1, 6)
for kind, (losses, shares) in curves.items():
    left.semilogy(epochs, losses.reshape(5, -1).mean(axis=1), styles[kind])
    right.plot(epochs, 1 - shares, styles[kind], label=kind.__name__)
marks = [0.05, 0.1, 0.2, 0.5, 1]
left.set_yticks(marks, [str(mark) for mark in marks], minor=False)
left.set_yticks([], minor=True)
left.set(xlabel="epoch", ylabel="training loss")
right.set(xlabel="epoch", ylabel="wrong answers, test data", ylim=(0, None))
fig.legend(loc="outside upper center", ncols=3)
for ax in (left, right):
    ax.grid(alpha=0.3)
plt.show()

# %% [markdown]
# ```text title="Figure"
# Five epochs with the best rates: on the left the training loss falls for all five, on the right the share of wrong answers on the test data soon stays about level.
#
# Two charts over the epochs 1 to 5 with five lines each. On the left, on a logarithmic scale, all lines fall at every epoch or nearly so. On the right, the shares begin between 0.1 and 0.2 and come down to about 0.1 or a little below; from epoch 3 on they change little, and the lines cross.
# ```

# %%
for losses, shares in curves.values():
    of_epochs = losses.reshape(5, -1).mean(axis=1)
    assert of_epochs[-1] < of_epochs[0] / 2
    assert abs(shares[-1] - shares[2]) < 0.05

# %% [markdown]
# The training losses go on falling, and the accuracy on the test data hardly changes after the third epoch.
# A difference of a hundredth between two methods means nothing here: an accuracy of 0.9 from 1,000 images is uncertain by about 0.01, the root of $0.9 \cdot 0.1 / 1000$.
#
# ## A network whose gradients vanish
#
# Chapter 51 had a network with five hidden layers and sigmoids, in which the gradient of the first layer is thousands of times as small as that of the last, and `SGD` did not train it.
# Which of the five does?
# For each we also ask how far each layer has moved: the root of the mean of the squared changes of `W`, divided by the standard deviation that `W` began with.

# %%
deep = (100, 100, 100, 100, 100, 10)


def deep_run(optimizer, epochs=4):
    model = new_model(deep, F.sigmoid)
    before = [layer.W.data.copy() for layer in model.layers]
    _, shares = train(model, optimizer, epochs)
    moved = [
        np.sqrt(np.mean((layer.W.data - W) ** 2)) / W.std()
        for layer, W in zip(model.layers, before, strict=True)
    ]
    return shares[-1], np.array(moved)


adadelta = AdaDelta()  # we look into it below
runs = {
    "SGD": deep_run(SGD(1.0)),
    "MomentumSGD": deep_run(MomentumSGD(0.1)),
    "AdaGrad": deep_run(AdaGrad(0.01)),
    "AdaDelta": deep_run(adadelta),
    "Adam": deep_run(Adam()),
}
print(f"{'':12} accuracy   layer 1 ... 6 moved by")
for name, (share, moved) in runs.items():
    print(f"{name:12}{share:9.1f}  " + "".join(f"{each:9.4f}" for each in moved))

# %%
fig, ax = plt.subplots(figsize=(6.4, 3.7), layout="constrained")
for (name, (_, moved)), style in zip(runs.items(), styles.values(), strict=True):
    ax.semilogy(range(1, 7), moved, style, label=name)
ax.set(xlabel="layer", ylabel="relative change of W")
fig.legend(loc="outside upper center", ncols=3)
ax.grid(alpha=0.3)
plt.show()

# %% [markdown]
# ```text title="Figure"
# How far the layers of the deep network have moved after four epochs: with AdaGrad and Adam all layers have moved about as far as the spread of their weights, with the other three the first layers have hardly moved.
#
# A chart with a logarithmic scale and five lines over the layers 1 to 6. The lines of AdaGrad and Adam are nearly level and near 1. Those of SGD, MomentumSGD and AdaDelta are near 0.01 at the first two layers and rise from there to the fifth, to between 0.1 and 0.4.
# ```

# %%
for name in ("AdaGrad", "Adam"):
    share, moved = runs[name]
    assert share > 0.4
    assert moved.min() > 0.1
for name in ("SGD", "MomentumSGD", "AdaDelta"):
    share, moved = runs[name]
    assert share < 0.2
    assert moved[0] < 0.05
    assert moved[0] < 0.3 * moved[5]

# %% [markdown]
# That `SGD` and momentum fail was to be expected.
# But `AdaDelta`, the best of the first table, fails as well, though it divides by the size of the gradients, too.
#
# Look at its `eps`, which is $\varepsilon = 10^{-6}$.
# A step is $\sqrt{d + \varepsilon} / \sqrt{v + \varepsilon}$ times the gradient, with averages $v$ of squared gradients and $d$ of squared steps.
# The optimizer keeps them for each parameter in the dicts `msg` and `msdx`.
# Here is the quotient at the end of the run, the median of each layer.

# %%
quotients = []
for W, v in adadelta.msg.items():
    d, eps = adadelta.msdx[W], adadelta.eps
    if W.ndim == 2:  # no bias
        quotients.append(np.median(np.sqrt((d + eps) / (v + eps))))
print(" ".join(f"{quotient:.2f}" for quotient in quotients))
assert min(quotients[:4]) > 0.99
assert quotients[5] < 0.5

# %% [markdown]
# In the first four layers, the gradients are so small that both averages are far below $\varepsilon$, and the quotient is 1: there, `AdaDelta` is `SGD` with the rate 1.
#
# A smaller $\varepsilon$ lets it see smaller gradients.
# But it has a second task: $d$ begins at 0, so the first steps are about as long as $\sqrt{\varepsilon}$, and they grow slowly.

# %%
share, moved = deep_run(AdaDelta(eps=1e-10))
print(f"accuracy {share:.1f}, layer 1 moved by {moved[0]:.4f}")
assert share < 0.2

# %% [markdown]
# In four epochs, a smaller $\varepsilon$ does not help, then.
# `Adam` has a rate for the length of its steps and an `eps` for the size of the gradients: one number for each task.
#
# ## What to take
#
# - A method is worth little without a look at its rate, and a fair comparison tries several rates for each.
# - If all gradients have about the same size, as with ReLU in this small network, a good rate matters more than the method.
# - If they differ by orders of magnitude, take one that divides by their size, and look at its `eps`.
# - `Adam` with its default rate learned something in all our runs, which is a reason to begin with it.
#
# ## Things to try
#
# - **A schedule.**
#   Multiply `optimizer.lr` of `SGD` by 0.5 after each epoch.
#   Does it end lower than with its best constant rate?
# - **Other seeds.**
#   Repeat the five epochs with five seeds.
#   Is the difference between the methods larger than that between seeds?
# - **Larger batches.**
#   With batches of 1,000 there are six steps in an epoch.
#   At which rate is the lowest loss of each method now?
