"""The folder in which a reader types along: outside the book, with files that Python finds first."""

from __future__ import annotations

import json

from literate.read.project import FILE, Project

README = """\
# Typing along

- `{package}.py` is your package: the blocks with `{home}.py` above them go into it.
- `chapter01.py` holds the blocks of chapter 1 without a path above them.
  Each chapter gets such a file, in this folder.
- What goes into `{tests}/` on the page goes into a folder `{tests}` here.
- When a chapter turns the package into a folder, that is `{package}/` here, with an `__init__.py`.

After each block, and at the end of a chapter:

```sh
{run}
{check}
```
"""


def first_files(project: Project) -> dict[str, bytes]:
    """The files of a new folder: they name the book, so that the tool finds it from there."""
    package = project.package
    run, check = next_steps(project)
    home = f"{project.source}/{package}"
    texts = {
        FILE: f"[tool.literate]\nbook = {json.dumps(str(project.root))}\n",
        "README.md": README.format(package=package, home=home, tests=project.tests, run=run, check=check),
        "chapter01.py": "# The experiments of chapter 1\n",
        f"{package}.py": "",  # there already, so that no other package of that name is imported
    }
    return {name: text.encode() for name, text in texts.items()}


def next_steps(project: Project) -> list[str]:
    """What to run in the folder: the experiments of chapter 1, and the check of what was typed."""
    return ["python chapter01.py", f"literate check 1 --mine {project.package}.py"]
