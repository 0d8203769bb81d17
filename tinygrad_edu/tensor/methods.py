"""The public functions as methods of Tensor: `x.exp()`, and `x.exp_()`, which overwrites."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tinygrad_edu.hints.missing_names import missing, pytorch_names
from tinygrad_edu.tensor.functions.public import IN_PLACE, METHODS


def _overwriting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The method `x.exp_()` of a function `exp`."""

    @functools.wraps(function)
    def method(self: Any, *args: Any, **options: Any) -> Any:
        return self.overwrite(name, function(self, *args, **options))

    method.__name__, method.__qualname__ = name, f"Tensor.{name}"
    method.__doc__ = f"`x = {name[:-1]}(x, ...)` in place."
    return method


class _Absent:
    """A name of PyTorch's Tensor that ours has not: asked for, it says that.

    An attribute for each, and no `__getattr__`, with which Python looks up all other attributes more slowly.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, kind: Any) -> Any:
        raise missing("Tensor", self._name, METHODS)


# The bases before this one have some of these names.
ABSENT = {name: _Absent(name) for name in pytorch_names()["torch.Tensor"] if name not in METHODS}


class Methods:
    """The methods that are functions, too."""

    locals().update(ABSENT)
    locals().update(METHODS)
    locals().update({f"{name}_": _overwriting(f"{name}_", method) for name, method in IN_PLACE.items()})
