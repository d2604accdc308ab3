"""Write pytorch.safetensors, which test_exchange.py reads: `python pytorch_numbers.py` in this folder.

It needs PyTorch and safetensors, and no test runs it: the file was made on 2026-11-28 with PyTorch 2.13.0,
safetensors 0.8.0 and NumPy 2.4.6 on a CPU. For each layer it holds the weights, an input and the output,
both of random numbers, under "linear.weights.bias", "linear.input" and so on.
"""

import torch
from safetensors.torch import save_file
from torch import nn

torch.manual_seed(0)
LAYERS = {
    "linear": (nn.Linear(3, 4), (5, 3)),
    "square": (nn.Linear(3, 3), (5, 3)),
    "no_bias": (nn.Linear(3, 2, bias=False), (5, 3)),
    "conv": (nn.Conv2d(2, 3, (3, 2), stride=2, padding=1), (2, 2, 6, 5)),
    "deconv": (nn.ConvTranspose2d(2, 3, (3, 2), stride=2, padding=1), (2, 2, 4, 3)),
    "embedding": (nn.Embedding(6, 3), 6),
    "layer_norm": (nn.LayerNorm(4), (5, 4)),
    "batch_norm": (nn.BatchNorm2d(3), (4, 3, 2, 2)),
    "batch_norm_of_rows": (nn.BatchNorm1d(3, momentum=0.3), (4, 3)),
    "rnn": (nn.RNN(2, 3), (4, 5, 2)),  # (steps, batch, numbers), as the LSTM
    "lstm": (nn.LSTM(2, 3), (4, 5, 2)),
    "attention": (nn.MultiheadAttention(4, 2, batch_first=True), (2, 3, 4)),
}


def call(name, layer, x):
    if name == "attention":
        return layer(x, x, x, need_weights=False)[0]
    y = layer(x)
    return y[0] if isinstance(y, tuple) else y


numbers = {}
with torch.no_grad():
    for name, (layer, shape) in LAYERS.items():
        x = torch.arange(6) if name == "embedding" else torch.randn(shape)
        if name.startswith("batch_norm"):
            x[:, 0] *= 0.01  # a small variance, beside which eps counts
        for parameter in layer.parameters():  # those of a normalization are ones and zeros
            parameter.copy_(torch.randn_like(parameter))
        numbers |= {f"{name}.weights.{key}": value.clone() for key, value in layer.state_dict().items()}
        numbers[f"{name}.input"], numbers[f"{name}.output"] = x, call(name, layer, x)
        if name.startswith("batch_norm"):  # a step of training has changed its running mean and variance
            numbers |= {f"{name}.trained.{key}": value.clone() for key, value in layer.state_dict().items()}
            numbers[f"{name}.output_of_test"] = call(name, layer.eval(), x)
save_file({key: value.contiguous() for key, value in numbers.items()}, "pytorch.safetensors")
