"""One rule wrong at one node: a factor lost, an own value for the other's, a sign, a square, a count.

A row stands for every node of its operation, wherever it is: the mask of a dropout, the 1 / sqrt(d) of an attention,
the scale of a normalisation, the weight of a class, a gate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.explanation.diagnosis.faulty_backward import instead
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.known_activations import softmax
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import BY_PLACE, PRECISE, Hypothesis, Mistake, merged
from tinygrad_edu.ops import elementwise as e
from tinygrad_edu.ops.contractions import matmul
from tinygrad_edu.ops.reduce import mean
from tinygrad_edu.ops.shape import permute
from tinygrad_edu.ops.softmax import logsumexp
from tinygrad_edu.reading.nodes import Array

Slipped = Callable[..., Array]  # (g, y, *values, **settings) -> the wrong gradient of one input


class Slip(NamedTuple):
    """A wrong rule of an operation for its input at `position`.

    In the texts `{x}` is that input, `{v}` the other one and `{y}` the result.
    """

    id: str
    number: int
    position: int
    what: str
    wrote: str
    fix: str
    rule: Slipped


def _turned(v: Array) -> Array:
    return v.swapaxes(-1, -2)


def _mask(v: Array) -> Array:
    return (v != 0) * 1.0


def _size(v: Array) -> Array:
    """The one number that a scaled mask has where it is not 0."""
    return np.max(v)


# fmt: off
_TIMES, _OVER = "d{x} = d{y} * {v}", "d{x} = d{y} / {v}"
_SOFTMAX = "d{x} = d{y} * softmax({x}) along the axis of the sum"
LOST, _OWN = "{factor} left out", "{x} where {v} belongs"
LOST_FACTOR = [
    Slip("factor-lost", 12, 0, LOST, "d{x} = d{y}", _TIMES, lambda g, y, x, v: g),
    Slip("factor-lost", 12, 1, LOST, "d{x} = d{y}", _TIMES, lambda g, y, v, x: g),
]
OF_SCALED_MASK = [  # 0 or one other number, as of a dropout
    Slip("factor-lost", 12, 0, "the scale of {factor} left out", "d{x} = d{y} * ({v} > 0)", _TIMES,
         lambda g, y, x, v: g * _mask(v)),
    Slip("factor-lost", 12, 0, "{factor} left out, but not its scale", "d{x} = d{y} * {v}.max()", _TIMES,
         lambda g, y, x, v: g * _size(v)),
]
TABLE: dict[Operation, list[Slip]] = {
    e.multiply: [
        *LOST_FACTOR,
        Slip("factor-twice", 12, 0, "{factor} twice", "d{x} = d{y} * {v} * {v}", _TIMES, lambda g, y, x, v: g * v * v),
        Slip("factor-twice", 12, 1, "{factor} twice", "d{x} = d{y} * {v} * {v}", _TIMES, lambda g, y, v, x: g * v * v),
        Slip("wrong-saved-input", 18, 0, _OWN, "d{x} = d{y} * {x}", _TIMES, lambda g, y, x, v: g * x),
        Slip("wrong-saved-input", 18, 1, _OWN, "d{x} = d{y} * {x}", _TIMES, lambda g, y, v, x: g * x),
    ],
    e.divide: [
        Slip("factor-lost", 12, 0, "the division by {v} left out", "d{x} = d{y}", _OVER, lambda g, y, x, v: g),
        Slip("factor-twice", 12, 0, "the division by {v} twice", "d{x} = d{y} / {v} / {v}", _OVER,
             lambda g, y, x, v: g / v / v),
        Slip("factor-lost", 12, 0, "{v} multiplied where it should divide", "d{x} = d{y} * {v}", _OVER,
             lambda g, y, x, v: g * v),
        Slip("minus-lost", 1, 1, "the sign of the derivative of 1/{x} lost", "d{x} = d{y} * {v} / {x} ** 2",
             "d{x} = -d{y} * {v} / {x} ** 2", lambda g, y, v, x: g * y / x),
        Slip("square-lost", 12, 1, "1/{x} for the 1/{x}² of its derivative", "d{x} = -d{y} * {v} / {x}",
             "d{x} = -d{y} * {v} / {x} ** 2", lambda g, y, v, x: -g * y),
    ],
    e.subtract: [
        Slip("minus-lost", 1, 1, "the minus before {x} lost", "d{x} = d{y}", "d{x} = -d{y}", lambda g, y, v, x: g),
    ],
    e.power: [
        Slip("power-not-lowered", 12, 0, "the power of {x} not lowered by one", "d{x} = d{y} * {v} * {x} ** {v}",
             "d{x} = d{y} * {v} * {x} ** ({v} - 1)", lambda g, y, x, v: g * v * y),
        Slip("factor-lost", 12, 0, "the factor {v} of the power left out", "d{x} = d{y} * {x} ** ({v} - 1)",
             "d{x} = d{y} * {v} * {x} ** ({v} - 1)", lambda g, y, x, v: g * x ** (v - 1)),
        Slip("factor-lost", 12, 0, "the derivative of the power left out", "d{x} = d{y}",
             "d{x} = d{y} * {v} * {x} ** ({v} - 1)", lambda g, y, x, v: g),
    ],
    e.exp: [
        Slip("derivative-forgotten", 11, 0, "the derivative of exp left out", "d{x} = d{y}", "d{x} = d{y} * exp({x})",
             lambda g, y, x: g),
    ],
    e.log: [
        Slip("derivative-forgotten", 11, 0, "the 1/{x} of the logarithm left out", "d{x} = d{y}", "d{x} = d{y} / {x}",
             lambda g, y, x: g),
    ],
    e.root: [
        Slip("half-lost", 12, 0, "the 1/2 of the root's derivative lost", "d{x} = d{y} / sqrt({x})",
             "d{x} = d{y} / (2 * sqrt({x}))", lambda g, y, x, *n: g / y),
        Slip("derivative-forgotten", 11, 0, "the derivative of the root left out", "d{x} = d{y}",
             "d{x} = d{y} / (2 * sqrt({x}))", lambda g, y, x, *n: g),
    ],
    e.where: [
        Slip("mask-lost", 35, 1, "the condition of where left out", "d{x} = d{y}", "d{x} = where(condition, d{y}, 0)",
             lambda g, y, condition, x, other: g),
        Slip("mask-lost", 35, 2, "the condition of where left out", "d{x} = d{y}", "d{x} = where(condition, 0, d{y})",
             lambda g, y, condition, other, x: g),
    ],
    mean: [
        Slip("averaged-again", 5, 0, "the 1/n of a mean left out", "d{x} = d{y}", "d{x} = d{y} / n",
             lambda g, y, x, **how: _spread(g, x, **how)),
    ],
    matmul: [  # of stacks of matrices, as the heads of an attention: `matrix_products` tells of layers
        Slip("transpose-missing", 9, 0, "the transpose of {v} left out", "d{x} = d{y} @ {v}", "d{x} = d{y} @ {v}.T",
             lambda g, y, x, v: g @ v),
        Slip("transpose-missing", 9, 1, "the transpose of {v} left out", "d{x} = {v} @ d{y}", "d{x} = {v}.T @ d{y}",
             lambda g, y, v, x: v @ g),
        Slip("transpose-missing", 9, 0, "d{y} transposed", "d{x} = d{y}.T @ {v}.T", "d{x} = d{y} @ {v}.T",
             lambda g, y, x, v: _turned(g) @ _turned(v)),
        Slip("transpose-missing", 9, 1, "d{y} transposed", "d{x} = {v}.T @ d{y}.T", "d{x} = {v}.T @ d{y}",
             lambda g, y, v, x: _turned(v) @ _turned(g)),
    ],
    logsumexp: [
        Slip("softmax-wrong-axis", 25, 0, "a softmax along another axis", "", _SOFTMAX,
             lambda g, y, x, **how: _beside(g, x, **how)),
        Slip("softmax-wrong-axis", 25, 0, "a softmax over everything", "d{x} = d{y} * softmax({x}, axis=None)",
             _SOFTMAX, lambda g, y, x, **how: _beside(g, x, **how, everything=True)),
        Slip("derivative-forgotten", 11, 0, "the softmax of its derivative left out", "d{x} = d{y}", _SOFTMAX,
             lambda g, y, x, **how: _spread(g, x, **how)),
    ],
    permute: [
        Slip("reshaped-for-transposed", 9, 0, "a reshape where a transpose belongs", "d{x} = d{y}.reshape({x}.shape)",
             "d{x} = d{y}.T", lambda g, y, x, *, dims=None: g.reshape(x.shape)),
    ],
}
# fmt: on
TABLE[e.sqrt] = TABLE[e.root]
for _chosen, _word in ((e.maximum, "greater"), (e.minimum, "smaller")):
    TABLE[_chosen] = [
        Slip("mask-lost", 35, i, f"the gradient handed on to the {_word} and to the other", "d{x} = d{y}",
             f"d{{x}} = d{{y}} where {{x}} is the {_word}", lambda g, *_: g) for i in (0, 1)
    ]  # fmt: skip


def _spread(g: Array, x: Array, dims: Any = None, keepdim: bool = False) -> Array:
    """A gradient repeated along the axes that were summed."""
    return np.broadcast_to(g if keepdim or dims is None else np.expand_dims(g, tuple(dims)), x.shape)


def _beside(g: Array, x: Array, *, dims: Any, keepdim: bool, everything: bool = False) -> Array:
    """A gradient times the softmax along another axis than that of the sum, or over everything."""
    axis = None if everything or x.ndim == 1 else (dims[0] - 1) % x.ndim
    return _spread(g, x, dims, keepdim) * softmax(x, axis)


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Every slip at every node that is no activation of its own, and the same with the same factor everywhere."""
    done = {site.a for site in facts.activations} | {layer.node for layer in facts.layers}
    scales = {(site.node, site.b) for site in facts.broadcasts}  # of which `biases` tells
    outputs = min((facts.tape.place[head.z] for head in facts.heads), default=-1)
    found = []
    for node in facts.tape.nodes:
        if node in facts.tape.grads and node.operation in TABLE and node not in done:
            in_the_loss = facts.tape.place[node] < outputs  # where `loss_mistakes` has words of its own
            if node.operation is e.multiply or not in_the_loss:
                found += [h for h in _at(facts, node) if (node, next(iter(h.wrong))) not in scales]
    yield from found
    yield from merged(found)


def _at(facts: GraphFacts, node: Variable) -> Iterator[Hypothesis]:
    assert node.operation is not None
    slips = TABLE[node.operation]
    if node.operation is e.multiply:
        slips = [
            *slips,
            *(_of_position(slip, i) for i in (0, 1) if _scaled_mask(node, 1 - i) for slip in OF_SCALED_MASK),
        ]
    for slip in slips:
        x: Any = [*node.inputs, None][slip.position]
        once = isinstance(x, Variable) and x in facts.tape.grads and len(facts.tape.positions(x, node)) == 1
        if once and (node.operation is not matmul or _fits(facts, slip, node, x)):
            yield _hypothesis(facts, slip, node, x)


def _fits(facts: GraphFacts, slip: Slip, node: Variable, x: Variable) -> bool:
    """True if the wrong product can be computed, and has the shape of `x`."""
    try:
        return slip.rule(facts.tape.grads[node], node.raw, *node.values()).shape == x.raw.shape
    except ValueError:
        return False


def _scaled_mask(node: Variable, position: int) -> bool:
    mask = node.values()[position]
    return np.ndim(mask) > 0 and len(np.unique(mask)) == 2 and np.min(mask) == 0 and np.max(mask) != 1


def _of_position(slip: Slip, position: int) -> Slip:
    """A slip of a product for its other input."""
    if position == slip.position:
        return slip
    return slip._replace(position=position, rule=lambda g, y, v, x: slip.rule(g, y, x, v))


def _hypothesis(facts: GraphFacts, slip: Slip, node: Variable, x: Variable) -> Hypothesis:
    others = [y for i, y in enumerate(node.inputs) if i != slip.position]
    other: Any = others[0] if len(others) == 1 else None
    v, factor = _named(facts, other)
    words = {
        "x": facts.names.letter(x, "x"),
        "y": facts.names.letter(node, "y"),
        "v": v,
        "factor": factor,
        "at": facts.names.node(node),
        "variant": factor,
    }
    did = f"the true gradient with {slip.what}, at {{at}}"
    constant = slip.id.startswith("factor") and np.ndim(getattr(other, "raw", other)) == 0
    mistake = Mistake(slip.id, slip.number, did, slip.wrote, slip.fix, rank=BY_PLACE if constant else PRECISE)
    return Hypothesis(mistake, node, {x: instead(node, slip.position, slip.rule)}, words)


def _named(facts: GraphFacts, other: Any) -> tuple[str, str]:
    """The other factor in a line, and in a sentence."""
    if not isinstance(other, Variable):
        text = f"{other:.4g}" if isinstance(other, float) else str(other)
        return text, f"the factor {text}"
    name = facts.names.label(other)
    values = np.unique(other.raw)
    mask = not other.requires_grad and len(values) == 2 and values[0] == 0
    return name, f"the {'mask' if mask else 'factor'} {name}".replace("mask mask", "mask")
