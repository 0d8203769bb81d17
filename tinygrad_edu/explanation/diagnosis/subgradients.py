"""Slopes at kinks: relu at 0, abs at 0, a tie of maximum. Every slope between the one-sided ones is right."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Grads, Tape, both
from tinygrad_edu.explanation.diagnosis.matching import Matching
from tinygrad_edu.ops.elementwise import absolute, maximum, minimum, relu
from tinygrad_edu.reading.nodes import Array

Slopes = tuple[Variable, Array]  # a node, and a slope for each of its numbers

MAX_KINKS = 60  # numbers with a slope of their own
MAX_SWEEPS = 100
STEPS_AT_ONCE = 3  # of all slopes, before each sweep

# The ends of the slopes at a kink, less the slope that the engine takes.
SPANS: dict[Operation | None, tuple[float, float]] = {
    relu: (0.0, 1.0),
    absolute: (-1.0, 1.0),
    maximum: (-0.5, 0.5),
    minimum: (-0.5, 0.5),
}


def also_correct(matching: Matching) -> bool:
    """True if the numbers are right with other slopes at the kinks than the engine takes."""
    tape, e = matching.table.facts.tape, matching.evidence
    kinks = list(_kinks(tape))
    if not kinks:
        return False

    def moved(slopes: list[Slopes]) -> Array:
        """The numbers, in the order of the evidence."""
        return matching.table.row(_changes(tape, slopes))[matching.columns]

    if any(e.accepts(moved(_alike(kinks, where))) for where in (0, 0.5, 1)):
        return True
    moves = list(_moves(kinks))
    rows = np.array([moved([move]) - e.true for move in moves])
    spans = np.array([SPANS[node.operation] for node, _ in moves])
    slopes = _between(rows / e.tolerance, (e.numbers - e.true) / e.tolerance, spans)
    return bool(e.accepts(e.true + slopes @ rows))


def _kinks(tape: Tape) -> Iterator[Slopes]:
    """Each node with numbers that lie on a kink, and where these are."""
    for node in tape.nodes:
        if node in tape.grads and node.operation in SPANS:
            values = node.values()
            tied = np.equal(*np.broadcast_arrays(*values)) if len(values) == 2 else values[0] == 0
            if tied.any():
                yield node, tied


def _alike(kinks: list[Slopes], where: float) -> list[Slopes]:
    """The same slope at every kink: at `where` from the low end, 0, to the high end, 1, of its span."""
    spans = [SPANS[node.operation] for node, _ in kinks]
    return [(node, tied * (low + where * (high - low))) for (node, tied), (low, high) in zip(kinks, spans)]


def _changes(tape: Tape, slopes: list[Slopes]) -> Grads:
    """The changes of all gradients by more slope at some nodes; exact also where a kink lies behind a kink."""
    wrong: dict[Variable, Correction] = {}
    for node, more in slopes:
        for position, x in node.edges():
            wrong[x] = both(wrong.get(x), _more(node, position, more))
    return tape.differences(wrong)


def _more(node: Variable, position: int, slopes: Array) -> Correction:
    """A correction by more slope at the first input of `node`, or less at the second."""
    sign = 1 if position == 0 else -1
    return lambda grads, g: g + node.share(position, sign * slopes * grads[node], _whole)


def _between(rows: Array, target: Array, spans: Array) -> Array:
    """The slopes within their spans for which `slopes @ rows` comes nearest to `target`, in units of tolerance.

    All slopes inside their spans move at once, as far as the ends, which copes with nearly parallel rows; then one
    slope after the other moves, which takes those at an end back inside.
    """
    low, high = spans.T
    slopes = spans.mean(axis=1)
    squares = (rows * rows).sum(axis=1)
    for _ in range(MAX_SWEEPS):
        for _ in range(STEPS_AT_ONCE):
            inside = (low < slopes) & (slopes < high)
            slopes[inside] += np.linalg.lstsq(rows[inside].T, target - slopes @ rows)[0]
            slopes = np.clip(slopes, low, high)
        if np.abs(slopes @ rows - target).max() <= 1:
            break
        for i in np.flatnonzero(squares):
            left = target - slopes @ rows + slopes[i] * rows[i]
            slopes[i] = np.clip(rows[i] @ left / squares[i], low[i], high[i])
    return slopes


def _moves(kinks: list[Slopes]) -> Iterator[Slopes]:
    """One more unit of slope: at each number that lies on a kink, or if these are too many, at all of each node."""
    apart = sum(np.count_nonzero(tied) for _, tied in kinks) <= MAX_KINKS
    for node, tied in kinks:
        places = np.nonzero(tied)
        for place in zip(*places) if apart else [places]:
            unit = np.zeros_like(node.raw)
            unit[place] = 1
            yield node, unit


def _whole(g: Array, *_values: Array) -> Array:
    """The rule of an input that gets the whole gradient."""
    return g
