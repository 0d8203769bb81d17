"""Checks of the arguments of linear algebra: how many dimensions, which sizes, one dtype of floats."""

from __future__ import annotations

from typing import Any

import numpy as np

Data = Any
_WORDS = {1: ("a vector", "two vectors"), 2: ("a matrix", "two matrices"), 3: ("", "two stacks of matrices")}


def need_dims(call: str, ndims: tuple[int, ...], *tensors: Data) -> None:
    """Refuse one or two tensors that have not these numbers of dimensions, each its own, or not one dtype."""
    if tuple(getattr(x, "ndim", 0) for x in tensors) != ndims:
        same = len(ndims) == 2 and ndims[0] == ndims[1]
        words = _WORDS[ndims[0]][1] if same else " and ".join(_WORDS[ndim][0] for ndim in ndims)
        raise ValueError(f"{call} needs {words}, got shapes {shapes_of(*tensors)}; see matmul and *")
    need_one_dtype(call, *tensors)


def need_one_dtype(call: str, *tensors: Data) -> None:
    """Refuse tensors of different dtypes."""
    dtypes = list(dict.fromkeys(x.dtype for x in tensors if hasattr(x, "dtype")))
    if len(dtypes) > 1:
        raise TypeError(
            f"{call} needs tensors of one dtype, got {' and '.join(map(str, dtypes))}; use x.to(dtype)"
        )


def shapes_of(*tensors: Data) -> str:
    """The shapes for a message."""
    return " and ".join(str(tuple(np.shape(x))) for x in tensors)


def need_matrices(call: str, *tensors: Data) -> None:
    """Refuse what holds no matrices of float32 or float64, all of one dtype."""
    for x in tensors:
        if x.ndim < 2:
            raise ValueError(f"{call} needs matrices, got shape {tuple(x.shape)}")
        if x.dtype not in (np.float32, np.float64):
            raise TypeError(f"{call} needs float32 or float64, got {x.dtype}; use x.double()")
    need_one_dtype(call, *tensors)


def need_square(call: str, *tensors: Data) -> None:
    """Refuse matrices with another number of rows than columns."""
    need_matrices(call, *tensors)
    for x in tensors:
        if x.shape[-1] != x.shape[-2]:
            raise ValueError(f"{call} needs square matrices, got shape {tuple(x.shape)}")


def same_batch(call: str, A: Data, B: Data) -> tuple[Data, Data]:
    """Two stacks of matrices broadcast to one size of stack."""
    try:
        batch = np.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    except ValueError:
        raise ValueError(f"{call} needs stacks of one size, got shapes {shapes_of(A, B)}") from None
    return stacked(A, batch), stacked(B, batch)


def stacked(x: Data, batch: tuple[int, ...]) -> Data:
    """A stack of matrices repeated to the sizes `batch`."""
    return x if x.shape[:-2] == batch else x.expand(*batch, *x.shape[-2:])
