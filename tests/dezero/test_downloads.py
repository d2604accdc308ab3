"""Downloads: a file is whole and the right one, or it is not there. A thread plays the mirrors."""

import gzip
import hashlib
import os
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from dezero import downloads
from dezero.utils import cache_folder, get_file

WORDS = b"seven, nine, two\n" * 10_000  # 170,000 bytes, several blocks
KNOWN = hashlib.sha256(WORDS).hexdigest()


class Mirrors(BaseHTTPRequestHandler):
    """What is first in the path says what goes wrong; `right` sends the file."""

    asked: ClassVar = Counter()

    def do_GET(self):
        way = self.path.split("/")[1]
        self.asked[way] += 1
        getattr(self, way)()

    def send(self, content, length=None):
        self.send_response(200)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)

    def right(self):
        self.send(WORDS)

    def damaged(self):
        self.send(WORDS[:-2] + b"0\n")

    def half(self):
        self.send(WORDS[: len(WORDS) // 2], len(WORDS))

    def half_without_length(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(WORDS[: len(WORDS) // 2])

    def half_in_chunks(self):
        self.protocol_version = "HTTP/1.1"
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"20000\r\n" + WORDS[:1000])
        self.close_connection = True

    def large(self):
        self.send(WORDS * 10)

    def large_without_length(self):
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(1000):
                self.wfile.write(WORDS)
        except OSError:  # they have hung up
            pass

    def missing(self):
        self.send_error(404)

    def strange(self):
        self.wfile.write(b"good morning\r\n\r\n")

    def silent(self):
        self.close_connection = True

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirrors)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def mirror(server):
    """Return a function from what a mirror does to its address of a file."""
    Mirrors.asked.clear()
    return lambda way, name="words.txt": f"{server}/{way}/{name}"


@pytest.fixture
def nowhere():
    """The address of a machine that takes no calls."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return f"http://127.0.0.1:{port}/words.txt"


def fetched(url, cache, **options):
    return get_file(url, **{"sha256": KNOWN, "most": 200_000, "cache": cache, **options})


BAD = {
    "damaged": "its SHA-256 is not the one expected",
    "half": "it broke off after 85,000 of 170,000|IncompleteRead",
    "half_without_length": "its SHA-256 is not the one expected",
    "half_in_chunks": "IncompleteRead",
    "large": "it has more than 200,000 bytes",
    "large_without_length": "it has more than 200,000 bytes",
    "missing": "404",
    "strange": "good morning",
    "silent": "closed|reset",
}
each_bad = pytest.mark.parametrize("way", BAD)


# --- what arrives ---------------------------------------------------------------------------------


def test_a_file_arrives_whole_in_the_cache_folder(mirror, tmp_path):
    path = fetched(mirror("right"), tmp_path / "deep" / "cache")

    assert path == str(tmp_path / "deep" / "cache" / "words.txt")
    assert Path(path).read_bytes() == WORDS
    assert os.listdir(tmp_path / "deep" / "cache") == ["words.txt"]


def test_a_file_that_is_there_is_not_fetched_again(mirror, tmp_path):
    for _ in range(3):
        fetched(mirror("right"), tmp_path)

    assert Mirrors.asked["right"] == 1


def test_a_file_may_have_another_name(mirror, tmp_path):
    assert fetched(mirror("right"), tmp_path, file_name="other.txt") == str(tmp_path / "other.txt")


def test_without_a_known_sha256_a_file_that_is_there_is_taken(mirror, tmp_path):
    (tmp_path / "words.txt").write_text("mine")

    assert Path(fetched(mirror("right"), tmp_path, sha256=None)).read_text() == "mine"
    assert not Mirrors.asked


def test_an_address_may_be_that_of_a_file(tmp_path):
    (tmp_path / "words.txt").write_bytes(WORDS)

    path = fetched((tmp_path / "words.txt").as_uri(), tmp_path / "cache")

    assert Path(path).read_bytes() == WORDS


def test_several_at_once_get_the_same_whole_file(mirror, tmp_path):
    with ThreadPoolExecutor(4) as pool:
        paths = set(pool.map(lambda _: fetched(mirror("right"), tmp_path), range(4)))

    assert paths == {str(tmp_path / "words.txt")}
    assert (tmp_path / "words.txt").read_bytes() == WORDS


# --- what goes wrong ------------------------------------------------------------------------------


@each_bad
def test_a_bad_download_says_why_and_leaves_nothing(way, mirror, tmp_path):
    with pytest.raises(OSError, match=BAD[way]) as error:
        fetched(mirror(way), tmp_path)

    assert mirror(way) in str(error.value)
    assert not os.listdir(tmp_path)


@each_bad
def test_the_next_mirror_is_asked(way, mirror, tmp_path):
    path = fetched([mirror(way), mirror("right")], tmp_path)

    assert Path(path).read_bytes() == WORDS
    assert Mirrors.asked == {way: 1, "right": 1}


def test_a_half_file_of_known_length_is_refused_without_a_sha256(mirror, tmp_path):
    with pytest.raises(OSError, match=r"it broke off|IncompleteRead"):
        fetched(mirror("half"), tmp_path, sha256=None)

    assert not os.listdir(tmp_path)


def test_a_damaged_file_in_the_cache_is_fetched_again(mirror, tmp_path):
    (tmp_path / "words.txt").write_bytes(WORDS[:-1])

    assert Path(fetched(mirror("right"), tmp_path)).read_bytes() == WORDS


def test_a_damaged_file_in_the_cache_is_never_taken(mirror, tmp_path):
    (tmp_path / "words.txt").write_bytes(WORDS[:-1])

    for _ in range(2):
        with pytest.raises(OSError, match="404"):
            fetched(mirror("missing"), tmp_path)


def test_without_a_network_it_says_where_to_put_the_file(nowhere, tmp_path):
    with pytest.raises(OSError, match=r"words\.txt could not be fetched; put it into") as error:
        fetched([nowhere, nowhere], tmp_path)

    assert f"put it into {tmp_path} by hand" in str(error.value)
    assert str(error.value).count(f"{nowhere}: ") == 2


def test_what_is_no_address_is_a_problem_like_others(mirror, tmp_path):
    assert fetched(["words.txt", "nothing://words.txt", mirror("right")], tmp_path)
    with pytest.raises(OSError, match="unknown url type"):
        fetched("words.txt", tmp_path / "empty")


def test_an_interrupted_download_leaves_nothing(mirror, tmp_path, monkeypatch):
    def interrupt(name, size, total):
        if size:
            assert os.listdir(tmp_path)  # it is under way
            raise KeyboardInterrupt

    monkeypatch.setattr(downloads, "show", interrupt)

    with pytest.raises(KeyboardInterrupt):
        fetched(mirror("right"), tmp_path)
    assert not os.listdir(tmp_path)


# --- packed files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [1, 9])
def test_the_sha256_of_a_packed_file_is_that_of_its_content(level, tmp_path):
    (tmp_path / "words.gz").write_bytes(gzip.compress(WORDS, level))

    path = fetched((tmp_path / "words.gz").as_uri(), tmp_path / "cache")

    assert gzip.decompress(Path(path).read_bytes()) == WORDS


def test_the_sha256_of_a_packed_archive_is_that_of_the_file(tmp_path):
    archive = tmp_path / "words.tar.gz"
    archive.write_bytes(gzip.compress(WORDS))
    known = hashlib.sha256(archive.read_bytes()).hexdigest()

    assert fetched(archive.as_uri(), tmp_path / "cache", sha256=known)
    with pytest.raises(OSError, match="SHA-256"):
        fetched(archive.as_uri(), tmp_path / "other")


PACKED = gzip.compress(WORDS)
DAMAGES = {
    "half": PACKED[: len(PACKED) // 2],
    "empty": b"",
    "not packed": WORDS,
    **{f"changed at {i}": PACKED[:i] + bytes([PACKED[i] ^ 255]) + PACKED[i + 1 :] for i in (0, 10, 12, 100)},
    "more after it": PACKED + b"more",
    "much larger inside": gzip.compress(bytes(10_000_000)),
}


@pytest.mark.parametrize("content", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_packed_file_is_refused(content, tmp_path):
    (tmp_path / "words.gz").write_bytes(content)

    with pytest.raises(OSError, match="SHA-256"):
        fetched((tmp_path / "words.gz").as_uri(), tmp_path / "cache")
    assert not os.listdir(tmp_path / "cache")


def test_a_packed_file_may_not_be_too_large_inside(tmp_path):
    (tmp_path / "words.gz").write_bytes(PACKED)
    assert len(PACKED) < 1000

    with pytest.raises(OSError, match="SHA-256"):
        fetched((tmp_path / "words.gz").as_uri(), tmp_path / "cache", most=1000)


# --- the folder, and what is seen -----------------------------------------------------------------


def test_the_folder_is_the_argument_then_the_environment_then_home(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.delenv("DEZERO_CACHE", raising=False)
    assert cache_folder() == tmp_path / ".dezero"

    monkeypatch.setenv("DEZERO_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"
    assert cache_folder(tmp_path / "yours") == tmp_path / "yours"
    assert {path.name for path in tmp_path.iterdir()} == {".dezero", "mine", "yours"}


def test_a_download_is_silent_where_there_is_no_terminal(mirror, tmp_path, capfd):
    fetched(mirror("right"), tmp_path)

    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("way", "last"),
    [
        ("right", "words.txt: 170,000 of 170,000 bytes\n"),
        ("half_without_length", "words.txt: 85,000 bytes\n"),
    ],
)
def test_a_terminal_shows_how_much_has_come(way, last, mirror, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)

    fetched(mirror(way), tmp_path, sha256=None)

    shown = capsys.readouterr().err
    assert shown.endswith(last)
    assert shown.count("\n") == 1
