"""Points in classes: shapes, formulas, and the same points for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu import datasets

MAKERS = {
    "moons": datasets.moons,
    "circles": datasets.circles,
    "spiral": datasets.spiral,
    "xor": datasets.xor,
    "blobs": datasets.blobs,
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_inputs_are_points_and_targets_class_numbers(make):
    samples = make(11)

    X, y = samples.arrays()

    assert (X.shape, y.shape, X.dtype, y.dtype) == ((11, 2), (11,), "float64", "int64")
    assert y.tolist() == [i % len(samples.classes) for i in range(11)]
    assert samples.classes == tuple(str(k) for k in range(max(y) + 1))
    x, target = samples[3]
    np.testing.assert_array_equal(x, X[3])
    assert target.item() == y[3]


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_the_seed_decides_the_points(make):
    torch.manual_seed(4)
    first = make(12, noise=0.2).arrays()[0]
    torch.manual_seed(4)

    np.testing.assert_array_equal(make(12, noise=0.2).arrays()[0], first)
    own = [make(12, noise=0.2, generator=np.random.default_rng(7)).arrays()[0] for _ in range(2)]
    np.testing.assert_array_equal(*own)
    assert (own[0] != first).any()


@pytest.mark.parametrize("name", MAKERS)
def test_numbers_out_of_range_are_refused(name):
    with pytest.raises(ValueError, match=f"{name} needs noise of 0 or more, got -1"):
        MAKERS[name](12, noise=-1)
    with pytest.raises(ValueError, match=f"{name} needs n_samples of . or more, got 1"):
        MAKERS[name](1)
    with pytest.raises(TypeError, match=f"{name} needs generator="):
        MAKERS[name](12, generator=3)


def test_moons_are_half_circles():
    X, y = datasets.moons(100, noise=0).arrays()

    np.testing.assert_allclose(np.hypot(*X[y == 0].T), 1)
    np.testing.assert_allclose(np.hypot(*(X[y == 1] - [1, 0.5]).T), 1)
    assert (X[y == 0, 1] >= 0).all()
    assert (X[y == 1, 1] <= 0.5).all()


def test_circles_lie_inside_each_other():
    X, y = datasets.circles(100, noise=0, factor=0.25).arrays()

    np.testing.assert_allclose(np.hypot(*X.T), np.where(y == 0, 1, 0.25))
    with pytest.raises(ValueError, match="circles needs factor between 0 and 1, got 1"):
        datasets.circles(factor=1)


def test_the_arms_of_a_spiral_are_turned_against_each_other():
    X, y = datasets.spiral(400, classes=4, noise=0).arrays()

    first, second = X[y == 0], X[y == 1]
    np.testing.assert_allclose(second, np.stack([first[:, 1], -first[:, 0]], axis=1), atol=1e-12)


def test_the_corners_of_xor():
    X, y = datasets.xor().arrays()

    assert X.tolist() == [[0, 0], [0, 1], [1, 1], [1, 0]]
    assert y.tolist() == [0, 1, 0, 1]


def test_blobs_lie_around_their_centers():
    X, y = datasets.blobs(
        3000, centers=[[0, 0, 5], [9, 9, 9]], noise=0.5, generator=np.random.default_rng(0)
    ).arrays()

    np.testing.assert_allclose(X[y == 1].mean(0), [9, 9, 9], atol=0.05)
    np.testing.assert_allclose(X[y == 0].std(0), 0.5, atol=0.03)
    assert datasets.blobs(centers=5, n_features=4).inputs.shape == (100, 4)
    with pytest.raises(ValueError, match=r"blobs needs centers of shape \(classes, features\), got \(2,\)"):
        datasets.blobs(centers=[1, 2])


def test_points_have_the_default_dtype():
    torch.set_default_dtype(torch.float32)
    try:
        assert datasets.moons().inputs.dtype == "float32"
    finally:
        torch.set_default_dtype(torch.float64)
    assert repr(datasets.moons()) == "Samples(100 samples, inputs (100, 2), targets (100,))"
