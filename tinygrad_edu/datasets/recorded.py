"""Data that were recorded: the six points of the exam, and handwritten digits."""

from __future__ import annotations

import functools

import numpy as np

from tinygrad_edu.datasets.samples import Samples, samples_of
from tinygrad_edu.exam.paper import Problem3

_SEED, _TEST_SHARE = 0, 5  # of the fixed order of the digits; every fifth is for tests


def exam_clusters() -> Samples:
    """The clusters of Problem 3: two points on each of three axes.

    Inputs (6, 3); targets (6, 3), one-hot, as the paper's network takes them.
    """
    return samples_of(Problem3.X, np.asarray(Problem3.Y, float), "XYZ")


def digits(train: bool | None = None) -> Samples:
    """Handwritten digits, 8 x 8 pixels each, from scikit-learn (extra `data`).

    Inputs (n, 1, 8, 8) from 0, white, to 1, black; targets (n,), class numbers. n is 1797; 1437 to learn from with
    `train=True`, and the 360 others with `train=False`, in an order that is always the same and mixes all writers.
    Source: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits (1998), UCI Machine Learning Repository.
    """
    images, labels = _all_digits()
    if train is not None:
        order = np.random.default_rng(_SEED).permutation(len(labels))
        count = len(order) // _TEST_SHARE + 1
        chosen = order[count:] if train else order[:count]
        images, labels = images[chosen], labels[chosen]
    return samples_of(images, labels, range(10))


@functools.cache
def _all_digits() -> tuple[np.ndarray, np.ndarray]:
    try:
        from sklearn.datasets import load_digits  # noqa: PLC0415 - an extra
    except ImportError:
        raise ImportError(
            'digits needs scikit-learn, which is not installed; pip install "tinygrad_edu[data]"'
        ) from None
    found = load_digits()
    return found.images[:, None] / 16, found.target.astype(np.int64)
