"""With the collector off: what a graph no longer needs goes at once, in both engines."""

import contextlib
import gc
import weakref

import numpy as np
import pytest
from samples import bytes_after

import dezero.functions as F
from dezero import Variable

pytestmark = pytest.mark.usefixtures("_collector_off")


def forward(engine, x):
    return engine.square(engine.exp(x) * x + 1.0) / 2.0


PROGRAMS = {
    "forward": lambda engine, x: forward(engine, x),
    "forward and backward": lambda engine, x: (x.cleargrad(), forward(engine, x).backward()),
    "backward that retains": lambda engine, x: (x.cleargrad(), forward(engine, x).backward(retain_grad=True)),
    "two outputs, one dropped": lambda engine, x: (
        x.cleargrad(),
        engine.SumAndDifference()(x, x)[0].backward(),
    ),
    "without gradients": lambda engine, x: no_grad_forward(engine, x),
    "a backward that fails": lambda engine, x: fail(engine, x),
}


def no_grad_forward(engine, x):
    with engine.no_grad():
        return forward(engine, x)


def fail(engine, x):
    x.cleargrad()
    with contextlib.suppress(ZeroDivisionError):
        forward(engine, engine.Failing()(x)).backward()


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_thousand_steps_need_the_memory_of_one(engine, program):
    x = engine.Variable(np.zeros(1_000))
    program(engine, x)
    gc.collect()  # what a first call makes once and for all

    few, many = (bytes_after(lambda: program(engine, x), times) for times in (10, 1_000))

    assert many < few + 8_000  # less than one array of a thousand numbers


def test_a_result_that_nobody_holds_is_gone_at_once(engine):
    result = weakref.ref(engine.square(engine.Variable(np.ones(2))))

    assert result() is None


def test_a_whole_graph_goes_with_its_result(engine):
    x = engine.Variable(np.ones(2))
    a = engine.exp(x)
    y = engine.square(a)
    graph = [weakref.ref(thing) for thing in (a, y, a.creator, y.creator)]

    del a, y

    assert [reference() for reference in graph] == [None] * 4


def test_a_backward_leaves_nothing_for_the_collector(engine):
    x = engine.Variable(np.ones(2))
    forward(engine, x).backward()
    gc.collect()

    forward(engine, x).backward()

    assert gc.collect() == 0


def test_an_intermediate_result_lives_as_long_as_the_way_back_needs_it(engine):
    x = engine.Variable(np.array(3.0))
    y = engine.square(engine.square(x))  # the inner result has no name

    y.backward()

    assert engine.gradient(x) == 108.0  # 4 x³


def test_outputs_are_weak_references(engine):
    x = engine.Variable(np.array(3.0))
    y = engine.Double()(x)

    (output,) = y.creator.outputs
    assert output() is y
    function = y.creator
    del y
    assert output() is None
    assert function.inputs[0] is x


def test_an_operation_does_not_know_its_output():
    y = F.square(Variable(np.array(3.0)))

    assert y.creator.outputs == ()


@pytest.mark.parametrize("kept", [0, 1], ids=["sum", "difference"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_function_of_two_outputs_differentiates_when_one_is_gone(engine, kept, dtype):
    x, w = engine.Variable(np.ones((2, 3), dtype)), engine.Variable(np.ones((2, 3), dtype))
    y = engine.SumAndDifference()(x, w)[kept]

    y.backward()

    assert engine.gradient(x).tolist() == [[1.0] * 3] * 2
    assert engine.gradient(w).tolist() == [[1.0 - 2 * kept] * 3] * 2
    assert engine.gradient(x).dtype == dtype


def test_a_dropped_output_hands_backward_zeros_of_its_shape_and_dtype(engine):
    arrived = []

    class Split(engine.Function):
        def forward(self, x):
            return x[:1], x[1:].astype(np.float32)

        def backward(self, ghead, gtail):
            arrived.extend(engine.array(gradient) for gradient in (ghead, gtail))
            return np.concatenate(arrived)

    head = Split()(engine.Variable(np.ones(4)))[0]
    head.backward()

    assert [(g.shape, g.dtype.name) for g in arrived] == [((1,), "float64"), ((3,), "float32")]
    assert arrived[1].tolist() == [0.0, 0.0, 0.0]


def test_gradients_of_computed_variables_are_dropped_once_used(engine):
    x = engine.Variable(np.ones(2))
    a = engine.square(x)
    y = engine.square(a)

    y.backward()

    assert (a.grad, y.grad) == (None, None)
    assert engine.gradient(x).tolist() == [4.0, 4.0]


def test_no_grad_remembers_nothing(engine):
    x = engine.Variable(np.ones(2))

    with engine.no_grad():
        a = engine.square(x)
        y = engine.square(a)
    gone = weakref.ref(a)
    del a

    assert gone() is None
    assert y.creator is None


@pytest.mark.slow
def test_a_long_chain_is_freed_without_recursion(engine):
    y = x = engine.Variable(np.array(1.0))
    for _ in range(100_000):
        y = y + x

    del y

    y = x * 1.0
    assert y.data == 1.0


@pytest.mark.slow
def test_a_long_chain_goes_back_without_recursion(engine):
    y = x = engine.Variable(np.array(1.0))
    for _ in range(20_000):
        y = y + x

    y.backward()

    assert engine.gradient(x) == 20_001.0
