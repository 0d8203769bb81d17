"""Wrong rules of a softmax that is an operation of its own, as in attention."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tinygrad_edu.explanation.diagnosis.faulty_backward import Rule, instead
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import (
    OUTPUT_DERIVATIVE_AND_LOSS,
    Hypothesis,
    Mistake,
    merged,
)
from tinygrad_edu.ops.softmax import softmax
from tinygrad_edu.reading.nodes import Array

SKIPPED = "softmax-derivative-skipped"
WRONG_AXIS = "softmax-wrong-axis"
SOFTMAX: list[tuple[str, int, str, Callable[[Array, Array, int], Array]]] = [
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
    """The rule of softmax replaced, at every softmax that is an operation of its own, and at all of them."""
    found = []
    for node in facts.tape.nodes:
        if node.operation is softmax and node in facts.tape.grads:
            z, axis = node.inputs[0], node.settings["dim"] % node.raw.ndim
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
                override = instead(node, 0, _of_result(rule, axis))
                found.append(Hypothesis(mistake, node, {z: override}, at_words))
    yield from found
    yield from merged(found)


def _of_result(rule: Callable[[Array, Array, int], Array], axis: int) -> Rule:
    """A rule that reads only the result."""
    return lambda g, y, *_values, **_settings: rule(g, y, axis)


JACOBIAN = "d{z} = {p} * (d{p} - (d{p} * {p}).sum(axis={axis}, keepdims=True))"
