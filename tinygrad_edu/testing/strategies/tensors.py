"""The strategy `tensors`, and how a failing test prints what it was given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.vendor import pretty

from tinygrad_edu.tensor.coerce import real_dtype
from tinygrad_edu.tensor.tensor import Tensor, tensor
from tinygrad_edu.testing.strategies.shapes import Draw, Shape, shapes

GAP = (
    0.125  # from a number to a kink, and from one distinct number to the next: many steps of a gradient check
)


@st.composite
def tensors(
    draw: Draw,
    shape: Shape | st.SearchStrategy[Shape] | None = None,
    dtype: Any = "float64",
    *,
    low: float = -2.0,
    high: float = 2.0,
    away_from: Sequence[float] = (),
    distinct: bool = False,
    extreme: bool = False,
    requires_grad: bool = False,
) -> Tensor:
    """A Tensor with numbers from `low` to `high`.

    `shape`, `dtype`: one, or a strategy. `away_from`: kinks, from each of which every number is at least 1/8 away.
    `distinct`: no two numbers are closer than 1/8, as `max` and `sort` have kinks at ties; they may go beyond `high`.
    `extreme`: nan, infinities, -0, the largest and the smallest numbers of the dtype among them.
    """
    sizes = draw(shape) if isinstance(shape, st.SearchStrategy) else shape
    sizes = draw(shapes()) if sizes is None else sizes
    kind = real_dtype("tensors", draw(dtype) if isinstance(dtype, st.SearchStrategy) else dtype)
    count = int(np.prod(sizes, dtype=int))
    numbers = draw(st.lists(_numbers(kind, low, high, away_from), min_size=count, max_size=count))
    if distinct:
        places = draw(st.permutations(range(count)))
        numbers = [_away(low + GAP * (2 * place + x % 1 / 2), away_from) for place, x in zip(places, numbers)]
    array = np.array(numbers, kind).reshape(sizes)
    if extreme and kind.kind == "f":
        array = _with_extremes(draw, array)
    return tensor(array, requires_grad=requires_grad)


def _numbers(kind: np.dtype[Any], low: float, high: float, away_from: Sequence[float]) -> Any:
    if kind.kind == "b":
        return st.booleans()
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        return st.integers(max(int(np.ceil(low)), int(limits.min)), min(int(high), int(limits.max)))
    return st.floats(low, high, width=_width(kind), allow_subnormal=False).map(lambda x: _away(x, away_from))


def _width(kind: np.dtype[Any]) -> Any:
    return min(8 * kind.itemsize, 64)


def _away(x: float, kinks: Sequence[float]) -> float:
    """The number nearest to `x`, about, that is at least `GAP` away from all kinks."""
    for kink in sorted(kinks):
        if abs(x - kink) < GAP:
            x = kink + GAP
    return x


def _with_extremes(draw: Draw, array: np.ndarray) -> np.ndarray:
    limits = np.finfo(array.dtype)
    extremes = [np.nan, np.inf, -np.inf, -0.0, limits.max, limits.min, limits.tiny, limits.smallest_subnormal]
    for place in np.ndindex(array.shape):
        if draw(st.booleans()):
            array[place] = draw(st.sampled_from(extremes))
    return array


# How a Tensor is printed: every digit, and words that are defined.


def code_of(x: Any) -> str:
    """The call that makes this Tensor or array: `torch.tensor([0.1], dtype=torch.float32, requires_grad=True)`."""
    array = np.asarray(x.detach() if isinstance(x, Tensor) else x)
    options = f", dtype=torch.{array.dtype.name}"
    options += ", requires_grad=True" if getattr(x, "requires_grad", False) else ""
    if not array.size:
        return f"torch.zeros({array.shape}{options})"
    return f"torch.tensor({_written(array)}{options})"


def _written(array: np.ndarray) -> str:
    if array.ndim:
        return f"[{', '.join(map(_written, array))}]"
    number = str(array[()])  # as few digits as tell it from its neighbours in its dtype
    return number if np.isfinite(array) else f'float("{number}")'


def _print(x: Any, printer: Any, _cycle: bool) -> None:
    printer.text(code_of(x))


pretty.for_type_by_name(Tensor.__module__, Tensor.__name__, _print)
