"""What the view "Changed" leaves out: long runs of lines that a fragment only repeats."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from html import unescape

import markdown
import pytest

from literate.fold.book import Book
from literate.show.folder import folder

BookOf = Callable[..., Book]
Woven = Callable[..., str]


def fragment(code: str, path: str = "dezero.py") -> str:
    return f'```python title="src/{path}"\n{code.strip()}\n```\n'


def code_of(letters: str, signature: str = "def f(a):") -> str:
    """A function whose lines are letters: as short as code can be."""
    return "\n".join([signature, *(f"    {letter}" for letter in letters)])


BEFORE, AFTER = code_of("bcdefghijk"), code_of("bcdefghijK")
SHORT = "def f(a):\n    # ⋮ 7 lines as before\n    i\n    j\n    K"


def changed(page: str) -> str:
    """The code of the last block as its first view has it."""
    *_, found = re.finditer(
        r"^ *``` \{ \.python \.fragment.*?\n(.*?)\n *```$", page, re.DOTALL | re.MULTILINE
    )
    return textwrap.dedent(found[1])


def view(page: str, name: str) -> str:
    """The code of another view of the last block."""
    found = page.rpartition(f'=== "{name}"')[2].split("~~~~~~")[1]
    return textwrap.dedent(found.partition("\n")[2]).rstrip()


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("bcdefghijk", "bcdefghiJk", "⋮6 h i J k"),
        ("bcdefghijk", "Bcdefghijk", "B c d ⋮7"),
        ("bcdefghijklmnopqrst", "bcdefghijKlmnopqrst", "⋮7 i j K l m ⋮7"),
        ("bcdefghijklmnopq", "bcDefghijklmnOpq", "b c D e f ⋮6 m n O p q"),
        ("bcdefghijk", "bcdefghIjk", "b c d e f g h I j k"),
        ("bcdefghij", "bcdefghiJKLMNOPQRS", "b c d e f g h i J K L M N O P Q R S"),
        ("bcdefghijkxlmnopqrst", "bcdefghijklmnopqrst", "⋮8 j k l m ⋮7"),
    ],
    ids=["start", "end", "both sides", "between", "five are shown", "most is new", "where a line went"],
)
def test_a_long_run_of_lines_as_before_is_one_comment(
    woven: Woven, before: str, after: str, shown: str
) -> None:
    page = woven(fragment(code_of(before)), fragment(code_of(after)))

    signature, *lines = changed(page).split("\n")
    assert signature == "def f(a):"
    assert [re.sub("    # ⋮ (.) lines as before", r"    ⋮\1", line) for line in lines] == [
        f"    {line}" for line in shown.split()
    ]


@pytest.mark.parametrize("code", [BEFORE, f"class A:\n{textwrap.indent(BEFORE, '    ')}"], ids=["f", "A.f"])
def test_what_is_new_is_shown_whole(woven: Woven, code: str) -> None:
    page = woven(fragment("a = 1"), fragment(code))

    assert changed(page) == code


def test_a_function_beside_a_replaced_one_is_shown_whole(woven: Woven) -> None:
    new = code_of("bcdefghijk", "def g(a):")

    assert changed(woven(fragment(BEFORE), fragment(f"{AFTER}\n\n\n{new}"))) == f"{SHORT}\n\n\n{new}"


def test_the_marks_count_the_lines_that_are_shown(woven: Woven) -> None:
    before = f"{code_of('bcdefghijklmnopqrst')}\n\n\n{code_of('bc', 'def g(a):')}"
    after = before.replace("k", "K").replace("    b\n    c", "    b\n    C", 2).replace("    C", "    c", 1)

    page = woven(fragment(before), fragment(after))

    shown = changed(page).split("\n")
    assert shown[4] == "    K"
    assert shown[-1] == "    C"
    assert f'hl_lines="5 {len(shown)}"' in page


def test_where_nothing_is_left_out_the_block_stays_as_it_is(woven: Woven) -> None:
    page = woven(fragment(code_of("bcd")), fragment(code_of("bcD")))

    assert '``` { .python .fragment hl_lines="4" }\ndef f(a):\n    b\n    c\n    D\n```' in page
    assert '=== "' not in page


def test_what_is_left_out_is_in_the_whole(woven: Woven) -> None:
    page = woven(fragment(BEFORE), fragment(AFTER))

    assert changed(page) == SHORT
    assert view(page, "Whole") == AFTER
    assert "-    k\n+    K" in view(page, "Difference")


def test_the_whole_of_a_block_that_stood_for_itself_is_that_block(woven: Woven) -> None:
    code = f"import os\n\n\n{AFTER}  # (1)!"

    page = woven(fragment(BEFORE), fragment(code))

    assert view(page, "Whole") == code.removesuffix("  # (1)!")


def test_the_whole_of_a_class_is_the_class(woven: Woven) -> None:
    one, two = (textwrap.indent(code, "    ") for code in (BEFORE, AFTER))

    page = woven(fragment(f"class A:\n    a = 1\n\n{one}"), fragment(f"class A:\n    ...\n\n{two}"))

    assert changed(page) == f"class A:\n    ...\n\n{textwrap.indent(SHORT, '    ')}"
    assert view(page, "Whole") == f"class A:\n    a = 1\n\n{two}"


def test_the_package_has_every_line(book_of: BookOf) -> None:
    book = book_of(fragment(BEFORE), fragment(AFTER))

    assert book.final["src/dezero.py"].text == f"{AFTER}\n"


def test_a_line_with_an_annotation_is_shown(woven: Woven) -> None:
    before, after = (code_of(f"bcdefghijklmnopqrs{last}") for last in "tT")

    page = woven(fragment(before), fragment(after.replace("    i", "    i  # (1)!")) + "\n1.  Why i.\n")

    left = "    # ⋮ {} lines as before\n"
    assert changed(page) == f"def f(a):\n{left.format(7)}    i  # (1)!\n{left.format(8)}    r\n    s\n    T"
    assert "    1.  Why i." in page


def test_a_signature_is_shown_with_its_decorators(woven: Woven) -> None:
    comment = "# a\n" * 6
    signature = "@a\n@b\ndef f(\n    a,\n    b,\n    c,\n    d,\n):"
    before, after = (comment + code_of(f"bcdefghij{last}", signature) for last in "kK")

    page = woven(fragment(before), fragment(after))

    assert changed(page) == f"# ⋮ 6 lines as before\n{SHORT.replace('def f(a):', signature)}"


def test_the_comment_above_a_class_that_stays_is_none_of_the_block(woven: Woven) -> None:
    comment = "# a\n" * 12
    after = "class A(int):\n    ...\n\n    b = 1\n" + "\n".join(f"    {a} = 1" for a in "cdefghijklm")

    page = woven(fragment(f"{comment}class A:\n    a = 1"), fragment(after))

    assert changed(page) == after


def test_a_list_keeps_its_brackets(woven: Woven) -> None:
    before, after = (
        "\n".join(["A = [", *(f"    {a}," for a in letters), "]"]) for letters in ("Bcdefghijk", "bcdefghijk")
    )

    page = woven(fragment(before), fragment(after))

    assert changed(page) == "A = [\n    b,\n    c,\n    d,\n    # ⋮ 7 lines as before\n]"


CALL = "    d(\n        e,\n        f,\n        g,\n    )\n"


def test_a_statement_as_before_is_not_shown_in_part(woven: Woven) -> None:
    before, after = (f"def f(a):\n    b\n    c\n{CALL}    h\n    {last}" for last in "iI")

    page = woven(fragment(before), fragment(after))

    assert changed(page) == "def f(a):\n    # ⋮ 7 lines as before\n    h\n    I"


def test_a_statement_with_a_new_line_is_shown_whole(woven: Woven) -> None:
    before = f"{code_of('bcdefghijklm')}\n{CALL.rstrip()}"

    page = woven(fragment(before), fragment(before.replace("        g", "        G")))

    assert changed(page) == f"def f(a):\n    # ⋮ 12 lines as before\n{CALL.rstrip().replace('g', 'G')}"


DOCSTRING = '''\
def f(a):
    """Return it.

    b
    c
    d
    e
    f
    g
    """
'''


def test_a_docstring_as_before_is_left_out(woven: Woven) -> None:
    page = woven(fragment(DOCSTRING + "    h\n    i\n    j"), fragment(DOCSTRING + "    h\n    i\n    J"))

    assert changed(page) == "def f(a):\n    # ⋮ 9 lines as before\n    h\n    i\n    J"


def test_a_docstring_that_is_shown_in_part_keeps_its_quotes(woven: Woven) -> None:
    after = DOCSTRING.replace("f(a)", "f(b)") + "    h"

    page = woven(fragment(DOCSTRING + "    h"), fragment(after))

    assert changed(page) == ('def f(b):\n    """Return it.\n\n    ⋮ 6 lines as before\n    """\n    h')


def test_an_f_string_that_is_shown_in_part_keeps_its_quotes(woven: Woven) -> None:
    code = DOCSTRING.replace('"""Return', 'b = f"""{a} Return')

    page = woven(fragment(code), fragment(code.replace("f(a)", "f(b)")))

    assert changed(page).endswith('    b = f"""{a} Return it.\n\n    ⋮ 6 lines as before\n    """')


def test_the_comment_is_indented_as_the_code_that_it_stands_for(woven: Woven) -> None:
    before = (
        f"{code_of('b')}\n    while a:\n" + textwrap.indent("\n".join("cdefgh"), " " * 8) + "\n    i\n    j"
    )

    page = woven(fragment(before), fragment(before.replace("    b", "    B")))

    assert changed(page) == "def f(a):\n    B\n    while a:\n        c\n        # ⋮ 7 lines as before"


@pytest.mark.parametrize(
    ("shell", "path"),
    [("mv dezero.py dezero/one.py", "dezero/one.py"), ("cp dezero/one.py dezero/two.py", "dezero/two.py")],
    ids=["moved", "copied"],
)
def test_a_file_that_was_moved_or_copied_is_compared_with_what_it_was(
    woven: Woven, shell: str, path: str
) -> None:
    moves = f'```sh title="src/"\n{shell}\n```\n'

    page = woven(fragment(BEFORE, shell.split()[1]), moves + fragment(AFTER, path))

    assert changed(page) == SHORT
    assert "replaces `f` of [chapter 1](step01-chapter.md#fragment-1)" in page


@pytest.mark.parametrize(
    ("opening", "prefix"),
    [
        ("", ""),
        ('??? note "More"\n\n', "    "),
        ("1.  One\n\n", "    "),
        ('=== "One"\n\n', "    "),
        ('??? note "More"\n\n    -   One\n\n', "        "),
        ("", "> "),
    ],
    ids=["alone", "collapsed", "list", "tab", "list in a collapsed block", "quote"],
)
def test_the_line_that_is_marked_on_the_page_is_the_new_one(
    book_of: BookOf, opening: str, prefix: str
) -> None:
    lines = fragment(f"\n{AFTER}\n").strip().split("\n")
    block = "\n".join(f"{prefix}{line}".rstrip() for line in lines)
    book = book_of(fragment(BEFORE), f"{opening}{block}\n")
    extensions = [
        "pymdownx.details",
        "pymdownx.superfences",
        "pymdownx.tabbed",
        "attr_list",
    ]
    woven = folder(book).pages["step02-chapter.md"]

    page = markdown.markdown(
        woven.text,
        extensions=extensions,
        extension_configs={"pymdownx.tabbed": {"alternate_style": True}},
    )

    block = re.search(r'<div class="[^"]*fragment[^"]*">.*?</div>', page, re.DOTALL)[0]
    (marked,) = re.findall(r'<span class="hll">(.*?)\n</span>', block, re.DOTALL)
    assert unescape(re.sub("<[^>]*>", "", block)).strip() == SHORT
    assert re.sub("<[^>]*>", "", marked) == "    K"
    assert '<span class="c1"># ⋮ 7 lines as before</span>' in block
    assert page.index('class="tabbed-set') < page.index("# ⋮")


IMPORTS = "from dezero import (\n" + "".join(f"    {name}1,\n" for name in "abcdefghijklm") + ")\n"
WITH_NEW = IMPORTS.replace("    i1,\n", "    i1,\n    i2,\n")
SHORTENED = """\
from dezero import (
    # ⋮ 7 lines as before
    h1,
    i1,
    i2,
    j1,
    k1,
    l1,
    m1,
)"""


def marked(page: str) -> list[str]:
    """The lines of the last block's first view that are marked."""
    *_, rows = re.findall(r'\.fragment hl_lines="([\d ]*)"', page)
    lines = changed(page).split("\n")
    return [lines[int(row) - 1] for row in rows.split()]


def test_a_long_import_is_shown_where_a_name_is_new(woven: Woven) -> None:
    page = woven(fragment(IMPORTS), fragment(WITH_NEW))

    assert changed(page) == SHORTENED
    assert marked(page) == ["    i2,"]
    assert view(page, "Whole") == WITH_NEW.strip()
    assert '=== "Difference"' not in page


def test_an_import_that_is_mostly_new_is_shown_and_not_marked(woven: Woven) -> None:
    page = woven(fragment("from dezero import a1\n"), fragment(IMPORTS))

    assert changed(page) == IMPORTS.strip()
    assert "hl_lines" not in page


def test_beside_what_is_replaced_a_new_import_is_marked(woven: Woven) -> None:
    page = woven(fragment(BEFORE), fragment(f"import weakref\n\n\n{AFTER}"))

    assert marked(page) == ["import weakref", "    K"]
