"""Arrays on a graphics card: CuPy beside NumPy, if it is there."""

import numpy as np


def __getattr__(name):
    """Return gpu_enable or cupy, found out when first asked for.

    gpu_enable says whether there are CuPy, a driver and a card; cupy is
    the module, an ImportError without it.
    """
    if name == "gpu_enable":
        value = has_gpu()
    elif name == "cupy":
        import cupy as value
    else:
        raise AttributeError(f"dezero.cuda has no {name}")
    globals()[name] = value
    return value


def has_gpu():
    """Return whether CuPy can be imported and finds a graphics card."""
    try:
        import cupy
    except ImportError:
        return False
    return bool(cupy.cuda.is_available())


def data_of(x):
    """Return the data of a variable, and anything else as it is."""
    return x.data if hasattr(x, "creator") else x


def is_cupy(x):
    """Return whether x, or the data of a variable x, is CuPy's array."""
    return type(data_of(x)).__module__.partition(".")[0] == "cupy"


def get_array_module(x):
    """Return the module of the array x, or of a variable: numpy or cupy."""
    if is_cupy(x):
        import cupy

        return cupy
    return np


def as_numpy(x):
    """Return a number, an array or the data of a variable for NumPy."""
    x = data_of(x)
    return x.get() if is_cupy(x) else np.asarray(x)


def as_cupy(x):
    """Return a number, an array or the data of a variable for CuPy.

    A RuntimeError says so if there is no graphics card or no CuPy.
    """
    import sys

    if not sys.modules[__name__].gpu_enable:
        raise RuntimeError(
            "as_cupy needs CuPy and a graphics card that it finds: "
            "pip install cupy-cuda12x, or stay with NumPy"
        )
    import cupy

    return cupy.asarray(data_of(x))


def like(array, x):
    """Return an array of NumPy where x is: for CuPy, on its card."""
    return as_cupy(array) if is_cupy(x) else array


def add_at(x, index, values):
    """Add values to the array x in place, repeated places repeatedly."""
    if not is_cupy(x):
        np.add.at(x, index, values)
        return
    import cupy

    if hasattr(cupy.add, "at"):
        cupy.add.at(x, index, values)
    else:
        import cupyx

        cupyx.scatter_add(x, index, values)
