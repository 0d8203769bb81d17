# Made by tests/stubs.py: the functions and methods that the registry makes, for type checkers.

import builtins as _builtins
from collections.abc import Callable as _Callable, Sequence as _Sequence
from typing import Any as _Any, Self as _Self, overload as _overload

import numpy as _np

from tinygrad_edu.tensor.arithmetic import Arithmetic
from tinygrad_edu.tensor.functions.public import Function as _Function
from tinygrad_edu.tensor.pair import ValuesAndIndices as _ValuesAndIndices
from tinygrad_edu.tensor.tensor import Tensor as _Tensor

from __future__ import annotations
import typing as _typing
from tinygrad_edu.hints.missing_names import refusal as _refusal
from tinygrad_edu.tensor.functions.public import MODULES as _MODULES
bessel_j0: _Function
bessel_j1: _Function
bessel_y0: _Function
bessel_y1: _Function
digamma: _Function
entr: _Function
erf: _Function
erfc: _Function
erfcx: _Function
erfinv: _Function
def exp2(input: _Tensor) -> _Tensor: ...
expit: _Function
expm1: _Function
def gammainc(x: _Any, y: _Any, /) -> _Tensor: ...
def gammaincc(x: _Any, y: _Any, /) -> _Tensor: ...
gammaln: _Function
i0: _Function
i0e: _Function
i1: _Function
i1e: _Function
log1p: _Function
log_ndtr: _Function
def log_softmax(input: _Tensor, dim: _builtins.int, dtype: _Any = ..., *, axis: _Any = ..., keepdims: _Any = ...) -> _Tensor: ...
def logit(input: _Tensor, eps: _builtins.float | None = ...) -> _Tensor: ...
def logsumexp(input: _Tensor, dim: _Any, keepdim: _builtins.bool = ..., *, axis: _Any = ..., keepdims: _Any = ...) -> _Tensor: ...
modified_bessel_i0: _Function
modified_bessel_i1: _Function
modified_bessel_k0: _Function
modified_bessel_k1: _Function
def multigammaln(input: _Tensor, p: _builtins.int) -> _Tensor: ...
def ndtr(input: _Tensor) -> _Tensor: ...
ndtri: _Function
def polygamma(n: _builtins.int, input: _Any) -> _Tensor: ...
psi: _Function
def round(input: _Tensor, *, decimals: _builtins.int = ...) -> _Tensor: ...
scaled_modified_bessel_k0: _Function
scaled_modified_bessel_k1: _Function
sinc: _Function
def softmax(input: _Tensor, dim: _builtins.int, dtype: _Any = ..., *, axis: _Any = ..., keepdims: _Any = ...) -> _Tensor: ...
def spherical_bessel_j0(input: _Tensor) -> _Tensor: ...
xlog1py: _Function
xlogy: _Function
zeta: _Function
