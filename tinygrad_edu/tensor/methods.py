"""The public functions as methods of Tensor: `x.exp()`, and `x.exp_()`, which overwrites."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.tensor.functions.public import IN_PLACE, METHODS


def _overwriting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The method `x.exp_()` of a function `exp`."""

    @functools.wraps(function)
    def method(self: Any, *args: Any, **options: Any) -> Any:
        return self.overwrite(name, function(self, *args, **options))

    method.__name__, method.__qualname__ = name, f"Tensor.{name}"
    method.__doc__ = f"`x = {name[:-1]}(x, ...)` in place."
    return method


# Methods of PyTorch that change the shape of a tensor, from which others may have been computed, or its form.
INSTEAD = {
    **{
        f"{name}_": name
        for name in ["as_strided", "squeeze", "swapaxes", "swapdims", "t", "transpose", "unsqueeze"]
    },
    "resize_": "reshape",
    "resize_as_": "reshape_as",
    "to_sparse": "nonzero",
}


class Methods(Tracer):
    """The methods that are functions, too."""

    locals().update(METHODS)
    locals().update({f"{name}_": _overwriting(f"{name}_", method) for name, method in IN_PLACE.items()})

    def __getattr__(self, name: str) -> Any:
        advice = f"; the shape of a tensor stays: write y = x.{INSTEAD[name]}(...)" if name in INSTEAD else ""
        raise AttributeError(
            f"{type(self).__name__!r} object has no attribute {name!r}{advice}", name=name, obj=self
        )
