"""Every operation against central differences, and float32 in, float32 out."""

import numpy as np
import pytest
from samples import mostly_slow

import dezero

OF_ONE = {
    "square(x)": lambda e, x: e.square(x),
    "exp(x)": lambda e, x: e.exp(x),
    "neg(x)": lambda e, x: e.neg(x),
    "-x": lambda e, x: -x,
    "pow(x, 3)": lambda e, x: e.pow(x, 3),
    "x ** 2": lambda e, x: x**2,
    "x ** 1": lambda e, x: x**1,
    "x ** 0": lambda e, x: x**0,
    "x ** -1": lambda e, x: x**-1,
    "x ** 0.5": lambda e, x: x**0.5,
    "x ** np.float64(1.5)": lambda e, x: x ** np.float64(1.5),
    "rpow(x, 3)": lambda e, x: e.rpow(x, 3),
    "2 ** x": lambda e, x: 2**x,
    "0.5 ** x": lambda e, x: 0.5**x,
}
WITHOUT_FLOAT64 = {name: operation for name, operation in OF_ONE.items() if "float64" not in name}
OF_TWO = {
    "add(x, y)": lambda e, x, y: e.add(x, y),
    "mul(x, y)": lambda e, x, y: e.mul(x, y),
    "sub(x, y)": lambda e, x, y: e.sub(x, y),
    "rsub(x, y)": lambda e, x, y: e.rsub(x, y),
    "div(x, y)": lambda e, x, y: e.div(x, y),
    "rdiv(x, y)": lambda e, x, y: e.rdiv(x, y),
    "x + y": lambda e, x, y: x + y,
    "x * y": lambda e, x, y: x * y,
    "x - y": lambda e, x, y: x - y,
    "x / y": lambda e, x, y: x / y,
}
WITH_NUMBER = {
    "x + c": lambda e, x, c: x + c,
    "c + x": lambda e, x, c: c + x,
    "x - c": lambda e, x, c: x - c,
    "c - x": lambda e, x, c: c - x,
    "x * c": lambda e, x, c: x * c,
    "c * x": lambda e, x, c: c * x,
    "x / c": lambda e, x, c: x / c,
    "c / x": lambda e, x, c: c / x,
    "x ** c": lambda e, x, c: x**c,
    "c ** x": lambda e, x, c: c**x,
    "add(c, x)": lambda e, x, c: e.add(c, x),
    "mul(c, x)": lambda e, x, c: e.mul(c, x),
    "sub(c, x)": lambda e, x, c: e.sub(c, x),
    "div(c, x)": lambda e, x, c: e.div(c, x),
}
SHAPES = [(2, 3), (), (3,), (1, 1), (0,)]

of_one = pytest.mark.parametrize("operation", OF_ONE.values(), ids=OF_ONE)
of_two = pytest.mark.parametrize("operation", OF_TWO.values(), ids=OF_TWO)
with_number = pytest.mark.parametrize("operation", WITH_NUMBER.values(), ids=WITH_NUMBER)
in_shapes = pytest.mark.parametrize("shape", mostly_slow(SHAPES), ids=str)


def positive(engine, shape, seed=0, dtype=np.float64):
    """Return a variable with elements between 0.5 and 2, where every operation is smooth."""
    return engine.Variable(np.asarray(np.random.default_rng(seed).uniform(0.5, 2.0, shape), dtype))


def gradients(engine, operation, *variables):
    """Return the gradients of the sum of all elements of the result."""
    operation(engine, *variables).backward()
    return [engine.gradient(variable) for variable in variables]


@of_one
@in_shapes
def test_an_operation_of_one_variable_has_the_slope_of_central_differences(engine, operation, shape):
    x = positive(engine, shape)

    (gx,) = gradients(engine, operation, x)

    assert np.allclose(gx, engine.numerical_diff(lambda x: operation(engine, x), x), rtol=1e-6, atol=1e-8)


@of_two
@in_shapes
def test_an_operation_of_two_variables_has_the_slopes_of_central_differences(engine, operation, shape):
    x, y = positive(engine, shape, 1), positive(engine, shape, 2)

    gx, gy = gradients(engine, operation, x, y)

    assert np.allclose(gx, engine.numerical_diff(lambda x: operation(engine, x, y), x), rtol=1e-6, atol=1e-8)
    assert np.allclose(gy, engine.numerical_diff(lambda y: operation(engine, x, y), y), rtol=1e-6, atol=1e-8)


@of_two
def test_both_sides_of_an_operation_may_be_the_same_variable(engine, operation):
    x = positive(engine, (3,))

    operation(engine, x, x).backward()

    assert np.allclose(
        engine.gradient(x), engine.numerical_diff(lambda x: operation(engine, x, x), x), rtol=1e-6, atol=1e-8
    )


@with_number
@pytest.mark.parametrize("c", [2.0, 3, True], ids=repr)
@in_shapes
def test_an_operation_with_a_number_has_the_slope_of_central_differences(engine, operation, c, shape):
    x = positive(engine, shape)

    operation(engine, x, c).backward()

    assert np.allclose(
        engine.gradient(x), engine.numerical_diff(lambda x: operation(engine, x, c), x), rtol=1e-6, atol=1e-8
    )


@of_one
def test_a_gradient_is_proportional_to_the_one_that_arrives(engine, operation):
    x, y = positive(engine, (3,)), positive(engine, (3,))
    (once,) = gradients(engine, operation, x)
    z = operation(engine, y)
    z.grad = np.array([2.0, -1.0, 0.0])

    z.backward()

    assert np.allclose(engine.gradient(y), once * [2.0, -1.0, 0.0])


@of_one
@in_shapes
def test_a_gradient_is_an_array_of_the_shape_of_its_variable(engine, operation, shape):
    x = positive(engine, shape)

    (gx,) = gradients(engine, operation, x)

    assert type(gx) is np.ndarray
    assert gx.shape == shape


@with_number
@pytest.mark.parametrize("c", [2.0, 3, 0.1, True], ids=repr)
@in_shapes
def test_a_number_beside_float32_gives_float32_forward_and_backward(engine, operation, c, shape):
    x = positive(engine, shape, dtype=np.float32)

    y = operation(engine, x, c)
    y.backward()

    assert y.dtype == np.float32
    assert engine.gradient(x).dtype == np.float32


@pytest.mark.parametrize("operation", WITHOUT_FLOAT64.values(), ids=WITHOUT_FLOAT64)
@in_shapes
def test_an_operation_of_one_float32_gives_float32_forward_and_backward(engine, operation, shape):
    x = positive(engine, shape, dtype=np.float32)

    y = operation(engine, x)
    y.backward()

    assert y.dtype == np.float32
    assert engine.gradient(x).dtype == np.float32


@of_two
@in_shapes
def test_an_operation_of_two_float32_gives_float32_forward_and_backward(engine, operation, shape):
    x, w = positive(engine, shape, 1, np.float32), positive(engine, shape, 2, np.float32)

    y = operation(engine, x, w)
    y.backward()

    assert y.dtype == np.float32
    assert (engine.gradient(x).dtype, engine.gradient(w).dtype) == (np.float32, np.float32)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@in_shapes
def test_two_paths_into_a_variable_keep_its_dtype(engine, dtype, shape):
    x = positive(engine, shape, dtype=dtype)

    (2 * x * x + x / 3 - 1).backward()

    assert engine.gradient(x).dtype == dtype
    assert type(engine.gradient(x)) is np.ndarray


def test_a_float64_operand_does_not_change_the_dtype_of_a_float32_gradient():
    x = dezero.Variable(np.ones(2, np.float32))

    (x * np.array([0.5, 0.25])).backward()

    assert x.grad.dtype == np.float32
    assert x.grad.data.tolist() == [0.5, 0.25]


def test_a_power_of_zero_is_flat_even_at_zero(engine):
    x = engine.Variable(np.array([0.0, 1.0]))

    y = x**0
    y.backward()

    assert y.data.tolist() == [1.0, 1.0]
    assert engine.gradient(x).tolist() == [0.0, 0.0]


def test_a_power_of_two_is_exact(engine):
    assert (2 ** engine.Variable(np.arange(10.0))).data.tolist() == [2.0**n for n in range(10)]


@pytest.mark.parametrize(("x", "y", "gradient"), [(1.0, 1.0, (-5376.0, 8064.0)), (0.0, -1.0, (0.0, 0.0))])
def test_goldstein_price_has_the_gradient_found_on_paper(engine, x, y, gradient):
    x, y = engine.Variable(np.array(x)), engine.Variable(np.array(y))

    z = (1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)) * (
        30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    )
    z.backward()

    assert (float(engine.gradient(x)), float(engine.gradient(y))) == gradient
