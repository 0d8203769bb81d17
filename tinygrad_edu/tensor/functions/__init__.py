"""The functions of PyTorch, by topic: compositions of operations, for whatever the operations take."""

from __future__ import annotations

from tinygrad_edu.tensor.functions import (
    orthogonal_polynomials,
    probabilities,
    rectifiers,
    smooth_activations,
    special_compositions,
)

__all__ = [
    "orthogonal_polynomials",
    "probabilities",
    "rectifiers",
    "smooth_activations",
    "special_compositions",
]
