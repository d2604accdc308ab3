"""The life of a definition as a picture: which bars there are, how high, and where they lead."""

from __future__ import annotations

import re

import pytest

from literate.fold.book import load
from literate.fold.lives import lives, wrong_lives
from literate.show.life_pages import page, pages
from literate.show.life_picture import lanes, lines_of_code, versions
from literate.show.proof import proofread
from literate.show.weave import weave


def fragment(code, path="src/dezero.py"):
    return f'Why.\n\n```python title="{path}"\n{code}\n```'


def backward(*lines):
    body = "".join(f"\n        {line}" for line in lines)
    return fragment(f"class Variable:\n    ...\n\n    def backward(self):{body}")


FIRST = fragment("class Variable:\n    def backward(self):\n        a = 1\n        return a")
SECOND = backward(
    '"""A docstring.\n\n        Two lines of it.\n        """', "# a comment", "", "a = 1", "b = 2"
)
NOTHING = "Nothing happens here."
MOVED = '```sh title="src/"\nmv dezero.py dezero/core_simple.py\n```'
COPIED = '```sh title="src/"\ncp dezero/core_simple.py dezero/core.py\n```'
CORE = fragment("class Variable:\n    ...\n\n    def backward(self):\n        return 2", "src/dezero/core.py")
LIFE = '```text title="Life of Variable.backward"\nIt grows,\nand says so.\n```'


def wrong(book):
    """What is wrong with the lives that the pages show."""
    return [finding for page in book.pages for finding in wrong_lives(book, page)]


def drawn(book, name="index"):
    """The Markdown that a page becomes."""
    page = next(page for page in book.pages if page.path == f"docs/{name}.md")
    assert not [*proofread(book, page)]
    return "\n".join(weave(book, page, {}, ()))


def versions_of(book, name):
    return versions(book, *lives(book).named(name))


def lanes_of(book, name):
    return lanes(book, *lives(book).named(name), book.chapters[-1])


def marks(text):
    """The chapters of the bars, and where they lead."""
    return re.findall(r"</span><span data-shown=.(\d+).></span>\]\(([^)]*)\)\{ \.version", text)


def test_a_chapter_that_wrote_it_has_a_bar_which_leads_to_its_version(book_of):
    text = drawn(book_of(FIRST, NOTHING, SECOND, index=LIFE))

    assert marks(text) == [
        ("1", "life-class-variable.md#backward-step-1"),
        ("3", "life-class-variable.md#backward-step-3"),
    ]
    assert '<span class="blank" style="--at: 2">2</span>' in text


def test_a_bar_leads_to_a_heading_of_the_page(book_of):
    book = book_of(FIRST, SECOND, index=LIFE)

    page, _, anchor = marks(drawn(book))[1][1].partition("#")
    assert f"{{ #{anchor} }}" in pages(book)[page]


def test_a_bar_is_as_high_as_the_code_is_long_and_tells_what_is_new_and_gone(book_of):
    text = drawn(book_of(FIRST, SECOND, index=LIFE))

    assert 'style="--at: 1; --kept: 0; --new: 3; --gone: 0"' in text
    assert 'style="--at: 2; --kept: 2; --new: 1; --gone: 1"' in text
    assert 'aria-label="Chapter 2, Chapter: 3 lines of code, 1 new, 1 gone"' in text
    assert "--most: 3; --below: 1" in text


def test_what_a_chapter_wrote_twice_is_one_bar(book_of):
    book = book_of(FIRST, f"{backward('a = 1')}\n\n{backward('a = 1', 'return 5')}")

    assert [(v.kept, v.new, v.gone) for v in versions_of(book, "Variable.backward")] == [(0, 3, 0), (2, 1, 1)]


def test_a_line_that_is_indented_is_no_new_line(book_of):
    book = book_of(FIRST, backward("with a:", "    a = 1", "    return a"))

    assert versions_of(book, "Variable.backward")[1].new == 1


def test_what_is_removed_has_a_bar_below_the_line(book_of):
    book = book_of(FIRST, fragment("del Variable.backward\n\n\nclass Variable:\n    ...\n\n    a = 1"))

    last = versions_of(book, "Variable.backward")[-1]
    assert (last.kept, last.new, last.gone, last.says) == (0, 0, 3, "Chapter 2, Chapter: removed, 3 gone")


def test_the_life_of_a_class_counts_its_members(book_of):
    second = fragment("class Variable:\n    ...\n\n    size = 1")

    assert [v.kept + v.new for v in versions_of(book_of(FIRST, second), "Variable")] == [4, 5]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("def f():\n    return 1", ["def f():", "return 1"]),
        ('    def f():\n        """One."""\n\n        return 1', ["def f():", "return 1"]),
        ('class A:\n    """One.\n\n    Two.\n    """\n\n    a = """b"""', ["class A:", 'a = """b"""']),
        ("# why\n@cache\ndef f():  # how\n    # what\n    pass", ["@cache", "def f():  # how", "pass"]),
    ],
    ids=["function", "method", "class", "comments"],
)
def test_docstrings_comments_and_blank_lines_are_no_code(text, lines):
    assert list(lines_of_code(text)) == lines


def test_a_file_that_moves_and_is_copied_has_a_lane_for_each_name(book_of):
    book = book_of(FIRST, MOVED, NOTHING, f"{COPIED}\n\n{CORE}", index=LIFE)

    found = [
        (lane.path.rpartition("/")[2], lane.first.number, lane.last.number, lane.row)
        for lane in lanes_of(book, "Variable.backward")
    ]
    assert found == [("dezero.py", 1, 1, 0), ("core_simple.py", 2, 4, 0), ("core.py", 4, 4, 1)]
    assert "> copied in chapter 4</span>](life-class-variable.md#step-4){ .lane " in drawn(book)
    assert marks(drawn(book))[-1] == ("4", "life-class-variable.md#backward-step-4")


def test_a_file_that_stays_needs_no_lane(book_of):
    book = book_of(FIRST, SECOND)

    assert lanes_of(book, "Variable.backward") == ()


def test_of_two_namesakes_each_has_the_picture_of_its_own_life(book_of):
    files = "src/dezero/one.py", "src/dezero/two.py"
    chapters = [
        "\n\n".join(fragment(f"def f():\n    return {number}", path) for path in files) for number in range(4)
    ]
    book = book_of(*chapters)

    for life in lives(book).all:
        assert len(marks(page(book, life))) == 4
        assert {target.partition("#")[0] for _, target in marks(page(book, life))} == {life.page}


def test_a_section_about_a_chapter_ends_the_picture_there(book_of):
    section = f"# Part\n\n## After [one](step01-chapter.md)\n\n{LIFE}\n\n## All\n\n{LIFE}"
    first, second = drawn(book_of(FIRST, SECOND, part=section), "part").split("## All")

    assert [chapter for chapter, _ in marks(first)] == ["1"]
    assert "--chapters: 1;" in first
    assert [chapter for chapter, _ in marks(second)] == ["1", "2"]


def test_a_chapter_shows_the_life_until_its_end(book_of):
    text = drawn(book_of(FIRST, f"{SECOND}\n\n{LIFE}", backward("pass")), "step02-chapter")

    assert [chapter for chapter, _ in marks(text)] == ["1", "2"]


def test_the_caption_stands_below(book_of):
    assert "gone</span> It grows, and says so.\n{ .life-words" in drawn(book_of(FIRST, index=LIFE))


def test_the_parts_are_the_sections_of_the_nav(book_of):
    book = book_of(FIRST, SECOND, index=LIFE)
    nav = "nav:\n  - 'Part 1 · \"Begin\"':\n    - 1 · Chapter: step01-chapter.md\n"
    nav += "  - Part 2:\n    - 2 · Chapter: step02-chapter.md\n"
    (book.project.root / "mkdocs.yml").write_text(nav, encoding="utf-8")

    text = drawn(load(book.project.root))
    assert '<span class="part" style="--at: 1; --span: 1" title="Begin">Part 1</span>' in text
    assert '<span class="part" style="--at: 2; --span: 1">Part 2</span>' in text


WRONG = {
    "unknown": (
        "Variable.bakward",
        "Variable.bakward is not in the package as of chapter 2; did you mean Vari",
    ),
    "nothing near": (
        "zzz",
        "zzz is not in the package as of chapter 2; name a class, function or Class.method",
    ),
    "no name": ("", " is not in the package as of chapter 2; name a class"),
}


@pytest.mark.parametrize(("name", "message"), WRONG.values(), ids=WRONG)
def test_a_name_that_the_package_lacks_is_told_with_its_line(book_of, name, message):
    book = book_of(FIRST, SECOND, index=LIFE.replace("Variable.backward", name))

    (finding,) = wrong(book)
    assert (finding.path, finding.line) == ("docs/index.md", 1)
    assert finding.message.startswith(message)


def test_a_name_that_comes_later_is_not_there_yet(book_of):
    book = book_of(NOTHING, FIRST, index=f"## [One](step01-chapter.md)\n\n{LIFE}")

    assert "is not in the package as of chapter 1" in wrong(book)[0].message


def test_a_picture_without_words_is_told(book_of):
    book = book_of(FIRST, index=LIFE.replace("It grows,\nand says so.\n", ""))

    assert [f.message for f in wrong(book)] == [
        "a picture without words; write a caption that states the finding"
    ]


def test_the_page_of_a_life_has_a_picture_of_what_was_written_often(book_of):
    chapters = [FIRST, *(backward(f"return {number}") for number in range(2, 5))]

    assert ".life role=" not in pages(book_of(*chapters[:3]))["life-class-variable.md"]
    assert marks(pages(book_of(*chapters))["life-class-variable.md"])[-1] == (
        "4",
        "life-class-variable.md#backward-step-4",
    )


PAUSE = f"# A pause\n\n{backward('a = 1', 'return 5')}"


def test_an_interlude_has_a_column_of_its_own(book_of):
    book = book_of(FIRST, PAUSE, "# Another", backward("return 6"), index=LIFE)
    text = drawn(book)

    assert re.findall(r"--at: (\d); --kept", text) == ["1", "2", "4"]
    assert re.findall(r"</span><span data-shown=.(.).></span>\]\(([^)]*)\)\{ \.version", text) == [
        ("1", "life-class-variable.md#backward-step-1"),
        ("•", "life-class-variable.md#backward-interlude-a-pause"),
        ("2", "life-class-variable.md#backward-step-2"),
    ]
    assert '<span class="blank" style="--at: 3">•</span>' in text
    assert 'aria-label="Interlude, A pause: 3 lines of code, 1 new, 1 gone"' in text
    assert "--chapters: 4;" in text


def test_the_bar_of_an_interlude_leads_to_a_heading_of_the_page(book_of):
    book = book_of(FIRST, PAUSE, index=LIFE)

    assert "{ #backward-interlude-a-pause }" in pages(book)["life-class-variable.md"]


def test_a_file_may_be_copied_in_an_interlude(book_of):
    book = book_of(FIRST, MOVED, f"# A pause\n\n{COPIED}\n\n{CORE}", index=LIFE)
    text = drawn(book)

    link = "(life-class-variable.md#interlude-a-pause)"
    assert f'> copied in the interlude "A pause"</span>]{link}{{ .lane style="--at: 3; ' in text
    assert '; src/dezero/core.py: the interlude A pause"' in text
    assert 'core_simple.py: from chapter 2 to the interlude A pause"' in text


def test_an_interlude_shows_the_life_until_its_end(book_of):
    text = drawn(book_of(FIRST, f"{PAUSE}\n\n{LIFE}", backward("pass")), "interlude-a-pause")

    assert "--chapters: 2;" in text
    assert text.count("{ .version") == 2


def test_a_name_that_an_interlude_lacks_is_told_with_its_title(book_of):
    book = book_of(NOTHING, f"# A pause\n\n{LIFE}", FIRST)

    assert 'is not in the package as of the interlude "A pause"' in wrong(book)[0].message
