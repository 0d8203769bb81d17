"""Mistakes in the loop over the windows of a convolution or a pooling: ended early, overwritten, without the stride."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Grads, instead
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis, Mistake
from tinygrad_edu.ops.convolution import convolve, convolve_back, convolve_kernels
from tinygrad_edu.ops.elementwise import divide
from tinygrad_edu.ops.index import take
from tinygrad_edu.ops.shape import reshape
from tinygrad_edu.ops.windows import Sizes, spans, windows
from tinygrad_edu.reading.nodes import Array

MAX_BEHIND = 3  # operations from the result of a pooling to its windows


class Kept(NamedTuple):
    """The windows whose gradients are handed back: all but `where` of a gradient (N, C, *places) is lost."""

    what: str
    examples: slice | int
    place: int | slice


LOOP = Mistake("path-lost", 33, "the true gradient with {what}, at {at}",
               fix="d{x} as the sum over the windows of all examples")  # fmt: skip
KEPT = [
    Kept("the first window alone, as if the loop ended there", slice(None), 0),
    Kept("the first window of the first example alone, as if the loop ended there", 0, 0),
    Kept("the last window alone, as by = where += belongs", slice(None), -1),
    Kept("the last window of the last example alone, as by = where += belongs", -1, -1),
    Kept("the first example alone", 0, slice(None)),
    Kept("the last example alone, as by = where += belongs", -1, slice(None)),
]
SPREAD = Mistake(
    "max-pool-spread",
    42,
    "the gradient of each window {how}, at {at}, where only the greatest number has it",
    "d{x} = repeat(d{y}, {k} x {k}){over}",
    "d{x} only where {x} is the greatest number of its window",
)
STRIDE = Mistake("stride-left-out", 42, "the true gradient with windows taken without the stride, at {at}",
                 fix="windows that begin at {stride} times their place")  # fmt: skip


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Every such mistake at every convolution and pooling, for each input and for all."""
    for node in facts.tape.nodes:
        if node in facts.tape.grads and node.raw.ndim > 2 and _slides(node):
            inputs = [(i, x) for i, x in node.edges() if x in facts.tape.grads and x.raw.ndim]
            for kept in KEPT:
                for chosen in [inputs, *([each] for each in inputs if len(inputs) > 1)]:
                    yield _hypothesis(
                        facts, LOOP, node, {x: _only(node, i, kept) for i, x in chosen}, kept.what
                    )
            yield from _spread(facts, node)
            if node.operation is convolve and max(node.settings["stride"]) > 1:
                rules = dict(enumerate((_inputs_without_stride, _weights_without_stride)))
                wrong = {x: instead(node, i, rules[i]) for i, x in inputs if i in rules}
                for chosen_x in [wrong, *({x: each} for x, each in wrong.items() if len(wrong) > 1)]:
                    yield _hypothesis(facts, STRIDE, node, chosen_x, "")


def _spread(facts: GraphFacts, node: Variable) -> Iterator[Hypothesis]:
    """A maximum of windows side by side that hands its gradient to all numbers of the window, as a mean does."""
    x: object = node
    while isinstance(x, Variable) and x.operation in (take, reshape):
        x = x.inputs[0]
    k = _size_of_windows(x, node) if isinstance(x, Variable) and x in facts.tape.grads else 0
    if not isinstance(x, Variable) or k < 2:
        return
    area = k ** (node.raw.ndim - 2)
    for over, how in (
        (area, "spread over all its numbers, as by a mean"),
        (1, "handed to each of its numbers"),
    ):
        words = {
            "x": facts.names.letter(x, "x"),
            "y": facts.names.letter(node, "y"),
            "at": facts.names.node(node),
            "how": how,
            "k": str(k),
            "over": f" / {over}" if over > 1 else "",
        }
        yield Hypothesis(SPREAD, node, {x: _repeated(node, k, over)}, words)


def _size_of_windows(x: Variable, y: Variable) -> int:
    """k if every k x k numbers of `x` are one of `y`, 0 if this is not so."""
    if x.raw.ndim != y.raw.ndim or x.raw.shape[:2] != y.raw.shape[:2]:
        return 0
    sizes = {n / m for n, m in zip(x.raw.shape[2:], y.raw.shape[2:], strict=True) if m}
    (k,) = sizes if len(sizes) == 1 else (0.0,)
    return int(k) if k == int(k) else 0


def _repeated(node: Variable, k: int, over: int) -> Correction:
    def correction(grads: Grads, _g: Array) -> Array:
        spread = grads[node] / over
        for axis in range(2, spread.ndim):
            spread = np.repeat(spread, k, axis)
        return spread

    return correction


def _slides(node: Variable) -> bool:
    """True for a convolution, and for the result of a pooling: what was taken out of windows, in their places."""
    if node.operation is convolve:
        return True
    behind: object = node if node.operation in (reshape, divide) else None
    for _ in range(MAX_BEHIND):
        behind = behind.inputs[0] if isinstance(behind, Variable) and behind.inputs else None
        if isinstance(behind, Variable) and behind.operation in (take, windows):
            return behind.raw.shape != node.raw.shape
    return False


def _hypothesis(
    facts: GraphFacts, mistake: Mistake, node: Variable, wrong: dict[Variable, Correction], what: str
) -> Hypothesis:
    words = {
        "what": what,
        "at": facts.names.node(node),
        "x": _named(facts, next(iter(wrong))),
        "stride": str(max(node.settings.get("stride", (1,)))),
    }
    return Hypothesis(mistake, node, wrong, words)


def _named(facts: GraphFacts, x: Variable) -> str:
    """The name of `x`, or of what it was taken from."""
    while not facts.names.find(x) and x.inputs and isinstance(x.inputs[0], Variable):
        x = x.inputs[0]
    return facts.names.letter(x, "x")


def _only(node: Variable, position: int, kept: Kept) -> Correction:
    def correction(grads: Grads, g: Array) -> Array:
        upstream = grads[node]
        some = np.zeros_like(upstream)
        where = (kept.examples, slice(None), *[kept.place] * (upstream.ndim - 2))
        some[where] = upstream[where]
        return g - node.share(position, upstream - some)

    return correction


def _inputs_without_stride(g: Array, _y: Array, x: Array, w: Array, *_b: Array, **how: Any) -> Array:
    sent, covered = np.zeros(x.shape), _covered(g, w, how["dilation"])
    seen = sent[_corner(covered)]
    seen += convolve_back(g, w, shape=covered, **_side_by_side(how))
    return sent


def _weights_without_stride(g: Array, _y: Array, x: Array, w: Array, *_b: Array, **how: Any) -> Array:
    seen = x[_corner(_covered(g, w, how["dilation"]))]
    return np.asarray(convolve_kernels(g, seen, size=w.shape[2:], **_side_by_side(how)))


def _covered(g: Array, w: Array, dilation: Sizes) -> Sizes:
    """The sizes of what as many windows cover if each begins one further than the one before."""
    return tuple(n + span - 1 for n, span in zip(g.shape[2:], spans(w.shape[2:], dilation), strict=True))


def _corner(sizes: Sizes) -> tuple[slice, ...]:
    return (slice(None), slice(None), *map(slice, sizes))


def _side_by_side(how: dict[str, Any]) -> dict[str, Any]:
    return {**how, "stride": (1,) * len(how["stride"])}
