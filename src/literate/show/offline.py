"""The site as a zip: unpacked, its pages open from the file system, search included.

MkDocs builds it as always, but for addresses that name files. Then the search index becomes a script, as a
page in a folder may load no other file, and what only a server has use for is left out.
"""

from __future__ import annotations

import posixpath
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from literate.read.finding import CommandError
from literate.read.project import Project
from literate.show.downloads import archive

SCRIPT = "assets/javascripts/offline.js"
SERVED = {"404.html", "sitemap.xml", "sitemap.xml.gz", "objects.inv"}
INDEX = "search/search_index.json"
EDITIONS = re.compile(r'<p class="editions"[^>]*>.*?</p>', re.DOTALL)  # a page in the zip leads to none
ADDRESS = re.compile(r'(?<=href=")(?![/#]|\w+:)([^"#?]+)')


def offline(project: Project) -> bytes:
    """The zip.

    Raises:
        CommandError: the site cannot be built.
    """
    with tempfile.TemporaryDirectory() as folder:
        options = ["--no-directory-urls", "--quiet", "--site-dir", folder]
        command = [sys.executable, "-m", "mkdocs", "build", "--config-file", project.nav, *options]
        done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CommandError(f"MkDocs did not build the site:\n{(done.stderr or done.stdout).strip()}")
        paths = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        site = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    files = {f"{project.package}/{name}": data for name, data in unserved(site).items()}
    return archive(files, deflated=files)


def unserved(site: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a built site as they open without a server."""
    files = {
        name: _opened_page(site, name, data.decode()).encode() if name.endswith(".html") else data
        for name, data in site.items()
        if name not in SERVED and not name.startswith("editions/")
    }
    if INDEX in files:
        files[INDEX.removesuffix("on")] = b"var __index = " + files.pop(INDEX)
    return files | {SCRIPT: Path(__file__).with_name("offline.js").read_bytes()}


def _opened_page(site: Mapping[str, bytes], name: str, text: str) -> str:
    up = "../" * name.count("/")
    text = EDITIONS.sub("", text)
    text = ADDRESS.sub(lambda match: _found(site, name, match[1]), text)
    script = rf'<script src="{up}{SCRIPT}"></script>\g<0>'
    return re.sub(r'<script src="[^"]*/bundle\.', script, text, count=1)


def _found(site: Mapping[str, bytes], name: str, address: str) -> str:
    """The file that an address of a page means: of a folder its start, or one in a folder of the page."""
    folder, stem = posixpath.split(name.removesuffix(".html"))
    for found in (address, f"{address}/index.html", f"{stem}/{address}"):
        if posixpath.normpath(posixpath.join(folder, found)) in site:
            return found
    return address
