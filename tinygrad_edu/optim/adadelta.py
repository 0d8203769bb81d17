"""Adadelta: steps as large as the steps before, by running averages of both squares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.elementwise import sqrt
from tinygrad_edu.optim.optimizer import Optimizer, Update
from tinygrad_edu.optim.remembered import State, counted, regularized, remembered
from tinygrad_edu.optim.settings import Group, check_number, check_settings


class Adadelta(Optimizer):
    """`p = p - lr * delta` with delta = sqrt(u + eps) / sqrt(v + eps) * g.

    v = rho * v + (1 - rho) * g * g before, and u is the same of delta * delta afterwards.
    g = gradient (negated if `maximize`) + weight_decay * p.
    State: `step`, `square_avg` v, `acc_delta` u.
    `foreach`, `capturable` and `differentiable` are accepted: the numbers are the same.
    Raises `ValueError` for negative settings, or rho above 1.
    Source: Zeiler, ADADELTA: an adaptive learning rate method (2012), algorithm 1.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Refuse settings outside their range."""
        check_settings("Adadelta", group)
        check_number("Adadelta", "rho", group["rho"], 0, 1)

    def rule(self, group: Group) -> Update:
        """The class docstring as code."""
        lr, rho, eps = group["lr"], group["rho"], group["eps"]

        def step(p: Data, g: Data, state: State) -> Data:
            counted(state, p)
            g = regularized(g, p, group)
            v, u = remembered(state, "square_avg", p), remembered(state, "acc_delta", p)
            v *= rho
            v += (1 - rho) * g * g
            delta = sqrt(u + eps) / sqrt(v + eps) * g
            u *= rho
            u += (1 - rho) * delta * delta
            return lr * delta

        return step
