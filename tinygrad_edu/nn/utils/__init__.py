"""Tools for modules and their parameters, as `torch.nn.utils`."""

from __future__ import annotations

import typing as _typing

from tinygrad_edu.hints.missing_names import refusal as _refusal
from tinygrad_edu.nn.utils import rnn
from tinygrad_edu.nn.utils.gradient_clipping import (
    clip_grad_norm,
    clip_grad_norm_,
    clip_grad_value_,
    clip_grads_with_norm_,
    get_total_norm,
)
from tinygrad_edu.nn.utils.parameter_vectors import parameters_to_vector, vector_to_parameters

__all__ = [
    "clip_grad_norm",
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "get_total_norm",
    "parameters_to_vector",
    "rnn",
    "vector_to_parameters",
]

if not _typing.TYPE_CHECKING:
    __getattr__ = _refusal(__name__, __all__)
