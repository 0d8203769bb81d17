"""The two plots of Problem 3, as SVG text for light and dark pages. They need matplotlib, the extra `plot`."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

MISSING = (
    'matplotlib is not installed, so there is no plot here; install it with pip install "tinygrad_edu[plot]"'
)
COLOURS = ("k", "r", "cyan")  # the paper's
MARKERS = ("o", "s", "^")  # for those who do not see the colours apart
INK = "#e4e8ee"  # of the report at night
DARK: dict[Any, str] = {
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
    **dict.fromkeys((f"axes3d.{axis}axis.panecolor" for axis in "xyz"), "#1c2128"),
    **dict.fromkeys(("figure.facecolor", "axes.facecolor"), "none"),
    "grid.color": "#5a6475",
    "legend.edgecolor": "#5a6475",
}


class Plot(NamedTuple):
    """A plot as SVG, for light and for dark pages."""

    svg: str
    dark: str


def dataset(X: np.ndarray, Y: np.ndarray) -> Plot | None:
    """The points of `X` (N, 3) in space, coloured by class (one-hot `Y`); None without matplotlib."""
    return _plot(4.6, 3.8, partial(_points, X, Y.argmax(axis=1)))


def losses(bits: Sequence[float]) -> Plot | None:
    """The mean loss in bits after each epoch, the first before training; None without matplotlib."""
    return _plot(6.4, 3.2, partial(_curve, bits))


def _points(X: np.ndarray, classes: np.ndarray, figure: Any, ink: str) -> None:
    axes = figure.add_subplot(projection="3d")
    for k, (colour, marker) in enumerate(zip(COLOURS, MARKERS, strict=True)):
        points, label = X[classes == k], f"class {k + 1}"
        axes.scatter(*points.T, s=50, c=colour, marker=marker, edgecolors=ink, label=label, depthshade=False)
    axes.set(title="Dataset", xlabel="X", ylabel="Y", zlabel="Z")
    axes.set_box_aspect(None, zoom=0.85)  # otherwise the name of the third axis is cut off
    axes.legend(loc="upper left", fontsize="small")


def _curve(bits: Sequence[float], figure: Any, ink: str) -> None:
    axes = figure.add_subplot()
    axes.plot(bits, color="#56B4E9" if ink == INK else "#0072B2", linewidth=2)
    axes.axhline(np.log2(3), color=ink, alpha=0.5, linewidth=1, linestyle="--")
    axes.text(
        len(bits), np.log2(3), "guessing: log₂ 3 ", alpha=0.75, va="bottom", ha="right", fontsize="small"
    )
    axes.set(xlabel="epoch", ylabel="loss (bits per example)", ylim=(0, None), xlim=(0, len(bits)))
    axes.spines[["top", "right"]].set_visible(False)


def _plot(width: float, height: float, draw: Callable[[Any, str], None]) -> Plot | None:
    """The same figure gives the same text: no date, no random ids."""
    try:
        from matplotlib import rc_context  # noqa: PLC0415 - an extra
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    texts = []
    settings: dict[Any, str] = {"svg.hashsalt": "tinygrad_edu", "svg.fonttype": "path"}
    for theme, ink in ((settings, "k"), (settings | DARK, INK)):
        out = io.StringIO()
        with rc_context(theme):
            figure = Figure(figsize=(width, height), layout="constrained")
            draw(figure, ink)
            figure.savefig(out, format="svg", metadata={"Date": None})
        texts.append(out.getvalue())
    return Plot(*texts)
