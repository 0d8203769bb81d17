"""Random first numbers: their distribution, and the generator they come from."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tinygrad_edu
from tinygrad_edu import Generator, nn
from tinygrad_edu.nn import init

COUNT = 40_000
BAR = 1.95 / math.sqrt(COUNT)  # of the Kolmogorov-Smirnov distance: exceeded once in 1000 draws


def distance(numbers, distribution):
    """The Kolmogorov-Smirnov distance between the share of numbers below each of them and the distribution there."""
    x = np.sort(np.asarray(numbers).ravel())
    share = np.array([distribution(each) for each in x])
    steps = np.arange(len(x) + 1) / len(x)
    return max(abs(share - steps[1:]).max(), abs(share - steps[:-1]).max())


def normal_share(x, mean=0.0, std=1.0):
    return (1 + math.erf((x - mean) / (std * math.sqrt(2)))) / 2


def truncated_share(x, mean, std, a, b):
    low, here, high = (normal_share(each, mean, std) for each in (a, x, b))
    return (here - low) / (high - low)


def test_uniform_and_normal_have_their_distributions():
    g = Generator().manual_seed(0)
    x = tinygrad_edu.zeros(COUNT)

    assert distance(init.uniform_(x, -2, 3, generator=g), lambda t: (t + 2) / 5) < BAR
    assert distance(init.normal_(x, 1, 2, generator=g), lambda t: normal_share(t, 1, 2)) < BAR


@pytest.mark.parametrize("limits", [(0, 1, -2, 2), (1, 0.5, 0.9, 3), (0, 2, 1, 1.5), (0, 1, -50, 50)])
def test_a_truncated_normal_has_its_distribution(limits):
    x = init.trunc_normal_(tinygrad_edu.zeros(COUNT), *limits, generator=Generator().manual_seed(1))

    assert distance(x, lambda t: truncated_share(t, *limits)) < BAR
    assert x.min() >= limits[2]
    assert x.max() <= limits[3]


def test_a_truncated_normal_warns_where_it_is_coarse():
    with pytest.warns(UserWarning, match=r"trunc_normal_ with mean 10 draws between -2\.0 and 2\.0"):
        init.trunc_normal_(tinygrad_edu.zeros(3), mean=10)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 4), (3, 2, 4), (6, 2, 2)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_orthogonal_has_orthogonal_rows_or_columns(shape, dtype):
    w = init.orthogonal_(
        tinygrad_edu.zeros(*shape, dtype=dtype), gain=2, generator=Generator().manual_seed(0)
    )

    matrix = w.numpy().reshape(shape[0], -1)
    small = matrix @ matrix.T if len(matrix) <= matrix.shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(small, 4 * np.eye(len(small)), atol=1e-5 if dtype == np.float32 else 1e-12)
    assert w.dtype == dtype


@pytest.mark.slow
def test_orthogonal_matrices_are_all_alike():
    g = Generator().manual_seed(0)

    drawn = np.array([init.orthogonal_(tinygrad_edu.zeros(2, 2), generator=g).numpy() for _ in range(4000)])

    angles = np.arctan2(drawn[:, 1, 0], drawn[:, 0, 0])
    assert distance(angles, lambda t: (t + math.pi) / (2 * math.pi)) < 1.95 / math.sqrt(4000)
    assert abs((np.linalg.det(drawn) > 0).mean() - 0.5) < 0.04


def test_sparse_has_its_zeros_in_each_column():
    w = init.sparse_(tinygrad_edu.ones(10, 300), 0.25, std=2, generator=Generator().manual_seed(0)).numpy()

    np.testing.assert_array_equal((w == 0).sum(axis=0), 3)
    assert abs(w[w != 0].std() - 2) < 0.1
    assert abs((w == 0).mean(axis=1) - 0.3).max() < 0.1  # every row alike


def test_the_same_seed_gives_the_same_numbers():
    def drawn():
        tinygrad_edu.manual_seed(5)
        return init.normal_(tinygrad_edu.zeros(3, 2)).numpy()

    np.testing.assert_array_equal(drawn(), drawn())
    np.testing.assert_array_equal(
        init.orthogonal_(nn.Parameter(np.zeros((2, 2))), generator=np.random.default_rng(3)).detach(),
        init.orthogonal_(nn.Parameter(np.zeros((2, 2))), generator=np.random.default_rng(3)).detach(),
    )


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="trunc_normal_ needs std above 0 and a <= b, got std=0"):
        init.trunc_normal_(tinygrad_edu.zeros(3), std=0)
    with pytest.raises(
        ValueError, match=r"orthogonal_ needs a tensor of at least 2 dimensions, got shape \(3,\)"
    ):
        init.orthogonal_(tinygrad_edu.zeros(3))
    with pytest.raises(ValueError, match=r"sparse_ needs a tensor of 2 dimensions, got shape \(3,\)"):
        init.sparse_(tinygrad_edu.zeros(3), 0.5)
    with pytest.raises(ValueError, match=r"sparsity as a share from 0 to 1, got 1\.5"):
        init.sparse_(tinygrad_edu.zeros(3, 2), 1.5)
    with pytest.raises(ValueError, match="std of 0 or more"):
        init.normal_(tinygrad_edu.zeros(3), std=-1)


def test_nothing_is_drawn_for_no_numbers():
    assert init.orthogonal_(tinygrad_edu.zeros(0, 3)).shape == (0, 3)
