import unittest

import numpy as np

import dezero.functions as F
from dezero import Variable, grad
from dezero.utils import gradient_check

SCORES = np.random.default_rng(0).normal(size=(4, 3))
LABELS = np.array([0, 2, 1, 2])


class CrossEntropyTest(unittest.TestCase):
    def test_a_constant_added_to_every_score_changes_nothing(self):
        for f in (F.softmax, F.log_softmax):
            moved = f(SCORES + 1000.0)

            self.assertTrue(np.allclose(moved, f(SCORES)))

    def test_an_element_picked_twice_gets_both_gradients(self):
        x = Variable(np.arange(6.0).reshape(2, 3))

        for y in x[[1, 1]], x[(1, 1), :], x[[1, -1]]:
            gx = grad(y.sum(), x)
            self.assertEqual(gx.data.tolist(), [[0] * 3, [2] * 3])

    def test_a_single_score_takes_a_number_as_its_label(self):
        x = Variable(np.array(0.5))
        slope = grad(F.sigmoid_cross_entropy(x, 1), x)

        self.assertTrue(np.allclose(slope, F.sigmoid(x) - 1))

    def test_gradient_check_of_functions_and_losses(self):
        pick = lambda x: x[np.array([1, 1, 0])] ** 2
        clip = lambda x: F.clip(x, -0.5, 0.5) ** 2
        for f in (F.softmax, F.log_softmax, F.max, F.min, pick, clip):
            agrees = gradient_check(lambda x: f(x) ** 2, SCORES)
            self.assertTrue(agrees)
        p, t = 0.5 + 0.1 * SCORES[:, 0], LABELS // 2
        for f, x, labels in (
            (F.softmax_cross_entropy, SCORES, LABELS),
            (F.softmax_cross_entropy_simple, SCORES, LABELS),
            (F.sigmoid_cross_entropy, SCORES[:, 0], t),
            (F.binary_cross_entropy, p, t),
        ):
            self.assertTrue(gradient_check(f, x, labels))

    def test_second_derivatives_are_those_of_the_small_operations(self):
        def second(f):
            x = Variable(SCORES)
            gx = grad(f(x, LABELS), x, create_graph=True)
            return grad((gx * gx).sum(), x)

        expected = second(F.softmax_cross_entropy_simple)
        found = second(F.softmax_cross_entropy)
        self.assertTrue(np.allclose(found, expected))

    def test_labels_that_do_not_fit_are_errors(self):
        for labels, way in (
            (LABELS.reshape(-1, 1), "reshape"),
            (np.eye(3)[LABELS], "argmax"),
            (LABELS.astype(float), "astype"),
            (LABELS + 1, "from 1 to 3"),
            (LABELS - 1, "from -1 to 1"),
            (LABELS[1:], "t .3,."),
        ):
            with self.assertRaisesRegex(ValueError, way):
                F.softmax_cross_entropy(SCORES, labels)
