"""What a chapter can be taken home as: its package, the difference to the chapter before, a notebook."""

from __future__ import annotations

import difflib
import io
import zipfile
from collections.abc import Iterator
from functools import lru_cache

from literate.fold.book import Book
from literate.fold.module import Package
from literate.read.chapters import Chapter
from literate.show.notebook import notebook

Texts = tuple[tuple[str, str], ...]  # the files of a package, sorted
FOLDER = "downloads/"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same package is the same archive, whenever it is made


def downloads(book: Book, chapter: Chapter, site: str | None = None) -> dict[str, bytes]:
    """The files of a chapter by their names, such as ``downloads/step08/dezero.zip``.

    A chapter that leaves the package as it was has no difference, and before the first fragment no package.
    """
    before = _texts(book.package_found_by(chapter))
    after = _texts(book.package_after(chapter))
    slug = chapter.slug
    files = {
        f"{book.project.package}.zip": archive(after) if after else b"",
        f"{slug}.diff": difference(before, after).encode(),
        f"{slug}.ipynb": notebook(book, chapter, site).encode(),
    }
    return {f"{FOLDER}{slug}/{name}": content for name, content in files.items() if content}


def links(book: Book, chapter: Chapter) -> list[str]:
    """The lines of Markdown at the end of a chapter that lead to its files."""
    said = {
        "zip": "the package as of here",
        "diff": "what this chapter changed in it",
        "ipynb": "the chapter as a notebook",
    }
    names = {name.rpartition(".")[2]: name for name in downloads(book, chapter)}
    parts = [f"[{said[kind]}]({name})" for kind, name in names.items()]
    return ["", f"To take home: {', '.join(parts)}.", '{ .downloads data-search-exclude="" }']


def _texts(package: Package) -> Texts:
    return tuple((path, package[path].text) for path in sorted(package))


@lru_cache(maxsize=256)
def archive(files: Texts) -> bytes:
    """A zip of these files; stored, not compressed, so that its bytes depend on nothing else."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for path, text in files:
            entry = zipfile.ZipInfo(path, EPOCH)
            entry.create_system = 3  # Unix, wherever it was made
            entry.external_attr = 0o644 << 16
            target.writestr(entry, text.encode())
    return buffer.getvalue()


@lru_cache(maxsize=256)
def difference(before: Texts, after: Texts) -> str:
    """What changed from one package to another, for ``patch -p1`` and for ``git apply``."""
    old, new = dict(before), dict(after)
    paths = sorted({path for path, _ in {*before} ^ {*after}})
    return "".join(line for path in paths for line in _changed(path, old.get(path), new.get(path)))


def _changed(path: str, old: str | None, new: str | None) -> Iterator[str]:
    """The part of a difference about one file; None: there is no such file."""
    yield f"diff --git a/{path} b/{path}\n"
    if old is None:
        yield "new file mode 100644\n"
    if new is None:
        yield "deleted file mode 100644\n"
    source = f"a/{path}" if old is not None else "/dev/null"
    target = f"b/{path}" if new is not None else "/dev/null"
    lines = (old or "").splitlines(keepends=True), (new or "").splitlines(keepends=True)
    yield from difflib.unified_diff(*lines, source, target)
