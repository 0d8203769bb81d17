"""NumPy's functions on Tensors: each is written with functions that have a gradient, in NumPy's words."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.ops import elementwise
from tinygrad_edu.tensor.numpy_linalg import LINEAR_ALGEBRA
from tinygrad_edu.tensor.numpy_ufuncs import (
    Axis,
    accumulation,
    numpys,
    over,
    reduction,
    tensors,
    torch,
)


def _mean(x: Any, axis: Axis = None, dtype: Any = None, keepdims: bool = False, where: Any = None) -> Any:
    if where is not None:
        x, count = (
            elementwise.where(where, x, 0),
            np.sum(np.broadcast_to(where, x.shape), axis, keepdims=keepdims),
        )
        return _sum(x, axis, dtype, keepdims) / count
    return x.mean(axis, keepdims, dtype=dtype)


def _average(a: Any, axis: Axis = None, weights: Any = None, keepdims: bool = False) -> Any:
    if weights is None:
        return _mean(a, axis, keepdims=keepdims)
    if np.shape(weights) != a.shape:  # one weight for each place along the axis
        weights = np.expand_dims(weights, tuple(i for i in range(a.ndim) if i != axis % a.ndim))
    a, weights = tensors(*torch.broadcast_tensors(*tensors(a, weights)))
    return _sum(a * weights, axis, keepdims=keepdims) / _sum(weights, axis, keepdims=keepdims)


def _quantile(a: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Any:
    return torch.quantile(a, torch.as_tensor(q, dtype=a.dtype), axis, keepdims, interpolation=method)


_sum, _max, _min = reduction(np.add), reduction(np.maximum), reduction(np.minimum)


# Functions that only move numbers: NumPy says where each one goes.


def _moved(name: str) -> Callable[..., Any]:
    """The function `name`, done by asking NumPy's own where it moves the positions of the numbers."""

    def moved(x: Any, *args: Any, **options: Any) -> Any:
        flat = tensors(x)[0].flatten()
        args = tuple(np.asarray(y) if isinstance(y, Tracer) else y for y in args)
        places = getattr(np, name)(np.arange(len(flat)).reshape(np.shape(x)), *args, **options)
        if isinstance(places, list | tuple):
            return type(places)(flat[part] for part in places)
        return flat[places]

    return moved


MOVED = (
    "array_split atleast_1d atleast_2d atleast_3d delete diagonal dsplit flip fliplr flipud hsplit moveaxis "
    "repeat resize roll rollaxis rot90 split tile unstack vsplit"
)


def _pad(array: Any, pad_width: Any, mode: str = "constant", constant_values: float = 0) -> Any:
    """np.pad: numbers of the array, but for "constant" a number of its own."""
    if mode not in ("constant", "edge", "reflect", "symmetric", "wrap"):
        raise NotImplementedError(
            f"np.pad on a Tensor moves numbers, it computes none: it has no mode {mode!r}"
        )
    own = {"constant_values": -1} if mode == "constant" else {}
    places: Any = np.pad(np.arange(math.prod(array.shape)).reshape(array.shape), pad_width, mode=mode, **own)  # type: ignore[call-overload]
    moved = torch.cat([array.flatten(), torch.zeros(1, dtype=array.dtype)])[places]  # -1 is the last
    return elementwise.where(places >= 0, moved, constant_values)


def _squeeze(x: Any, axis: Axis = None) -> Any:
    """np.squeeze: without dimensions of size 1; PyTorch leaves the others alone, NumPy refuses."""
    for i in () if axis is None else np.atleast_1d(axis):
        if x.shape[i] != 1:
            raise ValueError(
                f"np.squeeze needs dimensions of size 1, but dimension {i} of {x.described()} has {x.shape[i]}"
            )
    return x.squeeze(axis)


def _take(a: Any, indices: Any, axis: Axis = None) -> Any:
    a, dim = over(tensors(a)[0], axis)
    return a[(slice(None),) * (dim % a.ndim) + (np.asarray(indices),)]


def _concatenate(arrays: Sequence[Any], axis: Axis = 0) -> Any:
    arrays = tensors(*arrays)
    return torch.cat([x.flatten() for x in arrays]) if axis is None else torch.cat(arrays, axis)


def _partition(a: Any, kth: Any, axis: Axis = -1) -> Any:
    """np.partition: all in order, so that before each `kth` there is none greater than it, and behind none smaller."""
    del kth
    return torch.sort(*over(a, axis)).values


def _select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    pairs = reversed(list(zip(condlist, choicelist, strict=True)))
    return functools.reduce(lambda rest, pair: elementwise.where(*pair, rest), pairs, default)


def _linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True) -> Any:
    parts = np.arange(num) / max(num - endpoint, 1)
    return start + np.multiply.outer(parts, stop - start)


def _gradient(f: Any, *varargs: float, axis: Axis = None) -> Any:
    """np.gradient for steps that are numbers: central differences inside, one-sided ones at the ends."""
    axes = range(f.ndim) if axis is None else np.atleast_1d(axis)
    steps = varargs * len(axes) if len(varargs) == 1 else varargs or (1.0,) * len(axes)
    slopes = tuple(
        _slopes(f.movedim(int(i), 0), h).movedim(0, int(i)) for i, h in zip(axes, steps, strict=True)
    )
    return slopes[0] if len(slopes) == 1 else slopes


def _slopes(f: Any, h: float) -> Any:
    if np.ndim(h):
        raise NotImplementedError(
            "np.gradient on a Tensor needs equal steps: a number, not an array of places"
        )
    return torch.cat([(f[1:2] - f[:1]) / h, (f[2:] - f[:-2]) / (2 * h), (f[-1:] - f[-2:-1]) / h])


def _trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    y = tensors(y)[0].movedim(axis, -1)
    widths = dx if x is None else np.diff(x)
    return (widths * (y[..., 1:] + y[..., :-1]) / 2).sum(-1)


def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    ends = [None if x is None else tensors(x)[0] for x in (prepend, append)]
    shape = tuple(1 if i == axis % a.ndim else size for i, size in enumerate(a.shape))
    return torch.diff(a, n, axis, *(x.expand(shape) if x is not None and x.ndim == 0 else x for x in ends))


# By NumPy's names, and in NumPy's words: `axis`, `keepdims`.
def _broadcast_arrays(*args: Any) -> Any:
    """Arrays of one shape; what has no numbers, a list of None say, stays as it is, for matplotlib."""
    arrays: list[Any] = [x if isinstance(x, Tracer) else np.asarray(x) for x in args]
    if all(isinstance(x, Tracer) or x.dtype.kind in "fiub" for x in arrays):
        return torch.broadcast_tensors(*tensors(*args))
    shape = np.broadcast_shapes(*[x.shape for x in arrays])
    return tuple(np.broadcast_to(x, shape) for x in arrays)


_TABLE: dict[str, Callable[..., Any]] = {
    **{name: _moved(name) for name in MOVED.split() if numpys(name)},
    **LINEAR_ALGEBRA,
    # Reductions and accumulations.
    "sum": _sum,
    "prod": reduction(np.multiply),
    "max": _max,
    "amax": _max,
    "min": _min,
    "amin": _min,
    "all": reduction(np.logical_and),
    "any": reduction(np.logical_or),
    "ptp": lambda a, axis=None, keepdims=False: _max(a, axis, None, keepdims) - _min(a, axis, None, keepdims),
    "nanmax": lambda a, axis=None, keepdims=False: _max(a, axis, None, keepdims, where=~np.isnan(a)),
    "nanmin": lambda a, axis=None, keepdims=False: _min(a, axis, None, keepdims, where=~np.isnan(a)),
    "mean": _mean,
    "average": _average,
    "var": lambda x, axis=None, ddof=0, keepdims=False: x.var(axis, correction=ddof, keepdim=keepdims),
    "std": lambda x, axis=None, ddof=0, keepdims=False: x.std(axis, correction=ddof, keepdim=keepdims),
    "median": lambda a, axis=None, keepdims=False: _quantile(a, 0.5, axis, keepdims=keepdims),
    "quantile": _quantile,
    "percentile": lambda a, q, *args, **options: _quantile(a, np.true_divide(q, 100), *args, **options),
    "argmax": lambda x, axis=None, keepdims=False: x.argmax(axis, keepdims),
    "argmin": lambda x, axis=None, keepdims=False: x.argmin(axis, keepdims),
    "cumsum": accumulation(np.add),
    "cumprod": accumulation(np.multiply),
    "cumulative_sum": accumulation(np.add),
    "cumulative_prod": accumulation(np.multiply),
    "trace": lambda a, offset=0, axis1=0, axis2=1: a.diagonal(offset, axis1, axis2).sum(-1),
    # Each number by itself.
    "round": lambda x, decimals=0: x.detach().round(decimals=decimals),  # to be shown; it has no slope
    "fix": lambda x: x.trunc(),
    "clip": lambda x, a_min=None, a_max=None: x.clamp(a_min, a_max),
    "where": elementwise.where,
    "select": _select,
    "real": lambda x: x,
    "real_if_close": lambda x: x,
    "imag": lambda x: x * 0,
    "copy": lambda x: x.clone(),
    "astype": lambda x, dtype: x.to(dtype),
    # Shapes.
    "reshape": lambda x, shape: x.reshape(shape),
    "ravel": lambda x: x.flatten(),
    "transpose": lambda x, axes=None: x.T if axes is None else x.permute(axes),
    "matrix_transpose": lambda x: x.mT,
    "swapaxes": lambda x, axis1, axis2: x.transpose(axis1, axis2),
    "squeeze": _squeeze,
    "expand_dims": lambda x, axis: x.reshape(np.expand_dims(np.empty(x.shape), axis).shape),
    "broadcast_to": lambda x, shape: x.expand(shape),
    "broadcast_arrays": _broadcast_arrays,
    "meshgrid": lambda *xi, indexing="xy": torch.meshgrid(*tensors(*xi), indexing=indexing),
    "pad": _pad,
    "diag": lambda v, k=0: torch.diag(v, k),
    "diagflat": lambda v, k=0: torch.diag(v.flatten(), k),
    # Joined, taken, sorted.
    "concatenate": _concatenate,
    "append": lambda arr, values, axis=None: _concatenate([arr, values], axis),
    "row_stack": lambda tup: torch.vstack(tensors(*tup)),
    "take": _take,
    "take_along_axis": lambda arr, indices, axis=-1: torch.take_along_dim(arr, *tensors(indices), axis),
    "extract": lambda condition, arr: _take(arr, np.flatnonzero(condition)),
    "compress": lambda condition, a, axis=None: _take(a, np.flatnonzero(condition), axis),
    "sort": lambda a, axis=-1, stable=False: torch.sort(*over(a, axis), stable=bool(stable)).values,
    "partition": _partition,
    "argsort": lambda a, axis=-1, stable=False: torch.argsort(*over(a, axis), stable=bool(stable)),
    # Differences and sums along an axis, and numbers between two.
    "linspace": _linspace,
    "diff": _diff,
    "ediff1d": lambda ary: torch.diff(ary.flatten()),
    "gradient": _gradient,
    "trapezoid": _trapezoid,
}


FUNCTIONS = {numpys(name): ours for name, ours in _TABLE.items()}
