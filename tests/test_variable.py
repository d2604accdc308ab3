import unittest

import numpy as np

from dezero import Variable, numerical_diff, square


class VariableTest(unittest.TestCase):
    def test_backward_walks_a_chain_of_any_length(self):
        x = y = Variable(np.array(1.0))
        for _ in range(5000):
            y = square(y)
        y.grad = np.array(0.0)
        y.backward()

        self.assertEqual(x.grad, 0.0)

    def test_backward_of_a_variable_that_nobody_computed_is_one(self):
        x = Variable(np.array(3.0))
        x.backward()

        self.assertEqual(x.grad, 1.0)

    def test_the_result_for_an_array_without_axes_is_an_array(self):
        y = square(Variable(np.array(3.0)))

        self.assertIsInstance(y.data, np.ndarray)

    def test_small_steps_work_for_an_array_without_axes(self):
        slope = numerical_diff(square, Variable(np.array(3.0)))

        self.assertTrue(np.allclose(slope, 6.0))

    def test_a_number_is_refused_with_the_way_out(self):
        with self.assertRaisesRegex(TypeError, "float; wrap a number"):
            Variable(3.0)
