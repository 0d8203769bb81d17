"""Dropout: how many numbers it zeroes, what it does to the others and to gradients, and from where it draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu import manual_seed, ones, tensor
from tinygrad_edu.nn import Dropout
from tinygrad_edu.nn import functional as F


@given(st.floats(0, 0.99), st.integers(0, 2**32))
def test_numbers_are_zeroed_or_divided_by_what_is_kept(p, seed):
    x = tensor(np.random.default_rng(seed).normal(size=(20, 5)), requires_grad=True)

    y = F.dropout(x, p, generator=np.random.default_rng(seed))
    y.sum().backward()

    kept = np.random.default_rng(seed).random((20, 5)) >= p
    np.testing.assert_allclose(y.raw, np.where(kept, x.raw / (1 - p), 0), rtol=1e-15)
    np.testing.assert_allclose(x.grad.raw, np.where(kept, 1 / (1 - p), 0), rtol=1e-15)


def test_the_mean_stays_and_p_is_the_share_of_zeros():
    y = F.dropout(ones(100_000), 0.3, generator=np.random.default_rng(0))

    assert abs(y.mean().item() - 1) < 0.01
    assert abs((y == 0).double().mean().item() - 0.3) < 0.01


def test_everything_can_be_zeroed_even_infinity():
    x = tensor([1.0, np.inf, np.nan], requires_grad=True)

    y = F.dropout(x, 1.0)
    y.sum().backward()

    assert (y.tolist(), x.grad.tolist()) == ([0, 0, 0], [0, 0, 0])


def test_in_use_and_for_p_of_0_it_is_the_input_itself_and_draws_nothing():
    x = ones(3)
    rng = np.random.default_rng(0)

    results = [F.dropout(x, 0.5, False, generator=rng), F.dropout(x, 0, generator=rng)]
    results.append(Dropout(generator=rng).eval()(x))

    assert all(y is x for y in results)
    assert rng.random() == np.random.default_rng(0).random()


def test_manual_seed_repeats_it_and_float32_drops_the_same_numbers():
    layer = Dropout()

    found = []
    for dtype in ("float64", "float64", "float32"):
        manual_seed(4)
        found.append(layer(ones(50, dtype=dtype)))

    assert found[0].tolist() == found[1].tolist() == found[2].tolist()
    assert found[2].dtype == np.float32


def test_it_says_its_probability():
    assert repr(Dropout(0.25)) == "Dropout(p=0.25, inplace=False)"


@pytest.mark.parametrize("p", [-0.1, 1.5, float("nan"), "half", None, True])
@pytest.mark.parametrize(
    ("make", "name"), [(Dropout, "Dropout"), (lambda p: F.dropout(ones(2), p), "dropout")]
)
def test_only_a_probability_is_a_probability(make, name, p):
    with pytest.raises(ValueError, match=rf"{name} needs p as a number from 0 to 1, got "):
        make(p)


def test_only_a_generator_is_a_generator():
    with pytest.raises(
        TypeError, match=r"Dropout needs generator=Generator\(\) or np.random.default_rng\(seed\), got int 3"
    ):
        Dropout(generator=3)
