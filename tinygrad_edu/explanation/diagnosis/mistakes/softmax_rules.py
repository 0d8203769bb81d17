"""Wrong rules of a softmax inside a network, as in attention, whether it is one operation or several."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Grads
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.known_activations import softmax as softmax_of
from tinygrad_edu.explanation.diagnosis.landmarks import elementwise_ancestors
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import (
    OUTPUT_DERIVATIVE_AND_LOSS,
    Hypothesis,
    Mistake,
    merged,
)
from tinygrad_edu.ops.elementwise import divide, multiply
from tinygrad_edu.ops.softmax import softmax
from tinygrad_edu.reading.nodes import Array

SKIPPED = "softmax-derivative-skipped"
WRONG_AXIS = "softmax-wrong-axis"
SoftmaxRule = Callable[[Array, Array, int], Array]  # (g, y, axis) -> gradient
SOFTMAX: list[tuple[str, int, str, SoftmaxRule]] = [
    ("softmax-diagonal-only", 21, "only the diagonal of the softmax Jacobian", lambda g, y, axis: g * y * (1 - y)),
    (SKIPPED, 22, "the softmax derivative left out", lambda g, y, axis: g),
    ("softmax-derivative-unfinished", 21, "the softmax Jacobian without its subtraction", lambda g, y, axis: g * y),
    (WRONG_AXIS, 25, "the sum of the softmax derivative along another axis",
     lambda g, y, axis: y * (g - (g * y).sum(axis=axis - 1, keepdims=True))),
    (WRONG_AXIS, 25, "the sum of the softmax derivative over everything", lambda g, y, axis: y * (g - (g * y).sum())),
    ("softmax-derivative-unfinished", 21, "the mean in place of the sum in the softmax derivative",
     lambda g, y, axis: y * (g - (g * y).mean(axis=axis, keepdims=True))),
]  # fmt: skip


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """The rule of softmax replaced, at every softmax, and at all of them."""
    found = []
    for node in facts.tape.nodes:
        for z, axis in _inputs(node) if node in facts.tape.grads else ():
            under = any(head.kind == "squared" and head.z is node for head in facts.heads)
            for name, number, what, rule in SOFTMAX if node.raw.ndim > 1 else SOFTMAX[:3]:
                also = (OUTPUT_DERIVATIVE_AND_LOSS,) if under and name == SKIPPED else ()
                mistake = Mistake(
                    name, number, f"the true gradient with {what} at {{at}}", "", JACOBIAN, also
                )
                at_words = {
                    "at": facts.names.node(node),
                    "p": facts.names.letter(node, "p"),
                    "z": facts.names.letter(z, "z"),
                    "axis": str(axis),
                    "variant": what,
                }
                found.append(Hypothesis(mistake, node, {z: _instead(node, rule, axis)}, at_words))
    yield from found
    yield from merged(found)


def _inputs(node: Variable) -> Iterator[tuple[Variable, int]]:
    """The input of a softmax and its axis: none if `node` is no softmax, by its numbers."""
    if node.operation is softmax:
        yield node.inputs[0], node.settings["dim"] % node.raw.ndim
    elif node.operation in (divide, multiply) and node.raw.ndim:
        found = [
            (z, axis) for z in elementwise_ancestors(node) for axis in range(z.raw.ndim) if _is(node, z, axis)
        ]
        yield from found[-1:]  # the furthest: exp(z - max(z)) is the same of z


def _is(node: Variable, z: Variable, axis: int) -> bool:
    with np.errstate(over="ignore", invalid="ignore"):
        return z.raw.shape[axis] > 1 and np.allclose(node.raw, softmax_of(z.raw, axis), rtol=1e-9, atol=1e-12)


def _instead(node: Variable, rule: SoftmaxRule, axis: int) -> Correction:
    def correction(grads: Grads, g: Array) -> Array:
        y, upstream = node.raw, grads[node]
        right = y * (upstream - (upstream * y).sum(axis=axis, keepdims=True))
        return np.asarray(g - right + rule(upstream, y, axis))

    return correction


JACOBIAN = "d{z} = {p} * (d{p} - (d{p} * {p}).sum(axis={axis}, keepdims=True))"
