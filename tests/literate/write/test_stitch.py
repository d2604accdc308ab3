"""Carrying edits from src/ and tests/ into the blocks that own them."""

from __future__ import annotations

import os
import re

import pytest

ONE = '''
    ```python title="src/dezero.py"
    """A package."""

    import numpy as np


    class Variable:
        """A box."""

        def __init__(self, data):
            self.data = data  # (1)!

        def double(self):
            return 2 * self.data
    ```

    1.  A note.

    !!! note

        ```python title="src/dezero.py"
        LIMIT = 3
        ```

    > A quote:
    >
    > ```python title="src/dezero.py"
    > def half(x):
    >     return x / 2
    > ```

    - A list:

        ```python title="src/dezero.py"
        class Empty(Variable):
            pass
        ```
    '''
TWO = """
    ```python title="src/dezero.py"
    class Variable:
        ...

        def double(self):
            return self.data + self.data
    ```
    """
COPY = """
    ```sh title="src/"
    mv dezero.py dezero/core_simple.py
    cp dezero/core_simple.py dezero/core.py
    ```
    """
MANIFEST = "src/.dezero-manifest.json"
SOURCE, FIRST, SECOND = "src/dezero.py", "docs/step01-chapter.md", "docs/step02-chapter.md"


@pytest.fixture
def tangled(book_of, literate):
    """The book of ONE and TWO, tangled."""
    book_of(ONE, TWO)
    assert literate("tangle").code == 0


@pytest.fixture
def everything(tmp_path):
    """A function that tells all files of the project."""

    def read():
        files = [file for file in tmp_path.rglob("*") if file.is_file()]
        return {file.relative_to(tmp_path).as_posix(): file.read_bytes() for file in files}

    return read


# --- what is carried ------------------------------------------------------------------------------

CARRIED = {
    "into the last block that wrote it": (
        SECOND,
        [("        return self.data + self.data\n", "        x = self.data\n        return x + x\n")],
        [("        return self.data + self.data\n", "        x = self.data\n        return x + x\n")],
    ),
    "beside an annotation": (
        FIRST,
        [("self.data = data\n", "self.data = np.asarray(data)\n")],
        [("self.data = data  # (1)!\n", "self.data = np.asarray(data)  # (1)!\n")],
    ),
    "above and below an annotation": (
        FIRST,
        [
            (
                "        self.data = data\n",
                "        data = np.asarray(data)\n        self.data = data\n        self.n = 1\n",
            )
        ],
        [
            (
                "        self.data = data  # (1)!\n",
                "        data = np.asarray(data)\n        self.data = data  # (1)!\n        self.n = 1\n",
            )
        ],
    ),
    "with the annotation on the line most like the old one": (
        FIRST,
        [("        self.data = data\n", "        first = second = None\n        self.data = data.copy()\n")],
        [
            (
                "        self.data = data  # (1)!\n",
                "        first = second = None\n        self.data = data.copy()  # (1)!\n",
            )
        ],
    ),
    "into an admonition": (
        FIRST,
        [("LIMIT = 3", "# high enough\nLIMIT = 4")],
        [("    LIMIT = 3", "    # high enough\n    LIMIT = 4")],
    ),
    "into a quote": (
        FIRST,
        [("    return x / 2", "    y = x\n\n    return y / 2")],
        [(">     return x / 2", ">     y = x\n>\n>     return y / 2")],
    ),
    "into a list": (
        FIRST,
        [("(Variable):\n    pass", "(Function):\n    # none\n    pass")],
        [("(Variable):\n        pass", "(Function):\n        # none\n        pass")],
    ),
    "into a module's docstring": (
        FIRST,
        [("A package.", "A small package.")],
        [("A package.", "A small package.")],
    ),
    "into a class's docstring": (
        FIRST,
        [("A box.", "A box\n\n    for an array.\n    ")],
        [("A box.", "A box\n\n    for an array.\n    ")],
    ),
    "in several places at once": (
        FIRST,
        [("A box.", "A case."), ("LIMIT = 3", "LIMIT = 4"), ("x / 2", "0.5 * x")],
        [("A box.", "A case."), ("LIMIT = 3", "LIMIT = 4"), ("x / 2", "0.5 * x")],
    ),
    "by removing lines": (
        FIRST,
        [("\n    return x / 2", " return x")],
        [("\n>     return x / 2", " return x")],
    ),
}


@pytest.mark.parametrize(("page", "edits", "expected"), CARRIED.values(), ids=CARRIED)
def test_an_edit_is_carried(tmp_path, tangled, edit, literate, page, edits, expected):
    text = (tmp_path / page).read_text("utf-8")
    for old, new in edits:
        edit(SOURCE, old, new)
    for old, new in expected:
        assert old in text
        text = text.replace(old, new)

    outcome = literate("stitch")

    assert (outcome.code, outcome.err) == (0, "")
    assert (tmp_path / page).read_text("utf-8") == text
    assert literate("tangle", "--check").code == 0


def test_the_output_says_which_block_was_changed(tangled, edit, literate):
    edit(SOURCE, "self.data + self.data", "self.data * 2")

    assert literate("stitch").out.splitlines() == [
        f"carried Variable.double: {SOURCE}:12 -> {SECOND}:3",
        f"wrote {SECOND}",
        f"wrote {MANIFEST}",
    ]


def test_pages_without_an_edit_are_not_touched(tmp_path, tangled, edit, literate):
    before = (tmp_path / FIRST).stat().st_mtime_ns
    edit(SOURCE, "self.data + self.data", "self.data * 2")
    literate("stitch")

    assert (tmp_path / FIRST).stat().st_mtime_ns == before


def test_with_nothing_to_carry_nothing_is_written(tangled, literate, everything):
    before = everything()
    outcome = literate("stitch")

    assert (outcome.code, everything()) == (0, before)
    assert outcome.out.startswith("nothing to do")


def test_line_ends_and_byte_order_mark_of_a_page_stay(tmp_path, tangled, edit, literate):
    page = tmp_path / FIRST
    page.write_bytes(b"\xef\xbb\xbf" + page.read_bytes().replace(b"\r", b"").replace(b"\n", b"\r\n"))
    expected = page.read_bytes().replace(b"LIMIT = 3\r\n", b"LIMIT = 4\r\n")
    edit(SOURCE, "LIMIT = 3", "LIMIT = 4")

    assert literate("stitch").code == 0
    assert page.read_bytes() == expected


def test_a_line_added_to_a_page_ends_as_the_others_do(tmp_path, tangled, edit, literate):
    page = tmp_path / FIRST
    page.write_bytes(page.read_bytes().replace(b"\r", b"").replace(b"\n", b"\r\n"))
    edit(SOURCE, "return x / 2", "y = x\n    return y / 2")

    assert literate("stitch").code == 0
    assert b"\r\n>     y = x\r\n>     return y / 2\r\n" in page.read_bytes()
    assert page.read_bytes().count(b"\n") == page.read_bytes().count(b"\r\n")


def test_imports_that_the_book_merged_from_several_blocks_are_no_edit(tmp_path, book_of, edit, literate):
    book_of(ONE, '```python title="src/dezero.py"\nimport abc\n\n\nMORE = abc\n```')
    literate("tangle")
    edit(SOURCE, "LIMIT = 3", "LIMIT = 4")

    assert literate("stitch").code == 0
    assert "    LIMIT = 4\n" in (tmp_path / FIRST).read_text("utf-8")


def test_a_tangled_test_is_carried_too(tmp_path, book_of, edit, literate):
    test = '```python title="tests/test_half.py"\ndef test_half():\n    assert 4 / 2 == 2\n```'
    book_of(ONE, test)
    literate("tangle")
    edit("tests/test_half.py", "4 / 2 == 2", "6 / 2 == 3")

    assert literate("stitch").code == 0
    assert "assert 6 / 2 == 3" in (tmp_path / SECOND).read_text("utf-8")


def test_what_the_book_changed_meanwhile_is_written_beside_what_is_carried(
    tmp_path, tangled, edit, book_of, literate
):
    edit(SOURCE, "self.data + self.data", "self.data * 2")
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO)

    assert literate("stitch").code == 0
    assert "LIMIT = 5" in (tmp_path / SOURCE).read_text("utf-8")
    assert "self.data * 2" in (tmp_path / SECOND).read_text("utf-8")


def test_the_same_edit_on_both_sides_is_no_conflict(tangled, edit, literate):
    edit(SOURCE, "LIMIT = 3", "LIMIT = 4")
    edit(FIRST, "LIMIT = 3", "LIMIT = 4")

    assert literate("stitch").out.splitlines() == [f"wrote {MANIFEST}"]


def test_blank_lines_between_definitions_become_the_book_s_again(tmp_path, tangled, edit, literate):
    before = (tmp_path / SOURCE).read_bytes()
    edit(SOURCE, "\n\nLIMIT", "\n\n\n\nLIMIT")

    assert literate("stitch").code == 0
    assert (tmp_path / SOURCE).read_bytes() == before


def test_two_files_made_by_one_block_may_be_edited_alike(tmp_path, book_of, edit, literate):
    book_of(ONE, COPY)
    literate("tangle")
    edit("src/dezero/core.py", "LIMIT = 3", "LIMIT = 4")
    edit("src/dezero/core_simple.py", "LIMIT = 3", "LIMIT = 4")

    assert literate("stitch").code == 0
    assert "    LIMIT = 4\n" in (tmp_path / FIRST).read_text("utf-8")


# --- what is refused ------------------------------------------------------------------------------

REFUSED = [
    (
        "LIMIT = 3",
        "LIMIT = 3\n\n\ndef cube(x):\n    return x**3",
        r"src/dezero.py:19: cube was typed in here; write it in the chapter that needs it, in a block with "
        r'title="src/dezero.py"',
    ),
    (
        "\n\ndef half(x):\n    return x / 2",
        "",
        r"step01-chapter.md:30: half was deleted from src/dezero.py; delete it here, or write `del half`",
    ),
    (
        "import numpy as np",
        "import numpy as np\nimport math",
        r"src/dezero.py:4: `import math` was typed in here",
    ),
    (
        "import numpy as np",
        "import numpy",
        r"`import numpy as np` was deleted from src/dezero.py; .*`del np`",
    ),
    ("def half(x):", "def halve(x):", r"half was deleted(.|\n)*halve was typed in"),
    (
        "        self.data = data\n",
        "        pass\n        pass\n",
        r"step01-chapter.md:13: Variable.__init__ was edited so that the line of `# \(1\)!` is gone; edit",
    ),
    (
        "class Variable:",
        "class Variable(Box):",
        r"step02-chapter.md:4: Variable was edited in src/dezero.py:6, and this later block would undo that; "
        r"edit it and docs/step01-chapter.md:3 by hand",
    ),
    (
        "LIMIT = 3",
        "LIMIT = 3  # (1)!",
        r"src/dezero.py:16: .* below LIMIT of .*:24 so .*: `# \(1\)!` is an annotation, which only a page",
    ),
    (
        "return x / 2",
        "y = 1\n    \n    return y",
        r"src/dezero.py:\d+: '    ' cannot be said in the block .*:29; write",
    ),
    ("return x / 2", "'''\n```\n'''", r"carrying the edit of half would make the book wrong"),
    ("LIMIT = 3", "LIMIT = (", r"src/dezero.py:16: was edited in or below LIMIT .*cannot compile this"),
    ("LIMIT = 3\n", "LIMIT = 3\n\n# mine\n", r"src/dezero.py:18: .*this comment belongs to no definition"),
]


@pytest.mark.parametrize(("old", "new", "message"), REFUSED, ids=[new[:30] for _, new, _ in REFUSED])
def test_what_cannot_be_carried_is_refused_with_the_way_out(
    tangled, edit, literate, everything, old, new, message
):
    edit(SOURCE, old, new)
    before = everything()
    outcome = literate("stitch")

    assert (outcome.code, everything()) == (1, before)
    assert re.search(message, outcome.err)


def test_one_refusal_keeps_everything_else_from_being_carried(tangled, edit, literate, everything):
    edit(SOURCE, "LIMIT = 3", "LIMIT = 4\nMORE = 5")
    before = everything()

    assert literate("stitch").code == 1
    assert everything() == before


def test_both_sides_of_a_conflict_are_named(tangled, edit, literate, everything):
    edit(SOURCE, "LIMIT = 3", "LIMIT = 4")
    edit(FIRST, "LIMIT = 3", "LIMIT = 5")
    before = everything()
    outcome = literate("stitch")

    assert (outcome.code, everything()) == (1, before)
    assert (
        f"{FIRST}:24: LIMIT was edited in {SOURCE}:16, and changed here since it was tangled; make"
        in outcome.err
    )


def test_a_definition_edited_here_and_deleted_there_is_a_conflict(tangled, edit, book_of, literate):
    edit(SOURCE, "LIMIT = 3", "LIMIT = 4")
    book_of(ONE, TWO, '```python title="src/dezero.py"\ndel LIMIT\n```')

    assert f"{SOURCE}:16: LIMIT was edited here, and no chapter writes it any more" in literate("stitch").err


def test_another_order_of_definitions_is_refused(tmp_path, tangled, literate):
    text = (tmp_path / SOURCE).read_text("utf-8")
    half = "def half(x):\n    return x / 2\n\n\n"
    assert half in text
    (tmp_path / SOURCE).write_text(text.replace(half, "") + "\n\n" + half, encoding="utf-8", newline="\n")

    assert re.search(
        "src/dezero.py has .* in another place than the book; the order is", literate("stitch").err
    )


def test_a_later_signature_shown_for_its_place_would_make_the_book_wrong(book_of, edit, literate, everything):
    shown = """
        ```python title="src/dezero.py"
        class Variable:
            ...

            def double(self): ...

            def triple(self):
                return 3 * self.data
        ```
        """
    book_of(ONE, TWO, shown)
    literate("tangle")
    edit(SOURCE, "def double(self):", "def double(self, times=2):")
    before = everything()
    outcome = literate("stitch")

    assert (outcome.code, everything()) == (1, before)
    assert (
        "step03-chapter.md:7: carrying the edit of Variable.double would make the book wrong" in outcome.err
    )


def test_an_edit_of_one_of_two_files_made_by_one_block_is_refused(book_of, edit, literate, everything):
    book_of(ONE, COPY)
    literate("tangle")
    edit("src/dezero/core.py", "LIMIT = 3", "LIMIT = 4")
    before = everything()
    outcome = literate("stitch")

    assert (outcome.code, everything()) == (1, before)
    assert "carrying the edit of LIMIT would change LIMIT of src/dezero/core_simple.py too" in outcome.err


def test_two_files_made_by_one_block_and_edited_otherwise_are_refused(book_of, edit, literate):
    book_of(ONE, COPY)
    literate("tangle")
    edit("src/dezero/core.py", "LIMIT = 3", "LIMIT = 4")
    edit("src/dezero/core_simple.py", "LIMIT = 3", "LIMIT = 5")

    assert (
        f"{FIRST}:24: this block makes two files, and they were edited differently" in literate("stitch").err
    )


def test_without_a_manifest_nobody_knows_who_changed(tmp_path, tangled, edit, literate):
    (tmp_path / MANIFEST).unlink()
    edit(SOURCE, "LIMIT = 3", "LIMIT = 4")

    assert (
        f"{MANIFEST}:1: is missing, so nothing tells what was last written; bring" in literate("stitch").err
    )


def test_a_read_only_page_is_named(tmp_path, tangled, edit, literate):
    edit(SOURCE, "LIMIT = 3", "LIMIT = 4")
    (tmp_path / FIRST).chmod(0o444)

    assert f"{FIRST}:1: is read-only; make it writable" in literate("stitch").err
    (tmp_path / FIRST).chmod(0o644)


def test_a_wrong_book_is_mended_first(tangled, edit, literate, everything):
    edit(SOURCE, "LIMIT = 3", "LIMIT = 4")
    edit(SECOND, "class Variable:", "class Varaible:")
    before = everything()
    outcome = literate("stitch")

    assert (outcome.code, everything()) == (1, before)
    assert "did you mean Variable" in outcome.err


# --- killed ---------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process is gone: nothing handles this."""


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_killed_stitch_loses_no_edit(tmp_path, tangled, edit, book_of, literate, monkeypatch, number):
    edit(SOURCE, "self.data + self.data", "self.data * 2")
    edit(SOURCE, "return x / 2", "return 0.5 * x")
    book_of(ONE.replace("LIMIT = 3", "LIMIT = 5"), TWO)
    real, calls = os.replace, []

    def dying(source, target):
        calls.append(target)
        if len(calls) == number:
            raise Killed
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", dying)
        with pytest.raises(Killed):
            literate("stitch")
    literate("tangle")
    outcome = literate("stitch")

    assert (outcome.code, outcome.err) == (0, "")
    assert "self.data * 2" in (tmp_path / SECOND).read_text("utf-8")
    assert "return 0.5 * x" in (tmp_path / FIRST).read_text("utf-8")
    assert "LIMIT = 5" in (tmp_path / SOURCE).read_text("utf-8")
    assert literate("tangle", "--check").code == 0
