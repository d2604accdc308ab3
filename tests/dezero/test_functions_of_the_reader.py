"""Functions that a reader writes: what they must have, and what they may return."""

import numpy as np
import pytest

import dezero
from dezero import core_simple


class Forgetful:
    """A sum whose backward returns what the test says: to be mixed into a Function."""

    def __init__(self, returned):
        self.returned = returned

    def forward(self, x0, x1):
        return x0 + x1

    def backward(self, gy):
        return self.returned(gy)


@pytest.mark.parametrize(
    ("returned", "number"),
    [(lambda gy: gy, 1), (lambda gy: (gy,), 1), (lambda gy: (gy, gy, gy), 3), (lambda gy: (), 0)],
    ids=["one", "a tuple of one", "three", "none"],
)
def test_the_first_engine_refuses_a_wrong_number_of_gradients_with_both_numbers(returned, number):
    class Sum(Forgetful, core_simple.Function):
        pass

    y = Sum(returned)(core_simple.Variable(np.array(1.0)), core_simple.Variable(np.array(2.0)))

    message = f"Sum.backward must return one gradient for each input, 2 in all, and returned {number}"
    with pytest.raises(ValueError, match=message):
        y.backward()


def test_too_many_gradients_are_refused_with_both_numbers():
    class Sum(Forgetful, dezero.Function):
        pass

    y = Sum(lambda gy: (gy, gy, gy))(dezero.Variable(np.array(1.0)), dezero.Variable(np.array(2.0)))

    with pytest.raises(ValueError, match=r"Sum\.backward returned 3 gradients for 2 inputs"):
        y.backward()


def test_a_forgotten_return_in_backward_is_named():
    class Forgot(dezero.Function):
        def forward(self, x):
            return 2 * x

        def backward(self, gy):
            2 * gy

    x = dezero.Variable(np.array(1.0))

    with pytest.raises(TypeError, match=r"Forgot\.backward returned None; is its return missing\?"):
        Forgot()(x).backward()
    assert x.grad is None


def test_a_function_without_forward_says_what_it_needs(engine):
    class Nothing(engine.Function):
        pass

    with pytest.raises(NotImplementedError, match="Nothing needs a forward method"):
        Nothing()(engine.variable(1.0))


def test_a_function_without_backward_says_what_it_needs(engine):
    class OneWay(engine.Function):
        def forward(self, x):
            return x

    with pytest.raises(NotImplementedError, match="OneWay needs a backward method"):
        OneWay()(engine.variable(1.0)).backward()


def test_a_function_may_return_several_outputs_as_a_tuple(engine):
    class Two(engine.Function):
        def forward(self, x):
            return x, x + 1

    outputs = Two()(engine.variable(1.0))

    assert [y.data.tolist() for y in outputs] == [1.0, 2.0]


def test_a_function_in_the_style_of_the_original_works_unchanged(engine):
    class Sin(engine.Function):
        def forward(self, x):
            y = np.sin(x)
            return y

        def backward(self, gy):
            x = self.inputs[0].data
            gx = gy * np.cos(x)
            return gx

    class Tanh(engine.Function):
        def forward(self, x):
            return np.tanh(x)

        def backward(self, gy):
            y = self.outputs[0]().data  # weak
            return gy * (1 - y * y)

    x = engine.variable(0.5)

    Tanh()(Sin()(x)).backward()

    assert np.allclose(engine.gradient(x), np.cos(0.5) / np.cosh(np.sin(0.5)) ** 2)
