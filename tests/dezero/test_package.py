"""The package as a whole: its public names, and what importing it needs."""

import importlib
import subprocess
import sys

import pytest

import dezero


def test_the_public_list_is_what_can_be_imported():
    assert all(hasattr(dezero, name) for name in dezero.__all__)
    assert dezero.__all__ == sorted(dezero.__all__)


@pytest.mark.parametrize("module", ["dezero", "dezero.core_simple", "dezero.core"])
def test_the_imports_of_the_original_work(module):
    switches = ["using_config", "no_grad", "as_array", "as_variable", "setup_variable"]
    classes = ["Variable", "Function", "Add", "Mul", "Neg", "Sub", "Div", "Pow"]
    operations = ["add", "mul", "neg", "sub", "rsub", "div", "rdiv", "pow"]

    imported = importlib.import_module(module)

    assert all(callable(getattr(imported, name)) for name in switches + classes + operations)
    assert imported.setup_variable() is None


def test_setup_variable_has_nothing_left_to_do(engine):
    before = dict(vars(engine.Variable))

    engine.setup_variable()

    assert dict(vars(engine.Variable)) == before


@pytest.mark.slow
def test_importing_the_package_needs_only_numpy_and_the_standard_library():
    others = {"matplotlib", "graphviz", "cupy", "mpi4py"}
    code = f"import sys, dezero; print(sorted({others} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
