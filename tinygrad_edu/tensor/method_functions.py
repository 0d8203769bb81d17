"""Methods of Tensor as functions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from reprlib import repr as short
from typing import Any, TypeVar

from tinygrad_edu.tensor.pair import ValuesAndIndices, refuse
from tinygrad_edu.tensor.tensor import Tensor

F = TypeVar("F", bound=Callable[..., Any])


def function(method: F) -> F:
    """A method of Tensor as a function: `mean(x, dim=0)` is `x.mean(dim=0)`."""

    @functools.wraps(method)
    def call(input: Tensor, *args: Any, **options: Any) -> Any:
        if isinstance(input, ValuesAndIndices):
            refuse()
        if not isinstance(input, Tensor):
            raise TypeError(f"{method.__name__} needs a Tensor, got {short(input)}; write tensor(...)")
        return method(input, *args, **options)

    return call  # type: ignore[return-value]


add = function(Tensor.add)
allclose = function(Tensor.allclose)
clamp = function(Tensor.clamp)
div = function(Tensor.div)
pow = function(Tensor.pow)
square = function(Tensor.square)
sub = function(Tensor.sub)
