"""Programs in the interface of the original DeZero, steps 25 to 36, run as they are written."""

import importlib
import math

import numpy as np
import pytest


def rosenbrock(x0, x1):
    return 100 * (x1 - x0**2) ** 2 + (x0 - 1) ** 2


def quartic(x):
    return x**4 - 2 * x**2


def hand_newton(x, times):
    """Return the iterates of Newton's method for the quartic, in plain floats."""
    iterates = [x]
    for _ in range(times):
        x -= (4 * x**3 - 4 * x) / (12 * x**2 - 4)
        iterates.append(x)
    return iterates


@pytest.mark.filterwarnings("ignore:.*:UserWarning")  # no renderer
@pytest.mark.parametrize("module", ["dezero", "dezero.core_simple"])
@pytest.mark.parametrize("verbose", [False, True])
def test_a_graph_with_names_becomes_text_and_a_file(module, verbose, tmp_path):
    Variable = importlib.import_module(module).Variable
    from dezero.utils import get_dot_graph, plot_dot_graph

    x0 = Variable(np.array(1.0))
    x1 = Variable(np.array(1.0))
    y = rosenbrock(x0, x1)
    x0.name = "x0"
    x1.name = "x1"
    y.name = "y"
    txt = get_dot_graph(y, verbose=verbose)
    plot_dot_graph(y, verbose=verbose, to_file=str(tmp_path / "rosenbrock.svg"))

    assert txt.startswith("digraph g {\n")
    assert txt.endswith("}")
    assert txt.count("shape=box") == 7  # three powers, two differences, a product and a sum
    assert list(tmp_path.glob("rosenbrock.*"))  # a picture, or its text where nothing draws


def test_a_sine_by_its_own_class_and_by_its_series():
    from dezero import Function, Variable

    class Sin(Function):
        def forward(self, x):
            y = np.sin(x)
            return y

        def backward(self, gy):
            x = self.inputs[0].data
            gx = gy * np.cos(x)
            return gx

    def sin(x):
        return Sin()(x)

    def my_sin(x, threshold=1e-12):
        y = 0
        for i in range(100000):
            c = (-1) ** i / math.factorial(2 * i + 1)
            t = c * x ** (2 * i + 1)
            y = y + t
            if abs(t.data) < threshold:
                break
        return y

    gradients = []
    for f in (sin, my_sin):
        x = Variable(np.array(np.pi / 4))
        y = f(x)
        y.backward()
        gradients.append(x.grad.data)

    assert np.allclose(gradients, math.sqrt(0.5), rtol=1e-10)


def test_gradient_descent_on_the_first_engine():
    from dezero.core_simple import Variable, setup_variable

    setup_variable()

    x0 = Variable(np.array(0.0))
    x1 = Variable(np.array(2.0))
    lr = 0.001
    iters = 1000
    path = []
    for _ in range(iters):
        path.append((float(x0.data), float(x1.data)))
        y = rosenbrock(x0, x1)
        x0.cleargrad()
        x1.cleargrad()
        y.backward()
        x0.data -= lr * x0.grad
        x1.data -= lr * x1.grad

    a, b = 0.0, 2.0
    for place in path:
        assert np.allclose(place, (a, b), rtol=1e-9)
        slopes = -400 * a * (b - a**2) + 2 * (a - 1), 200 * (b - a**2)
        a, b = a - lr * slopes[0], b - lr * slopes[1]


def test_gradient_descent_on_the_new_engine_takes_the_data_of_the_gradient():
    from dezero import Variable

    x = Variable(np.array(2.0))
    for _ in range(200):
        y = (x - 1) ** 2
        x.cleargrad()
        y.backward()
        x.data -= 0.1 * x.grad.data

    assert abs(x.data - 1) < 1e-12


def test_newtons_method_by_hand_on_the_first_engine():
    from dezero.core_simple import Variable

    def gx2(x):
        return 12 * x**2 - 4

    x = Variable(np.array(2.0))
    iters = 10
    iterates = []
    for _ in range(iters):
        iterates.append(float(x.data))
        y = quartic(x)
        x.cleargrad()
        y.backward()
        x.data -= x.grad / gx2(x.data)

    assert np.allclose(iterates, hand_newton(2.0, 9), rtol=1e-14)


def test_newtons_method_on_its_own():
    from dezero import Variable

    x = Variable(np.array(2.0))
    iters = 10
    iterates = []
    for _ in range(iters):
        iterates.append(float(x.data))
        y = quartic(x)
        x.cleargrad()
        y.backward(create_graph=True)
        gx = x.grad
        x.cleargrad()
        gx.backward()
        gx2 = x.grad
        x.data -= gx.data / gx2.data

    assert np.allclose(iterates, hand_newton(2.0, 9), rtol=1e-14)
    assert x.data == 1.0


def test_higher_derivatives_of_the_sine():
    import dezero.functions as F
    from dezero import Variable

    x = Variable(np.linspace(-7, 7, 200))
    y = F.sin(x)
    y.backward(create_graph=True)
    logs = [y.data]
    for _ in range(8):
        logs.append(x.grad.data)
        gx = x.grad
        x.cleargrad()
        gx.backward(create_graph=True)

    assert all(np.allclose(log, np.sin(x.data + n * np.pi / 2), atol=1e-12) for n, log in enumerate(logs))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_graph_of_a_derivative_of_tanh(order):
    import dezero.functions as F
    from dezero import Variable
    from dezero.utils import get_dot_graph

    x = Variable(np.array(1.0))
    y = F.tanh(x)
    x.name = "x"
    y.name = "y"
    y.backward(create_graph=True)
    for _ in range(order - 1):
        gx = x.grad
        x.cleargrad()
        gx.backward(create_graph=True)
    gx = x.grad
    gx.name = "gx" + str(order)

    text = get_dot_graph(gx, verbose=False)
    assert "gx" + str(order) in text
    assert text.count('label="Tanh"') == 1


def test_a_gradient_in_a_formula():
    from dezero import Variable

    x = Variable(np.array(2.0))
    y = x**2
    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()

    z = gx**3 + y
    z.backward()

    assert x.grad.data == 100.0  # 24 x² + 2 x


def test_a_product_of_the_hessian_and_a_vector():
    import dezero.functions as F
    from dezero import Variable

    x0, x1 = Variable(np.array(0.5)), Variable(np.array(1.5))
    y = F.sin(x0) * x1**2
    y.backward(create_graph=True)
    z = x0.grad * 2.0 + x1.grad * 3.0
    x0.cleargrad()
    x1.cleargrad()
    z.backward()

    hessian = [[-math.sin(0.5) * 1.5**2, math.cos(0.5) * 3.0], [math.cos(0.5) * 3.0, 2 * math.sin(0.5)]]
    assert np.allclose([x0.grad.data, x1.grad.data], np.array(hessian) @ [2.0, 3.0])


def test_the_switch_of_the_original_is_where_it_was():
    from dezero import Variable, using_config

    with using_config("enable_backprop", False):
        x = Variable(np.array(2.0))
        y = x**2

    assert y.creator is None
