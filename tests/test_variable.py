import unittest

import numpy as np

from dezero.core_simple import Variable, add, numerical_diff, square


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

        self.assertIsInstance(slope, np.ndarray)
        self.assertTrue(np.allclose(slope, 6.0))

    def test_a_number_is_refused_with_the_way_out(self):
        with self.assertRaisesRegex(TypeError, "float; wrap a number"):
            Variable(3.0)

    def test_the_gradients_of_all_uses_are_added(self):
        x = Variable(np.array(3.0))
        add(add(x, x), square(x)).backward()

        self.assertEqual(x.grad, 8.0)

    def test_a_cleared_gradient_starts_anew(self):
        x = Variable(np.array(3.0))
        add(x, x).backward()
        x.cleargrad()
        add(x, x).backward()

        self.assertEqual(x.grad, 2.0)

    def test_no_two_variables_share_a_gradient(self):
        a = Variable(np.array([1.0, 2.0]))
        b = Variable(np.array([5.0, 5.0]))
        add(a, b).backward()

        self.assertFalse(np.shares_memory(a.grad, b.grad))

    def test_rows_are_aligned(self):
        x = Variable(np.array([[1.0, 2.0], [3.0, 4.0]]))

        self.assertEqual(
            repr(x), "variable([[1. 2.]\n          [3. 4.]])"
        )

    def test_without_axes_there_is_no_length(self):
        with self.assertRaisesRegex(TypeError, "its size is 1"):
            len(Variable(np.array(1.0)))
