"""Code in colours that was kept is what would be made again."""

from __future__ import annotations

import json

import pytest
from markdown import Markdown

from literate.run import cache
from literate.show import highlighted

FENCES = {
    "code": "```python\nx = 1\ny = 2\n```",
    "the same in another language": "```text\nx = 1\ny = 2\n```",
    "the same with a line marked": '```python hl_lines="2"\nx = 1\ny = 2\n```',
    "the same with a class": "``` { .python .fragment }\nx = 1\ny = 2\n```",
    "the same with a title": '```python title="a"\nx = 1\ny = 2\n```',
    "the same with numbers": '```python linenums="1"\nx = 1\ny = 2\n```',
    "other code": "```python\nx = 1\ny = 3\n```",
    "code in a line": "`#!python x = 1`",
}
SETTINGS = {
    "plain": {},
    "as the book has it": {"pygments_lang_class": True},
    "with places": {"line_spans": "line", "anchor_linenums": True, "linenums": True},
    "with titles by themselves": {"auto_title": True},
}


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    monkeypatch.setattr(highlighted, "_kept", {})
    monkeypatch.setattr(highlighted, "_made", {})


def converted(text: str, name: str, **settings: object) -> str:
    extensions = [name, "pymdownx.superfences", "pymdownx.inlinehilite"]
    return Markdown(extensions=extensions, extension_configs={name: settings}).convert(text)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_kept_code_is_as_pymdownx_makes_it(tmp_path, monkeypatch, settings):
    text = "\n\n".join([*FENCES.values(), *FENCES.values()])
    fresh = converted(text, "pymdownx.highlight", **settings)

    assert converted(text, highlighted.EXTENSION, **settings) == fresh
    highlighted.write_kept(tmp_path)
    monkeypatch.setattr(highlighted, "_made", {})
    highlighted.read_kept(tmp_path)
    assert converted(text, highlighted.EXTENSION, **settings) == fresh


def test_settings_that_change_are_seen(tmp_path):
    for settings in (*SETTINGS.values(), *SETTINGS.values()):
        theirs = converted(FENCES["code"], "pymdownx.highlight", **settings)
        assert converted(FENCES["code"], highlighted.EXTENSION, **settings) == theirs


def test_what_is_kept_is_not_made_again(tmp_path, monkeypatch):
    converted(FENCES["code"], highlighted.EXTENSION)
    highlighted.write_kept(tmp_path)
    monkeypatch.setattr(highlighted, "_made", {})
    highlighted.read_kept(tmp_path)

    monkeypatch.setattr(highlighted.Highlight, "highlight", lambda *_, **__: "anew")
    assert "anew" not in converted(FENCES["code"], highlighted.EXTENSION)
    assert "anew" in converted(FENCES["other code"], highlighted.EXTENSION)


def test_what_other_versions_of_the_libraries_made_is_left(tmp_path, monkeypatch):
    converted(FENCES["code"], highlighted.EXTENSION)
    highlighted.write_kept(tmp_path)
    monkeypatch.setattr(highlighted, "_made", {})
    monkeypatch.setattr(highlighted, "_libraries", lambda: "pygments 99")

    highlighted.read_kept(tmp_path)
    assert not highlighted._kept


def test_code_that_is_no_longer_asked_for_is_not_kept(tmp_path, monkeypatch):
    converted(FENCES["code"], highlighted.EXTENSION)
    highlighted.write_kept(tmp_path)
    monkeypatch.setattr(highlighted, "_made", {})
    highlighted.read_kept(tmp_path)

    converted(FENCES["other code"], highlighted.EXTENSION)
    highlighted.write_kept(tmp_path)
    (made,) = cache.read(tmp_path, highlighted.NAME)["made"].values()
    assert "3" in json.dumps(made)
