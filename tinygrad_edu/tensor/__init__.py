"""Tensor: an array that remembers how it was computed. Its methods, and the functions that make one."""

from __future__ import annotations

from tinygrad_edu.tensor import creation, random_tensors, tensor_types, window_functions
from tinygrad_edu.tensor.einops_backend import register as _register
from tinygrad_edu.tensor.tensor import Tensor, tensor

__all__ = [
    "Tensor",
    "creation",
    "random_tensors",
    "tensor",
    "tensor_types",
    "window_functions",
]

_register()
