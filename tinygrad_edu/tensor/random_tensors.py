"""New Tensors of random numbers: `rand`, `randn`, `randint`, `randperm`, `normal`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.tensor import samplers
from tinygrad_edu.tensor.coerce import real_dtype
from tinygrad_edu.tensor.devices import placed
from tinygrad_edu.tensor.draws import Draw, floating
from tinygrad_edu.tensor.filled import sizes_of
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.sampling import limits
from tinygrad_edu.tensor.tensor import Tensor


@public(method=False)
@placed
def rand(*size: Any, generator: Any = None, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Random numbers, uniform in [0, 1)."""
    return _floats("rand", samplers.uniform, size, dtype, generator=generator, requires_grad=requires_grad)


@public(method=False)
@placed
def randn(*size: Any, generator: Any = None, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Random numbers from the normal distribution with mean 0 and variance 1."""
    return _floats("randn", samplers.normal, size, dtype, generator=generator, requires_grad=requires_grad)


def _floats(call: str, sampler: Any, size: Any, dtype: Any, *, generator: Any, requires_grad: bool) -> Tensor:
    """Random floats from U(0, 1) or N(0, 1)."""
    draw = Draw(call, sampler, generator, shape=sizes_of(call, size), dtype=floating(call, dtype))
    return draw.tensor(Tensor, 0, 1, requires_grad=requires_grad)


def _whole(call: str, dtype: Any) -> np.dtype[Any]:
    return real_dtype(call, np.int64 if dtype is None else dtype)


@public(method=False)
@placed
def randint(
    low: Any = 0,
    high: Any = None,
    size: Any = None,
    *,
    generator: Any = None,
    dtype: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random whole numbers: `randint(6, (2, 3))` from 0 to 5, `randint(1, 7, (2, 3))` from 1 to 6."""
    if isinstance(high, list | tuple):
        low, high, size = 0, low, high
    if not isinstance(size, list | tuple):
        raise TypeError(f"randint needs a size such as (2, 3), got {size!r}")
    low, high = limits("randint", low, high)
    shape, kind = sizes_of("randint", size), _whole("randint", dtype)
    draw = Draw("randint", samplers.integers, generator, shape=shape, dtype=kind)
    return draw.tensor(Tensor, low, high, requires_grad=requires_grad)


@public(method=False)
@placed
def randperm(n: int, *, generator: Any = None, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """The whole numbers from 0 to n - 1 in random order."""
    (count,), kind = sizes_of("randperm", (n,)), _whole("randperm", dtype)
    if kind.kind == "b":
        raise TypeError("randperm needs a dtype of numbers, got bool")
    draw = Draw("randperm", samplers.permutation, generator, dtype=kind)
    return draw.tensor(Tensor, count, requires_grad=requires_grad)


@public(method=False)
@placed
def normal(
    mean: Any = 0.0,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Any = None,
    dtype: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers from N(mean, std^2), one for each of those in the Tensors `mean` and `std`, or as many as `size` says.

    The result has the dtype of `mean`, or of `std` if `mean` is a number.
    """
    tensors = [x for x in (mean, std) if isinstance(x, Tensor)]
    if not tensors and size is None:
        raise TypeError("normal needs mean or std as a Tensor, or a size; write normal(0, 1, (2, 3))")
    for x in tensors:
        floating("normal", x.dtype)
    kind = floating("normal", tensors[0].dtype if tensors and dtype is None else dtype)
    shape = np.broadcast_shapes(*[x.shape for x in tensors]) if size is None else sizes_of("normal", (size,))
    draw = Draw("normal", samplers.normal, generator, shape=shape, dtype=kind)
    return draw.tensor(Tensor, mean, std, requires_grad=requires_grad)
