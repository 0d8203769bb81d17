"""Right numbers in the wrong place: gradients of any array, such as a convolution kernel, turned, reversed, shifted."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import replaced
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import (
    BY_CHANCE,
    BY_PLACE,
    ROUNDING_OR_ORDER,
    Hypothesis,
    Mistake,
)
from tinygrad_edu.ops.index import take
from tinygrad_edu.reading.nodes import Array, Computation

TURNED = Mistake("transposed", 9, "the true gradient, transposed", "d{x}.T", "d{x}", rank=BY_PLACE)
ORDER = Mistake(
    "order-reversed",
    ROUNDING_OR_ORDER,
    "the true gradient with its {what} in reverse order",
    "",
    "d{x}",
    rank=BY_CHANCE,
)
FLIPPED = Mistake(
    "kernel-flipped",
    42,
    "the true gradient flipped along axis {axis}",
    "flip(d{x}, {axis})",
    "the input correlated with the deltas, without a flip",
)
SHIFTED = Mistake(
    "kernel-shifted",
    42,
    "the true gradient shifted by one along axis {axis}, but for the border",
    "",
    "padded as the forward pass does",
    partial=True,
)


EXCHANGED = Mistake(
    "gradients-exchanged", 18, "the true gradients of {x} and {y} in each other's place",
    fix="d{x} for {x} and d{y} for {y}",
)  # fmt: skip
MAX_PAIRS = 60


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Two gradients in each other's place, and every rearrangement of every parameter's gradient."""
    for x, y in itertools.islice(_pairs(facts), MAX_PAIRS):
        wrong = {x: replaced(facts.tape.grads[y]), y: replaced(facts.tape.grads[x])}
        words = {"x": facts.names.letter(x, "x"), "y": facts.names.letter(y, "y")}
        yield Hypothesis(EXCHANGED, x, wrong, words)
    known = {x for layer in facts.layers for x in (layer.x, layer.parameter)}
    known |= {site.parameter for site in facts.broadcasts}
    known |= {
        node.inputs[0] for node in facts.tape.nodes if node.operation is take
    }  # of which `taken_rows` tells
    for x in facts.tape.leaves:
        shape = x.raw.shape
        if len(shape) == 2 and shape[0] == shape[1] > 1:
            yield _moved(facts, TURNED, x, lambda g: g.T)
        if len(shape) == 2:
            for axis, what in enumerate(("rows", "columns")):
                if shape[axis] > 1:
                    yield _moved(facts, ORDER, x, _flip(axis), what=what)
        if len(shape) >= 2 and x not in known:
            yield from _kernel(facts, x)


def _pairs(facts: GraphFacts) -> Iterator[tuple[Variable, Variable]]:
    """Parameters of one shape, and the factors of a product of which none was computed from the other."""
    for x, y in itertools.combinations(facts.tape.leaves, 2):
        if x.raw.shape == y.raw.shape:
            yield x, y
    for layer in facts.layers:
        x, y = layer.x, layer.parameter
        inner = y.operation is not None and x in facts.tape.grads and y in facts.tape.grads
        if (
            inner
            and x.raw.shape == y.raw.shape
            and y not in set(Computation(x))
            and x not in set(Computation(y))
        ):
            yield x, y


def _kernel(facts: GraphFacts, x: Variable) -> Iterator[Hypothesis]:
    spatial = [axis for axis in range(x.raw.ndim) if x.raw.shape[axis] > 1]
    last_two = tuple(axis for axis in spatial if axis >= x.raw.ndim - 2)
    for axes in dict.fromkeys([*((axis,) for axis in spatial), last_two, tuple(spatial)]):
        yield _moved(facts, FLIPPED, x, _flip(axes), axis=", ".join(map(str, axes)))
    for axis in spatial:
        for by in (1, -1):
            yield _moved(facts, SHIFTED, x, functools.partial(_pushed, by=by, axis=axis), axis=str(axis))


def _flip(axes: int | tuple[int, ...]) -> Callable[[Array], Array]:
    return lambda g: np.flip(g, axes)


def _pushed(g: Array, by: int, axis: int) -> Array:
    """The gradient shifted; nan at the border, where any number may come in."""
    moved = np.roll(g, by, axis)
    index: list[slice | int] = [slice(None)] * g.ndim
    index[axis] = 0 if by > 0 else -1
    moved[tuple(index)] = np.nan
    return moved


def _moved(
    facts: GraphFacts, mistake: Mistake, x: Variable, move: Callable[[Array], Array], **words: str
) -> Hypothesis:
    penalty = facts.penalty(x)
    return Hypothesis(
        mistake,
        x,
        {x: lambda grads, g: move(g - penalty) + penalty},
        {"x": facts.names.letter(x, "W"), **words},
    )
