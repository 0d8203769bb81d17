"""Layers, activations and losses as functions, as `torch.nn.functional`."""

from __future__ import annotations

import typing as _typing

import tinygrad_edu.nn.functional.adaptive_pooling
import tinygrad_edu.nn.functional.attention
import tinygrad_edu.nn.functional.averaging
import tinygrad_edu.nn.functional.batch_and_layer_norm
import tinygrad_edu.nn.functional.class_losses
import tinygrad_edu.nn.functional.convolutions
import tinygrad_edu.nn.functional.dropouts
import tinygrad_edu.nn.functional.embedding_bags
import tinygrad_edu.nn.functional.grid_sampling
import tinygrad_edu.nn.functional.multihead_attention
import tinygrad_edu.nn.functional.pooling
import tinygrad_edu.nn.functional.projected_losses
import tinygrad_edu.nn.functional.random_activations
import tinygrad_edu.nn.functional.regression_losses
import tinygrad_edu.nn.functional.resizing
import tinygrad_edu.nn.functional.similarities
import tinygrad_edu.nn.functional.unfolding  # these make their functions public
from tinygrad_edu.hints.missing_names import refusal as _refusal
from tinygrad_edu.nn.cross_entropy import cross_entropy, one_hot
from tinygrad_edu.nn.functional.loss_functions import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    categorical_cross_entropy,
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
    "one_hot",
]

if not _typing.TYPE_CHECKING:
    __getattr__ = _refusal(__name__, __all__)
