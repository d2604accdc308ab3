"""The code of a reader, imported as the book's package: from memory, so that their files stay as they are."""

from __future__ import annotations

import importlib
import re
import sys
import tokenize
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from literate.fold.module import Line, Package, Typed
from literate.read.finding import CommandError
from literate.read.project import Project
from literate.run.snapshot import Snapshot


@dataclass(frozen=True)
class Code:
    """A reader's module, or their package: ``files`` by the paths that the book has for them."""

    path: Path
    files: Mapping[str, Path]
    package: Package
    here: Path  # from where it is looked at

    def shown(self, path: Path | str) -> str:
        """A path, as short as it can be said."""
        return _short_path(Path(path), self.here)

    @property
    def described(self) -> str:
        """Its path, and for a package its modules."""
        if self.path.is_file():
            return self.shown(self.path)
        files = (file.relative_to(self.path).as_posix() for file in self.files.values())
        return f"{self.shown(self.path)}/ ({', '.join(files)})"


def _short_path(path: Path, here: Path | None = None) -> str:
    """A path as seen from a folder, by default the current one, if it lies below that."""
    here = here or Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def read_code(path: Path, project: Project) -> Code:
    """The code at a path, which may have any name: a module, or a folder with an ``__init__.py``.

    Raises:
        CommandError: there is nothing, or nothing that is Python by its form.
    """
    path, home = path.absolute(), f"{project.source}/{project.package}"
    said = _short_path(path)
    if path.suffix == ".ipynb":
        raise CommandError(f"{said} is a notebook; put its definitions into a .py file, and name that")
    if path.is_dir():
        files = {f"{home}/{file.relative_to(path).as_posix()}": file for file in _modules(path, project)}
    elif path.exists():
        files = {f"{home}.py": path}
    else:
        raise CommandError(f"there is no {said}; name your module, or the folder of your package")
    return Code(path, files, {name: _typed(file) for name, file in files.items()}, Path.cwd())


def _modules(folder: Path, project: Project) -> Iterator[Path]:
    if not (folder / "__init__.py").is_file():
        ends = (f"{project.package}.py", f"{project.package}/__init__.py")
        inside = (*ends, *(f"{project.source}/{end}" for end in ends))
        found = next((folder / name for name in inside if (folder / name).is_file()), None)
        meant = found.parent if found and found.name == "__init__.py" else found
        hint = f"; did you mean {_short_path(meant)}?" if meant else "; a package is a folder that has one"
        raise CommandError(f"the folder {_short_path(folder)} has no __init__.py{hint}")
    for file in sorted(folder.rglob("*.py")):
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts):
            yield file


def _typed(file: Path) -> Typed:
    try:
        with tokenize.open(file) as opened:
            lines = opened.read().removesuffix("\n").split("\n")
    except UnicodeDecodeError:
        raise CommandError(f"{_short_path(file)} is not UTF-8; save it as UTF-8") from None
    except SyntaxError as error:
        message = re.sub(" for '.*?'(?=:|$)", "", error.msg)
        raise CommandError(f"{_short_path(file)}: {message}; save it as UTF-8") from None
    except OSError as error:
        raise CommandError(f"{_short_path(file)} cannot be read ({error.strerror})") from None
    return Typed(typed=tuple(Line(text, str(file), number) for number, text in enumerate(lines, 1)))


class OwnSnapshot(Snapshot):
    """A reader's code where the book's package would be, and beside it the book's tests.

    The name of its file or folder, by which the code may import itself, means the same modules.
    """

    def __init__(self, code: Code, tests: Package, project: Project) -> None:
        super().__init__({**code.package, **tests}, project)
        self.code = code
        taken = sys.stdlib_module_names | set(self.paths) | set(sys.modules)
        self.alias = code.path.stem if code.path.stem not in taken else self.name

    def file(self, path: str) -> str:
        return str(self.code.files.get(path) or super().file(path))

    def missing(self, name: str) -> str:
        if name.partition(".")[0] != self.name:
            return super().missing(name)
        return f"No module named {name!r} in {self.code.shown(self.code.path)}"

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        if not self.owns(name) and name.partition(".")[0] == self.alias:
            return ModuleSpec(name, _Alias(self.name + name.removeprefix(self.alias)))
        return super().find_spec(name, path, target)

    def get_code(self, name: str) -> CodeType:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python says while it compiles is no promise of the book
            return super().get_code(name)


class _Alias(Loader):
    """Gives a module under a second name; it is the same module."""

    def __init__(self, name: str) -> None:
        self.name = name

    def exec_module(self, module: ModuleType) -> None:
        sys.modules[module.__name__] = importlib.import_module(self.name)
