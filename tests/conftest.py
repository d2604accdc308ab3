"""What all tests share: what is slow, what comes first, and a heap that is not looked at again.

Files run in the order that is made here (``--no-loadscope-reorder``), as many at once as there are cores.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable
from pathlib import Path

import pytest

QUICK_PAGES = re.compile("step0[1-3]|README")
LONGEST = "test_mine"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a page runs is slow, but for the first chapters; what is written on it is not."""
    for item in items:
        if item.path.suffix == ".md" and item.name != "page" and not QUICK_PAGES.match(item.path.stem):
            item.add_marker(pytest.mark.slow)
    items.sort(key=_turn({item.path for item in items if "built" in getattr(item, "fixturenames", ())}))


def _turn(of_the_site: set[Path]) -> Callable[[pytest.Item], int]:
    """The longest file and the pages first; what asks for the site last, since it needs what the pages keep.

    But one file asks for it sooner, so that it is built while others are tested.
    """
    builds = min(of_the_site, default=None)

    def turn(item: pytest.Item) -> int:
        if item.path.stem == LONGEST:
            return 0
        if item.path.suffix == ".md":
            return 1
        if item.path == builds:
            return 2
        return 4 if item.path in of_the_site else 3

    return turn


def pytest_collection_finish() -> None:
    """Freeze what collecting made: thousands of tests, which a full collection would visit each time."""
    gc.collect()
    gc.freeze()
