"""Schedules that go up and down: CyclicLR again and again, OneCycleLR once. Momentum goes the other way."""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from typing import Any

from tinygrad_edu.optim.lr_scheduler.scheduler import (
    LRScheduler,
    check_optimizer,
    for_each_group,
    number,
    set_lr,
)
from tinygrad_edu.optim.optimizer import Optimizer

# How much of the height is left, by the cycle (from 1) or by the step.
_SCALES: dict[str, tuple[str, Callable[[float, float], float]]] = {
    "triangular": ("cycle", lambda x, gamma: 1.0),  # noqa: ARG005
    "triangular2": ("cycle", lambda x, gamma: 1 / 2.0 ** (x - 1)),  # noqa: ARG005
    "exp_range": ("iterations", lambda x, gamma: gamma**x),
}


class _WithMomentum(LRScheduler):
    """A schedule that may move the momentum, or the first of `betas`, against the learning rate."""

    cycle_momentum: bool
    use_beta1: bool

    def _start_momentum(
        self, cycle: bool, base: Any, most: Any, last_epoch: int
    ) -> tuple[list[Any], list[Any]]:
        """The least and the greatest momentum of each group, noted in the groups; the greatest is the first."""
        name, optimizer = type(self).__name__, self.optimizer
        self.cycle_momentum = cycle
        if not cycle:
            return [], []
        if not {"momentum", "betas"} & optimizer.defaults.keys():
            raise ValueError(
                f"{name} needs an optimizer with momentum or betas, got {type(optimizer).__name__}; "
                "use cycle_momentum=False"
            )
        self.use_beta1 = "betas" in optimizer.defaults
        low = for_each_group(name, "base_momentum", optimizer, base)
        high = for_each_group(name, "max_momentum", optimizer, most)
        if last_epoch == -1:
            for group, a, b in zip(optimizer.param_groups, low, high, strict=True):
                self._set_momentum(group, b)
                group["max_momentum"], group["base_momentum"] = b, a
        return low, high

    def _set_momentum(self, group: dict[str, Any], momentum: float) -> None:
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


class CyclicLR(_WithMomentum):
    """`lr` from `base_lr` to `max_lr` in `step_size_up` steps and back in `step_size_down`, again and again.

    The height of the cycles stays ("triangular"), halves from cycle to cycle ("triangular2"), or shrinks by `gamma` in
    every step ("exp_range"); or it is `scale_fn` of the cycle or of the step, as `scale_mode` says. One step a batch.
    Raises `ValueError` for another mode, or an optimizer without momentum unless `cycle_momentum=False`.
    Source: Smith, Cyclical learning rates for training neural networks (2017).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: Any,
        max_lr: Any,
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: Any = 0.8,
        max_momentum: Any = 0.9,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer("CyclicLR", optimizer)
        if scale_fn is None and mode not in _SCALES:
            raise ValueError(f"CyclicLR needs mode as one of {', '.join(_SCALES)}, or scale_fn, got {mode!r}")
        self.optimizer = optimizer
        base_lrs = for_each_group("CyclicLR", "base_lr", optimizer, base_lr)
        self.max_lrs = for_each_group("CyclicLR", "max_lr", optimizer, max_lr)
        up, down = float(step_size_up), float(step_size_up if step_size_down is None else step_size_down)
        self.total_size, self.step_ratio = up + down, up / (up + down)
        self.mode, self.gamma, self._scale_fn_custom = mode, gamma, scale_fn
        self.scale_mode = scale_mode if scale_fn is not None else _SCALES[mode][0]
        low, high = self._start_momentum(cycle_momentum, base_momentum, max_momentum, last_epoch)
        if cycle_momentum:
            self.base_momentums, self.max_momentums = low, high
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, base_lrs, strict=True):
                set_lr(group, lr)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale_fn(self, x: float) -> float:
        """How much of the height is left in a cycle, or after a step."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        return _SCALES[self.mode][1](x, self.gamma)

    def get_lr(self) -> list[Any]:
        """The learning rates of this step; the momentum of the groups is set, too."""
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        part = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        scale = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            ends = zip(self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True)
            for group, low, high in ends:
                self._set_momentum(group, high - (high - low) * part * scale)
        ends = zip(self.base_lrs, self.max_lrs, strict=True)  # type: ignore[assignment]
        return [low + (high - low) * part * scale for low, high in ends]  # type: ignore[misc]

    def state_dict(self) -> dict[str, Any]:
        """All but the optimizer and a plain `scale_fn`; of a callable object its attributes."""
        function = self._scale_fn_custom
        plain = function is None or isinstance(function, types.FunctionType)
        return {**super().state_dict(), "_scale_fn_custom": None if plain else vars(function).copy()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where `state_dict` was saved, with the `scale_fn` that is here."""
        super().load_state_dict({key: x for key, x in state_dict.items() if key != "_scale_fn_custom"})
        if state_dict["_scale_fn_custom"] is not None:
            vars(self._scale_fn_custom).update(state_dict["_scale_fn_custom"])


class OneCycleLR(_WithMomentum):
    """`lr` from max_lr / div_factor up to `max_lr`, and down to the first one / final_div_factor, in `total_steps`.

    The way up is `pct_start` of all steps; with `three_phase`, the way down is as long, and the rest goes on down from
    there. Along a cosine, or lines with `anneal_strategy="linear"`. One step a batch; `total_steps` may be given as
    `epochs` and `steps_per_epoch`.
    Raises `ValueError` for numbers out of range, an optimizer without momentum unless `cycle_momentum=False`, and a
    step beyond the last.
    Source: Smith and Topin, Super-convergence: very fast training of neural networks using large learning rates (2018).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: Any,
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: Any = 0.85,
        max_momentum: Any = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 10000.0,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer("OneCycleLR", optimizer)
        self.optimizer = optimizer
        self.total_steps = _total_steps(total_steps, epochs, steps_per_epoch)
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"OneCycleLR needs pct_start as a float from 0 to 1, got {pct_start!r}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"OneCycleLR needs anneal_strategy as 'cos' or 'linear', got {anneal_strategy!r}"
            )
        self._schedule_phases = _phases(self.total_steps, pct_start, three_phase)
        self._anneal_func_type = anneal_strategy
        most = for_each_group("OneCycleLR", "max_lr", optimizer, max_lr)
        self._start_momentum(cycle_momentum, base_momentum, max_momentum, last_epoch)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, most, strict=True):
                group["initial_lr"], group["max_lr"] = lr / div_factor, lr
                group["min_lr"] = group["initial_lr"] / final_div_factor
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The learning rates of this step; the momentum of the groups is set, too."""
        step, start = self.last_epoch, 0.0
        if step > self.total_steps:
            raise ValueError(f"OneCycleLR has {self.total_steps} steps, and this is step {step}")
        for phase in self._schedule_phases:
            if step <= phase["end_step"] or phase is self._schedule_phases[-1]:
                break
            start = phase["end_step"]
        part = (step - start) / (phase["end_step"] - start)
        groups = self.optimizer.param_groups
        if self.cycle_momentum:
            for group in groups:
                ends = group[phase["start_momentum"]], group[phase["end_momentum"]]
                self._set_momentum(group, self._between(*ends, part))
        return [
            self._between(number(group[phase["start_lr"]]), number(group[phase["end_lr"]]), part)
            for group in groups
        ]

    def _between(self, start: float, end: float, part: float) -> float:
        if self._anneal_func_type == "linear":
            return (end - start) * part + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * part) + 1)


def _total_steps(total: int | None, epochs: int | None, steps: int | None) -> int:
    for name, value in (("total_steps", total), ("epochs", epochs), ("steps_per_epoch", steps)):
        if value is not None and (not isinstance(value, int) or value < 1):
            raise ValueError(f"OneCycleLR needs {name} as a whole number from 1, got {value!r}")
    if total is None and (epochs is None or steps is None):
        raise ValueError("OneCycleLR needs total_steps, or epochs and steps_per_epoch, got neither")
    return total if total is not None else epochs * steps  # type: ignore[operator]


def _phases(total: int, pct_start: float, three: bool) -> list[dict[str, Any]]:
    """Where each phase ends, and from which entries of a group to which its learning rate and momentum go."""
    keys = ("end_step", "start_lr", "end_lr", "start_momentum", "end_momentum")
    up = float(pct_start * total) - 1, "initial_lr", "max_lr", "max_momentum", "base_momentum"
    down = total - 1, "max_lr", "min_lr", "base_momentum", "max_momentum"
    back = float(2 * pct_start * total) - 2, "max_lr", "initial_lr", "base_momentum", "max_momentum"
    rest = total - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum"
    return [dict(zip(keys, phase, strict=True)) for phase in ((up, back, rest) if three else (up, down))]
