"""Views by strides: the windows of unfold, and as_strided."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import index, views
from tinygrad_edu.ops import shape as ops
from tinygrad_edu.tensor.arguments import one_dim, whole_number, whole_shape
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.reshaping import is_contiguous


@public(within="Tensor")
def unfold(input: Data, dimension: int, size: int, step: int) -> Data:
    """The windows of `size` numbers along a dimension, one at every `step`; their numbers in a new last dimension."""
    dim, size = one_dim("unfold", dimension, input.ndim), whole_number("unfold", "size", size)
    step = whole_number("unfold", "step", step, least=1)
    whole = input.shape[dim] if input.ndim else 1
    if size > whole:
        raise ValueError(f"unfold needs a size up to {whole}, the size of dim {dim}, got {size}")
    if not input.ndim:
        return index.take(ops.reshape(input, shape=(1,)), index=slice(size))
    return views.unfold(input, dim=dim, size=size, step=step)


@public()
def as_strided(input: Data, size: Any, stride: Any, storage_offset: int | None = None) -> Data:
    """A view with `y[i, j, ...]` the number at `storage_offset + i * stride[0] + j * stride[1] + ...` in memory."""
    return views.as_strided(input, **_steps(input, size, stride, storage_offset))


def _steps(x: Data, size: Any, stride: Any, offset: int | None) -> dict[str, Any]:
    """The settings of a view by strides, which may show only the numbers of `x`."""
    sizes, steps = whole_shape(size, "as_strided"), whole_shape(stride, "as_strided")
    start = whole_number("as_strided", "storage_offset", offset or 0)
    if len(sizes) != len(steps) or any(n < 0 for n in (*sizes, *steps)):
        raise ValueError(
            f"as_strided needs a stride of 0 or more for each size, got size {sizes} and stride {steps}"
        )
    if not is_contiguous(x) or (offset is not None and not _is_whole(x.raw)):
        raise ValueError(
            f"as_strided needs a tensor whose memory is its own, row by row, but {x.described()} has not; "
            "use x.contiguous().clone()"
        )
    last = start + sum(step * (n - 1) for step, n in zip(steps, sizes))
    if 0 not in sizes and last >= x.raw.size:
        raise ValueError(f"as_strided needs places below {x.raw.size}, the count of numbers, got {last}")
    return {"size": sizes, "stride": steps, "start": start}


def _is_whole(raw: np.ndarray) -> bool:
    """True if the memory holds nothing but these numbers."""
    owner = raw
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    return owner.nbytes == raw.nbytes
