"""What recurrent layers and cells check: their sizes, inputs and states."""

from __future__ import annotations

from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.nn.argument_checks import traced
from tinygrad_edu.tensor.tensor import Tensor


def size(call: str, name: str, n: Any, least: int = 1) -> int:
    """`n` as an int, of at least `least`."""
    if isinstance(n, bool) or not isinstance(n, int | np.integer):
        raise TypeError(f"{call} needs {name} as a whole number, got {type(n).__name__} {short(n)}")
    if n < least:
        raise ValueError(f"{call} needs {name} of {least} or more, got {n}")
    return int(n)


def switches(call: str, **given: Any) -> None:
    """Raise `TypeError` unless all are True or False: a number in their place is one argument too many before."""
    for name, value in given.items():
        if not isinstance(value, bool | np.bool_):
            raise TypeError(
                f"{call} needs {name} as True or False, got {type(value).__name__} {short(value)}"
            )


def fitting_input(call: str, x: Any, input_size: int, dims: tuple[int, int], shapes: str) -> Tensor:
    """`x` as a Tensor of floats, with one of the two numbers of dimensions and rows of `input_size` numbers."""
    x = traced(x)
    if x.ndim not in dims or x.shape[-1] != input_size:
        raise ValueError(f"{call} takes {shapes} with I = {input_size}, but x has shape {x.shape}")
    if x.dtype.kind != "f":
        raise TypeError(f"{call} takes floats, but x is {x.dtype}; use nn.Embedding, one_hot or x.double()")
    return x


def state_parts(call: str, hx: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
    """The Tensors of a state: one alone, or a pair for an LSTM."""
    if len(names) == 1:
        if not isinstance(hx, Tensor):
            raise TypeError(f"{call} takes its state hx as one Tensor, got {type(hx).__name__} {short(hx)}")
        return (hx,)
    if not isinstance(hx, tuple | list) or len(hx) != 2 or not all(isinstance(x, Tensor) for x in hx):
        raise TypeError(f"{call} takes its state hx as a pair (h, c) of Tensors, got {short(hx)}")
    return tuple(hx)


def fitting_state(call: str, state: tuple[Any, ...], shapes: list[tuple[int, ...]], names: Any) -> None:
    """Raise `ValueError` unless each part of the state has its shape."""
    for x, shape, name in zip(state, shapes, names, strict=True):
        if x.shape != shape:
            raise ValueError(f"{call} needs {name} of shape {shape} for this input, got {x.shape}")
