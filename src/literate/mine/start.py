"""The folder in which a reader types along: outside the book, with files that Python finds first."""

from __future__ import annotations

import json
from pathlib import Path

from literate.read.project import FILE, Project

README = Path(__file__).with_name("typing-along.md")


def first_files(project: Project) -> dict[str, bytes]:
    """The files of a new folder: they name the book, so that the tool finds it from there."""
    package = project.package
    run, check = next_steps(project)
    said = {"package": package, "home": f"{project.source}/{package}", "tests": project.tests}
    texts = {
        FILE: f"[tool.literate]\nbook = {json.dumps(str(project.root))}\n",
        "README.md": README.read_text(encoding="utf-8").format(**said, run=run, check=check),
        "chapter01.py": "# The experiments of chapter 1\n",
        f"{package}.py": "",  # there already, so that no other package of that name is imported
    }
    return {name: text.encode() for name, text in texts.items()}


def next_steps(project: Project) -> list[str]:
    """What to run in the folder: the experiments of chapter 1, and the check of what was typed."""
    return ["python chapter01.py", f"literate check 1 --mine {project.package}.py"]
