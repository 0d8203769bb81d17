"""Mistakes around a padding with zeros: cut out of its gradient at the wrong place, or other numbers put around."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Rule, instead
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis, Mistake
from tinygrad_edu.ops.convolution import convolve, convolve_kernels
from tinygrad_edu.ops.index import scatter
from tinygrad_edu.reading.nodes import Array

Place = tuple[Any, ...]

# fmt: off
NOT_CUT = Mistake(
    "padding-kept", 42, "the true gradient with that of the padding still around it", "d{x} = d{x}_padded",
    "d{x} = d{x}_padded[{inside}]")
CUT = Mistake(
    "padding-cut-wrongly", 42, "the {which} numbers of the gradient of {x} with its padding, not those inside",
    "d{x} = d{x}_padded[{cut}]", "d{x} = d{x}_padded[{inside}]")
OTHER = Mistake(
    "padded-otherwise", 42, "the true gradient if {what} stood around {x}, where zeros stand, at {at}",
    'd{w} from the windows of np.pad({x}, ..., mode="{mode}")', "d{w} from the windows of {x} with zeros around it")
# fmt: on
MODES = {
    "edge": "its outermost numbers",
    "reflect": "its numbers as in a mirror",
    "wrap": "the numbers of its other end",
}


def padded_inside(node: Variable) -> Place | None:
    """The place of its input in `node`, which is this input with zeros around; None if it is not."""
    index = node.settings.get("index") if node.operation is scatter else None
    if not isinstance(index, tuple) or index[:1] != (...,):
        return None
    plain = all(isinstance(each, slice) and each.step in (None, 1) for each in index[1:])
    return index if plain and node.raw.size > node.inputs[0].raw.size else None


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Every such mistake at every padding, and at every convolution of what is padded."""
    for node in facts.tape.nodes:
        if node not in facts.tape.grads:
            continue
        if (inside := padded_inside(node)) and node.inputs[0] in facts.tape.grads:
            yield from _cut(facts, node, inside)
        if node.operation is convolve and node.inputs[1] in facts.tape.grads:
            yield from _padded_otherwise(facts, node)


def _cut(facts: GraphFacts, node: Variable, inside: Place) -> Iterator[Hypothesis]:
    x = node.inputs[0]
    sizes = x.raw.shape[x.raw.ndim - len(inside) + 1 :]
    ways = {
        "first": (..., *(slice(None, n) for n in sizes)),
        "last": (..., *(slice(-n, None) for n in sizes)),
    }
    for which, place in ways.items():
        words = {**words_of(facts, node, inside), "which": which, "cut": _written(place)}
        yield Hypothesis(CUT, node, {x: instead(node, 0, _taking(place))}, words)


def _taking(place: Place) -> Rule:
    return lambda g, *_, **__: g[place]


def _padded_otherwise(facts: GraphFacts, node: Variable) -> Iterator[Hypothesis]:
    padding, w = node.inputs[:2]
    inside = padded_inside(padding) if isinstance(padding, Variable) else None
    if inside is None:
        return
    words = {
        **words_of(facts, padding, inside),
        "w": facts.names.letter(w, "W"),
        "at": facts.names.node(node),
    }
    for mode, what in MODES.items():
        if (other := _around(padding, inside, mode)) is not None:
            yield Hypothesis(
                OTHER, node, {w: instead(node, 1, _windows_of(other))}, {**words, "what": what, "mode": mode}
            )


def _around(padding: Variable, inside: Place, mode: str) -> Array | None:
    """The input of the padding with other numbers around it; None if it is too small for this."""
    x = padding.inputs[0].raw
    first = x.ndim - len(inside) + 1
    ends = [(s.start, n - s.stop) for s, n in zip(inside[1:], padding.raw.shape[first:])]
    least = 2 if mode == "reflect" else 1
    if not x.size or any(n < least for n in x.shape[first:]):
        return None
    return np.asarray(np.pad(x, [(0, 0)] * first + ends, mode))  # type: ignore[call-overload]


def _windows_of(other: Array) -> Rule:
    return lambda g, _y, _x, w, *_b, **how: convolve_kernels(g, other, size=w.shape[2:], **how)


def words_of(facts: GraphFacts, padding: Variable, inside: Place) -> dict[str, str]:
    """The words for a padding: what is padded, and where it stands inside."""
    names = facts.names
    return {"x": names.letter(padding.inputs[0], "x"), "at": names.node(padding), "inside": _written(inside)}


def _written(place: Place) -> str:
    ends = (("" if end is None else str(end) for end in (each.start, each.stop)) for each in place[1:])
    return ", ".join(["...", *(":".join(pair) for pair in ends)])
