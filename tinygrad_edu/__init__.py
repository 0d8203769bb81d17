"""An autograd engine that shows its work: for learning, teaching and tinkering with backpropagation.

`import tinygrad_edu as torch` runs a script written for PyTorch as far as the operations exist.
"""

from __future__ import annotations

import functools as _functools
import importlib as _importlib
from collections.abc import Callable as _Callable
from reprlib import repr as _short
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

import numpy as _np

from tinygrad_edu import autograd, nn, optim
from tinygrad_edu.engine.grad_mode import enable_grad, is_grad_enabled, no_grad, set_grad_enabled, watch
from tinygrad_edu.hints import warnings as teaching
from tinygrad_edu.hints.not_finite import check_finite, where_not_finite
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import (
    cos,
    exp,
    log,
    log1p,
    maximum,
    minimum,
    relu,
    sigmoid,
    sin,
    sqrt,
    tanh,
    where,
)
from tinygrad_edu.ops.linalg import matmul
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.coerce import get_default_dtype, set_default_dtype
from tinygrad_edu.tensor.creation import (
    arange,
    eye,
    from_numpy,
    full,
    linspace,
    manual_seed,
    ones,
    ones_like,
    rand,
    randn,
    zeros,
    zeros_like,
)
from tinygrad_edu.tensor.shaping import cat, stack
from tinygrad_edu.tensor.tensor import Tensor, tensor

if _TYPE_CHECKING:
    from tinygrad_edu.exercise import Exercise
    from tinygrad_edu.explanation.derivation import conventions, explain, operation_table
    from tinygrad_edu.explanation.diagnosis import diagnose
    from tinygrad_edu.explanation.why import compare_orders, why_no_grad
    from tinygrad_edu.plan import capture
    from tinygrad_edu.viz import draw

__all__ = [
    "OPERATIONS",
    "Exercise",
    "Tensor",
    "Value",
    "abs",
    "add",
    "allclose",
    "amax",
    "amin",
    "arange",
    "argmax",
    "argmin",
    "autograd",
    "bool",
    "capture",
    "cat",
    "check_finite",
    "clamp",
    "compare_orders",
    "conventions",
    "cos",
    "diagnose",
    "div",
    "double",
    "draw",
    "enable_grad",
    "exp",
    "explain",
    "eye",
    "flatten",
    "float32",
    "float64",
    "from_numpy",
    "full",
    "gather",
    "get_default_dtype",
    "int64",
    "is_grad_enabled",
    "linspace",
    "log",
    "log1p",
    "log_softmax",
    "logsumexp",
    "long",
    "manual_seed",
    "matmul",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "mm",
    "mul",
    "nn",
    "no_grad",
    "ones",
    "ones_like",
    "operation_table",
    "optim",
    "outer",
    "permute",
    "pow",
    "rand",
    "randn",
    "relu",
    "reshape",
    "set_default_dtype",
    "set_grad_enabled",
    "sigmoid",
    "sin",
    "softmax",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "sub",
    "sum",
    "tanh",
    "teaching",
    "tensor",
    "transpose",
    "unsqueeze",
    "var",
    "watch",
    "where",
    "where_not_finite",
    "why_no_grad",
    "zeros",
    "zeros_like",
]


# Imported when asked for: half of the time.
_LATER = {
    "Exercise": "exercise",
    "capture": "plan",
    "compare_orders": "explanation.why",
    "conventions": "explanation.derivation",
    "diagnose": "explanation.diagnosis",
    "draw": "viz",
    "explain": "explanation.derivation",
    "operation_table": "explanation.derivation",
    "why_no_grad": "explanation.why",
}


def __getattr__(name: str) -> _Any:
    if name in _LATER:
        return getattr(_importlib.import_module(f"tinygrad_edu.{_LATER[name]}"), name)
    raise AttributeError(f"module 'tinygrad_edu' has no attribute {name!r}")


def _function(method: _Callable[..., _Any]) -> _Callable[..., _Any]:
    """A method of Tensor as a function: `mean(x, dim=0)` is `x.mean(dim=0)`."""

    @_functools.wraps(method)
    def call(input: Tensor, *args: _Any, **options: _Any) -> _Any:  # noqa: A002 - PyTorch's name
        if not isinstance(input, Tensor):
            raise TypeError(f"{method.__name__} needs a Tensor, got {_short(input)}; write tensor(...)")
        return method(input, *args, **options)

    return call


abs = _function(Tensor.abs)  # noqa: A001
add = _function(Tensor.add)
allclose = _function(Tensor.allclose)
amax = _function(Tensor.amax)
amin = _function(Tensor.amin)
argmax = _function(Tensor.argmax)
argmin = _function(Tensor.argmin)
clamp = _function(Tensor.clamp)
div = _function(Tensor.div)
flatten = _function(Tensor.flatten)
gather = _function(Tensor.gather)
log_softmax = _function(Tensor.log_softmax)
logsumexp = _function(Tensor.logsumexp)
max = _function(Tensor.max)  # noqa: A001
mean = _function(Tensor.mean)
min = _function(Tensor.min)  # noqa: A001
mm = _function(Tensor.mm)
mul = _function(Tensor.mul)
outer = _function(Tensor.outer)
permute = _function(Tensor.permute)
pow = _function(Tensor.pow)  # noqa: A001
reshape = _function(Tensor.reshape)
softmax = _function(Tensor.softmax)
square = _function(Tensor.square)
squeeze = _function(Tensor.squeeze)
std = _function(Tensor.std)
sub = _function(Tensor.sub)
sum = _function(Tensor.sum)  # noqa: A001
transpose = _function(Tensor.transpose)
unsqueeze = _function(Tensor.unsqueeze)
var = _function(Tensor.var)

bool = _np.dtype(_np.bool_)  # noqa: A001
float32 = _np.dtype(_np.float32)
float64 = double = _np.dtype(_np.float64)
int64 = long = _np.dtype(_np.int64)

__version__ = "0.1.0"
