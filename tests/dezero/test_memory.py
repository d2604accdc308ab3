"""With the collector off: what is no longer needed goes at once."""

import gc
import tracemalloc
import weakref

import numpy as np
import pytest

from dezero import Function, Variable, exp, no_grad, square


class SumAndDifference(Function):
    def forward(self, x0, x1):
        return x0 + x1, x0 - x1

    def backward(self, gsum, gdifference):
        return gsum + gdifference, gsum - gdifference


@pytest.fixture(autouse=True)
def _collector_off():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def bytes_after(step, times):
    tracemalloc.start()
    try:
        for _ in range(times):
            step()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def forward(x):
    return square(exp(x) * x + 1.0) / 2.0


PROGRAMS = {
    "forward": lambda x: forward(x),
    "forward and backward": lambda x: (x.cleargrad(), forward(x).backward()),
    "backward that retains": lambda x: (x.cleargrad(), forward(x).backward(retain_grad=True)),
    "two outputs, one dropped": lambda x: (x.cleargrad(), SumAndDifference()(x, x)[0].backward()),
    "without gradients": lambda x: no_grad_forward(x),
}


def no_grad_forward(x):
    with no_grad():
        return forward(x)


def failing(x):
    x.cleargrad()
    try:
        (forward(x) * Variable(np.array(2.0))).backward()
    except ValueError:
        return
    raise AssertionError("the shapes do not fit, and nobody said so")


@pytest.mark.parametrize("program", [*PROGRAMS.values(), failing], ids=[*PROGRAMS, "a backward that fails"])
def test_a_thousand_steps_need_the_memory_of_one(program):
    x = Variable(np.zeros(1_000))
    program(x)

    few, many = (bytes_after(lambda: program(x), times) for times in (10, 1_000))

    assert many < few + 8_000  # less than one array of a thousand numbers


def test_a_result_that_nobody_holds_is_gone_at_once():
    result = weakref.ref(square(Variable(np.ones(2))))

    assert result() is None


def test_a_whole_graph_goes_with_its_result():
    x = Variable(np.ones(2))
    a = exp(x)
    y = square(a)
    graph = [weakref.ref(thing) for thing in (a, y, a.creator, y.creator)]

    del a, y

    assert [reference() for reference in graph] == [None] * 4


def test_a_backward_leaves_nothing_for_the_collector():
    x = Variable(np.ones(2))
    forward(x).backward()
    gc.collect()

    forward(x).backward()

    assert gc.collect() == 0


def test_an_intermediate_result_lives_as_long_as_the_way_back_needs_it():
    x = Variable(np.array(3.0))
    y = square(square(x))  # the inner result has no name

    y.backward()

    assert x.grad == 108.0  # 4 x³


def test_outputs_are_weak_references():
    x = Variable(np.array(3.0))
    y = square(x)

    (output,) = y.creator.outputs
    assert output() is y
    function = y.creator
    del y
    assert output() is None
    assert function.inputs[0] is x


@pytest.mark.parametrize("kept", [0, 1], ids=["sum", "difference"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_function_of_two_outputs_differentiates_when_one_is_gone(kept, dtype):
    x, w = Variable(np.ones((2, 3), dtype)), Variable(np.ones((2, 3), dtype))
    y = SumAndDifference()(x, w)[kept]

    y.backward()

    assert x.grad.tolist() == [[1.0] * 3] * 2
    assert w.grad.tolist() == [[1.0 - 2 * kept] * 3] * 2
    assert x.grad.dtype == dtype


def test_a_dropped_output_hands_backward_zeros_of_its_shape_and_dtype():
    arrived = []

    class Split(Function):
        def forward(self, x):
            return x[:1], x[1:].astype(np.float32)

        def backward(self, ghead, gtail):
            arrived.extend([ghead, gtail])
            return np.concatenate([ghead, gtail])

    head = Split()(Variable(np.ones(4)))[0]
    head.backward()

    assert [(g.shape, g.dtype.name) for g in arrived] == [((1,), "float64"), ((3,), "float32")]
    assert arrived[1].tolist() == [0.0, 0.0, 0.0]


def test_gradients_of_computed_variables_are_dropped_once_used():
    x = Variable(np.ones(2))
    a = square(x)
    y = square(a)

    y.backward()

    assert (a.grad, y.grad) == (None, None)
    assert x.grad.tolist() == [4.0, 4.0]


def test_no_grad_remembers_nothing():
    x = Variable(np.ones(2))

    with no_grad():
        a = square(x)
        y = square(a)
    gone = weakref.ref(a)
    del a

    assert gone() is None
    assert y.creator is None


def test_a_long_chain_is_freed_without_recursion():
    y = x = Variable(np.array(1.0))
    for _ in range(200_000):
        y = y + x

    del y

    y = x * 1.0
    assert y.data == 1.0


def test_a_long_chain_goes_back_without_recursion():
    y = x = Variable(np.array(1.0))
    for _ in range(50_000):
        y = y + x

    y.backward()

    assert x.grad == 50_001.0
