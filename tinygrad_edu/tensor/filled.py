"""What all functions that make a Tensor share: their options, and sizes, numbers and dtypes as people write them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from reprlib import repr as short
from typing import Any, TypeVar

import numpy as np

from tinygrad_edu.engine.graph import CREATE, Variable, announce
from tinygrad_edu.tensor.arguments import whole_shape
from tinygrad_edu.tensor.coerce import as_array, get_default_dtype, real_dtype
from tinygrad_edu.tensor.devices import check_place
from tinygrad_edu.tensor.vocabulary import check_memory

F = TypeVar("F", bound=Callable[..., Any])


def placed(function: F) -> F:
    """Let a function that makes a Tensor take `requires_grad=`, `device=`, `layout=`, `memory_format=`, `pin_memory=`.

    Where it takes any number of sizes, it takes `size=(2, 3)` for them, too.
    """
    name, many = function.__name__, function.__code__.co_flags & 0x04

    @functools.wraps(function)
    def call(
        *args: Any,
        requires_grad: bool = False,
        device: Any = None,
        layout: Any = None,
        memory_format: Any = None,
        pin_memory: bool = False,
        **options: Any,
    ) -> Any:
        if device is not None or pin_memory:
            check_place(name, device, pin_memory)
        if layout is not None or memory_format is not None:
            check_memory(name, layout=layout, memory_format=memory_format)
        if many and "size" in options and not (args and not hasattr(args[0], "raw")):
            args = (*args, options.pop("size"))
        return with_gradient(function(*args, **options), requires_grad)

    return call  # type: ignore[return-value]


def with_gradient(x: Any, requires_grad: bool) -> Any:
    """A new Tensor, which gets a gradient if `requires_grad`."""
    if requires_grad:
        if x.raw.dtype.kind != "f":
            raise TypeError(
                f"tensor needs a floating dtype to have a gradient, got {x.raw.dtype}; use dtype=float"
            )
        x.requires_grad = True
    return x


def made(kind: Any, array: np.ndarray, requires_grad: bool = False) -> Any:
    """A Tensor, whose class is `kind`, of numbers that follow from the arguments of the call: so watchers are told."""
    result = with_gradient(kind.around(array), requires_grad)
    announce(CREATE, None, result=result)
    return result


def filled(kind: Any, sizes: tuple[int, ...], value: Any, dtype: Any) -> Any:
    """A Tensor of one number; of its dtype if `dtype` is None."""
    return made(kind, np.full(sizes, as_array(value, dtype, False)))


def sizes_of(call: str, size: Any) -> tuple[int, ...]:
    """Sizes as people write them, `zeros(2, 3)` or `zeros((2, 3))`, as a tuple of whole numbers of 0 or more."""
    size = size[0] if len(size) == 1 and isinstance(size[0], list | tuple) else size
    sizes = tuple(int(n) for n in whole_shape([_plain(n) for n in size], call))
    if any(n < 0 for n in sizes):
        raise ValueError(f"{call} needs sizes of 0 or more, got {sizes}")
    return sizes


def number(call: str, name: str, x: Any) -> Any:
    """`x`, a plain number or a Tensor of one, as a plain number."""
    x, got = _plain(x), f"{type(x).__name__} {short(x)}"
    if isinstance(x, Variable):
        one = "one whose gradient would be lost; use x.item()"
        got = f"a tensor of shape {x.raw.shape}" if x.raw.ndim else one
    if not isinstance(x, int | float | np.integer | np.floating | np.bool_):
        raise TypeError(f"{call} needs {name} as a number, got {got}")
    return x.item() if isinstance(x, np.generic) else x


def _plain(x: Any) -> Any:
    """The number in a Tensor without dimensions and gradient; anything else as it is."""
    single = isinstance(x, Variable) and x.raw.ndim == 0 and not x.requires_grad
    return x.item() if single else x


def number_dtype(call: str, dtype: Any) -> np.dtype[Any]:
    """A dtype of numbers, not of booleans; the default one if it is None."""
    kind = real_dtype(call, get_default_dtype() if dtype is None else dtype)
    if kind.kind == "b":
        raise TypeError(f"{call} needs a dtype of numbers, got bool; compare the result: {call}(...) > 0.5")
    return kind
