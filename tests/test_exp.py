import unittest

import numpy as np

from dezero.core_simple import Variable, exp, numerical_diff, square


class ExpTest(unittest.TestCase):
    def test_forward(self):
        x = Variable(np.array([-1.0, 0.0, 1.0]))
        y = exp(x)

        self.assertTrue(np.allclose(y.data, [1 / np.e, 1.0, np.e]))

    def test_gradient_check(self):
        x = Variable(np.random.default_rng(0).standard_normal(10))
        y = exp(x)
        y.backward()

        self.assertTrue(np.allclose(x.grad, numerical_diff(exp, x)))

    def test_the_chain_of_chapter_6(self):
        x = Variable(np.random.default_rng(0).standard_normal(10))
        y = exp(square(square(x)))
        y.backward()

        slope = 4 * x.data**3 * np.exp(x.data**4)
        self.assertTrue(np.allclose(x.grad, slope))
