"""Experiments that a server puts off: their pages stay as they were for a while, and never for good."""

from __future__ import annotations

import threading

import pytest

from literate.run import jobs
from literate.run.jobs import Later
from literate.show import folder as folders
from literate.show.folder import folder

pytestmark = pytest.mark.slow

PACKAGE = """
    ```python title="src/dezero.py"
    VALUE = {value}
    ```

    ```python
    from dezero import VALUE
    ```
    """
PATIENT = """
    ```python
    import time
    from pathlib import Path

    from dezero import VALUE

    log = Path({folder!r}) / "log"
    log.write_text(f"{{log.read_text() if log.exists() else ''}}{{VALUE}} ")
    while VALUE > 1 and not log.with_name(f"gate{{VALUE}}").exists():
        time.sleep(0.02)
    print(VALUE)
    ```

    ```text title="Output"
    {shown}
    ```

    {prose}
    """


class Server:
    """What a server does: it builds after each edit, and again when what it put off has ended."""

    def __init__(self, book_of, folder):
        self.book_of, self.folder = book_of, folder
        self.again = threading.Event()
        self.later = Later(self.again.set)
        self.value, self.shown, self.prose = 1, 1, ""

    def build(self, later=True, **edit):
        """Both pages, after an edit."""
        self.__dict__ |= edit
        options = {"folder": str(self.folder), "shown": self.shown, "prose": self.prose}
        book = self.book_of(PACKAGE.format(value=self.value), PATIENT.format(**options))
        pages = folder(book, later=self.later if later else None).pages
        if later:
            self.later.go(book.project)
        return pages["step01-chapter.md"], pages["step02-chapter.md"]

    def build_again(self, value):
        """The build that follows when the experiments with this value may go on."""
        (self.folder / f"gate{value}").touch()
        assert self.again.wait(60)
        self.again.clear()
        return self.build()

    @property
    def ran(self):
        """The values that chapter 2 has seen."""
        return (self.folder / "log").read_text().split()


@pytest.fixture
def server(book_of, tmp_path):
    server = Server(book_of, tmp_path)
    first, second = server.build(later=False)
    assert not first.waits
    assert not second.waits
    assert not second.findings
    yield server
    server.later.stop()


def test_the_first_pages_are_there_before_anything_has_run(book_of, tmp_path):
    folders._kept.clear()
    server = Server(book_of, tmp_path)
    first, second = server.build(value=2, shown=3)
    assert first.waits
    assert second.waits
    assert "print(VALUE)" in second.text
    assert not second.findings

    first, second = server.build_again(2)
    assert not first.waits
    assert not second.waits
    assert "the output differs" in second.findings[0].message
    assert server.ran == ["2"]


def test_prose_that_is_edited_while_a_page_waits_is_there_at_once(server):
    server.build(value=2)
    _, second = server.build(prose="More.")

    assert "More." in second.text
    assert second.waits

    _, second = server.build_again(2)
    assert "More." in second.text
    assert second.findings
    assert server.ran == ["1", "2"]


def test_what_has_run_is_told_while_other_things_still_run(server, monkeypatch):
    monkeypatch.setattr(jobs, "OFTEN", 0.0)
    folders._kept.clear()
    server.build(value=2)

    assert server.again.wait(60)
    first, second = server.build()
    server.later.stop()
    assert not first.waits
    assert second.waits


def test_an_edited_page_is_there_while_the_others_are_as_they_were(server):
    _, before = server.build()
    first, second = server.build(value=2)

    assert "VALUE = 2" in first.text
    assert not first.waits
    assert second.waits
    assert second.text == before.text


def test_what_a_later_chapter_has_against_it_comes_when_it_has_run(server):
    server.build(value=2)
    first, second = server.build_again(2)

    assert not first.waits
    assert not second.waits
    assert "the output differs" in second.findings[0].message
    assert "literate-errors" in second.text
    assert server.ran == ["1", "2"]


def test_a_second_edit_meanwhile_takes_the_place_of_the_first(server):
    server.build(value=2)
    server.build(value=3)
    (server.folder / "gate2").touch()
    _, second = server.build_again(3)

    assert second == woven_anew(server)
    assert "3" in second.findings[0].message
    assert server.ran[-1] == "3"


def test_an_edit_that_is_taken_back_leaves_nothing_to_wait_for(server):
    server.build(value=2)
    _, second = server.build(value=1)

    assert not second.waits
    assert not second.findings
    assert not server.later._running


def test_another_build_meanwhile_disturbs_nothing(server):
    server.build(value=2)
    first, _ = server.build(value=2)
    _, second = server.build_again(2)

    assert not first.waits
    assert second.findings
    assert server.ran == ["1", "2"]


def test_what_takes_long_after_an_edit_is_waited_for_a_moment_alone(server, monkeypatch):
    monkeypatch.setattr(jobs, "GRACE", 0.1)
    _, second = server.build(value=2, shown=2, prose="More.")
    assert second.waits
    assert "More." in second.text
    assert not second.findings

    _, second = server.build()
    assert second.waits
    _, second = server.build_again(2)
    assert not second.waits
    assert not second.findings
    assert server.ran == ["1", "2"]


DRAWING = """
    ```python
    class {name}:
        def _repr_svg_(self):
            return "<svg><g/></svg>"


    {name}()
    ```

    ```text title="Figure"
    A caption.

    What is seen.
    ```
    """


def test_a_page_that_waits_keeps_its_pictures(book_of, monkeypatch):
    monkeypatch.setattr(jobs, "GRACE", 0.0)
    later = Later(lambda: None)
    assert "<g/>" in folder(book_of(DRAWING.format(name="A"))).pages["step01-chapter.md"].text

    page = folder(book_of(DRAWING.format(name="B")), later=later).pages["step01-chapter.md"]
    later.stop()
    assert page.waits
    assert "B()" in page.text
    assert "<g/>" in page.text


def test_a_page_that_is_itself_edited_is_waited_for(server):
    server.build(value=2)
    (server.folder / "gate2").touch()
    _, second = server.build(shown=2, prose="More.")

    assert "More." in second.text
    assert not second.waits
    assert not second.findings


def test_what_was_interrupted_runs_when_it_is_asked_for_again(server):
    server.build(value=2)
    server.later.stop()
    server.later = Later(server.again.set)  # another server, which knows the pages
    _, second = server.build()
    assert second.waits

    _, second = server.build_again(2)
    assert second.findings


def test_a_build_that_serves_nothing_waits_for_all(server):
    server.build(value=2)
    server.later.stop()
    (server.folder / "gate2").touch()
    _, second = server.build(later=False)

    assert not second.waits
    assert second.findings


def test_where_nothing_can_be_kept_a_page_still_comes_right(server, monkeypatch):
    monkeypatch.setattr("literate.run.cache.write", lambda *_: None)
    server.build(value=2)
    _, second = server.build_again(2)

    assert not second.waits
    assert second.findings
    assert server.ran == ["1", "2", "2"]


def woven_anew(server):
    """The second page as another process would weave it."""
    folders._kept.clear()
    return server.build(later=False)[1]
