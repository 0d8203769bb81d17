"""Counting: distinct numbers, occurrences of whole numbers, histograms. The results have no derivative."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import counts
from tinygrad_edu.tensor.arguments import one_dim, only_floats
from tinygrad_edu.tensor.functions.public import public


@public()
def unique(
    input: Data,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The distinct numbers in order, or the distinct slices at `dim`; each nan counts as another.

    Also, if asked for, the place of each number in the result, and how often each occurs.
    """
    dim = None if dim is None else one_dim("unique", dim, input.ndim)
    wanted = ["values", *["inverse"] * return_inverse, *["counts"] * return_counts]
    results = [counts.distinct(input, dim=dim, which=which) for which in wanted]
    return results[0] if len(results) == 1 else tuple(results)


@public()
def bincount(input: Data, weights: Data = None, minlength: int = 0) -> Data:
    """How often each whole number from 0 occurs in a vector, or the sum of the `weights` where it does."""
    if input.ndim != 1 or input.dtype.kind not in "iu" or minlength < 0 or bool((input < 0).any()):
        raise ValueError(
            "bincount needs a vector of whole numbers from 0, and minlength of 0 or more, "
            f"got {input.dtype} of shape {input.shape}, minlength={minlength}"
        )
    if weights is None:
        return counts.bincount(input, minlength=minlength)
    if weights.shape != input.shape:
        raise ValueError(f"bincount needs weights of shape {input.shape}, got {weights.shape}")
    weights = weights if weights.dtype == np.float32 else weights.double()
    return counts.bincount(input, weights, minlength=minlength)


@public()
def histc(input: Data, bins: int = 100, min: float = 0, max: float = 0) -> Data:
    """How many numbers lie in each of `bins` bins of equal width from `min` to `max`; if they are equal, of all."""
    edges = _edges("histc", input, bins, (min, max) if min != max else None, margin=1.0)
    return counts.histogram(input.reshape(-1), 1, edges, density=False)


class Histogram(NamedTuple):
    """The counts, and the edges of the bins."""

    hist: Any
    bin_edges: Any


@public()
def histogram(
    input: Data, bins: Any = 100, *, range: Any = None, weight: Data = None, density: bool = False
) -> Histogram:
    """How many numbers, or which `weight`, lie in each of `bins` bins of equal width, or between the edges `bins`.

    `range`: the first and the last edge, else the extreme numbers. `density`: the integral is 1.
    """
    edges = _edges("histogram", input, bins, range, margin=0.5)
    if weight is None:
        weight = 1
    elif weight.shape != input.shape or weight.dtype != input.dtype:
        raise ValueError(
            f"histogram needs weights of {input.dtype} and shape {input.shape}, got {weight.dtype} and {weight.shape}"
        )
    else:
        weight = weight.reshape(-1)
    return Histogram(counts.histogram(input.reshape(-1), weight, edges, density=density), edges)


def _edges(call: str, input: Data, bins: Any, limits: Any, *, margin: float) -> Data:
    only_floats(call, input)
    if hasattr(bins, "shape"):
        if bins.ndim != 1 or bins.dtype != input.dtype:
            raise ValueError(
                f"{call} needs a vector of edges of {input.dtype}, got {bins.dtype} of shape {bins.shape}"
            )
        return bins.clone()
    if not isinstance(bins, int) or bins < 1:
        raise ValueError(f"{call} needs one bin or more, got {bins!r}")
    ends = input.raw if limits is None else np.asarray(limits)
    if not (np.isfinite(ends).all() and (limits is None or limits[0] <= limits[1])):
        raise ValueError(f"{call} needs finite limits in order, or finite numbers, got limits {limits}")
    return counts.bin_edges(input, bins=bins, limits=limits, margin=margin)
