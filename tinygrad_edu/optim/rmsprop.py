"""RMSprop: steps divided by a running root mean square of the gradient."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.elementwise import sqrt
from tinygrad_edu.optim.optimizer import Optimizer, Update
from tinygrad_edu.optim.remembered import State, counted, regularized, remembered
from tinygrad_edu.optim.settings import Group, check_settings


class RMSprop(Optimizer):
    """`p = p - lr * g / (sqrt(v) + eps)`.

    v = alpha * v + (1 - alpha) * g * g. If `centered`, the square of the running average of g is subtracted from v:
    that is the variance. With `momentum`, buf = momentum * buf + g / (sqrt(v) + eps), and p moves by lr * buf.
    g = gradient (negated if `maximize`) + weight_decay * p.
    State: `step`, `square_avg` v, `momentum_buffer` buf, `grad_avg`.
    `foreach`, `capturable` and `differentiable` are accepted: the numbers are the same.
    Raises `ValueError` for negative settings.
    Source: Hinton, Neural networks for machine learning, lecture 6e (2012); Graves, Generating sequences with recurrent
    neural networks (2013), eq. 38-45, for `centered`.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Refuse settings outside their range."""
        check_settings("RMSprop", group)

    def rule(self, group: Group) -> Update:
        """The class docstring as code."""
        lr, alpha, eps, momentum = group["lr"], group["alpha"], group["eps"], group["momentum"]

        def step(p: Data, g: Data, state: State) -> Data:
            counted(state, p)
            g = regularized(g, p, group)
            v = remembered(state, "square_avg", p)
            v *= alpha
            v += (1 - alpha) * g * g
            if group["centered"]:
                mean = remembered(state, "grad_avg", p)
                mean *= alpha
                mean += (1 - alpha) * g
                v = v - mean * mean
            g = g / (sqrt(v) + eps)
            if momentum:
                buf = remembered(state, "momentum_buffer", p)
                buf *= momentum
                buf += g
                g = buf
            return lr * g

        return step
