"""Functions as readers of the memo and of the original write them: each in its form, with right gradients."""

import numpy as np
import pytest
from samples import Weighted, variable, with_and_without_graph

import dezero.functions as F
from dezero import Function, Operation, Variable, grad


class OfData(Function):
    """sin, from the data of the input: an array comes in as gy.data or as gy."""

    def forward(self, x):
        return np.sin(x)

    def backward(self, gy):
        x = self.inputs[0].data
        return gy * np.cos(x)


class OfArrays(OfData):
    def backward(self, gy):
        return gy.data * np.cos(self.inputs[0].data)


class OfInputs(OfData):
    def backward(self, gy):
        (x,) = self.inputs
        return gy * F.cos(x)


class OfNumpysNames(OfData):
    def backward(self, gy):
        (x,) = self.inputs
        return gy * np.cos(x)


class OfATuple(OfData):
    def backward(self, gy):
        return (gy * F.cos(self.inputs[0]),)


class OfARule(Operation):
    def forward(self, x):
        return np.sin(x)

    def rule(self, gy, y, x):
        return gy * np.cos(x)


class OfAnAttribute(OfData):
    def forward(self, x):
        self.slope = np.cos(x)
        return np.sin(x)

    def backward(self, gy):
        return gy * self.slope


SINES = [OfData, OfArrays, OfInputs, OfNumpysNames, OfATuple, OfARule, OfAnAttribute]
TWICE = [OfInputs, OfNumpysNames, OfATuple, OfARule]


@pytest.mark.parametrize("sine", SINES)
@pytest.mark.parametrize("numbers", [(0.5,), (0.5, 1.5)], ids=["0-d", "1-d"])
def test_a_sine_of_the_reader_has_its_slope(sine, numbers):
    x = variable(*numbers)

    (sine()(x) * 3).backward()

    assert np.allclose(x.grad.data, 3 * np.cos(x.data))


@pytest.mark.parametrize("sine", TWICE)
@pytest.mark.parametrize("numbers", [(0.5,), (0.5, 1.5)], ids=["0-d", "1-d"])
def test_a_sine_that_computes_with_variables_has_its_second_slope(sine, numbers):
    x = variable(*numbers)

    second = grad(grad(sine()(x), x, create_graph=True), x)

    assert np.allclose(second.data, -np.sin(x.data))


class Exponential(Function):
    """exp, from its output."""

    def forward(self, x):
        return np.exp(x)

    def backward(self, gy):
        y = self.outputs[0]()
        return gy * y


class ExponentialOfData(Exponential):
    def backward(self, gy):
        y = self.outputs[0]().data
        return gy * y


@pytest.mark.parametrize("function", [Exponential, ExponentialOfData])
@pytest.mark.parametrize("held", [True, False], ids=["held", "used up"])
def test_a_backward_may_look_at_its_output(function, held):
    x = variable(0.5)
    y = function()(x)
    z = y * 2
    if not held:
        del y

    z.backward()

    assert np.allclose(x.grad.data, 2 * np.exp(0.5))


def test_a_backward_that_looks_at_its_output_has_every_order():
    x = variable(0.5)
    y = Exponential()(x)

    for _ in range(4):
        y = grad(y, x, create_graph=True)

        assert np.allclose(y.data, np.exp(0.5))


# --- numbers, None, fewer gradients ---------------------------------------------------------------


RETURNED = {
    "both": (lambda gy, x, w: (gy * w, gy * x), 3.0, 2.0),
    "None for the first": (lambda gy, x, w: (None, gy * x), None, 2.0),
    "None for the second": (lambda gy, x, w: (gy * w, None), 3.0, None),
    "None for both": (lambda gy, x, w: (None, None), None, None),
    "one for the first": (lambda gy, x, w: gy * w, 3.0, None),
    "a tuple of one": (lambda gy, x, w: (gy * w,), 3.0, None),
    "nothing": (lambda gy, x, w: (), None, None),
    "floats": (lambda gy, x, w: (5.0, 7.0), 5.0, 7.0),
    "whole numbers": (lambda gy, x, w: (5, 7), 5.0, 7.0),
    "a truth value": (lambda gy, x, w: (True, 0), 1.0, 0.0),
    "numbers of NumPy": (lambda gy, x, w: (np.float32(5.0), np.int64(7)), 5.0, 7.0),
}


@pytest.mark.parametrize(("returned", "gx", "gw"), RETURNED.values(), ids=RETURNED)
@with_and_without_graph
def test_a_backward_may_return(returned, gx, gw, create_graph):
    x, w = variable(2.0), variable(3.0)

    Weighted(returned)(x, w).backward(create_graph=create_graph)

    assert (None if x.grad is None else x.grad.data) == gx
    assert (None if w.grad is None else w.grad.data) == gw
    assert all(v.grad is None or v.grad.dtype == np.float64 for v in (x, w))


def test_arrays_are_as_good_as_variables_without_create_graph():
    x, w = variable(2.0, 4.0), variable(3.0, 5.0)

    Weighted(lambda gy, x, w: (gy.data * w.data, gy * x.data))(x, w).backward()

    assert (x.grad.data.tolist(), w.grad.data.tolist()) == ([3.0, 5.0], [2.0, 4.0])


MASKS = {
    "truth values": np.array([True, False]),
    "int8": np.array([100, 0], np.int8),
    "uint8": np.array([200, 0], np.uint8),
    "int64": np.array([1, 0]),
}


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("paths", [1, 2, 3, 4])
@pytest.mark.parametrize("place", [0, 1, -1], ids=["first", "second", "last"])
def test_a_mask_as_a_gradient_counts_along_every_path(mask, paths, place):
    class Gate(Function):
        def forward(self, x):
            return x * mask

        def backward(self, gy):
            return mask

    x = variable(1.0, 2.0)
    parts = [Gate()(x) for _ in range(paths)]
    parts.insert(place, F.square(x))

    sum(parts[1:], start=parts[0]).backward()

    assert x.grad.data.tolist() == [2.0 + paths * float(mask[0]), 4.0]


def test_a_mask_as_a_gradient_goes_on_as_numbers():
    class Gate(Function):
        def forward(self, x):
            return x * 1.0

        def backward(self, gy):
            return np.array([True, True])

    x = variable(1.0, 2.0)

    (-(Gate()(x * 3.0) + 0.0)).backward()

    assert x.grad.data.tolist() == [3.0, 3.0]


# --- sums of gradients along several paths --------------------------------------------------------

PATHS = {
    "x + x + x²": (lambda x: x + x + x * x, lambda x: 2 + 2 * x, 2.0),
    "x² + x + x": (lambda x: x * x + x + x, lambda x: 2 + 2 * x, 2.0),
    "(x + x) + square": (lambda x: (x + x) + F.square(x), lambda x: 2 + 2 * x, 2.0),
    "square + (x + x)": (lambda x: F.square(x) + (x + x), lambda x: 2 + 2 * x, 2.0),
    "x - x + x² + x": (lambda x: x - x + x * x + x, lambda x: 1 + 2 * x, 2.0),
    "2x + 3x + x²": (lambda x: 2 * x + 3 * x + x * x, lambda x: 5 + 2 * x, 2.0),
    "through a sum": (lambda x: (lambda a: a + a + a * a)(x * 1.0), lambda x: 2 + 2 * x, 2.0),
    "a reader's sine": (lambda x: x + x + OfInputs()(x) * 0.0 + x * x, lambda x: 2 + 2 * x, 2.0),
}


@pytest.mark.parametrize(("program", "slope", "second"), PATHS.values(), ids=PATHS)
@with_and_without_graph
@pytest.mark.parametrize("numbers", [(2.0,), (2.0, 3.0)], ids=["0-d", "1-d"])
def test_constant_and_varying_slopes_add_up_in_any_order(program, slope, second, create_graph, numbers):
    x = variable(*numbers)

    program(x).backward(create_graph=create_graph)
    gx = x.grad
    x.cleargrad()

    assert np.allclose(gx.data, slope(x.data))
    if create_graph:
        assert np.allclose(grad(gx, x).data, second)


# --- several outputs ------------------------------------------------------------------------------


class Polar(Function):
    """The product and the quotient of two."""

    def forward(self, x, w):
        return x * w, x / w

    def backward(self, gproduct, gquotient):
        x, w = self.inputs
        return gproduct * w + gquotient / w, gproduct * x - gquotient * x / (w * w)


@with_and_without_graph
@pytest.mark.parametrize("swap", [False, True], ids=["product first", "quotient first"])
def test_a_function_of_two_outputs_is_asked_once_with_both_gradients(create_graph, swap):
    asked = []

    class Counting(Polar):
        def backward(self, gproduct, gquotient):
            asked.append((float(gproduct.data), float(gquotient.data)))
            return super().backward(gproduct, gquotient)

    x, w = variable(3.0), variable(2.0)
    product, quotient = Counting()(x, w)

    (quotient * 5 + product if swap else product + quotient * 5).backward(create_graph=create_graph)

    assert asked == [(1.0, 5.0)]
    assert (x.grad.data, w.grad.data) == (2.0 + 5 / 2, 3.0 - 5 * 3 / 4)


def test_outputs_of_one_function_may_meet_far_apart():
    x, w = variable(3.0), variable(2.0)
    product, quotient = Polar()(x, w)

    (F.sin(F.square(product)) * quotient).backward()

    a, b = 6.0, 1.5
    gproduct, gquotient = np.cos(a * a) * 2 * a * b, np.sin(a * a)
    assert np.allclose(x.grad.data, gproduct * 2 + gquotient / 2)
    assert np.allclose(w.grad.data, gproduct * 3 - gquotient * 3 / 4)


def test_second_derivatives_through_two_outputs():
    x, w = variable(3.0), variable(2.0)
    product, quotient = Polar()(x, w)  # product times quotient is x²

    gx, gw = grad(product * quotient, [x, w], create_graph=True)

    assert np.allclose([gx.data, gw.data], [6.0, 0.0])
    assert np.allclose([g.data for g in grad(gx, [x, w])], [2.0, 0.0])
    assert np.allclose([g.data for g in grad(gw, [x, w])], [0.0, 0.0])


# --- what forward gets ----------------------------------------------------------------------------


@pytest.mark.parametrize("number", [2, 2.5, np.float64(2.5), True], ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
def test_the_forward_of_a_reader_gets_arrays_alone(number, dtype):
    seen = []

    class Scale(Function):
        def forward(self, x, c):
            seen.extend([type(x), type(c), c.shape])
            return x * c

        def backward(self, gy):
            return gy * self.inputs[1], gy * self.inputs[0]

    x = Variable(np.ones(2, dtype))
    y = Scale()(x, number)
    y.backward()

    assert seen == [np.ndarray, np.ndarray, ()]
    assert y.dtype == (np.ones(2, dtype) * number).dtype
    assert x.grad.dtype == dtype
    assert x.grad.data.tolist() == [float(number)] * 2


def test_the_inputs_of_a_function_are_variables_and_its_args_what_was_given():
    x, array = variable(2.0, 3.0), np.array([1.0, 2.0])
    y = x * array

    assert y.creator.args[0] is y.creator.inputs[0] is x
    assert y.creator.args[1] is y.creator.inputs[1].data is array
    assert all(isinstance(v, Variable) for v in y.creator.inputs)
    assert (x * 2).creator.args[1] == 2


def test_a_function_keeps_what_its_constructor_was_given():
    class Power(Function):
        def __init__(self, c):
            self.c = c

        def forward(self, x):
            return x**self.c

        def backward(self, gy):
            return gy * self.c * self.inputs[0] ** (self.c - 1)

    x = variable(2.0)

    assert grad(grad(Power(3)(x) + Power(2)(x), x, True), x).data == 14.0  # 6 x + 2
