"""How long an author waits: from saving a chapter to the new page, with `mkdocs serve` on a copy of the book.

    uv run python tests/benchmarks/bench_serve.py [STEP ...]

The promise: two seconds on a warm site, one for prose. Experiments that take long are put off: beside it
stands when they have run. Besides, from the same run: how long the first page takes, and a build,
both from nothing, and the processor time of a rebuild with nothing changed.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROUNDS = 3
WAITS = "literate-again"  # on a page whose experiments are still to run
PROMISE, PROMISE_FOR_PROSE = 2.0, 1.0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("docs", "src"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("mkdocs.yml", "pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, root)
        print(f"first page, from nothing     {first_page(root):5.1f} s")
        shutil.rmtree(root / ".cache")
        print(f"build from nothing           {build(root):5.1f} s")
        print(f"build, caches warm           {build(root):5.1f} s")
        print(f"rebuild, nothing changed     {rebuild(root):5.2f} s of processor time")
        serve(root)


def build(root: Path) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "-q"], cwd=root, env=environment(), check=True)
    return time.perf_counter() - start


def rebuild(root: Path) -> float:
    """The processor time of a build as `mkdocs serve` does it, after one like it."""
    script = f"""
import time
from mkdocs.commands.build import build
from mkdocs.config import load_config

config = load_config(site_dir={str(root / "site")!r})
config.plugins.on_startup(command="serve", dirty=False)
for _ in range(3):
    start = time.process_time()
    build(config, serve_url="http://127.0.0.1:8000/")
    seconds = time.process_time() - start
    config = load_config(site_dir=config.site_dir)
print(seconds)
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=root, env=environment(), check=True, capture_output=True, text=True)
    return float(done.stdout)


def environment() -> dict[str, str]:
    return {**os.environ, "NO_MKDOCS_2_WARNING": "1"}


@contextmanager
def server(root: Path) -> Iterator[str]:
    """A server, by its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [sys.executable, "-m", "mkdocs", "serve", "-q", "-a", address]
    with subprocess.Popen(command, cwd=root, env=environment()) as process:
        try:
            yield f"http://{address}/"
        finally:
            process.send_signal(signal.SIGINT)


def first_page(root: Path) -> float:
    start = time.perf_counter()
    with server(root) as url:
        shown(url, "")
        return time.perf_counter() - start


def serve(root: Path) -> None:
    with server(root) as address:
        for chapter in chapters(root):
            url = f"{address}{chapter.stem}/"
            shown(url, "")
            prose = [edit(chapter, url, r"\n\n(?=## )", "\n\nMark {}.\n\n") for _ in range(ROUNDS)]
            code = [edit(chapter, url, r"```python\n", "```python\nmark = {}\n") for _ in range(ROUNDS)]
            served = [time for time, _ in prose + code]
            median_of_prose, median_of_code = (median([time for time, _ in times]) for times in (prose, code))
            kept = max(served) <= PROMISE and median_of_prose <= PROMISE_FOR_PROSE
            times = (
                f"prose {median_of_prose:4.2f} s, code {median_of_code:4.2f} s, worst {max(served):4.2f} s"
            )
            ran = f"code has run after {median([time for _, time in code]):4.2f} s"
            print(f"{chapter.stem:45} {times}: {'kept' if kept else 'MISSED'}; {ran}")


def chapters(root: Path) -> list[Path]:
    """The chapters of the steps that were asked for, or all."""
    steps = {f"step{int(step):02}" for step in sys.argv[1:]}
    found = sorted((root / "docs").glob("step*.md"))
    return [path for path in found if not steps or path.name[:6] in steps]


def edit(chapter: Path, url: str, place: str, text: str) -> tuple[float, float]:
    """Seconds from saving a change to the page that shows it, and to that which waits for nothing."""
    original = chapter.read_text(encoding="utf-8")
    mark = str(time.time_ns())
    start = time.perf_counter()
    chapter.write_text(re.sub(place, text.format(mark), original, count=1), encoding="utf-8")
    shown(url, mark)
    served = time.perf_counter() - start
    shown(url, WAITS, gone=True)
    ran = time.perf_counter() - start
    chapter.write_text(original, encoding="utf-8")
    shown(url, mark, gone=True)
    shown(url, WAITS, gone=True)
    return served, ran


def shown(url: str, text: str, gone: bool = False) -> None:
    while True:
        try:
            with urllib.request.urlopen(url, timeout=30) as response:
                if (text in response.read().decode()) is not gone:
                    return
        except OSError:
            pass
        time.sleep(0.1)


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    main()
