import unittest

import numpy as np

from dezero.core_simple import Variable, mul, numerical_diff


class OperatorsTest(unittest.TestCase):
    def test_operators_compute_what_they_say(self):
        a, b = Variable(np.array(3.0)), Variable(np.array(2.0))

        self.assertEqual((a * b + a).data, 9.0)

    def test_gradient_check_of_a_product(self):
        rng = np.random.default_rng(0)
        x0 = Variable(rng.standard_normal(10))
        x1 = Variable(rng.standard_normal(10))
        mul(x0, x1).backward()
        slope0 = numerical_diff(lambda x: mul(x, x1), x0)
        slope1 = numerical_diff(lambda x: mul(x0, x), x1)

        self.assertTrue(np.allclose(x0.grad, slope0))
        self.assertTrue(np.allclose(x1.grad, slope1))

    def test_a_factor_used_twice_gets_both_gradients(self):
        x = Variable(np.array(3.0))
        (x * x).backward()

        self.assertEqual(x.grad, 6.0)

    def test_numbers_leave_float32_as_it_is(self):
        for shape in ((), (3,)):
            x = Variable(np.ones(shape, np.float32))
            y = 2.0 * x * 3 + 0.5
            y.backward()

            self.assertEqual(y.dtype, np.float32)
            self.assertEqual(x.grad.dtype, np.float32)

    def test_a_number_beside_integers_stays_that_number(self):
        x = Variable(np.array([1, 2], np.uint8))

        self.assertEqual((x * 2).dtype, np.uint8)
        self.assertEqual((x * 0.5).data.tolist(), [0.5, 1.0])
        with self.assertRaises(OverflowError):
            x * 300

    def test_an_array_on_the_left_gives_one_variable(self):
        y = np.array([10.0, 20.0]) * Variable(np.array([1.0, 2.0]))

        self.assertIsInstance(y, Variable)
        self.assertEqual(y.data.tolist(), [10.0, 40.0])

    def test_what_numpy_cannot_multiply_is_refused(self):
        x = Variable(np.array(3.0))
        for other in ("2", None, {}):
            with self.assertRaises(TypeError):
                x * other

    def test_a_wrong_shape_is_refused(self):
        x = Variable(np.array(3.0))
        y = x * np.ones(2)

        with self.assertRaisesRegex(ValueError, r"\(\), got \(2,\)"):
            y.backward()

    def test_all_operators_at_two(self):
        x = Variable(np.array(2.0))
        ys = [-x, x - 1, 1 - x, x / 4, 4 / x, x**3, 3**x]
        expected = [-2.0, 1.0, -1.0, 0.5, 2.0, 8.0, 9.0]

        self.assertEqual([float(y.data) for y in ys], expected)

    def test_gradient_check_of_all_operators(self):
        data = np.random.default_rng(0).random(10) + 0.5
        for program in (
            lambda x: -x,
            lambda x: 1 - x,
            lambda x: x - x * x,
            lambda x: 4 / x,
            lambda x: x / (x + 1),
            lambda x: x**3,
            lambda x: 3**x,
        ):
            x = Variable(data)
            program(x).backward()

            self.assertTrue(np.allclose(x.grad, numerical_diff(program, x)))
