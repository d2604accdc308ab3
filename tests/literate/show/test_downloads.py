"""What a chapter can be taken home as."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from literate.fold.book import load
from literate.show.downloads import archive, downloads, links, patch_of

BOOK = load(Path(__file__).parents[3])
FIRST = '```python title="src/dezero.py"\ndef double(x):\n    return 2 * x\n```'
SECOND = '```python title="tests/test_double.py"\nA = 1\n```'


def test_a_chapter_has_three_files(book_of):
    book = book_of(FIRST)

    assert list(downloads(book, book.chapter("1"))) == [
        "downloads/step01/dezero.zip",
        "downloads/step01/step01.diff",
        "downloads/step01/step01.ipynb",
    ]


def test_a_chapter_says_how_it_is_checked_if_there_is_a_page_about_that(book_of):
    moved = '```sh title="src/"\nmv dezero.py dezero/core.py\n```'
    bare = book_of(FIRST)
    assert "check" not in links(bare, bare.chapter("1"))[1]

    book = book_of("Nothing yet.", FIRST, moved, **{"type-along": "# Type along"})
    ends = [links(book, chapter)[1] for chapter in book.chapters]

    assert "check" not in ends[0]
    assert ends[1].endswith(" If you [type along](type-along.md): `literate check 2 --mine dezero.py`.")
    assert ends[2].endswith("`literate check 3 --mine dezero`.")


def test_the_archive_holds_the_package_and_the_tests_as_of_the_end(book_of):
    book = book_of(FIRST, SECOND)
    content = downloads(book, book.chapter("2"))["downloads/step02/dezero.zip"]

    with zipfile.ZipFile(io.BytesIO(content)) as found:
        assert {name: found.read(name).decode() for name in found.namelist()} == {
            "dezero.py": "def double(x):\n    return 2 * x\n",
            "tests/test_double.py": "A = 1\n",
        }


def changed(chapter):
    """The files that a chapter writes or changes, by their paths; none before there are tests."""
    before, after = BOOK.package_found_by(chapter), BOOK.package_after(chapter)
    paths = [path for path, module in after.items() if module != before.get(path)]
    return paths if any(path.startswith("tests/") for path in after) else []


def new_tests(chapter):
    """How unittest is asked for the tests that a chapter writes or changes; for all, if it has none."""
    names = [Path(path).stem for path in changed(chapter) if path.startswith("tests/")]
    return [word for name in names for word in ("-k", f"{name}.*")]


@pytest.mark.slow
@pytest.mark.parametrize("chapter", [*filter(changed, BOOK.chapters)], ids=lambda chapter: chapter.slug)
def test_in_an_unpacked_archive_the_tests_run_as_chapter_10_says(tmp_path, chapter):
    """All are imported. Those of chapters before run in their own archives, and again in the last one."""
    content = downloads(BOOK, chapter)[f"downloads/{chapter.slug}/dezero.zip"]
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path)
    command = "python -m unittest discover tests"
    assert f"```sh\n{command}\n```" in BOOK.chapter("10").page.text

    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    asked = [*command.split()[1:], *(new_tests(chapter) if chapter != BOOK.chapters[-1] else ())]
    done = subprocess.run(
        [sys.executable, *asked], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert re.search(r"Ran [1-9]\d* tests? in .*\n\nOK", done.stderr), done.stderr


@pytest.mark.slow
def test_what_is_imported_in_an_unpacked_archive_is_the_package_in_it(tmp_path):
    content = downloads(BOOK, BOOK.chapter("30"))["downloads/step30/dezero.zip"]
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path)
    command = [sys.executable, "-c", "import dezero; print(dezero.__file__)"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert Path(done.stdout.strip()).resolve() == tmp_path.resolve() / "dezero" / "__init__.py"


def test_an_archive_brings_the_data_that_its_modules_read():
    contents = {
        key: downloads(BOOK, BOOK.chapter(key))[f"downloads/step{key}/dezero.zip"] for key in ("50", "51")
    }
    names = {key: zipfile.ZipFile(io.BytesIO(content)).namelist() for key, content in contents.items()}

    assert "dezero/data/mnist/LICENSE.txt" in names["51"]
    assert not any("data/" in name for name in names["50"])


def test_a_difference_leads_from_one_archive_to_the_next(book_of):
    book = book_of(FIRST, SECOND)

    assert b"+++ b/dezero.py" in downloads(book, book.chapter("1"))["downloads/step01/step01.diff"]


def test_nothing_in_an_archive_depends_on_when_and_where_it_is_made():
    with zipfile.ZipFile(io.BytesIO(archive({"src/dezero.py": b"A = 1\n"}))) as found:
        (entry,) = found.infolist()

    assert entry.date_time == (1980, 1, 1, 0, 0, 0)
    assert (entry.create_system, entry.external_attr >> 16) == (3, 0o644)
    assert entry.compress_type == zipfile.ZIP_STORED


def test_a_chapter_that_changes_nothing_has_no_difference(book_of):
    book = book_of(FIRST, "Thinking.")

    assert set(downloads(book, book.chapter("2"))) == {
        "downloads/step02/dezero.zip",
        "downloads/step02/step02.ipynb",
    }


def test_a_chapter_before_the_first_fragment_is_a_notebook_alone(book_of):
    book = book_of("Thinking.", FIRST)

    assert list(downloads(book, book.chapter("1"))) == ["downloads/step01/step01.ipynb"]


def test_the_files_of_an_interlude_are_named_like_its_page(book_of):
    book = book_of(FIRST, f"# A pause\n\n{SECOND}", "Thinking.")
    files = downloads(book, book.chapter("interlude-a-pause"))

    assert list(files) == [
        "downloads/interlude-a-pause/dezero.zip",
        "downloads/interlude-a-pause/interlude-a-pause.diff",
        "downloads/interlude-a-pause/interlude-a-pause.ipynb",
    ]
    assert b"+++ b/tests/test_double.py" in files["downloads/interlude-a-pause/interlude-a-pause.diff"]
    assert not any(name.endswith(".diff") for name in downloads(book, book.chapter("2")))


def test_the_last_line_of_a_chapter_leads_to_its_files(book_of):
    book = book_of(FIRST, "Thinking.")

    assert "(downloads/step01/step01.diff)" in links(book, book.chapter("1"))[1]
    assert ".diff" not in links(book, book.chapter("2"))[1]


CASES = {
    "changed": ({"src/a.py": "1\n2\n3\n"}, {"src/a.py": "1\n4\n3\n"}),
    "new": ({}, {"src/a.py": "1\n", "tests/b.py": "2\n"}),
    "gone": ({"src/a.py": "1\n", "src/b.py": "2\n"}, {"src/b.py": "2\n"}),
    "moved": ({"src/a.py": "1\n2\n"}, {"src/a/b.py": "1\n2\n"}),
    "empty": ({"src/a.py": "1\n"}, {"src/a.py": "1\n", "src/a/__init__.py": ""}),
}


@pytest.mark.parametrize("command", [["patch", "-p1", "-s", "-i"], ["git", "apply"]], ids=["patch", "git"])
@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_the_difference_turns_one_package_into_the_next(tmp_path, before, after, command):
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    for path, text in before.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(text.encode())
    texts = patch_of(tuple(before.items()), tuple(after.items()))
    (tmp_path / "step.diff").write_bytes(texts.encode())
    subprocess.run([*command, "step.diff"], cwd=tmp_path, check=True)

    found = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in tmp_path.rglob("*.py")}
    assert found == after
