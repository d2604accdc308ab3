"""The lab of engines: its programs, its figures, and the date that its words are about."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "compare_engines.py"
spec = importlib.util.spec_from_file_location("compare_engines", SCRIPT)
compare_engines = importlib.util.module_from_spec(spec)
spec.loader.exec_module(compare_engines)
FIGURES = json.loads(compare_engines.FIGURES.read_text())
LAB = compare_engines.lab()


@pytest.mark.slow
def test_autograd_gives_the_same_for_all_work_that_it_can_do():
    ours, theirs = (LAB["programs"](name) for name in ("ours", "Autograd"))

    assert list(ours) == list(LAB["WORK"])
    assert len(theirs) == 5
    for work, program in theirs.items():
        found, expected = (compare_engines.norms(run()) for run in (ours[work], program))
        assert np.allclose(found, expected, rtol=0.01), work


def test_the_figures_are_those_of_the_work_and_the_date_of_the_lab():
    names = list(LAB["ENGINES"])

    assert list(FIGURES["ratios"]) == list(FIGURES["seconds"]) == list(LAB["WORK"])
    assert all(set(row) <= set(names) for row in FIGURES["ratios"].values())
    assert set(FIGURES["versions"]) == set(names) - {"ours"}
    assert f'figures["date"] == "{FIGURES["date"]}"' in compare_engines.LAB.read_text()


def test_results_that_differ_are_noticed():
    assert compare_engines.same([1.0, 2.0], [1.001, 2.0])
    assert not compare_engines.same([1.0, 2.0], [1.1, 2.0])
    assert not compare_engines.same([1.0], [1.0, 2.0])
