"""Points in the plane in classes that a straight line does, or does not, separate; drawn anew in every call.

All return `Samples` with inputs (n_samples, 2), floats of the default dtype, and targets (n_samples,), class numbers;
point i is of class i modulo the number of classes. `noise` is the standard deviation of a normal error of each
coordinate. The same `generator`, NumPy's or a `Generator`, in the same state gives the same points; without it the
default one is used, which `manual_seed` starts.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.datasets.samples import Samples, samples_of
from tinygrad_edu.tensor.arguments import whole_number
from tinygrad_edu.tensor.draws import chosen_generator


def _classes(call: str, n_samples: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The class of each point, and where it stands among those of its class: evenly from 0 to 1."""
    whole_number(call, "n_samples", n_samples, least=count)
    y = np.arange(n_samples) % count
    place = np.arange(n_samples) // count
    return y, place / np.maximum(np.bincount(y)[y] - 1, 1)


def _noisy(call: str, X: np.ndarray, y: np.ndarray, noise: float, generator: Any) -> Samples:
    if not noise >= 0:
        raise ValueError(f"{call} needs noise of 0 or more, got {noise}")
    rng = chosen_generator(call, generator)
    return samples_of(X + noise * rng.standard_normal(X.shape), y, range(y.max() + 1))


def moons(n_samples: int = 100, noise: float = 0.1, *, generator: Any = None) -> Samples:
    """Two half circles that reach into each other.

    (cos t, sin t) and (1 - cos t, 1/2 - sin t) for t from 0 to pi.
    """
    y, place = _classes("moons", n_samples, 2)
    t = math.pi * place
    X = np.where(y == 0, [np.cos(t), np.sin(t)], [1 - np.cos(t), 0.5 - np.sin(t)]).T
    return _noisy("moons", X, y, noise, generator)


def circles(
    n_samples: int = 100, noise: float = 0.05, factor: float = 0.5, *, generator: Any = None
) -> Samples:
    """Two circles around 0, of radius 1 and `factor`."""
    if not 0 < factor < 1:
        raise ValueError(f"circles needs factor between 0 and 1, got {factor}")
    y, place = _classes("circles", n_samples, 2)
    t = 2 * math.pi * place
    X = np.where(y == 0, 1, factor) * np.array([np.cos(t), np.sin(t)])
    return _noisy("circles", X.T, y, noise, generator)


def spiral(
    n_samples: int = 300, classes: int = 3, noise: float = 0.02, turns: float = 0.75, *, generator: Any = None
) -> Samples:
    """Arms of a spiral, one for each class.

    r (sin t, cos t) with t = 2 pi (turns r + k / classes), for r from 0 to 1 and class k.
    """
    whole_number("spiral", "classes", classes, least=1)
    y, r = _classes("spiral", n_samples, classes)
    t = 2 * math.pi * (turns * r + y / classes)
    return _noisy("spiral", (r * np.array([np.sin(t), np.cos(t)])).T, y, noise, generator)


def xor(n_samples: int = 4, noise: float = 0.0, *, generator: Any = None) -> Samples:
    """The corners (0, 0), (0, 1), (1, 1), (1, 0) in turn; the class is the exclusive or of the coordinates."""
    y, _ = _classes("xor", n_samples, 2)
    a = np.arange(n_samples) // 2 % 2
    return _noisy("xor", np.stack([a, a ^ y], axis=1).astype(float), y, noise, generator)


def blobs(
    n_samples: int = 100, centers: Any = 3, noise: float = 1.0, n_features: int = 2, *, generator: Any = None
) -> Samples:
    """Round clouds of points, one for each class.

    `centers`: an array (classes, n_features), or how many are drawn, uniformly from -10 to 10.
    Inputs are (n_samples, n_features).
    """
    rng = chosen_generator("blobs", generator)
    if np.ndim(centers) == 0:
        size = (
            whole_number("blobs", "centers", centers, 1),
            whole_number("blobs", "n_features", n_features, 1),
        )
        centers = rng.uniform(-10, 10, size)
    middles = np.asarray(centers, float)
    if middles.ndim != 2:
        raise ValueError(f"blobs needs centers of shape (classes, features), got {middles.shape}")
    y, _ = _classes("blobs", n_samples, len(middles))
    return _noisy("blobs", middles[y], y, noise, rng)
