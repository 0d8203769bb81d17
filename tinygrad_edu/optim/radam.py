"""RAdam: Adam whose step is not adaptive until the average of squares is reliable."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.elementwise import greater, maximum, sqrt, where
from tinygrad_edu.optim.optimizer import Optimizer, Update
from tinygrad_edu.optim.remembered import State, averages, counted, power, regularized
from tinygrad_edu.optim.settings import Group, check_betas, check_settings


class RAdam(Optimizer):
    """`p = p - lr * m / (1 - beta1**t) * factor` in the t-th step.

    factor = r * sqrt(1 - beta2**t) / (sqrt(v) + eps) if the length of the average of squares,
    n = n_inf - 2 * t * beta2**t / (1 - beta2**t) with n_inf = 2 / (1 - beta2) - 1, is above 5, and 1 before.
    r**2 = (n - 4) * (n - 2) * n_inf / ((n_inf - 4) * (n_inf - 2) * n).
    m = beta1 * m + (1 - beta1) * g; v is the same of g * g with beta2.
    g = gradient (negated if `maximize`) + weight_decay * p; with `decoupled_weight_decay`, p shrinks by
    lr * weight_decay * p instead.
    State: `step` t, `exp_avg` m, `exp_avg_sq` v.
    `foreach`, `capturable` and `differentiable` are accepted: the numbers are the same.
    Raises `ValueError` for negative settings, or betas that are not below 1.
    Source: Liu et al., On the variance of the adaptive learning rate and beyond (2020), algorithm 2.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Refuse settings outside their range."""
        check_settings("RAdam", group)
        check_betas("RAdam", group["betas"])

    def rule(self, group: Group) -> Update:
        """The class docstring as code."""
        lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]
        longest = 2 / (1 - beta2) - 1

        def factor(v: Data, t: Data) -> Data:
            correction = 1 - power(beta2, t)
            n = longest - 2 * t * power(beta2, t) / correction
            # Below 4 it is not used, and would be the root of a negative number.
            square = maximum(n - 4, 0.0) * (n - 2) * longest / ((longest - 4) * (longest - 2) * n)
            return where(greater(n, 5.0), sqrt(square) * sqrt(correction) / (sqrt(v) + eps), 1.0)

        def step(p: Data, g: Data, state: State) -> Data:
            t = counted(state, p)
            g = regularized(g, p, group)
            m, v = averages(state, p, g, (beta1, beta2))
            update = lr / (1 - power(beta1, t)) * m
            return update * factor(v, t) if longest > 5 else update

        return step
