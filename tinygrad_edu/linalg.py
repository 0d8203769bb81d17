"""Linear algebra: factorizations, solvers and norms, as `torch.linalg`."""

from __future__ import annotations

import typing as _typing

from tinygrad_edu.hints.missing_names import refusal as _refusal
from tinygrad_edu.tensor.functions.public import MODULES as _MODULES

_FUNCTIONS = _MODULES["linalg"]
globals().update(_FUNCTIONS)

__all__ = [*_FUNCTIONS]

if not _typing.TYPE_CHECKING:
    __getattr__ = _refusal(__name__, __all__)
