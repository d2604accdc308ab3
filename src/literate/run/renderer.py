"""The program that draws graphs.

This text also stands in the first cell of every notebook, so it needs the standard library alone.
"""

from __future__ import annotations

import os
import shutil
import sysconfig


def renderer() -> str | None:
    """The program that draws graphs: graphviz-pure, in the folders where pip puts programs too, else dot."""
    schemes = sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user")
    folders = [sysconfig.get_path("scripts", scheme) for scheme in schemes]
    path = os.pathsep.join([*folders, os.environ.get("PATH", "")])
    return shutil.which("graphviz-pure", path=path) or shutil.which("dot")
