"""Muon: momentum whose update of a matrix is made orthogonal."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.elementwise import maximum, sqrt
from tinygrad_edu.optim.optimizer import Optimizer, Update
from tinygrad_edu.optim.remembered import State, remembered
from tinygrad_edu.optim.settings import Group, check_settings

# How lr is adjusted to the shape (rows, columns).
ADJUSTMENTS = {
    "original": lambda rows, columns: math.sqrt(max(1, rows / columns)),
    "match_rms_adamw": lambda rows, columns: 0.2 * math.sqrt(max(rows, columns)),
}
_MOST_STEPS = 100


class Muon(Optimizer):
    """`p = p - lr * ratio * orthogonal(u)`, for matrices, after p has shrunk by lr * weight_decay * p.

    buf = buf + (1 - momentum) * (g - buf); u = buf, or with `nesterov` g + momentum * (buf - g). `orthogonal` brings
    all singular values near 1 by `ns_steps` Newton-Schulz iterations. ratio = sqrt(max(1, rows / columns)), or
    0.2 * sqrt(max(rows, columns)) with `adjust_lr_fn="match_rms_adamw"`.
    State: `momentum_buffer`. Computed in the dtype of p, where PyTorch rounds the iterations to bfloat16: steps agree
    to about 2 digits.
    Raises `ValueError` for negative settings, a parameter that is no matrix, or another `adjust_lr_fn`.
    Source: Jordan et al., Muon: an optimizer for hidden layers in neural networks (2024).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        settings = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "nesterov": nesterov,
            "ns_coefficients": ns_coefficients,
            "eps": eps,
            "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Refuse settings outside their range, and parameters that are no matrices."""
        check_settings("Muon", group)
        if group["adjust_lr_fn"] not in (None, *ADJUSTMENTS):
            raise ValueError(
                f"Muon needs adjust_lr_fn as None or one of {', '.join(ADJUSTMENTS)}, got {group['adjust_lr_fn']!r}"
            )
        if len(group["ns_coefficients"]) != 3 or not 0 <= group["ns_steps"] < _MOST_STEPS:
            raise ValueError(
                f"Muon needs three ns_coefficients and ns_steps below {_MOST_STEPS}, got {group['ns_coefficients']} "
                f"and {group['ns_steps']}"
            )
        for p in group["params"]:
            if getattr(p, "ndim", 2) != 2:
                raise ValueError(
                    f"Muon needs matrices as parameters, got {p.described()}; give the rest to another optimizer"
                )

    def rule(self, group: Group) -> Update:
        """The class docstring as code."""
        lr, momentum = group["lr"], group["momentum"]

        def step(p: Data, g: Data, state: State) -> Data:
            buf = remembered(state, "momentum_buffer", p)
            buf += (1 - momentum) * (g - buf)
            u = orthogonal(g + momentum * (buf - g) if group["nesterov"] else buf, group)
            if group["weight_decay"]:
                p *= 1 - lr * group["weight_decay"]
            return lr * ADJUSTMENTS[group["adjust_lr_fn"] or "original"](*p.shape) * u

        return step


def orthogonal(u: Data, group: Group) -> Data:
    """A matrix with the singular vectors of `u` and singular values near 1, by Newton-Schulz iterations of degree 5."""
    a, b, c = group["ns_coefficients"]
    tall = u.shape[0] > u.shape[1]
    x = u.T if tall else u
    x = x / maximum(sqrt((x * x).sum()), group["eps"])  # no singular value above 1
    for _ in range(group["ns_steps"]):
        gram = x @ x.T
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x.T if tall else x
