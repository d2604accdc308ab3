"""Batches: every example once, in the shapes and dtypes that it has, and a loop that can be stopped."""

import os
import signal
import subprocess
import sys
import threading
from itertools import chain, pairwise

import numpy as np
import pytest

from dezero import DataLoader, Dataset, SeqDataLoader
from dezero.utils import progress


class Numbers(Dataset):
    """The numbers below n, as arrays of one element, and twice as much as their labels."""

    def __init__(self, n, labels=True):
        self.n, self.labels = n, labels
        super().__init__()

    def prepare(self):
        self.data = np.arange(self.n, dtype=np.float32).reshape(-1, 1)
        self.label = 2 * np.arange(self.n) if self.labels else None


def seen(loader):
    return [x.ravel().astype(int).tolist() for x, _ in loader]


@pytest.mark.parametrize(("n", "size"), [(10, 3), (10, 5), (10, 10), (10, 11), (1, 1), (0, 3)])
def test_every_example_comes_once_in_each_loop(n, size):
    np.random.seed(0)
    loader = DataLoader(Numbers(n), size)

    for _ in range(2):
        batches = seen(loader)

        assert sorted(chain.from_iterable(batches)) == list(range(n))
        assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)
        assert len(batches) == len(loader) == loader.max_iter


def test_each_loop_has_an_order_of_its_own_that_the_seed_repeats():
    loader, orders = DataLoader(Numbers(20), 20), []
    for _ in range(2):
        np.random.seed(3)
        orders.append(seen(loader) + seen(loader))

    assert orders[0] == orders[1]
    assert orders[0][0] != orders[0][1]


def test_without_shuffle_the_order_is_that_of_the_data():
    assert seen(DataLoader(Numbers(5), 2, shuffle=False)) == [[0, 1], [2, 3], [4]]


def test_a_loop_that_was_left_does_not_go_on_in_the_next():
    loader = DataLoader(Numbers(6), 2, shuffle=False)
    for _ in loader:
        break

    assert seen(loader) == [[0, 1], [2, 3], [4, 5]]


def test_loops_inside_one_another_do_not_disturb_each_other():
    loader = DataLoader(Numbers(4), 2, shuffle=False)

    assert [(a, b) for a in seen(loader) for b in seen(loader)] == [
        ([0, 1], [0, 1]),
        ([0, 1], [2, 3]),
        ([2, 3], [0, 1]),
        ([2, 3], [2, 3]),
    ]


def test_next_gives_one_batch_after_the_other_and_begins_again():
    loader = DataLoader(Numbers(3), 2, shuffle=False)
    first, second = next(loader), loader.next()

    assert [len(first[0]), len(second[0])] == [2, 1]
    with pytest.raises(StopIteration):
        next(loader)
    assert next(loader)[0].tolist() == first[0].tolist()


def test_dtypes_stay_and_labels_are_stacked():
    x, t = next(DataLoader(Numbers(3), 3, shuffle=False))

    assert (x.shape, x.dtype, t.tolist(), t.dtype) == ((3, 1), np.float32, [0, 2, 4], np.int64)


def test_without_labels_there_are_none():
    x, t = next(DataLoader(Numbers(3, labels=False), 2))

    assert (x.shape, t) == ((2, 1), None)


def test_what_is_no_dataset_but_has_items_and_a_length_is_loaded_too():
    pairs = [(np.zeros(2), 0), (np.ones(2), 1)]

    assert [t.tolist() for _, t in DataLoader(pairs, 1, shuffle=False)] == [[0], [1]]


def test_items_of_different_shapes_are_refused_by_number():
    pairs = [(np.zeros(2), 0), (np.zeros(2), 1), (np.zeros(3), 2)]

    with pytest.raises(
        ValueError, match=r"examples of different shapes: number 0 is \(2,\), number 2 \(3,\)"
    ):
        next(DataLoader(pairs, 3, shuffle=False))


@pytest.mark.parametrize("size", [0, -1])
def test_a_batch_without_examples_is_refused(size):
    with pytest.raises(ValueError, match=f"DataLoader needs a batch_size of at least 1, got {size}"):
        DataLoader(Numbers(3), size)


# --- series ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "rows"), [(12, 4), (10, 4), (999, 30), (5, 1), (3, 3)])
def test_the_rows_of_a_series_go_on_from_batch_to_batch_and_leave_nothing_out(n, rows):
    batches = seen(SeqDataLoader(Numbers(n), rows))

    assert all((b - a) % n == 1 for row in zip(*batches, strict=True) for a, b in pairwise(row))
    assert set(chain.from_iterable(batches)) == set(range(n))


# --- a loop that can be stopped -------------------------------------------------------------------


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupt_finishes_the_round_and_ends_the_loop():
    before, done = signal.getsignal(signal.SIGINT), []

    for i in progress(range(5)):
        if i == 2:
            interrupt()
        done.append(i)

    assert done == [0, 1, 2]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_interrupt_is_one():
    before = signal.getsignal(signal.SIGINT)

    def loop():
        for _ in progress(range(5)):
            interrupt()
            interrupt()

    with pytest.raises(KeyboardInterrupt):
        loop()

    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_in_an_inner_loop_ends_both():
    rounds = []

    for i in progress(range(3)):
        for j in progress(range(3)):
            rounds.append((i, j))
            if (i, j) == (1, 1):
                interrupt()

    assert rounds == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]


def test_a_loop_that_is_left_gives_the_handler_back():
    before = signal.getsignal(signal.SIGINT)

    for _ in progress(range(3)):
        break

    assert signal.getsignal(signal.SIGINT) is before


def test_in_another_thread_it_is_a_loop(capsys):
    done = []
    thread = threading.Thread(target=lambda: done.extend(progress(range(3))))
    thread.start()
    thread.join()

    assert done == [0, 1, 2]
    assert capsys.readouterr() == ("", "")  # and silent, where there is no terminal


BAR = """
from dezero.utils import progress
for _ in progress(range(3), "epochs"):
    pass
"""


def everything_on(screen):
    text = b""
    try:
        while part := os.read(screen, 1000):
            text += part
    except OSError:  # Linux says so at its end
        pass
    return text.decode()


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no pseudo-terminals here")
@pytest.mark.parametrize("terminal", [True, False])
def test_a_bar_is_drawn_on_a_terminal_alone(terminal):
    pytest.importorskip("tqdm")
    termios = pytest.importorskip("termios")
    screen, terminal_of_it = os.openpty()
    termios.tcsetwinsize(terminal_of_it, (24, 80))
    to = terminal_of_it if terminal else subprocess.PIPE
    done = subprocess.run([sys.executable, "-c", BAR], stderr=to, check=True)
    os.close(terminal_of_it)

    drawn = everything_on(screen) if terminal else done.stderr.decode()
    assert ("epochs: 100%" in drawn) is terminal
