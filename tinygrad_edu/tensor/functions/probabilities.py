"""Softmax and its logarithm, as functions and as methods of Tensor."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import softmax as operations
from tinygrad_edu.tensor.arguments import in_float32, numpy_names, one_dim
from tinygrad_edu.tensor.functions.public import public


@public("special.softmax")
@numpy_names
@in_float32
def softmax(input: Data, dim: int, dtype: Any = None) -> Data:
    """exp(x) / sum(exp(x)) along `dim`, without overflow; `dtype` is that of the result."""
    return operations.softmax(_cast(input, dtype), dim=one_dim("softmax", dim, input.ndim))


@public("special.log_softmax")
@numpy_names
@in_float32
def log_softmax(input: Data, dim: int, dtype: Any = None) -> Data:
    """log(softmax(x)) along `dim`, without taking the log of a rounded 0; `dtype` is that of the result."""
    return operations.log_softmax(_cast(input, dtype), dim=one_dim("log_softmax", dim, input.ndim))


def _cast(input: Data, dtype: Any) -> Data:
    return input if dtype is None else input.to(dtype)
