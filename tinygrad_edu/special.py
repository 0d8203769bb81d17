"""Special functions, as `torch.special`."""

from __future__ import annotations

from tinygrad_edu.tensor.functions.public import MODULES as _MODULES

_FUNCTIONS = _MODULES["special"]
globals().update(_FUNCTIONS)

__all__ = [*_FUNCTIONS]
