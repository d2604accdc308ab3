"""Every exercise has an answer, which is called like it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from literate.fold.book import load
from literate.show.answers import all_answers

BOOK = load(Path(__file__).parents[2])
ANSWERS = {answers.chapter.key: answers for answers in all_answers(BOOK)}
CHAPTERS = [chapter for chapter in BOOK.chapters if "\n## Exercises\n" in chapter.page.text]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.slug)
def test_every_exercise_has_an_answer_that_is_called_like_it(chapter) -> None:
    exercises = chapter.page.text.partition("\n## Exercises\n")[2]
    items = re.findall(r"^(\d+)\. \*\*(.*?)\.?\*\*", exercises, re.MULTILINE)

    assert items
    assert [(answer.number, answer.title) for answer in ANSWERS[chapter.key].answers] == items


def test_every_chapter_with_a_number_has_exercises() -> None:
    assert {chapter.key for chapter in BOOK.chapters if chapter.number} == {
        chapter.key for chapter in CHAPTERS
    }
