"""Training with the collector off: nothing is left for it, and the memory stays as it is."""

import gc

import numpy as np
import pytest
from samples import bytes_after

import dezero.functions as F
import dezero.layers as L
from dezero import Model
from dezero.optimizers import Adam

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("_collector_off")]
RNG = np.random.default_rng(0)
FEW = 3
SMALLEST = 10 * 4  # bytes of the least array that a step makes, the bias gradient of the last layer


def numbers(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


class LeNet(Model):
    def __init__(self):
        self.conv1, self.conv2 = L.Conv2d(4, 5), L.Conv2d(8, 5)
        self.norm, self.fc1, self.fc2 = L.BatchNorm(), L.Linear(30), L.Linear(10)

    def forward(self, x):
        x = F.pooling(F.relu(self.norm(self.conv1(x))), 2, 2)
        x = F.pooling(F.relu(self.conv2(x)), 2, 2)
        return self.fc2(F.dropout(F.relu(self.fc1(F.flatten(x)))))


class Reader(Model):
    def __init__(self):
        self.lstm, self.out = L.LSTM(16), L.Linear(10)

    def forward(self, xs):
        self.lstm.reset_state()
        for x in xs:
            h = self.lstm(x)
        return self.out(h)


def training(model, x, labels):
    optimizer = Adam().setup(model)

    def step():
        loss = F.softmax_cross_entropy(model(x), labels)
        model.cleargrads()
        loss.backward()
        optimizer.update()

    return step


PROGRAMS = {
    "200 steps of a convolutional network": (LeNet, (8, 1, 28, 28), 8, 200),
    "100 sequences of 30 through an LSTM": (Reader, (30, 4, 3), 4, 100),
}


@pytest.mark.parametrize(("model", "shape", "rows", "times"), PROGRAMS.values(), ids=PROGRAMS)
def test_a_training_leaves_nothing_behind(model, shape, rows, times):
    step = training(model(), numbers(*shape), np.arange(rows))
    bytes_after(step, FEW)  # what the first steps make once and for all
    few, objects = bytes_after(step, FEW), len(gc.get_objects())

    many = bytes_after(step, times)

    assert gc.collect() == 0
    assert len(gc.get_objects()) <= objects
    assert many - few < (times - FEW) * SMALLEST
