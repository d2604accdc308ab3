"""Asserts that tell their values."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from literate.run.cell import tell_values

SEEN = {
    "arguments": ("np.allclose(x, [1, 3])", "assert np.allclose(x, [1, 3]), where x is array([1, 2])"),
    "both sides": ("len(x) == y", "assert len(x) == y, where len(x) is 2 and y is 5"),
    "a chain": ("0 < y < len(x)", "assert 0 < y < len(x), where y is 5 and len(x) is 2"),
    "only what was reached": ("y < 0 and x.nothing", "assert y < 0 and x.nothing, where y is 5"),
    "a negation": ("not y", "assert not y, where y is 5"),
    "a name": ("nothing", "assert nothing, where nothing is 0"),
    "no types": ("isinstance(x, list)", "assert isinstance(x, list), where x is array([1, 2])"),
    "nothing of a comprehension": ("all(e > 1 for e in x)", "assert all(e > 1 for e in x)"),
    "the author's message": ("y == 4, 'so'", "so: assert y == 4, where y is 5"),
    "a repr that fails": ("broken == 1", "where broken is a Broken whose repr raises ZeroDivisionError"),
    "the start of a long value": ("many == 1", f"where many is [{'0, ' * 52}0,…"),
    "in a function": ("(lambda: y)() == f(y)", "where (lambda: y)() is 5 and f(y) is 6"),
}


@pytest.mark.parametrize(("claim", "told"), SEEN.values(), ids=SEEN)
def test_an_assert_tells_what_it_saw(claim, told):
    class Broken:
        def __repr__(self):
            return f"{1 / 0}"

    names = {"np": np, "x": np.array([1, 2]), "y": 5, "nothing": 0, "f": lambda y: y + 1}
    names |= {"broken": Broken(), "many": [0] * 99}
    source = f"def claim():\n    assert {claim}\n\n\nclaim()\n"
    tree = ast.parse(source)
    tell_values(tree, source.encode())

    with pytest.raises(AssertionError) as raised:
        exec(compile(tree, "block", "exec"), names)
    assert told in str(raised.value)


def test_an_assert_that_holds_leaves_no_value_behind():
    source = "x = []\nassert len(x) == 0 and not x"
    tree = ast.parse(source)
    tell_values(tree, source.encode())
    names = {}
    exec(compile(tree, "block", "exec"), names)

    assert {value for name, value in names.items() if name.startswith("@")} == {None}
