"""The MkDocs hook: what needs the site and not one page alone.

Everything that a page shows is woven by the Python-Markdown extension; without this hook the chapters look the same.
"""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from literate.book import load
from literate.finding import BookError
from literate.markdown import report


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Tell the extension where the project is, wherever MkDocs was started."""
    config.mdx_configs.setdefault("literate.markdown", {})["root"] = str(_root(config))
    return config


def on_pre_build(config: MkDocsConfig) -> None:
    """Report what is wrong beside the pages; each page reports its own."""
    try:
        book = load(_root(config))
    except BookError as error:
        report(error.findings)
        return
    pages = {page.path for page in book.pages if page.path.startswith("docs/")}
    report(tuple(finding for finding in book.findings if finding.path not in pages))
    _forget_labs_of_another_package(_root(config))


def _root(config: MkDocsConfig) -> Path:
    return Path(config.config_file_path).resolve().parent


def _forget_labs_of_another_package(root: Path) -> None:
    """Drop the notebooks' cache when the package changed: its keys do not know the package."""
    cache = root / ".cache" / "mkdocs-jupyter"
    digest = sha256()
    for path in sorted((root / "src").glob("dezero*")):
        for source in sorted([path] if path.is_file() else path.rglob("*.py")):
            digest.update(source.read_bytes())
    stamp = root / ".cache" / "mkdocs-jupyter.package"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    shutil.rmtree(cache, ignore_errors=True)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest.hexdigest())
