"""Numbers shifted and scaled to mean 0 and variance 1, in one operation.

As a composition it is seven operations forward and some twenty backward: a training step of a small transformer then
takes a third longer.
"""

from __future__ import annotations

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import reduce
from tinygrad_edu.ops.reduce import Dims, same_shape
from tinygrad_edu.ops.tested import operation
from tinygrad_edu.text import notation as written

Parts = tuple[Data, Data]


def _mean(x: Data, dims: Dims) -> Data:
    """The mean over `dims`, which stay; of small arrays NumPy's own takes twice the time."""
    if x.__class__ is np.ndarray and x.dtype != np.float16:
        return reduce.total(x, axis=dims, keepdims=True) / reduce.counted(x.shape, dims)
    return x.mean(axis=dims, keepdims=True)


def _parts(x: Data, *, dims: Dims, eps: float) -> Parts:
    """x - mean, and 1 / sqrt(variance + eps)."""
    distance = x - _mean(x, dims)
    return distance, (_mean(distance * distance, dims) + eps) ** -0.5


def _standardize_rule(g: Data, y: Data, _x: Data, parts: Parts, *, dims: Dims, eps: float) -> Data:
    return (g - _mean(g, dims) - y * _mean(g * y, dims)) * parts[1]


def _written_out(x: Data, *, dims: Dims, eps: float) -> Data:
    distance = x - reduce.mean(x, dims=dims, keepdim=True)
    return distance / (reduce.mean(distance * distance, dims=dims, keepdim=True) + eps) ** 0.5


@operation(
    _standardize_rule,
    common=_parts,
    promotes=True,
    gives_floats=True,
    shape=same_shape,
    notation=written.function("standardize"),
    keeps_name=True,
    paper=_written_out,
    numpy="(x - x.mean(axis=dims, keepdims=True)) / np.sqrt(x.var(axis=dims, keepdims=True) + eps)",
    javascript="standardize",
    example=lambda n: ([(n, n + 1)], {"dims": (1,), "eps": 1e-5}),
)
def standardize(
    _x: np.ndarray, parts: Parts, *, dims: Dims, eps: float, out: np.ndarray | None = None
) -> np.ndarray:
    """(x - mean) / sqrt(variance + eps) over `dims`, with the variance divided by the count of numbers.

    Source: Ioffe and Szegedy, Batch Normalization (2015), with the gradient of section 3.
    """
    return np.multiply(*parts, out=out)
