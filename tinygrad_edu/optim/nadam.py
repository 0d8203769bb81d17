"""NAdam: Adam with Nesterov's momentum, which looks one step ahead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.elementwise import sqrt
from tinygrad_edu.optim.optimizer import Optimizer, Update
from tinygrad_edu.optim.remembered import (
    State,
    averages,
    counted,
    overwrite,
    power,
    regularized,
    remembered_number,
)
from tinygrad_edu.optim.settings import Group, check_betas, check_settings


class NAdam(Optimizer):
    """`p = p - lr * ((1 - mu) / (1 - product) * g + next_mu / (1 - product * next_mu) * m) / (sqrt(v) + eps)`.

    mu = beta1 * (1 - 0.96**(t * momentum_decay) / 2) in the t-th step, next_mu that of the step after, product that of
    all mu so far. m = beta1 * m + (1 - beta1) * g; v is the same of g * g with beta2, divided by 1 - beta2**t.
    g = gradient (negated if `maximize`) + weight_decay * p; with `decoupled_weight_decay`, p shrinks by
    lr * weight_decay * p instead.
    State: `step` t, `mu_product`, `exp_avg` m, `exp_avg_sq` v.
    `foreach`, `capturable` and `differentiable` are accepted: the numbers are the same.
    Raises `ValueError` for negative settings, or betas that are not below 1.
    Source: Dozat, Incorporating Nesterov momentum into Adam (2016).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
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
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Refuse settings outside their range."""
        check_settings("NAdam", group)
        check_betas("NAdam", group["betas"])

    def rule(self, group: Group) -> Update:
        """The class docstring as code."""
        lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]

        def momentum(t: Data) -> Data:
            return beta1 * (1 - 0.5 * power(0.96, t * group["momentum_decay"]))

        def step(p: Data, g: Data, state: State) -> Data:
            t = counted(state, p)
            mu, next_mu = momentum(t), momentum(t + 1)
            product = remembered_number(state, "mu_product", p, 1.0) * mu
            overwrite(state, "mu_product", product)
            g = regularized(g, p, group)
            m, v = averages(state, p, g, (beta1, beta2))
            now, ahead = lr * (1 - mu) / (1 - product), lr * next_mu / (1 - product * next_mu)
            return (now * g + ahead * m) / (sqrt(v / (1 - power(beta2, t))) + eps)

        return step
