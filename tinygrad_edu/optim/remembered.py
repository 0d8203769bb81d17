"""What update rules are written with: what is remembered of a parameter, its step count, and numbers made of that.

Each has two forms, as derivative rules have. In an ordinary step arrays are NumPy's and numbers Python's; if somebody
watches, as a plan does, all are Tensors. Both compute the same bits.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import CREATE, announce
from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.tensor.tensor import Tensor, around

State = dict[str, Any]


def remembered(state: State, key: str, like: Data, start: Any = 0.0) -> Data:
    """The array kept under `key`, of shape and dtype of `like`, to be changed in place; `start` everywhere at first."""
    kept = state.get(key)
    if kept is None:
        kept = state[key] = made(np.full_like(_raw(like), _raw(start)), key)
    return kept if isinstance(like, Tensor) else kept.raw


def averages(state: State, p: Data, g: Data, betas: tuple[Any, Any]) -> tuple[Data, Data]:
    """The running averages of g and of g * g, as Adam keeps them, after they have moved by `1 - beta` of these."""
    (beta1, beta2), m, v = betas, remembered(state, "exp_avg", p), remembered(state, "exp_avg_sq", p)
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * g * g
    return m, v


def remembered_number(state: State, key: str, p: Data, start: Any = 0.0) -> Data:
    """The single number kept under `key`, in float64; `overwrite` changes it."""
    kept = state.get(key)
    if kept is None:
        kept = state[key] = made(np.array(_raw(start), np.float64), key)
    if isinstance(p, Tensor):
        return kept
    # NumPy's own number where p is a single number, too: as two Tensors do, they compute in the wider dtype.
    return kept.raw[()] if p.ndim == 0 else kept.raw.item()


def overwrite(state: State, key: str, value: Data) -> None:
    """Put another value in the place of what is kept under `key`: always in the same Tensor, which a plan knows."""
    kept = state[key]
    if isinstance(value, Tensor):
        kept.assign(value)
    else:
        kept.raw[...] = value


def counted(state: State, p: Data) -> Data:
    """The number of this step of `p`, from 1 on, kept under "step"."""
    number = remembered_number(state, "step", p) + 1
    overwrite(state, "step", number)
    return number


def _raw(x: Data) -> Data:
    return x.raw if isinstance(x, Tensor) else x


def made(array: np.ndarray, name: str) -> Tensor:
    """A new Tensor to be remembered, which watchers see made of one number."""
    kept = around(array)
    kept.name = name
    announce(CREATE, 0.0, result=kept)
    return kept


# Numbers.


def power(base: Data, exponent: Data) -> Data:
    """`base ** exponent` of single numbers as NumPy computes it for arrays: Python's may differ in the last bit."""
    if isinstance(base, Tensor) or isinstance(exponent, Tensor):
        return ops.power(*(x if isinstance(x, Tensor) else Tensor(1.0) * x for x in (base, exponent)))
    return _power_of_numbers(base, exponent)


@functools.lru_cache(maxsize=256, typed=True)
def _power_of_numbers(base: Any, exponent: Any) -> Any:
    result = ops.power(np.array(base, np.float64), np.array(exponent, np.float64))
    return result if isinstance(base, np.floating) or isinstance(exponent, np.floating) else float(result)


def wide(x: Data, p: Data) -> Data:
    """A single number in float64, which changes the dtype of no array: of a p that is a number, as two Tensors do."""
    if isinstance(x, Tensor):
        return x.double()
    return np.float64(x) if p.ndim == 0 else float(x)


# Gradients.


def regularized(g: Data, p: Data, group: dict[str, Any]) -> Data:
    """The gradient of what is minimized: g, negated if the group maximizes, plus `weight_decay * p`.

    If the group has `decoupled_weight_decay`, p itself shrinks by `lr * weight_decay * p` instead.
    """
    g, decay = -g if group["maximize"] else g, group["weight_decay"]
    if decay and group.get("decoupled_weight_decay"):
        p *= wide(1 - group["lr"] * decay, p)
    elif decay:
        g = g + decay * p
    return g
