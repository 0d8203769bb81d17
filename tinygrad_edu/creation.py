"""New Tensors: zeros, ones, ranges, and random numbers from one documented generator behind `manual_seed`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.arguments import whole_shape
from tinygrad_edu.arrays import get_default_dtype
from tinygrad_edu.tensor import Tensor

_generator = np.random.default_rng()


def manual_seed(seed: int) -> None:
    """Start the default generator anew: the same seed gives the same numbers."""
    global _generator
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"manual_seed needs a whole number of 0 or more, got {seed!r}")
    _generator = np.random.default_rng(seed)


def generator() -> np.random.Generator:
    """The default generator, from which everything random draws that is given no other."""
    return _generator


def from_numpy(array: np.ndarray) -> Tensor:
    """A new Tensor with a copy of `array` (PyTorch shares the memory; a copy cannot be changed behind our back)."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy needs a NumPy array, got {type(array).__name__}; use tensor(...)")
    return Tensor(array)


def _sizes(call: str, size: tuple[Any, ...]) -> tuple[int, ...]:
    sizes = whole_shape(size)
    for n in sizes:
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 0:
            raise ValueError(f"{call} needs sizes as whole numbers of 0 or more, got {n!r}")
    return tuple(int(n) for n in sizes)


def _filled(call: str, size: tuple[Any, ...], value: Any, dtype: Any, requires_grad: bool) -> Tensor:
    dtype = get_default_dtype() if dtype is None and not isinstance(value, bool | int) else dtype
    return Tensor(np.full(_sizes(call, size), value), dtype, requires_grad=requires_grad)


def zeros(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A Tensor of zeros: `zeros(2, 3)` or `zeros((2, 3))`."""
    return _filled("zeros", size, 0.0, dtype, requires_grad)


def ones(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A Tensor of ones."""
    return _filled("ones", size, 1.0, dtype, requires_grad)


def full(size: Any, fill_value: float, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A Tensor filled with one number."""
    return _filled("full", (size,), fill_value, dtype, requires_grad)


def zeros_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:  # noqa: A002
    """Zeros in the shape and dtype of another tensor."""
    return zeros(input.shape, dtype=dtype or input.dtype, requires_grad=requires_grad)


def ones_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:  # noqa: A002
    """Ones in the shape and dtype of another tensor."""
    return ones(input.shape, dtype=dtype or input.dtype, requires_grad=requires_grad)


def eye(n: int, m: int | None = None, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones on the diagonal of an n x m matrix (n x n if m is left out), zeros elsewhere."""
    rows, columns = _sizes("eye", (n, n if m is None else m))
    return Tensor(np.eye(rows, columns), dtype or get_default_dtype(), requires_grad=requires_grad)


def arange(*limits: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """`arange(end)`, `arange(start, end)` or `arange(start, end, step)`: equal steps, without `end`."""
    return Tensor(np.arange(*limits).tolist() or np.arange(*limits), dtype, requires_grad=requires_grad)


def linspace(
    start: float, end: float, steps: int, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """`steps` numbers at equal distances from `start` to `end`, both included."""
    (count,) = _sizes("linspace", (steps,))
    return Tensor(np.linspace(start, end, count), dtype or get_default_dtype(), requires_grad=requires_grad)


def rand(
    *size: Any, generator: np.random.Generator | None = None, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Random numbers, uniform in [0, 1)."""
    drawn = (generator or _generator).random(_sizes("rand", size))
    return Tensor(drawn, dtype or get_default_dtype(), requires_grad=requires_grad)


def randn(
    *size: Any, generator: np.random.Generator | None = None, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Random numbers from the normal distribution with mean 0 and variance 1."""
    drawn = (generator or _generator).standard_normal(_sizes("randn", size))
    return Tensor(drawn, dtype or get_default_dtype(), requires_grad=requires_grad)
