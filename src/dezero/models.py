"""Models: layers that are whole networks."""

from itertools import repeat

import numpy as np

from dezero import explain
from dezero.config import no_grad
from dezero.cuda import as_numpy
from dezero.downloads import get_file
from dezero.functions import dropout, flatten, linear, pooling, relu, sigmoid
from dezero.layers import (
    BatchNorm,
    Conv2d,
    EmbedID,
    KeyValues,
    Layer,
    LayerNorm,
    Linear,
    TransformerBlock,
    shape_of,
)
from dezero.utils import plot_dot_graph


class Model(Layer):
    """A layer that is a whole network."""

    def plot(self, *inputs, to_file="model.png"):
        """Draw the graph of forward(*inputs) into a file.

        See plot_dot_graph for the extensions of to_file, and for what
        is returned.
        """
        y = self.forward(*inputs)
        return plot_dot_graph(y, verbose=True, to_file=to_file)

    def summary(self):
        """Return a table of the parameters: path, shape, dtype, size."""
        rows, total = [], 0
        for path, p in self.named_params():
            size = 0 if p.data is None else p.size
            dtype = "" if p.data is None else str(p.dtype)
            rows.append((path, shape_of(p), dtype, f"{size:,}"))
            total += size
        rows.append(("total", "", "", f"{total:,}"))
        widths = [max(map(len, column)) for column in zip(*rows)]
        return "\n".join(
            "  ".join(
                cell.rjust(n) if i == 3 else cell.ljust(n)
                for i, (cell, n) in enumerate(zip(row, widths))
            )
            for row in rows
        )


class Sequential(Model):
    """Layers and functions, one after the other."""

    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class MLP(Model):
    """A multilayer perceptron: linear layers, an activation between.

    fc_output_sizes are the numbers of columns that the layers give, the
    last without an activation after it.
    """

    def __init__(self, fc_output_sizes, activation=sigmoid):
        self.activation = activation
        self.layers = [Linear(size) for size in fc_output_sizes]

    def forward(self, x):
        *hidden, last = self.layers
        for layer in hidden:
            x = self.activation(layer(x))
        return last(x)


class VGG16(Model):
    """The network of 16 layers of Simonyan and Zisserman (2015).

    x is (N, 3, 224, 224), see preprocess; the result is (N, 1000), a
    score for each class of ImageNet. With pretrained, the weights of
    the original are fetched, 528 MB.
    """

    weights = (
        "https://github.com/koki0702/dezero-models/releases/download/"
        "v0.1/vgg16.npz"
    )

    def __init__(self, pretrained=False):
        for name, channels in VGG_LAYERS.items():
            layer = Conv2d(channels, kernel_size=3, stride=1, pad=1)
            setattr(self, name, layer)
        self.fc6, self.fc7 = Linear(4096), Linear(4096)
        self.fc8 = Linear(1000)
        if pretrained:
            self.load_weights(get_file(self.weights))

    def forward(self, x):
        for name in VGG_LAYERS:
            x = relu(getattr(self, name)(x))
            if name in VGG_POOLED:
                x = pooling(x, 2, 2)
        x = flatten(x)
        x = dropout(relu(self.fc6(x)))
        x = dropout(relu(self.fc7(x)))
        return self.fc8(x)

    @staticmethod
    def preprocess(image, size=(224, 224), dtype=np.float32):
        """Return an image of Pillow as an array (3, H, W) for the network.

        It is scaled to size, its colours come in the order blue, green,
        red, and their means over ImageNet are subtracted.
        """
        image = image.convert("RGB")
        if size:
            image = image.resize(size)
        array = np.asarray(image, dtype)[:, :, ::-1]
        means = np.array([103.939, 116.779, 123.68], dtype)
        return (array - means).transpose(2, 0, 1)


VGG_LAYERS = {
    "conv1_1": 64,
    "conv1_2": 64,
    "conv2_1": 128,
    "conv2_2": 128,
    "conv3_1": 256,
    "conv3_2": 256,
    "conv3_3": 256,
    "conv4_1": 512,
    "conv4_2": 512,
    "conv4_3": 512,
    "conv5_1": 512,
    "conv5_2": 512,
    "conv5_3": 512,
}  # the numbers of channels
VGG_POOLED = {"conv1_2", "conv2_2", "conv3_3", "conv4_3", "conv5_3"}


class ResNet(Model):
    """A residual network of 50, 101 or 152 layers (He and others, 2016).

    x is (N, 3, H, W), the result (N, 1000). With pretrained, the
    weights of the original are fetched. A ValueError names the numbers
    of layers that there are.
    """

    weights = (
        "https://github.com/koki0702/dezero-models/releases/download/"
        "v0.1/resnet{}.npz"
    )
    blocks = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}

    def __init__(self, n_layers=152, pretrained=False):
        if n_layers not in self.blocks:
            raise ValueError(
                f"ResNet has 50, 101 or 152 layers, got {n_layers}"
            )
        a, b, c, d = self.blocks[n_layers]
        self.conv1 = Conv2d(64, 7, 2, 3)
        self.bn1 = BatchNorm()
        self.res2 = BuildingBlock(a, 64, 64, 256, 1)
        self.res3 = BuildingBlock(b, 256, 128, 512, 2)
        self.res4 = BuildingBlock(c, 512, 256, 1024, 2)
        self.res5 = BuildingBlock(d, 1024, 512, 2048, 2)
        self.fc6 = Linear(1000)
        if pretrained:
            self.load_weights(get_file(self.weights.format(n_layers)))

    def forward(self, x):
        x = relu(self.bn1(self.conv1(x)))
        x = pooling(x, kernel_size=3, stride=2)
        for block in (self.res2, self.res3, self.res4, self.res5):
            x = block(x)
        return self.fc6(x.mean(axis=(2, 3)))


class ResNet50(ResNet):
    """The residual network of 50 layers."""

    def __init__(self, pretrained=False):
        super().__init__(50, pretrained)


class ResNet101(ResNet):
    """The residual network of 101 layers."""

    def __init__(self, pretrained=False):
        super().__init__(101, pretrained)


class ResNet152(ResNet):
    """The residual network of 152 layers."""

    def __init__(self, pretrained=False):
        super().__init__(152, pretrained)


class BuildingBlock(Layer):
    """Bottlenecks in a row; the first may change the size of the image."""

    def __init__(
        self,
        n_layers=None,
        in_channels=None,
        mid_channels=None,
        out_channels=None,
        stride=None,
        downsample_fb=None,
    ):
        self.a = BottleneckA(
            in_channels, mid_channels, out_channels, stride, downsample_fb
        )
        for i in range(1, n_layers):
            layer = BottleneckB(out_channels, mid_channels)
            setattr(self, f"b{i}", layer)

    def forward(self, x):
        for layer in vars(self).values():
            x = layer(x)
        return x


class BottleneckA(Layer):
    """Three convolutions beside one, both with the stride; their sum.

    The stride is that of the first convolution, or with downsample_fb
    of the second.
    """

    def __init__(
        self,
        in_channels,
        mid_channels,
        out_channels,
        stride=2,
        downsample_fb=False,
    ):
        first, second = (1, stride) if downsample_fb else (stride, 1)
        self.conv1 = Conv2d(mid_channels, 1, first, 0, nobias=True)
        self.bn1 = BatchNorm()
        self.conv2 = Conv2d(mid_channels, 3, second, 1, nobias=True)
        self.bn2 = BatchNorm()
        self.conv3 = Conv2d(out_channels, 1, 1, 0, nobias=True)
        self.bn3 = BatchNorm()
        self.conv4 = Conv2d(out_channels, 1, stride, 0, nobias=True)
        self.bn4 = BatchNorm()

    def forward(self, x):
        h = relu(self.bn1(self.conv1(x)))
        h = relu(self.bn2(self.conv2(h)))
        return relu(self.bn3(self.conv3(h)) + self.bn4(self.conv4(x)))


class BottleneckB(Layer):
    """Three convolutions, and x itself added to what they give."""

    def __init__(self, in_channels, mid_channels):
        self.conv1 = Conv2d(mid_channels, 1, 1, 0, nobias=True)
        self.bn1 = BatchNorm()
        self.conv2 = Conv2d(mid_channels, 3, 1, 1, nobias=True)
        self.bn2 = BatchNorm()
        self.conv3 = Conv2d(in_channels, 1, 1, 0, nobias=True)
        self.bn3 = BatchNorm()

    def forward(self, x):
        h = relu(self.bn1(self.conv1(x)))
        h = relu(self.bn2(self.conv2(h)))
        return relu(self.bn3(self.conv3(h)) + x)


class GPT(Model):
    """A transformer that gives scores for the next token.

    ids are integers (N, T) from 0 to vocabulary - 1, with T at most
    window; the result is (N, T, vocabulary), the scores for what follows
    each token. The rows have size numbers, and go through blocks with so
    many heads. The embedding of the tokens is the last layer, too.
    (Radford and others, 2018; Press and Wolf, 2017.)
    """

    def __init__(self, vocabulary, window, size=32, heads=2, blocks=1):
        self.window = window
        self.tokens = EmbedID(vocabulary, size)
        self.places = EmbedID(window, size)
        for embedding in (self.tokens, self.places):
            embedding.W.data *= np.float32(0.5 / np.sqrt(size))
        self.blocks = [TransformerBlock(size, heads) for _ in range(blocks)]
        self.norm = LayerNorm(size)

    def forward(self, ids, cache=None):
        start = len(cache[0]) if cache else 0
        end = start + ids.shape[-1]
        explain.ids(ids.shape, end, self.window)
        x = self.tokens(ids) + self.places(np.arange(start, end))
        for block, kept in zip(self.blocks, cache or repeat(None)):
            x = block(x, kept)
        return linear(self.norm(x), self.tokens.W.T)

    def new_cache(self):
        """Return an empty cache, to be passed along with each call."""
        return [KeyValues() for _ in self.blocks]

    @no_grad()
    def generate(self, ids, count, temperature=1.0, rng=None):
        """Return ids (N, T) with count more tokens in each row.

        Each is drawn by choose. rng is a generator of NumPy, or a seed;
        without it, each call draws others. The model sees the last
        window tokens; when the window is full, it forgets the older half.
        """
        explain.ids(ids.shape, 1, self.window)
        rng, half = np.random.default_rng(rng), max(1, self.window // 2)
        new, cache = ids[:, -self.window :], self.new_cache()
        for _ in range(count):
            if len(cache[0]) + new.shape[1] > self.window:
                new = ids[:, -half:]
                cache = self.new_cache()
            scores = self(new, cache)[:, -1]
            new = choose(scores, temperature, rng)
            ids = np.append(ids, new, axis=1)
        return ids


def choose(scores, temperature, rng):
    """Return a token for each row of the scores (N, V), as (N, 1).

    Each is drawn with the probabilities softmax(scores / temperature);
    at 0, it is the one with the largest score. rng is a generator of
    NumPy. (Maddison, Tarlow and Minka, 2014.)
    """
    scores = as_numpy(scores)
    explain.drawing(scores, temperature)
    noise = temperature * rng.gumbel(size=scores.shape)
    return (scores + noise).argmax(axis=1)[:, None]
