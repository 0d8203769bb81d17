"""Linear algebra: factorizations, solvers and norms, as `torch.linalg`."""

from __future__ import annotations

from tinygrad_edu.ops.solvers import LinAlgError
from tinygrad_edu.tensor.functions.public import MODULES as _MODULES

_FUNCTIONS = _MODULES["linalg"]
globals().update(_FUNCTIONS)

__all__ = [*_FUNCTIONS, "LinAlgError"]
