"""Bags of rows of a table, combined: embedding_bag."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import READ, announce
from tinygrad_edu.nn.functional.window_arguments import constant
from tinygrad_edu.ops import elementwise, index
from tinygrad_edu.tensor.functions.picking import embedding
from tinygrad_edu.tensor.functions.public import public

Data = Any


@public(within="nn.functional")
def embedding_bag(
    input: Data,
    weight: Data,
    offsets: Data = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,  # noqa: ARG001 - how PyTorch keeps the gradient
    per_sample_weights: Data = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Data:
    """The sum, mean or max (`mode`) of the rows of `weight` that each bag of whole numbers names; 0 for an empty bag.

    Bags are the rows of a matrix, or begin in a vector at `offsets` (which with `include_last_offset` end with the
    length of the vector). Rows `padding_idx` do not count. `per_sample_weights`: factors, for the sum.
    Shapes: `input` (bags, n) or (n,), `weight` (rows, features); result (bags, features).
    """
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"embedding_bag needs mode 'sum', 'mean' or 'max', got {mode!r}")
    if per_sample_weights is not None and (mode != "sum" or per_sample_weights.shape != input.shape):
        raise ValueError(
            f"embedding_bag needs per_sample_weights of the shape of its input, {input.shape}, and mode 'sum', got "
            f"shape {per_sample_weights.shape} and {mode!r}"
        )
    bags, count = _bags(input, offsets, include_last_offset)
    picks = input.reshape(-1)
    rows = embedding(picks, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq)
    kept = (picks >= 0 if padding_idx is None else picks != padding_idx % len(weight)).unsqueeze(1)
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.reshape(-1, 1)
    return _combined(rows, kept, bags, count, mode)


def _bags(input: Data, offsets: Data, include_last_offset: bool) -> tuple[Data, int]:
    """The number of the bag of each number, and how many bags there are."""
    if input.ndim == 2 and offsets is None:
        return constant(np.repeat(np.arange(len(input)), input.shape[1])), len(input)
    if input.ndim != 1 or np.ndim(offsets) != 1:
        raise ValueError(
            f"embedding_bag needs a matrix, or a vector and offsets, got shape {input.shape} and offsets {offsets}"
        )
    announce(READ, offsets)
    starts, size = np.asarray(offsets), len(input)
    bounds = starts if include_last_offset else np.append(starts, size)
    if not bounds.size or bounds[0] != 0 or bounds[-1] != size or (np.diff(bounds) < 0).any():
        raise ValueError(
            f"embedding_bag needs offsets that rise from 0 to at most {size}, got {starts.tolist()}"
        )
    return np.repeat(np.arange(len(bounds) - 1), np.diff(bounds)), len(bounds) - 1


def _combined(rows: Data, kept: Data, bags: Data, count: int, mode: str) -> Data:
    """The kept rows of each bag as one."""
    hits = index.scatter(kept.to(rows.dtype), bags, index=index.ARRAY, shape=(count, 1))
    sizes = (count, rows.shape[1])
    if mode == "max":
        nothing = rows.new_full(sizes, -math.inf)
        greatest = index.extreme_at(
            nothing, elementwise.where(kept, rows, -math.inf), bags, index=index.ARRAY, least=False
        )
        return elementwise.where(hits > 0, greatest, 0)
    total = index.scatter(elementwise.where(kept, rows, 0), bags, index=index.ARRAY, shape=sizes)
    return total if mode == "sum" else total / elementwise.clamp_min(hits, 1)
