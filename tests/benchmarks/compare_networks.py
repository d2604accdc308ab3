"""VGG16 and ResNet50 with random weights, beside the same networks in PyTorch.

    uv run --with 'torch>=2' python tests/benchmarks/compare_networks.py [--size 224] [--dtype float32]

PyTorch's networks are written out below, layer by layer, and get our weights. Each row compares arrays of
both: the largest difference as a share of the largest number. It fails where rounding does not explain that.
The times are processor time on one thread, each of a single run.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[2] / "src"))

import numpy as np
import torch
from torch import nn

import dezero.functions as F
import dezero.layers as L
from dezero import models, no_grad, test_mode

# In float32, the last bit may decide where a maximum is, and its gradient goes there: float64 is the test.
ROUNDING = {"float32": 5e-2, "float64": 1e-9}
LEAF = L.Linear, L.Conv2d, L.BatchNorm
TORCH_LEAF = nn.Linear, nn.Conv2d, nn.BatchNorm2d


class Dropout(nn.Module):
    """Dropout with the random numbers of NumPy, which ours takes, too."""

    def forward(self, x):
        if not self.training:
            return x
        return x * torch.from_numpy(np.random.rand(*x.shape) > 0.5) * 2


class Bottleneck(nn.Module):
    """Three convolutions beside x, or beside a fourth; the stride is that of the first, as in Caffe."""

    def __init__(self, C, middle, OC, stride=1, is_first=False):
        super().__init__()
        self.main = nn.Sequential(
            *(nn.Conv2d(C, middle, 1, stride, bias=False), norm(middle), nn.ReLU()),
            *(nn.Conv2d(middle, middle, 3, 1, 1, bias=False), norm(middle), nn.ReLU()),
            *(nn.Conv2d(middle, OC, 1, bias=False), norm(OC)),
        )
        self.side = nn.Sequential()
        if is_first:
            self.side = nn.Sequential(nn.Conv2d(C, OC, 1, stride, bias=False), norm(OC))

    def forward(self, x):
        return torch.relu(self.main(x) + self.side(x))


def norm(C):
    """Our decay of 0.9 is PyTorch's momentum of 0.1."""
    return nn.BatchNorm2d(C, eps=2e-5, momentum=0.1)


def vgg16(size) -> nn.Module:
    layers, C = [], 3
    for OC, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(count):
            layers += [nn.Conv2d(C, OC, 3, padding=1), nn.ReLU()]
            C = OC
        layers.append(nn.MaxPool2d(2))
    layers += [nn.Flatten(), nn.Linear(512 * (size // 32) ** 2, 4096), nn.ReLU(), Dropout()]
    return nn.Sequential(*layers, nn.Linear(4096, 4096), nn.ReLU(), Dropout(), nn.Linear(4096, 1000))


def resnet50() -> nn.Module:
    layers, C = [nn.Conv2d(3, 64, 7, 2, 3), norm(64), nn.ReLU(), nn.MaxPool2d(3, 2)], 64
    for count, middle, stride in ((3, 64, 1), (4, 128, 2), (6, 256, 2), (3, 512, 2)):
        for k in range(count):
            layers.append(Bottleneck(C, middle, 4 * middle, stride if k == 0 else 1, k == 0))
            C = 4 * middle
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(C, 1000))


# --- the same numbers in both -------------------------------------------------------------------------------


def leaves(layer) -> Iterator[L.Layer]:
    """The layers of ours that have parameters of their own, in the order of their making."""
    for part in vars(layer).values():
        if isinstance(part, LEAF):
            yield part
        elif isinstance(part, L.Layer):
            yield from leaves(part)


def pairs(ours, theirs) -> Iterator[tuple[str, object, torch.Tensor]]:
    """Each of our parameters and buffers, and PyTorch's, whose weights of a linear layer are transposed."""
    modules = [module for module in theirs.modules() if isinstance(module, TORCH_LEAF)]
    for k, (layer, module) in enumerate(zip(leaves(ours), modules, strict=True), 1):
        names = {"W": "weight", "b": "bias"}
        if isinstance(layer, L.BatchNorm):
            names = {"gamma": "weight", "beta": "bias", "avg_mean": "running_mean", "avg_var": "running_var"}
        for name, torch_name in names.items():
            if getattr(layer, name) is not None:
                yield f"{k}.{name}", getattr(layer, name), getattr(module, torch_name)


def in_our_form(name: str, tensor: torch.Tensor) -> np.ndarray:
    array = tensor.detach().numpy()
    return array.T if name.endswith(".W") and array.ndim == 2 else array


def fill(ours, theirs, x) -> None:
    """Give both the same random numbers, of which those of a layer keep the size of what goes through."""
    rng = np.random.default_rng(0)
    with no_grad(), test_mode():
        ours(x[:1])  # the parameters get their shapes
    for name, parameter, tensor in pairs(ours, theirs):
        shape = parameter.shape
        fan_in = shape[0] if len(shape) == 2 else int(np.prod(shape[1:]))
        array = rng.standard_normal(shape) * np.sqrt(2 / fan_in) if len(shape) > 1 else rng.random(shape)
        parameter.data = array.astype(x.dtype)
        with torch.no_grad():
            tensor.copy_(torch.from_numpy(parameter.data.T if len(shape) == 2 else parameter.data))
        assert np.array_equal(in_our_form(name, tensor), parameter.data)


# --- comparing ----------------------------------------------------------------------------------------------


def timed(program) -> tuple[object, float]:
    start = time.process_time()
    result = program()
    return result, time.process_time() - start


def difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    return float(abs(ours - theirs).max() / abs(theirs).max())


def row(words: str, found: float, *seconds: float) -> float:
    times = "".join(f"{second:10.2f}" for second in seconds)
    print(f"    {words:44}{found:10.1e}{times}", flush=True)
    return found


def training(model, x, labels, loss) -> object:
    """The scores of a step, whose dropout begins with the same seed in both."""
    np.random.seed(1)
    scores = model(x)
    loss(scores, labels).backward()
    return scores


def compare(name: str, ours, theirs, x: np.ndarray, without_effect: str = "") -> float:
    """Print the rows of a network; a bias before a normalization is without effect, its gradient rounding."""
    fill(ours, theirs, x)
    known = list(pairs(ours, theirs))
    trained = [entry for entry in known if entry[2].requires_grad]
    size = sum(parameter.size for _, parameter, _ in trained)
    print(f"{name}, x {x.shape} {x.dtype}, {size:,} parameters in {len(trained)} arrays")
    print(f"    {'':44}{'difference':>10}{'ours, s':>10}{'PyTorch, s':>11}")

    theirs.eval()
    with no_grad(), test_mode(), torch.no_grad():
        ours(x[:1]), theirs(torch.from_numpy(x[:1]))
        y, second = timed(lambda: ours(x).data)
        z, torch_second = timed(lambda: theirs(torch.from_numpy(x)).numpy())
    found = [row(f"test mode: scores {y.shape}", difference(y, z), second, torch_second)]

    theirs.train()
    labels = np.arange(len(x))
    y, second = timed(lambda: training(ours, x, labels, F.softmax_cross_entropy).data)
    tensors = torch.from_numpy(x), torch.from_numpy(labels)
    z, torch_second = timed(lambda: training(theirs, *tensors, nn.functional.cross_entropy).detach().numpy())
    found.append(row("training, a step: scores", difference(y, z), second, torch_second))
    slopes = {
        p: difference(v.grad.data, in_our_form(p, w.grad)) for p, v, w in trained if p != without_effect
    }
    worst = max(slopes, key=slopes.get)
    found.append(row(f"gradients, the worst of them {worst}", slopes[worst]))
    running = [difference(v.data, w.numpy()) for _, v, w in known if not w.requires_grad]
    if running:
        found.append(row(f"running means and variances, {len(running)} arrays", max(running)))
    return max(found)


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--size", type=int, default=224, help="height and width of the images")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--dtype", choices=ROUNDING, default="float32")
    options = parser.parse_args()
    torch.set_num_threads(1)
    shape = options.batch, 3, options.size, options.size
    x = np.random.default_rng(0).standard_normal(shape).astype(options.dtype)
    torch.set_default_dtype(getattr(torch, options.dtype))
    found = [
        compare("VGG16", models.VGG16(), vgg16(options.size), x),
        compare("ResNet50", models.ResNet50(), resnet50(), x, "1.b"),
    ]
    if max(found) > ROUNDING[options.dtype]:
        sys.exit("a difference is larger than rounding explains")


if __name__ == "__main__":
    main()
