"""The functions of PyTorch, by topic: compositions of operations, for whatever the operations take."""

from __future__ import annotations

from tinygrad_edu.tensor.functions import (
    copies,
    counting,
    cumulative,
    diagonals,
    differences,
    joining,
    norm_functions,
    norms,
    padding,
    reducing,
    repeating,
    replacing,
    reshaping,
    splitting,
    statistics,
    strides,
    transposing,
    triangles,
)

__all__ = [
    "copies",
    "counting",
    "cumulative",
    "diagonals",
    "differences",
    "joining",
    "norm_functions",
    "norms",
    "padding",
    "reducing",
    "repeating",
    "replacing",
    "reshaping",
    "splitting",
    "statistics",
    "strides",
    "transposing",
    "triangles",
]
