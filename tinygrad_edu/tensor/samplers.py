"""Samplers: how random numbers of each distribution are drawn. `sampler(rng, *parameters, **settings)` is an array.

Parameters are numbers or arrays that broadcast to `shape`. Each sampler is a function for itself, which a plan calls
again and `source()` writes down. `ValueError` for parameters that the distribution has not.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Generator = np.random.Generator


def uniform(rng: Generator, low: Any, high: Any, *, shape: Any, dtype: Any) -> np.ndarray:
    """U(low, high): of the dtype's own digits, and never rounded up to `high`."""
    drawn = np.asarray(rng.random(shape))
    if dtype != np.float64:
        digits = 2.0 ** (np.finfo(dtype).nmant + 1)
        drawn = np.asarray(np.floor(drawn * digits) / digits, dtype)
    if (low, high) == (0, 1):
        return drawn
    first, end = np.asarray([low, high], dtype)
    if not (low <= high and np.isfinite(end - first)):
        raise ValueError(f"a uniform distribution needs finite low <= high, got {low} and {high}")
    return np.minimum(np.asarray(low + drawn * (high - low), dtype), np.nextafter(end, first))


def normal(rng: Generator, mean: Any, std: Any, *, shape: Any, dtype: Any) -> np.ndarray:
    """N(mean, std^2)."""
    if not np.all(np.greater_equal(std, 0)):
        raise ValueError(f"a normal distribution needs std of 0 or more, got {std}")
    return np.asarray(mean + std * rng.standard_normal(shape), dtype)


def log_normal(rng: Generator, mean: Any, std: Any, *, shape: Any, dtype: Any) -> np.ndarray:
    """exp of N(mean, std^2)."""
    if not std > 0:
        raise ValueError(f"a log-normal distribution needs std above 0, got {std}")
    return np.asarray(np.exp(mean + std * rng.standard_normal(shape)), dtype)


def cauchy(rng: Generator, median: Any, sigma: Any, *, shape: Any, dtype: Any) -> np.ndarray:
    """The Cauchy distribution around `median`, half of it within `sigma`."""
    if not sigma > 0:
        raise ValueError(f"a Cauchy distribution needs sigma above 0, got {sigma}")
    return np.asarray(median + sigma * rng.standard_cauchy(shape), dtype)


def exponential(rng: Generator, rate: Any, *, shape: Any, dtype: Any) -> np.ndarray:
    """The exponential distribution with mean 1 / rate."""
    if not rate > 0:
        raise ValueError(f"an exponential distribution needs lambd above 0, got {rate}")
    return np.asarray(rng.standard_exponential(shape) / rate, dtype)


def geometric(rng: Generator, p: Any, *, shape: Any, dtype: Any) -> np.ndarray:
    """The number of trials up to the first success, at least 1, with probability `p` of success."""
    if not 0 < p < 1:
        raise ValueError(f"a geometric distribution needs p between 0 and 1, got {p}")
    return np.asarray(rng.geometric(p, shape)).astype(dtype)


def integers(rng: Generator, low: int, high: int, *, shape: Any, dtype: Any) -> np.ndarray:
    """Whole numbers from `low` to `high - 1`, all alike."""
    if not low < high:
        raise ValueError(f"random whole numbers need low < high, got {low} and {high}")
    limits = np.iinfo(dtype if np.issubdtype(dtype, np.integer) else np.int64)
    least, most = (0, 1) if dtype == np.bool_ else (int(limits.min), int(limits.max))
    if low < least or high - 1 > most:
        raise ValueError(f"random whole numbers from {low} to {high - 1} do not fit {dtype}")
    return np.asarray(rng.integers(low, high, shape)).astype(dtype)


def permutation(rng: Generator, n: int, *, dtype: Any) -> np.ndarray:
    """The numbers from 0 to n - 1 in random order."""
    return rng.permutation(n).astype(dtype)


def bernoulli(rng: Generator, p: Any, *, shape: Any, dtype: Any) -> np.ndarray:
    """1 with probability `p`, else 0."""
    if not np.all((np.asarray(p) >= 0) & (np.asarray(p) <= 1)):
        raise ValueError(f"a Bernoulli distribution needs p from 0 to 1, got {p}")
    return np.asarray(rng.random(shape) < p).astype(dtype)


def poisson(rng: Generator, rate: Any, *, shape: Any, dtype: Any) -> np.ndarray:
    """The number of events where `rate` are expected."""
    if not np.all(np.greater_equal(rate, 0)):
        raise ValueError(f"a Poisson distribution needs rates of 0 or more, got {rate}")
    return np.asarray(rng.poisson(rate, shape)).astype(dtype)


def binomial(rng: Generator, count: Any, prob: Any, *, shape: Any, dtype: Any) -> np.ndarray:
    """The number of successes in `count` trials with probability `prob`."""
    p = np.asarray(prob)
    if not (np.all(np.greater_equal(count, 0)) and np.all((p >= 0) & (p <= 1))):
        raise ValueError(
            f"a binomial distribution needs counts of 0 or more and p from 0 to 1, got {count}, {prob}"
        )
    return np.asarray(rng.binomial(np.asarray(count).astype(np.int64), p, shape)).astype(dtype)


def categories(rng: Generator, weights: Any, *, count: int, replacement: bool) -> np.ndarray:
    """`count` positions in each row of `weights`, with probabilities in proportion to these."""
    total = weights.sum(axis=-1, keepdims=True, dtype=np.float64)
    if not ((weights >= 0).all() and (total > 0).all() and np.isfinite(total).all()):
        raise ValueError("multinomial needs finite weights of 0 or more, not all 0 in a row")
    if replacement:
        ends = np.cumsum(weights, axis=-1, dtype=np.float64)[..., None, :]
        points = rng.random((*weights.shape[:-1], count, 1)) * ends[..., -1:]
        return (points >= ends).sum(axis=-1)
    if (np.count_nonzero(weights, axis=-1) < count).any():
        raise ValueError(f"multinomial without replacement needs {count} weights above 0 in every row")
    with np.errstate(divide="ignore"):
        arrivals = rng.standard_exponential(weights.shape) / weights  # the first come first
    return np.argsort(arrivals, axis=-1)[..., :count]
