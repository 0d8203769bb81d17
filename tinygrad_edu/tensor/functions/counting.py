"""Counting: distinct numbers, occurrences of whole numbers, histograms. The results have no derivative."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import counts
from tinygrad_edu.tensor.arguments import one_dim, only_floats
from tinygrad_edu.tensor.functions.public import public

# Distinct numbers.


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
    return _distinct("unique", input, dim, return_inverse, return_counts, runs=False)


@public()
def unique_consecutive(
    input: Data, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The numbers without those that equal the one before, or so the slices at `dim`; else as `unique`."""
    return _distinct("unique_consecutive", input, dim, return_inverse, return_counts, runs=True)


def _distinct(call: str, input: Data, dim: int | None, inverse: bool, count: bool, *, runs: bool) -> Any:
    if dim is not None:
        dim = one_dim(call, dim, input.ndim)
    wanted = ["values", *["inverse"] * inverse, *["counts"] * count]
    results = [counts.distinct(input, dim=dim, runs=runs, which=which) for which in wanted]
    return results[0] if len(results) == 1 else tuple(results)


# Occurrences.


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
    return counts.bincount(
        input, weights if weights.dtype == np.float32 else weights.double(), minlength=minlength
    )


# Histograms.


@public()
def histc(input: Data, bins: int = 100, min: float = 0, max: float = 0) -> Data:
    """How many numbers lie in each of `bins` bins of equal width from `min` to `max`; if they are equal, of all."""
    only_floats("histc", input)
    edges = _edges("histc", input, bins, (min, max) if min != max else None, margin=1.0)
    return counts.histogram(input.reshape(-1, 1), 1, edges, density=False)


class Histogram(NamedTuple):
    """The counts, and the edges of the bins."""

    hist: Any
    bin_edges: Any


@public()
def histogram(
    input: Data,
    bins: Any,
    *,
    range: Any = None,
    weight: Data = None,
    density: bool = False,
) -> Histogram:
    """How many numbers, or which `weight`, lie in each of `bins` bins of equal width, or between the edges `bins`.

    `range`: the first and the last edge, else the extreme numbers. `density`: the integral is 1.
    """
    only_floats("histogram", input)
    edges = _edges("histogram", input, bins, range, margin=0.5)
    weight = _weights("histogram", input, input.shape, weight)
    return Histogram(counts.histogram(input.reshape(-1, 1), weight, edges, density=density), edges)


@public(method=False)
def histogramdd(
    input: Data,
    bins: Any,
    *,
    range: Any = None,
    weight: Data = None,
    density: bool = False,
) -> Histogram:
    """`histogram` of rows, with bins, or edges of bins, for each column; the result has a dimension for each column.

    `range`: the first and the last edge of each column, one after the other.
    """
    only_floats("histogramdd", input)
    if input.ndim < 2:
        raise ValueError(f"histogramdd needs rows, got shape {input.shape}")
    rows = input.reshape(-1, input.shape[-1])
    columns = rows.shape[1]
    each = [bins] * columns if isinstance(bins, int) else list(bins)
    if len(each) != columns or (range is not None and len(range) != 2 * columns):
        raise ValueError(f"histogramdd needs bins, and two limits in range, for each of {columns} columns")
    limits = [None] * columns if range is None else list(zip(range[::2], range[1::2]))
    edges = tuple(_edges("histogramdd", rows[:, i], one, limits[i], margin=0.5) for i, one in enumerate(each))
    weight = _weights("histogramdd", input, input.shape[:-1], weight)
    return Histogram(counts.histogram(rows, weight, *edges, density=density), edges)


def _edges(call: str, input: Data, bins: Any, limits: Any, *, margin: float) -> Data:
    if not hasattr(bins, "shape"):
        _check_bins(call, input, bins, limits)
        return counts.bin_edges(input, bins=bins, limits=limits, margin=margin)
    if bins.ndim != 1 or bins.dtype != input.dtype:
        raise ValueError(
            f"{call} needs a vector of edges of {input.dtype}, got {bins.dtype} of shape {bins.shape}"
        )
    return bins.clone()


def _check_bins(call: str, input: Data, bins: Any, limits: Any) -> None:
    if not isinstance(bins, int) or bins < 1:
        raise ValueError(f"{call} needs one bin or more, got {bins!r}")
    ends = input.raw if limits is None else np.asarray(limits)
    if not (np.isfinite(ends).all() and (limits is None or limits[0] <= limits[1])):
        raise ValueError(f"{call} needs finite limits in order, or finite numbers, got limits {limits}")


def _weights(call: str, input: Data, shape: tuple[int, ...], weight: Data) -> Data:
    """The weights as a vector; 1 if there are none."""
    if weight is None:
        return 1
    if weight.shape != shape or weight.dtype != input.dtype:
        raise ValueError(
            f"{call} needs weights of {input.dtype} and shape {shape}, got {weight.dtype} and {weight.shape}"
        )
    return weight.reshape(-1)
