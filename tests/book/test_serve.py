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
markdown_extensions:
  - attr_list
  - pymdownx.superfences: {disable_indented_code_blocks: true}
  - literate.show.extension
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

    def page(self) -> str:
        try:
            with urllib.request.urlopen(self.url, timeout=10) as response:
                return str(response.read().decode())
        except OSError:
            return ""

    def shows(self, text: str) -> bool:
        """Whether the page comes to show a text."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if text in self.page():
                return True
            time.sleep(0.1)
        return False


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "docs").mkdir()
    config = CONFIG.replace("HOOK", HOOK.as_posix())
    (tmp_path / "mkdocs.yml").write_text(config, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.literate]\npackage = "dezero"\n')
    chapter = tmp_path / "docs" / "step01-chapter.md"
    chapter.write_text(CHAPTER, encoding="utf-8")
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
            yield Server(chapter, log, f"http://{address}/step01-chapter/")
        finally:
            process.terminate()


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
