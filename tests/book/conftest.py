"""The site, built once for all that is asked of it, whichever process of pytest asks first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]


class Built(NamedTuple):
    """Where the site is, how the build ended, and what it said."""

    folder: Path
    code: int
    said: str


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    base = tmp_path_factory.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base  # what all processes of this run share
    folder, ended = run / "built-site", run / "built-site.json"
    with FileLock(run / "built-site.lock"):
        if not ended.exists():
            ended.write_text(json.dumps(_build(folder)), encoding="utf-8")
    return Built(folder, *json.loads(ended.read_text("utf-8")))


def _build(folder: Path) -> tuple[int, str]:
    """Build the site as a user does; how it ended, and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout + done.stderr
