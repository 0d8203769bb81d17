"""The functions of PyTorch, by topic: compositions of operations, for whatever the operations take."""

from __future__ import annotations

from tinygrad_edu.tensor.functions import (
    counting,
    cumulative,
    differences,
    extremes,
    norm_functions,
    norms,
    quantiles,
    reducing,
    statistics,
)

__all__ = [
    "counting",
    "cumulative",
    "differences",
    "extremes",
    "norm_functions",
    "norms",
    "quantiles",
    "reducing",
    "statistics",
]
