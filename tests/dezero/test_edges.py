"""Clear behaviour at the edges of variables, functions, backward and the switches."""

import importlib
import subprocess
import sys

import numpy as np
import pytest

import dezero
from dezero import core_simple

# --- backward: where it starts --------------------------------------------------------------------


def test_a_variable_that_nothing_computed_has_the_gradient_one_for_itself(engine):
    x = engine.variable(1.0, 2.0)

    x.backward()

    assert engine.gradient(x).tolist() == [1.0, 1.0]


def test_a_result_made_under_no_grad_has_no_past(engine):
    x = engine.variable(2.0)
    with engine.no_grad():
        y = engine.square(x)

    y.backward()

    assert engine.gradient(y) == 1.0
    assert x.grad is None


def test_a_function_of_the_reader_remembers_nothing_under_no_grad(engine):
    x = engine.variable(2.0)

    with engine.no_grad():
        outputs = [engine.Double()(x), *engine.SumAndDifference()(x, x)]

    assert [y.creator for y in outputs] == [None] * 3


def test_a_graph_made_before_can_go_back_under_no_grad(engine):
    x = engine.variable(2.0)
    y = engine.square(x)

    with engine.no_grad():
        y.backward()

    assert engine.gradient(x) == 4.0


def test_twice_in_a_row_doubles_the_gradient_of_a_leaf(engine):
    x = engine.variable(2.0)
    y = engine.square(engine.square(x))

    y.backward()
    y.backward()

    assert engine.gradient(x) == 64.0  # twice 4 x³


def test_gradients_that_were_retained_are_in_the_way_until_they_are_cleared(engine):
    x = engine.variable(2.0)
    a = engine.square(x)
    y = engine.square(a)
    y.backward(retain_grad=True)
    x.cleargrad()
    a.cleargrad()
    y.cleargrad()

    y.backward()

    assert engine.gradient(x) == 32.0  # 4 x³


def test_retain_grad_keeps_the_gradients_of_computed_variables(engine):
    x = engine.variable(2.0)
    a = engine.square(x)
    y = engine.square(a)

    y.backward(retain_grad=True)

    assert (engine.gradient(y), engine.gradient(a), engine.gradient(x)) == (1.0, 8.0, 32.0)


def test_cleargrad_starts_from_none(engine):
    x = engine.variable(3.0)
    engine.add(x, x).backward()
    x.cleargrad()

    engine.add(engine.add(x, x), x).backward()

    assert engine.gradient(x) == 3.0


def test_the_gradient_that_the_reader_sets_is_where_it_starts(engine):
    x = engine.variable(1.0, 2.0)
    y = engine.square(x)
    y.grad = np.array([10.0, 0.0])

    y.backward()

    assert engine.gradient(x).tolist() == [20.0, 0.0]


def test_a_number_will_do_as_the_first_gradient_of_a_variable_without_axes(engine):
    x = engine.variable(3.0)
    y = engine.square(x)
    y.grad = 0.5

    y.backward()

    assert engine.gradient(x) == 3.0


# --- backward: shapes, dtypes, constants ----------------------------------------------------------


def test_the_first_engine_gives_a_stretched_variable_no_gradient_but_an_error():
    x = core_simple.Variable(np.array(3.0))
    y = x * np.ones(4)

    message = r"Mul\.backward must have .* its variable, \(\), got \(4,\); give the operands one shape"
    with pytest.raises(ValueError, match=message):
        y.backward()
    assert x.grad is None


def test_stretching_a_constant_is_fine(engine):
    x = engine.variable(1.0, 2.0)

    (x * 2.0 + np.array(1.0)).backward()

    assert engine.gradient(x).tolist() == [2.0, 2.0]


def test_a_backward_that_fails_is_no_secret(engine):
    class Interrupted(engine.Double):
        def backward(self, gy):
            raise KeyboardInterrupt

    y = engine.add(engine.variable(1.0), Interrupted()(engine.variable(1.0)))

    with pytest.raises(KeyboardInterrupt):
        y.backward()


def test_a_constant_gets_no_gradient(engine):
    x = engine.variable(1.0, 2.0)
    y = x * 3.0

    y.backward(retain_grad=True)

    assert y.creator.inputs[1].grad is None


def test_a_variable_that_the_reader_made_does_get_one(engine):
    x, w = engine.variable(1.0, 2.0), engine.Variable(np.array([3.0, 3.0]))

    (x * w).backward()

    assert engine.gradient(w).tolist() == [1.0, 2.0]


def test_an_integer_variable_has_a_slope_with_a_fraction(engine):
    x = engine.Variable(np.array([1, 2]))

    (x * 2.5).backward()

    assert engine.gradient(x).tolist() == [2.5, 2.5]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, bool], ids=lambda dtype: dtype.__name__)
def test_the_gradient_of_a_variable_that_is_no_float_is_float64(engine, dtype):
    x = engine.Variable(np.array([1, 0], dtype))

    (x * x).backward()

    assert engine.gradient(x).dtype == np.float64


def test_a_slope_beside_unsigned_integers_keeps_its_sign(engine):
    x = engine.Variable(np.array([1, 2], np.uint8))

    (5 - x).backward()

    assert engine.gradient(x).tolist() == [-1.0, -1.0]


def test_a_slope_does_not_overflow_where_the_result_does_not(engine):
    x, w = engine.Variable(np.array([2], np.uint8)), engine.Variable(np.array([20], np.uint8))

    (x**7 + 40 / w).backward()

    assert engine.gradient(x).tolist() == [448.0]  # 7 x⁶
    assert np.allclose(engine.gradient(w), -0.1)  # -40 / w²


def test_an_integer_variable_goes_through_every_operation(engine):
    x = engine.Variable(np.array(2))

    y = (x**3 + 2 * x - 1) / x + engine.exp(x) - x * x
    y.backward()

    assert np.allclose(y.data, (8 + 4 - 1) / 2 + np.exp(2) - 4)
    assert np.allclose(engine.gradient(x), 2 * 2 + 1 / 4 + np.exp(2) - 2 * 2)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)], ids=str)
def test_no_elements_are_no_trouble(engine, shape):
    x = engine.Variable(np.zeros(shape))

    y = engine.exp(x) * x + 2 * x - x / 3 + x**2
    y.backward()

    assert y.shape == engine.gradient(x).shape == shape


# --- functions ------------------------------------------------------------------------------------


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


# --- variables ------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [1.0, 1, [1.0], "1", np.float64(1.0)], ids=lambda data: type(data).__name__)
def test_a_variable_takes_arrays_only(engine, data):
    with pytest.raises(TypeError, match=f"Variable needs an ndarray, got {type(data).__name__}"):
        engine.Variable(data)


def test_a_variable_tells_what_its_array_tells(engine):
    x = engine.Variable(np.zeros((2, 3), np.float32), name="x")

    assert (x.name, x.shape, x.ndim, x.size, x.dtype, len(x)) == ("x", (2, 3), 2, 6, np.float32, 2)


def test_a_variable_has_no_name_until_it_is_given_one(engine):
    assert engine.variable(1.0).name is None


def test_a_variable_without_axes_has_no_len(engine):
    with pytest.raises(TypeError, match=r"a variable without axes has no len\(\); its size is 1"):
        len(engine.variable(1.0))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (None, "variable(None)"),
        (np.array(1.0), "variable(1.0)"),
        (np.array([1.0, 2.0]), "variable([1. 2.])"),
        (np.array([[1, 2], [3, 4]]), "variable([[1 2]\n          [3 4]])"),
        (np.zeros((2, 1, 1)), "variable([[[0.]]\n\n          [[0.]]])"),
        (np.zeros(0), "variable([])"),
    ],
    ids=["empty box", "0-d", "1-d", "2-d", "3-d", "no elements"],
)
def test_a_repr_shows_the_data_with_its_lines_aligned(engine, data, text):
    assert repr(engine.Variable(data)) == str(engine.Variable(data)) == text


# --- switches -------------------------------------------------------------------------------------


def test_a_switch_is_back_after_the_with(engine):
    with engine.no_grad():
        assert engine.Config.enable_backprop is False

    assert engine.Config.enable_backprop is True


def test_a_switch_is_back_after_an_exception(engine):
    with pytest.raises(KeyError), engine.no_grad():
        raise KeyError("something else")

    assert engine.Config.enable_backprop is True


def test_switches_nest(engine):
    x = engine.variable(1.0)

    with engine.no_grad():
        with engine.using_config("enable_backprop", True):
            inner = engine.square(x)
        outer = engine.square(x)

    assert inner.creator is not None
    assert outer.creator is None
    assert engine.Config.enable_backprop is True


def test_a_switch_may_be_turned_twice(engine):
    with engine.no_grad(), engine.no_grad():
        pass

    assert engine.Config.enable_backprop is True


@pytest.mark.parametrize("name", ["enable_backporp", "__doc__", "mro", ""])
def test_a_switch_that_does_not_exist_is_refused_with_those_that_do(engine, name):
    with (
        pytest.raises(AttributeError, match=f"got '{name}'; Config has enable_backprop"),
        engine.using_config(name, False),
    ):
        pass
    assert not hasattr(engine.Config, "enable_backporp")


# --- the package ----------------------------------------------------------------------------------


def test_the_public_list_is_what_can_be_imported():
    assert all(hasattr(dezero, name) for name in dezero.__all__)
    assert dezero.__all__ == sorted(dezero.__all__)


@pytest.mark.parametrize("module", ["dezero", "dezero.core_simple", "dezero.core"])
def test_the_imports_of_the_original_work(module):
    switches = ["using_config", "no_grad", "as_array", "as_variable", "setup_variable"]
    classes = ["Variable", "Function", "Add", "Mul", "Neg", "Sub", "Div", "Pow"]
    operations = ["add", "mul", "neg", "sub", "rsub", "div", "rdiv", "pow"]

    imported = importlib.import_module(module)

    assert all(callable(getattr(imported, name)) for name in switches + classes + operations)
    assert imported.setup_variable() is None


def test_setup_variable_has_nothing_left_to_do(engine):
    before = dict(vars(engine.Variable))

    engine.setup_variable()

    assert dict(vars(engine.Variable)) == before


def test_importing_the_package_needs_only_numpy_and_the_standard_library():
    code = "import sys, dezero; print(sorted({'matplotlib', 'graphviz', 'cupy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
