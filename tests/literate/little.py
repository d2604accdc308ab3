"""What the tests' little books have in common: a project whose package is called ``dezero``."""

from __future__ import annotations

from pathlib import Path

from literate.fold.book import Session
from literate.read.project import Project
from literate.run.jobs import made
from literate.run.sessions import Results, session_job

LIBRARIES = ("numpy", "pytest", "matplotlib", "graphviz")
BARE = ("numpy", "numpy.ndarray")
WORDS = ("literate", "mkdocs", "uv", "pip", "git", "dot")
PROJECT = (
    f'[tool.literate]\npackage = "dezero"\nlibraries = {[*LIBRARIES]}\nbare = {[*BARE]}\nwords = {[*WORDS]}\n'
)
# A class with a method, and a function, for what is told of definitions.
BOX = '''
    ```python title="src/dezero/core.py"
    class Box:
        """A box.

        And more.
        """

        def size(self):
            """How much it holds."""
            return 1


    def make():
        return Box()
    ```
'''


def project(root: Path = Path()) -> Project:
    """The project of a little book whose files are in memory."""
    return Project(root, "dezero", libraries=LIBRARIES, bare=BARE, words=WORDS)


def drawn(sessions: tuple[Session, ...], project: Project) -> list[Results]:
    """The results of some sessions, those that are kept as they are kept."""
    jobs = [session_job(session, project) for session in sessions]
    found = made(jobs, project)
    return [found[job.key] for job in jobs]


def make_project(root: Path) -> None:
    """Make a folder the project of a little book."""
    (root / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
