"""Questions about a tensor that PyTorch has as functions, too: `numel(x)`, `is_floating_point(x)`."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.engine.operation import Data, Tracer
from tinygrad_edu.tensor.functions.public import public


@public()
def numel(input: Data) -> int:
    """The count of numbers."""
    return input.raw.size


@public()
def is_floating_point(input: Data) -> bool:
    """True for tensors of floats."""
    return input.dtype.kind == "f"


@public()
def is_complex(input: Data) -> bool:
    """False: there are no complex numbers."""
    return input.dtype.kind == "c"


@public()
def is_signed(input: Data) -> bool:
    """True if the dtype has negative numbers."""
    return input.dtype.kind in "if"


@public(method=False)
def is_nonzero(input: Data) -> bool:
    """True if the only number is not 0."""
    return bool(input)


@public(method=False)
def is_tensor(obj: Any) -> bool:
    """True for Tensors."""
    return isinstance(obj, Tracer) and hasattr(obj, "result_kind")
