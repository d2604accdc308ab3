"""Matplotlib's backend in experiments: ``plt.show()`` hands the figure to the page, as in a notebook."""

from __future__ import annotations

from typing import Any

from matplotlib import pyplot
from matplotlib.backends.backend_agg import FigureCanvasAgg as FigureCanvas

__all__ = ["FigureCanvas", "show", "shown"]

shown: list[Any] = []  # figures, and nobody has taken them yet


def show(*_: object, **options: object) -> None:
    """Note the figures that are open, and close them."""
    shown.extend(map(pyplot.figure, pyplot.get_fignums()))
    pyplot.close("all")
