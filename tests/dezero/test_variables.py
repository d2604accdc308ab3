"""Variables in both engines: what they take, tell and show."""

import numpy as np
import pytest


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
