"""Copies of what views show, `view_copy` and its like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.tensor.functions.diagonals import diagonal
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.repeating import expand
from tinygrad_edu.tensor.functions.reshaping import clone, squeeze, unsqueeze, view
from tinygrad_edu.tensor.functions.splitting import narrow, select, slice, split, split_with_sizes, unbind
from tinygrad_edu.tensor.functions.strides import as_strided, unfold
from tinygrad_edu.tensor.functions.transposing import permute, t, transpose

View = Callable[..., Any]


def alias(input: Data) -> Data:
    """The tensor itself."""
    return input


VIEWS = (
    alias, as_strided, diagonal, expand, narrow, permute, select, slice, split, split_with_sizes, squeeze, t, transpose,
    unbind, unfold, unsqueeze, view,
)  # fmt: skip


def copying(function: View) -> View:
    """The function `view_copy` of a function `view`."""

    def copy(input: Data, *args: Any, **options: Any) -> Any:
        result = function(input, *args, **options)
        return tuple(map(clone, result)) if isinstance(result, tuple) else clone(result)

    copy.__name__ = copy.__qualname__ = f"{function.__name__}_copy"
    copy.__doc__ = f"A copy of what `{function.__name__}` shows, in memory of its own."
    return copy


for _view in VIEWS:
    public(method=_view is narrow)(copying(_view))
