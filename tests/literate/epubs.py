"""What the tests of EPUBs have in common: their files, their links, and the verdict of epubcheck."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree


def epub_files(epub: bytes) -> dict[str, str]:
    """The files of an EPUB by their names below its folder."""
    with zipfile.ZipFile(io.BytesIO(epub)) as found:
        return {name.removeprefix("EPUB/"): found.read(name).decode() for name in found.namelist()}


def listed_files(files: Mapping[str, str]) -> dict[str | None, ElementTree.Element]:
    """The entries of the list of files by the names that they give."""
    package = ElementTree.fromstring(files["package.opf"])
    return {item.get("href"): item for item in package.findall(".//{*}item")}


def broken_links(files: Mapping[str, str]) -> Iterator[str]:
    """The links that lead to no page, or to no place on it."""
    pages = {name: ElementTree.fromstring(text) for name, text in files.items() if name.endswith(".xhtml")}
    ids = {name: {tag.get("id") for tag in page.iter()} for name, page in pages.items()}
    for name, page in pages.items():
        for address in filter(None, (link.get("href") for link in page.findall(".//{*}a"))):
            path, _, anchor = unquote(address).partition("#")
            there = path or name
            if ":" not in address and (there not in ids or (anchor and anchor not in ids[there])):
                yield f"{name}: {address}"


def epubcheck(path: Path) -> str:
    """What epubcheck says of a file: nothing if it finds nothing."""
    found = shutil.which("epubcheck")
    checker = str(Path(found).resolve()) if found else ""
    command = ["java", "-jar", checker] if checker.endswith(".jar") else [checker]
    done = subprocess.run(
        [*command, "--failonwarnings", str(path)], capture_output=True, text=True, check=False
    )
    return done.stderr + done.stdout if done.returncode else ""
