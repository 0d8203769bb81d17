"""Copies with a part replaced: select_scatter, slice_scatter."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import index as ops
from tinygrad_edu.ops.index import along
from tinygrad_edu.tensor.arguments import whole_number
from tinygrad_edu.tensor.functions.joining import place_in
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.reshaping import dim_of


@public()
def select_scatter(input: Data, src: Data, dim: int, index: int) -> Data:
    """A copy with the numbers of `src` in the place of `select(input, dim, index)`."""
    dim = dim_of("select_scatter", dim, input)
    place = place_in("select_scatter", index, input.shape[dim])
    return replaced("select_scatter", input, src, along(dim, place))


@public()
def slice_scatter(
    input: Data, src: Data, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Data:
    """A copy with the numbers of `src` in the place of every `step`-th part along `dim` from `start` to `end`."""
    whole_number("slice_scatter", "step", step, least=1)
    place = along(dim_of("slice_scatter", dim, input), slice(start, end, step))
    return replaced("slice_scatter", input, src, place)


def replaced(call: str, x: Data, src: Data, place: Any) -> Data:
    """`x` with `src` at the index `place`, whose shape `src` must have."""
    wanted = np.broadcast_to(0, x.shape)[place].shape
    if src.shape != wanted:
        raise ValueError(f"{call} needs src of shape {wanted}, got {src.shape}")
    return ops.put(x, src, index=place)
