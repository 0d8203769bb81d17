"""Schedules along a cosine, from the learning rate at the beginning down to `eta_min`."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_edu.optim.lr_scheduler.scheduler import LRScheduler, number
from tinygrad_edu.optim.optimizer import Optimizer


def _on_cosine(base: float, low: float, angle: float) -> float:
    """From `base` at angle 0 to `low` at pi."""
    return low + (base - low) * (1 + math.cos(angle)) / 2


class CosineAnnealingLR(LRScheduler):
    """`lr = eta_min + (base_lr - eta_min) * (1 + cos(pi * epoch / T_max)) / 2`, each time from the epoch before.

    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts (2017), eq. 5.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The learning rates of the epoch before, moved along the cosine."""
        rates, epoch, period, low = self._rates(), self.last_epoch, self.T_max, self.eta_min
        if self._is_initial:
            return rates
        if self._step_count == 1 and epoch > 0:
            return self._get_closed_form_lr()
        if (epoch - 1 - period) % (2 * period) == 0:  # from the lowest point up again: 0 has no ratio
            rise = (1 - math.cos(math.pi / period)) / 2
            return [lr + (base - low) * rise for lr, base in zip(rates, self.base_lrs, strict=True)]
        height, before = (1 + math.cos(math.pi * each / period) for each in (epoch, epoch - 1))
        return [height / before * (lr - low) + low for lr in rates]

    def _rates(self) -> list[Any]:
        return [number(group["lr"]) for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self) -> list[Any]:
        return [
            _on_cosine(base, self.eta_min, math.pi * self.last_epoch / self.T_max) for base in self.base_lrs
        ]


class CosineAnnealingWarmRestarts(LRScheduler):
    """`lr = eta_min + (base_lr - eta_min) * (1 + cos(pi * T_cur / T_i)) / 2`, with T_cur from 0 again after T_i epochs.

    T_i is `T_0` at first, and `T_mult` times as long after each restart. `step(epoch)` takes fractions of epochs, too.
    Raises `ValueError` unless T_0 and T_mult are whole numbers from 1.
    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts (2017), eq. 5.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        for name, value in (("T_0", T_0), ("T_mult", T_mult)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(
                    f"CosineAnnealingWarmRestarts needs {name} as a whole number from 1, got {value!r}"
                )
        if not isinstance(eta_min, int | float):
            raise ValueError(f"CosineAnnealingWarmRestarts needs eta_min as a number, got {eta_min!r}")
        self.T_0, self.T_i, self.T_mult, self.eta_min = T_0, T_0, T_mult, eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The learning rates at T_cur of T_i epochs."""
        return [_on_cosine(base, self.eta_min, math.pi * self.T_cur / self.T_i) for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Set the learning rates of the next epoch, or of the given one."""
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur, self.T_i = self.T_cur % self.T_i, self.T_i * self.T_mult
        else:
            self._move_to(epoch)
        self.last_epoch = math.floor(epoch)
        self._set_lr(self.get_lr())

    def _move_to(self, epoch: float) -> None:
        if epoch < 0:
            raise ValueError(f"CosineAnnealingWarmRestarts.step needs epoch of 0 or more, got {epoch}")
        first, ratio = self.T_0, self.T_mult
        if epoch < first:
            self.T_i, self.T_cur = first, epoch
        elif ratio == 1:
            self.T_cur = epoch % first
        else:
            restarts = int(math.log(epoch / first * (ratio - 1) + 1, ratio))
            self.T_cur = epoch - first * (ratio**restarts - 1) / (ratio - 1)
            self.T_i = first * ratio**restarts
