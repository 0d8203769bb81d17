"""ASGD: stochastic gradient descent that also keeps the average of where it has been."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.elementwise import maximum
from tinygrad_edu.optim.optimizer import Optimizer, Update
from tinygrad_edu.optim.remembered import (
    State,
    counted,
    overwrite,
    power,
    regularized,
    remembered,
    remembered_number,
)
from tinygrad_edu.optim.settings import Group, check_settings


class ASGD(Optimizer):
    """`p = (1 - lambd * eta) * p - eta * g`, and the average ax of all p from step `t0` on.

    eta = lr at first, and lr / (1 + lambd * lr * t)**alpha after the t-th step. ax = ax + mu * (p - ax) with
    mu = 1 / max(1, t - t0): before that, ax is p itself.
    g = gradient (negated if `maximize`) + weight_decay * p.
    State: `step` t, `eta`, `mu`, `ax`.
    `foreach`, `capturable` and `differentiable` are accepted: the numbers are the same.
    Raises `ValueError` for a negative lr or weight_decay.
    Source: Polyak and Juditsky, Acceleration of stochastic approximation by averaging (1992).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Refuse settings outside their range."""
        check_settings("ASGD", group, signed=("lambd", "alpha", "t0"))

    def rule(self, group: Group) -> Update:
        """The class docstring as code."""
        lr, lambd, alpha, t0 = group["lr"], group["lambd"], group["alpha"], group["t0"]

        def step(p: Data, g: Data, state: State) -> Data:
            t = counted(state, p)
            eta, mu = remembered_number(state, "eta", p, lr), remembered_number(state, "mu", p, 1.0)
            g = regularized(g, p, group)
            p *= 1 - lambd * eta
            move = eta * g
            average = remembered(state, "ax", p)
            average += mu * (p - move - average)
            overwrite(state, "eta", lr / power(1 + lambd * lr * t, alpha))
            overwrite(state, "mu", 1 / maximum(t - t0, 1.0))
            return move

        return step
