"""``mkdocs serve`` while somebody writes: an edit shows, a mistake shows, and the server lives on."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

HOOK = Path(__file__).parents[2] / "src" / "literate" / "mkdocs_hook.py"
PATIENCE = 60.0  # seconds, for a busy machine; how long an edit takes is measured in tests/benchmarks
CONFIG = """\
site_name: Sample
theme: {name: material, font: false}
hooks: [HOOK]
nav:
  - "1 · Chapter": step01-chapter.md
  - "2 · Later": step02-later.md
markdown_extensions:
  - attr_list
  - pymdownx.superfences: {disable_indented_code_blocks: true}
  - pymdownx.blocks.html
"""
CHAPTER = """\
# Chapter

```python title="src/dezero.py"
def double(x):
    return 2 * x
```

```python
from dezero import double

print(double(21))
```

```text title="Output"
42
```

```python
class Drawn:
    def _repr_svg_(self):
        return "<svg><g>drawn " + "by a run</g></svg>"

Drawn()
```

```text title="Figure"
A caption.

What is seen.
```
"""
LATER = """\
# Later

```python
import time
from pathlib import Path

import dezero

while hasattr(dezero, "slow") and not Path("GATE").exists():
    time.sleep(0.05)
print(dezero.double(21))
```

```text title="Output"
42
```
"""


@dataclass
class Server:
    chapter: Path
    log: Path
    url: str

    def edit(self, old: str, new: str) -> None:
        text = self.chapter.read_text(encoding="utf-8")
        assert old in text
        self.chapter.write_text(text.replace(old, new), encoding="utf-8")

    def page(self, name: str = "step01-chapter/") -> str:
        try:
            with urllib.request.urlopen(self.url + name, timeout=10) as response:
                return str(response.read().decode())
        except OSError:
            return ""

    def shows(self, text: str, name: str = "step01-chapter/", is_there: bool = True) -> bool:
        """Whether the page comes to show a text; or comes to show it no longer."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if (page := self.page(name)) and (text in page) == is_there:
                return True
            time.sleep(0.1)
        return False

    def has_run(self) -> bool:
        """Whether all that the first pages wait for comes to its end."""
        return all(
            self.shows("literate-again", name, is_there=False)
            for name in ("step01-chapter/", "step02-later/")
        )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "docs").mkdir()
    config = CONFIG.replace("HOOK", HOOK.as_posix())
    (tmp_path / "mkdocs.yml").write_text(config, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.literate]\npackage = "dezero"\n')
    chapter = tmp_path / "docs" / "step01-chapter.md"
    chapter.write_text(CHAPTER, encoding="utf-8")
    later = tmp_path / "docs" / "step02-later.md"
    later.write_text(LATER.replace("GATE", (tmp_path / "gate").as_posix()), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    log = tmp_path / "log"
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "serve", "-a", address]
    with log.open("wb") as stream, subprocess.Popen(
        command, cwd=tmp_path, stdout=stream, stderr=subprocess.STDOUT, env=environment
    ) as process:  # fmt: skip
        try:
            yield Server(chapter, log, f"http://{address}/")
        finally:
            process.terminate()


def test_pictures_come_when_the_experiments_have_run(server: Server) -> None:
    assert server.shows("A caption.")
    assert server.shows("<g>drawn by a run</g>")
    assert server.has_run()


def test_a_mistake_shows_on_the_page_and_in_the_terminal_and_the_server_lives_on(server: Server) -> None:
    assert server.shows("42")

    server.edit("double(21)", "double(20)")
    assert server.shows("literate-errors")
    complaint = "docs/step01-chapter.md:14: the output differs"
    assert complaint in server.page()
    assert complaint in server.log.read_text(encoding="utf-8")

    server.edit("double(20)", "double(21)")
    server.edit("# Chapter", "# Chapter\n\nMended.")
    assert server.shows("Mended.")
    assert "literate-errors" not in server.page()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"# Chapter\n\nCaf\xe9", "docs/step01-chapter.md:3: this is not UTF-8; save the file as UTF-8"),
        (b"", "docs/step01-chapter.md:1: the page is empty; write its title, # Some words"),
        (b"# Chapter\n\n[a](nothing.md)", "docs/step01-chapter.md:3: the link to nothing.md leads nowhere"),
        (b"# Chapter\n\n![a](b.svg)", "docs/step01-chapter.md:3: there is no picture b.svg"),
        (b"# Chapter\n\n[a](#b)", "docs/step01-chapter.md:3: this page has no place called #b"),
        (b"# Chapter\n\n$\\frw$", "docs/step01-chapter.md:3: the formula $\\frw$ cannot be read"),
        (
            b"# Chapter\n\n```python\nimport os\nos._exit(0)\n```",
            "docs/step01-chapter.md:5: ends the process with exit code 0",
        ),
    ],
    ids=["no UTF-8", "empty", "link", "picture", "anchor", "formula", "exit"],
)
def test_a_page_that_is_wrong_says_so_itself_and_the_server_lives_on(
    server: Server, content: bytes, complaint: str
) -> None:
    assert server.shows("42")

    server.chapter.write_bytes(content)
    assert server.shows("literate-errors")
    assert complaint in server.page()
    assert complaint in server.log.read_text(encoding="utf-8")

    server.chapter.write_text(f"{CHAPTER}\nMended.\n", encoding="utf-8")
    assert server.shows("Mended.")
    assert "literate-errors" not in server.page()


def test_links_in_a_circle_are_findings_and_the_server_lives_on(server: Server) -> None:
    docs = server.chapter.parent
    assert server.shows("42")

    (docs / "loop.md").symlink_to("loop.md")
    (docs / "again").symlink_to(docs, target_is_directory=True)
    server.edit("# Chapter", "# Chapter\n\nStill here.")
    assert server.shows("Still here.")
    assert "docs/loop.md:1: cannot be read" in server.page("loop/")
    assert "docs/again:1: is a link that leads back" in server.log.read_text(encoding="utf-8")
    assert server.page("again/step01-chapter/") == ""


def test_a_page_that_did_not_change_is_served_as_it_was(server: Server) -> None:
    assert server.shows("42")
    before, search = server.page("lives/"), server.page("search/search_index.json")
    assert "life-double" in before

    server.edit("# Chapter", "# Chapter\n\nMore prose.")
    assert server.shows("More prose.")
    assert _without_reload(server.page("lives/")) == _without_reload(before)
    assert server.page("search/search_index.json").replace(" More prose.", "") != search
    assert '"title":"double"' in server.page("search/search_index.json")


def test_a_chapter_that_builds_on_an_edit_follows_when_its_experiments_have_run(server: Server) -> None:
    assert server.has_run()

    server.edit("def double", "slow = True\n\n\ndef double")
    server.edit("return 2 * x", "return 3 * x")
    server.edit("42", "63")
    assert server.shows("literate-again", "step02-later/")
    assert "literate-again" not in server.page()

    (server.chapter.parents[1] / "gate").touch()
    assert server.shows("literate-errors", "step02-later/")
    assert "literate-again" not in server.page("step02-later/")
    assert "docs/step02-later.md:14: the output differs" in server.log.read_text(encoding="utf-8")


def test_prose_that_is_edited_while_a_page_waits_shows_at_once(server: Server) -> None:
    assert server.has_run()

    server.edit("def double", "slow = True\n\n\ndef double")
    assert server.shows("literate-again", "step02-later/")
    later = server.chapter.with_name("step02-later.md")
    later.write_text(f"{later.read_text(encoding='utf-8')}\nMore words.\n", encoding="utf-8")
    assert server.shows("More words.", "step02-later/")
    assert server.shows("literate-again", "step02-later/")
    (server.chapter.parents[1] / "gate").touch()


def _without_reload(page: str) -> str:
    """A page without the script that waits for the next build."""
    return page.partition("var livereload")[0]
