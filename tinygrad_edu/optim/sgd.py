"""Stochastic gradient descent, with PyTorch's arguments and PyTorch's exact update."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.optim.optimizer import Optimizer, Update
from tinygrad_edu.optim.remembered import State, regularized, remembered
from tinygrad_edu.optim.settings import Group, check_settings


class SGD(Optimizer):
    """`p = p - lr * g`, with momentum if asked for.

    g = gradient (negated if `maximize`) + weight_decay * p. With momentum: buf = g on the first step, then
    buf = momentum * buf + (1 - dampening) * g; g becomes buf, or g + momentum * buf with `nesterov`.
    `foreach`, `fused` and `differentiable` are accepted: the numbers are the same.
    Raises `ValueError` for a negative lr, momentum or weight_decay, or nesterov without momentum or with dampening.
    Source: Sutskever et al., On the importance of initialization and momentum in deep learning (2013), as changed
    by PyTorch (the learning rate is not inside the buffer).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 0.001,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        settings = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Refuse settings outside their range."""
        check_settings("SGD", group, signed=("dampening",))
        if group["nesterov"] and (group["momentum"] == 0 or group["dampening"] != 0):
            raise ValueError(
                f"SGD needs momentum above 0 and dampening of 0 for nesterov, "
                f"got momentum={group['momentum']} and dampening={group['dampening']}"
            )

    def rule(self, group: Group) -> Update:
        """The class docstring as code."""
        lr, momentum, dampening = group["lr"], group["momentum"], group["dampening"]
        if not (momentum or group["weight_decay"] or group["maximize"]):
            return lambda _p, g, _state: lr * g

        def step(p: Data, g: Data, state: State) -> Data:
            g = regularized(g, p, group)
            if momentum:
                first = state.get("momentum_buffer") is None
                buf = remembered(state, "momentum_buffer", p)
                buf *= momentum
                buf += g if first or not dampening else (1 - dampening) * g
                g = g + momentum * buf if group["nesterov"] else buf
            return lr * g

        return step
