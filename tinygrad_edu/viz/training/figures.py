"""Figures of matplotlib, the extra `plot`: without pyplot, which would open windows and keep figures."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator
from itertools import cycle, product
from typing import Any

from tinygrad_edu.viz.drawing.text_width import clean

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # told apart by the colour-blind
MARKERS = ("o", "s", "^", "D", "v", "P")
SHADES = ("#BBD7EA", "#7FB2D6", "#3D86BD", "#08306B")  # of one colour, for what changes from step to step
WARNING = "#B00020"
DASHES = ("-", "--", ":", "-.")
MAX_LEGEND = 8  # entries inside the axes


def line_styles() -> Iterator[dict[str, Any]]:
    """Looks of curves that differ from each other: 6 colours, then the same with dashes, then with thinner lines."""
    return cycle(
        {"color": colour, "linestyle": dashes, "linewidth": width}
        for width, dashes, colour in product((2, 1), DASHES, COLOURS)
    )


def legend(axes: Any) -> None:
    """The legend inside the axes; of many curves beside them, in columns."""
    count = len(axes.get_legend_handles_labels()[1])
    columns = -(-count // 16)
    beside = {"loc": "upper left", "bbox_to_anchor": (1, 1.02), "fontsize": "small", "ncols": columns}
    axes.legend(frameon=False, handlelength=3, **(beside if count > MAX_LEGEND else {}))
    if count > MAX_LEGEND:
        axes.figure.set_figwidth(axes.figure.get_figwidth() + 1.8 * columns)


def plain(name: object) -> str:
    """A name as matplotlib shall write it: without controls, and no formula between dollar signs."""
    return clean(str(name)).replace("$", r"\$")


def shortened(name: object, most: int = 40) -> str:
    """A name of at most so many characters, cut in the middle: its beginning and its end tell names apart."""
    name = clean(str(name))
    return plain(name if len(name) <= most else f"{name[: most // 2 - 1]}…{name[-(most // 2) :]}")


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
