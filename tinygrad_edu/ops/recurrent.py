"""All steps of a long short-term memory in one operation, and all steps of its way back in another.

As a composition of a step's operations, a training step of a small LSTM takes more than four times as long: there is
little to compute in each operation, and the graph costs more than the arithmetic (`benchmarks/lstm_step.py`).

Both ways are stated twice. `_steps` and `_steps_back` are the formulas, for Tensors whose graph is recorded (second
derivatives), for symbols and for JAX. `lstm_steps` and `lstm_back` compute the same on arrays; `lstm_kernels` says what
a block is.
"""

from __future__ import annotations

import functools
import math
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.contractions import product
from tinygrad_edu.ops.elementwise import sigmoid, tanh
from tinygrad_edu.ops.lstm_kernels import blocks_of, put_inputs, run, run_back, slopes_of, with_g_first
from tinygrad_edu.ops.shape import cat
from tinygrad_edu.ops.tested import operation


def _steps(x: Data, w: Data, h: Data, c: Data) -> Data:
    """The blocks of all steps, one below the other."""
    n, h, c = h.shape[1], h.T, c.T
    blocks: list[Data] = []
    for t in range(x.shape[0]):
        z = x[t].T + product(w, h)
        i, f, o = (sigmoid(z[k * n : (k + 1) * n]) for k in (0, 1, 3))
        g = tanh(z[2 * n : 3 * n])
        before, c = c, f * c + i * g
        size = tanh(c)
        blocks += [h, before, g, f, i, o, size]
        h = o * size
    return cat(*blocks, h, c, dim=0)


def _steps_back(g: Data, w: Data, blocks: Data) -> Data:
    """The gradients of x, h and c, one behind the other."""
    _, steps, batch, n = g.shape
    parts = blocks.reshape((7 * steps + 2, n, batch))
    of_h, of_c = g[0][-1].T, g[1][-1].T
    of_x: list[Data] = []
    for t in reversed(range(steps)):
        _, c, new, f, i, o, size = (parts[7 * t + k] for k in range(7))
        of_c = of_c + of_h * o * (1 - size * size)
        of_i, of_f = of_c * new * i * (1 - i), of_c * c * f * (1 - f)
        of_g, of_o = of_c * i * (1 - new * new), of_h * size * o * (1 - o)
        of_x.append(cat(of_i, of_f, of_g, of_o, dim=0))
        of_h, of_c = product(w.T, of_x[-1]), of_c * f
        if t > 0:
            of_h, of_c = g[0][t - 1].T + of_h, g[1][t - 1].T + of_c
    return cat(*(x.T.reshape((-1,)) for x in (*of_x[::-1], of_h, of_c)), dim=0)


@operation(
    None,
    None,
    None,
    None,
    promotes=True,
    shape=lambda x, _w, h, _c: ((7 * x[0] + 2) * h[1], h[0]),
    scalars=_steps,
    jax="_steps(x, w, h, c)",
    example=lambda n: ([(2, n, 8), (8, 2), (n, 2), (n, 2)], {}),
)
def lstm_steps(
    x: np.ndarray, w: np.ndarray, h: np.ndarray, c: np.ndarray, out: np.ndarray | None = None
) -> np.ndarray:
    """The blocks of all steps of `lstm`, one below the other: ((7 T + 2) n, B).

    One tanh serves all gates, as `σ(z) = ½ + ½ tanh(½ z)`: the error of a small σ(z) is that of a number near 1.
    """
    steps, (batch, n), half = len(x), h.shape, np.array(0.5, x.dtype)
    blocks = np.empty(((7 * steps + 2) * n, batch), x.dtype) if out is None else out
    blocks[:n], blocks[n : 2 * n] = h.T, c.T
    put_inputs(blocks_of(blocks, steps, n), x, half)
    w = with_g_first(w, n)
    w[n:] *= half
    run(blocks, steps, w, half)
    return blocks


@operation(
    None,
    None,
    None,
    promotes=True,
    shape=lambda g, _w, _blocks: (g[1] * g[2] * 4 * g[3] + 2 * g[2] * g[3],),
    scalars=_steps_back,
    jax="_steps_back(g, w, blocks)",
    example=lambda n: ([(2, 2, n, 2), (8, 2), (32, n)], {}),
)
def lstm_back(g: np.ndarray, w: np.ndarray, blocks: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """The gradients of x, h and c of `lstm`, one behind the other, from that of its result and its blocks."""
    _, steps, batch, n = g.shape
    of_states = np.empty((2, steps + 1, n, batch), g.dtype)
    of_states[:, 0], of_states[:, 1:] = 0, g.swapaxes(2, 3)
    slopes, h_by_c = slopes_of(blocks_of(blocks, steps, n))
    run_back(of_states, slopes, h_by_c, with_g_first(w, n).T)
    size = steps * batch * 4 * n
    found = np.empty(size + 2 * batch * n, g.dtype) if out is None else out
    of_x = found[:size].reshape((steps, batch, 4, n)).transpose(0, 2, 3, 1)
    of_x[:, :3], of_x[:, 3] = slopes[:, 3:0:-1], slopes[:, 4]
    found[size:].reshape((2, batch, n))[...] = of_states[:, 0].swapaxes(1, 2)
    return found


def _in_one(whole: Any, steps: Callable[..., Data]) -> Callable[..., Data]:
    """The operation `whole` on arrays, and on Tensors of which no graph is wanted; else the formulas, `steps`."""

    @functools.wraps(steps)
    def call(first: Data, *rest: Data) -> Data:
        plain = isinstance(first, np.ndarray) and first.dtype.kind == "f"
        recorded = isinstance(first, Variable) and not current().recording
        return (whole if plain or recorded else steps)(first, *rest)

    return call


def _once(back: Callable[..., Any]) -> Callable[..., Any]:
    """Remember the result for an array `g`, which all rules of a node are given, as long as `g` lives."""
    kept: dict[tuple[int, int], Any] = {}

    @functools.wraps(back)
    def call(g: Data, w: Data, blocks: Data) -> Any:
        if g.__class__ is not np.ndarray:
            return back(g, w, blocks)
        key = id(g), id(blocks)
        if key not in kept:
            kept[key] = back(g, w, blocks), blocks, weakref.ref(g, lambda _: kept.pop(key, None))
        return kept[key][0]

    call.kept = kept  # type: ignore[attr-defined]
    return call


_back = _once(_in_one(lstm_back, _steps_back))


def _weight_rule(g: Data, _y: Data, _x: Data, w: Data, _h: Data, _c: Data, blocks: Data) -> Data:
    """The sum over all steps of d zᵀ h, as one product."""
    _, steps, batch, n = g.shape
    of_z = _back(g, w, blocks)[: steps * batch * 4 * n].reshape((steps * batch, 4 * n))
    hs = blocks_of(blocks, steps, n)[:, 0].swapaxes(1, 2).reshape((steps * batch, n))
    return product(of_z.T, hs)


@operation(
    lambda g, _y, like, w, _h, _c, blocks: _back(g, w, blocks)[: math.prod(like.shape)].reshape(like.shape),
    _weight_rule,
    lambda g, _y, _x, w, like, _c, blocks: _of_first(_back(g, w, blocks), like)[0],
    lambda g, _y, _x, w, _h, like, blocks: _of_first(_back(g, w, blocks), like)[1],
    common=_in_one(lstm_steps, _steps),
    promotes=True,
    shape=lambda x, _w, h, _c: (2, x[0], *h),
    scalars=lambda x, w, h, c: _states(_steps(x, w, h, c), h),
    jax="_states(parts, h)",
    example=lambda n: ([(2, n, 8), (8, 2), (n, 2), (n, 2)], {}),
)
def lstm(
    x: np.ndarray, _w: np.ndarray, h: np.ndarray, _c: np.ndarray, blocks: Data, out: np.ndarray | None = None
) -> np.ndarray:
    """h and c after each step: `c' = σ(f) c + σ(i) tanh(g)`, `h' = σ(o) tanh(c')`, with (i, f, g, o) = x[t] + h wᵀ.

    Shapes: x (T, B, 4n), w (4n, n), h and c (B, n) before the first step; the result (2, T, B, n), h first.
    """
    y = np.empty((2, len(x), *h.shape), x.dtype) if out is None else out
    parts = blocks.reshape((7 * len(x) + 2, *h.shape[::-1]))
    y[0], y[1] = parts[7::7].swapaxes(1, 2), parts[8::7].swapaxes(1, 2)
    return y


def _states(blocks: Data, h: Data) -> Data:
    """h after each step, then c after each step: (2, T, B, n)."""
    batch, n = h.shape
    steps = blocks.shape[0] // (7 * n)
    parts = blocks.reshape((7 * steps + 2, n, batch))
    return cat(parts[7::7], parts[8::7], dim=0).reshape((2, steps, n, batch)).swapaxes(2, 3)


def _of_first(every: Data, like: Data) -> Data:
    """The gradients of the first h and c, which stand last."""
    rows, n = like.shape
    return every[-2 * rows * n :].reshape((2, rows, n))
