# Made by tests/stubs.py: the functions and methods that the registry makes, for type checkers.

import builtins as _builtins
from collections.abc import Callable as _Callable, Sequence as _Sequence
from typing import Any as _Any, Self as _Self

import numpy as _np

from tinygrad_edu.tensor.functions.public import Function as _Function
from tinygrad_edu.tensor.tensor import Tensor as _Tensor

from __future__ import annotations
import typing as _typing
from tinygrad_edu.hints.missing_names import refusal as _refusal
from tinygrad_edu.nn.cross_entropy import cross_entropy as cross_entropy, one_hot as one_hot
from tinygrad_edu.nn.functional.loss_functions import binary_cross_entropy as binary_cross_entropy, binary_cross_entropy_with_logits as binary_cross_entropy_with_logits, categorical_cross_entropy as categorical_cross_entropy, dropout as dropout, linear as linear, log_softmax as log_softmax, mse_loss as mse_loss, relu as relu, sigmoid as sigmoid, softmax as softmax, softplus as softplus, tanh as tanh
from tinygrad_edu.tensor.functions.public import MODULES as _MODULES
