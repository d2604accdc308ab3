"""Files from the network: fetched once, checked, never half."""

import os
import sys
from pathlib import Path


def cache_folder(cache=None):
    """Return the folder for downloads, a Path, and make it.

    It is cache, or what the variable DEZERO_CACHE of the environment
    says, or .dezero in the home folder.
    """
    folder = cache or os.environ.get("DEZERO_CACHE")
    path = Path(folder) if folder else Path.home() / ".dezero"
    path.mkdir(parents=True, exist_ok=True)
    return path


def get_file(
    url, file_name=None, sha256=None, most=2**30, cache=None
):
    """Return the path of a file, fetched if it is not there, as text.

    url is an address, or several of the same file, tried in order. The
    file goes into cache_folder(cache), under file_name or the last part
    of the address. sha256 is the SHA-256 of its bytes, for a single
    file that ends in .gz those unpacked, since mirrors compress
    differently; most is the greatest number of bytes to accept.

    Raises an OSError if no address gives these bytes, with what went
    wrong at each; nothing half or damaged is left behind.
    """
    from http.client import HTTPException

    urls = [url] if isinstance(url, str) else list(url)
    name = file_name or urls[0].rpartition("/")[2]
    path = cache_folder(cache) / name
    if path.exists() and is_right(path, sha256, most):
        return str(path)
    problems = []
    for address in urls:
        try:
            fetch(address, path, sha256, most)
            return str(path)
        except (OSError, ValueError, HTTPException) as error:
            problems.append(f"{address}: {error}")
    raise OSError(
        f"{name} could not be fetched; put it into {path.parent} by "
        "hand, or try again:\n" + "\n".join(problems)
    )


def fetch(url, path, sha256, most):
    """Write what is at url to path, whole or not at all."""
    import tempfile
    from urllib.request import urlopen

    with (
        urlopen(url, timeout=30) as response,
        tempfile.TemporaryDirectory(dir=path.parent) as folder,
    ):
        part = Path(folder) / path.name
        total = int(response.headers.get("Content-Length") or 0)
        with part.open("wb") as file:
            for size in copied(response, file):
                show(path.name, size, total)
                if size > most:
                    raise ValueError(f"it has more than {most:,} bytes")
        show(path.name, size, total, end="\n")
        if total and size != total:
            raise ValueError(f"it broke off after {size:,} of {total:,}")
        if not is_right(part, sha256, most):
            raise ValueError("its SHA-256 is not the one expected")
        part.replace(path)


def copied(response, file):
    """Copy a response into a file, and yield the number of bytes so far."""
    size = 0
    yield size
    while block := response.read(2**16):
        size += file.write(block)
        yield size


def show(name, size, total, end="\r"):
    """Show on a terminal how much of a file has come."""
    if sys.stderr.isatty():
        share = f" of {total:,}" if total else ""
        print(f"{name}: {size:,}{share} bytes", end=end, file=sys.stderr)


def is_right(path, sha256, most):
    """Return whether a file has the SHA-256, True if there is none."""
    import gzip
    import hashlib
    import zlib

    if sha256 is None:
        return True
    digest = hashlib.sha256()
    is_packed = path.suffix == ".gz" and not path.stem.endswith(".tar")
    try:
        with (gzip.open if is_packed else open)(path, "rb") as file:
            while block := file.read(2**20):
                digest.update(block)
                most -= len(block)
                if most < 0:
                    return False
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return False
    return digest.hexdigest() == sha256
