"""Adam and AdamW: steps by running averages of the gradient and of its square, corrected for their start at 0."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.elementwise import maximum, sqrt
from tinygrad_edu.optim.optimizer import Optimizer, Update
from tinygrad_edu.optim.remembered import State, averages, counted, power, regularized, remembered
from tinygrad_edu.optim.settings import Group, check_betas, check_settings
from tinygrad_edu.tensor.tensor import Tensor


class Adam(Optimizer):
    """`p = p - lr * m / (sqrt(v) + eps)`, with m and v divided by what they lack for starting at 0.

    m = beta1 * m + (1 - beta1) * g, of which the t-th step takes m / (1 - beta1**t); v is the same of g * g with beta2,
    with `amsgrad` the greatest v so far. g = gradient (negated if `maximize`) + weight_decay * p; with
    `decoupled_weight_decay`, p shrinks by lr * weight_decay * p instead (AdamW).
    State: `step` t, `exp_avg` m, `exp_avg_sq` v, `max_exp_avg_sq`. `lr` may be a Tensor of one number.
    `foreach`, `fused`, `capturable` and `differentiable` are accepted: the numbers are the same.
    Raises `ValueError` for negative settings, or betas that are not below 1.
    Source: Kingma and Ba, Adam: a method for stochastic optimization (2015), algorithm 1; Reddi et al., On the
    convergence of Adam and beyond (2018).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Refuse settings outside their range."""
        name = type(self).__name__
        check_settings(name, group)
        check_betas(name, group["betas"])
        for key, value in (("lr", group["lr"]), ("betas", group["betas"][0])):
            if isinstance(value, Tensor) and group["foreach"] and not group["capturable"]:
                raise ValueError(f"{name} needs {key} as a number with foreach=True, got a Tensor")

    def rule(self, group: Group) -> Update:
        """The class docstring as code."""
        lr, (beta1, beta2), eps = group["lr"], group["betas"], group["eps"]

        def step(p: Data, g: Data, state: State) -> Data:
            t = counted(state, p)
            g = regularized(g, p, group)
            m, v = averages(state, p, g, (beta1, beta2))
            if group["amsgrad"]:
                greatest = remembered(state, "max_exp_avg_sq", p)
                greatest[...] = maximum(greatest, v)
                v = greatest
            correction1, correction2 = 1 - power(beta1, t), 1 - power(beta2, t)
            return lr / correction1 * m / (sqrt(v) / sqrt(correction2) + eps)

        return step


class AdamW(Adam):
    """Adam with decoupled weight decay: p shrinks by lr * weight_decay * p before each step.

    Source: Loshchilov and Hutter, Decoupled weight decay regularization (2019), algorithm 2.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )
