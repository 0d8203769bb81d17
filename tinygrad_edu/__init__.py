"""An autograd engine that shows its work: for learning, teaching and tinkering with backpropagation.

`import tinygrad_edu as torch` runs a script written for PyTorch as far as the operations exist.
"""

from __future__ import annotations

import numpy as _np

from tinygrad_edu import autograd, nn, optim
from tinygrad_edu.arrays import get_default_dtype, set_default_dtype
from tinygrad_edu.creation import (
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
from tinygrad_edu.modes import enable_grad, is_grad_enabled, no_grad, set_grad_enabled, watch
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
from tinygrad_edu.shaping import cat, stack
from tinygrad_edu.tensor import Tensor, tensor
from tinygrad_edu.viz import draw

__all__ = [
    "OPERATIONS",
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
    "cat",
    "clamp",
    "cos",
    "div",
    "double",
    "draw",
    "enable_grad",
    "exp",
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
    "tensor",
    "transpose",
    "unsqueeze",
    "var",
    "watch",
    "where",
    "zeros",
    "zeros_like",
]

# A method called as a function: `mean(x, dim=0)` is `x.mean(dim=0)`.
abs = Tensor.abs  # noqa: A001
add = Tensor.add
allclose = Tensor.allclose
amax = Tensor.amax
amin = Tensor.amin
argmax = Tensor.argmax
argmin = Tensor.argmin
clamp = Tensor.clamp
div = Tensor.div
flatten = Tensor.flatten
gather = Tensor.gather
log_softmax = Tensor.log_softmax
logsumexp = Tensor.logsumexp
max = Tensor.max  # noqa: A001
mean = Tensor.mean
min = Tensor.min  # noqa: A001
mm = Tensor.mm
mul = Tensor.mul
outer = Tensor.outer
permute = Tensor.permute
pow = Tensor.pow  # noqa: A001
reshape = Tensor.reshape
softmax = Tensor.softmax
square = Tensor.square
squeeze = Tensor.squeeze
std = Tensor.std
sub = Tensor.sub
sum = Tensor.sum  # noqa: A001
transpose = Tensor.transpose
unsqueeze = Tensor.unsqueeze
var = Tensor.var

bool = _np.dtype(_np.bool_)  # noqa: A001
float32 = _np.dtype(_np.float32)
float64 = double = _np.dtype(_np.float64)
int64 = long = _np.dtype(_np.int64)

__version__ = "0.1.0"
