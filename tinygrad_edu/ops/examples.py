"""Examples of operations: inputs and settings on which each can be tried, in tables, tests and benchmarks."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops.elementwise import Elementwise


def example(operation: Operation, n: int) -> tuple[list[np.ndarray], dict[str, Any]]:
    """Inputs with sides of about `n`, and settings.

    Numbers lie between 0.5 and 1.5, where every operation is defined; an elementwise operation has square inputs.
    Raises `NotImplementedError` for an operation that has no example.
    """
    given = operation.readings.example
    if given is None and not isinstance(operation, Elementwise):
        raise NotImplementedError(f"{operation.name} has no example")
    inputs, settings = given(n) if given else ([(n, n)] * len(operation.rules), {})
    rng = np.random.default_rng(0)
    arrays = [x if isinstance(x, np.ndarray) else np.asarray(rng.uniform(0.5, 1.5, x)) for x in inputs]
    return arrays, settings
