import unittest

import numpy as np

from dezero import Variable
from dezero.utils import get_dot_graph, plot_dot_graph


def program(name):
    x = Variable(np.array(3.0), name)
    return x * x + x


class DotTest(unittest.TestCase):
    def test_the_same_graph_gives_the_same_text(self):
        one, other = program("x"), program("x")

        self.assertEqual(get_dot_graph(one), get_dot_graph(other))

    def test_three_uses_are_one_node_and_three_edges(self):
        lines = get_dot_graph(program("x")).splitlines()

        self.assertEqual(sum('label="x' in line for line in lines), 1)
        self.assertEqual(sum("v2 ->" in line for line in lines), 3)

    def test_a_variable_alone_is_a_graph(self):
        x = Variable(np.zeros((2, 3)), "x")

        self.assertIn('"x: (2, 3) float64"', get_dot_graph(x))
        self.assertIn('"x"', get_dot_graph(x, verbose=False))
        self.assertIsNone(x._repr_svg_())

    def test_what_dot_would_read_as_its_own_is_escaped(self):
        y = program('a "b" \\N')

        self.assertIn(r'"a \"b\" \\N: ()', get_dot_graph(y))

    def test_an_unknown_extension_is_refused(self):
        with self.assertRaisesRegex(ValueError, "ends in .svg, .png"):
            plot_dot_graph(program("x"), to_file="graph.bmp")
