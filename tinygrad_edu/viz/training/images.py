"""Arrays as pictures: weights, samples, and the confusion of classes, with matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isqrt, sqrt
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.nn.module import Module
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.viz.training.figures import bare, new_figure, shortened

MAX_IMAGES = 100
MAX_WRITTEN = 20  # classes whose counts are written into the cells
WIDEST = {"titles": 14, "classes": 16}  # characters


def plot_images(
    images: Any,
    *,
    titles: Sequence[Any] | None = None,
    shape: tuple[int, ...] | None = None,
    columns: int | None = None,
) -> Any:
    """A grid of images: samples, or the weights of a layer, one picture for each unit.

    `images`: (N, H, W), (N, C, H, W) with C of 1 or 3, (N, D) with rows that `shape` makes (H, W) or that are squares,
    or a Module, whose first weight is taken. All have one scale: from blue through 0 to red if there are numbers below
    0, otherwise grey. Of more than 100 images the first are shown. `titles` stand above them, for example the classes.
    Returns the figure. Raises `TypeError` or `ValueError` if there are no images or titles do not fit.
    """
    pictures = _pictures(images, shape)
    if titles is not None and len(titles) != len(pictures):
        raise ValueError(
            f"plot_images needs a title for each of the {len(pictures)} images, got {len(titles)}"
        )
    count = min(len(pictures), MAX_IMAGES)
    columns = columns or ceil(sqrt(count))
    rows = ceil(count / columns)
    figure = new_figure(0.9 * columns + 0.2, (0.9 if titles is None else 1.15) * rows + 0.3)
    look = _scale(pictures[:count])
    for i in range(count):
        axes = figure.add_subplot(rows, columns, i + 1)
        axes.imshow(pictures[i], interpolation="nearest", **look)
        axes.set_axis_off()
        if titles is not None:
            axes.set_title(shortened(titles[i], WIDEST["titles"]), fontsize="small")
    if count < len(pictures):
        figure.supxlabel(f"the first {count} of {len(pictures):,}", fontsize="small")
    return figure


def _pictures(images: Any, shape: tuple[int, ...] | None) -> np.ndarray:
    """The images as (N, H, W) or (N, H, W, 3), as matplotlib has them."""
    if isinstance(images, Module):
        weights = (x for _, x in type(images).named_parameters(images) if x.raw.ndim > 1)
        images = next(weights, None)
        if images is None:
            raise TypeError("plot_images needs a Module with weights, got one without")
    array = np.asarray(images.raw if isinstance(images, Tensor) else images)
    if array.dtype.kind not in "biuf" or not array.size:
        raise TypeError(f"plot_images needs an array of numbers, got {type(images).__name__} {short(images)}")
    if array.ndim == 2:
        side = isqrt(array.shape[1])
        try:
            array = array.reshape(len(array), *(shape or (side, side)))
        except ValueError:
            raise ValueError(
                f"plot_images needs shape=(H, W) for rows of {array.shape[1]} numbers, got {shape}"
            ) from None
    if array.ndim == 4 and array.shape[1] not in (1, 3):  # each channel of a weight is an image
        array = array.reshape(-1, *array.shape[2:])
    if array.ndim not in (3, 4):
        raise ValueError(f"plot_images needs (N, H, W), (N, C, H, W) or (N, D), got shape {array.shape}")
    return array if array.ndim == 3 else np.moveaxis(array, 1, -1) if array.shape[1] == 3 else array[:, 0]


def _scale(pictures: np.ndarray) -> dict[str, Any]:
    """The colours of all pictures: red and blue if there are numbers below 0, else grey."""
    finite = pictures[np.isfinite(pictures)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if low < 0:
        most = max(-low, high)
        return {"cmap": "RdBu_r", "vmin": -most, "vmax": most}
    return {"cmap": "gray", "vmin": low, "vmax": high}


def plot_confusion_matrix(predicted: Any, target: Any, *, classes: Sequence[Any] | None = None) -> Any:
    """How often each class was taken for each: rows are the true classes, columns the predicted ones.

    `predicted`: class numbers (N,), or scores (N, K), of which the greatest counts; `target`: class numbers (N,) or
    one-hot (N, K); `classes`: names of the classes. Above stands the accuracy. A cell has the colour of its share of
    its row. Returns the figure. Raises `ValueError` if the shapes do not fit.
    """
    guess, truth = _classes(predicted), _classes(target)
    if guess.ndim != 1 or guess.shape != truth.shape or not guess.size or min(guess.min(), truth.min()) < 0:
        raise ValueError(
            "plot_confusion_matrix needs a predicted and a true class of 0 or more for each example, got shapes "
            f"{np.shape(predicted)} and {np.shape(target)}"
        )
    count = max(int(guess.max()), int(truth.max())) + 1
    if classes is not None and len(classes) < count:
        raise ValueError(f"plot_confusion_matrix needs {count} names of classes, got {len(classes)}")
    names = [shortened(x, WIDEST["classes"]) for x in (classes if classes is not None else range(count))]
    counts = np.zeros((len(names), len(names)), int)
    np.add.at(counts, (truth, guess), 1)
    return _matrix(counts, names)


def _classes(given: Any) -> np.ndarray:
    array = np.asarray(given.raw if isinstance(given, Tensor) else given)
    if array.ndim == 2:
        array = array.argmax(axis=1) if array.shape[1] > 1 else array[:, 0]
    if array.dtype.kind not in "biuf" or np.any(array != np.floor(array)):
        raise ValueError(
            f"plot_confusion_matrix needs whole class numbers or rows of scores, got {short(given)}"
        )
    return array.astype(int)


def _matrix(counts: np.ndarray, names: list[str]) -> Any:
    side = min(2.2 + 0.42 * len(names), 9.0)
    figure = new_figure(side + 0.6, side)
    axes = bare(figure.add_subplot())
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    every = -(-len(names) // 30)
    axes.set_xticks(
        range(0, len(names), every), names[::every], rotation=90 if max(map(len, names)) > 3 else 0
    )
    axes.set_yticks(range(0, len(names), every), names[::every])
    axes.set(xlabel="predicted class", ylabel="true class")
    right = np.trace(counts)
    axes.set_title(f"{right:,} of {counts.sum():,} right: {right / counts.sum():.1%}", fontsize="medium")
    if len(names) <= MAX_WRITTEN:
        for i, j in np.argwhere(counts):
            colour = "w" if shares[i, j] > 0.5 else "k"
            axes.text(j, i, f"{counts[i, j]}", ha="center", va="center", color=colour, fontsize="small")
    return figure
