"""Optimizers, with PyTorch's names and updates."""

from __future__ import annotations

from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.optim.sgd import SGD

__all__ = ["SGD", "Optimizer"]
