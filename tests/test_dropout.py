import threading
import unittest

import numpy as np

import dezero.functions as F
from dezero import Config, Variable, no_grad, test_mode
from dezero.utils import gradient_check


class DropoutTest(unittest.TestCase):
    def setUp(self):
        np.random.seed(0)

    def test_the_share_is_dropped_and_the_mean_stays(self):
        for ratio in (0.1, 0.5, 0.9):
            y = F.dropout(np.ones((200, 500)), ratio).data

            self.assertAlmostEqual(np.mean(y == 0), ratio, delta=0.01)
            self.assertAlmostEqual(y.mean(), 1, delta=0.05)

    def test_float32_stays(self):
        y = F.dropout(np.ones(4, np.float32))

        self.assertEqual(y.dtype, np.float32)

    def test_gradients_go_where_the_elements_went(self):
        def f(x):
            np.random.seed(0)
            return F.dropout(x, 0.3) ** 3

        self.assertTrue(gradient_check(f, np.arange(1.0, 9.0)))

    def test_ratios_0_and_1_and_no_others_outside(self):
        self.assertTrue(np.all(F.dropout(np.ones(9), 0).data == 1))
        self.assertTrue(np.all(F.dropout(np.ones(9), 1).data == 0))
        for ratio in (-0.1, 1.1, 50):
            with self.assertRaisesRegex(ValueError, "share to drop"):
                F.dropout(np.ones(9), ratio)


class TestModeTest(unittest.TestCase):
    def test_nothing_is_dropped_and_the_mode_ends_with_its_block(self):
        x = Variable(np.ones(1000))
        with test_mode():
            self.assertIs(F.dropout(x), x)

        self.assertTrue(Config.train)
        self.assertTrue(np.any(F.dropout(x).data == 0))

    def test_the_two_switches_are_independent(self):
        with test_mode():
            self.assertTrue(Config.enable_backprop)
        with no_grad():
            self.assertTrue(Config.train)

    def test_other_threads_go_on_training(self):
        seen = []
        with test_mode():
            thread = threading.Thread(
                target=lambda: seen.append(Config.train)
            )
            thread.start()
            thread.join()

        self.assertEqual(seen, [True])
