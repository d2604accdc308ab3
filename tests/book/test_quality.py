"""The house rules that a program can hold: lint, types, what is tracked, what the wheel holds."""

from __future__ import annotations

import ast
import dataclasses
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from literate.read.project import Project

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "src/literate"
OPTIONAL = {
    "IPython",
    "jinja2",
    "jupytext",
    "matplotlib",
    "numpy",
}  # what MkDocs, a lab or an experiment brings
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


def wheel(of: Path, to: Path) -> set[str]:
    """The names of the files in the wheel of a project, its metadata apart."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(to)]
    result = subprocess.run(command, cwd=of, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    (built,) = to.glob("*.whl")
    return {name for name in zipfile.ZipFile(built).namelist() if ".dist-info/" not in name}


def test_the_wheel_holds_the_package_alone(tmp_path: Path) -> None:
    assert {name.split("/")[0] for name in wheel(ROOT, tmp_path)} in ({"dezero.py"}, {"dezero"})


def test_the_wheel_of_the_tool_holds_the_tool_whole(tmp_path: Path) -> None:
    files = {path.removeprefix("src/") for path in tracked() if path.startswith("src/literate/")}

    assert wheel(TOOL, tmp_path) == files - {"literate/pyproject.toml", "literate/LICENSE"}


def test_the_tool_says_what_it_imports() -> None:
    project = tomllib.loads((TOOL / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [need for needs in project["optional-dependencies"].values() for need in needs]
    said = {re.match(r"[\w-]+", need)[0].lower() for need in project["dependencies"] + extras}  # type: ignore[index]
    owners = metadata.packages_distributions()
    foreign = {name for path in TOOL.rglob("*.py") for name in imported(path)} - sys.stdlib_module_names
    needed = {
        name: {owner.lower() for owner in owners.get(name, [name])}
        for name in foreign - OPTIONAL - {"literate"}
    }

    assert {name for name, owner in needed.items() if not owner & said} == set()


def test_the_readme_names_all_that_a_project_may_say() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    named = set(tomllib.loads(table)["tool"]["literate"])

    assert named == {field.name for field in dataclasses.fields(Project)} - {"root", "python"}


def imported(path: Path) -> set[str]:
    """The top names that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module).split(".")[0])
    return names
