"""Rprop: steps by the signs of the gradient, longer while a sign stays and shorter where it changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.elementwise import greater, less, maximum, minimum, sign, where
from tinygrad_edu.optim.optimizer import Optimizer, Update
from tinygrad_edu.optim.remembered import State, counted, remembered
from tinygrad_edu.optim.settings import Group, check_settings


class Rprop(Optimizer):
    """`p = p - size * sign(g)`, where every number has a size of its own, `lr` at first.

    If the sign of g is that of the step before, size = size * etas[1]; if it is the opposite one, size = size * etas[0]
    and g counts as 0, in this step and as the one before the next. Sizes stay within `step_sizes`.
    State: `step`, `prev` (g of the step before), `step_size`. For whole batches: signs of small batches are noise.
    `foreach`, `capturable` and `differentiable` are accepted: the numbers are the same.
    Raises `ValueError` for a negative lr, or unless 0 < etas[0] < 1 < etas[1].
    Source: Riedmiller and Braun, A direct adaptive method for faster backpropagation learning (1993).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Refuse settings outside their range."""
        check_settings("Rprop", group)
        shorter, longer = group["etas"]
        if not 0 < shorter < 1 < longer:
            raise ValueError(f"Rprop needs 0 < etas[0] < 1 < etas[1], got {tuple(group['etas'])}")

    def rule(self, group: Group) -> Update:
        """The class docstring as code."""
        lr, (shorter, longer), (least, greatest) = group["lr"], group["etas"], group["step_sizes"]

        def step(p: Data, g: Data, state: State) -> Data:
            counted(state, p)
            g = -g if group["maximize"] else g
            before, size = remembered(state, "prev", p), remembered(state, "step_size", p, lr)
            agreement = g * before
            size *= where(greater(agreement, 0), longer, where(less(agreement, 0), shorter, 1.0))
            size[...] = minimum(maximum(size, least), greatest)
            g = where(less(agreement, 0), 0.0, g)
            before[...] = g
            return size * sign(g)

        return step
