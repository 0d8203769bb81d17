"""A warning about a network that is evaluated, in `no_grad()`, without `eval()`."""

from __future__ import annotations

from tinygrad_edu.engine.grad_mode import is_evaluating
from tinygrad_edu.hints.warnings import TrainingModeWarning, warn


def warn_training_mode(layer: str, effect: str) -> None:
    """Warn if a layer, which is in training mode, runs inside `no_grad()`; `effect` says what comes of it."""
    if is_evaluating():
        warn(
            TrainingModeWarning,
            f"{layer} is in training mode inside no_grad(): {effect}. To evaluate, call net.eval() first, and "
            "net.train() before the training goes on",
        )
