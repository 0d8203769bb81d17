"""The base of all schedulers: when the learning rates are computed, and where they are put."""

from __future__ import annotations

from collections.abc import Callable
from reprlib import repr as short
from typing import Any

from tinygrad_edu.hints.warnings import SchedulerOrderWarning, warn
from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.optim.settings import Group
from tinygrad_edu.tensor.tensor import Tensor


class LRScheduler:
    """Changes the learning rates of an optimizer, one step an epoch: `scheduler.step()` after `optimizer.step()`.

    A subclass says in `get_lr` which learning rates the groups have in epoch `last_epoch`, mostly from those of the
    epoch before, `group["lr"]`; `base_lrs` are those at the beginning. The first step, to epoch 0, is taken when the
    scheduler is made. `last_epoch`: the epoch to go on from, if the optimizer has had a scheduler before.
    """

    _get_lr_called_within_step = False
    _is_initial = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        check_optimizer(type(self).__name__, optimizer)
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", number(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(
                    f"{type(self).__name__} needs initial_lr in param_groups[{i}] to go on from last_epoch="
                    f"{last_epoch}; load the state of an optimizer that had a scheduler, or leave last_epoch out"
                )
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._initial_step()

    def _initial_step(self) -> None:
        self._step_count, self._is_initial = 0, True
        try:
            self.step()
        finally:
            self._is_initial = False

    def get_lr(self) -> list[Any]:
        """The learning rates of the groups in epoch `last_epoch`."""
        raise NotImplementedError(
            f"{type(self).__name__} needs a method get_lr(self) that returns a list of learning rates"
        )

    def get_last_lr(self) -> list[Any]:
        """The learning rates that the last step has set."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Set the learning rates of the next epoch, or of the given one."""
        if self._step_count == 1 and not self.optimizer._opt_called:
            warn(
                SchedulerOrderWarning,
                f"{type(self).__name__}.step() came before optimizer.step(), which leaves out the first learning rate; "
                "call optimizer.step() first",
            )
        self._step_count += 1
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        closed: Callable[[], list[Any]] | None = getattr(self, "_get_closed_form_lr", None)
        self._get_lr_called_within_step = True
        try:
            rates = self.get_lr() if epoch is None or closed is None else closed()
        finally:
            self._get_lr_called_within_step = False
        self._set_lr(rates)

    def _set_lr(self, rates: list[Any]) -> None:
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            set_lr(group, lr)
        self._last_lr = last_lr(self.optimizer)

    def state_dict(self) -> dict[str, Any]:
        """All that the scheduler knows, without the optimizer."""
        return {key: x for key, x in vars(self).items() if key != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where `state_dict` was saved; the learning rates themselves are in the state of the optimizer."""
        if not isinstance(state_dict, dict):
            raise TypeError(
                f"{type(self).__name__} needs what state_dict() returned, got {short(state_dict)}"
            )
        vars(self).update(state_dict)


class ByFactor(LRScheduler):
    """A scheduler that multiplies the learning rates of all groups with one factor in each epoch."""

    def _change(self) -> float:
        """The factor from the epoch before to `last_epoch`."""
        raise NotImplementedError

    def _total_change(self) -> float:
        """The factor from the beginning to `last_epoch`, in closed form."""
        raise NotImplementedError

    def get_lr(self) -> list[Any]:
        """The learning rates of the epoch before, times the factor."""
        factor = self._change()
        rates = [number(group["lr"]) for group in self.optimizer.param_groups]
        return rates if factor == 1 else [lr * factor for lr in rates]

    def _get_closed_form_lr(self) -> list[Any]:
        factor = self._total_change()
        return [lr * factor for lr in self.base_lrs]


def check_optimizer(name: str, optimizer: Any) -> None:
    """Refuse what is no optimizer, for the scheduler called `name`."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{name} needs an optimizer, got {type(optimizer).__name__} {short(optimizer)}")


def number(lr: Any) -> Any:
    """A learning rate as a plain number."""
    return lr.raw.item() if isinstance(lr, Tensor) else lr


def set_lr(group: Group, lr: Any) -> None:
    """Put a learning rate into a group, or into the Tensor that is there."""
    if isinstance(group["lr"], Tensor):
        group["lr"].fill_(number(lr))
    else:
        group["lr"] = lr


def last_lr(optimizer: Optimizer) -> list[Any]:
    """The present learning rates; of Tensors copies."""
    rates = [group["lr"] for group in optimizer.param_groups]
    return [lr.detach().clone() if isinstance(lr, Tensor) else lr for lr in rates]


def for_each_group(name: str, key: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """`value` for each group; a list must have one for each."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [value] * groups
    if len(value) != groups:
        raise ValueError(f"{name} needs {key} for each of {groups} groups, got {len(value)}")
    return list(value)
