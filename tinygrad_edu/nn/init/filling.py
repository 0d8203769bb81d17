"""What all functions that fill a tensor share: outside the graph, with Tensors only, of so many dimensions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from reprlib import repr as short
from typing import Any, TypeVar

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.tensor.tensor import Tensor

F = TypeVar("F", bound=Callable[..., Tensor])


def filling(function: F) -> F:
    """Let a function that overwrites `tensor` be called with Tensors only, and outside the graph."""

    @functools.wraps(function)
    def call(tensor: Tensor, *args: Any, **options: Any) -> Tensor:
        if not isinstance(tensor, Tensor):
            raise TypeError(
                f"{function.__name__} needs a Tensor to fill, got {type(tensor).__name__} {short(tensor)}"
            )
        with no_grad():
            return function(tensor, *args, **options)

    return call  # type: ignore[return-value]


def need_dims(call: str, tensor: Tensor, *allowed: int) -> None:
    """Raise `ValueError` unless `tensor` has one of the allowed numbers of dimensions."""
    if tensor.ndim not in allowed:
        raise ValueError(
            f"{call} needs a tensor of {' or '.join(map(str, allowed))} dimensions, got shape {tensor.shape}"
        )
