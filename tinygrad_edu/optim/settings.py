"""Settings of a parameter group: Python's numbers, the learning rate as a rule reads it, and their ranges."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from reprlib import repr as short
from typing import Any, Self

import numpy as np

from tinygrad_edu.engine.hyperparameter import Hyperparameter
from tinygrad_edu.tensor.tensor import Tensor

Group = dict[str, Any]

SCHEDULED = ("lr", "momentum", "betas")  # what schedules change
FLAGS = ("maximize", "nesterov", "amsgrad", "centered", "decoupled_weight_decay")
# PyTorch's words for how a step is computed on its hardware: the numbers are the same.
HARDWARE = {"foreach": None, "fused": None, "capturable": False, "differentiable": False}


class Settings(Group):
    """A group in which NumPy's numbers become Python's as they are put in.

    They would make a step on float32 compute in float64, and be another step than what watchers see.
    """

    version = 0  # how often anything was put in or taken out: plans ask whether it is the same

    def __init__(self, group: Group) -> None:
        super().__init__()
        self.update(group)

    def __setitem__(self, key: str, value: Any) -> None:
        self.version += 1
        if key == "lr":
            _check_rate(value)
        super().__setitem__(key, value if key in ("lr", "params") and _is_tensor(value) else _plain(value))

    def update(self, *groups: Any, **settings: Any) -> None:
        """Put in several settings."""
        for key, value in dict(*groups, **settings).items():
            self[key] = value

    def __ior__(self, group: Any) -> Self:  # type: ignore[override,misc]
        self.update(group)
        return self

    def __delitem__(self, key: str) -> None:
        self.version += 1
        super().__delitem__(key)

    def pop(self, key: str, *default: Any) -> Any:
        """Take a setting out."""
        self.version += 1
        return super().pop(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The setting, put in if there is none."""
        if key not in self:
            self[key] = default
        return self[key]


def _is_tensor(value: Any) -> bool:
    return isinstance(value, Tensor)


def _check_rate(value: Any) -> None:
    if isinstance(value, Tensor):
        if value.numel() != 1:
            raise ValueError(f"an optimizer needs lr as one number, got a Tensor of shape {value.shape}")
    elif isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"an optimizer needs lr as a number, got {type(value).__name__} {short(value)}")


def _plain(value: Any) -> Any:
    """A number of NumPy, or a Tensor of one number, as Python's; also in a tuple of two, such as `betas`."""
    if isinstance(value, np.floating | np.integer):
        return float(value) if isinstance(value, np.floating) else int(value)
    if isinstance(value, Tensor) and value.numel() == 1:
        return value.item()
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value


# What schedules change.


class Scheduled(Hyperparameter):
    """A learning rate, momentum or beta in a watched step: a plan computes anew what is made of it, as it is a Tensor.

    A plain float would forget where it came from at `1 - lr * weight_decay`.
    """


def _with_tensor(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The operator `lr * 2` and the reflected one, in which the other number is a Tensor."""
    compute = getattr(operator, f"__{name}__")

    def forward(self: Scheduled, other: Any) -> Any:
        return NotImplemented if isinstance(other, Tensor) else compute(self, _tensor(other))

    def reflected(self: Scheduled, other: Any) -> Any:
        return compute(_tensor(other), self)

    return forward, reflected


def _tensor(x: float) -> Tensor:
    return Tensor(1.0) * x if isinstance(x, Hyperparameter) else Tensor(float(x))


for _name in ("add", "sub", "mul", "truediv", "pow"):
    _forward, _reflected = _with_tensor(_name)
    setattr(Scheduled, f"__{_name}__", _forward)
    setattr(Scheduled, f"__r{_name}__", _reflected)
Scheduled.__neg__ = lambda self: Tensor(-1.0) * self  # type: ignore[method-assign, assignment, return-value]


def as_read(group: Group, watched: bool, single: bool = False) -> Group:
    """The settings as a rule reads them: the learning rate as a float, or for watchers as what they can follow.

    `single`: for parameters of one number, beside which a learning rate in a Tensor has a say in the dtype.
    """
    lr = group.get("lr")
    if watched:
        read: Group = {key: Scheduled(group, key) for key in ("lr", "momentum") if may_change(group, key)}
        if may_change(group, "betas"):
            read["betas"] = (Scheduled(group, "betas", 0), group["betas"][1])
        if isinstance(lr, Tensor):
            read["lr"] = lr.detach().reshape(()).double()
        return {**group, **read}
    if isinstance(lr, Tensor):
        return {**group, "lr": np.float64(lr.raw.item()) if single else lr.raw.item()}
    return group


def may_change(group: Group, key: str) -> bool:
    """True for a setting that plans follow: momentum and betas not beside parameters of one number.

    With these, `(1 - beta) * g` would be computed in the dtype of the number that a plan makes of beta.
    """
    alone = key != "lr" and any(not p.ndim for p in group["params"])
    return is_scheduled(group, key) and not alone


def is_scheduled(group: Group, key: str) -> bool:
    """True for a setting that may change from step to step: what is 0 stays 0, as rules leave out what it scales."""
    value = group.get(key)
    if key == "betas":
        return isinstance(value, tuple | list) and all(type(beta) is float and beta for beta in value)
    return key in ("lr", "momentum") and type(value) in (int, float) and (key == "lr" or bool(value))


def fixed_part(group: Group, key: str) -> Any:
    """What of a scheduled setting may not change: of `betas` the second; None if nothing of it may any more."""
    if not is_scheduled(group, key):
        return None
    return (group[key][1],) if key == "betas" else ()


# Ranges.


def check_settings(name: str, group: Group, *, signed: tuple[str, ...] = ()) -> None:
    """Refuse numbers below 0, unless `signed`, and what is not True or False where a word is a switch.

    Raises `TypeError` and `ValueError`; `name` is that of the optimizer.
    """
    for key, value in group.items():
        if key in FLAGS or key in ("capturable", "differentiable"):
            if not isinstance(value, bool):
                raise TypeError(f"{name} needs {key} as True or False, got {value!r}")
        elif key in ("foreach", "fused"):
            if not isinstance(value, bool | None):
                raise TypeError(f"{name} needs {key} as True, False or None, got {value!r}")
        elif key in NUMBERS:
            check_number(name, key, value, -math.inf if key in signed else 0)


NUMBERS = frozenset({
    "lr", "momentum", "dampening", "weight_decay", "eps", "rho", "alpha", "lambd", "t0", "lr_decay",
    "initial_accumulator_value", "momentum_decay", "d", "beta2_decay",
})  # fmt: skip


def check_number(name: str, key: str, value: Any, low: float = 0, high: float = math.inf) -> None:
    """Refuse what is not a finite number from `low` to `high`."""
    given = value.item() if isinstance(value, Tensor) and value.numel() == 1 else value
    if isinstance(given, bool) or not isinstance(given, int | float | np.integer | np.floating):
        shape = f" of shape {value.shape}" if isinstance(value, Tensor) else ""
        raise TypeError(f"{name} needs {key} as a number, got {value!r}{shape}")
    if not (low <= given <= high and math.isfinite(given)):
        wanted = f"{key} of {low} or more" if high == math.inf else f"{key} from {low} to {high}"
        raise ValueError(f"{name} needs {wanted}, got {given}")


def check_betas(name: str, betas: Any) -> None:
    """Refuse what is not two numbers from 0 up to, but not equal to, 1."""
    if not isinstance(betas, tuple | list) or len(betas) != 2:
        raise TypeError(f"{name} needs betas as two numbers, got {short(betas)}")
    if isinstance(betas[0], Tensor) != isinstance(betas[1], Tensor):
        raise ValueError(f"{name} needs betas as two numbers or two Tensors, got {short(tuple(betas))}")
    for beta in betas:
        check_number(name, "each of betas", beta)
        if beta >= 1:
            raise ValueError(f"{name} needs each of betas below 1, got {tuple(betas)}")
