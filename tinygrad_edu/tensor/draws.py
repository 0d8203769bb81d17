"""Random numbers: how those of each distribution are drawn, and the generator they come from.

Watchers are told of each draw as of an operation, so that a plan draws anew in every run.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from reprlib import repr as short
from typing import Any, TypeAlias

import numpy as np

from tinygrad_edu.engine.detachment import inherited, made_by
from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.graph import announce
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.tensor.coerce import get_default_dtype, real_dtype
from tinygrad_edu.tensor.functions.public import public

# What only watchers meet: numbers drawn, and a generator that is started anew or brought to another state.
DRAW = Operation(lambda *parameters, draw: draw(*parameters), name="draw")
SEED = Operation(lambda: None, name="manual_seed")

Rng: TypeAlias = "np.random.Generator"  # in quotes: NumPy imports its random numbers when they are asked for
FIRST_SEED = int.from_bytes(os.urandom(8))  # one that nobody can guess


@functools.cache
def generator() -> np.random.Generator:
    """The default generator, from which everything random draws that is given no other; made when first asked for."""
    return np.random.default_rng(FIRST_SEED)


def chosen_generator(call: str, given: Any) -> np.random.Generator:
    """The generator that was passed in, NumPy's or a `Generator`, or the default one."""
    rng = generator() if given is None else getattr(given, "rng", given)
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{call} needs generator=Generator() or np.random.default_rng(seed), "
            f"got {type(given).__name__} {short(given)}"
        )
    return rng


class Draw:
    """A way to draw random numbers, which can be repeated.

    `sampler(rng, *parameters, **settings)` makes an array; `given` is the generator, or None for the default one.
    """

    def __init__(self, call: str, sampler: Callable[..., np.ndarray], given: Any, **settings: Any) -> None:
        rng = chosen_generator(call, given)
        self.given = None if rng is generator() else rng
        self.sampler, self.settings = sampler, settings

    def __call__(self, *parameters: Any) -> np.ndarray:
        return self.sampler(self.given or generator(), *parameters, **self.settings)

    def tensor(self, kind: Any, *parameters: Any) -> Any:
        """The first numbers, as a Tensor, whose class is `kind`; a parameter is a Tensor or a number."""
        result = kind.around(self(*[getattr(x, "raw", x) for x in parameters]))
        if any(getattr(x, "requires_grad", False) for x in parameters):
            result.detachment = made_by(DRAW, parameters, current().recording)
        else:
            result.detachment = inherited(DRAW, parameters)
        announce(DRAW, *parameters, result=result, draw=self)
        return result


def floating(call: str, dtype: Any) -> np.dtype[Any]:
    """A floating dtype, the default one if it is None."""
    kind = get_default_dtype() if dtype is None else real_dtype(call, dtype)
    if kind.kind != "f":
        raise TypeError(f"{call} needs a floating dtype, got {kind}; whole numbers come from randint")
    return kind


# Samplers: `sampler(rng, *parameters, shape=, dtype=)` is an array; parameters are numbers, or arrays that broadcast
# to its shape. Each is a function for itself, which a plan calls again and `source()` writes down.


def _need(fine: Any, what: str, *got: Any) -> None:
    """Raise `ValueError` unless the parameters of a distribution are all fine."""
    if not np.all(fine):
        raise ValueError(f"{what}, got {' and '.join(map(str, got))}")


def in_place(*, whole: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a sampler a method of Tensor, too, that overwrites all numbers: `x.uniform_(-1, 1, generator=g)`.

    `whole`: its numbers are whole, so that a Tensor of any dtype can hold them. No gradient passes through them.
    """

    def register(sampler: Callable[..., Any]) -> Callable[..., Any]:
        name = f"{sampler.__name__}_"

        def fill(self: Any, *parameters: Any, generator: Any = None, **named: Any) -> Any:
            if named:
                try:
                    bound = inspect.signature(sampler).bind_partial(None, *parameters, **named)
                except TypeError as error:
                    raise TypeError(f"{name} {error}") from None
                bound.apply_defaults()
                parameters = bound.args[1:]
            dtype = self.dtype if whole else floating(name, self.dtype)
            draw = Draw(name, sampler, generator, shape=self.shape, dtype=dtype)
            return self.overwrite(name, draw.tensor(self.result_kind, *parameters))

        fill.__name__, fill.__doc__ = name, f"Overwrite with random numbers: {sampler.__doc__}"
        public(within="Tensor")(fill)
        return sampler

    return register


@in_place()
def uniform(rng: Rng, from_: Any = 0, to: Any = 1, *, shape: Any, dtype: Any) -> np.ndarray:
    """U(from_, to): of the dtype's own digits, and never rounded up to `to`."""
    drawn = np.asarray(rng.random(shape))
    if dtype != np.float64:
        digits = 2.0 ** (np.finfo(dtype).nmant + 1)
        drawn = np.asarray(np.floor(drawn * digits) / digits, dtype)
    if (from_, to) == (0, 1):
        return drawn
    first, end = np.asarray([from_, to], dtype)
    fine = from_ <= to and np.isfinite(end - first)
    _need(fine, "a uniform distribution needs finite low <= high", from_, to)
    return np.minimum(np.asarray(from_ + drawn * (to - from_), dtype), np.nextafter(end, first))


@in_place()
def normal(rng: Rng, mean: Any = 0, std: Any = 1, *, shape: Any, dtype: Any) -> np.ndarray:
    """N(mean, std^2)."""
    _need(np.greater_equal(std, 0), "a normal distribution needs std of 0 or more", std)
    return np.asarray(mean + std * rng.standard_normal(shape), dtype)


@in_place()
def log_normal(rng: Rng, mean: Any = 1, std: Any = 2, *, shape: Any, dtype: Any) -> np.ndarray:
    """exp of N(mean, std^2)."""
    _need(std > 0, "a log-normal distribution needs std above 0", std)
    return np.asarray(np.exp(mean + std * rng.standard_normal(shape)), dtype)


@in_place()
def cauchy(rng: Rng, median: Any = 0, sigma: Any = 1, *, shape: Any, dtype: Any) -> np.ndarray:
    """The Cauchy distribution around `median`, half of it within `sigma`."""
    _need(sigma > 0, "a Cauchy distribution needs sigma above 0", sigma)
    return np.asarray(median + sigma * rng.standard_cauchy(shape), dtype)


@in_place()
def exponential(rng: Rng, lambd: Any = 1, *, shape: Any, dtype: Any) -> np.ndarray:
    """The exponential distribution with mean 1 / lambd."""
    _need(lambd > 0, "an exponential distribution needs lambd above 0", lambd)
    return np.asarray(rng.standard_exponential(shape) / lambd, dtype)


@in_place(whole=True)
def geometric(rng: Rng, p: Any, *, shape: Any, dtype: Any) -> np.ndarray:
    """The geometric distribution: trials, at least 1, up to the first success, each of probability `p`."""
    _need(0 < p < 1, "a geometric distribution needs p between 0 and 1", p)
    return np.asarray(rng.geometric(p, shape)).astype(dtype)


@in_place(whole=True)
def bernoulli(rng: Rng, p: Any = 0.5, *, shape: Any, dtype: Any) -> np.ndarray:
    """The Bernoulli distribution: 1 with probability `p`, a number or one for each place, else 0."""
    _need((np.asarray(p) >= 0) & (np.asarray(p) <= 1), "a Bernoulli distribution needs p from 0 to 1", p)
    return np.asarray(rng.random(shape) < p).astype(dtype)


@in_place(whole=True)
def random(rng: Rng, from_: Any = None, to: Any = None, *, shape: Any, dtype: Any) -> np.ndarray:
    """Whole numbers, all alike, from `from_`, or 0, to `to - 1`, or to the last that the dtype holds exactly."""
    kind, low, high = np.dtype(dtype), from_ or 0, to
    if to is None:
        low, high = 0, from_
    limits = np.iinfo(kind if kind.kind in "iu" else np.int64)
    least, most = (0, 1) if kind.kind == "b" else (int(limits.min), int(limits.max))
    if high is None:
        high = 1 + (2 ** (np.finfo(kind).nmant + 1) if kind.kind == "f" else most)
    _need(low < high, "random whole numbers need low < high", low, high)
    if low < least or high - 1 > most:
        raise ValueError(f"random whole numbers from {low} to {high - 1} do not fit {kind}")
    return np.asarray(rng.integers(low, high, shape)).astype(kind)


def permutation(rng: Rng, n: int, *, dtype: Any) -> np.ndarray:
    """The numbers from 0 to n - 1 in random order."""
    return rng.permutation(n).astype(dtype)


def events(rng: Rng, rate: Any, *, shape: Any, dtype: Any) -> np.ndarray:
    """The number of events where `rate` are expected."""
    _need(np.greater_equal(rate, 0), "a Poisson distribution needs rates of 0 or more", rate)
    return np.asarray(rng.poisson(rate, shape)).astype(dtype)


def gamma(rng: Rng, concentration: Any, *, shape: Any, dtype: Any) -> np.ndarray:
    """The gamma distribution of rate 1; never 0, of which a logarithm is infinite."""
    drawn = np.asarray(rng.standard_gamma(concentration, shape), dtype)
    return np.maximum(drawn, np.finfo(dtype).tiny)


def binomial(rng: Rng, count: Any, p: Any, *, shape: Any, dtype: Any) -> np.ndarray:
    """The number of successes among `count` trials, each of probability `p`."""
    _need((np.asarray(p) >= 0) & (np.asarray(p) <= 1), "a binomial distribution needs p from 0 to 1", p)
    return np.asarray(rng.binomial(np.asarray(count).astype(np.int64), p, shape)).astype(dtype)


def categories(rng: Rng, weights: Any, *, count: int, replacement: bool) -> np.ndarray:
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
