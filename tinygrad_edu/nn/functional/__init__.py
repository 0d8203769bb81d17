"""Layers, activations and losses as functions, as `torch.nn.functional`."""

from __future__ import annotations

import typing as _typing

import tinygrad_edu.nn.functional.attention
import tinygrad_edu.nn.functional.class_losses
import tinygrad_edu.nn.functional.distances
import tinygrad_edu.nn.functional.dropouts
import tinygrad_edu.nn.functional.normalization
import tinygrad_edu.nn.functional.regression_losses  # these make their functions public
from tinygrad_edu.hints.missing_names import refusal as _refusal
from tinygrad_edu.nn.cross_entropy import cross_entropy, one_hot
from tinygrad_edu.nn.functional.loss_functions import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    categorical_cross_entropy,
    linear,
    log_softmax,
    relu,
    sigmoid,
    softmax,
    softplus,
    tanh,
)
from tinygrad_edu.tensor.functions.public import MODULES as _MODULES

_FUNCTIONS = _MODULES["nn.functional"]  # stated in `tensor/functions` and in this folder
globals().update(_FUNCTIONS)

__all__ = [
    *_FUNCTIONS,
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "categorical_cross_entropy",
    "cross_entropy",
    "linear",
    "log_softmax",
    "one_hot",
    "relu",
    "sigmoid",
    "softmax",
    "softplus",
    "tanh",
]

if not _typing.TYPE_CHECKING:
    __getattr__ = _refusal(__name__, __all__)
