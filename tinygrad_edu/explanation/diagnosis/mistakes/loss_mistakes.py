"""Mistakes where the loss begins: the output's derivative, the target, a term of the loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from tinygrad_edu.explanation.diagnosis.graph_facts import Scene
from tinygrad_edu.explanation.diagnosis.landmarks import Head, sigmoid, softmax
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import BY_PLACE, PRECISE, Hypothesis, Mistake
from tinygrad_edu.reading.nodes import Array


class Start(NamedTuple):
    """What stands where p - y belongs."""

    id: str
    number: int
    what: str
    text: str
    of: Callable[[Head], Array]
    also: tuple[int, ...] = ()
    rank: int = PRECISE


def _one_hot(h: Head) -> Array:
    return np.equal(h.p, h.p.max(axis=h.axis, keepdims=True)) * 1.0


def _through_softmax(h: Head, g: Array) -> Array:
    """The softmax Jacobian at `p`, times `g`."""
    return h.p * (g - (g * h.p).sum(axis=h.axis, keepdims=True))


def _over_examples(h: Head) -> Array:
    return softmax(h.z.raw, 1 - h.axis)


def _over_all(h: Head) -> Array:
    return softmax(h.z.raw, None)


def _reached(h: Head, g: Array) -> Array:
    """A gradient at p, taken back through the output's activation."""
    return _through_softmax(h, g) if h.kind == "softmax" else g * h.p * (1 - h.p)


def _rolled(by: int, axis: int) -> Callable[[Head], Array]:
    return lambda h: h.p - np.roll(h.y, by, axis)


# fmt: off
TARGETS = [
    Start("target-missing", 26, "the target not subtracted", "{p}", lambda h: h.p),
    Start("target-everywhere", 26, "1 subtracted everywhere, not only where the target is", "({p} - 1)",
          lambda h: h.p - 1),
    Start("prediction-for-probability", 26, "the predicted class in place of its probability",
          "(onehot(argmax({p})) - y)",
          lambda h: _one_hot(h) - h.y),
]
SHIFTS = [
    Start("target-shifted", 26, f"the target one {{{what}}} off", f"({{p}} - roll(y, {by}, {axis}))", _rolled(by, axis))
    for axis, what in ((-1, "last"), (0, "first")) for by in (1, -1)
]
TABLE = {
    "softmax": [
        *TARGETS, *SHIFTS,
        Start("softmax-diagonal-only", 21, "only the diagonal of the softmax Jacobian", "-y * (1 - {p})",
              lambda h: -h.y * (1 - h.p)),
        Start("softmax-derivative-skipped", 22,
              "the softmax derivative left out: -y / p is dL/dp, one step before dL/dz,", "-y / {p}",
              lambda h: -h.y / h.p),
        Start("output-derivative-again", 23, "the output's derivative once more", "({p} - y) * {p} * (1 - {p})",
              lambda h: (h.p - h.y) * h.p * (1 - h.p)),
        Start("output-derivative-again", 23, "the softmax derivative once more", "J({p}) @ ({p} - y)",
              lambda h: _through_softmax(h, h.p - h.y)),
        Start("softmax-twice", 24, "softmax applied twice", "J({p}) @ (softmax({p}) - y)",
              lambda h: _through_softmax(h, h.function(h.p) - h.y)),
        Start("softmax-twice", 24, "softmax applied twice", "(softmax({p}) - y)", lambda h: h.function(h.p) - h.y),
        Start("softmax-wrong-axis", 25, "softmax over the examples", "(softmax(z, axis={other}) - y)",
              lambda h: _over_examples(h) - h.y),
        Start("softmax-wrong-axis", 25, "softmax over everything", "(softmax(z, axis=None) - y)",
              lambda h: _over_all(h) - h.y),
        Start("softmax-wrong-axis", 25, "softmax over the examples", "d/dz of -y log softmax(z, axis={other})",
              lambda h: _over_examples(h) * h.y.sum(axis=1 - h.axis, keepdims=True) - h.y),
        Start("softmax-wrong-axis", 25, "softmax over everything", "d/dz of -y log softmax(z, None)",
              lambda h: _over_all(h) * h.y.sum() - h.y),
    ],
    "sigmoid": [
        *TARGETS[:2], *SHIFTS[2:],
        Start("prediction-for-probability", 26, "the predicted class in place of its probability", "(round({p}) - y)",
              lambda h: np.round(h.p) - h.y),
        Start("softmax-twice", 24, "sigmoid applied twice", "(sigmoid({p}) - y)", lambda h: sigmoid(h.p) - h.y),
        Start("softmax-twice", 24, "sigmoid applied twice", "(sigmoid({p}) - y) * {p} * (1 - {p})",
              lambda h: (sigmoid(h.p) - h.y) * h.p * (1 - h.p)),
        Start("activation-applied-twice", 13, "sigmoid twice in the derivative", "dL/d{p} * sigmoid'({p})",
              lambda h: (h.p - h.y) / (h.p * (1 - h.p)) * sigmoid(h.p) * (1 - sigmoid(h.p))),
        Start("derivative-at-pre-activation", 12, "z put into the sigmoid derivative", "dL/d{p} * {z} * (1 - {z})",
              lambda h: (h.p - h.y) / (h.p * (1 - h.p)) * h.z.raw * (1 - h.z.raw)),
        Start("target-flipped", 26, "the classes 0 and 1 exchanged", "({p} - (1 - y))",
              lambda h: h.p - (1 - h.y), rank=BY_PLACE),
        Start("output-derivative-again", 23, "the output's derivative once more", "({p} - y) * {p} * (1 - {p})",
              lambda h: (h.p - h.y) * h.p * (1 - h.p)),
        Start("sigmoid-derivative-forgotten", 11, "the sigmoid derivative left out", "({p} - y) / ({p} * (1 - {p}))",
              lambda h: (h.p - h.y) / (h.p * (1 - h.p)), (22,)),
        Start("bce-term-missing", 27,
              "the (1 - y) term of the loss missing, so that it is zero wherever y = 0,", "-y * (1 - {p})",
              lambda h: -h.y * (1 - h.p)),
        Start("bce-term-missing", 27, "the y term of the loss missing", "(1 - y) * {p}", lambda h: (1 - h.y) * h.p),
        Start("bce-sign", 27, "the sign of the (1 - y) term of the loss lost", "-y * (1 - {p}) - (1 - y) * {p}",
              lambda h: -h.y * (1 - h.p) - (1 - h.y) * h.p),
    ],
    "squared": [*TARGETS[:2], *SHIFTS],
}
# fmt: on


def hypotheses(scene: Scene) -> Iterator[Hypothesis]:
    """Every wrong beginning."""
    for head in scene.heads:
        for start in TABLE[head.kind]:
            if not (head.p.ndim == 1 and "axis" in start.id):
                yield _hypothesis(scene, head, start)
        yield from _alone(scene, head)


def _hypothesis(scene: Scene, head: Head, start: Start) -> Hypothesis:
    mistake = Mistake(
        start.id,
        start.number,
        f"the true gradient with {start.what} at {{at}}",
        "d{z} = " + start.text,
        "d{z} = {p} - y",
        start.also,
        start.rank,
    )
    return begin(scene, head, mistake, start.of(head), **_along(scene, head))


def _along(scene: Scene, head: Head) -> dict[str, str]:
    """What lies along the first axis and along the last, and which axis is not that of the classes."""
    axes = {"first": 0, "last": -1 if head.p.ndim > 1 else 0}
    along = {name: "example" if axis == scene.examples else "class" for name, axis in axes.items()}
    return {**along, "other": str(1 - head.axis)}


def begin(scene: Scene, head: Head, mistake: Mistake, wrong: Array, **more: str) -> Hypothesis:
    """`wrong` in place of p - y."""
    error = np.asarray(wrong - (head.p - head.y))
    words = {
        "z": scene.names.letter(head.z, "z"),
        "p": scene.names.letter(head.node, "p") if head.node is not scene.tape.loss else "p",
        "at": scene.names.node(head.node),
        **more,
    }
    return Hypothesis(mistake, head.node, {head.z: lambda grads, g: g + head.scale * error}, words)


def _alone(scene: Scene, head: Head) -> Iterator[Hypothesis]:
    """One example only, or all but one."""
    n = scene.count
    if head.p.ndim != 2 or not 1 < n <= 64:
        return
    for i in range(n):
        only = np.eye(n)[[i]] if scene.examples == -1 else np.eye(n)[:, [i]]
        d = head.p - head.y
        for weight, times in ((only, ""), (n * only, f", times N = {n}")):
            one = Mistake(
                "one-sample-only",
                7,
                "the gradient of example {i} alone{times}",
                "",
                "a sum over all examples",
            )
            yield begin(scene, head, one, weight * d, i=str(i), times=times)
        but = Mistake(
            "sample-left-out", 7, "the true gradient without example {i}", "", "a sum over all examples"
        )
        yield begin(scene, head, but, (1 - only) * d, i=str(i))


def with_eps(head: Head, eps: float) -> Array:
    """What p - y becomes if the loss takes log(p + eps)."""
    if head.kind == "softmax":
        return _through_softmax(head, -head.y / (head.p + eps))
    return _reached(head, -head.y / (head.p + eps) + (1 - head.y) / (1 - head.p + eps))


EPS = Mistake(
    "eps-in-the-logarithm",
    36,
    "the gradient of a loss with log(p + eps), eps = {eps}, at {at}",
    "log({p} + {eps})",
    "log({p}), kept from 0 by clipping or by working on the scores",
)
