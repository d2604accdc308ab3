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
# # A GPT reads Alice in Wonderland
#
# [Chapter 63](../step63-a-small-gpt.md) trained a `GPT` with first names, and a name has a dozen letters at most.
# Here the same class reads a book, in tokens of several letters, and writes texts that are longer than its window.
# How well does it predict a page that it has not read, compared with programs that compress files?
#
# The book is *Alice's Adventures in Wonderland* by Lewis Carroll (1865), who died in 1898, so it is in the public domain.
# [The text](alice.txt) ([its source and licence](alice-licence.txt)) is that of the file `alice29.txt` of the Canterbury corpus, taken from the tests of the program Brotli; we removed its title page, and spaces and empty lines that follow others.
#
# Every number was computed when this page was made; take <a href="alice.py" download>the script</a> with the text, and train it longer.

# %%
import bz2
import lzma
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import dezero.functions as F
from dezero import no_grad
from dezero.models import GPT, choose
from dezero.optimizers import AdamW, ClipGrad, warmup_cosine
from dezero.tokens import BytePairs

# %config InlineBackend.figure_formats = ["svg"]
plt.rcParams["svg.fonttype"] = "none"  # words stay words

# beside the script, or seen from the folder of this book
places = Path("alice.txt"), Path("docs/labs/alice.txt")
text = next(p for p in places if p.exists()).read_text("ascii")
book, last_pages = text[:-14000], text[-14000:]
print(len(book), len(last_pages), "characters")
print(book[:230])

# %% [markdown]
# ## Tokens of several letters
#
# The byte-pair encoding of [chapter 62](../step62-tokens-and-attention.md#byte-pair-encoding) learns 256 tokens from the book, beside the 256 bytes.
# The last pages are held back: neither the tokens nor the weights know them.

# %%
tokens = BytePairs().learn(book, 512)
ids, held_back = map(np.array, map(tokens.encode, (book, last_pages)))
print(f"{len(book) / len(ids):.1f} characters in a token")
print(sorted(tokens.pieces, key=len)[-8:])

# %% [markdown]
# ## Bits for each character
#
# The loss is a mean over tokens: of longer tokens there are fewer in a text, but each is harder to predict.
# So we measure in a unit that does not depend on the tokens: the sum of the losses, divided by the number of characters, with logarithms of base 2.
# This number says how many bits would be needed for each character, if the probabilities of the model were used to store the text (Shannon, *A mathematical theory of communication*, 1948).
#
# Programs that compress files can be measured in the same way: how many bits does the file grow by, for each character, if the last pages are appended to the book?


# %%
def added(compress):
    """Return the bits for each character that the last pages add."""
    sizes = [len(compress(part.encode())) for part in (text, book)]
    return 8 * (sizes[0] - sizes[1]) / len(last_pages)


bits = {"bz2": added(bz2.compress), "lzma": added(lzma.compress)}
for name, value in bits.items():
    print(f"{name:5}{value:.1f}")

# %% [markdown]
# Both programs use what they have read, too: `lzma` finds parts that occurred before, and `bz2` sorts the letters by what follows them.
#
# ## Training
#
# A batch has 16 pieces of the book, each of 33 tokens that begin anywhere.
# The network has one block, and rows of 64 numbers; the rest is as in the chapter.
# With 600 steps, the training takes some seconds.

# %%
WINDOW, STEPS = 32, 600


def loss_of(model, rows):
    y = model(rows[:, :-1]).reshape(-1, len(tokens))
    return F.softmax_cross_entropy(y, rows[:, 1:].reshape(-1))


def bits_of(model):
    """Return the bits for each character of the last pages."""
    count = len(held_back) // (WINDOW + 1)
    rows = held_back[: count * (WINDOW + 1)].reshape(count, -1)
    with no_grad():
        loss = float(loss_of(model, rows).data)
    return loss / np.log(2) * len(held_back) / len(last_pages)


def train(model, steps):
    """Train a model; return its bits for each character, six times."""
    optimizer = AdamW(beta2=0.99).setup(model)
    optimizer.add_hook(ClipGrad(1.0))
    found = []
    for step in range(steps):
        optimizer.alpha = warmup_cosine(step, 0.01, 30, steps)
        rng = np.random.default_rng(step)
        starts = rng.integers(len(ids) - WINDOW, size=(16, 1))
        loss = loss_of(model, ids[starts + np.arange(WINDOW + 1)])
        model.cleargrads()
        loss.backward()
        optimizer.update()
        if (step + 1) % (steps // 6) == 0:
            found.append(bits_of(model))
    return found


np.random.seed(0)
model = GPT(len(tokens), WINDOW, size=64, heads=4)
print(sum(p.size for p in model.params()), "numbers")
curve = [bits_of(model)]
equal = np.log2(512) * len(held_back) / len(last_pages)
assert abs(curve[0] - equal) < 0.2
curve += train(model, STEPS)
assert curve[-1] < 2.7

# %%
fig, ax = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
ax.plot(np.linspace(0, STEPS, 7), curve, "C0o-", label="GPT")
for colour, (name, value) in zip(("C1", "C2"), bits.items(), strict=True):
    ax.axhline(value, color=colour, linestyle="--", label=name)
ax.set(xlabel="steps", ylabel="bits for each character", ylim=(1.8, 4.6))
ax.legend()
ax.grid(alpha=0.3)
plt.show()

# %% [markdown]
# ```text title="Figure"
# The bits for each character of the last pages fall from 4.4 to about 2.5. Equal probabilities for all 512 tokens would need 4.3.
#
# A chart against the steps, from 0 to 600. A line with seven points falls from 4.4, steeply at first, to about 2.5. Two dashed horizontal lines are at 2.5, for lzma, and at 2.2, for bz2.
# ```
#
# After 600 steps, the network predicts the last pages about as well as `lzma` does, and `bz2` is better than both.
# (All three have read the rest of the book before; the network has read pieces of it, in all about five times its tokens.)
#
# ## Texts
#
# What does it write?
# Its window has 32 tokens, and we want 100: when the window is full, `generate` forgets the older half of it and goes on.


# %%
def write(model, temperature):
    start = np.array([tokens.encode("Alice")])
    return tokens.decode(model.generate(start, 100, temperature, rng=1)[0])


for temperature in (0, 0.7):
    print(f"--- temperature {temperature}")
    print(write(model, temperature))

# %% [markdown]
# At the temperature 0 it soon repeats itself.
# At 0.7 there are words of the book, quotation marks, and lines of the right length, but no sense.
#
# ## How much the cache saves
#
# We count the time of 100 tokens with the cache of keys and values, and without it.
# To be fair, the version without a cache gets the same windows.


# %%
def generate_without_cache(model, ids, count, temperature, rng):
    rng, seen = np.random.default_rng(rng), ids  # shorter than the window
    with no_grad():
        for _ in range(count):
            if seen.shape[1] > model.window:
                seen = ids[:, -(model.window // 2) :]
            new = choose(model(seen)[:, -1], temperature, rng)
            ids = np.append(ids, new, axis=1)
            seen = np.append(seen, new, axis=1)
    return ids


def cost(function, *arguments):
    """Return the least processor time of three calls."""
    times = []
    for _ in range(3):
        start = time.process_time()
        function(*arguments)
        times.append(time.process_time() - start)
    return min(times)


starts = ids[np.arange(50)[:, None] * 100 + np.arange(3)]  # 50 texts
arguments = model, starts, 100, 0.7, 1
equal = GPT.generate(*arguments) == generate_without_cache(*arguments)
assert equal.mean() > 0.9
saved = cost(GPT.generate, *arguments), cost(generate_without_cache, *arguments)
print(f"equal tokens: {equal.mean():.2f}")
print(f"time with the cache, as a share: {saved[0] / saved[1]:.1f}")

# %% [markdown]
# On one machine the share was 0.2, and 0.06 with a window of 128 tokens; for a single text, 0.66 and 0.38, since then most of the time is that of calling functions.
#
# ## A longer training
#
# With `STEPS = 3000`, the training takes five times as long.
# On one machine, the last pages then needed 2.27 bits for each character, less than with `lzma` and nearly as few as with `bz2`.
# But the last steps gained hardly anything: from 2,000 steps to 3,000, the number fell from 2.28 to 2.27.
# The batches from the book needed only 1.7 bits at the end, so the network had learned much of the book by heart, and 3,000 steps are 26 times the book.
# To predict new pages better, it needs more text rather than more steps.
#
# ## What to take
#
# - Losses of networks with different tokens can be compared in bits for each character.
# - A language model and a program that compresses files do similar things: both give likely continuations little space.
# - The cache saves the more, the longer the window is and the more texts are written at once.
#
# ## Things to try
#
# - **Characters.**
#   Take `Characters(text)` instead of `BytePairs`.
#   How many bits for each character are there after as many steps, and after as much time?
# - **A larger window.**
#   With `WINDOW = 128`, a quarter of the pieces in a batch costs about as much.
#   Does the network use what is so far back?
# - **Another book.**
#   Take one that is in the public domain where you live, of a few hundred thousand characters, and let the network continue a sentence of yours.
