# Made by tests/stubs.py: the functions and methods that the registry makes, for type checkers.

import builtins as _builtins
from collections.abc import Callable as _Callable, Sequence as _Sequence
from typing import Any as _Any, Self as _Self

import numpy as _np

from tinygrad_edu.tensor.functions.public import Function as _Function
from tinygrad_edu.tensor.tensor import Tensor as _Tensor

from __future__ import annotations
import importlib as _importlib
import typing as _typing
from tinygrad_edu import autograd as autograd, func as func, linalg as linalg, nn as nn, optim as optim, special as special, utils as utils
from tinygrad_edu.engine.grad_mode import enable_grad as enable_grad, inference_mode as inference_mode, is_grad_enabled as is_grad_enabled, no_grad as no_grad, set_grad_enabled as set_grad_enabled, watch as watch
from tinygrad_edu.func import vmap as vmap
from tinygrad_edu.hints import warnings as teaching
from tinygrad_edu.hints.missing_names import missing as _missing
from tinygrad_edu.hints.not_finite import check_finite as check_finite, where_not_finite as where_not_finite
from tinygrad_edu.ops import OPERATIONS as OPERATIONS
from tinygrad_edu.scalar import Value as Value
from tinygrad_edu.tensor.coerce import get_default_dtype as get_default_dtype, set_default_dtype as set_default_dtype
from tinygrad_edu.tensor.creation import arange as arange, eye as eye, from_numpy as from_numpy, full as full, linspace as linspace, manual_seed as manual_seed, ones as ones, ones_like as ones_like, rand as rand, randn as randn, zeros as zeros, zeros_like as zeros_like
from tinygrad_edu.tensor.functions.public import MODULES as _MODULES
from tinygrad_edu.tensor.method_functions import add as add, allclose as allclose, amax as amax, amin as amin, argmax as argmax, argmin as argmin, bool as bool, cat as cat, clamp as clamp, div as div, double as double, flatten as flatten, float32 as float32, float64 as float64, gather as gather, int64 as int64, log_softmax as log_softmax, logsumexp as logsumexp, long as long, matmul as matmul, max as max, mean as mean, min as min, mm as mm, outer as outer, permute as permute, pow as pow, reshape as reshape, softmax as softmax, square as square, squeeze as squeeze, stack as stack, std as std, sub as sub, sum as sum, transpose as transpose, unsqueeze as unsqueeze, var as var, where as where
from tinygrad_edu.tensor.tensor import Tensor as Tensor, tensor as tensor
from tinygrad_edu import exercise as exercise, testing as testing, viz as viz
from tinygrad_edu.exercise import Exercise as Exercise
from tinygrad_edu.explanation.derivation import conventions as conventions, explain as explain, operation_table as operation_table
from tinygrad_edu.explanation.diagnosis import diagnose as diagnose
from tinygrad_edu.explanation.why import compare_orders as compare_orders, why_no_grad as why_no_grad
from tinygrad_edu.plan import capture as capture
from tinygrad_edu.viz import draw as draw
__version__ = '0.1.0'
abs: _Function
absolute: _Function
def alpha_dropout(input: _Any, p: _builtins.float = ..., training: _builtins.bool = ..., inplace: _builtins.bool = ...) -> _Any: ...
bitwise_and: _Function
bitwise_not: _Function
bitwise_or: _Function
bitwise_xor: _Function
cos: _Function
def cosine_embedding_loss(input1: _Any, input2: _Any, target: _Any, margin: _builtins.float = ..., size_average: _builtins.bool | None = ..., reduce: _builtins.bool | None = ..., reduction: _builtins.str = ...) -> _Any: ...
def cosine_similarity(x1: _Any, x2: _Any, dim: _builtins.int = ..., eps: _builtins.float = ...) -> _Any: ...
def dropout(input: _Any, p: _builtins.float = ..., training: _builtins.bool = ..., inplace: _builtins.bool = ..., *, generator: _Any = ...) -> _Any: ...
eq: _Function
exp: _Function
def feature_alpha_dropout(input: _Any, p: _builtins.float = ..., training: _builtins.bool = ..., inplace: _builtins.bool = ...) -> _Any: ...
ge: _Function
greater: _Function
greater_equal: _Function
gt: _Function
def kl_div(input: _Any, target: _Any, size_average: _builtins.bool | None = ..., reduce: _builtins.bool | None = ..., reduction: _builtins.str = ..., log_target: _builtins.bool = ...) -> _Any: ...
le: _Function
less: _Function
less_equal: _Function
log: _Function
log1p: _Function
logaddexp: _Function
lt: _Function
def margin_ranking_loss(input1: _Any, input2: _Any, target: _Any, margin: _builtins.float = ..., size_average: _builtins.bool | None = ..., reduce: _builtins.bool | None = ..., reduction: _builtins.str = ...) -> _Any: ...
maximum: _Function
minimum: _Function
mul: _Function
multiply: _Function
ne: _Function
neg: _Function
negative: _Function
def nll_loss(input: _Any, target: _Any, weight: _Any = ..., size_average: _builtins.bool | None = ..., ignore_index: _builtins.int = ..., reduce: _builtins.bool | None = ..., reduction: _builtins.str = ...) -> _Any: ...
not_equal: _Function
def pairwise_distance(x1: _Any, x2: _Any, p: _builtins.float = ..., eps: _builtins.float = ..., keepdim: _builtins.bool = ...) -> _Any: ...
relu: _Function
sigmoid: _Function
sign: _Function
sin: _Function
sqrt: _Function
tanh: _Function
