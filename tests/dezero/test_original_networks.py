"""Programs in the interface of the original DeZero, steps 37 to 51: what they compute, in their own loops."""

import math

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import DataLoader, Model, Variable, as_variable, optimizers
from dezero.models import MLP


def sine_data():
    np.random.seed(0)
    x = np.random.rand(100, 1)
    return x, np.sin(2 * np.pi * x) + np.random.rand(100, 1)


def descend(x, y, predict, clear, update, iters=500):
    losses = []
    for _ in range(iters):
        loss = F.mean_squared_error(y, predict(x))
        clear()
        loss.backward()
        update()
        losses.append(float(loss.data))
    return losses


def test_intermediate_gradients_of_a_tensor_of_integers():
    x = Variable(np.array([[1, 2, 3], [4, 5, 6]]))
    c = Variable(np.array([[10, 20, 30], [40, 50, 60]]))
    t = x + c
    y = F.sum(t)

    y.backward(retain_grad=True)

    assert y.grad.data == 1.0
    assert all(np.array_equal(v.grad.data, np.ones((2, 3))) for v in (t, x, c))


@pytest.mark.slow
def test_a_line_by_gradient_descent_is_that_of_least_squares():
    np.random.seed(0)
    x = np.random.rand(100, 1)
    y = 5 + 2 * x + np.random.rand(100, 1)
    x, y = Variable(x), Variable(y)
    W, b = Variable(np.zeros((1, 1))), Variable(np.zeros(1))
    for _ in range(2000):
        diff = y - (F.matmul(x, W) + b)
        loss = F.sum(diff**2) / len(diff)
        W.cleargrad()
        b.cleargrad()
        loss.backward()
        W.data -= 0.1 * W.grad.data
        b.data -= 0.1 * b.grad.data

    (slope, height), *_ = np.linalg.lstsq(np.hstack([x.data, np.ones((100, 1))]), y.data, rcond=None)
    assert np.allclose([W.data.item(), b.data.item()], [slope.item(), height.item()], atol=1e-6)


@pytest.mark.slow
def test_two_layers_by_hand_and_as_layers_and_as_a_model_take_the_same_steps():
    class TwoLayerNet(Model):
        def __init__(self, hidden_size, out_size):
            super().__init__()
            self.l1 = L.Linear(hidden_size)
            self.l2 = L.Linear(out_size)

        def forward(self, x):
            return self.l2(F.sigmoid(self.l1(x)))

    def by_hand(x, y):
        W1 = Variable(np.random.randn(1, 10).astype("f"))
        b1 = Variable(np.zeros(10, "f"))
        W2 = Variable((np.random.randn(10, 1) / np.sqrt(10)).astype("f"))
        b2 = Variable(np.zeros(1, "f"))
        params = W1, b1, W2, b2

        def update():
            for p in params:
                p.data -= 0.2 * p.grad.data

        return descend(
            x,
            y,
            lambda x: F.linear(F.sigmoid(F.linear(x, W1, b1)), W2, b2),
            lambda: [p.cleargrad() for p in params],
            update,
        )

    def by_model(model):
        def run(x, y):
            optimizer = optimizers.SGD(0.2).setup(model)
            return descend(x, y, model, model.cleargrads, optimizer.update)

        return run

    losses = [run(*sine_data()) for run in (by_hand, by_model(TwoLayerNet(10, 1)), by_model(MLP((10, 1))))]

    assert losses[0][-1] < losses[0][0] / 3
    assert np.allclose(losses[0], losses[1], rtol=1e-4)
    assert losses[1] == losses[2]


def test_a_softmax_of_ones_own_beside_the_simple_one():
    def softmax1d(x):
        x = as_variable(x)
        y = F.exp(x)
        return y / F.sum(y)

    model = MLP((10, 3))
    x = Variable(np.array([[0.2, -0.4]]))

    assert np.allclose(softmax1d(model(x)).data, F.softmax_simple(model(x)).data)


def test_the_spiral_is_learned_with_batches_made_by_hand():
    np.random.seed(0)
    x, t = dezero.datasets.get_spiral(train=True)
    model = MLP((10, 3))
    optimizer = optimizers.SGD(1.0).setup(model)
    batch_size = 30
    max_iter = math.ceil(len(x) / batch_size)
    losses = []
    for _ in range(60):
        index = np.random.permutation(len(x))
        sum_loss = 0
        for i in range(max_iter):
            batch_index = index[i * batch_size : (i + 1) * batch_size]
            loss = F.softmax_cross_entropy(model(x[batch_index]), t[batch_index])
            model.cleargrads()
            loss.backward()
            optimizer.update()
            sum_loss += float(loss.data) * len(batch_index)
        losses.append(sum_loss / len(x))

    assert losses[-1] < 0.75 < 1.0 < losses[0]


def test_the_spiral_has_the_numbers_of_the_original_and_leaves_the_global_generator_alone():
    np.random.seed(5)
    expected = np.random.rand()
    np.random.seed(5)
    x, t = dezero.datasets.get_spiral()

    assert np.random.rand() == expected
    # The first point by the original's own steps: its global generator, seeded with 1984.
    random = np.random.RandomState(1984)
    noise = [random.randn() for _ in range(300)]
    first = random.permutation(300)[0]
    arm, i = divmod(first, 100)
    theta = arm * 4.0 + 4.0 * i / 100 + noise[first] * 0.2
    assert t[0] == arm
    assert np.allclose(x[0], [i / 100 * np.sin(theta), i / 100 * np.cos(theta)])


@pytest.mark.slow
def test_images_are_learned_from_loaders_and_judged_by_others():
    np.random.seed(0)
    train_set = dezero.datasets.MNIST(train=True, small=True)
    test_set = dezero.datasets.MNIST(train=False, small=True)
    train_loader = DataLoader(train_set, 100)
    test_loader = DataLoader(test_set, 100, shuffle=False)
    model = MLP((100, 10), activation=F.relu)
    optimizer = optimizers.Adam().setup(model)
    optimizer.add_hook(optimizers.WeightDecay(1e-4))
    for _ in range(2):
        for x, t in train_loader:
            loss = F.softmax_cross_entropy(model(x), t)
            model.cleargrads()
            loss.backward()
            optimizer.update()

    sum_acc = 0
    with dezero.no_grad():
        for x, t in test_loader:
            sum_acc += float(F.accuracy(model(x), t).data) * len(t)
    assert sum_acc / len(test_set) > 0.85


@pytest.mark.parametrize(
    "name", ["core", "functions", "layers", "models", "optimizers", "datasets", "dataloaders"]
)
def test_the_modules_have_the_names_of_the_original(name):
    names = {
        "core": "Variable Parameter Function using_config no_grad as_array as_variable setup_variable Config",
        "functions": "sin cos tanh exp log reshape transpose get_item expand_dims flatten sum sum_to "
        "broadcast_to average mean matmul linear linear_simple sigmoid_simple sigmoid relu leaky_relu "
        "softmax_simple softmax log_softmax mean_squared_error_simple mean_squared_error "
        "softmax_cross_entropy_simple softmax_cross_entropy sigmoid_cross_entropy "
        "binary_cross_entropy accuracy max min clip add sub rsub mul div neg pow",
        "layers": "Layer Linear",
        "models": "Model Sequential MLP",
        "optimizers": "Optimizer WeightDecay ClipGrad FreezeParam SGD MomentumSGD AdaGrad AdaDelta Adam",
        "datasets": "Dataset get_spiral Spiral MNIST CIFAR10 CIFAR100 SinCurve",
        "dataloaders": "DataLoader SeqDataLoader",
    }[name]

    assert [n for n in names.split() if not hasattr(getattr(dezero, name), n)] == []
