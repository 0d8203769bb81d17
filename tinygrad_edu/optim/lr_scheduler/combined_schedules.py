"""Schedules made of schedules: one after the other, or all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from tinygrad_edu.optim.lr_scheduler.plateau import ReduceLROnPlateau
from tinygrad_edu.optim.lr_scheduler.scheduler import LRScheduler, last_lr, set_lr
from tinygrad_edu.optim.optimizer import Optimizer


class _Combined(LRScheduler):
    """A schedule that keeps others in `_schedulers`, also in its state."""

    _schedulers: Sequence[LRScheduler]

    def _check(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None) -> Optimizer:
        """Refuse schedulers of different optimizers, and those that need a value in each step."""
        name = type(self).__name__
        if not schedulers:
            raise ValueError(f"{name} needs at least one scheduler, got an empty list")
        for i, each in enumerate(schedulers):
            if not isinstance(each, LRScheduler):
                raise TypeError(f"{name} needs schedulers, got {type(each).__name__} at index {i}")
            if isinstance(each, ReduceLROnPlateau):
                raise ValueError(
                    f"{name} needs schedulers that step without a value, got ReduceLROnPlateau at index {i}; "
                    "step it beside"
                )
        optimizer = optimizer or schedulers[0].optimizer
        others = [i for i, each in enumerate(schedulers) if each.optimizer is not optimizer]
        if others:
            raise ValueError(f"{name} needs schedulers of one optimizer, got another at index {others[0]}")
        return optimizer

    def state_dict(self) -> dict[str, Any]:
        """All but the optimizer, with the state of each scheduler."""
        return {**super().state_dict(), "_schedulers": [each.state_dict() for each in self._schedulers]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where `state_dict` was saved."""
        super().load_state_dict({key: x for key, x in state_dict.items() if key != "_schedulers"})
        for each, saved in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            each.load_state_dict(saved)


class SequentialLR(_Combined):
    """One scheduler after the other: the next one begins in each epoch of `milestones`, with its epoch 0.

    Raises `ValueError` unless there is one milestone less than schedulers, all of one optimizer.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: list[LRScheduler],
        milestones: list[int],
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = self._check(schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"SequentialLR needs one milestone less than schedulers, got {len(milestones)} for {len(schedulers)}"
            )
        self._schedulers, self._milestones, self.last_epoch = schedulers, milestones, last_epoch + 1
        for group in optimizer.param_groups:
            set_lr(group, group["initial_lr"])
        for each in _innermost(schedulers):  # undoes the step that each has taken when it was made
            each.last_epoch -= 1
        first = schedulers[bisect_right(milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def step(self) -> None:  # type: ignore[override]
        """Set the learning rates of the next epoch."""
        self.last_epoch += 1
        i = bisect_right(self._milestones, self.last_epoch)
        if i > 0 and self._milestones[i - 1] == self.last_epoch:
            self._schedulers[i]._update_lr(0)
        else:
            self._schedulers[i].step()
        self._last_lr = self._schedulers[i].get_last_lr()


class ChainedScheduler(_Combined):
    """All schedulers in each epoch, one on what the other has set.

    Raises `ValueError` unless all are of one optimizer.
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        self.optimizer = self._check(schedulers, optimizer)
        self._schedulers = schedulers
        self._last_lr = last_lr(self.optimizer)

    def step(self) -> None:  # type: ignore[override]
        """Set the learning rates of the next epoch."""
        for each in self._schedulers:
            each.step()
        self._last_lr = last_lr(self.optimizer)


def _innermost(schedulers: Sequence[LRScheduler]) -> list[LRScheduler]:
    """The schedulers, with the parts of those that are combined in their place."""
    parts = [_innermost(each._schedulers) if isinstance(each, _Combined) else [each] for each in schedulers]
    return [each for part in parts for each in part]
