"""Losses and what stands before them: far numbers, ties, labels of every wrong kind."""

import numpy as np
import pytest

import dezero.functions as F
from dezero import Variable, grad
from dezero.utils import array_allclose, array_equal, check_finite, gradient_check, numerical_grad

X = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]])


def variable(*numbers):
    return Variable(np.array(numbers, float))


# --- far numbers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_sigmoid_is_right_far_outside(dtype):
    x = Variable(np.array([-1000.0, -30.0, 0.0, 1000.0], dtype))
    y = F.sigmoid(x)

    assert np.allclose(y.data, [0.0, np.exp(-30.0), 0.5, 1.0], rtol=1e-6)
    assert grad(y, x).data.tolist()[::3] == [0.0, 0.0]


@pytest.mark.parametrize("f", [F.softmax, F.log_softmax], ids=lambda f: f.__name__)
def test_a_number_added_to_every_score_changes_nothing(f):
    assert np.allclose(f(Variable(X + 1e6)).data, f(Variable(X)).data)


def test_log_softmax_is_finite_where_the_softmax_is_zero():
    x = Variable(np.array([[0.0, 1e4]]))

    assert F.log_softmax(x).data.tolist() == [[-1e4, 0.0]]
    assert np.isclose(F.softmax_cross_entropy(x, np.array([0])).data, 1e4)


def test_the_softmax_of_each_row_adds_up_to_one_and_its_gradient_to_zero():
    x = Variable(X)
    y = F.softmax(x)

    assert np.allclose(y.data.sum(axis=1), 1.0)
    assert np.allclose(grad(y * np.arange(6.0).reshape(2, 3), x).data.sum(axis=1), 0.0)


def test_sigmoid_cross_entropy_grows_like_a_line_far_outside():
    x = variable(-1000.0, 1000.0)

    assert F.sigmoid_cross_entropy(x, np.array([1, 0])).data == 1000.0
    assert grad(F.sigmoid_cross_entropy(x, np.array([1, 0])), x).data.tolist() == [-0.5, 0.5]


def test_binary_cross_entropy_takes_probabilities_of_zero_and_one():
    p = variable(0.0, 1.0)

    assert F.binary_cross_entropy(p, np.array([0, 1])).data == 0.0
    assert F.binary_cross_entropy(p, np.array([1, 0])).data == 100.0  # as in PyTorch
    assert np.isfinite(grad(F.binary_cross_entropy(p, np.array([1, 0])), p).data).all()


def test_both_binary_losses_agree():
    x, t = variable(-2.0, 0.5, 3.0), np.array([0, 1, 1])

    assert np.isclose(
        F.sigmoid_cross_entropy(x, t).data, F.binary_cross_entropy(F.sigmoid(x), t).data, rtol=1e-12
    )


def test_the_losses_from_many_operations_agree_with_the_one():
    x, t = Variable(X), np.array([2, 0])

    assert np.isclose(F.softmax_cross_entropy_simple(x, t).data, F.softmax_cross_entropy(x, t).data)
    assert np.isclose(F.mean_squared_error_simple(x, X + 1).data, F.mean_squared_error(x, X + 1).data)


# --- kinks and ties -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (F.relu, [0.0], [0.0]),  # torch, JAX, Chainer
        (F.leaky_relu, [0.0], [0.2]),  # torch, Chainer
        (lambda x: F.clip(x, 0.0, 1.0), [-0.1, 0.0, 1.0, 1.1], [0.0, 1.0, 1.0, 0.0]),  # torch, Chainer
        (F.max, [3.0, 3.0, 1.0], [0.5, 0.5, 0.0]),  # torch's amax, JAX; Chainer 1, 1, 0
        (F.min, [1.0, 1.0, 3.0], [0.5, 0.5, 0.0]),
        (lambda x: x.max(axis=0), [2.0, 2.0, 2.0, 2.0], [0.25] * 4),
    ],
)
def test_slopes_where_there_is_none(f, x, expected):
    x = variable(*x)

    assert grad(f(x), x).data.tolist() == expected


def test_the_shares_of_a_tie_add_up_along_each_axis():
    x = Variable(np.array([[1.0, 1.0], [1.0, 0.0]]))

    assert grad(F.max(x, axis=0), x).data.tolist() == [[0.5, 1.0], [0.5, 0.0]]
    assert grad(F.max(x), x).data.sum() == 1.0


# --- labels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("t", "message"),
    [
        (
            np.eye(3)[[0, 1]],
            r"x \(2, 3\) and t \(2, 3\) of float64; for one-hot rows pass t\.argmax\(axis=1\)",
        ),
        (np.array([[0], [1]]), r"t \(2, 1\) of int64; t\.reshape\(-1\) makes one row of a column"),
        (np.array([0.0, 1.0]), r"t \(2,\) of float64; t\.astype\(int\)"),
        (np.array([0, 3]), r"t \(2,\) of int64 from 0 to 3"),
        (np.array([-1, 0]), r"t \(2,\) of int64 from -1 to 0"),
        (np.array([0, 1, 2]), r"x \(2, 3\) and t \(3,\)"),
        (np.array([True, False]), r"t \(2,\) of bool"),
        (np.array(0), r"t \(\) of int64"),
    ],
    ids=["one-hot", "a column", "floats", "too large", "negative", "too many", "truth values", "one number"],
)
def test_labels_that_name_no_class_of_each_row_are_refused(t, message):
    with pytest.raises(ValueError, match="SoftmaxCrossEntropy needs scores x .*" + message):
        F.softmax_cross_entropy(Variable(X), t)


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.int64])
def test_labels_may_be_any_integers_and_a_variable(kind):
    t = np.array([2, 0], kind)

    assert F.softmax_cross_entropy(X, Variable(t)).data == F.softmax_cross_entropy(X, t).data


def test_labels_get_no_gradient():
    x, t = Variable(X), Variable(np.array([2, 0]))

    F.softmax_cross_entropy(x, t).backward()

    assert (t.grad, x.grad.shape) == (None, (2, 3))


def test_a_batch_of_one_is_a_batch():
    x = Variable(X[:1])

    assert np.isclose(F.softmax_cross_entropy(x, np.array([2])).data, -np.log(np.exp(3) / np.exp(X[0]).sum()))


EMPTY = {
    "mean_squared_error": lambda: F.mean_squared_error(np.zeros((0, 3)), np.zeros((0, 3))),
    "softmax_cross_entropy": lambda: F.softmax_cross_entropy(np.zeros((0, 3)), np.zeros(0, int)),
    "sigmoid_cross_entropy": lambda: F.sigmoid_cross_entropy(np.zeros(0), np.zeros(0)),
    "binary_cross_entropy": lambda: F.binary_cross_entropy(np.zeros(0), np.zeros(0)),
}


@pytest.mark.parametrize("loss", EMPTY.values(), ids=EMPTY)
def test_a_loss_of_no_examples_is_refused(loss):
    with pytest.raises(ValueError, match="needs at least one example, got an empty batch"):
        loss()


@pytest.mark.parametrize(
    ("x0", "x1", "message"),
    [
        (
            (4, 1),
            (4,),
            r"MeanSquaredError needs two arrays of one shape, got \(4, 1\) and \(4,\); t\.reshape",
        ),
        ((4, 1), (3, 1), r"got \(4, 1\) and \(3, 1\)$"),
        ((4, 3), (3,), r"got \(4, 3\) and \(3,\)$"),
    ],
)
def test_a_squared_error_does_not_broadcast(x0, x1, message):
    with pytest.raises(ValueError, match=message):
        F.mean_squared_error(Variable(np.zeros(x0)), np.zeros(x1))


def test_axes_of_one_in_front_do_no_harm_to_a_squared_error():
    x, t = Variable(np.array([[3.0, 4.0]])), Variable(np.array([1.0, 1.0]))
    F.mean_squared_error(x, t).backward()

    assert (x.grad.data.tolist(), t.grad.data.tolist()) == ([[4.0, 6.0]], [-4.0, -6.0])


def test_a_binary_loss_takes_a_column_and_a_row_of_labels_but_no_other_number():
    x = Variable(np.zeros((4, 1)))

    assert F.sigmoid_cross_entropy(x, np.zeros(4)).data == F.sigmoid_cross_entropy(x, np.zeros((4, 1))).data
    with pytest.raises(ValueError, match="needs two arrays of one shape"):
        F.sigmoid_cross_entropy(x, np.zeros(3))


def test_accuracy_is_the_share_of_rows_that_are_right():
    assert F.accuracy(Variable(X), np.array([2, 0])).data == 0.5
    with pytest.raises(ValueError, match=r"accuracy needs scores y \(N, C\)"):
        F.accuracy(X, np.array([0]))


# --- products -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("a", "b"), [((2, 3), (4, 5)), ((3,), (4,)), ((5, 2, 3), (4, 3, 2))])
def test_a_product_of_shapes_that_do_not_fit_is_refused(a, b):
    with pytest.raises(ValueError, match=r"MatMul needs x \(\.\.\., N, D\) and W \(\.\.\., D, H\), got"):
        Variable(np.zeros(a)) @ np.zeros(b)


def test_the_operator_takes_an_array_on_either_side():
    x, w = np.arange(6.0).reshape(2, 3), np.arange(3.0)

    assert (x @ Variable(w)).data.tolist() == (Variable(x) @ w).data.tolist() == (x @ w).tolist()


def test_a_list_beside_the_operator_is_an_array():
    x = Variable(np.array([[1.0, 2.0]]))
    (x @ [[3.0], [4.0]]).backward()
    ([[5.0]] @ x).backward()

    assert x.grad.data.tolist() == [[8.0, 9.0]]


def test_a_sum_to_a_shape_that_does_not_broadcast_is_refused():
    with pytest.raises(ValueError, match=r"SumTo needs a shape to which \(10,\) broadcasts, got \(10, 20\)"):
        F.sum_to(Variable(np.zeros((10, 20))), (10,))


# --- elements -------------------------------------------------------------------------------------


def test_a_variable_is_iterated_and_unpacked_by_its_first_axis():
    x = variable(1.0, 2.0)
    a, b = x

    assert [row.data.tolist() for row in Variable(X)] == X.tolist()
    assert grad(a * a + b, x).data.tolist() == [2.0, 1.0]


def test_a_variable_without_axes_can_not_be_iterated():
    with pytest.raises(TypeError, match=r"a variable without axes has no len\(\)"):
        list(Variable(np.array(1.0)))


def test_what_is_picked_twice_gets_both_gradients():
    x = variable(1.0, 2.0)

    assert grad(x[np.array([0, 0, 1])], x).data.tolist() == [2.0, 1.0]


def test_an_index_may_be_a_variable():
    x, i = variable(1.0, 2.0), Variable(np.array([1]))

    assert x[i].data.tolist() == [2.0]


# --- tools ----------------------------------------------------------------------------------------


def test_the_check_of_gradients_finds_a_wrong_one_and_prints_both(capsys):
    class Wrong(F.Square):
        def rule(self, gy, y, x):
            return gy * x

    assert gradient_check(F.square, X)
    assert not gradient_check(lambda x: Wrong()(x), X)
    assert "by small steps:" in capsys.readouterr().out


def test_gradients_by_small_steps_see_that_elements_mix():
    assert np.allclose(numerical_grad(lambda x: x.sum() ** 2, np.array([1.0, 2.0])), [6.0, 6.0])


def test_arrays_and_variables_are_compared_with_a_tolerance_and_without():
    assert array_allclose(variable(1.0), np.array([1.00001]))
    assert not array_equal(variable(1.0), np.array([1.00001]))


def test_the_first_function_that_made_a_nan_is_named():
    x = Variable(np.array([0.0, 1.0]), "x")
    with np.errstate(all="ignore"):
        loss = F.sum(F.log(x) * 2 + 1)

    with pytest.raises(FloatingPointError, match="nan or inf in the result: Log made the first of it"):
        check_finite(loss)
    x.data[0] = np.nan
    with pytest.raises(FloatingPointError, match="the input x holds it already"):
        check_finite(F.sum(x + 1))
    assert check_finite(F.sum(variable(1.0))).data == 1.0
