"""Entries of the search: each definition, option and term leads to where the book introduces it."""

from __future__ import annotations

import pytest
from little import BOX

from literate.show.entries import entries


def test_the_search_finds_a_definition_where_it_is_introduced(book_of):
    code = "class Box:\n    ...\n\n    def size(self):\n        return 2"
    second = f'```python title="src/dezero/core.py"\n{code}\n```'
    found = {entry["title"]: entry for entry in entries(book_of(BOX, second), lambda page: f"at/{page}")}

    assert found.keys() == {"Box", "Box.size", "make"}
    assert found["Box.size"]["location"] == "at/step01-chapter.md#Box.size"
    assert found["Box"]["text"] == "<p>introduced in chapter 1 · Chapter</p><p>A box.</p>"
    assert found["Box.size"]["boost"] > found["make"]["boost"]


def test_a_member_that_came_with_its_class_and_an_attribute_are_found_by_way_of_the_class(book_of):
    same = "class Case:\n    size = 1\n\n    def same(self):\n        return 1\n\n"
    first = same + "    def new(self):\n        return 1"
    second = "class Case:\n    ...\n\n    def new(self):\n        return 2"
    blocks = [f'```python title="src/dezero/core.py"\n{code}\n```' for code in (first, second)]

    found = [entry["title"] for entry in entries(book_of(*blocks), str)]

    assert found == ["Case", "Case.new"]


def test_the_search_names_an_interlude_by_its_title(book_of):
    (box, *_) = entries(book_of(f"    # A pause\n{BOX}"), lambda page: f"at/{page}")

    assert box["location"] == "at/interlude-a-pause.md#Box"
    assert box["text"] == "<p>introduced in the interlude &quot;A pause&quot;</p><p>A box.</p>"


def written(code: str) -> str:
    return f'```python title="src/dezero/core.py"\n{code}\n```'


def test_an_option_and_an_attribute_lead_to_the_fragment_that_first_has_them(book_of):
    first = "class Box:\n    def __init__(self, data, name=None):\n        self.data = data"
    second = "class Box:\n    ...\n\n    def put(self, *, name=0, times=1, _own=0):\n        self.full = True"
    found = [*entries(book_of(written(first), written(second)), str)][1:]

    titles = {entry["location"]: entry["title"] for entry in found}
    assert titles["step01-chapter.md#fragment-1"] == "Box: name, data"
    assert titles["step02-chapter.md#fragment-1"] == "Box.put: times, full"


def test_new_options_of_one_fragment_share_an_entry(book_of):
    code = "def put(name=None):\n    pass\n\n\ndef take(times=1):\n    pass"
    (entry,) = (e for e in entries(book_of(written(code)), str) if "fragment" in e["location"])

    assert entry["title"] == "put: name; take: times"
    assert entry["words"] == "name times"


@pytest.mark.parametrize(
    ("name", "words"),
    [("set_creator", "set_creator set creator"), ("Box", "Box first second_one second one")],
    ids=["a part of a name", "what came with its class"],
)
def test_other_words_lead_to_a_definition(book_of, name, words):
    members = ["first = 1", "def second_one(self):\n        pass", "def __len__(self):\n        return 1"]
    code = "class Box:\n    " + "\n\n    ".join(members)
    (entry,) = (
        entry
        for entry in entries(book_of(written(f"{code}\n\n\ndef set_creator():\n    pass")), str)
        if entry["title"] == name
    )

    assert entry["words"] == words


def test_of_two_modules_on_a_page_each_has_a_place_of_its_own(book_of):
    blocks = [written("class Box:\n    pass"), written("class Box:\n    pass").replace("core", "layers")]
    found = [entry["location"] for entry in entries(book_of("\n\n".join(blocks)), str)]

    assert found == ["step01-chapter.md#Box", "step01-chapter.md#layers.Box"]


GLOSSARY = """
    # Glossary

    ```text title="Glossary, ko"
    gradient descent: 경사 하강법, 하강
    gradient: 기울기
    ```
"""


@pytest.fixture
def of_terms(book_of):
    """The entries of a book with two terms, by their titles."""
    book = book_of(
        "A `slope` of $\\eta$ is a **gradient**.\n\nHere is **gradient descent**.", glossary=GLOSSARY
    )
    return {entry["title"]: entry for entry in entries(book, str)}


def test_a_term_is_found_in_both_languages_with_and_without_its_spaces(of_terms):
    entry = of_terms["gradient (기울기)"]

    assert entry["location"] == "step01-chapter.md#term-gradient"
    assert entry["text"] == "<p>A slope of eta is a gradient.</p>"
    assert of_terms["gradient descent (경사 하강법, 하강)"]["words"] == "경사하강법, 하강"


def test_of_terms_that_begin_alike_the_shorter_one_goes_first(of_terms):
    short, long = of_terms.values()

    assert short["boost"] > long["boost"]
