import signal
import unittest

import numpy as np

import dezero.functions as F
from dezero import DataLoader, SeqDataLoader, Variable
from dezero.utils import progress


def numbers(n):
    return [(np.float32(i), i) for i in range(n)]


def labels(loader):
    return [t.tolist() for x, t in loader]


class DataLoaderTest(unittest.TestCase):
    def test_every_loop_gives_each_example_once(self):
        for n in range(12):
            for size in range(1, 14):
                loader = DataLoader(numbers(n), size)
                for _ in range(2):
                    batches = labels(loader)
                    seen = sorted(i for batch in batches for i in batch)

                    self.assertEqual(len(batches), len(loader))
                    self.assertEqual(seen, [*range(n)])

    def test_a_loop_begins_anew_after_a_break(self):
        loader = DataLoader(numbers(3), 2, shuffle=False)
        for _ in loader:
            break
        loader.next()

        self.assertEqual(labels(loader), [[0, 1], [2]])
        self.assertEqual(loader.next()[1].tolist(), [2])
        with self.assertRaises(StopIteration):
            next(loader)

    def test_the_rows_of_a_series_go_on_and_no_example_is_lost(self):
        for n in range(1, 20):
            for size in range(1, 8):
                rows = np.array(labels(SeqDataLoader(numbers(n), size))).T

                self.assertEqual(set(rows.flat), {*range(n)})
                self.assertFalse(((np.diff(rows) - 1) % n).any())


class AccuracyTest(unittest.TestCase):
    def test_it_is_the_share_of_right_rows(self):
        y = np.eye(4)[[0, 1, 2, 2]]
        t = np.arange(4)

        self.assertEqual(F.accuracy(y, t).data, 0.75)
        self.assertEqual(F.accuracy(Variable(y), t[:, None]).data, 0.75)


class ProgressTest(unittest.TestCase):
    def setUp(self):
        self.before = signal.getsignal(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def tearDown(self):
        handler = signal.signal(signal.SIGINT, self.before)

        self.assertIs(handler, signal.default_int_handler)

    def test_ctrl_c_finishes_the_round_and_ends_the_loops_around_it(self):
        rounds = []
        for i in progress(range(5)):
            for j in progress(range(5)):
                if (i, j) == (1, 2):
                    signal.raise_signal(signal.SIGINT)
                rounds.append((i, j))
            rounds.append(i)

        self.assertEqual(rounds[5:], [0, (1, 0), (1, 1), (1, 2), 1])

    def test_a_second_ctrl_c_interrupts_at_once(self):
        seen = []
        with self.assertRaises(KeyboardInterrupt):
            for i in progress(range(5)):
                signal.raise_signal(signal.SIGINT)
                signal.raise_signal(signal.SIGINT)
                seen.append(i)

        self.assertEqual(seen, [])
