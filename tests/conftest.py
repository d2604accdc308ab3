"""What all tests share: a heap whose large part the collector need not look at again."""

import gc


def pytest_collection_finish():
    """Freeze what collecting made: thousands of tests, which a full collection would visit each time."""
    gc.collect()
    gc.freeze()
