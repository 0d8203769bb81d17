"""Layers, activations and losses as functions, as `torch.nn.functional`."""

from __future__ import annotations

import tinygrad_edu.nn.functional.adaptive_pooling  # as the next ones, for what it publishes
import tinygrad_edu.nn.functional.convolutions
import tinygrad_edu.nn.functional.sampling
import tinygrad_edu.nn.functional.unfolding  # noqa: F401
from tinygrad_edu.nn.cross_entropy import cross_entropy, one_hot
from tinygrad_edu.nn.functional.loss_functions import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    categorical_cross_entropy,
    dropout,
    linear,
    log_softmax,
    mse_loss,
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
    "dropout",
    "linear",
    "log_softmax",
    "mse_loss",
    "one_hot",
    "relu",
    "sigmoid",
    "softmax",
    "softplus",
    "tanh",
]
