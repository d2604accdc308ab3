"""The house rules that a program can hold: lint, types, what is tracked, what the wheel holds."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TOP = {"docs", "src", "tests", "mkdocs.yml", "pyproject.toml", "README.md", "LICENSE", "findings"}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True)


def tracked() -> list[str]:
    result = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if result.returncode:
        pytest.skip("not a git checkout")
    return result.stdout.splitlines()


@pytest.mark.parametrize("command", [("check",), ("format", "--check")], ids=["lint", "layout"])
def test_ruff_finds_nothing(command: tuple[str, ...]) -> None:
    result = run("ruff", *command, ".")

    assert result.returncode == 0, result.stdout


def test_mypy_finds_nothing() -> None:
    result = run("mypy")

    assert result.returncode == 0, result.stdout


def test_the_top_of_the_repository_is_what_it_is_meant_to_be() -> None:
    top = {path.split("/")[0] for path in tracked()}

    assert {name for name in top if not name.startswith(".")} == TOP


def test_no_file_of_somebody_else_is_tracked() -> None:
    foreign = re.compile(
        r"\.(woff2?|ttf|otf|wasm|whl)$|katex|mathjax|\.min\.(js|css)$|^uv\.lock$", re.IGNORECASE
    )

    assert [path for path in tracked() if foreign.search(path)] == []


def test_no_file_names_the_host_of_a_registry() -> None:
    hosts = re.compile("|".join(["pypi" + r"\.org", "pythonhosted" + r"\.org", "registry" + r"\.npmjs"]))
    texts = {path: (ROOT / path).read_bytes().decode("utf-8", "replace") for path in tracked()}

    assert [path for path, text in texts.items() if hosts.search(text)] == []


def test_the_package_needs_numpy_alone() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert [re.match(r"[\w-]+", need)[0] for need in project["dependencies"]] == ["numpy"]  # type: ignore[index]


def test_the_wheel_holds_the_package_alone(tmp_path: Path) -> None:
    result = run("hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    assert result.returncode == 0, result.stderr

    (wheel,) = tmp_path.glob("*.whl")
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}

    assert {name for name in names if not name.endswith(".dist-info")} in ({"dezero.py"}, {"dezero"})
