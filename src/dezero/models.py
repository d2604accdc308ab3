"""Models: layers that are whole networks."""

from dezero.functions import sigmoid
from dezero.layers import Layer, Linear, shape_of
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
