"""Adaptive pooling: as many windows as the result has numbers, which cover the input and may overlap by one number."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.nn.functional.averaging import means
from tinygrad_edu.nn.functional.pooling import greatest
from tinygrad_edu.nn.functional.window_arguments import check_dtype, check_spatial, constant, each, in_dims
from tinygrad_edu.ops.elementwise import where
from tinygrad_edu.ops.index import take
from tinygrad_edu.ops.windows import Sizes


@in_dims(1, 2, 3)
def adaptive_max_pool(n: int, input: Data, output_size: Any, return_indices: bool = False) -> Any:
    """The greatest number of each window for `output_size` windows; with `return_indices` also its place.

    Window i reaches from i * length / count, rounded down, to before (i + 1) * length / count, rounded up.
    Shapes: `input` (N, C, *sizes) or (C, *sizes); None in `output_size` keeps a size.
    """
    counts = _counts(f"adaptive_max_pool{n}d", n, input, output_size)
    return greatest(input, tuple(map(_rows, input.shape[-n:], counts)), return_indices)


@in_dims(1, 2, 3)
def adaptive_max_pool_with_indices(
    n: int,
    input: Data,
    output_size: Any,
    return_indices: bool = False,  # noqa: ARG001 - in PyTorch's signature
) -> tuple[Data, Data]:
    """The greatest number of each window, and its place: `adaptive_max_pool` with `return_indices=True`."""
    return adaptive_max_pool(n, input, output_size, True)


@in_dims(1, 2, 3)
def adaptive_avg_pool(n: int, input: Data, output_size: Any) -> Data:
    """The mean of each window, for `output_size` windows.

    Window i reaches from i * length / count, rounded down, to before (i + 1) * length / count, rounded up.
    Shapes: `input` (N, C, *sizes) or (C, *sizes); None in `output_size` keeps a size.
    """
    counts = _counts(f"adaptive_avg_pool{n}d", n, input, output_size)
    lengths = input.shape[-n:]
    if all(length % count == 0 for length, count in zip(lengths, counts)):
        size = tuple(length // count for length, count in zip(lengths, counts))
        return means(input, size, size, int(np.prod(size)))
    for dim, count in enumerate(counts, -n):
        input = _mean_along(input, dim, count)
    return input


def _mean_along(x: Data, dim: int, count: int) -> Data:
    """The means of `count` windows along one dimension, counted from the back."""
    rows = np.array(_rows(x.shape[dim], count))
    inside = np.vstack([np.ones((1, count), bool), rows[1:] != rows[:-1]])  # the last place is repeated
    after = (1,) * (-dim - 1)
    seen = take(x, index=(..., rows, *[slice(None)] * (-dim - 1)))
    total = where(constant(inside.reshape(*inside.shape, *after)), seen, 0).sum(dim - 1)
    return total / constant(inside.sum(0).reshape(-1, *after), x.dtype)


def _rows(length: int, count: int) -> tuple[Sizes, ...]:
    """The places inside the windows along one dimension, of which all hold as many: the last is repeated."""
    windows = [range(i * length // count, -((-i - 1) * length // count)) for i in range(count)]
    size = max(map(len, windows))
    return tuple(zip(*([*window, *[window[-1]] * size][:size] for window in windows)))


def _counts(call: str, n: int, input: Data, output_size: Any) -> Sizes:
    check_spatial(call, input, n)
    check_dtype(call, input)
    asked = output_size if isinstance(output_size, list | tuple) else [output_size] * n
    lengths = input.shape[-n:]
    kept = [length if count is None and n > 1 else count for count, length in zip(asked, lengths)]
    return each(call, "output_size", kept if len(asked) == n else asked, n)
