"""Stochastic gradient descent, with PyTorch's arguments and PyTorch's exact update."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.optim.optimizer import Group, Optimizer, State, Update, recalled, remember


class SGD(Optimizer):
    """`p = p - lr * g`, with momentum if asked for.

    g = gradient (negated if `maximize`) + weight_decay * p. With momentum: buf = g on the first step, then
    buf = momentum * buf + (1 - dampening) * g; g becomes buf, or g + momentum * buf with `nesterov`.
    Raises `ValueError` for a negative lr, momentum or weight_decay, or nesterov without momentum or with dampening.
    Source: Sutskever et al., On the importance of initialization and momentum in deep learning (2013), as changed
    by PyTorch (the learning rate is not inside the buffer).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 0.001,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Refuse settings outside their range."""
        for name in ("lr", "momentum", "dampening", "weight_decay"):
            given = group[name]
            if isinstance(given, bool) or not isinstance(given, int | float | np.integer | np.floating):
                raise TypeError(f"SGD needs {name} as a number, got {given!r}")
            if not (0 <= given < np.inf or (name == "dampening" and np.isfinite(given))):
                raise ValueError(f"SGD needs {name} of 0 or more, got {given}")
        for name in ("nesterov", "maximize"):
            if not isinstance(group[name], bool):
                raise TypeError(f"SGD needs {name} as True or False, got {group[name]!r}")
        if group["nesterov"] and (group["momentum"] == 0 or group["dampening"] != 0):
            raise ValueError(
                f"SGD needs momentum above 0 and dampening of 0 for nesterov, "
                f"got momentum={group['momentum']} and dampening={group['dampening']}"
            )

    def rule(self, group: Group) -> Update:
        """The class docstring as code."""
        lr, decay, momentum = group["lr"], group["weight_decay"], group["momentum"]
        maximize, dampening = group["maximize"], group["dampening"]
        if not (decay or momentum or maximize):
            return lambda _p, g, _state: lr * g

        def step(p: Data, g: Data, state: State) -> Data:
            if maximize:
                g = -g
            if decay:
                g = g + decay * p
            if momentum:
                old = recalled(state, "momentum_buffer", g)
                buf = g if old is None else momentum * old + (g if not dampening else (1 - dampening) * g)
                remember(state, "momentum_buffer", buf)
                g = g + momentum * buf if group["nesterov"] else buf
            return lr * g

        return step
