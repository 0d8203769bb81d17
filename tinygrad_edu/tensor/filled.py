"""Arrays of one number, of a size that a caller chose: what `zeros`, `full` and `x.new_zeros` are made of."""

from __future__ import annotations

from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import CREATE, Variable, announce
from tinygrad_edu.tensor.arguments import whole_shape
from tinygrad_edu.tensor.coerce import as_array, real_dtype


def sizes_of(call: str, size: Any) -> tuple[int, ...]:
    """Sizes as people write them, `zeros(2, 3)` or `zeros((2, 3))`, as a tuple of whole numbers of 0 or more."""
    size = tuple(size[0]) if len(size) == 1 and isinstance(size[0], list | tuple) else tuple(size)
    size = tuple(_plain(n) for n in size)
    sizes = tuple(int(n) for n in whole_shape(size, call))
    if any(n < 0 for n in sizes):
        raise ValueError(f"{call} needs sizes of 0 or more, got {sizes}")
    return sizes


def number(call: str, name: str, x: Any) -> Any:
    """`x`, a plain number or a Tensor of one, as a plain number."""
    x, got = _plain(x), f"{type(x).__name__} {short(x)}"
    if isinstance(x, Variable):
        single = x.raw.ndim == 0
        got = (
            "one whose gradient would be lost; use x.item()" if single else f"a tensor of shape {x.raw.shape}"
        )
    if not isinstance(x, int | float | np.integer | np.floating | np.bool_):
        raise TypeError(f"{call} needs {name} as a number, got {got}")
    return x.item() if isinstance(x, np.generic) else x


def _plain(x: Any) -> Any:
    """The number in a Tensor without dimensions and gradient; anything else as it is."""
    single = isinstance(x, Variable) and x.raw.ndim == 0 and not x.requires_grad
    return x.item() if single else x


def whole(call: str, name: str, x: Any) -> int:
    """`x` as a plain whole number."""
    result = number(call, name, x)
    if not isinstance(result, int):
        raise TypeError(f"{call} needs {name} as a whole number, got {result}")
    return int(result)


def with_gradient(x: Any, requires_grad: bool) -> Any:
    """A new Tensor, which gets a gradient if `requires_grad`."""
    if requires_grad:
        if x.raw.dtype.kind != "f":
            raise TypeError(
                f"tensor needs a floating dtype to have a gradient, got {x.raw.dtype}; use dtype=float"
            )
        x.requires_grad = True
    return x


def made(kind: Any, array: np.ndarray, requires_grad: bool) -> Any:
    """A Tensor, whose class is `kind`, of numbers that follow from the arguments of the call: so watchers are told."""
    result = with_gradient(kind.around(array), requires_grad)
    announce(CREATE, None, result=result)
    return result


def filled(kind: Any, sizes: tuple[int, ...], value: Any, dtype: Any, requires_grad: bool) -> Any:
    """A Tensor of one number; of its dtype if `dtype` is None."""
    floating = dtype is not None and real_dtype("tensor", dtype).kind == "f"
    number = value if floating else as_array(value, dtype, False)
    return made(kind, np.full(sizes, number, dtype), requires_grad)


def strided_array(call: str, sizes: tuple[int, ...], strides: Any, dtype: np.dtype[Any]) -> np.ndarray:
    """Zeros that lie in memory with the given `strides`, counted in numbers."""
    steps = sizes_of(call, (strides,))
    if len(steps) != len(sizes):
        raise ValueError(f"{call} needs a stride for each of the sizes {sizes}, got {steps}")
    span = 1 + sum((n - 1) * step for n, step in zip(sizes, steps)) if 0 not in sizes else 0
    memory = np.zeros(max(span, 1), dtype)
    return np.lib.stride_tricks.as_strided(memory, sizes, [step * dtype.itemsize for step in steps])
