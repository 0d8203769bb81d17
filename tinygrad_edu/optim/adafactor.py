"""Adafactor: Adam's squares of a matrix kept as one number for each row and for each column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.elementwise import maximum, minimum, sqrt
from tinygrad_edu.optim.optimizer import Optimizer, Update
from tinygrad_edu.optim.remembered import State, counted, power, remembered, wide
from tinygrad_edu.optim.settings import Group, check_number, check_settings


class Adafactor(Optimizer):
    """`p = p - alpha * u / max(1, rms(u) / d)` with u = g / sqrt(v), after p has shrunk by lr * weight_decay * p.

    alpha = max(eps[1], rms(p)) * min(lr, 1 / sqrt(t)) in the t-th step, where rms is the root mean square of all
    numbers. v = row * column / mean(row): running averages of the means of g * g over rows and over columns, to which
    the new ones are added with weight t**beta2_decay. Of a p that is no matrix, v is the average of g * g itself.
    g = gradient, negated if `maximize`. eps[0] keeps v from 0; None is the precision of the dtype of p.
    State: `step` t, `row_var` and `col_var`, or `variance`.
    `foreach` is accepted: the numbers are the same.
    Raises `ValueError` for negative settings, beta2_decay above 0 or d below 1.
    Source: Shazeer and Stern, Adafactor: adaptive learning rates with sublinear memory cost (2018), algorithms 4 and 5.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Refuse settings outside their range."""
        small, least = group["eps"]
        check_settings("Adafactor", {**group, "eps": least}, signed=("beta2_decay",))
        check_number("Adafactor", "eps[0]", 0 if small is None else small)
        check_number("Adafactor", "d", group["d"], 1)
        if group["beta2_decay"] > 0:
            raise ValueError(f"Adafactor needs beta2_decay of 0 or less, got {group['beta2_decay']}")

    def rule(self, group: Group) -> Update:
        """The class docstring as code."""
        lr, (small, least), d = group["lr"], group["eps"], group["d"]

        def rms(x: Data) -> Data:
            return sqrt(wide((x * x).mean(), x))

        def step(p: Data, g: Data, state: State) -> Data:
            t = counted(state, p)
            g = -g if group["maximize"] else g
            eps = float(np.finfo(p.dtype).eps) if small is None else small
            alpha = maximum(rms(p), least) * minimum(1 / sqrt(t), lr)
            if group["weight_decay"]:
                p *= wide(1 - lr * group["weight_decay"], p)
            v = _variance(g, state, power(t, group["beta2_decay"]), eps)
            u = g / sqrt(maximum(v, eps * eps))
            return alpha / maximum(rms(u) / d, 1.0) * u

        return step


def _variance(g: Data, state: State, weight: Data, eps: float) -> Data:
    """The running average of g * g, of a matrix as the product of that of rows and that of columns."""
    square = g * g
    if g.ndim < 2:
        return _averaged(state, "variance", square, weight)
    row = _averaged(state, "row_var", square.mean(axis=-1, keepdims=True), weight)
    column = _averaged(state, "col_var", square.mean(axis=-2, keepdims=True), weight)
    return row * column / maximum(row.mean(axis=-2, keepdims=True), eps)


def _averaged(state: State, key: str, new: Data, weight: Data) -> Data:
    """What is kept under `key`, moved towards `new` by `weight`."""
    average = remembered(state, key, new)
    average += weight * (new - average)
    return average
