"""Tensor: an array that remembers how it was computed. Its methods, and the functions that make one."""

from __future__ import annotations

from tinygrad_edu.tensor import creation, einops_backend, random_tensors, window_functions
from tinygrad_edu.tensor.tensor import Tensor, tensor

__all__ = ["Tensor", "creation", "einops_backend", "random_tensors", "tensor", "window_functions"]
