import unittest

import numpy as np

import dezero.functions as F
from dezero import Function, Variable, grad


class DoubleBackpropTest(unittest.TestCase):
    def test_a_gradient_is_an_ingredient_like_any_other(self):
        x = Variable(np.array(2.0))
        y = x**2
        y.backward(create_graph=True)
        gx = x.grad
        x.cleargrad()
        (gx**3 + y).backward()

        self.assertEqual(x.grad.data, 100.0)

    def test_a_penalty_on_a_slope_reaches_the_weights(self):
        a, b = Variable(np.array(3.0)), Variable(np.array(2.0))
        x = Variable(np.array(0.0))
        (a * F.tanh(b * x)).backward(create_graph=True)
        slope = x.grad
        for variable in (a, b, x):
            variable.cleargrad()
        ((slope - 1) ** 2).backward()

        self.assertEqual((a.grad.data, b.grad.data), (20.0, 30.0))

    def test_a_hessian_times_a_vector(self):
        x, y = Variable(np.array(1.0)), Variable(np.array(2.0))
        (100 * (y - x**2) ** 2 + (1 - x) ** 2).backward(create_graph=True)
        gx, gy = x.grad, y.grad
        x.cleargrad()
        y.cleargrad()
        (3.0 * gx - 1.0 * gy).backward()

        self.assertEqual(x.grad.data, 3 * 402.0 + 400.0)
        self.assertEqual(y.grad.data, -3 * 400.0 - 200.0)

    def test_grad_neither_reads_nor_changes_what_is_stored(self):
        class Two(Function):
            def forward(self, x):
                return 2 * x, 3 * x

            def backward(self, g2, g3):
                return 2 * g2 + 3 * g3

        x, w = Variable(np.array(1.0)), Variable(np.array(5.0))
        y, other = Two()(x)
        x.grad = kept = Variable(np.array(7.0))
        other.grad = Variable(np.array(100.0))
        gx, gw = grad(y, [x, w])

        self.assertEqual((gx.data, gw.data), (2.0, 0.0))
        self.assertIs(x.grad, kept)
        self.assertEqual(other.grad.data, 100.0)
