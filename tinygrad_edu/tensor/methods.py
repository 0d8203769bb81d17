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


_SHAPE_STAYS = "; the shape of a tensor stays: write y = x.{}(...)"
_RESHAPING = ["as_strided", "squeeze", "swapaxes", "swapdims", "t", "transpose", "unsqueeze"]
# Methods of PyTorch that cannot be here, as others may have been computed from the tensor; and what to do.
ABSENT = {
    **{f"{name}_": _SHAPE_STAYS.format(name) for name in _RESHAPING},
    "resize_": _SHAPE_STAYS.format("reshape"),
    "resize_as_": _SHAPE_STAYS.format("reshape_as"),
    "to_sparse": "; all numbers of a tensor are kept, zeros too: work with the tensor itself",
}


class Methods(Tracer):
    """The methods that are functions, too."""

    locals().update(METHODS)
    locals().update({f"{name}_": _overwriting(f"{name}_", method) for name, method in IN_PLACE.items()})

    def __getattr__(self, name: str) -> Any:
        words = f"{type(self).__name__!r} object has no attribute {name!r}{ABSENT.get(name, '')}"
        raise AttributeError(words, name=name, obj=self)
