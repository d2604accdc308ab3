"""The two engines, and what lets one test speak of both."""

import gc

import numpy as np
import pytest

import dezero
from dezero import core, core_simple, functions


class Engine:
    """The names of an engine, and its gradients as arrays.

    A gradient is an array in `core_simple` and a variable in `core`.
    """

    def __init__(self, gradient_type, *modules):
        self.gradient_type = gradient_type
        self.modules = modules

        class Double(self.Function):
            def forward(self, x):
                return 2 * x

            def backward(self, gy):
                return 2 * gy

        class SumAndDifference(self.Function):
            def forward(self, x0, x1):
                return x0 + x1, x0 - x1

            def backward(self, gsum, gdifference):
                return gsum + gdifference, gsum - gdifference

        class Failing(Double):
            def backward(self, gy):
                raise ZeroDivisionError

        self.Double, self.SumAndDifference, self.Failing = Double, SumAndDifference, Failing

    def __getattr__(self, name):
        for module in self.modules:
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(f"{[module.__name__ for module in self.modules]} have no {name}")

    def variable(self, *numbers):
        """Return a variable of the numbers, one without axes if there is one number."""
        return self.Variable(np.array(numbers if len(numbers) > 1 else numbers[0]))

    def array(self, gradient):
        """Return the array of a gradient, which must be of the engine's type."""
        assert isinstance(gradient, self.gradient_type), f"a gradient is {gradient!r}"
        return gradient if self.gradient_type is np.ndarray else gradient.data

    def boxed(self, array):
        """Return the array as a gradient: what `array` undoes."""
        return array if self.gradient_type is np.ndarray else self.Variable(array)

    def gradient(self, x):
        """Return the array of the gradient of x."""
        return self.array(x.grad)


ENGINES = {
    "core_simple": Engine(np.ndarray, core_simple),
    "core": Engine(core.Variable, dezero, core, functions),
}


@pytest.fixture(params=ENGINES.values(), ids=ENGINES)
def engine(request):
    return request.param


@pytest.fixture
def _collector_off():
    """Without the collector, which is to look at nothing that was there before.

    What is frozen stays so: to look at thousands of collected tests again takes it half a second each time.
    """
    gc.collect()
    gc.disable()
    gc.freeze()
    yield
    gc.enable()
