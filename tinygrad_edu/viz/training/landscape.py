"""The loss around the parameters of a net, in a plane of two directions, with matplotlib."""

from __future__ import annotations

from collections.abc import Callable
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.nn.module import Module
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.viz.training.figures import WARNING, bare, new_figure

LEVELS = 16


def plot_loss_landscape(
    loss: Callable[[], Any],
    net: Any,
    *,
    span: float = 1.0,
    points: int = 25,
    rng: np.random.Generator | None = None,
) -> Any:
    """The loss at parameters θ + a·d₁ + b·d₂ for a and b in [-span, span]; the cross is the net as it is.

    `loss` computes the loss of `net` anew: `lambda: F.cross_entropy(net(X), y)`. d₁ and d₂ are random directions by
    `rng` (by default that of seed 0), in which the part for each unit is as long as the weights of the unit; biases
    stay. `points` along each side are computed, and the parameters are put back. Returns the figure.
    Raises `TypeError` if `loss` cannot be called or `net` is no Module, `ValueError` for other numbers.
    Source: Li et al., Visualizing the Loss Landscape of Neural Nets (2018), section 4.
    """
    if not isinstance(net, Module):
        raise TypeError(f"plot_loss_landscape needs a Module, got {type(net).__name__} {short(net)}")
    if not callable(loss):
        raise TypeError(
            f"plot_loss_landscape needs a function that computes the loss, got {type(loss).__name__} {short(loss)}; "
            "write lambda: F.cross_entropy(net(X), y)"
        )
    if not span > 0 or points < 2:
        raise ValueError(
            f"plot_loss_landscape needs span above 0 and points of 2 or more, got {span}, {points}"
        )
    sides = np.linspace(-span, span, points)
    heights = _heights(loss, net, sides, rng or np.random.default_rng(0))
    return _contours(sides, heights, float(loss()))


def _heights(loss: Callable[[], Any], net: Module, sides: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The loss at each point of the plane, row b, column a."""
    parameters = [x for _, x in type(net).named_parameters(net) if x.raw.ndim > 1]
    first, second = ([direction(x.raw, rng) for x in parameters] for _ in range(2))
    start = [np.array(x.raw) for x in parameters]
    heights = np.empty((len(sides), len(sides)))
    try:
        with no_grad(), np.errstate(over="ignore", invalid="ignore"):
            for (i, j), _ in np.ndenumerate(heights):
                for x, at, d, e in zip(parameters, start, first, second, strict=True):
                    _put(x, at + sides[j] * d + sides[i] * e)
                heights[i, j] = float(loss())
    finally:
        with no_grad():
            for x, at in zip(parameters, start, strict=True):
                _put(x, at)
    return heights


def _put(parameter: Tensor, numbers: np.ndarray) -> None:
    parameter.data.copy_(Tensor(numbers))


def direction(weight: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random array of the shape of `weight` in which each unit, a part `[i]`, is as long as that of `weight`."""
    random = rng.normal(size=weight.shape).astype(weight.dtype)
    axes = tuple(range(1, weight.ndim))
    lengths, wanted = (np.sqrt((x**2).sum(axis=axes, keepdims=True)) for x in (random, weight))
    return random * (wanted / lengths)


def _contours(sides: np.ndarray, heights: np.ndarray, here: float) -> Any:
    figure = new_figure(5.4, 4.4)
    axes = bare(figure.add_subplot())
    finite = np.isfinite(heights)
    if finite.any():
        shown = np.where(finite, heights, np.nan)
        low, high = float(np.nanmin(shown)), float(np.nanmax(shown))
        by_ratio = low > 0 and high > 10 * low  # equal ratios where the loss spans more than a decade
        high = high if high > low else low + 1e-9 + abs(low) * 1e-9
        levels = (np.geomspace if by_ratio else np.linspace)(low, high, LEVELS)
        drawn = axes.contourf(sides, sides, shown, levels, norm="log" if by_ratio else "linear")
        figure.colorbar(drawn, ax=axes, label="loss", format="%.3g")
    if not finite.all():
        axes.set_title(
            f"NaN or ∞ at {(~finite).sum()} of {finite.size} points", color=WARNING, fontsize="small"
        )
    axes.plot(0, 0, "x", color="w", markersize=9, markeredgewidth=2.5)
    axes.annotate(f"{here:.3g}", (0, 0), (7, 5), textcoords="offset points", color="w", fontsize="small")
    axes.locator_params(nbins=5)
    axes.set(xlabel="direction 1", ylabel="direction 2", aspect="equal")
    return figure
