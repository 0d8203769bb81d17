"""Adamax: Adam by the greatest gradient so far in place of the root mean square."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.elementwise import absolute, maximum
from tinygrad_edu.optim.optimizer import Optimizer, Update
from tinygrad_edu.optim.remembered import State, counted, power, regularized, remembered
from tinygrad_edu.optim.settings import Group, check_betas, check_settings


class Adamax(Optimizer):
    """`p = p - lr / (1 - beta1**t) * m / u` in the t-th step.

    m = beta1 * m + (1 - beta1) * g and u = max(beta2 * u, |g| + eps), elementwise.
    g = gradient (negated if `maximize`) + weight_decay * p.
    State: `step` t, `exp_avg` m, `exp_inf` u.
    `foreach`, `capturable` and `differentiable` are accepted: the numbers are the same.
    Raises `ValueError` for negative settings, or betas that are not below 1.
    Source: Kingma and Ba, Adam: a method for stochastic optimization (2015), algorithm 2.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Refuse settings outside their range."""
        check_settings("Adamax", group)
        check_betas("Adamax", group["betas"])

    def rule(self, group: Group) -> Update:
        """The class docstring as code."""
        lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]

        def step(p: Data, g: Data, state: State) -> Data:
            t = counted(state, p)
            g = regularized(g, p, group)
            m, u = remembered(state, "exp_avg", p), remembered(state, "exp_inf", p)
            m *= beta1
            m += (1 - beta1) * g
            u[...] = maximum(beta2 * u, absolute(g) + eps)
            return lr / (1 - power(beta1, t)) * m / u

        return step
