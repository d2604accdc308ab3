"""Arrays with names in one file, whole or not at all."""

import json
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np


def save_arrays(path, arrays):
    """Write a dict of arrays into a file.

    The format is safetensors for a path that ends in .safetensors, and
    else npz. The file is written in another folder and then moved:
    whatever interrupts it, the old file is whole, or the new one.
    """
    path = Path(path)
    is_safe = path.suffix == ".safetensors"
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        part = Path(folder) / path.name
        (write_safetensors if is_safe else write_npz)(part, arrays)
        part.replace(path)


def write_npz(path, arrays):
    """Write arrays in the format npz, an archive of files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, array in arrays.items():
            write(archive, key + ".npy", np.asarray(array))


def write(archive, name, array):
    """Write an array as one member of an archive."""
    with archive.open(name, "w", force_zip64=True) as file:
        np.lib.format.write_array(file, array, allow_pickle=False)


def load_arrays(path):
    """Return the arrays in a file, as a dict.

    The format is safetensors for a path that ends in .safetensors, and
    else npz. A ValueError says so if the file is damaged or no such
    file. Nothing in it is unpickled.
    """
    is_safe = Path(path).suffix == ".safetensors"
    with open(path, "rb") as file:
        try:
            return (read_safetensors if is_safe else read_npz)(file)
        except Exception as error:  # a wrong byte can lead to any
            raise ValueError(
                f"{path} is damaged, or no file of arrays: {error!r}"
            ) from error


def read_npz(file):
    """Return the arrays in a file of the format npz, as a dict."""
    with zipfile.ZipFile(file) as archive:
        return {
            name.removesuffix(".npy"): read(archive, name)
            for name in archive.namelist()
        }


def read(archive, name):
    """Return the array in one member of an archive."""
    with archive.open(name) as file:
        return np.lib.format.read_array(file, allow_pickle=False)


TYPES = {"BOOL": "bool", "U8": "uint8", "I8": "int8"}
TYPES |= {"U16": "uint16", "I16": "int16", "F16": "float16"}
TYPES |= {"U32": "uint32", "I32": "int32", "F32": "float32"}
TYPES |= {"U64": "uint64", "I64": "int64", "F64": "float64"}
CODES = {name: code for code, name in TYPES.items()}


def write_safetensors(path, arrays):
    """Write arrays as safetensors: the header, then their elements."""
    arrays = {name: np.asarray(array) for name, array in arrays.items()}
    header, end = {}, 0
    for name in sorted(arrays, key=lambda name: -arrays[name].itemsize):
        array = arrays[name]
        if name == "__metadata__" or array.dtype.name not in CODES:
            raise ValueError(
                f"{name}, of {array.dtype}, can't be in a file of "
                "safetensors; one that ends in .npz takes it"
            )
        header[name] = {
            "dtype": CODES[array.dtype.name],
            "shape": array.shape,
            "data_offsets": (end, end + array.nbytes),
        }
        end += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in header:
            little = arrays[name].dtype.newbyteorder("<")
            file.write(arrays[name].astype(little).tobytes())


def read_safetensors(file):
    """Return the arrays in a file of safetensors, as a dict.

    Those of bfloat16, which NumPy does not have, become float32.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    length = int.from_bytes(file.read(8), "little")
    header = json.loads(file.read(min(length, size)))
    header.pop("__metadata__", None)
    check_places(header, size - 8 - length)
    return {
        name: read_part(file, 8 + length, name, **entry)
        for name, entry in header.items()
    }


def check_places(header, size):
    """Raise a ValueError unless the arrays fill the data, in a row."""
    last = 0
    for begin, end in sorted(e["data_offsets"] for e in header.values()):
        if begin != last:
            raise ValueError(f"an array begins at {begin}, not {last}")
        last = end
    if last != size:
        raise ValueError(f"{size} bytes of data, not {last}")


def read_part(file, start, name, dtype, shape, data_offsets):
    """Return an array of a file of safetensors."""
    if dtype not in (*TYPES, "BF16"):
        raise ValueError(
            f"{name} is of the type {dtype}, which NumPy does not have; "
            "convert it to F32 with the library that wrote it"
        )
    begin, end = data_offsets
    file.seek(start + begin)
    content = bytearray(file.read(end - begin))
    little = np.dtype(TYPES.get(dtype, "uint16")).newbyteorder("<")
    array = np.frombuffer(content, little).reshape(shape)
    if list(array.shape) != shape:
        raise ValueError(f"{name} has the shape {array.shape}")
    if dtype == "BF16":
        return np.asarray(array.astype("u4") << 16).view("f4")
    return array


def differences(arrays, shapes, needed=()):
    """Return a list of texts: which arrays of a file do not fit.

    shapes has the shape for each name, None for any; needed are the
    names that the file must contain.
    """
    problems = []
    for name in needed:
        if name not in arrays:
            shape = shapes[name]
            here = "" if shape is None else f", {shape} here"
            problems.append(f"{name} is missing{here}")
    for name, array in arrays.items():
        if name not in shapes:
            problems.append(f"{name} is in the file alone, {array.shape}")
        elif shapes[name] not in (None, array.shape):
            found, shape = array.shape, shapes[name]
            problems.append(f"{name} is {found} in the file, {shape} here")
    return problems


def check_arrays(path, arrays, shapes, needed=()):
    """Raise a ValueError with the differences, if there are any."""
    problems = differences(arrays, shapes, needed)
    if problems:
        raise ValueError(f"{path} does not fit: {'; '.join(problems)}")
