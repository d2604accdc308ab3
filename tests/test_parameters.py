import unittest

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero import Layer, Parameter, Variable


class ParametersTest(unittest.TestCase):
    def test_parameters_come_in_the_order_of_assignment(self):
        class Mixed(Layer):
            def __init__(self):
                self.b = Parameter(np.ones(1))
                self.x = Variable(np.ones(1))
                self.a = Parameter(np.ones(2))
                self.b = Parameter(np.ones(3))
                self.n = 4

        layer = Mixed()
        parameters = list(layer.params())

        self.assertIs(parameters[0], layer.b)
        self.assertIs(parameters[1], layer.a)
        self.assertEqual(len(parameters), 2)

    def test_linear_begins_with_the_deviation_of_lecun(self):
        np.random.seed(0)
        layer = L.Linear(300, in_size=400)

        self.assertAlmostEqual(layer.W.data.std() * 20, 1, places=2)
        self.assertFalse(layer.b.data.any())

    def test_float32_stays_float32(self):
        x = np.ones((4, 3), dtype=np.float32)
        layer = L.Linear(2)
        loss = F.mean_squared_error(layer(x), np.zeros_like(x[:, :2]))
        loss.backward()

        found = [loss, layer.W, layer.b, layer.W.grad, layer.b.grad]
        self.assertEqual({v.dtype for v in found}, {x.dtype})
        self.assertEqual(L.Linear(2, dtype=float)(x).dtype, float)

    def test_the_first_input_tells_in_size(self):
        for x in np.ones((4, 3)), np.ones((2, 4, 3)), np.ones(3):
            layer = L.Linear(2)
            self.assertIsNone(layer.W.data)

            self.assertEqual(layer(x).shape, (*x.shape[:-1], 2))
            self.assertEqual(layer.W.shape, (3, 2))

    def test_a_result_of_a_parameter_is_no_parameter(self):
        W = Parameter(np.ones(2))

        self.assertIs(type(2 * W), Variable)

    def test_a_layer_without_forward_says_what_it_needs(self):
        class Empty(Layer):
            pass

        message = "Empty needs a forward method"
        with self.assertRaisesRegex(NotImplementedError, message):
            Empty()(np.ones(3))
