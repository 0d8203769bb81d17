"""New Tensors of numbers at equal distances: `arange`, `linspace`, `logspace`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.tensor.coerce import get_default_dtype, real_dtype
from tinygrad_edu.tensor.devices import placed
from tinygrad_edu.tensor.filled import made, number, sizes_of
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.tensor import Tensor


def _of_numbers(call: str, dtype: Any) -> np.dtype[Any]:
    kind = real_dtype(call, get_default_dtype() if dtype is None else dtype)
    if kind.kind == "b":
        raise TypeError(f"{call} needs a dtype of numbers, got bool; compare the result: {call}(...) > 0.5")
    return kind


@public(method=False)
@placed
def arange(
    start: Any = None, end: Any = None, step: Any = 1, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """`arange(end)`, `arange(start, end)` or `arange(start, end, step)`: equal steps, without `end`."""
    if end is None:
        start, end = 0, start
    limits = zip(("start", "end", "step"), (start, end, step))
    start, end, step = (_finite("arange", name, x) for name, x in limits)
    if step == 0:
        raise ValueError("arange needs a step other than 0, got 0")
    if (end - start) * step < 0:
        raise ValueError(
            f"arange needs steps from start to end, but {step} leads from {start} away from {end}"
        )
    whole = all(isinstance(x, int) for x in (start, end, step))
    kind = _of_numbers("arange", np.int64 if whole and dtype is None else dtype)
    if kind == np.int64:
        start, end, step = int(start), int(end), int(step)
    count = -((start - end) // step) if kind == np.int64 else math.ceil((end - start) / step)
    if kind.kind in "iu":
        start, step = int(start), int(step)
    return made(Tensor, (start + step * np.arange(count)).astype(kind), requires_grad)


def _finite(call: str, name: str, x: Any) -> Any:
    limit = number(call, name, x)
    if not math.isfinite(limit):
        raise ValueError(f"{call} needs a finite {name}, got {limit}")
    return limit


def _between(call: str, start: Any, end: Any, steps: Any, kind: np.dtype[Any]) -> np.ndarray:
    """Floats from `start` to `end`, each counted from the nearer one; the limits are cut to whole numbers before."""
    (count,) = sizes_of(call, (steps,))
    first, last = (np.array(number(call, name, x)) for name, x in (("start", start), ("end", end)))
    if kind.kind in "iu":
        first, last = first.astype(kind), last.astype(kind)
    places, step = np.arange(count), (float(last) - float(first)) / max(count - 1, 1)
    from_first = (places < count // 2) | (count == 1)
    return np.where(from_first, first + step * places, last - step * (count - 1 - places))


@public(method=False)
@placed
def linspace(start: Any, end: Any, steps: int, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """`steps` numbers at equal distances from `start` to `end`, both included."""
    kind = _of_numbers("linspace", dtype)
    return made(Tensor, _between("linspace", start, end, steps, kind).astype(kind), requires_grad)


@public(method=False)
@placed
def logspace(
    start: Any, end: Any, steps: int, base: float = 10.0, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """`base` to the power of each number of `linspace(start, end, steps)`."""
    kind = _of_numbers("logspace", dtype)
    powers = float(base) ** _between("logspace", start, end, steps, kind)
    return made(Tensor, powers.astype(kind), requires_grad)
