"""The exam's clusters and the digits."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tinygrad_edu import datasets
from tinygrad_edu.datasets import recorded
from tinygrad_edu.exam.paper import Problem3
from tinygrad_edu.utils.data import DataLoader


def test_the_clusters_are_those_of_the_exam():
    X, Y = datasets.exam_clusters().arrays()

    np.testing.assert_array_equal(X, Problem3.X)
    np.testing.assert_array_equal(Y, Problem3.Y)
    assert (X.shape, Y.shape, X.dtype, Y.dtype) == ((6, 3), (6, 3), "float64", "float64")


def test_digits_are_split_once_and_for_all():
    pytest.importorskip("sklearn", reason="the extra data is not installed")
    every, train, test = datasets.digits(), datasets.digits(train=True), datasets.digits(train=False)

    assert [len(each) for each in (every, train, test)] == [1797, 1437, 360]
    assert (train.inputs.shape, train.inputs.min().item(), train.inputs.max().item()) == (
        (1437, 1, 8, 8),
        0,
        1,
    )
    assert train.targets.dtype == "int64"
    both = [np.concatenate([a.raw.reshape(-1, 64).sum(1) for a in (train.inputs, test.inputs)])]
    np.testing.assert_array_equal(np.sort(both[0]), np.sort(every.inputs.raw.reshape(-1, 64).sum(1)))
    assert np.bincount(test.targets.raw).min() > 20
    np.testing.assert_array_equal(datasets.digits(train=False).targets, test.targets)
    x, y = next(iter(DataLoader(train, 32, shuffle=True)))
    assert (x.shape, y.shape) == ((32, 1, 8, 8), (32,))


def test_missing_digits_are_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    recorded._all_digits.cache_clear()

    with pytest.raises(ImportError, match=r'digits needs scikit-learn.*pip install "tinygrad_edu\[data\]"'):
        datasets.digits()
