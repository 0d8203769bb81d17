"""Rows of a table looked up by whole numbers: embedding, and bags of embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.engine.graph import READ, announce
from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import elementwise
from tinygrad_edu.ops import index as index_ops
from tinygrad_edu.tensor.functions.accumulating import index_reduce
from tinygrad_edu.tensor.functions.places import is_tensor, rows, taken, whole
from tinygrad_edu.tensor.functions.public import public


@public(within="nn.functional")
def embedding(
    input: Data,
    weight: Data,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Data:
    """The rows of `weight` that whole numbers name: `weight[input]`.

    `padding_idx`: a row that gets no gradient. `max_norm`: rows of a larger norm are made shorter, in `weight` itself.
    `scale_grad_by_freq`: gradients are divided by how often a row was named. `sparse` changes nothing here.
    Shapes: `input` (...), `weight` (rows, features); result (..., features).
    """
    if not is_tensor(weight) or weight.ndim != 2:
        raise ValueError(f"embedding needs weight as a matrix, got shape {np.shape(weight)}")
    picks = whole("embedding", input)
    place = rows("embedding", weight, 0, picks)
    padding = _padding("embedding", padding_idx, weight.shape[0])
    if max_norm is not None:
        _renormalize(weight, place, max_norm, norm_type)
    found = taken(weight, place)
    if scale_grad_by_freq:
        found = _with_slope(found, _share(picks, place, weight))
    if padding is not None:
        found = elementwise.where((picks == padding).unsqueeze(-1), found.detach(), found)
    return found


def _padding(call: str, padding_idx: int | None, size: int) -> int | None:
    """The number of a row, counted from the front."""
    if padding_idx is None:
        return None
    if not -size <= padding_idx < size:
        raise ValueError(f"{call} needs padding_idx from {-size} to {size - 1}, got {padding_idx}")
    return padding_idx % size


def _renormalize(weight: Data, place: Any, max_norm: float, norm_type: float) -> None:
    """Make the rows at a place shorter, if they are longer than `max_norm`."""
    with no_grad():
        found = taken(weight, place)
        norm = _norm(found, norm_type)
        shorter = elementwise.where(norm > max_norm, found * (max_norm / (norm + 1e-7)), found)
        weight.detach()[place[0]] = shorter


def _norm(x: Data, p: float) -> Data:
    """The p-norm of each row."""
    if p == np.inf:
        return abs(x).amax(-1, keepdim=True)
    return (abs(x) ** p).sum(-1, keepdim=True) ** (1 / p)


def _share(picks: Data, place: Any, weight: Data) -> Data:
    """For each row of a place, 1 / how often it is there."""
    arrays, index = place
    ones = (picks >= 0).astype(weight.dtype).unsqueeze(-1)
    return 1 / taken(index_ops.scatter(ones, *arrays, index=index, shape=(weight.shape[0], 1)), place)


def _with_slope(x: Data, slope: Data) -> Data:
    """The numbers of `x`, with another slope than 1."""
    fixed = x.detach()
    return fixed + (x - fixed) * slope


@public(within="nn.functional")
def embedding_bag(
    input: Data,
    weight: Data,
    offsets: Data = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
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
    padding = _padding("embedding_bag", padding_idx, weight.shape[0])
    picks = whole("embedding_bag", input).reshape(-1)
    found = embedding(picks, weight, None, max_norm, norm_type, scale_grad_by_freq)
    kept = (picks >= 0 if padding is None else picks != padding).unsqueeze(1)
    if per_sample_weights is not None:
        found = found * per_sample_weights.reshape(-1, 1)
    return _bagged(found, kept, bags, count, mode)


def _bags(input: Data, offsets: Data, include_last_offset: bool) -> tuple[np.ndarray, int]:
    """The number of the bag of each number, and how many bags there are."""
    if input.ndim == 2 and offsets is None:
        return np.repeat(np.arange(input.shape[0]), input.shape[1]), input.shape[0]
    if input.ndim != 1 or np.ndim(offsets) != 1 or not is_tensor(offsets):
        raise ValueError(
            f"embedding_bag needs a matrix, or a vector and offsets, got shape {input.shape} and offsets {offsets}"
        )
    announce(READ, offsets)
    size = input.shape[0]
    bounds = offsets.raw if include_last_offset else np.append(offsets.raw, size)
    if not bounds.size or bounds[0] != 0 or bounds[-1] != size or (np.diff(bounds) < 0).any():
        raise ValueError(
            f"embedding_bag needs offsets that rise from 0 to at most {size}, got {offsets.tolist()}"
        )
    return np.repeat(np.arange(len(bounds) - 1), np.diff(bounds)), len(bounds) - 1


def _bagged(found: Data, kept: Data, bags: np.ndarray, count: int, mode: str) -> Data:
    """The rows that were kept, combined by bags."""
    hits = index_ops.scatter(kept.astype(found.dtype), index=bags, shape=(count, 1))
    sizes = (count, found.shape[1])
    if mode == "max":
        nothing = index_ops.put(index_ops.scatter(found.detach(), index=bags, shape=sizes), 0, index=...)
        found = elementwise.where(kept, found, -np.inf)
        greatest = index_reduce(nothing, 0, bags, found, "amax", include_self=False)
        return elementwise.where(hits > 0, greatest, 0)
    total = index_ops.scatter(elementwise.where(kept, found, 0), index=bags, shape=sizes)
    return total if mode == "sum" else total / elementwise.maximum(hits, 1)
