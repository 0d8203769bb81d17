"""Tensor: an array that remembers how it was computed. Its methods, and the functions that make one."""

from __future__ import annotations

from tinygrad_edu.tensor import creation, einops_backend, random_tensors, window_functions  # noqa: F401 - make functions public
from tinygrad_edu.tensor.tensor import Tensor, tensor

__all__ = ["Tensor", "tensor"]
