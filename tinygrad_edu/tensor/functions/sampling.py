"""Random numbers whose parameters are in a Tensor: `bernoulli(p)`, `poisson(rates)`, `multinomial(weights, 3)`."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.tensor import draws
from tinygrad_edu.tensor.arguments import whole_number
from tinygrad_edu.tensor.draws import Draw, floating
from tinygrad_edu.tensor.functions.public import public


@public()
def bernoulli(input: Data, p: Any = None, *, generator: Any = None) -> Data:
    """1 with the probability that stands at each place of `input`, or with probability `p` everywhere, else 0."""
    dtype = floating("bernoulli", input.dtype) if p is None else input.dtype
    draw = Draw("bernoulli", draws.bernoulli, generator, shape=input.shape, dtype=dtype)
    return draw.tensor(input.result_kind, input if p is None else p)


@public(method=False)
def poisson(input: Data, generator: Any = None) -> Data:
    """The number of events where that in `input` is expected."""
    dtype = floating("poisson", input.dtype)
    draw = Draw("poisson", draws.events, generator, shape=input.shape, dtype=dtype)
    return draw.tensor(input.result_kind, input)


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
