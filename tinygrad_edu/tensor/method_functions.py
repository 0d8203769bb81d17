"""Methods of Tensor as functions, and dtypes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from reprlib import repr as short
from typing import Any, TypeVar

import numpy as np

from tinygrad_edu.ops import contractions, elementwise
from tinygrad_edu.tensor.functions.public import Function
from tinygrad_edu.tensor.pair import ValuesAndIndices, refuse
from tinygrad_edu.tensor.tensor import Tensor

F = TypeVar("F", bound=Callable[..., Any])


matmul: Function = contractions.matmul
relu: Function = elementwise.relu
sigmoid: Function = elementwise.sigmoid
where: Function = elementwise.where


def function(method: F) -> F:
    """A method of Tensor as a function: `mean(x, dim=0)` is `x.mean(dim=0)`."""

    @functools.wraps(method)
    def call(input: Tensor, *args: Any, **options: Any) -> Any:
        if isinstance(input, ValuesAndIndices):
            refuse()
        if not isinstance(input, Tensor):
            raise TypeError(f"{method.__name__} needs a Tensor, got {short(input)}; write tensor(...)")
        return method(input, *args, **options)

    return call  # type: ignore[return-value]


add = function(Tensor.add)
allclose = function(Tensor.allclose)
amax = function(Tensor.amax)
amin = function(Tensor.amin)
argmax = function(Tensor.argmax)
argmin = function(Tensor.argmin)
clamp = function(Tensor.clamp)
div = function(Tensor.div)
gather = function(Tensor.gather)
log_softmax = function(Tensor.log_softmax)
logsumexp = function(Tensor.logsumexp)
max = function(Tensor.max)
mean = function(Tensor.mean)
min = function(Tensor.min)
mm = function(Tensor.mm)
outer = function(Tensor.outer)
pow = function(Tensor.pow)
softmax = function(Tensor.softmax)
square = function(Tensor.square)
std = function(Tensor.std)
sub = function(Tensor.sub)
sum = function(Tensor.sum)
var = function(Tensor.var)

bool = np.dtype(np.bool_)
float32 = np.dtype(np.float32)
float64 = double = np.dtype(np.float64)
int64 = long = np.dtype(np.int64)
