"""Schedules by functions of the epoch, one for all groups or one for each."""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from typing import Any

from tinygrad_edu.optim.lr_scheduler.scheduler import LRScheduler, for_each_group, number
from tinygrad_edu.optim.optimizer import Optimizer

Factor = Callable[[int], float]


class LambdaLR(LRScheduler):
    """`lr = base_lr * lr_lambda(epoch)`.

    Raises `ValueError` if `lr_lambda` is a list that has not one function for each group, `TypeError` for what is no
    function.
    """

    def __init__(
        self, optimizer: Optimizer, lr_lambda: Factor | Sequence[Factor], last_epoch: int = -1
    ) -> None:
        name = type(self).__name__
        self.optimizer = optimizer
        self.lr_lambdas: list[Factor] = for_each_group(name, "lr_lambda", optimizer, lr_lambda)
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(f"{name} needs lr_lambda as a function of the epoch, got {function!r}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The learning rates of the beginning, times the factors."""
        return [
            lr * factor(self.last_epoch) for factor, lr in zip(self.lr_lambdas, self.base_lrs, strict=True)
        ]

    def state_dict(self) -> dict[str, Any]:
        """All but the optimizer and plain functions; of callable objects their attributes."""
        kept = [None if isinstance(f, types.FunctionType) else vars(f).copy() for f in self.lr_lambdas]
        return {**super().state_dict(), "lr_lambdas": kept}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where `state_dict` was saved, with the functions that are here."""
        super().load_state_dict({key: x for key, x in state_dict.items() if key != "lr_lambdas"})
        for function, kept in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=True):
            vars(function).update(kept or {})


class MultiplicativeLR(LambdaLR):
    """`lr = lr * lr_lambda(epoch)`, from epoch 1 on."""

    def get_lr(self) -> list[Any]:
        """The learning rates of the epoch before, times the factors."""
        rates = [number(group["lr"]) for group in self.optimizer.param_groups]
        if self._is_initial:
            return rates
        return [lr * factor(self.last_epoch) for factor, lr in zip(self.lr_lambdas, rates, strict=True)]
