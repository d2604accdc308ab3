"""Write several files so that a kill at any moment leaves each of them old or new, and none of them half.

All new texts go to temporary files beside their targets, then take their places one by one. Of several
runs one writes at a time.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import BinaryIO

from literate.read.finding import BookError, Finding
from literate.read.project import FILE, Project

TEMPORARY = ".literate-tmp"
PATIENCE = 60.0  # seconds that a run waits for another one


if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        file.seek(1 << 30)  # beyond its end: who reads it is not disturbed
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def alone(project: Project) -> Iterator[None]:
    """Let no other run of the tool write in the project; at the end, delete what killed ones have left.

    Raises:
        BookError: another one is at work, and does not end.
    """
    deadline = time.monotonic() + PATIENCE
    with open(project.root / FILE, "rb") as file:
        while True:
            try:
                _lock(file)
                break
            except (BlockingIOError, PermissionError):
                if time.monotonic() > deadline:
                    message = "another run of the tool is writing in this project; let it end, and try again"
                    raise BookError([Finding(FILE, 1, message)]) from None
                time.sleep(0.05)
            except OSError:  # a file system without locks
                break
        yield
        _clean(project)


def obstacle(root: Path, path: str) -> str | None:
    """Why the file at ``path`` must not be written or removed, and the way out; None if it may."""
    target = root / path
    if misplaced := outside(root, path):
        return misplaced
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"cannot be written ({error.strerror}); clear the way to it"
    if not stat.S_ISREG(mode):
        return "is a directory, and the book writes a file there; move it away"
    if not mode & stat.S_IWUSR:
        return "is read-only; make it writable (`chmod u+w`)"
    return None


def outside(root: Path, path: str) -> str | None:
    """What is wrong with a path that a link leads elsewhere: nothing is written through links."""
    literal, real = Path(os.path.realpath(root)) / path, Path(os.path.realpath(root / path))
    if os.path.normcase(real) == os.path.normcase(literal):
        return None
    return (
        f"leads to {real.as_posix()} through a link, and nothing is written there; make it a place of its own"
    )


def replace_files(
    root: Path,
    files: Mapping[str, bytes],
    removals: Iterable[str] = (),
    last: Mapping[str, bytes] = MappingProxyType({}),
) -> None:
    """Write ``files``, remove ``removals``, then write ``last``.

    Raises:
        BookError: something is in the way. In most cases that is seen before any file has changed.
    """
    staged = _stage(root, {**files, **last})
    for path in files:
        _into_place(root, path, staged[path])
    for path in removals:
        _remove(root, path, files)
    for path in last:
        _into_place(root, path, staged[path])


@contextmanager
def _as_finding(path: str, done: str, way_out: str = "clear the way and run this again") -> Iterator[None]:
    """Make a finding of what the system says."""
    try:
        yield
    except OSError as error:
        message = f"cannot be {done} ({error.strerror}); {way_out}"
        raise BookError([Finding(path, 1, message)]) from None


def temporaries(target: Path) -> list[Path]:
    """What a killed run has left of a file."""
    return sorted(target.parent.glob(f"{_stem(target)}.*{TEMPORARY}"))


def _clean(project: Project) -> None:
    """Delete the temporary files of killed runs."""
    tops = (top for top in (project.docs, project.source, project.tests) if not outside(project.root, top))
    for top in tops:
        for directory, _, names in os.walk(project.root / top):
            for name in names:
                if name.startswith(".") and name.endswith(TEMPORARY):
                    with suppress(OSError):
                        Path(directory, name).unlink()


def _stem(target: Path) -> str:
    return f".{target.name.lstrip('.')}"


def _stage(root: Path, files: Mapping[str, bytes]) -> dict[str, Path]:
    staged: dict[str, Path] = {}
    try:
        for path, content in files.items():
            target = root / path
            staged[path] = target.with_name(f"{_stem(target)}.{os.getpid()}{TEMPORARY}")
            with _as_finding(path, "written", "clear the way, nothing has been changed"):
                target.parent.mkdir(parents=True, exist_ok=True)
                _write_through(staged[path], content, target)
    except BookError:
        for leftover in staged.values():
            with suppress(OSError):
                leftover.unlink()
        raise
    return staged


def _write_through(temporary: Path, content: bytes, target: Path) -> None:
    temporary.unlink(missing_ok=True)
    with open(temporary, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileNotFoundError):
        os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))


def _into_place(root: Path, path: str, temporary: Path) -> None:
    with _as_finding(path, "replaced"):
        os.replace(temporary, root / path)


def _remove(root: Path, path: str, written: Iterable[str]) -> None:
    target = root / path
    with _as_finding(path, "removed"):
        # Where case makes no difference, Core.py may be core.py.
        if target.exists() and not any(target.samefile(root / other) for other in written):
            target.unlink()
            _remove_empty(target, root / PurePosixPath(path).parts[0])


def _remove_empty(removed: Path, top: Path) -> None:
    """Delete the bytecode of a removed module, and the directories that hold nothing any more."""
    bytecode = removed.parent / "__pycache__"
    with suppress(OSError):
        for file in bytecode.glob(f"{removed.stem}.*.pyc"):
            file.unlink()
        bytecode.rmdir()
    with suppress(OSError):
        for directory in removed.parents:
            if directory == top:
                return
            directory.rmdir()
