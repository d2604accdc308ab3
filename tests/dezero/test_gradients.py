"""Every operation against central differences, and float32 in, float32 out."""

import numpy as np
import pytest

from dezero import Variable, add, div, exp, mul, neg, numerical_diff, pow, rdiv, rpow, rsub, square, sub

OF_ONE = {
    "square(x)": square,
    "exp(x)": exp,
    "neg(x)": neg,
    "-x": lambda x: -x,
    "pow(x, 3)": lambda x: pow(x, 3),
    "x ** 2": lambda x: x**2,
    "x ** 1": lambda x: x**1,
    "x ** 0": lambda x: x**0,
    "x ** -1": lambda x: x**-1,
    "x ** 0.5": lambda x: x**0.5,
    "x ** np.float64(1.5)": lambda x: x ** np.float64(1.5),
    "rpow(x, 3)": lambda x: rpow(x, 3),
    "2 ** x": lambda x: 2**x,
    "0.5 ** x": lambda x: 0.5**x,
}
OF_TWO = {
    "add(x, y)": add,
    "mul(x, y)": mul,
    "sub(x, y)": sub,
    "rsub(x, y)": rsub,
    "div(x, y)": div,
    "rdiv(x, y)": rdiv,
    "x + y": lambda x, y: x + y,
    "x * y": lambda x, y: x * y,
    "x - y": lambda x, y: x - y,
    "x / y": lambda x, y: x / y,
}
WITH_NUMBER = {
    "x + c": lambda x, c: x + c,
    "c + x": lambda x, c: c + x,
    "x - c": lambda x, c: x - c,
    "c - x": lambda x, c: c - x,
    "x * c": lambda x, c: x * c,
    "c * x": lambda x, c: c * x,
    "x / c": lambda x, c: x / c,
    "c / x": lambda x, c: c / x,
    "x ** c": lambda x, c: x**c,
    "c ** x": lambda x, c: c**x,
    "add(c, x)": lambda x, c: add(c, x),
    "mul(c, x)": lambda x, c: mul(c, x),
    "sub(c, x)": lambda x, c: sub(c, x),
    "div(c, x)": lambda x, c: div(c, x),
}
SHAPES = [(), (3,), (2, 3), (1, 1), (0,)]

of_one = pytest.mark.parametrize("operation", OF_ONE.values(), ids=OF_ONE)
of_two = pytest.mark.parametrize("operation", OF_TWO.values(), ids=OF_TWO)
with_number = pytest.mark.parametrize("operation", WITH_NUMBER.values(), ids=WITH_NUMBER)
in_shapes = pytest.mark.parametrize("shape", SHAPES, ids=str)


def positive(shape, seed=0, dtype=np.float64):
    """Return a variable with elements between 0.5 and 2, where every operation is smooth."""
    return Variable(np.asarray(np.random.default_rng(seed).uniform(0.5, 2.0, shape), dtype))


def gradients(operation, *variables):
    """Return the gradients of the sum of all elements of the result."""
    operation(*variables).backward()
    return [variable.grad for variable in variables]


@of_one
@in_shapes
def test_an_operation_of_one_variable_has_the_slope_of_central_differences(operation, shape):
    x = positive(shape)

    (gx,) = gradients(operation, x)

    assert np.allclose(gx, numerical_diff(operation, x), rtol=1e-6, atol=1e-8)


@of_two
@in_shapes
def test_an_operation_of_two_variables_has_the_slopes_of_central_differences(operation, shape):
    x, y = positive(shape, 1), positive(shape, 2)

    gx, gy = gradients(operation, x, y)

    assert np.allclose(gx, numerical_diff(lambda x: operation(x, y), x), rtol=1e-6, atol=1e-8)
    assert np.allclose(gy, numerical_diff(lambda y: operation(x, y), y), rtol=1e-6, atol=1e-8)


@of_two
def test_both_sides_of_an_operation_may_be_the_same_variable(operation):
    x = positive((3,))

    operation(x, x).backward()

    assert np.allclose(x.grad, numerical_diff(lambda x: operation(x, x), x), rtol=1e-6, atol=1e-8)


@with_number
@pytest.mark.parametrize("c", [2.0, 3, True], ids=repr)
@in_shapes
def test_an_operation_with_a_number_has_the_slope_of_central_differences(operation, c, shape):
    x = positive(shape)

    operation(x, c).backward()

    assert np.allclose(x.grad, numerical_diff(lambda x: operation(x, c), x), rtol=1e-6, atol=1e-8)


@of_one
def test_a_gradient_is_proportional_to_the_one_that_arrives(operation):
    x, y = positive((3,)), positive((3,))
    (once,) = gradients(operation, x)
    z = operation(y)
    z.grad = np.array([2.0, -1.0, 0.0])

    z.backward()

    assert np.allclose(y.grad, once * [2.0, -1.0, 0.0])


@of_one
@in_shapes
def test_a_gradient_is_an_array_of_the_shape_of_its_variable(operation, shape):
    x = positive(shape)

    (gx,) = gradients(operation, x)

    assert type(gx) is np.ndarray
    assert gx.shape == shape


@with_number
@pytest.mark.parametrize("c", [2.0, 3, 0.1, True], ids=repr)
@in_shapes
def test_a_number_beside_float32_gives_float32_forward_and_backward(operation, c, shape):
    x = positive(shape, dtype=np.float32)

    y = operation(x, c)
    y.backward()

    assert y.dtype == np.float32
    assert x.grad.dtype == np.float32


@of_one
@in_shapes
def test_an_operation_of_one_float32_gives_float32_forward_and_backward(operation, shape):
    x = positive(shape, dtype=np.float32)

    y = operation(x)
    y.backward()

    assert y.dtype == np.float32
    assert x.grad.dtype == np.float32


@of_two
@in_shapes
def test_an_operation_of_two_float32_gives_float32_forward_and_backward(operation, shape):
    x, w = positive(shape, 1, np.float32), positive(shape, 2, np.float32)

    y = operation(x, w)
    y.backward()

    assert y.dtype == np.float32
    assert (x.grad.dtype, w.grad.dtype) == (np.float32, np.float32)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@in_shapes
def test_two_paths_into_a_variable_keep_its_dtype(dtype, shape):
    x = positive(shape, dtype=dtype)

    (2 * x * x + x / 3 - 1).backward()

    assert x.grad.dtype == dtype
    assert type(x.grad) is np.ndarray


def test_a_float64_operand_does_not_change_the_dtype_of_a_float32_gradient():
    x = Variable(np.ones(2, np.float32))

    (x * np.array([0.5, 0.25])).backward()

    assert x.grad.dtype == np.float32
    assert x.grad.tolist() == [0.5, 0.25]


def test_the_gradient_that_the_reader_sets_takes_the_dtype_of_its_variable():
    x = Variable(np.ones(2, np.float32))
    y = x * x
    y.grad = np.array([1.0, 2.0])

    y.backward(retain_grad=True)

    assert y.grad.dtype == np.float32
    assert x.grad.dtype == np.float32


def test_a_power_of_zero_is_flat_even_at_zero():
    x = Variable(np.array([0.0, 1.0]))

    y = x**0
    y.backward()

    assert y.data.tolist() == [1.0, 1.0]
    assert x.grad.tolist() == [0.0, 0.0]


def test_a_power_of_two_is_exact():
    assert (2 ** Variable(np.arange(10.0))).data.tolist() == [2.0**n for n in range(10)]


@pytest.mark.parametrize(("x", "y", "gradient"), [(1.0, 1.0, (-5376.0, 8064.0)), (0.0, -1.0, (0.0, 0.0))])
def test_goldstein_price_has_the_gradient_found_on_paper(x, y, gradient):
    x, y = Variable(np.array(x)), Variable(np.array(y))

    z = (1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)) * (
        30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    )
    z.backward()

    assert (float(x.grad), float(y.grad)) == gradient
