"""Mistakes at the heads of a network: in the output's derivative, the target, or a term of the loss."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.known_activations import sigmoid, softmax
from tinygrad_edu.explanation.diagnosis.landmarks import Head
from tinygrad_edu.explanation.diagnosis.mistakes.layer_corrections import ith
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import (
    BY_PLACE,
    OUTPUT_DERIVATIVE_AND_LOSS,
    PRECISE,
    Hypothesis,
    Mistake,
)
from tinygrad_edu.reading.nodes import Array


class Delta(NamedTuple):
    """A wrong delta in place of p - y."""

    id: str
    number: int
    what: str
    text: str
    of: Callable[[Head], Array]
    also: tuple[int, ...] = ()
    rank: int = PRECISE
    scaled: bool = True  # False if `text` has the factor of the loss already


def _one_hot(p: Array, axis: int) -> Array:
    return np.equal(p, p.max(axis=axis, keepdims=True)) * 1.0


def _through_softmax(h: Head, g: Array) -> Array:
    """The softmax Jacobian at `p`, times `g`."""
    return h.p * (g - (g * h.p).sum(axis=h.axis, keepdims=True))


def _over_examples(h: Head) -> Array:
    return softmax(h.z.raw, 1 - h.axis)


def _over_all(h: Head) -> Array:
    return softmax(h.z.raw, None)


def _reached(h: Head, g: Array) -> Array:
    """The gradient `g` at p, taken back through the output's activation."""
    return _through_softmax(h, g) if h.kind == "softmax" else g * h.p * (1 - h.p)


def _rolled(by: int, axis: int) -> Callable[[Head], Array]:
    return lambda h: h.p - np.roll(h.y, by, axis)


MAX_EXAMPLES = 64  # each tried alone, and left out
WRONG_AXIS = "softmax-wrong-axis"
ALONE = Mistake("one-sample-only", 7, "the gradient of {example} alone{times}", fix="a sum over all examples")
LEFT_OUT = Mistake("sample-left-out", 7, "the true gradient without {example}", fix="a sum over all examples")

# fmt: off
TARGETS = [
    Delta("target-missing", 26, "the target not subtracted", "{p}", lambda h: h.p),
    Delta("target-everywhere", 26, "1 subtracted everywhere, not only where the target is", "({p} - 1)",
          lambda h: h.p - 1),
    Delta("prediction-for-probability", 26, "the predicted class in place of its probability",
          "(onehot(argmax({p})) - {y})",
          lambda h: _one_hot(h.p, h.axis) - h.y),
]
OUTPUT_AGAIN = Delta("output-derivative-again", OUTPUT_DERIVATIVE_AND_LOSS, "the output's derivative once more",
                     "({p} - {y}) * {p} * (1 - {p})", lambda h: (h.p - h.y) * h.p * (1 - h.p))
SHIFTS = [
    Delta("target-shifted", 26, f"the target one {{{what}}} off", f"({{p}} - roll({{y}}, {by}, {axis}))",
          _rolled(by, axis))
    for axis, what in ((-1, "last"), (0, "first")) for by in (1, -1)
]
TABLE = {
    "softmax": [
        *TARGETS, *SHIFTS,
        Delta("target-as-one-hot", 26, "the most likely class of the target in place of its probabilities",
              "({p} - onehot(argmax({y})))", lambda h: h.p - _one_hot(h.y, h.axis)),
        Delta("softmax-diagonal-only", 21, "only the diagonal of the softmax Jacobian", "-{y} * (1 - {p})",
              lambda h: -h.y * (1 - h.p)),
        Delta("softmax-derivative-skipped", 22,
              "the softmax derivative left out: -{y} / {p} is the gradient of {p}, not yet that of {z},", "-{y} / {p}",
              lambda h: -h.y / h.p),
        OUTPUT_AGAIN,
        Delta("output-derivative-again", OUTPUT_DERIVATIVE_AND_LOSS, "the softmax derivative once more",
              "J({p}) @ ({p} - {y})", lambda h: _through_softmax(h, h.p - h.y)),
        Delta("softmax-twice", 24, "softmax applied twice", "J({p}) @ (softmax({p}) - {y})",
              lambda h: _through_softmax(h, h.function(h.p) - h.y)),
        Delta("softmax-twice", 24, "softmax applied twice", "(softmax({p}) - {y})", lambda h: h.function(h.p) - h.y),
        Delta(WRONG_AXIS, 25, "softmax over the examples", "(softmax({z}, axis={other}) - {y})",
              lambda h: _over_examples(h) - h.y),
        Delta(WRONG_AXIS, 25, "softmax over everything", "(softmax({z}, axis=None) - {y})",
              lambda h: _over_all(h) - h.y),
        Delta(WRONG_AXIS, 25, "softmax over the examples", "gradient of -{y} * log softmax({z}, axis={other})",
              lambda h: _over_examples(h) * h.y.sum(axis=1 - h.axis, keepdims=True) - h.y),
        Delta(WRONG_AXIS, 25, "softmax over everything", "gradient of -{y} * log softmax({z}, axis=None)",
              lambda h: _over_all(h) * h.y.sum() - h.y),
    ],
    "sigmoid": [
        *TARGETS[:2], *SHIFTS[2:],
        Delta("prediction-for-probability", 26, "the predicted class in place of its probability", "(round({p}) - {y})",
              lambda h: np.round(h.p) - h.y),
        Delta("softmax-twice", 24, "sigmoid applied twice", "(sigmoid({p}) - {y})", lambda h: sigmoid(h.p) - h.y),
        Delta("softmax-twice", 24, "sigmoid applied twice", "(sigmoid({p}) - {y}) * {p} * (1 - {p})",
              lambda h: (sigmoid(h.p) - h.y) * h.p * (1 - h.p)),
        Delta("activation-applied-twice", 13, "sigmoid twice in the derivative", "d{p} * sigmoid'({p})",
              lambda h: (h.p - h.y) / (h.p * (1 - h.p)) * sigmoid(h.p) * (1 - sigmoid(h.p))),
        Delta("derivative-at-pre-activation", 12, "{z} put into the sigmoid derivative", "d{p} * {z} * (1 - {z})",
              lambda h: (h.p - h.y) / (h.p * (1 - h.p)) * h.z.raw * (1 - h.z.raw)),
        Delta("target-flipped", 26, "the classes 0 and 1 exchanged", "({p} - (1 - {y}))",
              lambda h: h.p - (1 - h.y), rank=BY_PLACE),
        OUTPUT_AGAIN,
        Delta("sigmoid-derivative-forgotten", 11, "the sigmoid derivative left out", "({p} - {y}) / ({p} * (1 - {p}))",
              lambda h: (h.p - h.y) / (h.p * (1 - h.p)), (22,)),
        Delta("bce-term-missing", 27,
              "the (1 - y) term of the loss missing, so that it is zero wherever y = 0,", "-{y} * (1 - {p})",
              lambda h: -h.y * (1 - h.p)),
        Delta("bce-term-missing", 27, "the y term of the loss missing", "(1 - {y}) * {p}", lambda h: (1 - h.y) * h.p),
        Delta("bce-sign", 27, "the sign of the (1 - y) term of the loss lost", "-{y} * (1 - {p}) - (1 - {y}) * {p}",
              lambda h: -h.y * (1 - h.p) - (1 - h.y) * h.p),
    ],
    "squared": [
        *TARGETS[:2], *SHIFTS,
        Delta("gradient-of-another-loss", 26, "the sign of the error in place of the error, as of absolute errors,",
              "sign({p} - {y})", lambda h: np.sign(h.p - h.y)),
    ],
}
WEIGHED = [  # in place of w (p - y), w being the weight of an example, or that of its class
    Delta("weight-on-the-target", 12, "{the_weights} on the target only", "({p} - {weights} * {y})",
          lambda h: h.p / h.weights - h.y),
    Delta("factor-lost", 12, "{the_weights} left out", "({p} - {y})", lambda h: (h.p - h.y) / h.weights),
    Delta("factor-lost", 12, "{the_weights} left out, in the mean too", "({p} - {y}) / N",
          lambda h: (h.p - h.y) / h.weights / h.scale / (h.p.size // h.p.shape[h.axis]), scaled=False),
]
OF_CLASSES = Delta("weight-of-another-class", 12, "each class weighed by itself, not each example by its class",
                   "{weights} * ({p} - {y})", lambda h: (h.p - h.y) / h.weights * h.of_classes)
# fmt: on


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Every wrong delta at every head."""
    for head in facts.heads:
        for delta in TABLE[head.kind]:
            if not (head.p.ndim == 1 and delta.id == WRONG_AXIS):
                yield _hypothesis(facts, head, delta)
        if head.weighed_by is not None:
            own = [*WEIGHED, *([OF_CLASSES] if head.of_classes is not None else [])]
            yield from (_hypothesis(facts, head, delta, weight="") for delta in own)
        yield from _alone(facts, head)


def _hypothesis(facts: GraphFacts, head: Head, delta: Delta, weight: str | None = None) -> Hypothesis:
    """The hypothesis of a wrong delta; in its line `weight` stands before it, by default the right one."""
    right = ""
    if head.weighed_by is not None:
        right = "{weights} * " if head.weighed_by.raw.size == np.size(head.weights) else "{weights}[class] * "
    wrote = _scaled(delta.text, head.scale) if delta.scaled else delta.text
    mistake = Mistake(
        delta.id,
        delta.number,
        f"the true gradient with {delta.what} at {{at}}",
        f"d{{z}} = {right if weight is None else weight}{wrote}",
        f"d{{z}} = {right}{_scaled('({p} - {y})', head.scale)}",
        delta.also,
        delta.rank,
    )
    return with_delta(facts, head, mistake, delta.of(head), **_along(facts, head))


def _scaled(text: str, scale: float) -> str:
    """A line for the delta with the factor that the loss has, such as 1/N."""
    bracketed = text if re.fullmatch(r"\(.*\)|\{\w\}", text) else f"({text})"
    over = round(1 / scale, 6)
    if scale == 1:
        return text
    return (
        f"{bracketed} / {over:.0f}" if over == int(over) and abs(over) > 1 else f"{scale:.6g} * {bracketed}"
    )


def _along(facts: GraphFacts, head: Head) -> dict[str, str]:
    """Words for the axes: 'example' or 'class' for the first and the last, and the axis that is not of the classes."""
    axes = {"first": 0, "last": -1 if head.p.ndim > 1 else 0}
    along = {name: "example" if axis == facts.batch_axis else "class" for name, axis in axes.items()}
    return {**along, "other": str(1 - head.axis)}


def with_delta(facts: GraphFacts, head: Head, mistake: Mistake, wrong: Array, **more: str) -> Hypothesis:
    """The hypothesis that `wrong` stands in place of p - y."""
    change = np.asarray(wrong - (head.p - head.y))
    z = facts.names.letter(head.z, "z")
    p = facts.names.letter(head.node, "p") if head.node is not facts.tape.loss else _output(head.kind, z)
    y = "target" if "y" in (z, p) else "y"
    weights = _name_of_weights(facts, head)
    words = {
        "z": z,
        "p": p,
        "y": facts.names.letter(head.target, y) if head.target is not None else y,
        "at": facts.names.node(head.node),
        "weights": weights,
        "the_weights": "the weights" if weights == "weights" else f"the weights {weights}",
        **more,
    }
    return Hypothesis(
        mistake, head.node, {head.z: lambda grads, g: g + head.scale * head.weights * change}, words
    )


def _name_of_weights(facts: GraphFacts, head: Head) -> str:
    own = (
        head.weighed_by if head.weighed_by is not None and head.weighed_by.raw.shape != head.p.shape else None
    )
    return "weights" if own is None else facts.names.letter(own, "weights")


def _output(kind: str, z: str) -> str:
    """The output of the network if no tensor holds it."""
    return z if kind == "squared" else f"{kind}({z})"


def _alone(facts: GraphFacts, head: Head) -> Iterator[Hypothesis]:
    """The hypotheses of one example only, and of all but one."""
    n, axis = facts.count, -1 if facts.batch_axis == -1 else 0
    if head.p.ndim != 2 or head.p.shape[axis] != n or not 1 < n <= MAX_EXAMPLES:
        return
    for i in range(n):
        only = np.eye(n)[[i]] if axis == -1 else np.eye(n)[:, [i]]
        d = head.p - head.y
        for weight, times in ((only, ""), (n * only, f", times N = {n}")):
            yield with_delta(facts, head, ALONE, weight * d, times=times, **ith(i, False))
        yield with_delta(facts, head, LEFT_OUT, (1 - only) * d, **ith(i, False))


def with_eps(head: Head, eps: float) -> Array:
    """The delta in place of p - y if the loss takes log(p + eps)."""
    if head.kind == "softmax":
        return _through_softmax(head, -head.y / (head.p + eps))
    return _reached(head, -head.y / (head.p + eps) + (1 - head.y) / (1 - head.p + eps))
