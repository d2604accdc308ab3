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
        x = Variable(np.array([5.0, 6.0, 7.0]))
        gx = grad(x[[0, 2, 0]].sum(), x)

        self.assertEqual(gx.data.tolist(), [2.0, 0.0, 1.0])

    def test_a_tuple_or_a_range_inside_an_index_counts_as_well(self):
        x = Variable(np.arange(6.0).reshape(2, 3))
        gx = grad(x[:, (1, 1)].sum() + x[range(1)].sum(), x)

        self.assertEqual(gx.data.tolist(), [[1, 3, 1], [0, 2, 0]])

    def test_a_single_score_has_a_loss_and_a_gradient(self):
        x = Variable(np.array(0.5))
        slope = grad(F.sigmoid_cross_entropy(x, np.array(1)), x)

        self.assertTrue(np.allclose(slope, F.sigmoid(x) - 1))

    def test_the_largest_share_the_gradient(self):
        x = Variable(np.array([[3.0, 3.0, 1.0]]))

        for axis in (None, 1, (0, 1)):
            gx = grad(x.max(axis).sum(), x)
            self.assertEqual(gx.data.tolist(), [[0.5, 0.5, 0.0]])

    def test_gradient_check_of_functions_and_losses(self):
        pick = lambda x: x[np.array([1, 1, 0])] ** 2
        clip = lambda x: F.clip(x, -0.5, 0.5) ** 2
        for f in (F.softmax, F.log_softmax, F.max, F.min, pick, clip):
            check = gradient_check(lambda x: f(x) ** 2, SCORES)
            self.assertTrue(check)
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

    def test_float32_stays_float32(self):
        x = Variable(SCORES.astype(np.float32))
        loss = F.softmax_cross_entropy(x, LABELS)

        self.assertEqual(loss.dtype, np.float32)
        self.assertEqual(grad(loss, x).dtype, np.float32)

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

    def test_an_empty_batch_is_an_error(self):
        none = np.zeros(0, int)
        for f, x in (
            (F.softmax_cross_entropy, SCORES[:0]),
            (F.sigmoid_cross_entropy, SCORES[:0, 0]),
            (F.binary_cross_entropy, SCORES[:0, 0]),
        ):
            with self.assertRaisesRegex(ValueError, "at least one"):
                f(x, none)
