"""How far the gradients of a graph are off if they are computed in single precision."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Tape
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.reading.recompute import rerun


def errors(tape: Tape) -> dict[Variable, float]:
    """The largest error in each gradient if all values and gradients are rounded to single precision."""
    leaves = {x: _single(x, x.raw) for x in tape.leaves}
    with np.errstate(all="ignore"):
        copies = rerun(tape.loss, leaves, after=_single)
        rounded: dict[Variable, Correction] = {copies[x]: lambda grads, g: _rounded(g) for x in tape.grads}
        again = Tape(copies[tape.loss], rounded).grads
        found = {x: np.abs(again[copies[x]] - g) for x, g in tape.grads.items() if copies[x] in again}
    return {x: float(error[np.isfinite(error)].max(initial=0)) for x, error in found.items()}


def _single(_: Variable, value: Array) -> Array:
    return _rounded(value) if value.dtype == np.float64 else value


def _rounded(value: Array) -> Array:
    return np.asarray(value.astype(np.float32).astype(np.float64))
