"""The switch: blocks, decorators, threads and tasks."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from samples import variable, with_and_without_graph

import dezero.functions as F
from dezero import Config, grad, no_grad, using_config

PATIENCE = 120  # seconds until a thread that waits for another fails, however busy the machine is


def is_recording():
    """Return whether a function remembers here, by asking one."""
    return F.sin(variable(1.0)).creator is not None


# --- threads and tasks ----------------------------------------------------------------------------


@with_and_without_graph
def test_four_threads_over_fifty_graphs_give_fifty_right_gradients(create_graph):
    start = threading.Barrier(4)

    def gradient(number):
        if number < 4:
            start.wait(timeout=PATIENCE)
        x = variable(number / 10)
        y = x
        for _ in range(20):
            y = F.sin(y) * x + y
        with no_grad():
            F.sin(y)
        y.backward(create_graph=create_graph)
        return float(x.grad.data), is_recording()

    def expected(number):
        x = number / 10
        y, slope = x, 1.0
        for _ in range(20):
            y, slope = np.sin(y) * x + y, np.cos(y) * slope * x + np.sin(y) + slope
        return slope

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(gradient, range(50)))

    assert np.allclose([gradient for gradient, _ in found], [expected(n) for n in range(50)], rtol=1e-12)
    assert all(recording for _, recording in found)
    assert Config.enable_backprop is True


def test_four_threads_may_go_back_through_one_graph():
    x = variable(2.0)
    shared = F.sin(x)
    start = threading.Barrier(4)

    def gradients(_):
        start.wait(timeout=PATIENCE)
        w = variable(3.0)
        return [float(g.data) for g in grad(shared * w * w, [x, w])]

    with ThreadPoolExecutor(4) as pool:
        assert np.allclose(list(pool.map(gradients, range(4))), [[9 * np.cos(2.0), 6 * np.sin(2.0)]] * 4)


def test_a_block_in_one_thread_does_not_reach_another():
    inside, asked = threading.Event(), threading.Event()

    def turn_off():
        with no_grad():
            inside.set()
            asked.wait(timeout=PATIENCE)
            return is_recording()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(turn_off)
        assert inside.wait(timeout=PATIENCE)
        here = is_recording(), Config.enable_backprop
        asked.set()

        assert here == (True, True)
        assert other.result() is False


def test_a_thread_starts_with_the_switch_on_whatever_its_maker_does():
    with no_grad(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(is_recording).result() is True
        assert is_recording() is False


def test_a_block_in_one_task_does_not_reach_another():
    async def turned_off(inside, asked):
        with no_grad():
            inside.set()
            await asked.wait()
            return is_recording()

    async def program():
        inside, asked = asyncio.Event(), asyncio.Event()
        other = asyncio.create_task(turned_off(inside, asked))
        await inside.wait()
        here = is_recording()
        asked.set()
        return here, await other

    assert asyncio.run(program()) == (True, False)


def test_a_task_sees_the_switch_as_it_was_where_the_task_was_made():
    async def asked():
        return is_recording()

    async def program():
        with no_grad():
            task = asyncio.create_task(asked())
        return await task, is_recording()

    assert asyncio.run(program()) == (False, True)


def test_a_backward_with_create_graph_in_one_task_does_not_record_in_another():
    async def silent(seen):
        with no_grad():
            for _ in range(3):
                await asyncio.sleep(0)
                seen.append(is_recording())

    async def loud():
        for _ in range(3):
            x = variable(2.0)
            (x * x).backward(create_graph=True)
            await asyncio.sleep(0)

    async def program():
        seen = []
        await asyncio.gather(silent(seen), loud())
        return seen

    assert asyncio.run(program()) == [False] * 3


# --- blocks ---------------------------------------------------------------------------------------


def test_one_object_may_be_entered_again_and_inside_itself():
    off = no_grad()

    with off:
        with using_config("enable_backprop", True):
            with off:
                innermost = is_recording()
            middle = is_recording()
        outer = is_recording()
    with off:
        again = is_recording()

    assert (innermost, middle, outer, again, is_recording()) == (False, True, False, False, True)


def test_one_object_inside_itself_stays_off_until_the_outer_block_ends():
    off = no_grad()

    with off:
        with off:
            pass
        outer = is_recording()

    assert (outer, is_recording()) == (False, True)


def test_leaving_by_an_exception_gives_every_old_value_back():
    off = no_grad()

    with pytest.raises(KeyError), off, using_config("enable_backprop", True), off:
        raise KeyError

    assert is_recording() is True


def test_one_object_may_be_entered_by_two_threads_at_once():
    off, entered, left = no_grad(), threading.Event(), threading.Event()

    def other():
        with using_config("enable_backprop", False), off:
            entered.set()
            left.wait(timeout=PATIENCE)
        return is_recording()

    with ThreadPoolExecutor(1) as pool:
        with off:
            result = pool.submit(other)
            assert entered.wait(timeout=PATIENCE)
        here = is_recording()
        left.set()

        assert (here, result.result()) == (True, True)


def test_a_switch_that_was_set_by_hand_holds_in_this_thread_alone():
    Config.enable_backprop = False
    try:
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(is_recording).result() is True
        assert is_recording() is False
    finally:
        Config.enable_backprop = True


def test_config_has_no_other_attribute():
    with pytest.raises(AttributeError):
        Config.enable_backporp = False


# --- decorators -----------------------------------------------------------------------------------


def test_a_decorated_function_remembers_nothing_and_gives_its_result():
    @no_grad()
    def predict(x, *, factor):
        """Return a prediction."""
        return F.sin(x) * factor

    y = predict(variable(1.0), factor=2.0)

    assert y.data == 2 * np.sin(1.0)
    assert y.creator is None
    assert is_recording() is True
    assert (predict.__name__, predict.__doc__) == ("predict", "Return a prediction.")


def test_a_decorated_function_may_call_itself():
    @no_grad()
    def depth(n):
        return [is_recording()] + (depth(n - 1) if n else [])

    assert depth(3) == [False] * 4
    assert is_recording() is True


def test_a_decorated_function_that_fails_gives_the_old_value_back():
    @using_config("enable_backprop", False)
    def fail():
        raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert is_recording() is True


def test_a_decorated_function_can_run_in_four_threads_at_once():
    start = threading.Barrier(4)

    @no_grad()
    def ask(_):
        start.wait(timeout=PATIENCE)
        return is_recording()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == [False] * 4
        assert list(pool.map(lambda _: is_recording(), range(4))) == [True] * 4


def test_a_method_may_be_decorated():
    class Model:
        @no_grad()
        def predict(self, x):
            return x * 2.0

    assert Model().predict(variable(1.0)).creator is None


def generator():
    yield


async def coroutine():
    pass


async def async_generator():
    yield


@pytest.mark.parametrize("function", [generator, coroutine, async_generator], ids=lambda f: f.__name__)
def test_what_runs_after_the_call_can_not_be_decorated(function):
    message = f"{function.__name__} runs its body after the call; write `with no_grad"
    with pytest.raises(TypeError, match=message):
        no_grad()(function)


def test_the_way_out_of_a_coroutine_is_a_way():
    async def predict(x):
        with no_grad():
            await asyncio.sleep(0)
            return F.sin(x)

    assert asyncio.run(predict(variable(1.0))).creator is None
    assert is_recording() is True


# --- in both engines ------------------------------------------------------------------------------


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
