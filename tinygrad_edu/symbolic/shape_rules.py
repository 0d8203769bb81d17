"""The shape of a result from the shapes of what goes in, without computing it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.index import filled as filled_index
from tinygrad_edu.ops.reduce import kept_shape

Shape = tuple[int, ...]


def shape_of(operation: Operation, shapes: Sequence[Shape], settings: dict[str, Any]) -> Shape:
    """The shape of `operation` on arrays of these `shapes`.

    Raises `NotImplementedError` for an operation that is in no table, `ValueError` if the shapes do not fit.
    """
    if isinstance(operation, Elementwise):
        return np.broadcast_shapes(*shapes)
    if operation.name not in _RULES:
        raise NotImplementedError(operation.name)
    return _RULES[operation.name](list(shapes), **settings)


def _same(shapes: list[Shape], **_: Any) -> Shape:
    return shapes[0]


def _reduced(shapes: list[Shape], *, dims: Shape | None, keepdim: bool) -> Shape:
    kept = kept_shape(shapes[0], dims)
    gone = range(len(kept)) if dims is None else dims
    return kept if keepdim else tuple(n for i, n in enumerate(kept) if i not in gone)


def _picked(shapes: list[Shape], *, dim: int | None, keepdim: bool) -> Shape:
    return _reduced(shapes, dims=None if dim is None else (dim,), keepdim=keepdim)


def _reshaped(shapes: list[Shape], *, shape: Shape) -> Shape:
    rest = math.prod(shapes[0]) // max(1, -math.prod(shape)) if -1 in shape else 0
    return tuple(rest if n == -1 else n for n in shape)


def _expanded(shapes: list[Shape], *, shape: Shape) -> Shape:
    return np.broadcast_shapes(shapes[0], shape)


def _permuted(shapes: list[Shape], *, dims: Shape) -> Shape:
    return tuple(shapes[0][i] for i in dims)


def _joined(shapes: list[Shape], *, dim: int) -> Shape:
    first = shapes[0]
    return (*first[:dim], sum(shape[dim] for shape in shapes), *first[dim + 1 :])


def _taken(shapes: list[Shape], *, index: Any) -> Shape:
    arrays = tuple(np.zeros(shape, int) for shape in shapes[1:])
    return np.broadcast_to(0, shapes[0])[filled_index(index, arrays)].shape


def _scattered(_shapes: list[Shape], *, shape: Shape, **_: Any) -> Shape:
    return shape


def _product(shapes: list[Shape]) -> Shape:
    x, y = shapes
    if not x or not y:
        raise ValueError(f"matmul needs at least one dimension on both sides, got shapes {x} and {y}")
    if x[-1] != y[-2 if len(y) > 1 else 0]:
        raise ValueError(f"matmul needs the columns of the left as rows of the right, got shapes {x} and {y}")
    return np.broadcast_shapes(x[:-2], y[:-2]) + x[-2:-1] + (y[-1:] if len(y) > 1 else ())


def _layer(shapes: list[Shape]) -> Shape:
    return (*shapes[0][:-1], shapes[1][0])


_RULES: dict[str, Callable[..., Shape]] = {
    **dict.fromkeys(("sum", "mean", "amax", "amin", "logsumexp"), _reduced),
    **dict.fromkeys(("argmax", "argmin"), _picked),
    **dict.fromkeys(("softmax", "log_softmax", "cast", "cast_whole", "round", "detach"), _same),
    "reshape": _reshaped,
    "expand": _expanded,
    "permute": _permuted,
    "cat": _joined,
    "take": _taken,
    "scatter": _scattered,
    "matmul": _product,
    "linear": _layer,
    "column_sums": lambda shapes: shapes[0][1:],
    "cross_entropy": lambda _shapes, **_: (),
}
