"""Figures of matplotlib, the extra `plot`: without pyplot, which would open windows and keep figures."""

from __future__ import annotations

import functools
import io
from typing import Any

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # told apart by the colour-blind
MARKERS = ("o", "s", "^", "D", "v", "P")


def new_figure(width: float, height: float) -> Any:
    """An empty figure of so many inches. Raises `ImportError` without matplotlib."""
    return _figure_class()(figsize=(width, height), layout="constrained")


@functools.cache
def _figure_class() -> Any:
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra
    except ImportError:
        raise ImportError(
            'plotting needs matplotlib, which is not installed; pip install "tinygrad_edu[plot]"'
        ) from None

    class Plot(Figure):  # type: ignore[misc,unused-ignore]
        """A figure that notebooks show by themselves."""

        def _repr_png_(self) -> bytes:
            return png(self)

    return Plot


def png(figure: Any) -> bytes:
    """The figure as an image."""
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=120, metadata={"Software": None})
    return out.getvalue()


def bare(axes: Any) -> Any:
    """Axes without the lines at the top and at the right."""
    axes.spines[["top", "right"]].set_visible(False)
    return axes
