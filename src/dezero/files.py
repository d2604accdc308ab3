"""Arrays with names in one file, whole or not at all."""

import tempfile
import zipfile
from pathlib import Path

import numpy as np


def save_arrays(path, arrays):
    """Write a dict of arrays into a file of the format npz.

    The file is written in another folder and then moved: whatever
    interrupts it, the old file is whole, or the new one.
    """
    path = Path(path)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        part = Path(folder) / path.name
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for key, array in arrays.items():
                write(archive, key + ".npy", np.asarray(array))
        part.replace(path)


def write(archive, name, array):
    """Write an array as one member of an archive."""
    with archive.open(name, "w", force_zip64=True) as file:
        np.lib.format.write_array(file, array, allow_pickle=False)


def load_arrays(path):
    """Return the arrays in a file of the format npz, as a dict.

    A ValueError says so if the file is damaged or no such file. Nothing
    in it is unpickled.
    """
    with open(path, "rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return {
                    name.removesuffix(".npy"): read(archive, name)
                    for name in archive.namelist()
                }
        except Exception as error:  # a wrong byte can lead to any
            raise ValueError(
                f"{path} is damaged, or no file of arrays: {error!r}"
            ) from error


def read(archive, name):
    """Return the array in one member of an archive."""
    with archive.open(name) as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def check_arrays(path, arrays, shapes, needed=()):
    """Raise a ValueError that lists which arrays of a file do not fit.

    shapes has the shape for each name, None for any; needed are the
    names that the file must contain.
    """
    problems = [f"{n} is missing" for n in needed if n not in arrays]
    for name, array in arrays.items():
        if name not in shapes:
            problems.append(f"{name} is in the file alone")
        elif shapes[name] not in (None, array.shape):
            found, shape = array.shape, shapes[name]
            problems.append(f"{name} is {found} in the file, {shape} here")
    if problems:
        raise ValueError(f"{path} does not fit: {'; '.join(problems)}")
