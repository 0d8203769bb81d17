"""Curves of losses and bars of gradient norms, with matplotlib, the extra `plot`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.nn.module import Module
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.viz.training.figures import (
    COLOURS,
    WARNING,
    bare,
    legend,
    line_styles,
    new_figure,
    shortened,
)

MAX_BARS = 40  # bars with a name and room of their own


def plot_loss(history: Any, *, ylabel: str = "loss", log: bool = False) -> Any:
    """The losses of `history` against the step: numbers in a row, or a dict of several such rows by name.

    A loss that is NaN or infinite is marked on the axis. `log` takes a logarithmic scale, on which a loss that is not
    above 0 is marked likewise. Returns the figure. Raises `TypeError` or `ValueError` if there are no losses.
    """
    series = _series(history, log=log)
    figure = new_figure(6.4, 3.6)
    axes = bare(figure.add_subplot())
    marked = False
    for (name, losses), look in zip(series.items(), line_styles(), strict=False):
        marked |= _curve(axes, shortened(name), losses, look, log=log)
    axes.set(xlabel="step", ylabel=ylabel, yscale="log" if log else "linear")
    last = max(map(len, series.values())) - 1
    margin = 0.05 * last or 0.5
    axes.set_xlim(-margin, last + margin)  # also where the first or last loss is not finite
    axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    if len(series) > 1 or marked:
        legend(axes)
    return figure


def _curve(axes: Any, name: str, losses: np.ndarray, look: dict[str, Any], *, log: bool) -> bool:
    """One curve; True if a loss was marked because there is no place for it."""
    steps = np.arange(len(losses))
    shown = np.isfinite(losses) & (losses > 0 if log else True)
    alone = _alone(shown)
    style = {**look, "marker": "o" if alone else None, "markevery": alone}
    axes.plot(steps, np.where(shown, losses, np.nan), label=name, **style)
    if shown.all():
        return False
    bottom = axes.get_xaxis_transform()  # x as data, y as a share of the height
    strange = f"{name} {'≤ 0, ' if np.isfinite(losses[~shown]).any() else ''}NaN or ∞".strip()
    style = {"color": "k", "marker": "x", "transform": bottom, "clip_on": False}
    axes.scatter(steps[~shown], np.zeros((~shown).sum()), label=strange, **style)
    return True


def _alone(finite: np.ndarray) -> list[int]:
    """The steps that no line leads to: those before and after are missing or not finite."""
    edged = np.pad(finite, 1)
    return [int(i) for i in np.flatnonzero(finite & ~edged[:-2] & ~edged[2:])]


def _series(history: Any, *, log: bool) -> dict[str, np.ndarray]:
    named = history if isinstance(history, Mapping) else {"": history}
    series = {str(name): _losses(row) for name, row in named.items()}
    if not any(row.size for row in series.values()):
        raise ValueError("plot_loss needs at least one loss, got none; append loss.item() in every step")
    if log and not any((row > 0).any() for row in series.values()):
        raise ValueError("plot_loss needs a loss above 0 for log=True, but there is none")
    return series


def _losses(row: Any) -> np.ndarray:
    if isinstance(row, str) or not isinstance(row, Iterable):
        raise TypeError(
            f"plot_loss needs a list of losses or a dict of lists, got {type(row).__name__} {short(row)}"
        )
    try:
        return np.array([float(x) for x in row])
    except (TypeError, ValueError) as error:
        raise TypeError(f"plot_loss needs losses that are single numbers: {error}") from error


def plot_gradient_norms(net: Any) -> Any:
    """The L2 norm of the gradient of each parameter of `net`, after `backward()`, on a logarithmic scale.

    A word stands in place of a bar that is zero, missing, NaN or infinite. Returns the figure.
    Raises `TypeError` if `net` is no Module, `RuntimeError` if there is no gradient at all.
    """
    if not isinstance(net, Module):
        raise TypeError(f"plot_gradient_norms needs a Module, got {type(net).__name__} {short(net)}")
    norms = {path: _norm(parameter) for path, parameter in type(net).named_parameters(net)}
    if all(norm is None for norm in norms.values()):
        raise RuntimeError(
            "plot_gradient_norms needs gradients, but there are none; call loss.backward() before"
        )
    figure = new_figure(6.4, 0.9 + 0.32 * min(len(norms), MAX_BARS))
    axes = bare(figure.add_subplot())
    heights = [norm if norm and np.isfinite(norm) else 0.0 for norm in norms.values()]
    axes.barh(range(len(norms)), heights, color=COLOURS[0])
    if any(heights):
        _logarithmic(axes, min(filter(None, heights)), max(heights))
    for i, (norm, height) in enumerate(zip(norms.values(), heights, strict=True)):
        if not height:
            words = "no gradient" if norm is None else "0" if norm == 0 else "NaN or ∞"
            axes.text(0.01, i, words, transform=axes.get_yaxis_transform(), va="center", color=WARNING)
    every = -(-len(norms) // MAX_BARS)  # of very many bars not every one has a name
    axes.set_yticks(range(0, len(norms), every), [shortened(path) for path in list(norms)[::every]])
    axes.set_ylim(-0.6, len(norms) - 0.4)
    axes.invert_yaxis()
    axes.set(xlabel="norm of the gradient")
    return figure


def _logarithmic(axes: Any, least: float, most: float) -> None:
    """A logarithmic x axis for bars between these lengths, with ticks that do not touch."""
    axes.set_xscale("log")
    axes.set_xlim(left=least / 3)
    axes.minorticks_off()
    if most < 30 * least:  # powers of ten alone would be one or two ticks
        axes.xaxis.get_major_locator().set_params(subs=(1, 2, 5))
        axes.xaxis.set_major_formatter("{x:g}")


def _norm(parameter: Tensor) -> float | None:
    g = parameter.raw_grad()
    if g is None:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.linalg.norm(g.astype(np.float64)))
