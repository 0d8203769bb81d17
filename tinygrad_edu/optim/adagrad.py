"""Adagrad: steps divided by the root of the sum of all squared gradients."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.elementwise import sqrt
from tinygrad_edu.optim.optimizer import Optimizer, Update
from tinygrad_edu.optim.remembered import State, counted, regularized, remembered, remembered_number
from tinygrad_edu.optim.settings import Group, check_settings


class Adagrad(Optimizer):
    """`p = p - lr / (1 + (t - 1) * lr_decay) * g / (sqrt(sum) + eps)` in the t-th step.

    sum starts at `initial_accumulator_value`, and g * g is added to it before.
    g = gradient (negated if `maximize`) + weight_decay * p.
    State, from the beginning: `step` t, `sum`.
    `foreach`, `fused` and `differentiable` are accepted: the numbers are the same.
    Raises `ValueError` for negative settings.
    Source: Duchi, Hazan and Singer, Adaptive subgradient methods for online learning (2011).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        settings = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Refuse settings outside their range."""
        check_settings("Adagrad", group)

    def add_param_group(self, param_group: Group) -> None:
        """Add parameters with settings of their own, and start their sums."""
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        for p in group["params"]:
            remembered_number(self.state[p], "step", p)
            remembered(self.state[p], "sum", p, group["initial_accumulator_value"])

    def rule(self, group: Group) -> Update:
        """The class docstring as code."""
        lr, lr_decay, eps = group["lr"], group["lr_decay"], group["eps"]

        def step(p: Data, g: Data, state: State) -> Data:
            t = counted(state, p)
            g = regularized(g, p, group)
            total = remembered(state, "sum", p, group["initial_accumulator_value"])
            total += g * g
            return lr / (1 + (t - 1) * lr_decay) * g / (sqrt(total) + eps)

        return step
