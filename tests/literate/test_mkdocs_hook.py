"""The MkDocs hook, where a whole build would be too much: what it does is asked in tests/book."""

from __future__ import annotations

import gc
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

from literate import mkdocs_hook as hook
from literate.show.entries import ASIDE
from literate.show.folder import Folder
from literate.show.live import SCRIPT
from literate.show.stamp import date

NAV = [{"Start": "index.md"}, {"Beside": [{"A lab": "labs/lab.py"}, "labs/other.py"]}]


@pytest.fixture
def config(book_of, tmp_path, monkeypatch) -> MkDocsConfig:
    """A project whose one lab fails."""
    book_of()
    failed = Folder({}, {}, labs=("labs/lab.py",), failed=("labs/lab.py",))
    monkeypatch.setattr(hook, "folder", lambda *_: failed)
    config = MkDocsConfig(str(tmp_path / "mkdocs.yml"))
    config.load_dict({"nav": NAV})
    return config


def test_a_lab_that_fails_ends_a_build_as_mkdocs_jupyter_would(config, monkeypatch):
    monkeypatch.setattr(hook, "_serving", False)

    with pytest.raises(PluginError, match=r"a lab did not run to its end: labs/lab\.py"):
        hook.on_pre_build(config)


def test_a_lab_that_fails_does_not_end_the_server_and_its_page_is_in_the_nav(config, monkeypatch):
    monkeypatch.setattr(hook, "_serving", True)

    hook.on_pre_build(config)
    assert config.nav == [
        {"Start": "index.md"},
        {"Beside": [{"A lab": "labs/lab.md"}, "labs/other.py"]},
    ]


@pytest.mark.parametrize(
    ("address", "given"),
    [
        ("http://localhost:8000/", None),
        ("http://127.0.0.1:8000/", None),
        (None, None),
        ("https://h.example/b/",) * 2,
    ],
    ids=["nowhere yet", "served", "not said", "said"],
)
def test_notebooks_lead_to_the_site_only_where_others_can_find_it(config, monkeypatch, address, given):
    asked = []
    monkeypatch.setattr(hook, "folder", lambda book, site, later: asked.append(site) or Folder({}, {}, ()))
    config.site_url = address

    hook.on_pre_build(config)
    assert asked == [given]


@pytest.mark.parametrize(
    ("files", "scripts"), [({}, []), ({SCRIPT: b""}, [SCRIPT])], ids=["without Pyodide", "with it"]
)
def test_pages_load_the_script_of_the_run_buttons_only_with_pyodide(config, monkeypatch, files, scripts):
    monkeypatch.setattr(hook, "folder", lambda *arguments: Folder({}, files, ()))

    hook.on_pre_build(config)
    assert config.extra_javascript == scripts


def test_what_the_first_build_read_is_not_searched_for_garbage_at_each_edit(config, tmp_path, monkeypatch):
    monkeypatch.setattr(hook, "_ran", None)
    monkeypatch.setattr(hook, "_later", None)
    config.site_dir = str(tmp_path)
    gc.unfreeze()

    hook.on_serve(Mock(), config, None)
    assert gc.get_freeze_count() > 0
    gc.unfreeze()


def test_a_page_that_waits_says_so_above_its_text():
    made = hook.CONTENT.sub(r"\g<0>!", '<body a="b"><article class="c"><p>Text <article>', count=1)
    bare = hook.CONTENT.sub(r"\g<0>!", '<body a="b"><p>Text', count=1)

    assert (made, bare) == (
        '<body a="b"><article class="c">!<p>Text <article>',
        '<body a="b">!<p>Text',
    )


@pytest.mark.parametrize(
    "text",
    [
        "[a](life-a.md)",
        "[a](../x/life-a.md#b)",
        "![a](life-a.md)",
        "[a]: life-a.md 'b'",
        '<a href="life-a.md">',
    ],
)
def test_a_page_leads_to_the_files_that_it_names(text):
    assert "life-a.md" in hook._led_to(f"Words, 1.5 of them, e.g. {text}.")


PAGES = {"step01-chapter": "One idea. Then more.", "other": "Another thing."}


@pytest.fixture
def built(book_of, tmp_path, monkeypatch):
    """A function that builds a site of two pages, and returns a page of it."""
    monkeypatch.setattr(hook, "_serving", False)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2025-07-08T12:00:00")
    date.cache_clear()
    commit = "git -c user.name=A -c user.email=a@example.org commit -q --allow-empty -m A"
    subprocess.run(["sh", "-ec", f"git init -q; {commit}"], cwd=tmp_path, check=True)

    def build_site(name: str, extra: str = "") -> str:
        book_of(PAGES["step01-chapter"], other=f"# Other\n\n{PAGES['other']}")
        config = tmp_path / "mkdocs.yml"
        path = Path(hook.__file__).as_posix()
        nav = config.read_text(encoding="utf-8")
        config.write_text(f"{SITE}{nav}  - Other: other.md\nhooks: [{path}]\n{extra}", encoding="utf-8")
        build(load_config(str(config)))
        return (tmp_path / "site" / name).read_text(encoding="utf-8")

    return build_site


SITE = """\
site_name: Sample
site_url: https://host.example/book/
theme: {name: material, font: false}
plugins: [search]
markdown_extensions: [attr_list]
"""


@pytest.mark.slow
def test_a_page_says_what_others_show_of_it(built, tmp_path):
    page = built("step01-chapter/index.html")

    assert '<meta name="description" content="One idea. Then more.">' in page
    assert '<meta property="og:title" content="1 · Chapter">' in page
    assert '<link rel="canonical" href="https://host.example/book/step01-chapter/">' in page
    (picture,) = re.findall(r'property="og:image" content="https://host.example/book/([^"]*)"', page)
    assert (tmp_path / "site" / picture).read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_two_pages_have_pictures_of_their_own(built, tmp_path):
    built("other/index.html")

    cards = {path.name: path.read_bytes() for path in (tmp_path / "site" / "assets" / "cards").iterdir()}
    assert cards.keys() == {"step01-chapter.png", "other.png", "site.png"}
    assert len({*cards.values()}) == 3


@pytest.mark.slow
def test_a_page_that_was_written_leads_to_its_plain_markdown_and_one_that_was_made_does_not(built):
    assert '<link rel="alternate" type="text/markdown" href="../other.md">' in built("other/index.html")
    assert "text/markdown" not in built("lives/index.html")


@pytest.mark.slow
def test_a_page_and_the_sitemap_say_the_day_of_the_book(built):
    assert '<span class="stamp">2025-07-08</span>' in built("other/index.html")
    assert "<lastmod>2025-07-08</lastmod>" in built("sitemap.xml")


@pytest.mark.slow
def test_where_a_repository_is_known_a_page_can_be_edited_and_a_mistake_reported(built):
    page = built("other/index.html", "extra: {repository: https://code.example/me/book/}")

    assert '<a href="https://code.example/me/book/edit/main/docs/other.md">Edit this page</a>' in page
    assert '<a href="https://code.example/me/book/issues/new?title=Other">Report a mistake</a>' in page


@pytest.mark.slow
def test_without_a_repository_there_are_no_such_links(built):
    assert "Report a mistake" not in built("other/index.html")


@pytest.mark.slow
def test_in_the_search_a_chapter_goes_before_a_page_beside_it(built):
    docs = json.loads(built("search/search_index.json"))["docs"]

    boosts = {doc["location"]: doc.get("boost", 1) for doc in docs}
    assert (boosts["step01-chapter/"], boosts["other/"]) == (1, ASIDE)


@pytest.mark.slow
def test_the_search_reads_code_without_its_colours_and_the_page_keeps_them(built, monkeypatch):
    code = '<pre>\n<span class="k">def</span> <span class="nf">f</span>(x):</pre>'
    other = code.replace(">f<", ">g<")
    monkeypatch.setitem(PAGES, "other", f"<p><span>A</span> word</p>\n\n{code}\n\n{other}")
    page, index = built("other/index.html"), json.loads(built("search/search_index.json"))

    assert f"{code}\n\n{other}" in page
    (text,) = [doc["text"] for doc in index["docs"] if doc["location"] == "other/"]
    assert "A word" in text
    assert re.findall(r"def \w\(x\):", text) == ["def f(x):", "def g(x):"]


@pytest.mark.slow
def test_the_page_for_an_address_that_leads_nowhere_leads_back(built):
    assert '<a href="/book/">begin at the start</a>' in built("404.html")


@pytest.mark.slow
def test_the_dialog_of_the_search_has_a_name(built):
    assert 'role="dialog" aria-label="Search"' in built("other/index.html")


@pytest.fixture
def serve(book_of, tmp_path):
    """A function that begins to serve a site into a folder; it returns one that builds it again."""
    book_of(DOUBLE, "Later.", other="# Other\n\nWords.", more="# More\n\n[Other](other.md)")
    nav = (tmp_path / "mkdocs.yml").read_text(encoding="utf-8")
    files = {"docs/shapes.txt": "one", "docs/assets/images/favicon.png": "mine"}
    write(tmp_path, files | {"mkdocs.yml": f"{SITE}{nav}hooks: [{Path(hook.__file__).as_posix()}]\n"})

    def begin(name: str) -> Callable[[], dict[str, bytes]]:
        def build_again() -> dict[str, bytes]:
            config = load_config(str(tmp_path / "mkdocs.yml"), site_dir=str(tmp_path / name))
            build(config, serve_url="http://127.0.0.1:8000/")
            files = (path for path in (tmp_path / name).rglob("*") if path.is_file())
            return {
                path.relative_to(tmp_path / name).as_posix(): path.read_bytes()
                for path in files
                if "sitemap" not in path.name
            }

        load_config(str(tmp_path / "mkdocs.yml")).plugins.on_startup(command="serve", dirty=False)
        return build_again

    yield begin
    load_config(str(tmp_path / "mkdocs.yml")).plugins.on_startup(command="build", dirty=False)


DOUBLE = '```python title="src/dezero.py"\ndef double(x):\n    return 2 * x\n```'
EDITS = {
    "nothing": {},
    "a page": {"docs/other.md": "# Other\n\nOther words."},
    "code": {"docs/step01-chapter.md": f"# Chapter\n\n{DOUBLE.replace('double', 'twice')}"},
    "a heading": {"docs/other.md": "# Another\n\nWords."},
    "a page that goes": {"docs/other.md": None, "docs/more.md": "# More\n"},
    "a page that comes": {"docs/new.md": "# New\n\n[More](more.md)"},
    "a file": {"docs/shapes.txt": "two"},
    "a file that goes": {"docs/shapes.txt": None},
    "a file that comes": {"docs/new/shapes.txt": "one"},
    "a file in place of a folder": {"docs/other.md": None, "docs/more.md": "# More\n", "docs/other": "one"},
    "a file that hides one of the theme": {"docs/assets/javascripts/lunr/wordcut.js": "mine"},
    "a file that hid one of the theme and goes": {"docs/assets/images/favicon.png": None},
    "no project": {"pyproject.toml": "[tool.literate]\nnothing = 1\n"},
}


def write(root: Path, texts: dict[str, str | None]) -> None:
    for path, text in ((root / name, text) for name, text in texts.items()):
        path.parent.mkdir(exist_ok=True, parents=True)
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
def test_after_an_edit_and_after_it_is_taken_back_the_site_is_as_if_built_from_nothing(
    serve, tmp_path, edits
):
    paths = {name: tmp_path / name for name in edits}
    texts = {name: path.read_text("utf-8") if path.exists() else None for name, path in paths.items()}
    build_again = serve("site")

    first = build_again()
    write(tmp_path, edits)
    edited = build_again()
    write(tmp_path, texts)
    assert differing(build_again(), first) == set()
    write(tmp_path, edits)
    assert differing(edited, serve("another")()) == set()


@pytest.mark.slow
def test_a_file_that_was_edited_when_a_build_failed_is_served_once_the_cause_is_gone(serve, tmp_path):
    build_again = serve("site")
    build_again()

    write(tmp_path, {"docs/shapes.txt": "two"})
    (tmp_path / "docs" / "unknown.txt").symlink_to("nowhere")
    with pytest.raises(FileNotFoundError):
        build_again()
    (tmp_path / "docs" / "unknown.txt").unlink()
    assert build_again()["shapes.txt"] == b"two"


@pytest.mark.slow
def test_a_page_says_once_that_it_waits_and_no_longer_when_it_stays_as_it_was(serve, tmp_path, monkeypatch):
    build_again = serve("site")
    (loaded,) = load_config(str(tmp_path / "mkdocs.yml")).hooks.values()
    weave = loaded.folder

    def waiting(*arguments: Any) -> Folder:
        woven = weave(*arguments)
        pages = {name: replace(page, waits=name == "other.md") for name, page in woven.pages.items()}
        return replace(woven, pages=pages)

    first = build_again()
    monkeypatch.setattr(loaded, "folder", waiting)
    assert differing(build_again(), first) == {"other/index.html"}
    assert build_again()["other/index.html"].count(hook.AGAIN.encode()) == 1
    monkeypatch.setattr(loaded, "folder", weave)
    assert differing(build_again(), first) == set()


def differing(some: dict[str, bytes], others: dict[str, bytes]) -> set[str]:
    return {name for name in some.keys() | others.keys() if some.get(name) != others.get(name)}
