"""The names of the functions before they ended in `_`; each call warns."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from tinygrad_edu.nn.init import constant_fills, fan_fills, random_fills
from tinygrad_edu.tensor.tensor import Tensor


def _older(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    name = function.__name__

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Tensor:
        warnings.warn(f"nn.init.{name[:-1]} is an older name of nn.init.{name}", FutureWarning, stacklevel=2)
        return function(*args, **options)

    call.__name__ = name[:-1]
    return call


constant = _older(constant_fills.constant_)
dirac = _older(constant_fills.dirac_)
eye = _older(constant_fills.eye_)
kaiming_normal = _older(fan_fills.kaiming_normal_)
kaiming_uniform = _older(fan_fills.kaiming_uniform_)
normal = _older(random_fills.normal_)
orthogonal = _older(random_fills.orthogonal_)
sparse = _older(random_fills.sparse_)
uniform = _older(random_fills.uniform_)
xavier_normal = _older(fan_fills.xavier_normal_)
xavier_uniform = _older(fan_fills.xavier_uniform_)
