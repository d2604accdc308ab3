import gc
import unittest
import weakref

import numpy as np

from dezero.core_simple import (
    Config,
    Function,
    Variable,
    add,
    no_grad,
    square,
    using_config,
)


class GraphTest(unittest.TestCase):
    def test_a_diamond_with_equal_sides(self):
        x = Variable(np.array(2.0))
        a = square(x)
        add(square(a), square(a)).backward()

        self.assertEqual(x.grad, 64.0)

    def test_a_diamond_with_unequal_sides(self):
        for order in (1, -1):
            x = Variable(np.array(2.0))
            a = square(x)
            add(*[a, square(square(a))][::order]).backward()

            self.assertEqual(x.grad, 1028.0)

    def test_a_result_that_nobody_holds_is_freed_at_once(self):
        gc.disable()
        try:
            result = weakref.ref(square(Variable(np.array(3.0))))
            self.assertIsNone(result())
        finally:
            gc.enable()

    def test_an_output_that_is_gone_has_the_gradient_zero(self):
        class Twins(Function):
            def forward(self, x):
                return 2 * x, 3 * x

            def backward(self, g2, g3):
                return 2 * g2 + 3 * g3

        x = Variable(np.array(1.0))
        Twins()(x)[1].backward()

        self.assertEqual(x.grad, 3.0)

    def test_gradients_on_the_way_are_dropped(self):
        x = Variable(np.array(2.0))
        a = square(x)
        y = square(a)
        y.backward()
        y.backward()

        self.assertEqual(x.grad, 64.0)
        self.assertIsNone(a.grad)

    def test_a_switch_is_turned_back_after_an_exception(self):
        for exception in (KeyError, KeyboardInterrupt):
            with self.assertRaises(exception), no_grad():
                raise exception

            self.assertTrue(Config.enable_backprop)

    def test_what_is_no_switch_is_refused(self):
        with (
            self.assertRaisesRegex(AttributeError, "Config has enable"),
            using_config("enable_backporp", False),
        ):
            pass
