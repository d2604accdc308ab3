"""What all tests share: what is slow beside the tests, and a heap that is not looked at again."""

from __future__ import annotations

import gc

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The answers are slow, and so is each chapter's package with its tests; experiments are not."""
    for item in items:
        if item.path.suffix == ".md" and (item.path.stem == "answers" or item.name == "package"):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Freeze what collecting made: thousands of tests, which a full collection would visit each time."""
    gc.collect()
    gc.freeze()
