"""Kernels for JAX, where that of NumPy does not serve: nothing overwritten, nothing decided by values."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops.elementwise import Elementwise


def jax_kernel(operation: Operation) -> str:
    """The definition of a function that computes `operation` with JAX under the name `np`.

    It is the operation's line of JAX, or of an elementwise operation that of NumPy; "" where the kernel itself serves.
    """
    readings = operation.readings
    line = readings.jax
    if line is None and isinstance(operation, Elementwise) and not isinstance(operation.forward, np.ufunc):
        line = readings.numpy if isinstance(readings.numpy, str) else None
    if line is None:
        return ""
    return f"def {operation.name}({_parameters(operation)}):\n    return {line}"


def helpers(operation: Operation) -> list[tuple[str, Callable[..., Any]]]:
    """The functions beside the kernel that its line of JAX calls, with their names."""
    known = getattr(operation.forward, "__globals__", {})
    called = {x.id for x in ast.walk(ast.parse(operation.readings.jax or "0")) if isinstance(x, ast.Name)}
    return [(name, known[name]) for name in sorted(called) if isinstance(known.get(name), FunctionType)]


def _parameters(operation: Operation) -> str:
    """The parameters of its forward function, without `out`."""
    if isinstance(operation, Elementwise):
        return ", ".join(operation.input_names)
    kinds = inspect.signature(operation.forward).parameters
    keywords = [name for name, x in kinds.items() if x.kind is x.KEYWORD_ONLY and name != "out"]
    left_out = {name for name, x in kinds.items() if x.default is None}
    inputs = [f"{name}=None" if name in left_out else name for name in operation.input_names]
    names = [*inputs, *(["parts"] if operation.common is not None else [])]
    star = [] if not keywords or names[-1].startswith("*") else ["*"]
    return ", ".join([*names, *star, *keywords])
