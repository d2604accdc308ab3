"""What all tests share: what is slow beside the tests, and a heap that is not looked at again."""

from __future__ import annotations

import gc
import re

import pytest

QUICK_PAGES = re.compile("step0[1-3]|README")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a page runs is slow, but for the first chapters; what is written on it is not."""
    for item in items:
        if item.path.suffix == ".md" and item.name != "page" and not QUICK_PAGES.match(item.path.stem):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Freeze what collecting made: thousands of tests, which a full collection would visit each time."""
    gc.collect()
    gc.freeze()
