"""Tensors in structures of tuples, lists and dicts: taken out in order, and put back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tinygrad_edu.tensor.tensor import Tensor


def leaves(x: Any) -> Iterator[Any]:
    """The Tensors in a structure of tuples, lists and dicts, in order."""
    if isinstance(x, Tensor):
        yield x
    elif isinstance(x, dict | tuple | list):
        for part in x.values() if isinstance(x, dict) else x:
            yield from leaves(part)


def rebuilt(x: Any, waiting: Iterator[Any]) -> Any:
    """The structure of `x` with the next of `waiting` in place of each Tensor."""
    if isinstance(x, Tensor):
        return next(waiting)
    if isinstance(x, dict):
        return type(x)((key, rebuilt(part, waiting)) for key, part in x.items())
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*(rebuilt(part, waiting) for part in x))
    return type(x)(rebuilt(part, waiting) for part in x) if isinstance(x, tuple | list) else x
