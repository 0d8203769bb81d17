"""The numbers that parameters start from, and the checks of the sizes of layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.nn.init.constant_fills import constant_
from tinygrad_edu.nn.init.random_fills import uniform_
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.tensor import draws
from tinygrad_edu.tensor.devices import check_device


def floats(call: str, device: Any, dtype: Any) -> np.dtype[Any]:
    """The dtype of a layer's parameters: the default one if it is None. As a device only the CPU is accepted."""
    check_device(call, device)
    return draws.floating(call, dtype)


def parameter(shape: Any, dtype: np.dtype[Any]) -> Parameter:
    """A parameter of zeros, to be overwritten."""
    return Parameter(np.zeros(shape, dtype))


def start_uniform(k: float, *parameters: Parameter | None, generator: Any = None) -> None:
    """Overwrite the parameters with numbers from U(-k, k), drawn from `generator` or the default one."""
    for each in parameters:
        if each is not None:
            uniform_(each, -k, k, generator)


def start_constant(value: float, *tensors: Any) -> None:
    """Overwrite the tensors with one number."""
    for each in tensors:
        if each is not None:
            constant_(each, value)


def whole(call: str, **sizes: Any) -> None:
    """Raise `ValueError` unless the sizes are whole numbers of 1 or more."""
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
            raise ValueError(f"{call} needs {name} as a whole number of 1 or more, got {size!r}")
