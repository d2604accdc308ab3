import unittest

import numpy as np

from dezero.core_simple import Variable, add, numerical_diff


class AddTest(unittest.TestCase):
    def setUp(self):
        rng = np.random.default_rng(0)
        self.x0 = Variable(rng.standard_normal(10))
        self.x1 = Variable(rng.standard_normal(10))
        self.y = add(self.x0, self.x1)

    def test_forward(self):
        expected = self.x0.data + self.x1.data

        self.assertTrue(np.array_equal(self.y.data, expected))

    def test_gradient_check(self):
        self.y.backward()
        slope0 = numerical_diff(lambda x: add(x, self.x1), self.x0)
        slope1 = numerical_diff(lambda x: add(self.x0, x), self.x1)

        self.assertTrue(np.allclose(self.x0.grad, slope0))
        self.assertTrue(np.allclose(self.x1.grad, slope1))
