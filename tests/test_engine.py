import threading
import unittest

import numpy as np

import dezero.functions as F
from dezero import Config, Function, Variable, grad, no_grad


def derivative(data):
    x = Variable(np.array(data))
    y = np.exp(np.sin(x)) * x
    y.backward(create_graph=True)
    return x.grad.data


class EngineTest(unittest.TestCase):
    def test_a_rule_gives_arrays_for_arrays(self):
        x = np.array([1.0, 2.0])
        gx = F.Sin().rule(np.ones(2), np.sin(x), x)

        self.assertIs(type(gx), np.ndarray)
        self.assertTrue(np.allclose(gx, np.cos(x)))

    def test_threads_do_not_disturb_each_other(self):
        found = {}

        def work(start):
            for i in range(start, 50, 4):
                with no_grad():
                    np.exp(Variable(np.array(1.0)))
                found[i] = derivative(i / 10)

        threads = [threading.Thread(target=work, args=[i]) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        for i in range(50):
            self.assertEqual(found[i], derivative(i / 10))
        self.assertTrue(Config.enable_backprop)

    def test_a_function_called_twice_is_two_nodes(self):
        f = F.Sin()
        a, b = Variable(np.array(2.0)), Variable(np.array(5.0))
        (f(a) + f(b)).backward()

        self.assertEqual(a.grad.data, np.cos(2.0))
        self.assertEqual(b.grad.data, np.cos(5.0))

    def test_what_was_stretched_is_summed(self):
        x, w = Variable(np.ones((2, 1))), Variable(np.array([1.0, 2.0, 3.0]))
        (x * w).backward()

        self.assertEqual(x.grad.data.tolist(), [[6.0], [6.0]])
        self.assertEqual(w.grad.data.tolist(), [2.0, 2.0, 2.0])

    def test_no_two_variables_share_a_gradient(self):
        for create_graph in (False, True):
            a, b = Variable(np.ones(2)), Variable(np.ones(2))
            np.exp(a + b).backward(create_graph=create_graph)

            self.assertFalse(np.shares_memory(a.grad.data, b.grad.data))

    def test_an_array_from_backward_is_refused_where_a_graph_is_wanted(self):
        class Cube(Function):
            def forward(self, x):
                return x**3

            def backward(self, gy):
                return 3 * self.inputs[0].data ** 2 * gy.data

        x = Variable(np.array([1.0, 2.0]))
        y = Cube()(x)
        self.assertEqual(grad(y, x).data.tolist(), [3.0, 12.0])
        with self.assertRaisesRegex(TypeError, "Cube.backward must comp"):
            y.backward(create_graph=True)
