"""All steps of a long short-term memory in one operation.

As a composition of a step's operations, a training step of a small LSTM takes more than four times as long: there is
little to compute in each operation, and the graph costs more than the arithmetic (`benchmarks/lstm_step.py`).
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from itertools import chain
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import array_kernels
from tinygrad_edu.ops.contractions import product
from tinygrad_edu.ops.elementwise import sigmoid, tanh
from tinygrad_edu.ops.shape import cat
from tinygrad_edu.ops.tested import operation

_BLOCK = 2**15  # numbers of gates whose slopes are computed at once: they stay in the cache


def _joined(*parts: Data, dim: int = 0) -> Data:
    """`cat`, of arrays without a detour."""
    return np.concatenate(parts, dim) if parts[0].__class__ is np.ndarray else cat(*parts, dim=dim)


def _kernels(x: Data) -> tuple[Callable[..., Data], ...]:
    """Product, tanh and sigmoid: of arrays without a detour, which takes a tenth of the time of a small step."""
    if x.__class__ is np.ndarray and x.dtype.kind == "f":
        return np.dot, np.tanh, array_kernels.sigmoid
    return product, tanh, sigmoid


def _steps(x: Data, w: Data, h: Data, c: Data) -> tuple[Data, ...]:
    """The sigmoids of all gates for each step; then tanh(g) for each step; then c, tanh(c) and h."""
    dot, tanh, sigmoid = _kernels(x)
    w, n = w.T, h.shape[1]
    f, g = slice(n, 2 * n), slice(2 * n, 3 * n)
    steps = []
    for t in range(x.shape[0]):
        gates = x[t] + dot(h, w)
        opened, new = sigmoid(gates), tanh(gates[:, g])
        c = opened[:, f] * c + opened[:, :n] * new
        size = tanh(c)
        h = opened[:, 3 * n :] * size
        steps.append((opened, new, c, size, h))
    return tuple(chain.from_iterable(zip(*steps, strict=True)))


def _once(sweep: Callable[..., Any]) -> Callable[..., Any]:
    """Remember the result for an array `g`, which all rules of a node are given, as long as `g` lives."""
    kept: dict[tuple[int, int], Any] = {}

    @functools.wraps(sweep)
    def call(g: Data, w: Data, c: Data, parts: tuple[Data, ...]) -> Any:
        if g.__class__ is not np.ndarray:
            return sweep(g, w, c, parts)
        key = id(g), id(parts)
        if key not in kept:
            kept[key] = sweep(g, w, c, parts), parts, weakref.ref(g, lambda _: kept.pop(key, None))
        return kept[key][0]

    call.kept = kept  # type: ignore[attr-defined]
    return call


@_once
def _sweep(g: Data, w: Data, c: Data, parts: tuple[Data, ...]) -> tuple[Data, Data]:
    """From the last step to the first: the gradients of the gates of all steps, a row each, and of the first c."""
    steps, (batch, n) = len(parts) // 5, c.shape
    opened, new, cs, size, _ = _kinds(parts, steps)
    before, dot = (c, *cs[:-1]), _kernels(g)[0]
    of_hs, of_cs = g[0], g[1]
    gates: list[Data] = []
    earlier: Data = None
    block = max(1, _BLOCK // (4 * n * batch))
    for end in range(steps, 0, -block):
        part = slice(max(end - block, 0), end)
        by_c, by_h, c_by_h, kept = _slopes(*(_stacked(each[part]) for each in (opened, new, size, before)))
        for t in reversed(range(part.start, end)):
            k, of_h, of_c = t - part.start, of_hs[t], of_cs[t]
            if gates:
                of_h, of_c = of_h + dot(gates[-1], w), of_c + earlier
            of_c = of_c + of_h * c_by_h[k]
            of_gates = (by_c[k] * of_c.reshape((batch, 1, n))).reshape((batch, 3 * n))
            gates.append(_joined(of_gates, by_h[k] * of_h, dim=1))
            earlier = of_c * kept[k]
    return _joined(*gates[::-1]), earlier


def _slopes(opened: Data, new: Data, size: Data, before: Data) -> tuple[Data, Data, Data, Data]:
    """For some steps: d c / d gates (i, f, g), d h / d gate o, d h / d c, and d c / d c of the step before."""
    steps, batch, n = size.shape
    i, f, o = (opened[..., k * n : (k + 1) * n] for k in (0, 1, 3))
    slope = opened * (1 - opened)
    by_c = _joined(new * slope[..., :n], before * slope[..., n : 2 * n], i * (1 - new * new), dim=2)
    return by_c.reshape((steps, batch, 3, n)), size * slope[..., 3 * n :], o * (1 - size * size), f


def _kinds(parts: tuple[Data, ...], steps: int) -> list[tuple[Data, ...]]:
    return [parts[k * steps : (k + 1) * steps] for k in range(5)]


def _stacked(parts: tuple[Data, ...]) -> Data:
    return _joined(*parts).reshape((len(parts), *parts[0].shape))


def _weight_rule(g: Data, _y: Data, _x: Data, w: Data, h: Data, c: Data, parts: tuple[Data, ...]) -> Data:
    *_, hs = _kinds(parts, len(parts) // 5)
    return product(_sweep(g, w, c, parts)[0].T, _joined(h, *hs[:-1]))


def _state_rule(g: Data, _y: Data, _x: Data, w: Data, like: Data, c: Data, parts: tuple[Data, ...]) -> Data:
    return product(_sweep(g, w, c, parts)[0][: like.shape[0]], w)


@operation(
    lambda g, _y, like, w, _h, c, parts: _sweep(g, w, c, parts)[0].reshape(like.shape),
    _weight_rule,
    _state_rule,
    lambda g, _y, _x, w, _h, c, parts: _sweep(g, w, c, parts)[1],
    common=_steps,
    promotes=True,
    shape=lambda x, _w, h, _c: (2, x[0], *h),
    scalars=lambda x, w, h, c: _joined(*_states(_steps(x, w, h, c))).reshape((2, x.shape[0], *h.shape)),
    jax="np.concatenate(_states(parts)).reshape((2, len(x), *h.shape))",
    example=lambda n: ([(2, n, 8), (8, 2), (n, 2), (n, 2)], {}),
)
def lstm(x: Data, _w: Data, h: Data, _c: Data, parts: tuple[Data, ...]) -> np.ndarray:
    """h and c after each step: `c' = σ(f) c + σ(i) tanh(g)`, `h' = σ(o) tanh(c')`, with (i, f, g, o) = x[t] + h wᵀ.

    Shapes: x (T, B, 4n), w (4n, n), h and c (B, n) before the first step; the result (2, T, B, n), h first.
    """
    return _joined(*_states(parts)).reshape((2, x.shape[0], *h.shape))


def _states(parts: tuple[Data, ...]) -> tuple[Data, ...]:
    """h of all steps, then c of all steps."""
    steps = len(parts) // 5
    return (*parts[4 * steps :], *parts[2 * steps : 3 * steps])
