"""Histograms of activations and gradients by layer and step, and updates of the weights, with matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from reprlib import repr as short
from textwrap import fill
from typing import Any

import numpy as np

from tinygrad_edu.viz.training.curves import plot_loss
from tinygrad_edu.viz.training.figures import SHADES, WARNING, bare, new_figure, shortened
from tinygrad_edu.viz.training.layer_history import LayerHistory, Spread

KINDS = ("activations", "gradients", "updates")
MAX_PANELS = 16  # layers
USUAL = 1e-3  # update of a weight in relation to the weight


def plot_layers(history: LayerHistory, of: str = "activations") -> Any:
    """The layers that `history` recorded: a histogram of each, from the first step in light to the last in dark.

    `of`: "activations", "gradients" (of the loss by these activations) or "updates", the change of each weight in
    relation to the weight, by step, beside the usual 1e-3. Words say where units are dead or saturated, where the
    gradient vanishes or explodes, and where updates are too large or too small. Returns the figure.
    Raises `TypeError` for another history, `ValueError` for another `of`, `RuntimeError` if nothing was recorded.
    """
    if not isinstance(history, LayerHistory):
        raise TypeError(f"plot_layers needs a LayerHistory, got {type(history).__name__} {short(history)}")
    if of not in KINDS:
        raise ValueError(f"plot_layers needs of as {', '.join(map(repr, KINDS))}, got {short(of)}")
    if not getattr(history, of):
        raise RuntimeError(
            f"plot_layers needs recorded {of}, but there are none; "
            "call history.step() after loss.backward() and optimizer.step()"
        )
    return _updates(history) if of == "updates" else _histograms(history, of)


def _histograms(history: LayerHistory, of: str) -> Any:
    layers = getattr(history, of)
    shown, found = chosen(list(layers), MAX_PANELS), history.findings(of)
    columns = min(4, len(shown), int(np.ceil(np.sqrt(len(shown)))))
    rows = -(-len(shown) // columns)
    figure = new_figure(3.2 * columns, 0.4 + 2.3 * rows)
    for i, path in enumerate(shown):
        axes = bare(figure.add_subplot(rows, columns, i + 1))
        _panel(axes, layers[path], of)
        title = shortened(path or "net", 24)
        axes.set_title(f"{title} {history.kinds[path]}", fontsize="medium", loc="left")
        _warn(axes, "; ".join(found.get(path, [])))
    steps = [history.steps[i] for i in _some(len(history.steps))]
    told = "step " + " → ".join(map(str, steps))
    left_out = f", {len(shown)} of {len(layers)} layers" if len(shown) < len(layers) else ""
    figure.suptitle(f"{of} by layer, {told}{left_out}", fontsize="medium")
    if of == "gradients":
        ends = [axes.get_xlim() for axes in figure.axes]
        for axes in figure.axes:  # one scale, on which a gradient that vanishes moves to the left
            axes.set_xlim(min(low for low, _ in ends), max(high for _, high in ends))
            axes.xaxis.set_major_formatter(lambda power, _: f"$10^{{{power:g}}}$")
            axes.xaxis.get_major_locator().set_params(integer=True)
    return figure


def _panel(axes: Any, spreads: Sequence[Spread], of: str) -> None:
    """The curves of a layer, and the mean and the spread at the last step."""
    some = _some(len(spreads))
    for at, colour in zip(some, _shades(len(some)), strict=True):
        axes.stairs(spreads[at].density, spreads[at].edges, color=colour, linewidth=1.5)
    last = spreads[-1]
    zero = f", {last.zero:.0%} are 0" if last.zero else ""
    mean = f"mean {last.mean:.2g}, " if of == "activations" else "|g|, "
    axes.set_xlabel(f"{mean}std {last.std:.2g}{zero}", fontsize="small")
    axes.set_yticks([])
    axes.set_ylim(bottom=0)
    axes.locator_params(axis="x", nbins=4)
    axes.tick_params(labelsize="small")


def _warn(axes: Any, words: str) -> None:
    if not words:
        return
    axes.set_ylim(top=1.4 * axes.get_ylim()[1])  # room above the histograms
    place = {"transform": axes.transAxes, "ha": "center", "va": "top"}
    axes.text(0.5, 0.99, fill(words, 32), fontsize="small", color=WARNING, **place)


def _some(count: int) -> list[int]:
    """At most four steps: the first, the last, and two between."""
    return sorted({round(i * (count - 1) / 3) for i in range(4)})


def _shades(count: int) -> Sequence[str]:
    return SHADES[-count:]


def chosen(paths: list[str], most: int) -> list[str]:
    """At most so many of the layers, the first and the last among them."""
    if len(paths) <= most:
        return paths
    return [paths[round(i * (len(paths) - 1) / (most - 1))] for i in range(most)]


def _updates(history: LayerHistory) -> Any:
    figure = plot_loss(history.updates, ylabel="update / weight (std)", log=True)
    (axes,) = figure.axes
    for line in axes.lines:
        line.set_xdata(history.steps)
    last = history.steps[-1]
    axes.set_xlim(-0.05 * last - 0.5, 1.05 * last + 0.5)
    axes.axhline(USUAL, color="k", alpha=0.5, linewidth=1, linestyle="--")
    axes.text(
        1, USUAL, "usual: 1e-3", transform=axes.get_yaxis_transform(), ha="right", va="bottom", alpha=0.75
    )
    words = [f"{shortened(path)}: {'; '.join(x)}" for path, x in history.findings("updates").items()]
    axes.set_title("\n".join(words[:4]), color=WARNING, fontsize="small", loc="left")
    return figure
