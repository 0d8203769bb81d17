"""How far the gradients of a graph are off if they are computed in single precision."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Tape
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.reading.recompute import rerun

_ENDS = np.array([-np.inf, np.inf], np.float32)


def errors(tape: Tape) -> dict[Variable, float]:
    """The largest error in each gradient if all values and gradients are rounded to single precision.

    Those of a graph in single precision are moved by one unit of their last bit, up or down.
    """
    rng = np.random.default_rng(0)

    def rounded(value: Array) -> Array:
        if value.dtype == np.float32:
            return np.nextafter(value, rng.choice(_ENDS, value.shape))
        return np.asarray(value.astype(np.float32).astype(np.float64)) if value.dtype == np.float64 else value

    with np.errstate(all="ignore"):
        leaves = {x: rounded(x.raw) for x in tape.leaves}
        copies = rerun(tape.loss, leaves, lambda _, value: rounded(value), _overwritten(tape))
        wrong: dict[Variable, Correction] = {copies[x]: lambda grads, g: rounded(g) for x in tape.grads}
        again = Tape(copies[tape.loss], wrong).grads
        found = {x: np.abs(again[copies[x]] - g) for x, g in tape.grads.items() if copies[x] in again}
    return {x: float(error[np.isfinite(error)].max(initial=0)) for x, error in found.items()}


def _overwritten(tape: Tape) -> dict[Variable, Array]:
    """The values in the graph that were not computed from the others, but are the student's."""
    copies = rerun(tape.loss, {})
    return {
        x: x.raw
        for x in tape.nodes
        if not np.allclose(copies[x].raw, x.raw, rtol=1e-9, atol=0, equal_nan=True)
    }
