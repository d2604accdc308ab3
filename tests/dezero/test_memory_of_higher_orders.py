"""With the collector off: what graphs of gradients no longer need goes at once."""

import contextlib
import gc
import sys
import weakref

import numpy as np
import pytest
from samples import Broken, bytes_after

import dezero.functions as F
from dezero import Variable, past_of

pytestmark = pytest.mark.usefixtures("_collector_off")


def program(x):
    return F.exp(x) * x


def first_order(x):
    x.cleargrad()
    program(x).backward(create_graph=True)
    return x.grad


def second_order(x, **options):
    gx = first_order(x)
    x.cleargrad()
    gx.backward(**options)


def newton(x):
    gx = first_order(x)
    x.cleargrad()
    gx.backward(create_graph=True)
    x.data -= 1e-9 * gx.data / (1.0 + x.grad.data**2)


def penalty(x):
    y = program(x)
    x.cleargrad()
    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    (gx**2 + y).backward()


def retained(x):
    a = F.exp(x)
    y = a * a
    y.backward(retain_grad=True, create_graph=True)
    gx = x.grad
    for v in (x, a, y):
        v.cleargrad()
    gx.backward()


def failing_second_order(x):
    y = Broken()(first_order(x))
    x.cleargrad()
    with contextlib.suppress(ZeroDivisionError):
        y.backward(create_graph=True)


HIGHER = {
    "first order, remembered": first_order,
    "second order": second_order,
    "second order, remembered": lambda x: second_order(x, create_graph=True),
    "second order that retains": lambda x: second_order(x, retain_grad=True),
    "Newton's method": newton,
    "a penalty on the gradient": penalty,
    "retained and cleared": retained,
    "a second order that fails": failing_second_order,
}


@pytest.mark.slow
@pytest.mark.parametrize("step", HIGHER.values(), ids=HIGHER)
def test_a_thousand_steps_of_higher_order_leave_no_objects(step):
    x = Variable(np.full(2, 0.5))
    step(x)
    gc.collect()
    objects, blocks = len(gc.get_objects()), sys.getallocatedblocks()

    for _ in range(1_000):
        step(x)

    assert len(gc.get_objects()) < objects + 100  # less than an object in ten steps
    assert gc.collect() == 0  # which also empties the interpreter's own stock of freed tuples
    assert sys.getallocatedblocks() < blocks + 500


@pytest.mark.slow
@pytest.mark.parametrize("step", HIGHER.values(), ids=HIGHER)
def test_steps_of_higher_order_leave_no_arrays(step):
    x = Variable(np.full(1_000, 0.5))
    step(x)

    few, many = (bytes_after(lambda: step(x), times) for times in (10, 110))

    assert many < few + 80_000  # less than an array of a thousand numbers in ten steps


def test_a_variable_that_goes_with_a_graph_in_its_grad_waits_for_the_collector():
    x = Variable(np.array(2.0))
    gone = weakref.ref(x)
    first_order(x)

    del x

    assert gone() is not None
    gc.collect()
    assert gone() is None


def test_after_cleargrad_a_variable_goes_at_once():
    x = Variable(np.array(2.0))
    gone = weakref.ref(x)
    first_order(x)

    x.cleargrad()
    del x

    assert gone() is None


def test_a_plain_gradient_does_not_keep_its_variable():
    x = Variable(np.array(2.0))
    gone = weakref.ref(x)
    program(x).backward()

    del x

    assert gone() is None


def test_the_graph_of_the_first_order_is_gone_at_once_after_the_second():
    x = Variable(np.array(2.0))
    gx = first_order(x)
    graph = [weakref.ref(function) for function in past_of(gx)]
    x.cleargrad()
    gx.backward()

    del gx

    assert [reference() for reference in graph] == [None] * len(graph)


def test_a_retained_gradient_keeps_its_variable_until_it_is_cleared():
    x = Variable(np.array(2.0))
    a = F.exp(x)
    gone = weakref.ref(a)
    (a * a).backward(retain_grad=True, create_graph=True)
    x.cleargrad()

    a.cleargrad()
    del a

    assert gone() is None


def test_a_long_chain_has_a_second_order_without_recursion():
    x = Variable(np.array(1.0))
    y = x
    for _ in range(3_000):
        y = y * x

    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    gx.backward()

    assert (gx.data, x.grad.data) == (3_001.0, 3_001.0 * 3_000.0)


def test_a_variable_used_many_times_has_a_second_order_without_recursion():
    x = Variable(np.array(2.0))
    y = sum((x * x for _ in range(1_000)), start=x)

    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    gx.backward()

    assert (gx.data, x.grad.data) == (4_001.0, 2_000.0)


@pytest.mark.slow
def test_a_long_graph_of_gradients_is_freed_without_recursion():
    x = Variable(np.array(1.0))
    y = x
    for _ in range(10_000):
        y = y * x
    y.backward(create_graph=True)
    y = x * 1.0

    x.cleargrad()

    assert y.data == 1.0
