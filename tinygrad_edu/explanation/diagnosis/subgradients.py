"""At a kink every slope between the one-sided ones is right: relu at 0, a tie of maximum, abs at 0."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Grads, Tape
from tinygrad_edu.explanation.diagnosis.matching import Question
from tinygrad_edu.ops.elementwise import absolute, maximum, minimum, relu
from tinygrad_edu.reading.nodes import Array

MOST_KINKS = 60  # numbers that are taken one by one
SWEEPS = 100

# How far the slope may go from the one the engine takes, in both directions.
SPANS = {relu: (0.0, 1.0), absolute: (-1.0, 1.0), maximum: (-0.5, 0.5), minimum: (-0.5, 0.5)}


def also_correct(question: Question) -> bool:
    """Whether the numbers are right with other slopes at the kinks than the engine takes."""
    tape, e = question.pool.scene.tape, question.evidence
    moves = list(_moves(tape))[:MOST_KINKS]
    if not moves:
        return False
    rows = np.array(
        [question.pool.row(tape.carried(changes))[question.columns] - e.true for changes, _ in moves]
    )
    slopes = _between(
        rows / e.tolerance, (e.numbers - e.true) / e.tolerance, np.array([span for _, span in moves])
    )
    return bool(e.accepts(e.true + slopes @ rows))


def _between(rows: Array, wanted: Array, spans: Array) -> Array:
    """The slopes within their spans that come nearest to what is wanted.

    The nearest of all, counted from the middle of the spans, is cut off at their ends; then one after the other moves.
    """
    middle = spans.mean(axis=1)
    nearest = middle + np.linalg.lstsq(rows.T, wanted - middle @ rows)[0]
    slopes = np.clip(nearest, *spans.T)
    squares = (rows * rows).sum(axis=1)
    for _ in range(SWEEPS):
        for i in np.flatnonzero(squares):
            left = wanted - slopes @ rows + slopes[i] * rows[i]
            slopes[i] = np.clip(rows[i] @ left / squares[i], *spans[i])
    return slopes


def _moves(tape: Tape) -> Iterator[tuple[Grads, tuple[float, float]]]:
    """The changes that one more unit of slope makes at each number that lies on a kink, and the span of that slope."""
    for node in tape.nodes:
        if node in tape.grads and node.operation in SPANS:
            values = node.values()
            tied = np.equal(*np.broadcast_arrays(*values)) if len(values) == 2 else values[0] == 0
            for where in zip(*np.nonzero(tied)):
                unit = np.zeros_like(node.raw)
                unit[where] = tape.grads[node][where]
                yield _sent(node, unit), SPANS[node.operation]


def _sent(node: Variable, unit: Array) -> Grads:
    """What more slope at the first input, and less at the second, adds to the gradients of both."""
    sent: Grads = {}
    for position, x in node.edges():
        share = node.share(position, unit if position == 0 else -unit, _whole)
        sent[x] = sent[x] + share if x in sent else share
    return sent


def _whole(g: Array, *_values: Array) -> Array:
    """The rule of an input that gets the whole gradient."""
    return g
