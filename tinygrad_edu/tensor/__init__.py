"""Tensor: an array that remembers how it was computed. Its methods, and the functions that make one."""

from __future__ import annotations

from tinygrad_edu.tensor import (  # noqa: F401 - make functions public
    creation,
    einops_backend,
    generators,
    random_tensors,
    ranges,
    window_functions,
)
