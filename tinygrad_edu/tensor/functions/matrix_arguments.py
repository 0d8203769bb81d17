"""Checks of the arguments of linear algebra: how many dimensions, which sizes, one dtype of floats."""

from __future__ import annotations

from typing import Any

import numpy as np

Data = Any
_WORDS = {
    (1,): "a vector",
    (2,): "a matrix",
    (3,): "a stack of matrices",
    (1, 1): "two vectors",
    (2, 2): "two matrices",
    (3, 3): "two stacks of matrices",
    (2, 1): "a matrix and a vector",
}


def shapes_of(*tensors: Data) -> str:
    """The shapes for a message."""
    return " and ".join(str(tuple(np.shape(x))) for x in tensors)


def need_one_dtype(call: str, *tensors: Data) -> None:
    """Refuse tensors of different dtypes; floats of two widths may meet in the wider one, as everywhere else."""
    dtypes = list(dict.fromkeys(x.dtype for x in tensors if hasattr(x, "dtype")))
    if len(dtypes) > 1 and any(dtype.kind != "f" for dtype in dtypes):
        raise TypeError(
            f"{call} needs tensors of one dtype, got {' and '.join(map(str, dtypes))}; use x.to(dtype)"
        )


def need_dims(call: str, ndims: tuple[int, ...], *tensors: Data) -> None:
    """Refuse tensors that have not these numbers of dimensions, each its own, or not one dtype."""
    if tuple(getattr(x, "ndim", 0) for x in tensors) != ndims:
        raise ValueError(
            f"{call} needs {_WORDS.get(ndims, 'matrices')}, got shapes {shapes_of(*tensors)}; see matmul and *"
        )
    need_one_dtype(call, *tensors)


def need_matrices(call: str, *tensors: Data, square: bool = False) -> None:
    """Refuse what holds no matrices of float32 or float64, all of one dtype; if `square`, the first of them square."""
    for x in tensors:
        if x.ndim < 2 or (square and x is tensors[0] and x.shape[-1] != x.shape[-2]):
            raise ValueError(
                f"{call} needs {'square ' if square else ''}matrices, got shape {tuple(x.shape)}"
            )
        if x.dtype not in (np.float32, np.float64):
            raise TypeError(f"{call} needs float32 or float64, got {x.dtype}; use x.double()")
    need_one_dtype(call, *tensors)
