"""The public functions as methods of Tensor: `x.exp()`, and `x.exp_()`, which overwrites."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tinygrad_edu.tensor.functions.public import IN_PLACE, METHODS


def _overwriting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The method `x.exp_()` of a function `exp`."""

    @functools.wraps(function)
    def method(self: Any, *args: Any, **options: Any) -> Any:
        return self.overwrite(name, function(self, *args, **options))

    method.__name__, method.__qualname__ = name, f"Tensor.{name}"
    method.__doc__ = f"`x = {name[:-1]}(x, ...)` in place."
    return method


class Methods:
    """The methods that are functions, too."""

    locals().update(METHODS)
    locals().update({f"{name}_": _overwriting(f"{name}_", method) for name, method in IN_PLACE.items()})
