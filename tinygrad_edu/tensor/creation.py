"""New Tensors from numbers, of one number, and of numbers at equal distances.

All take `dtype=`, `requires_grad=` and `device=`; floats are of the default dtype unless `dtype` says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.tensor.coerce import get_default_dtype, real_dtype
from tinygrad_edu.tensor.devices import check_device
from tinygrad_edu.tensor.filled import filled, made, number, number_dtype, placed, sizes_of
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.tensor import Tensor, tensor
from tinygrad_edu.tensor.vocabulary import word

# From numbers.


@word
def from_numpy(ndarray: np.ndarray) -> Tensor:
    """A new Tensor with a copy of an array (PyTorch shares the memory; a copy cannot be changed behind our back)."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"from_numpy needs a NumPy array, got {type(ndarray).__name__}; use tensor(...)")
    return Tensor(ndarray)


@public(method=False)
def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """A Tensor itself, cast if `dtype` is another; numbers, lists and arrays become a new Tensor."""
    if not isinstance(data, Tensor):
        return tensor(data, dtype=dtype, device=device)
    check_device("as_tensor", device)
    return data if dtype is None else data.to(dtype)


# Of one number.


@public(method=False)
@placed
def zeros(*size: Any, dtype: Any = None) -> Tensor:
    """A Tensor of zeros: `zeros(2, 3)` or `zeros((2, 3))`."""
    return filled(Tensor, sizes_of("zeros", size), 0, dtype or get_default_dtype())


@public(method=False)
@placed
def ones(*size: Any, dtype: Any = None) -> Tensor:
    """A Tensor of ones."""
    return filled(Tensor, sizes_of("ones", size), 1, dtype or get_default_dtype())


@public(method=False)
@placed
def empty(*size: Any, dtype: Any = None) -> Tensor:
    """A Tensor to be filled. It holds zeros; that of PyTorch holds whatever was in the memory."""
    return filled(Tensor, sizes_of("empty", size), 0, dtype or get_default_dtype())


@public(method=False)
@placed
def full(size: Any, fill_value: Any, *, dtype: Any = None) -> Tensor:
    """A Tensor filled with one number, of the dtype that the number has."""
    return filled(Tensor, sizes_of("full", (size,)), number("full", "fill_value", fill_value), dtype)


@public(method=False)
@placed
def full_like(input: Tensor, fill_value: Any, *, dtype: Any = None) -> Tensor:  # noqa: A002
    """One number in the shape and dtype of another tensor."""
    return full(input.shape, fill_value, dtype=dtype or input.dtype)


def like(make: Callable[..., Tensor]) -> None:
    """Make `zeros_like(x)` public, which is `zeros` in the shape and dtype of another tensor."""

    def made_like(input: Tensor, *, dtype: Any = None, **options: Any) -> Tensor:  # noqa: A002
        return make(input.shape, dtype=dtype or input.dtype, **options)

    made_like.__name__ = f"{make.__name__}_like"
    made_like.__doc__ = f"`{make.__name__}` in the shape and dtype of another tensor. {make.__doc__}"
    public(method=False)(made_like)


like(zeros)
like(ones)
like(empty)


@public(method=False)
@placed
def scalar_tensor(s: Any, *, dtype: Any = None) -> Tensor:
    """A Tensor of one number and no dimension, a float unless `dtype` says otherwise."""
    return filled(Tensor, (), number("scalar_tensor", "s", s), dtype or get_default_dtype())


@public(method=False)
@placed
def eye(n: int, m: int | None = None, *, dtype: Any = None) -> Tensor:
    """Ones on the diagonal of an n x m matrix (n x n if m is left out), zeros elsewhere."""
    rows, columns = sizes_of("eye", (n, n if m is None else m))
    return made(Tensor, np.eye(rows, columns, dtype=real_dtype("eye", dtype or get_default_dtype())))


# At equal distances.


@public(method=False)
@placed
def arange(start: Any = None, end: Any = None, step: Any = 1, *, dtype: Any = None) -> Tensor:
    """`arange(end)`, `arange(start, end)` or `arange(start, end, step)`: equal steps, without `end`."""
    if end is None:
        start, end = 0, start
    limits = zip(("start", "end", "step"), (start, end, step))
    start, end, step = (_finite("arange", name, x) for name, x in limits)
    whole = dtype is None and all(isinstance(x, int) for x in (start, end, step))
    kind = number_dtype("arange", np.int64 if whole else dtype)
    if kind == np.int64:
        start, end, step = int(start), int(end), int(step)
    if step == 0 or (end - start) * step < 0:
        raise ValueError(f"arange needs a step that leads from {start} to {end}, got {step}")
    count = -((start - end) // step) if kind == np.int64 else math.ceil((end - start) / step)
    if kind.kind in "iu":
        start, step = int(start), int(step)
    return made(Tensor, (start + step * np.arange(count)).astype(kind))


def _finite(call: str, name: str, x: Any) -> Any:
    limit = number(call, name, x)
    if not math.isfinite(limit):
        raise ValueError(f"{call} needs a finite {name}, got {limit}")
    return limit


@public(method=False)
@placed
def linspace(start: Any, end: Any, steps: int, *, dtype: Any = None) -> Tensor:
    """`steps` numbers at equal distances from `start` to `end`, both included."""
    kind = number_dtype("linspace", dtype)
    return made(Tensor, _between("linspace", start, end, steps, kind).astype(kind))


@public(method=False)
@placed
def logspace(start: Any, end: Any, steps: int, base: float = 10.0, *, dtype: Any = None) -> Tensor:
    """`base` to the power of each number of `linspace(start, end, steps)`."""
    kind = number_dtype("logspace", dtype)
    return made(Tensor, (float(base) ** _between("logspace", start, end, steps, kind)).astype(kind))


def _between(call: str, start: Any, end: Any, steps: Any, kind: np.dtype[Any]) -> np.ndarray:
    """Floats from `start` to `end`, each counted from the nearer one; the limits are cut to whole numbers before."""
    (count,) = sizes_of(call, (steps,))
    first, last = (np.array(number(call, name, x)) for name, x in (("start", start), ("end", end)))
    if kind.kind in "iu":
        first, last = first.astype(kind), last.astype(kind)
    places, step = np.arange(count), (float(last) - float(first)) / max(count - 1, 1)
    from_first = (places < count // 2) | (count == 1)
    return np.where(from_first, first + step * places, last - step * (count - 1 - places))
