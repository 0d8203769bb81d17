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
    tape, e, row = matching.table.facts.tape, matching.evidence, matching.table.row
    kinks = list(_kinks(tape))
    if not kinks:
        return False
    if any(e.accepts(row(_with_one_slope(tape, kinks, where))[matching.columns]) for where in (0, 0.5, 1)):
        return True
    moves = list(_moves(tape, kinks))
    rows = np.array([row(tape.carried(changes))[matching.columns] - e.true for changes, _ in moves])
    slopes = _between(
        rows / e.tolerance, (e.numbers - e.true) / e.tolerance, np.array([span for _, span in moves])
    )
    return bool(e.accepts(e.true + slopes @ rows))


def _kinks(tape: Tape) -> Iterator[tuple[Variable, Array]]:
    """Each node with numbers that lie on a kink, and where these are."""
    for node in tape.nodes:
        if node in tape.grads and node.operation in SPANS:
            values = node.values()
            tied = np.equal(*np.broadcast_arrays(*values)) if len(values) == 2 else values[0] == 0
            if tied.any():
                yield node, tied


def _with_one_slope(tape: Tape, kinks: list[tuple[Variable, Array]], where: float) -> Grads:
    """The changes if every kink has the same slope: at `where` from the low end, 0, to the high end, 1, of its span.

    Exact also where a kink lies behind a kink.
    """
    wrong: dict[Variable, Correction] = {}
    for node, tied in kinks:
        low, high = SPANS[node.operation]
        for position, x in node.edges():
            wrong[x] = both(wrong.get(x), _more(node, position, tied * (low + where * (high - low))))
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


def _moves(tape: Tape, kinks: list[tuple[Variable, Array]]) -> Iterator[tuple[Grads, tuple[float, float]]]:
    """The changes by one more unit of slope, and the span of that slope: for each number, of too many for each node."""
    apart = sum(np.count_nonzero(tied) for _, tied in kinks) <= MAX_KINKS
    for node, tied in kinks:
        places = np.nonzero(tied)
        for place in zip(*places) if apart else [places]:
            unit = np.zeros_like(node.raw)
            unit[place] = tape.grads[node][place]
            yield _sent(node, unit), SPANS[node.operation]


def _sent(node: Variable, unit: Array) -> Grads:
    """The gradients that more slope at the first input, and less at the second, adds to both."""
    sent: Grads = {}
    for position, x in node.edges():
        share = node.share(position, unit if position == 0 else -unit, _whole)
        sent[x] = sent[x] + share if x in sent else share
    return sent


def _whole(g: Array, *_values: Array) -> Array:
    """The rule of an input that gets the whole gradient."""
    return g
