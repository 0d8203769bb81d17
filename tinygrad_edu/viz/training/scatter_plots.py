"""Points in the plane and in space by their classes, and the regions that a net sees, with matplotlib."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle, islice
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.nn.module import Module
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.viz.training.figures import COLOURS, MARKERS, bare, new_figure

FINE = 200  # points of the plane along each side


def plot_decision_boundary(
    net: Callable[[Any], Any], X: Any, y: Any, *, threshold: float | None = None
) -> Any:
    """The class that `net` sees at each point of the plane, and the points `X` (N, 2) with their classes `y`.

    `y` holds class numbers, (N,) or (N, 1), or is one-hot (N, K). `net` takes (M, 2) and returns (M, K), where the
    greatest of a row is the class, or (M,) or (M, 1), where class 1 begins at `threshold`: by default 0.5 if all
    results lie in [0, 1], as probabilities do, and else 0. A Module runs in eval mode. Returns the figure.
    Raises `TypeError` if `net` cannot be called, `ValueError` if the shapes do not fit.
    """
    if not callable(net):
        raise TypeError(
            f"plot_decision_boundary needs a Module or a function as net, got {type(net).__name__} {short(net)}"
        )
    points, classes = _points("plot_decision_boundary", X, y, 2)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.15 * np.where(high > low, high - low, 1.0)
    xs, ys = (np.linspace(a, b, FINE) for a, b in zip(low - margin, high + margin, strict=True))
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    seen = _classes_seen(net, grid, threshold).reshape(FINE, FINE)
    count = max(int(seen.max()), int(classes.max())) + 1
    figure = new_figure(5.2, 4.4)
    axes = bare(figure.add_subplot())
    colours = list(islice(cycle(COLOURS), count))
    axes.contourf(xs, ys, seen, levels=np.arange(count + 1) - 0.5, colors=colours, alpha=0.25)
    for k, (colour, marker) in enumerate(zip(colours, cycle(MARKERS), strict=False)):
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
    for k, colour, marker in zip(kinds, cycle(COLOURS), cycle(MARKERS), strict=False):
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
