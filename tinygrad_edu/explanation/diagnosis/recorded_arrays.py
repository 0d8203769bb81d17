"""Arrays for loss functions written in NumPy: they have NumPy's methods, and what is computed from them is recorded.

The methods are NumPy's functions of the same name, which `Tensor` knows: `x.max(axis=1, keepdims=True)` is
`np.max(x, axis=1, keepdims=True)`. A tensor's own methods are PyTorch's, of which some mean something else, as `var`.
"""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.engine.call_site import is_own
from tinygrad_edu.tensor.tensor import Tensor

NUMPY = str(Path(np.__file__).parent)
ATTRIBUTES = {"shape", "ndim", "size", "dtype", "itemsize", "nbytes"}
METHODS = {
    "all",
    "any",
    "argmax",
    "argmin",
    "argsort",
    "clip",
    "copy",
    "cumprod",
    "cumsum",
    "diagonal",
    "dot",
    "max",
}
METHODS |= {
    "mean",
    "min",
    "nonzero",
    "prod",
    "ptp",
    "ravel",
    "repeat",
    "round",
    "squeeze",
    "std",
    "sum",
    "swapaxes",
}
METHODS |= {"take", "trace", "var"}
LOST = (
    "a plain number does not tell how it was computed; leave float() and int() out of the loss function, and in place "
    "of out[i, j] = x collect the numbers in a list, for np.array(rows)"
)


class RecordedArray(np.lib.mixins.NDArrayOperatorsMixin):
    """An array of NumPy with a tensor behind it, which records what is computed from it."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any
    ) -> Any:
        result = _recorded(getattr(ufunc, method)(*_tensors(inputs), **_tensors(options)))
        if out is None:
            return result
        if not isinstance(out[0], RecordedArray):
            raise TypeError(
                "x -= y needs an x that comes from the arguments of the loss function; write x = x - y"
            )
        out[0].tensor = _tensors(result)
        return out[0]

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        return _recorded(function(*_tensors(args), **_tensors(kwargs)))

    def __getattr__(self, name: str) -> Any:
        if name in ATTRIBUTES:
            return getattr(self.tensor.raw, name)
        function = getattr(np, name, None)
        if name in METHODS or isinstance(function, np.ufunc):  # np.exp(array of objects) calls x.exp()
            return partial(getattr(np, name), self)
        raise AttributeError(
            f"an array in a loss function has no .{name}; write it with NumPy's functions, such as np.sum"
        )

    @property
    def T(self) -> Any:  # noqa: N802 - NumPy's name
        """The array with its axes in reverse order."""
        return np.transpose(self)

    def transpose(self, *axes: Any) -> Any:
        """The array with its axes in another order."""
        return np.transpose(self, *(axes if len(axes) < 2 else (axes,)))

    def reshape(self, *shape: Any, **options: Any) -> Any:
        """The numbers in another shape."""
        return np.reshape(self, *(shape if len(shape) < 2 else (shape,)), **options)

    def flatten(self) -> Any:
        """The numbers in one row."""
        return np.ravel(self)

    def astype(self, dtype: Any) -> Any:
        """The numbers in another type."""
        return _recorded(self.tensor.to(np.dtype(dtype).name))

    def item(self) -> RecordedArray:
        """The only number, recorded still."""
        return self.reshape(())

    def __len__(self) -> int:
        return len(self.tensor.raw)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, place: Any) -> Any:
        return _recorded(self.tensor[_tensors(place)])

    def __setitem__(self, place: Any, value: Any) -> None:
        changed = self.tensor.clone()  # others may have been computed from the numbers as they are
        changed[_tensors(place)] = _tensors(value)
        self.tensor = changed

    def __bool__(self) -> bool:
        return bool(self.tensor.raw)

    def __float__(self) -> float:
        raise TypeError(LOST)

    __int__ = __float__

    def __repr__(self) -> str:
        return repr(self.tensor.raw)

    def __format__(self, spec: str) -> str:
        return format(self.tensor.raw[()], spec)


def record(function: Callable[..., Any], tensors: Mapping[str, Tensor]) -> Any:
    """The result of a function of arrays, with its graph.

    Raises `TypeError` where an array that is recorded cannot stand for a plain one.
    """
    try:
        return _tensors(function(**{name: _recorded(x) for name, x in tensors.items()}))
    except Exception as error:
        advice = f"; {LOST}" if "setting an array element" in str(error) else ""
        raise TypeError(f"diagnose cannot record {_line(error)}: {error}{advice}") from error


def _line(error: Exception) -> str:
    """The line of the loss function that raised the error."""
    frames = traceback.walk_tb(error.__traceback__)
    found = [
        (frame.f_code.co_filename, line)
        for frame, line in frames
        if not is_own(frame.f_code) and not frame.f_code.co_filename.startswith(NUMPY)
    ]
    text = linecache.getline(*found[-1]).strip() if found else ""
    return f"`{text}` (line {found[-1][1]})" if text else "the loss function"


def _recorded(x: Any) -> Any:
    """Recorded arrays in place of tensors; whole numbers, such as classes, stay NumPy's and can be an index."""
    if isinstance(x, list | tuple):
        return type(x)(map(_recorded, x))
    if not isinstance(x, Tensor):
        return x
    return x.raw if x.raw.dtype.kind in "iu" else RecordedArray(x)


def _tensors(x: Any) -> Any:
    """Tensors in place of recorded arrays, also of those in lists and in arrays of objects."""
    if isinstance(x, RecordedArray):
        return x.tensor
    if isinstance(x, list | tuple):
        return type(x)(map(_tensors, x))
    if isinstance(x, dict):
        return {name: _tensors(value) for name, value in x.items()}
    if isinstance(x, np.ndarray) and x.dtype == object:
        return np.stack([_tensors(each) for each in x.flat]).reshape(x.shape)
    return x
