"""The package in src/ is what the chapters say, and can be read back as they say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from literate.cli import main
from literate.fold.book import load
from literate.write.comparing import read_tangled
from literate.write.manifest import parts

ROOT = Path(__file__).parents[2]
BOOK = load(ROOT)


def test_src_and_tests_are_what_the_chapters_say(capsys):
    code = main(["--root", str(ROOT), "tangle", "--check"])

    assert (code, capsys.readouterr().err) == (0, "")


@pytest.mark.parametrize("path", sorted(BOOK.final))
def test_a_tangled_file_reads_as_the_definitions_that_it_was_made_of(path):
    module = BOOK.final[path]
    theirs, findings = read_tangled(BOOK.project, path, module.text)

    assert (findings, theirs.text) == ((), module.text)
    assert [(name, part.text) for name, part in parts(theirs).items()] == [
        (name, part.text) for name, part in parts(module).items()
    ]
