"""How far the gradients of a graph are off if they are computed in single precision."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Tape
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.reading.recompute import rerun


def errors(tape: Tape) -> dict[Variable, float]:
    """The largest error in each gradient if all values on the way forward are rounded to single precision.

    Differences of nearly equal numbers, as p - y, show there; rounding on the way back is small beside it.
    """
    leaves = {x: _single(x, x.raw) for x in tape.leaves}
    with np.errstate(all="ignore"):
        copies = rerun(tape.loss, leaves, after=_single)
        again = Tape(copies[tape.loss]).grads
        found = {x: np.abs(again[copies[x]] - g) for x, g in tape.grads.items() if copies[x] in again}
    return {x: float(error[np.isfinite(error)].max(initial=0)) for x, error in found.items()}


def _single(_: Variable, value: Array) -> Array:
    return value.astype(np.float32).astype(value.dtype) if value.dtype == np.float64 else value
