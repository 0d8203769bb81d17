"""Optimizers, with PyTorch's names and updates."""

from __future__ import annotations

import typing as _typing

from tinygrad_edu.hints.missing_names import refusal as _refusal
from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.optim.sgd import SGD

__all__ = ["SGD", "Optimizer"]

if not _typing.TYPE_CHECKING:
    __getattr__ = _refusal(__name__, __all__)
