"""The functions of PyTorch, by topic: compositions of operations, for whatever the operations take."""

from __future__ import annotations

from tinygrad_edu.tensor.functions import (
    arithmetic_functions,
    comparing,
    number_kinds,
    rounding_functions,
)

__all__ = ["arithmetic_functions", "comparing", "number_kinds", "rounding_functions"]
