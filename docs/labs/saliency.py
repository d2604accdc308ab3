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
# # Which pixels matter: saliency by the gradient
#
# A network says that an image is a 3, and gives no reason.
# Which of the 784 pixels made it say so?
#
# The gradient seems to answer that: it says how much the score of the 3 changes if a pixel becomes a little brighter.
# Pixels with a large gradient are called **salient**, and an image of the gradient is a **saliency map** (Simonyan, Vedaldi and Zisserman, *Deep inside convolutional networks: visualising image classification models and saliency maps*, 2014).
# We draw such maps for the small network of [chapter 58](../step58-convolutional-networks.md#small), and then test, with hundreds of images, what they are worth.
#
# Every number was computed when this page was made; take <a href="saliency.py" download>the script</a>, and try other images.

# %%
import matplotlib.pyplot as plt
import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero import Variable, grad, no_grad, test_mode
from dezero.datasets import MNIST
from dezero.models import Sequential
from dezero.optimizers import Adam
from dezero.transforms import Compose, Normalize, ToFloat

# %config InlineBackend.figure_formats = ["svg"]
plt.rcParams["svg.fonttype"] = "none"  # words stay words

# %% [markdown]
# ## A network to ask
#
# It is trained for two epochs with the 6,000 images that come with the package, and asked about 500 others.


# %%
def stacked(train):
    as_images = Compose([ToFloat(), Normalize(0.0, 255.0)])
    images = MNIST(train=train, small=True, transform=as_images)
    xs, ts = zip(*images, strict=True)
    return np.stack(xs), np.stack(ts)


def pool(x):
    return F.pooling(x, 2, 2)


def new_model():
    np.random.seed(0)
    return Sequential(
        *(L.Conv2d(8, 5), L.BatchNorm(), F.relu, pool),
        *(L.Conv2d(16, 5), L.BatchNorm(), F.relu, pool),
        *(F.flatten, L.Linear(10)),
    )


def train(model, x, t, epochs=2):
    optimizer = Adam(0.005).setup(model)
    for _ in range(epochs):
        for chosen in np.random.permutation(len(x)).reshape(-1, 100):
            loss = F.softmax_cross_entropy(model(x[chosen]), t[chosen])
            model.cleargrads()
            loss.backward()
            optimizer.update()


@no_grad()
@test_mode()
def scores_of(x):
    return model(x.reshape(-1, 1, 28, 28)).data  # (N, 10)


model = new_model()
train(model, *stacked(train=True))

x, t = (array[:500] for array in stacked(train=False))
answers = scores_of(x).argmax(axis=1)
print(f"accuracy {np.mean(answers == t):.2f}")
assert np.mean(answers == t) > 0.9

# %% [markdown]
# ## The gradient with respect to the pixels
#
# So far, `backward` went to the parameters, and the images were fixed.
# Now the images are variables, and the parameters stay as they are.
#
# In test mode, the scores of an image do not depend on the other images.
# So we add the scores of the answers of all images, and a single backward pass returns the gradients of all of them.


# %%
@test_mode()
def saliency(model, x, classes):
    """Return the gradient of the score of each image's class, (N, 784)."""
    x = Variable(x)
    scores = model(x)[np.arange(len(classes)), classes]
    return grad(F.sum(scores), x).data.reshape(-1, 784)


gradients = saliency(model, x, answers)
print(gradients.shape)

# %%
fig, axes = plt.subplots(2, 6, figsize=(6.4, 2.3), layout="constrained")
for digit, (above, below) in enumerate(axes.T):
    k = np.flatnonzero(t == digit)[0]
    size = abs(gradients[k]).max()
    above.imshow(x[k, 0], cmap="gray")
    below.imshow(gradients[k].reshape(28, 28), cmap="RdBu", vmin=-size, vmax=size)
    below.contour(x[k, 0], levels=[0.5], colors="black", linewidths=0.8)
    for ax in (above, below):
        ax.axis("off")
plt.show()

# %% [markdown]
# ```text title="Figure"
# Six digits and their saliency maps. Where it is blue, a brighter pixel raises the score of the answer, where it is red, it lowers it; the black line is the outline of the digit.
#
# Two rows of six squares. Above are the handwritten digits 0 to 5, white on black. Below each, spots of blue and red of a few pixels, stronger near the digit than at the border of the image; a thin black line goes around where the digit is. Many spots lie beside the strokes, and blue and red ones alternate.
# ```
#
# The maps look as if they said something: the colours are strongest on the digit and around it.
# Much of the colour lies beside the strokes, on pixels that are black.

# %%
pixels = x.reshape(-1, 784)
ink = pixels > 0
on_ink = (abs(gradients) * ink).sum() / abs(gradients).sum()
print(f"pixels with ink: {ink.mean():.2f} of all, {on_ink:.2f} of the saliency")
assert on_ink < 0.5
assert on_ink > ink.mean()

# %% [markdown]
# That is no mistake: ink in a place where a 3 has none would make it an 8, say.
# A saliency map shows where a change would change the score, and that need not be where something is to be seen.
#
# ## A test: pixels are blanked
#
# If the salient pixels matter, the score should fall when we set them to 0.
# We blank 10 pixels of each image, those that come first in some ranking, and print how much the score of the answer falls, on average, and how many answers stay the same.

# %%
rows = np.arange(len(x))
scores = scores_of(x)[rows, answers]


def blanked(ranking, count):
    """Return the images without the first count pixels of a ranking."""
    changed = pixels.copy()
    first = np.argsort(-ranking, axis=1)[:, :count]
    np.put_along_axis(changed, first, 0, axis=1)
    return changed


def effect(ranking, count=10):
    after = scores_of(blanked(ranking, count))
    fall = scores - after[rows, answers]
    return fall.mean(), np.mean(after.argmax(axis=1) == answers)


def report(rankings):
    print(f"{'':20}  falls by  same answer")
    falls = {name: effect(ranking) for name, ranking in rankings.items()}
    for name, (fall, same) in falls.items():
        print(f"{name:20}{fall:10.2f}{same:13.2f}")
    return [fall for fall, _ in falls.values()]


random = np.random.default_rng(0).random(pixels.shape)
salient, chance = report({"most salient": abs(gradients), "random": random})
assert salient > 3 * chance

# %% [markdown]
# Blanking salient pixels lowers the score much more than blanking random ones.
# But this comparison is too easy.
# Four of five pixels are black already, and blanking them changes nothing, so most of the random pixels were wasted.
# A fair comparison takes pixels with ink for all rankings.

# %%
by_size, by_chance, by_light, by_product = report(
    {
        "salient, with ink": abs(gradients) * ink,
        "random, with ink": random * ink,
        "brightest": pixels + 0.001 * random,
        "gradient times pixel": gradients * pixels,
    }
)
assert by_size > 1.2 * by_chance
assert by_size < 1.5 * by_light
assert by_product > 1.5 * max(by_size, by_light)

# %% [markdown]
# The salient pixels are still better than random ones, but hardly better than the brightest, for which no gradient is needed.
# The reason is the sign.
# A pixel with a large negative gradient is salient too, and blanking it *raises* the score.
#
# The last row uses the sign.
# Blanking changes a pixel from $x_i$ to 0, so to first order the score falls by $g_i x_i$, the gradient times the pixel.
# Ranked by this product, ten pixels lower the score by far the most.
# So the gradient does say which pixels matter; its absolute value hides in which direction.

# %%
counts = [0, 5, 10, 20, 40]
rankings = {
    "gradient times pixel": (gradients * pixels, "C0o-"),
    "salient, with ink": (abs(gradients) * ink, "C1s-"),
    "random, with ink": (random * ink, "C2^-"),
    "random": (random, "C3v-"),
}
fig, ax = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
shares = {}
for name, (ranking, style) in rankings.items():
    shares[name] = [effect(ranking, count)[1] for count in counts]
    ax.plot(counts, shares[name], style, label=name)
ax.set(xlabel="blanked pixels", ylabel="same answer", ylim=(0, 1.05))
ax.legend()
ax.grid(alpha=0.3)
plt.show()

# %% [markdown]
# ```text title="Figure"
# How many of the answers stay the same when pixels are blanked: the ranking by gradient times pixel changes them with the fewest.
#
# A chart against the number of blanked pixels, from 0 to 40. All four lines begin at 1. That of random pixels stays near 1. Those of random pixels with ink and of salient ones with ink fall to between 0.5 and 0.8. That of gradient times pixel falls the fastest, below 0.4.
# ```

# %%
last = [share[-1] for share in shares.values()]
assert last == sorted(last)
assert last[0] < 0.4
assert last[3] > 0.9

# %% [markdown]
# ## How far the gradient sees
#
# A gradient is the slope at one place, here at one image, and predicts small changes.
# We make every tenth pixel darker, by a hundredth of its value, by a tenth, and to 0, and compare the change of the score with its prediction, the sum of the changes times the gradient.

# %%
darker = -pixels * (random < 0.1)
for part in (0.01, 0.1, 1.0):
    real = scores_of(pixels + part * darker)[rows, answers] - scores
    predicted = part * (gradients * darker).sum(axis=1)
    correlation = np.corrcoef(real, predicted)[0, 1]
    print(f"{part:5.2f}: correlation {correlation:.2f}")
    assert correlation > 0.8 if part < 1 else correlation < 0.7

# %% [markdown]
# Small changes are predicted well, and blanking is not a small change: on the way, some units of ReLU go to 0 and other pixels become the largest of their windows, and each of that changes the slopes.
# So a map by gradients says little about the question "what if this stroke were not there?".
#
# ## A map of a network that has learned nothing
#
# A last doubt: does the map show what the network has learned, or only what is in the image?
# We compare each map with that of the same image and a network with random weights (Adebayo and others, *Sanity checks for saliency maps*, 2018), and with the image itself.

# %%
untrained = new_model()
with no_grad():
    untrained(x)  # the running means of the normalization
others = saliency(untrained, x, answers)


def likeness(a, b):
    """Return the mean correlation between the maps of an image."""
    return np.mean([np.corrcoef(*pair)[0, 1] for pair in zip(a, b, strict=True)])


sizes = abs(gradients)
with_untrained = likeness(sizes, abs(others))
with_signs = likeness(gradients, others)
print(f"sizes, of an untrained network: {with_untrained:.2f}")
print(f"with their signs:               {with_signs:.2f}")
print(f"sizes, with the image itself:   {likeness(sizes, pixels):.2f}")
assert with_untrained > 0.15 > 2 * abs(with_signs)

# %% [markdown]
# The sizes are a little alike, though the second network knows nothing of digits: it has the same layers, and sees the same image.
# With the signs, nothing of this is left.
# So a part of what one sees in a map of absolute values, as they are usually drawn, is the image and the form of the network, and only the rest was learned.
#
# ## What to take
#
# - A saliency map takes one backward pass, and says exactly what a small change of each pixel would do.
# - Keep the sign, and multiply by the pixel if your question is what the ink did.
# - That a map looks right proves nothing; a test such as blanking does, and only against a fair comparison.
#
# ## Things to try
#
# - **A misread digit.**
#   Take images with `answers != t`, and draw the gradient of the difference between the score of the answer and that of the right class.
#   Where would you have to add ink, and where to take it away?
# - **Ten pixels to another answer.**
#   Set pixels to 0 or to 1, whichever lowers the score, in the order of the gain that the gradient predicts.
#   With how many pixels do half of the answers change?
# - **Many small steps.**
#   Average the gradients of `x * k / 20` for `k` from 1 to 20, and multiply the mean by the pixels (Sundararajan, Taly and Yan, *Axiomatic attribution for deep networks*, 2017).
#   The sum over the pixels should be nearly the score less the score of the black image: is it?
