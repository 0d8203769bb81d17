"""The tensors of an exercise by name: the teacher's function run on its arrays."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from reprlib import repr as short
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.grad_mode import enable_grad
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.tensor.tensor import Tensor

Function = Callable[..., Any]


class NamedTensors(NamedTuple):
    """The loss with its graph, and the tensors with names: the arguments, those that the function names, the loss."""

    loss: Tensor
    tensors: dict[str, Tensor]


def arrays_of(data: Any) -> tuple[dict[str, Array], list[str]]:
    """Copies of the arrays, and the names of those that are tensors with `requires_grad=True`."""
    if not isinstance(data, Mapping) or not all(isinstance(name, str) for name in data):
        raise TypeError(
            f"Exercise needs data as a mapping from names to arrays, got {short(data)}; "
            "write {'X': [[1, 2]], 'W1': ...}"
        )
    arrays = {name: _array(name, value) for name, value in data.items()}
    return arrays, [name for name, value in data.items() if getattr(value, "requires_grad", False)]


def _array(name: str, value: Any) -> Array:
    raw = np.array(getattr(value, "raw", value))
    if raw.dtype.kind not in "fiub":
        raise TypeError(f"Exercise needs numbers for {name}, got {type(value).__name__} {short(value)}")
    if not np.isfinite(raw).all():
        raise ValueError(f"Exercise needs finite numbers for {name}, got {short(value)}")
    return raw


def run(function: Any, arrays: Mapping[str, Array], parameters: Iterable[str]) -> NamedTensors:
    """Compute the loss of `function(**tensors)`, in which the parameters ask for a gradient."""
    check_arguments(function, arrays)
    chosen = set(parameters)
    tensors = {name: _tensor(name, array, name in chosen) for name, array in arrays.items()}
    with enable_grad():
        returned = function(**tensors)
    loss, inner = returned if isinstance(returned, tuple) and len(returned) == 2 else (returned, {})
    _check_returned(function, loss, inner)
    for name, x in inner.items():
        x.name = name
    loss.name = loss.name or "L"
    for node in newest_first(loss):
        node.call_site = None  # a line of the teacher's file says nothing to a student
    return NamedTensors(loss, {**tensors, **inner, loss.name: loss})


def _tensor(name: str, array: Array, learned: bool) -> Tensor:
    kept = array.astype(float) if learned or array.dtype.kind == "f" else array
    return Tensor(kept, requires_grad=learned, name=name)


def check_arguments(function: Any, arrays: Mapping[str, Any]) -> None:
    """Raise `TypeError` unless `function(**arrays)` can be called."""
    if not callable(function):
        raise TypeError(
            "Exercise needs a function of named arrays that returns the loss, or a module and its loss, got "
            f"{short(function)}"
        )
    signature = inspect.signature(function)
    try:
        signature.bind(**arrays)
    except TypeError as error:
        raise TypeError(
            f"Exercise needs data that fits the arguments {signature}, got {', '.join(arrays) or 'nothing'}: {error}"
        ) from None


def _check_returned(function: Any, loss: Any, inner: Any) -> None:
    who = getattr(function, "__name__", "the function")
    if not isinstance(loss, Tensor) or loss.operation is None or loss.raw.size != 1:
        raise TypeError(
            f"Exercise needs {who} to return a loss that is one number and depends on a parameter, got {short(loss)}; "
            "name what is learned in ask or parameters, and take the sum or mean"
        )
    if not isinstance(inner, Mapping) or not all(isinstance(x, Tensor) for x in inner.values()):
        raise TypeError(
            f"Exercise needs {who} to return the loss, or (loss, {{'z1': z1}}) with tensors by name: got {short(inner)}"
        )
    if not np.isfinite(loss.raw).all():
        raise ValueError(f"Exercise needs a finite loss, but {who} returns {loss.raw}; change the numbers")
