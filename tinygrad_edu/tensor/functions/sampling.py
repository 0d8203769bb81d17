"""Random numbers like a Tensor, or with parameters in one: `rand_like(x)`, `bernoulli(p)`, `multinomial(p, 3)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.tensor import draws
from tinygrad_edu.tensor.arguments import ANY, whole_number
from tinygrad_edu.tensor.coerce import real_dtype
from tinygrad_edu.tensor.draws import Draw, floating
from tinygrad_edu.tensor.filled import placed
from tinygrad_edu.tensor.functions.public import public


def _drawn(
    call: str, sampler: Callable[..., Any], like: Data, dtype: Any, generator: Any, *parameters: Any
) -> Data:
    """Random numbers in the shape of `like`."""
    draw = Draw(call, sampler, generator, shape=like.shape, dtype=dtype)
    return draw.tensor(like.result_kind, *parameters)


@public(method=False)
@placed
def rand_like(input: Data, *, dtype: Any = None, generator: Any = None) -> Data:
    """Random numbers, uniform in [0, 1), in the shape and dtype of another tensor."""
    kind = floating("rand_like", dtype or input.dtype)
    return _drawn("rand_like", draws.uniform, input, kind, generator, 0, 1)


@public(method=False)
@placed
def randn_like(input: Data, *, dtype: Any = None, generator: Any = None) -> Data:
    """Random numbers with mean 0 and variance 1 in the shape and dtype of another tensor."""
    kind = floating("randn_like", dtype or input.dtype)
    return _drawn("randn_like", draws.normal, input, kind, generator, 0, 1)


@public(method=False)
@placed
def randint_like(
    input: Data, low: Any, high: Any = None, *, dtype: Any = None, generator: Any = None
) -> Data:
    """Random whole numbers as `randint(low, high)` draws them, in the shape and dtype of another tensor."""
    kind = real_dtype("randint_like", dtype or input.dtype)
    return _drawn("randint_like", draws.integers, input, kind, generator, *limits("randint_like", low, high))


def limits(call: str, low: Any, high: Any) -> tuple[int, int]:
    """The limits of random whole numbers: `high` alone counts from 0."""
    low, high = (0, low) if high is None else (low, high)
    return whole_number(call, "low", low, ANY), whole_number(call, "high", high, ANY)


@public(within="Tensor")
def random_(self: Data, from_: Any = None, to: Any = None, *, generator: Any = None) -> Data:
    """Whole numbers from 0 to the last that the dtype holds exactly, or with `random_(from, to)` below `to`."""
    low, high = (
        (0, _beyond(self.dtype)) if from_ is None and to is None else limits("random_", from_ or 0, to)
    )
    return self.overwrite(
        "random_", _drawn("random_", draws.integers, self, self.dtype, generator, low, high)
    )


def _beyond(dtype: np.dtype[Any]) -> int:
    """The first whole number, counted from 0, that is none of those of a dtype."""
    if dtype.kind == "f":
        return 2 ** (np.finfo(dtype).nmant + 1) + 1
    return 2 if dtype.kind == "b" else int(np.iinfo(dtype).max) + 1


@public()
def bernoulli(input: Data, p: Any = None, *, generator: Any = None) -> Data:
    """1 with the probability that stands at each place of `input`, or with probability `p` everywhere, else 0."""
    dtype = floating("bernoulli", input.dtype) if p is None else input.dtype
    return _drawn("bernoulli", draws.successes, input, dtype, generator, input if p is None else p)


@public(within="Tensor")
def bernoulli_(self: Data, p: Any = 0.5, *, generator: Any = None) -> Data:
    """1 with probability `p`, a number or a Tensor that broadcasts to this shape, else 0."""
    return self.overwrite("bernoulli_", _drawn("bernoulli_", draws.successes, self, self.dtype, generator, p))


@public(method=False)
def poisson(input: Data, generator: Any = None) -> Data:
    """The number of events where that in `input` is expected."""
    return _drawn("poisson", draws.events, input, floating("poisson", input.dtype), generator, input)


@public()
def multinomial(input: Data, num_samples: int, replacement: bool = False, *, generator: Any = None) -> Data:
    """`num_samples` positions drawn from each row, with probabilities in proportion to the numbers of the row.

    Without `replacement` no position comes twice, and as many numbers must be above 0.
    """
    floating("multinomial", input.dtype)
    if input.ndim not in (1, 2):
        raise ValueError(f"multinomial needs one row of weights or several, got shape {input.shape}")
    count, most = whole_number("multinomial", "num_samples", num_samples, 1), input.shape[-1]
    if count > most and not replacement:
        raise ValueError(
            f"multinomial needs num_samples from 1 to {most}, the numbers in a row, got {count}; see replacement="
        )
    draw = Draw("multinomial", draws.categories, generator, count=count, replacement=replacement)
    return draw.tensor(input.result_kind, input)
