"""Tools for modules and their parameters, as `torch.nn.utils`."""

from __future__ import annotations

import typing as _typing

from tinygrad_edu.hints.missing_names import refusal as _refusal
from tinygrad_edu.nn.utils import parametrizations, parametrize, rnn
from tinygrad_edu.nn.utils.gradient_clipping import (
    clip_grad_norm,
    clip_grad_norm_,
    clip_grad_value_,
    clip_grads_with_norm_,
    get_total_norm,
)
from tinygrad_edu.nn.utils.parameter_vectors import parameters_to_vector, vector_to_parameters
from tinygrad_edu.nn.utils.skipped_start import skip_init
from tinygrad_edu.nn.utils.weight_hooks import (
    remove_spectral_norm,
    remove_weight_norm,
    spectral_norm,
    weight_norm,
)

__all__ = [
    "clip_grad_norm",
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "get_total_norm",
    "parameters_to_vector",
    "parametrizations",
    "parametrize",
    "remove_spectral_norm",
    "remove_weight_norm",
    "rnn",
    "skip_init",
    "spectral_norm",
    "vector_to_parameters",
    "weight_norm",
]

if not _typing.TYPE_CHECKING:
    __getattr__ = _refusal(__name__, __all__)
