"""The two plots of Problem 3, as SVG text. They need matplotlib, the extra `plot`; else there are none."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

MISSING = (
    'matplotlib is not installed, so there is no plot here; install it with pip install "tinygrad_edu[plot]"'
)
COLOURS = ("k", "r", "cyan")  # the paper's
MARKERS = ("o", "s", "^")  # for those who do not see the colours apart


def dataset(X: np.ndarray, Y: np.ndarray) -> str | None:
    """The points of `X` (N, 3) in space, coloured by class (one-hot `Y`); None without matplotlib."""
    figure = _figure(4.6, 3.8)
    if figure is None:
        return None
    axes = figure.add_subplot(projection="3d")
    for k, (colour, marker) in enumerate(zip(COLOURS, MARKERS, strict=True)):
        points = X[Y.argmax(axis=1) == k]
        axes.scatter(
            *points.T, s=50, c=colour, marker=marker, edgecolors="k", label=f"class {k + 1}", depthshade=False
        )
    axes.set(title="Dataset", xlabel="X", ylabel="Y", zlabel="Z")
    axes.set_box_aspect(None, zoom=0.85)  # otherwise the name of the third axis is cut off
    axes.legend(loc="upper left", fontsize="small")
    return _svg(figure)


def losses(bits: Sequence[float]) -> str | None:
    """The mean loss in bits after each epoch, the first before training; None without matplotlib."""
    figure = _figure(6.4, 3.2)
    if figure is None:
        return None
    axes = figure.add_subplot()
    axes.plot(bits, color="#0072B2", linewidth=2)
    axes.axhline(np.log2(3), color="#777777", linewidth=1, linestyle="--")
    axes.text(
        len(bits), np.log2(3), "guessing: log₂ 3 ", color="#555555", va="bottom", ha="right", fontsize="small"
    )
    axes.set(xlabel="epoch", ylabel="loss (bits per example)", ylim=(0, None), xlim=(0, len(bits)))
    axes.spines[["top", "right"]].set_visible(False)
    return _svg(figure)


def _figure(width: float, height: float) -> Any:
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    return Figure(figsize=(width, height), layout="constrained")


def _svg(figure: Any) -> str:
    """The same figure gives the same text: no date, no random ids."""
    from matplotlib import rc_context  # noqa: PLC0415 - an extra

    out = io.StringIO()
    with rc_context({"svg.hashsalt": "tinygrad_edu", "svg.fonttype": "path"}):
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()
