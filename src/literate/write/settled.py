"""Whether all is as tangling left it: then nobody has to fold the book to know that nothing is to do.

What is noted is a digest of the pages that were folded and of the texts that came of them, never of what lies
in the project afterwards: what is edited meanwhile counts as edited.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256

from literate.read.files import Files, read_files
from literate.read.project import Project
from literate.run import cache

NAME = "tangled"  # in the cache
LIBRARIES = ("isort", "Markdown", "pymdown-extensions", "PyYAML")  # that say what comes of a page


def is_settled(project: Project) -> bool:
    """Whether pages and tangled files are those of the last note."""
    try:
        paths, noted = cache.read(project.root, NAME)
        tangled = {path: (project.root / path).read_bytes() for path in paths}
    except (TypeError, ValueError, OSError):
        return False
    real = all(os.path.realpath(project.root / path) == str(project.root / path) for path in paths)
    return bool(real and noted == _digest(project, read_files(project)[0], tangled))


def note(project: Project, pages: Files, tangled: Mapping[str, bytes]) -> None:
    """Note that of these pages, which were read before they were folded, these files have come."""
    cache.write(project.root, NAME, [[*tangled], _digest(project, pages, tangled)])


def _digest(project: Project, pages: Files, tangled: Mapping[str, bytes]) -> str:
    parts = [cache.tool(LIBRARIES), repr(project), repr(pages), repr(sorted(tangled.items()))]
    return sha256("\0".join(parts).encode()).hexdigest()
