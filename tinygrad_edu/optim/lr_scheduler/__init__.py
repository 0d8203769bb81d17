"""Schedulers: the learning rates of an optimizer, changed from epoch to epoch as PyTorch changes them."""

from __future__ import annotations

import typing as _typing

from tinygrad_edu.hints.missing_names import refusal as _refusal
from tinygrad_edu.optim.lr_scheduler.combined_schedules import ChainedScheduler, SequentialLR
from tinygrad_edu.optim.lr_scheduler.cosine_schedules import CosineAnnealingLR, CosineAnnealingWarmRestarts
from tinygrad_edu.optim.lr_scheduler.cycles import CyclicLR, OneCycleLR
from tinygrad_edu.optim.lr_scheduler.decays import (
    ConstantLR,
    ExponentialLR,
    LinearLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from tinygrad_edu.optim.lr_scheduler.given_factors import LambdaLR, MultiplicativeLR
from tinygrad_edu.optim.lr_scheduler.plateau import ReduceLROnPlateau
from tinygrad_edu.optim.lr_scheduler.scheduler import LRScheduler

_LRScheduler = LRScheduler  # its name in older programs

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]

if not _typing.TYPE_CHECKING:
    __getattr__ = _refusal(__name__, __all__)
