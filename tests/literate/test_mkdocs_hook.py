"""The MkDocs hook, where a whole build would be too much: what it does is asked in tests/book."""

from __future__ import annotations

import pytest
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

from literate import mkdocs_hook as hook
from literate.show.folder import Folder
from literate.show.live import SCRIPT

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
