"""The files of a book -> their texts, and what is wrong with those that cannot be read."""

from __future__ import annotations

from pathlib import Path

from literate.read.finding import BookError, Finding
from literate.read.project import Project

Files = tuple[tuple[str, str], ...]  # of each its path from the root, and its text


def read_files(project: Project) -> tuple[Files, tuple[Finding, ...]]:
    """The nav, the README and all pages.

    Raises:
        BookError: there is no nav.
    """
    files, findings = [], []
    for path in [
        project.root / project.nav,
        project.root / project.readme,
        *_pages(project.root / project.docs),
    ]:
        name = path.relative_to(project.root).as_posix()
        try:
            files.append((name, path.read_bytes().decode("utf-8-sig")))
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            findings.append(Finding(name, line, "this is not UTF-8; save the file as UTF-8"))
        except OSError as error:
            if name == project.nav and isinstance(error, FileNotFoundError):
                message = (
                    f"there is no such file in {project.root}; run the command in the root of the project"
                )
                raise BookError([Finding(name, 1, message)]) from None
            if name != project.readme or path.exists() or path.is_symlink():
                findings.append(Finding(name, 1, f"cannot be read ({error.strerror}); {_way_out(path)}"))
    return tuple(files), tuple(findings)


def _pages(docs: Path) -> list[Path]:
    """The pages in a folder, and whatever is a link to nowhere or back up, in which a program goes round."""
    found = (path for path in docs.rglob("*") if path.suffix == ".md" or _is_circle(path))
    return sorted(found)


def _is_circle(path: Path) -> bool:
    if not path.is_symlink():
        return False
    return not path.exists() or path.resolve() in (path.parent.resolve(), *path.parent.resolve().parents)


def _way_out(path: Path) -> str:
    if path.is_symlink():
        return "it is a link to nowhere, or to a folder; mend the link"
    return "it is a folder; give it another name" if path.is_dir() else "mend its permissions"
