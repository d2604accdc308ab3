"""What a chapter can be taken home as: its package, the difference to the chapter before, a notebook."""

from __future__ import annotations

import difflib
import io
import zipfile
from collections.abc import Callable, Container, Iterator, Mapping
from functools import lru_cache

from literate.fold.book import Book
from literate.fold.module import Package
from literate.read.chapters import Chapter
from literate.read.project import Project
from literate.show.notebook import notebook

Texts = tuple[tuple[str, str], ...]  # the files of a package, sorted
FOLDER = "downloads/"
TYPE_ALONG = "type-along.md"  # the page that says how
DOWNLOADS = '{ .downloads data-search-exclude="" }'
SAID = {
    "zip": "the package as of here",
    "diff": "what this chapter changed in it",
    "ipynb": "the chapter as a notebook",
}
EDITIONS = "editions"  # the folder of the pages in which they lie
OFFER = "<!-- literate: editions -->"  # stands in a page where they are to be offered
OFFERED = {
    "epub": "EPUB, for e-readers",
    "pdf": "PDF, for paper",
    "zip": "zip of this site, which needs no network",
}
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same package is the same archive, whenever it is made


def downloads(book: Book, chapter: Chapter, site: str | None = None) -> dict[str, bytes]:
    """The files of a chapter by their names, such as ``downloads/step08/dezero.zip``."""
    before, after = _texts(book, book.package_found_by(chapter)), _texts(book, book.package_after(chapter))
    contents: dict[str, Callable[[], bytes]] = {
        "zip": lambda: _packed(book, after),
        "diff": lambda: patch_of(before, after).encode(),
        "ipynb": lambda: notebook(book, chapter, site).encode(),
    }
    return {name: contents[kind]() for kind, name in _file_names(book, chapter).items()}


def links(book: Book, chapter: Chapter) -> list[str]:
    """The lines of Markdown at the end of a chapter that lead to its files."""
    parts = [f"[{SAID[kind]}]({name})" for kind, name in _file_names(book, chapter).items()]
    return ["", f"To take home: {', '.join(parts)}.{_check_line(book, chapter)}", DOWNLOADS]


def _check_line(book: Book, chapter: Chapter) -> str:
    """How a reader who types along checks the chapter, if the book has a page about that."""
    project, after = book.project, book.package_after(chapter)
    if not after or all(page.path != f"{project.docs}/{TYPE_ALONG}" for page in book.pages):
        return ""
    mine = f"{project.package}.py" if f"{project.source}/{project.package}.py" in after else project.package
    return f" If you [type along]({TYPE_ALONG}): `literate check {chapter.key} --mine {mine}`."


def offer_editions(project: Project, text: str) -> str:
    """The text of a page that leads to the whole book in other forms, as far as they were made."""
    found = {path.suffix[1:]: path for path in sorted((project.root / project.docs / EDITIONS).glob("*.*"))}
    parts = [
        f"[{said}]({EDITIONS}/{found[kind].name}) ({found[kind].stat().st_size / 1e6:.1f} MB)"
        for kind, said in OFFERED.items()
        if kind in found
    ]
    line = f'The whole book to take home: {", ".join(parts)}.\n{{ .editions data-search-exclude="" }}'
    return text.replace(OFFER, line if parts else "")


def _file_names(book: Book, chapter: Chapter) -> dict[str, str]:
    """The names of a chapter's files by their kind.

    A chapter that leaves the package as it was has no patch_of, and before the first fragment no package.
    """
    slug, after = chapter.slug, book.package_after(chapter)
    files = {"zip": book.project.package if after else "", "ipynb": slug}
    if _texts(book, after) != _texts(book, book.package_found_by(chapter)):
        files["diff"] = slug
    return {kind: f"{FOLDER}{slug}/{files[kind]}.{kind}" for kind in SAID if files.get(kind)}


def _texts(book: Book, package: Package) -> Texts:
    """The files of a package, itself beside its tests, so that ``python -m unittest discover tests`` runs."""
    source = f"{book.project.source}/"
    return tuple((path.removeprefix(source), package[path].text) for path in sorted(package))


def _packed(book: Book, files: Texts) -> bytes:
    """A zip of a package, with the data files that its modules read."""
    source = f"{book.project.source}/"
    data = book.project.data_files(text for _, text in files)
    found = {path: text.encode() for path, text in files}
    return archive(found | {path.removeprefix(source): content for path, content in data.items()})


def archive(files: Mapping[str, bytes], deflated: Container[str] = ()) -> bytes:
    """A zip of these files; the bytes of what is ``deflated`` depend on the version of zlib, too."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # Unix, wherever it was made
            target.writestr(entry, content, zipfile.ZIP_DEFLATED if path in deflated else zipfile.ZIP_STORED)
    return buffer.getvalue()


@lru_cache(maxsize=256)
def patch_of(before: Texts, after: Texts) -> str:
    """What changed from one package to another, for ``patch -p1`` and for ``git apply``."""
    old, new = dict(before), dict(after)
    paths = sorted({path for path, _ in {*before} ^ {*after}})
    return "".join(line for path in paths for line in _file_difference(path, old.get(path), new.get(path)))


def _file_difference(path: str, old: str | None, new: str | None) -> Iterator[str]:
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
