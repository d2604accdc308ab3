"""The book as a whole: its nav, its packages, its sessions, and everything that is wrong with it at once."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from little import PROJECT

from literate.fold.book import Book, load
from literate.read.finding import BookError
from literate.read.project import find

FRAGMENT = '```python title="src/dezero.py"\n{}\n```\n'


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def chapter(title: str, *codes: str) -> str:
    return f"# {title}\n\n" + "\n".join(FRAGMENT.format(code) for code in codes)


NAV = """\
site_name: !ENV [NAME, "x"]
nav:
  - Start:
      - index.md
  - Part 1:
      - "1 · One": step01-one.md
      - "2 · Two": step02-two.md
extra: !!python/name:some.thing
"""
ONE = chapter("One", "class A:\n    def f(self):\n        return 1")
TWO = chapter("Two", "class A:\n    ...\n\n    def f(self):\n        return 2")
BOOK = {
    "pyproject.toml": PROJECT,
    "mkdocs.yml": NAV,
    "docs/step01-one.md": ONE,
    "docs/step02-two.md": TWO,
    "docs/index.md": "# Index\n",
}


def findings(root: Path, files: dict[str, str | bytes]) -> list[str]:
    return [str(finding) for finding in load(write(root, files)).findings]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return load(write(tmp_path, dict(BOOK)))


# --- the nav ----------------------------------------------------------------------------------------------


def test_chapters_stand_in_the_order_of_the_nav(book: Book) -> None:
    assert book.findings == ()
    assert [(c.number, c.title, c.page.path) for c in book.chapters] == [
        (1, "One", "docs/step01-one.md"),
        (2, "Two", "docs/step02-two.md"),
    ]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (
            ['"1 · One": step01-one.md', '"2 · Two": step02-tow.md'],
            ["docs/step02-two.md:1: this chapter is not in the nav of mkdocs.yml; add it there",
             "mkdocs.yml:3: there is no docs/step02-tow.md; did you mean docs/step02-two.md?"],
        ),
        (
            ['"1 · One": step01-one.md', '"2 · Two": step02-two.md', '"3 · Three": step03-three.md'],
            ["mkdocs.yml:4: there is no docs/step03-three.md; write it, or take it out of the nav"],
        ),
        (
            ['"1 · One": step01-one.md', '"2 · Two": step02-two.md', '"1 · One": step01-one.md'],
            ["mkdocs.yml:4: chapter 1 is in the nav twice; keep one of the two"],
        ),
        (
            ['"2 · Two": step02-two.md', '"1 · One": step01-one.md'],
            ["mkdocs.yml:3: chapter 1 comes after chapter 2; put the chapters in the order of their numbers"],
        ),
        (
            ['"1 · One": step01-one.md'],
            ["docs/step02-two.md:1: this chapter is not in the nav of mkdocs.yml; add it there"],
        ),
        (
            ["index.md"],
            ["mkdocs.yml:1: the nav names no chapter; list docs/step01-one.md and those that follow it"],
        ),
        (
            ['"1 · One": step01-one.md', '"3 · Two": step02-two.md'],
            ['mkdocs.yml:3: step02-two.md is called "3 · Two"; write "2 · Two"'],
        ),
        (
            ['"1 · One": step01-one.md', '"2 · To": step02-two.md'],
            ['mkdocs.yml:3: step02-two.md is called "To", its heading says "Two"; make them the same'],
        ),
        (
            ["step01-one.md", "Two: step02-two.md"],
            ['mkdocs.yml:2: step01-one.md has no title; write "1 · One": step01-one.md',
             'mkdocs.yml:3: step02-two.md is called "Two"; write "2 · Two"'],
        ),
    ],
    ids=["missing", "not written", "twice", "disordered", "left out", "none", "number", "title", "untitled"],
)  # fmt: skip
def test_what_is_wrong_with_the_nav_is_named_once(
    tmp_path: Path, entries: list[str], expected: list[str]
) -> None:
    nav = "nav:\n" + "".join(f"  - {entry}\n" for entry in entries)
    two = chapter("Two", "class B:\n    x = 1")

    assert findings(tmp_path, {**BOOK, "docs/step02-two.md": two, "mkdocs.yml": nav}) == expected


PAUSED = """\
nav:
  - "A pause": interlude-a-pause.md
  - Part 1:
      - "1 · One": step01-one.md
      - "Another": interlude-another.md
      - "A third": interlude-a-third.md
      - "2 · Two": step02-two.md
  - "The end": interlude-the-end.md
"""
INTERLUDES: dict[str, str | bytes] = {
    "docs/interlude-a-pause.md": "# A *pause*\n",
    "docs/interlude-another.md": chapter(
        "Another", "class A:\n    ...\n\n    def f(self):\n        return 1.5"
    ),
    "docs/interlude-a-third.md": chapter(
        "A third", "class A:\n    ...\n\n    def g(self):\n        return 3"
    ),
    "docs/interlude-the-end.md": chapter("The end", "del A.g"),
}


def test_a_chapter_without_a_number_stands_at_any_place_of_the_nav(tmp_path: Path) -> None:
    book = load(write(tmp_path, {**BOOK, **INTERLUDES, "mkdocs.yml": PAUSED}))

    assert book.findings == ()
    assert [(c.place, c.number, c.key, c.slug, c.part) for c in book.chapters] == [
        (1, None, "interlude-a-pause", "interlude-a-pause", ""),
        (2, 1, "1", "step01", "Part 1"),
        (3, None, "interlude-another", "interlude-another", "Part 1"),
        (4, None, "interlude-a-third", "interlude-a-third", "Part 1"),
        (5, 2, "2", "step02", "Part 1"),
        (6, None, "interlude-the-end", "interlude-the-end", ""),
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            '"Another"',
            '"2 · Another"',
            'mkdocs.yml:5: interlude-another.md is called "2 · Another"; write "Another"',
        ),
        (
            '"Another"',
            '"Another one"',
            'mkdocs.yml:5: interlude-another.md is called "Another one", its heading says "Another"; '
            "make them the same",
        ),
        (
            '"Another": ',
            "",
            'mkdocs.yml:5: interlude-another.md has no title; write "Another": interlude-another.md',
        ),
        (
            "interlude-a-third.md\n",
            'interlude-a-third.md\n      - "Another": interlude-another.md\n',
            "mkdocs.yml:7: interlude-another is in the nav twice; keep one of the two",
        ),
        (
            '      - "Another": interlude-another.md\n',
            "",
            "docs/interlude-another.md:1: this chapter is not in the nav of mkdocs.yml; add it there",
        ),
        (
            "2 · Two",
            "Two",
            'mkdocs.yml:7: step02-two.md is called "Two"; write "2 · Two"',
        ),
        (
            '      - "1 · One": step01-one.md\n',
            "",
            "mkdocs.yml:6: chapter 1 is missing before chapter 2; add what is missing, or renumber",
        ),
    ],
    ids=["number", "title", "untitled", "twice", "left out", "no number", "missing"],
)
def test_what_is_wrong_with_the_nav_around_an_interlude_is_named(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    assert PAUSED.count(old) == 1

    assert expected in findings(tmp_path, {**BOOK, **INTERLUDES, "mkdocs.yml": PAUSED.replace(old, new)})


def test_numbers_out_of_order_are_seen_across_an_interlude(tmp_path: Path) -> None:
    nav = PAUSED.replace("step01-one.md", "x.md").replace("step02-two.md", "step01-one.md")
    nav = nav.replace("x.md", "step02-two.md").replace("1 · One", "x").replace("2 · Two", "1 · One")
    nav = nav.replace('"x"', '"2 · Two"')

    assert (
        "mkdocs.yml:7: chapter 1 comes after chapter 2; put the chapters in the order of their numbers"
        in findings(tmp_path, {**BOOK, **INTERLUDES, "mkdocs.yml": nav})
    )


def test_a_number_that_is_left_out_is_named_once(tmp_path: Path) -> None:
    names = {
        "1 · One": "step01-one",
        "4 · Four": "step04-four",
        "P": "interlude-p",
        "5 · Five": "step05-five",
    }
    nav = "nav:\n" + "".join(f'  - "{title}": {name}.md\n' for title, name in names.items())
    files = {
        "docs/step04-four.md": chapter("Four", "class Z:\n    ...\n    x = 1"),
        "docs/step05-five.md": "# Five\n",
        "docs/interlude-p.md": "# P\n",
    }

    assert findings(
        tmp_path,
        {"pyproject.toml": PROJECT, "mkdocs.yml": nav, "docs/step01-one.md": ONE, **files},
    ) == ["mkdocs.yml:3: chapters 2 to 3 are missing before chapter 4; add what is missing, or renumber"]


def test_a_chapter_starts_with_its_title(tmp_path: Path) -> None:
    assert findings(tmp_path, {**BOOK, "docs/step01-one.md": "## One\n\n" + ONE.partition("\n")[2]}) == [
        "docs/step01-one.md:1: a chapter starts with its title; write `# The title`"
    ]


def test_a_nav_that_is_no_yaml_is_the_only_finding(tmp_path: Path) -> None:
    found = findings(tmp_path, {**BOOK, "mkdocs.yml": "nav:\n  - [\n"})

    assert len(found) == 1
    assert found[0].startswith("mkdocs.yml:3: is no YAML (")


def test_without_mkdocs_yml_there_is_no_book(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    with pytest.raises(
        BookError, match=r"mkdocs.yml:1: there is no such file in .*; run the command in the root"
    ):
        load(tmp_path)


def test_the_root_is_found_from_below(tmp_path: Path) -> None:
    root = write(tmp_path, dict(BOOK)).resolve()

    assert find(root / "docs") == root
    assert find(root.parent) is None


# --- files ------------------------------------------------------------------------------------------------


def test_a_file_that_is_not_utf8_is_the_only_finding(tmp_path: Path) -> None:
    assert findings(tmp_path, {**BOOK, "docs/step01-one.md": b"# One\n\n\xe4\n"}) == [
        "docs/step01-one.md:3: this is not UTF-8; save the file as UTF-8"
    ]


def test_a_nav_that_is_not_utf8_is_the_only_finding(tmp_path: Path) -> None:
    assert findings(tmp_path, {**BOOK, "mkdocs.yml": b"nav: \xe4\n"}) == [
        "mkdocs.yml:1: this is not UTF-8; save the file as UTF-8"
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="messages of the system, links")
@pytest.mark.parametrize(
    ("path", "target", "problem"),
    [
        ("step03-folder.md", None, "Is a directory); it is a folder; give it another name"),
        ("x.md", "x.md", "Too many levels of symbolic links); it is a link to nowhere, or to a folder"),
        ("x.md", "y.md", "No such file or directory); it is a link to nowhere, or to a folder"),
        ("x.md", "..", "Is a directory); it is a link to nowhere, or to a folder"),
        ("up", "..", "Is a directory); it is a link to nowhere, or to a folder"),
        ("self", ".", "Is a directory); it is a link to nowhere, or to a folder"),
        ("x.png", "x.png", "Too many levels of symbolic links); it is a link to nowhere, or to a folder"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_finding(
    tmp_path: Path, path: str, target: str | None, problem: str
) -> None:
    (tmp_path / "docs").mkdir()
    if target:
        (tmp_path / "docs" / path).symlink_to(target)
    else:
        (tmp_path / "docs" / path).mkdir()

    (found,) = findings(tmp_path, dict(BOOK))

    assert found.startswith(f"docs/{path}:1: cannot be read ({problem}")


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_a_readme_may_be_missing_and_no_link_to_nowhere(tmp_path: Path) -> None:
    assert findings(tmp_path, dict(BOOK)) == []

    (tmp_path / "README.md").symlink_to("docs/README.md")
    assert [line.partition(" (")[0] for line in findings(tmp_path, {})] == ["README.md:1: cannot be read"]


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_a_link_to_another_folder_or_file_is_no_finding(tmp_path: Path) -> None:
    (tmp_path / "docs" / "a" / "b").mkdir(parents=True)
    (tmp_path / "docs" / "a" / "b" / "c").symlink_to("../../../pictures")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "docs" / "two.md").symlink_to("index.md")

    assert findings(tmp_path, dict(BOOK)) == []


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_an_empty_chapter_is_the_only_finding(tmp_path: Path, text: str) -> None:
    assert findings(tmp_path, {**BOOK, "docs/step01-one.md": text}) == [
        "docs/step01-one.md:1: a chapter starts with its title; write `# The title`"
    ]


@pytest.mark.parametrize("name", ["step01-O ne.md", "Step01-o-ne.md", "STEP01-o  ne.md"])
@pytest.mark.parametrize("in_nav", [True, False])
def test_a_chapter_with_a_capital_or_a_space_in_its_name_is_the_only_finding(
    tmp_path: Path, name: str, in_nav: bool
) -> None:
    nav = NAV.replace("step01-one.md", name if in_nav else "step01-o-ne.md")
    files = {**BOOK, "mkdocs.yml": nav, f"docs/{name}": ONE}
    del files["docs/step01-one.md"]

    assert findings(tmp_path, files) == [
        f"docs/{name}:1: a chapter's file has no capitals and no spaces in its name; call it step01-o-ne.md"
    ]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ('"3 · Three":', '"3 · Three" names no file; write it behind the title'),
        ("other.md", "there is no docs/other.md; write it, or take it out of the nav"),
        ("Other: idnex.md", "there is no docs/idnex.md; did you mean docs/index.md?"),
        ("&loop [*loop]", "is no YAML (maximum recursion depth exceeded…); mend it"),
        ("https://x.org/y.md", None),
        ("lives.md", None),
        ("labs/", None),
        ("[]", None),
    ],
)
def test_an_entry_of_the_nav_needs_a_file(tmp_path: Path, entry: str, problem: str | None) -> None:
    nav = NAV.replace("extra", f"  - {entry}\nextra")
    two = chapter("Two", "class A:\n    ...\n\n    def f(self):\n        return 2", "del A.g")

    found = findings(tmp_path, {**BOOK, "docs/step02-two.md": two, "mkdocs.yml": nav})

    assert any("A.g is not in" in line for line in found) == ("YAML" not in str(problem))
    assert [re.sub(r"exceeded.*\)", "exceeded…)", f) for f in found if f.startswith("mkdocs.yml")] == [
        f"mkdocs.yml:{1 if 'YAML' in problem else 8}: {problem}" for problem in filter(None, [problem])
    ]


@pytest.mark.parametrize(
    ("one", "problem"),
    [
        (f"# One\n\n<<<<<<< HEAD\n\n{FRAGMENT.format('class A: x = 1')}", "git's conflict marker"),
        (ONE.replace("```python", "````python"), "a fence of 4 backticks is closed by one of 3 in line 7"),
    ],
)
def test_what_an_unreadable_page_should_have_written_is_no_news(
    tmp_path: Path, one: str, problem: str
) -> None:
    (found,) = findings(
        tmp_path, {**BOOK, "docs/step01-one.md": one + "\n".join([ONE.partition("\n")[2]] * 3)}
    )

    assert found.startswith(f"docs/step01-one.md:3: {problem}; ")


def test_a_byte_order_mark_and_any_line_ends_are_accepted(tmp_path: Path) -> None:
    files = {name: b"\xef\xbb\xbf" + str(text).replace("\n", "\r\n").encode() for name, text in BOOK.items()}

    book = load(write(tmp_path, {**files}))

    assert book.findings == ()
    assert book.final["src/dezero.py"].text == "class A:\n    def f(self):\n        return 2\n"


# --- packages and lives -----------------------------------------------------------------------------------


def test_the_package_as_of_a_fragment_and_as_of_a_chapter(book: Book) -> None:
    one, two = (chapter.page for chapter in book.chapters)

    assert "return 1" in book.package_at(one.blocks[0])["src/dezero.py"].text
    assert book.package_after(book.chapters[0]) is book.package_at(one.blocks[0])
    assert book.final is book.package_at(two.blocks[0])
    with pytest.raises(KeyError):
        book.chapter("3")


def test_the_package_as_of_an_interlude(tmp_path: Path) -> None:
    book = load(write(tmp_path, {**BOOK, **INTERLUDES, "mkdocs.yml": PAUSED}))
    another, third, end = (book.chapter(f"interlude-{name}") for name in ("another", "a-third", "the-end"))

    assert book.package_found_by(book.chapter("interlude-a-pause")) == {}
    assert book.package_after(another) is book.package_at(another.page.blocks[0])
    assert book.package_found_by(third) is book.package_before(third.page.blocks[0])
    assert "return 1.5" in book.package_found_by(third)["src/dezero.py"].text
    assert book.package_found_by(book.chapter("2")) is book.package_after(third)
    assert book.final is book.package_after(end)
    assert [book.chapter_of(change.block).key for change in book.life("A.f")] == [
        "1",
        "interlude-another",
        "2",
    ]


def test_a_definition_has_a_life(book: Book) -> None:
    assert [(c.action, book.chapter_of(c.block).number, c.inner) for c in book.life("A.f")] == [
        ("adds", 1, True),
        ("replaces", 2, False),
    ]
    assert book.life("A.f")[1].before is book.life("A.f")[0].after
    assert book.life("nothing") == ()


def test_each_name_of_a_statement_has_a_life(tmp_path: Path) -> None:
    one = chapter("One", "low, high = 0, 1\n\n\nclass A:\n    x = y = 1")
    book = load(write(tmp_path, {**BOOK, "docs/step01-one.md": one, "docs/step02-two.md": "# Two\n"}))

    assert [change.name for change in book.life("high")] == ["low, high"]
    assert [change.name for change in book.life("A.y")] == ["A.x, y"]


def test_an_untouched_module_is_the_same_object(tmp_path: Path) -> None:
    two = '# Two\n\n```python title="tests/test_x.py"\nx = 1\n```\n'
    book = load(write(tmp_path, {**BOOK, "docs/step02-two.md": two}))

    assert book.package_after(book.chapters[0])["src/dezero.py"] is book.final["src/dezero.py"]
    assert set(book.final) == {"src/dezero.py", "tests/test_x.py"}


def test_a_book_that_did_not_change_is_read_once(tmp_path: Path) -> None:
    root = write(tmp_path, dict(BOOK))

    assert load(root) is load(root)


def test_an_empty_book_is_a_book(tmp_path: Path) -> None:
    book = load(write(tmp_path, {"pyproject.toml": PROJECT, "mkdocs.yml": ""}))

    assert (book.chapters, book.findings, dict(book.final), book.sessions) == ((), (), {}, ())


# --- sessions ---------------------------------------------------------------------------------------------


def test_a_chapter_is_one_session_with_the_package_of_each_point(tmp_path: Path) -> None:
    two = (
        '# Two\n\n```python\nf\n```\n\n```text title="Output"\n1\n```\n'
        + TWO.partition("\n")[2]
        + "\n```python\ng\n```\n"
    )
    book = load(write(tmp_path, {**BOOK, "docs/step02-two.md": two}))
    session = next(session for session in book.sessions if session.key == "2")

    assert [step.package for step in session.steps] == [book.package_after(book.chapters[0]), book.final]
    assert [step.answer.code if step.answer else None for step in session.steps] == ["1", None]


ANSWERS = """\
# Answers

```python
whole
```

## [1 · One](step01-one.md)

### Exercise 1

```python
one
```

```python
one more
```

## [2 · Two](step02-two.md#exercises)

```python
two
```

## Afterword

```python
end
```
"""


def test_a_section_of_answers_runs_against_its_chapter(tmp_path: Path) -> None:
    book = load(write(tmp_path, {**BOOK, "docs/answers.md": ANSWERS}))
    page = next(page for page in book.pages if page.path == "docs/answers.md")

    found = [
        (s.name, [step.block.code for step in s.steps], s.steps[0].package) for s in book.sessions_of(page)
    ]

    assert found == [
        ("Answers", ["whole", "end"], book.final),
        ("1 · One", ["one", "one more"], book.package_after(book.chapters[0])),
        ("2 · Two", ["two"], book.final),
    ]


def test_answers_to_an_interlude_run_against_the_package_as_of_its_end(tmp_path: Path) -> None:
    answers = "# Answers\n\n## [Another](interlude-another.md)\n\n```python\none\n```\n"
    files = {**BOOK, **INTERLUDES, "mkdocs.yml": PAUSED, "docs/answers.md": answers}
    book = load(write(tmp_path, files))
    page = next(page for page in book.pages if page.path == "docs/answers.md")
    (session,) = book.sessions_of(page)

    assert session.steps[0].package is book.package_after(book.chapter("interlude-another"))


def test_answers_to_a_chapter_that_is_not_there(tmp_path: Path) -> None:
    assert findings(
        tmp_path, {**BOOK, "docs/answers.md": ANSWERS.replace("step01-one.md", "step09-no.md")}
    ) == ["docs/answers.md:7: step09-no.md is no chapter of the nav; mend the link of this heading"]


def test_a_section_of_answers_speaks_as_of_its_chapter(tmp_path: Path) -> None:
    book = load(write(tmp_path, {**BOOK, "docs/answers.md": ANSWERS}))
    page = next(page for page in book.pages if page.path == "docs/answers.md")

    assert [book.last_chapter(page, block) for block in page.blocks] == [
        book.chapters[place] for place in (1, 0, 0, 1, 1)
    ]


def test_answers_are_not_held_against_a_nav_that_cannot_be_read(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, {**BOOK, "docs/answers.md": ANSWERS, "mkdocs.yml": "nav: ["})

    assert "is no YAML" in found


def test_only_chapters_hold_fragments(tmp_path: Path) -> None:
    found = findings(
        tmp_path, {**BOOK, "docs/index.md": ONE, "README.md": '# R\n\n```sh title="src/"\nrm x.py\n```\n'}
    )

    assert [finding.partition("; ")[0] for finding in found] == [
        f"{path}:3: only chapters (docs/stepNN-….md or docs/interlude-….md, in the nav) may hold fragments"
        for path in ("README.md", "docs/index.md")
    ]


def test_all_findings_come_at_once_and_in_order(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        **BOOK,
        "docs/step01-one.md": ONE + "\n```py\nx\n```\n",
        "docs/step02-two.md": chapter("Two", "del B", "print(1)"),
        "docs/zzz.md": b"\xff",
        "pyproject.toml": PROJECT,
        "mkdocs.yml": NAV.replace("2 · Two", "2 · Too"),
    }

    assert [finding.partition(": ")[0] for finding in findings(tmp_path, files)] == [
        "docs/step01-one.md:9",
        "docs/step02-two.md:4",
        "docs/step02-two.md:8",
        "docs/zzz.md:1",
        "mkdocs.yml:7",
    ]


def test_what_misses_an_unreadable_chapter_is_no_finding(tmp_path: Path) -> None:
    two = chapter("Two", "class A:\n    ...\n\n    def g(self):\n        return 2", "del A.f", "print(1)")

    assert [
        finding.partition("; ")[0]
        for finding in findings(tmp_path, {**BOOK, "docs/step01-one.md": b"\xff", "docs/step02-two.md": two})
    ] == [
        "docs/step01-one.md:1: this is not UTF-8",
        "docs/step02-two.md:16: a bare expression or call does not belong in a fragment, which only defines",
    ]
