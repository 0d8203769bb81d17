"""First numbers of parameters, as `torch.nn.init`: each function overwrites a tensor, without a graph, and returns it.

Random numbers come from `generator`, or from the default one behind `manual_seed`.
"""

from __future__ import annotations

import typing as _typing

from tinygrad_edu.hints.missing_names import refusal as _refusal
from tinygrad_edu.nn.init.constant_fills import constant_, dirac_, eye_, ones_, zeros_
from tinygrad_edu.nn.init.fan_fills import (
    _calculate_fan_in_and_fan_out,  # noqa: F401 - private in PyTorch, and called by many programs
    calculate_gain,
    kaiming_normal_,
    kaiming_uniform_,
    xavier_normal_,
    xavier_uniform_,
)
from tinygrad_edu.nn.init.deprecated_initializers import (
    constant,
    dirac,
    eye,
    kaiming_normal,
    kaiming_uniform,
    normal,
    orthogonal,
    sparse,
    uniform,
    xavier_normal,
    xavier_uniform,
)
from tinygrad_edu.nn.init.random_fills import normal_, orthogonal_, sparse_, trunc_normal_, uniform_

__all__ = [
    "calculate_gain",
    "constant",
    "constant_",
    "dirac",
    "dirac_",
    "eye",
    "eye_",
    "kaiming_normal",
    "kaiming_normal_",
    "kaiming_uniform",
    "kaiming_uniform_",
    "normal",
    "normal_",
    "ones_",
    "orthogonal",
    "orthogonal_",
    "sparse",
    "sparse_",
    "trunc_normal_",
    "uniform",
    "uniform_",
    "xavier_normal",
    "xavier_normal_",
    "xavier_uniform",
    "xavier_uniform_",
    "zeros_",
]

if not _typing.TYPE_CHECKING:
    __getattr__ = _refusal(__name__, __all__)
