"""Arrays with names in one file, whole or not at all."""

import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np


def save_arrays(path, arrays):
    """Write a dict of arrays into a file of the format npz.

    The file is written under another name and then moved: whatever
    interrupts it, the old file is whole, or the new one.
    """
    path = Path(path)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    part = Path(name)
    try:
        with (
            os.fdopen(handle, "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for key, array in arrays.items():
                write(archive, key + ".npy", np.asarray(array))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write(archive, name, array):
    """Write an array as one member of an archive."""
    with archive.open(name, "w", force_zip64=True) as file:
        np.lib.format.write_array(file, array, allow_pickle=False)


def load_arrays(path):
    """Return the arrays in a file of the format npz, as a dict.

    A ValueError says so if the file is damaged or no such file. Nothing
    in it is unpickled.
    """
    try:
        with zipfile.ZipFile(path) as z:
            return {
                name.removesuffix(".npy"): read(z, name)
                for name in z.namelist()
            }
    except (zipfile.BadZipFile, zipfile.zlib.error, EOFError) as error:
        raise ValueError(
            f"{path} is damaged, or no file of arrays: {error}"
        ) from error


def read(archive, name):
    """Return the array in one member of an archive."""
    with archive.open(name) as file:
        return np.lib.format.read_array(file, allow_pickle=False)
