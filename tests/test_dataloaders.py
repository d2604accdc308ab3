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
        loader = DataLoader(numbers(5), 2, shuffle=False)
        for _ in loader:
            break
        loader.next()

        self.assertEqual(labels(loader), [[0, 1], [2, 3], [4]])
        self.assertEqual(loader.next()[1].tolist(), [2, 3])

    def test_next_ends_and_begins_again(self):
        loader = DataLoader(numbers(3), 2, shuffle=False)
        batches = [next(loader)[1].tolist() for _ in range(2)]

        self.assertEqual(batches, [[0, 1], [2]])
        with self.assertRaises(StopIteration):
            next(loader)
        self.assertEqual(next(loader)[1].tolist(), [0, 1])

    def test_dtypes_stay(self):
        x, t = DataLoader(numbers(4), 3).next()

        self.assertEqual((x.dtype, t.dtype), (np.float32, int))

    def test_without_labels_t_is_none(self):
        x, t = DataLoader([(np.zeros(2), None)] * 3, 2).next()

        self.assertEqual((x.shape, t), ((2, 2), None))

    def test_shapes_must_agree(self):
        examples = [(np.zeros(2), 0), (np.zeros(3), 0)]
        wrong = [(0, np.zeros(2)), (0, np.zeros(3))]

        with self.assertRaisesRegex(ValueError, "number 1 .3,.*transform"):
            DataLoader(examples, 2, shuffle=False).next()
        with self.assertRaisesRegex(ValueError, "labels of different"):
            DataLoader(wrong, 2).next()

    def test_a_batch_has_at_least_one_example(self):
        for loader in (DataLoader, SeqDataLoader):
            with self.assertRaisesRegex(ValueError, "at least 1, got 0"):
                loader(numbers(3), 0)


class SeqDataLoaderTest(unittest.TestCase):
    def test_rows_go_on_and_no_example_is_lost(self):
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

    def test_labels_are_one_for_each_row_and_at_least_one(self):
        for y, t in ((np.eye(3), np.eye(3)), (np.ones((0, 3)), np.ones(0))):
            with self.assertRaisesRegex(ValueError, r"\(N, C\)"):
                F.accuracy(y, t)


class ProgressTest(unittest.TestCase):
    def setUp(self):
        self.before = signal.getsignal(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def tearDown(self):
        handler = signal.signal(signal.SIGINT, self.before)

        self.assertIs(handler, signal.default_int_handler)

    def test_without_ctrl_c_it_changes_nothing(self):
        self.assertEqual([*progress(range(5))], [*range(5)])

    def test_ctrl_c_loses_no_example_and_the_code_after_the_loop_runs(self):
        seen, after = [], False
        for _, t in progress(DataLoader(numbers(9), 2, shuffle=False)):
            if 4 in t:
                signal.raise_signal(signal.SIGINT)
            seen += t.tolist()
        after = True

        self.assertEqual(seen, [*range(6)])
        self.assertTrue(after)

    def test_ctrl_c_ends_the_loops_around_it_too(self):
        rounds = []
        for i in progress(range(5)):
            for j in progress(range(5)):
                rounds.append((i, j))
                if (i, j) == (1, 2):
                    signal.raise_signal(signal.SIGINT)
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

    def test_the_handler_is_restored_after_a_break_and_an_error(self):
        for _ in progress(range(5)):
            break
        with self.assertRaises(ZeroDivisionError):
            for i in progress(range(5)):
                i / 0
        handler = signal.getsignal(signal.SIGINT)

        self.assertIs(handler, signal.default_int_handler)
