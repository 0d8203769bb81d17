"""Pictures of training with matplotlib, the extra `plot`: one call each, and each returns the figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.nn.module import Module
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.viz.drawing.text_width import clean
from tinygrad_edu.viz.training.figures import COLOURS, MARKERS, bare, new_figure

FINE = 200  # points of the plane along each side


def plot_loss(history: Any, *, ylabel: str = "loss", log: bool = False) -> Any:
    """The losses of `history` against the step: numbers in a row, or a dict of several such rows by name.

    A loss that is NaN or infinite is marked on the axis. `log` takes a logarithmic scale. Returns the figure.
    Raises `TypeError` or `ValueError` if there are no losses.
    """
    series = _series(history)
    figure = new_figure(6.4, 3.6)
    axes = bare(figure.add_subplot())
    for (name, losses), colour in zip(series.items(), _repeated(COLOURS), strict=False):
        steps, finite = np.arange(len(losses)), np.isfinite(losses)
        line = np.where(finite, losses, np.nan)
        alone = _alone(finite)
        style = {"color": colour, "linewidth": 2, "marker": "o" if alone else None, "markevery": alone}
        axes.plot(steps, line, label=name, **style)
        if not finite.all():
            bottom = axes.get_xaxis_transform()  # x as data, y as a share of the height
            strange = f"{name} NaN or ∞".strip()
            style = {"color": "k", "marker": "x", "transform": bottom, "clip_on": False}
            axes.scatter(steps[~finite], np.zeros((~finite).sum()), label=strange, **style)
    axes.set(xlabel="step", ylabel=ylabel, yscale="log" if log else "linear")
    last = max(map(len, series.values())) - 1
    margin = 0.05 * last or 0.5
    axes.set_xlim(-margin, last + margin)  # also where the first or last loss is not finite
    axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    if len(series) > 1 or not all(np.isfinite(x).all() for x in series.values()):
        axes.legend(frameon=False)
    return figure


def _alone(finite: np.ndarray) -> list[int]:
    """The steps that no line leads to: those before and after are missing or not finite."""
    edged = np.pad(finite, 1)
    return [int(i) for i in np.flatnonzero(finite & ~edged[:-2] & ~edged[2:])]


def _series(history: Any) -> dict[str, np.ndarray]:
    named = history if isinstance(history, Mapping) else {"": history}
    series = {clean(str(name)): _losses(row) for name, row in named.items()}
    if not any(row.size for row in series.values()):
        raise ValueError("plot_loss needs at least one loss, got none; append loss.item() in every step")
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
    figure = new_figure(6.4, 0.9 + 0.32 * len(norms))
    axes = bare(figure.add_subplot())
    heights = [norm if norm and np.isfinite(norm) else 0.0 for norm in norms.values()]
    axes.barh(range(len(norms)), heights, color=COLOURS[0])
    if any(heights):
        _logarithmic(axes, min(filter(None, heights)), max(heights))
    for i, (norm, height) in enumerate(zip(norms.values(), heights, strict=True)):
        if not height:
            words = "no gradient" if norm is None else "0" if norm == 0 else "NaN or ∞"
            axes.text(0.01, i, words, transform=axes.get_yaxis_transform(), va="center", color="#B00020")
    axes.set_yticks(range(len(norms)), [clean(path)[:40] for path in norms])
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


def plot_decision_boundary(
    net: Callable[[Any], Any], X: Any, y: Any, *, threshold: float | None = None
) -> Any:
    """The class that `net` sees at each point of the plane, and the points `X` (N, 2) with their classes `y`.

    `y` holds class numbers, (N,) or (N, 1), or is one-hot (N, K). `net` takes (M, 2) and returns (M, K), where the
    greatest of a row is the class, or (M,) or (M, 1), where class 1 begins at `threshold`: by default 0.5 if all
    results lie in [0, 1], as probabilities do, and else 0. A Module runs in eval mode. Returns the figure.
    Raises `ValueError` if the shapes do not fit.
    """
    points, classes = _points("plot_decision_boundary", X, y, 2)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.15 * np.where(high > low, high - low, 1.0)
    xs, ys = (np.linspace(a, b, FINE) for a, b in zip(low - margin, high + margin, strict=True))
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    seen = _classes_seen(net, grid, threshold).reshape(FINE, FINE)
    count = max(int(seen.max()), int(classes.max())) + 1
    figure = new_figure(5.2, 4.4)
    axes = bare(figure.add_subplot())
    colours = _repeated(COLOURS)[:count]
    axes.contourf(xs, ys, seen, levels=np.arange(count + 1) - 0.5, colors=colours, alpha=0.25)
    for k, (colour, marker) in enumerate(zip(colours, _repeated(MARKERS), strict=False)):
        axes.scatter(*points[classes == k].T, c=colour, marker=marker, edgecolors="k", label=f"class {k}")
    axes.set(xlabel="x₁", ylabel="x₂")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def _classes_seen(net: Callable[[Any], Any], grid: np.ndarray, threshold: float | None) -> np.ndarray:
    modules = list(type(net).modules(net)) if isinstance(net, Module) else []
    training = [module.training for module in modules]
    for module in modules:
        module.training = False
    try:
        with no_grad():
            out = net(Tensor(grid))
    finally:
        for module, mode in zip(modules, training, strict=True):
            module.training = mode
    scores = out.raw if isinstance(out, Tensor) else np.asarray(out)
    if scores.shape[:1] != grid.shape[:1] or scores.ndim > 2:
        raise ValueError(
            f"plot_decision_boundary needs a net that makes (M, K) of (M, 2), got {scores.shape} of {grid.shape}"
        )
    if scores.ndim == 2 and scores.shape[1] > 1:
        return scores.argmax(axis=1)
    if threshold is None:
        threshold = 0.5 if scores.min() >= 0 and scores.max() <= 1 else 0.0
    return (scores.ravel() >= threshold).astype(int)


def scatter3d(X: Any, Y: Any) -> Any:
    """The points `X` (N, 3) in space, by their classes `Y`: numbers (N,) or (N, 1), or one-hot (N, K).

    Classes differ in colour and marker. Returns the figure. Raises `ValueError` if the shapes do not fit.
    """
    points, classes = _points("scatter3d", X, Y, 3)
    figure = new_figure(5.0, 4.2)
    axes = figure.add_subplot(projection="3d")
    kinds = range(int(classes.max()) + 1)
    for k, colour, marker in zip(kinds, _repeated(COLOURS), _repeated(MARKERS), strict=False):
        chosen = points[classes == k].T
        axes.scatter(
            *chosen, s=40, c=colour, marker=marker, edgecolors="k", label=f"class {k}", depthshade=False
        )
    axes.set(xlabel="x₁", ylabel="x₂", zlabel="x₃")
    axes.set_box_aspect(None, zoom=0.85)  # otherwise the name of the third axis is cut off
    axes.legend(loc="upper left", fontsize="small")
    return figure


def _points(call: str, X: Any, y: Any, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """The points and their class numbers, checked."""
    points, labels = (np.asarray(a.raw if isinstance(a, Tensor) else a) for a in (X, y))
    if points.ndim != 2 or points.shape[1] != columns or not len(points):
        raise ValueError(f"{call} needs X of shape (N, {columns}), got {points.shape}")
    if labels.ndim == 2:
        labels = labels.argmax(axis=1) if labels.shape[1] > 1 else labels[:, 0]
    if labels.shape != points.shape[:1] or np.any(labels < 0) or np.any(labels != np.floor(labels)):
        raise ValueError(
            f"{call} needs a class number of 0 or more, or a one-hot row, for each of the {len(points)} points, "
            f"got {short(labels) if labels.shape == points.shape[:1] else f'y of shape {np.shape(y)}'}"
        )
    return points, labels.astype(int)


def _repeated(items: Sequence[str]) -> list[str]:
    """`items` over and over, enough for many classes."""
    return [*items] * 20
