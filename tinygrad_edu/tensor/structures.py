"""Tensors in tuples, lists and dicts: all of them in order, and the same structure around others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tinygrad_edu.engine.graph import Variable


def leaves(x: Any) -> Iterator[Any]:
    """The Tensors in a structure, in order."""
    if isinstance(x, Variable):
        yield x
    elif isinstance(x, dict):
        for part in x.values():
            yield from leaves(part)
    elif isinstance(x, tuple | list):
        for part in x:
            yield from leaves(part)


def rebuilt(x: Any, waiting: Iterator[Any]) -> Any:
    """The structure of `x` with the next of `waiting` in place of each Tensor."""
    if isinstance(x, Variable):
        return next(waiting)
    if isinstance(x, dict):
        return type(x)((key, rebuilt(part, waiting)) for key, part in x.items())
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*(rebuilt(part, waiting) for part in x))
    if isinstance(x, tuple | list):
        return type(x)(rebuilt(part, waiting) for part in x)
    return x
