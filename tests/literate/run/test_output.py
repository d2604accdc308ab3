"""The output of an experiment as a page shows it."""

from __future__ import annotations

import pytest

from literate.read.page import CONTROL
from literate.run.output import normal

SHOWN = {
    "colours": ("\x1b[1mx\x1b[0m", "x"),
    "a title of the window": ("\x1b]0;title\x07x", "x"),
    "NUL": ("a\0b", "a\\x00b"),
    "a form feed": ("a\fb", "a\\x0cb"),
    "a line separator": ("a\u2028b", "a\\u2028b"),
    "progress": ("1 %\r50 %\r100 %\ndone", "100 %\ndone"),
    "progress that gets shorter": ("12345\rabc", "abc45"),
    "backspaces": ("12\b\b3", "32"),
    "line ends of Windows": ("a\r\nb\r\n", "a\nb"),
    "tabs": ("a\tb", "a       b"),
}


@pytest.mark.parametrize(("text", "shown"), SHOWN.values(), ids=SHOWN)
def test_an_output_is_shown_as_in_a_terminal(text, shown):
    assert normal(text) == shown


@pytest.mark.parametrize("code", range(0x20))
def test_every_character_can_stand_in_a_page_and_stays_as_it_is(code):
    shown = normal(f"a{chr(code)}b")

    assert not CONTROL.search(shown.replace("\n", ""))
    assert normal(shown) == shown
