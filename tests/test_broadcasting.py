import unittest

import numpy as np

import dezero.functions as F
from dezero import Operation, Variable, grad
from dezero.utils import gradient_check

PAIRS = [
    ((2, 3), (3,)),
    ((2, 3), (1, 1)),
    ((3, 1), (4,)),
    ((5, 1, 3), (2, 1)),
    ((2, 3), ()),
    ((1,), ()),
]


class Twice(Operation):
    def forward(self, x0, x1):
        return 2 * x0 * x1

    def rule(self, gy, y, x0, x1):
        return 2 * gy * x1, 2 * gy * x0


class BroadcastingTest(unittest.TestCase):
    def test_both_operands_in_both_orders(self):
        rng = np.random.default_rng(0)

        def first(x, other):
            y = F.sum((x / other) ** 2 * other)
            return grad(y, x, create_graph=True)

        for shapes in PAIRS + [pair[::-1] for pair in PAIRS]:
            with self.subTest(shapes=shapes):
                a, b = (rng.uniform(1, 2, shape) for shape in shapes)

                self.assertTrue(gradient_check(np.multiply, a, b))
                self.assertTrue(gradient_check(first, a, b))

    def test_an_operation_of_a_user(self):
        x = Variable(np.array([1.0, 2.0, 3.0]))

        gx = grad(Twice()(np.ones((4, 3)), x), x)

        self.assertEqual(gx.data.tolist(), [8, 8, 8])

    def test_each_is_the_rule_of_the_other(self):
        rng = np.random.default_rng(0)
        for small, large in [((3,), (2, 3)), ((2, 1), (4, 2, 5))]:
            x, y = rng.random(small), rng.random(large)

            there = np.sum(F.broadcast_to(x, large).data * y)
            back = np.sum(x * F.sum_to(y, small).data)

            self.assertTrue(np.isclose(there, back))
            self.assertTrue(gradient_check(F.sum_to, y, small))
            self.assertTrue(gradient_check(F.broadcast_to, x, large))

    def test_an_empty_batch_gives_a_gradient_of_zeros(self):
        b = Variable(np.ones(3))

        gb = grad(np.ones((0, 3)) + b, b)

        self.assertEqual(gb.data.tolist(), [0, 0, 0])

    def test_float32_stays(self):
        a = Variable(np.ones((2, 3), np.float32))
        b = Variable(np.ones(3, np.float32))

        y = a * b

        self.assertEqual(y.dtype, np.float32)
        self.assertEqual(grad(y, b).dtype, np.float32)

    def test_shapes_that_do_not_fit(self):
        x = Variable(np.ones((2, 3)))
        for shape in [(3, 2), (6,), (2,), (4, 3)]:
            with self.assertRaisesRegex(ValueError, "SumTo needs a"):
                F.sum_to(x, shape)
            with self.assertRaisesRegex(ValueError, "To needs a"):
                F.broadcast_to(x, shape)
        with self.assertRaisesRegex(ValueError, "do not fit"):
            x + np.ones(2)
