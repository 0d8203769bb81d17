"""Shapes as formulas show them: which dimensions of size 1 nobody writes, and what counts as a transpose."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_edu.symbolic.expression import Expression


def elements(x: Any) -> int:
    """The number of elements of `x`."""
    return math.prod(x.shape) if isinstance(x, Expression) else 1


def is_transpose(node: Expression) -> bool:
    """True if the last two dimensions are exchanged, and no others."""
    dims = node.settings["dims"]
    return len(dims) > 1 and dims == (*range(len(dims) - 2), len(dims) - 1, len(dims) - 2)


def only_ones_move(node: Expression) -> bool:
    """True if only dimensions of size 1 change, which nobody writes."""
    return [n for n in node.inputs[0].shape if n != 1] == [n for n in node.shape if n != 1]


def plain_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape as it is read: a single number and a row have no dimensions of size 1 in front."""
    if math.prod(shape) == 1:
        return ()
    return shape[1:] if len(shape) == 2 and shape[0] == 1 else shape
