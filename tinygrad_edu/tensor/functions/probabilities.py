"""Softmax and its logarithm, as functions, as methods of Tensor, and without `dim` as `torch.nn.functional`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.hints.warnings import ImplicitDimWarning, warn
from tinygrad_edu.ops import softmax as operations
from tinygrad_edu.tensor.arguments import in_float32, numpy_names, one_dim
from tinygrad_edu.tensor.functions.public import public


@public("special.softmax")
@numpy_names
@in_float32
def softmax(input: Data, dim: int, dtype: Any = None) -> Data:
    """exp(x) / sum(exp(x)) along `dim`, without overflow; `dtype` is that of the result."""
    x = input if dtype is None else input.to(dtype)
    return operations.softmax(x, dim=one_dim("softmax", dim, input.ndim))


@public("special.log_softmax")
@numpy_names
@in_float32
def log_softmax(input: Data, dim: int, dtype: Any = None) -> Data:
    """log(softmax(x)) along `dim`, in nats, without the log of a rounded 0; `dtype` is that of the result."""
    x = input if dtype is None else input.to(dtype)
    return operations.log_softmax(x, dim=one_dim("log_softmax", dim, input.ndim))


def softmin(input: Data, dim: int, dtype: Any = None) -> Data:
    """softmax(-x) along `dim`."""
    return softmax(-input, dim, dtype)


def _with_implicit_dim(function: Callable[..., Data]) -> Callable[..., Data]:
    """The function as `torch.nn.functional` has it: without `dim` PyTorch chooses one, which is said."""

    def call(input: Data, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Data:
        if dim is None:
            dim = 0 if input.ndim in (0, 1, 3) else 1
            warn(
                ImplicitDimWarning,
                f"{call.__name__} without dim takes dim={dim} for an input of {input.ndim} dimensions; "
                "write the dim that is meant",
            )
        return function(input, dim, dtype)

    call.__name__, call.__doc__ = function.__name__, function.__doc__
    return call


for _function in (softmax, softmin, log_softmax):
    public(within="nn.functional", method=False)(_with_implicit_dim(_function))
