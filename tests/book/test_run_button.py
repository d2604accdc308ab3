"""The Run buttons of the built site, in a browser: where Pyodide was gathered and Chromium is installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from clicking import clicked, find_browser

from literate.fold.book import load
from literate.run.output import normal
from literate.show.gathering import is_gathered

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BOOK = load(ROOT)


@pytest.fixture(scope="module")
def browser() -> str:
    if not is_gathered(BOOK.project):
        pytest.skip("Pyodide was not gathered (python -m literate pyodide)")
    return find_browser() or pytest.skip("no Chromium is installed")


@pytest.mark.parametrize("key", ["1", "9", "14", "18", "32", "41"])
def test_every_experiment_that_can_run_in_a_browser_gives_the_page_s_output(built, browser, key):
    done = clicked(built.folder, Path(BOOK.chapter(key).page.path).stem, browser)

    assert done["cells"]
    assert [cell for cell in done["cells"] if cell["error"] or not cell["status"]] == []
    different = [cell for cell in done["cells"] if normal(cell["output"]) != normal(cell["page"])]
    assert [cell for cell in different if not cell["note"]] == []


def test_nothing_of_python_is_loaded_before_the_first_click(built, browser):
    before = clicked(built.folder, Path(BOOK.chapter("1").page.path).stem, browser)["before"]

    assert [name.rpartition("/assets/")[2] for name in before if "/live/" in name] == [
        "live/page.css",
        "live/page.js",
    ]
    assert [name for name in before if "pyodide" in name] == []
