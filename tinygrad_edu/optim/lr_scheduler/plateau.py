"""ReduceLROnPlateau: a smaller learning rate when a loss or a score no longer improves."""

from __future__ import annotations

from math import inf
from typing import Any

from tinygrad_edu.optim.lr_scheduler.scheduler import (
    LRScheduler,
    check_optimizer,
    for_each_group,
    last_lr,
    number,
    set_lr,
)
from tinygrad_edu.optim.optimizer import Optimizer


class ReduceLROnPlateau(LRScheduler):
    """`lr = max(lr * factor, min_lr)` after more than `patience` epochs without a better value: `step(loss)`.

    Better is less (`mode="min"`) or more ("max") than the best so far by `threshold`, times the best ("rel") or
    itself ("abs", in `threshold_mode`). After a reduction, `cooldown` epochs do not count. Changes of at most `eps` are
    not made.
    Raises `ValueError` for a factor of 1 or more, or other modes.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: Any = 0,
        eps: float = 1e-8,
    ) -> None:
        check_optimizer("ReduceLROnPlateau", optimizer)
        if factor >= 1:
            raise ValueError(f"ReduceLROnPlateau needs factor below 1, got {factor}")
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError(
                "ReduceLROnPlateau needs mode as 'min' or 'max', and threshold_mode as 'rel' or 'abs', "
                f"got {mode!r} and {threshold_mode!r}"
            )
        self.factor, self.optimizer = factor, optimizer
        self.default_min_lr = None if isinstance(min_lr, list | tuple) else min_lr
        self.min_lrs = for_each_group("ReduceLROnPlateau", "min_lr", optimizer, min_lr)
        self.patience, self.cooldown, self.eps, self.last_epoch = patience, cooldown, eps, 0
        self._last_lr = last_lr(optimizer)
        self.mode, self.threshold, self.threshold_mode = mode, threshold, threshold_mode
        self.mode_worse = inf if mode == "min" else -inf
        self._reset()

    def _reset(self) -> None:
        """Forget the best value, and all epochs that were counted."""
        self.best, self.cooldown_counter, self.num_bad_epochs = self.mode_worse, 0, 0

    def step(self, metrics: Any, epoch: int | None = None) -> None:  # type: ignore[override]
        """Note the value of an epoch, and reduce the learning rates if there was no better one for too long."""
        value = float(metrics)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._is_better(value, self.best):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = last_lr(self.optimizer)

    @property
    def in_cooldown(self) -> bool:
        """True in the epochs after a reduction that do not count."""
        return self.cooldown_counter > 0

    def _is_better(self, value: float, best: float) -> bool:
        down = self.mode == "min"
        if self.threshold_mode == "rel":
            return value < best * (1.0 - self.threshold) if down else value > best * (self.threshold + 1.0)
        return value < best - self.threshold if down else value > best + self.threshold

    def _reduce(self) -> None:
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs):
            if self.default_min_lr is None:
                raise RuntimeError(
                    f"ReduceLROnPlateau needs min_lr for each of {len(groups)} groups, got {len(self.min_lrs)}: a "
                    "group was added since; put one more into min_lrs"
                )
            self.min_lrs = [self.default_min_lr] * len(groups)
        for group, least in zip(groups, self.min_lrs, strict=True):
            lr = number(group["lr"])
            reduced = max(lr * self.factor, least)
            if lr - reduced > self.eps:
                set_lr(group, reduced)
