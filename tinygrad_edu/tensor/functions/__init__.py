"""The functions of PyTorch, by topic: compositions of operations, for whatever the operations take."""

from __future__ import annotations

from tinygrad_edu.tensor.functions import (
    copies,
    diagonals,
    joining,
    padding,
    repeating,
    replacing,
    reshaping,
    splitting,
    strides,
    transposing,
    triangles,
)

__all__ = [
    "copies",
    "diagonals",
    "joining",
    "padding",
    "repeating",
    "replacing",
    "reshaping",
    "splitting",
    "strides",
    "transposing",
    "triangles",
]
