"""Random numbers with parameters in Tensors: `bernoulli(p)`, `multinomial(weights, 3)`, `randn_like(x)`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.tensor import samplers
from tinygrad_edu.tensor.coerce import real_dtype
from tinygrad_edu.tensor.devices import placed
from tinygrad_edu.tensor.draws import Draw, floating
from tinygrad_edu.tensor.filled import whole
from tinygrad_edu.tensor.functions.public import public


@public()
def bernoulli(input: Data, p: Any = None, *, generator: Any = None) -> Data:
    """1 with the probability that stands at each place of `input`, or with probability `p` everywhere, else 0."""
    dtype = floating("bernoulli", input.dtype) if p is None else input.dtype
    draw = Draw("bernoulli", samplers.bernoulli, generator, shape=input.shape, dtype=dtype)
    return draw.tensor(input.result_kind, input if p is None else p)


@public()
def multinomial(input: Data, num_samples: int, replacement: bool = False, *, generator: Any = None) -> Data:
    """`num_samples` positions drawn from each row, with probabilities in proportion to the numbers of the row.

    Without `replacement` no position comes twice, and as many numbers must be above 0.
    """
    floating("multinomial", input.dtype)
    if input.ndim not in (1, 2):
        raise ValueError(f"multinomial needs one row of weights or several, got shape {input.shape}")
    count, most = whole("multinomial", "num_samples", num_samples), input.shape[-1]
    if count < 1 or (count > most and not replacement):
        raise ValueError(
            f"multinomial needs num_samples from 1 to {most}, the numbers in a row, got {count}; see replacement="
        )
    draw = Draw("multinomial", samplers.categories, generator, count=count, replacement=replacement)
    return draw.tensor(input.result_kind, input)


@public(method=False)
def poisson(input: Data, generator: Any = None) -> Data:
    """The number of events where that in `input` is expected."""
    draw = _draw("poisson", samplers.poisson, input, None, generator)
    return draw.tensor(input.result_kind, input)


@public(method=False)
def binomial(count: Data, prob: Data, generator: Any = None) -> Data:
    """The number of successes in `count` trials, each of probability `prob`."""
    dtype, shape = floating("binomial", count.dtype), np.broadcast_shapes(count.shape, prob.shape)
    draw = Draw("binomial", samplers.binomial, generator, shape=shape, dtype=dtype)
    return draw.tensor(count.result_kind, count, prob)


@public(method=False)
@placed
def rand_like(input: Data, *, dtype: Any = None, requires_grad: bool = False, generator: Any = None) -> Data:
    """Random numbers, uniform in [0, 1), in the shape and dtype of another tensor."""
    draw = _draw("rand_like", samplers.uniform, input, dtype, generator)
    return draw.tensor(input.result_kind, 0, 1, requires_grad=requires_grad)


@public(method=False)
@placed
def randn_like(input: Data, *, dtype: Any = None, requires_grad: bool = False, generator: Any = None) -> Data:
    """Random numbers with mean 0 and variance 1 in the shape and dtype of another tensor."""
    draw = _draw("randn_like", samplers.normal, input, dtype, generator)
    return draw.tensor(input.result_kind, 0, 1, requires_grad=requires_grad)


@public(method=False)
@placed
def randint_like(
    input: Data,
    low: Any,
    high: Any = None,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
    generator: Any = None,
) -> Data:
    """Random whole numbers as `randint(low, high)` draws them, in the shape and dtype of another tensor."""
    low, high = limits("randint_like", low, high)
    kind = real_dtype("randint_like", input.dtype if dtype is None else dtype)
    draw = Draw("randint_like", samplers.integers, generator, shape=input.shape, dtype=kind)
    return draw.tensor(input.result_kind, low, high, requires_grad=requires_grad)


def _draw(call: str, sampler: Any, like: Data, dtype: Any, generator: Any) -> Draw:
    """Random floats in the shape and dtype of `like`."""
    kind = floating(call, like.dtype if dtype is None else dtype)
    return Draw(call, sampler, generator, shape=like.shape, dtype=kind)


def limits(call: str, low: Any, high: Any) -> tuple[int, int]:
    """The limits of random whole numbers: `high` alone counts from 0."""
    low, high = (0, low) if high is None else (low, high)
    return whole(call, "low", low), whole(call, "high", high)
