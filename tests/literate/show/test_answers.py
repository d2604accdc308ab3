"""Exercises and their answers: the links between them, and the pages that the answers get."""

from __future__ import annotations

import re

import markdown
import pytest

from literate.fold.book import Book
from literate.show.folder import folder, weave_out

CHAPTER = """
    Text.

    ## Exercises

    Answers are on the [answers page](answers.md#1-chapter).

    1. **Half.**
       Write `half`.

        ```python title="A test for your answer"
        1. + half(2)
        ```

    2. **Twice.**
       Draw it.
    3. **Open.**
       Think.

    The next chapter follows.
"""
ANSWERS = """
    # Answers

    They run.

    ## [1 · Chapter](step01-chapter.md)

    ### Exercise 1 · Half

    ```python
    def half(x):
        return x / 2
    ```

    ### Exercise 2 · Twice { #two }

    ```python
    class Drawn:
        def _repr_svg_(self):
            return "<svg></svg>"

    Drawn()
    ```

    ```text title="Figure"
    Twice.

    What is seen.
    ```

    ## Afterword

    The end.
"""
EXTENSIONS = ["attr_list", "md_in_html", "pymdownx.superfences", "pymdownx.blocks.details"]


@pytest.fixture
def pages(book_of) -> dict[str, str]:
    """The woven pages of a book with a chapter and answers to its exercises."""
    return woven(book_of(CHAPTER, answers=ANSWERS))


def woven(book: Book) -> dict[str, str]:
    return {name: page.text for name, page in folder(book).pages.items()}


def html(text: str) -> str:
    return markdown.markdown(text, extensions=EXTENSIONS)


def test_an_exercise_leads_to_its_answer_and_the_answer_back(pages):
    chapter, answers = html(pages["step01-chapter.md"]), html(pages["answers-step01.md"])

    items = re.findall(r"<li>.*?</li>", chapter, re.DOTALL)
    assert [re.findall(r'id="(exercise-\d)"', item) for item in items[:2]] == [["exercise-1"], ["exercise-2"]]
    for number, item in enumerate(items[:2], 1):
        assert f'href="answers-step01.md#answer-{number}">Answer to exercise {number}</a>' in item
        assert f'id="answer-{number}"' in answers
        assert f'href="step01-chapter.md#exercise-{number}"' in answers


def test_an_exercise_without_an_answer_has_no_link(pages):
    assert "**Open.**" in pages["step01-chapter.md"]
    assert "exercise-3" not in pages["step01-chapter.md"]


def test_the_links_of_exercises_leave_the_list_one(pages):
    (items,) = re.findall(r"<ol>(.*?)</ol>", html(pages["step01-chapter.md"]), re.DOTALL)

    assert items.count("<li>") == 3


def test_each_answer_is_folded_with_its_anchor_inside(pages):
    folds = re.findall(r'<details class="answer">.*?</details>', html(pages["answers-step01.md"]), re.DOTALL)

    assert [re.findall(r'id="(answer-\d)"', fold) for fold in folds] == [["answer-1"], ["answer-2"]]
    assert "def" in folds[0]
    assert "<figure" in folds[1]
    assert "The end." not in folds[1]


def test_what_led_to_an_answer_still_leads_somewhere(pages):
    overview = html(pages["answers.md"])

    assert '<a href="answers-step01.md" id="1-chapter">1 · Chapter</a>' in overview
    assert '<a href="answers-step01.md#answer-1" id="exercise-1-half">Half</a>' in overview
    assert '<a href="answers-step01.md#answer-2" id="two">Twice</a>' in overview
    assert "def half" not in pages["answers.md"]
    assert overview.count("They run.") == 1
    assert "The end." in overview


def test_of_two_answers_of_one_name_the_first_keeps_the_old_anchor(book_of):
    page = woven(book_of(CHAPTER, answers=ANSWERS.replace("2 · Twice { #two }", "1 · Half")))["answers.md"]

    assert page.count("{ #exercise-1-half }") == 1


def test_a_link_to_a_section_of_answers_leads_to_its_page(pages):
    assert "[answers page](answers-step01.md)" in pages["step01-chapter.md"]


def test_a_page_of_answers_shows_what_is_wrong_with_them_and_the_page_of_all_does_too(book_of):
    wrong = ANSWERS.replace("return x / 2", "return x /").replace("They", "[a](b.md)")
    pages = woven(book_of(CHAPTER, answers=wrong))

    assert "b.md leads nowhere" in pages["answers.md"]
    assert "b.md leads nowhere" not in pages["answers-step01.md"]
    assert "SyntaxError" in pages["answers.md"]
    assert "SyntaxError" in pages["answers-step01.md"]


def test_no_nav_needs_to_name_the_pages_of_answers(book_of):
    files = weave_out(book_of(CHAPTER, answers=ANSWERS))

    assert "/answers-*.md" in files["mkdocs.yml"].decode()
