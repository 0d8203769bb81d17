"""Arguments as people write them (dim or axis, one size or several, any index) in the form the operations take."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from reprlib import repr as short
from typing import Any, TypeVar

import numpy as np

ANY = -math.inf
Dim = int | Sequence[int] | None
Dims = tuple[int, ...] | None
F = TypeVar("F", bound=Callable[..., Any])


def numpy_names(method: F) -> F:
    """Let a method that takes `dim` and `keepdim` also understand `axis` and `keepdims`."""

    @functools.wraps(method)
    def call(*args: Any, **options: Any) -> Any:
        for numpys, ours in (("axis", "dim"), ("keepdims", "keepdim")):
            if numpys in options:
                if ours in options:
                    raise TypeError(f"{method.__name__} needs {ours} or {numpys}, got both")
                options[ours] = options.pop(numpys)
        return method(*args, **options)

    return call  # type: ignore[return-value]


def in_float32(method: F) -> F:
    """Let a method of a float16 tensor compute in float32, as PyTorch does: float16 ends at 65504."""

    @functools.wraps(method)
    def call(self: Any, *args: Any, **options: Any) -> Any:
        if getattr(self, "dtype", None) != np.float16:  # an Expression has none
            return method(self, *args, **options)
        return method(self.astype(np.float32), *args, **options).astype(np.float16)

    return call  # type: ignore[return-value]


def one_dim(call: str, dim: Any, ndim: int) -> int:
    """`dim` as a non-negative number."""
    if isinstance(dim, bool) or not isinstance(dim, int | np.integer):
        raise TypeError(f"{call} needs dim as a whole number, got {dim!r}")
    if not -max(ndim, 1) <= dim < max(ndim, 1):
        raise IndexError(
            f"{call} needs dim between {-max(ndim, 1)} and {max(ndim, 1) - 1}, got {dim}; "
            f"the dimensions are counted from 0, or from -1 backwards"
        )
    return int(dim) % max(ndim, 1)


def all_dims(call: str, dim: Dim, ndim: int) -> Dims:
    """`dim` as a tuple of non-negative numbers, or None for all; () means none, as in NumPy."""
    if dim is None:
        return None
    dims = tuple(one_dim(call, d, ndim) for d in (dim if isinstance(dim, Sequence) else (dim,)))
    if len(set(dims)) < len(dims):
        raise ValueError(f"{call} needs every dim once, got {dim}")
    return dims if ndim else None


def whole_shape(sizes: Sequence[Any], call: str = "a shape") -> tuple[int, ...]:
    """`reshape(2, 3)` and `reshape((2, 3))` mean the same."""
    sizes = tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], list | tuple) else tuple(sizes)
    for n in sizes:
        if n.__class__ is not int and not _is_whole(n):
            raise TypeError(f"{call} needs whole numbers, got {short(sizes)}")
    return sizes


def _is_whole(n: Any) -> bool:
    return isinstance(n, int | np.integer) and not isinstance(n, bool)


def whole_number(call: str, name: str, n: Any, least: float = 0) -> int:
    """`n` as an int of at least `least` (`ANY`: any whole number); a 0-d Tensor is one, too."""
    if hasattr(n, "raw") and n.ndim == 0:
        n = n.item()
    if not _is_whole(n):
        raise TypeError(f"{call} needs {name} as a whole number, got {type(n).__name__} {short(n)}")
    if n < least:
        raise ValueError(f"{call} needs {name} of {least} or more, got {n}")
    return int(n)


def along(dim: int, part: Any) -> tuple[Any, ...]:
    """The index `part` in the dimension `dim`."""
    return (slice(None),) * dim + (part,)


def both(call: str, ndim: int, x: Any, y: Any) -> tuple[Any, Any]:
    """`x` and `y`, which must have `ndim` dimensions."""
    if np.ndim(x) != ndim or np.ndim(y) != ndim:
        what = ("two vectors", "two matrices", "two stacks of matrices")[ndim - 1]
        raise ValueError(f"{call} needs {what}, got shapes {np.shape(x)} and {np.shape(y)}; see matmul and *")
    return x, y


def clean_index(key: Any) -> Any:
    """An index as NumPy takes it: lists and Tensors as arrays, which are copied so that nobody can change them."""
    if isinstance(key, tuple):
        return tuple(clean_index(part) for part in key)
    if hasattr(key, "raw"):
        key = key.raw
    if isinstance(key, np.ndarray | list):
        picks = np.array(key)
        if picks.size == 0 and isinstance(key, list):  # NumPy takes an empty list for floats
            picks = picks.astype(int)
        check_index(picks)
        return picks.item() if picks.ndim == 0 else picks
    return key


def check_index(picks: Any) -> None:
    """Refuse arrays that are no index; uint8, once a mask, could mean either."""
    if picks.dtype == np.uint8:
        raise IndexError(
            "an index of uint8 could be a mask or numbers; use x.bool() for a mask, x.long() for numbers"
        )
    if picks.dtype.kind not in "iub":
        raise IndexError(f"an index needs whole numbers or booleans, got {picks.dtype}; use x.long()")
