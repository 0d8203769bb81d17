"""The words of PyTorch at the top level that are no functions of Tensors: dtypes, devices, switches, seeds."""

from __future__ import annotations

from typing import Any, TypeVar

T = TypeVar("T", bound=Any)

WORDS: dict[str, Any] = {}


def word(thing: T) -> T:
    """Make a class or a function public at the top level under its own name."""
    WORDS[thing.__name__] = thing
    return thing
