"""Activations, and the heads of a network: its outputs, where the loss begins.

Both are recognised by their numbers, not by their operations: `1 / (1 + exp(-z))` is a sigmoid, and a loss whose
gradient is c (softmax(z) - Y) is a cross-entropy, whether it is one operation or six.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.explanation.diagnosis.faulty_backward import Tape
from tinygrad_edu.explanation.diagnosis.known_activations import (
    ELU,
    FUNCTIONS,
    GELU_BY_TANH,
    LEAKY,
    Function,
    sigmoid,
    softmax,
    with_constant,
)
from tinygrad_edu.explanation.diagnosis.layers_and_biases import batch_axis
from tinygrad_edu.ops import OPERATIONS, elementwise
from tinygrad_edu.reading.nodes import Array

MAX_RELATIVE_ERROR = 1e-6  # of a gradient: a loss with log(p + 1e-10) still is a cross-entropy
PRODUCTS = ("silu", "gelu", GELU_BY_TANH)  # z times a share between 0 and 1
MAX_ANCESTORS = 12  # looked at for the input of an activation


KINDS = {OPERATIONS[kind]: f for kind, f in FUNCTIONS.items() if kind in OPERATIONS}
COMPOSED: dict[Operation, tuple[str, ...]] = {  # activations by the last of several operations
    elementwise.divide: ("sigmoid", "tanh"),
    elementwise.maximum: ("relu", LEAKY),
    elementwise.where: ("relu", "absolute", LEAKY, ELU),
    elementwise.multiply: ("relu", *PRODUCTS),
    elementwise.clamp_min: ("relu",),
}


@dataclass(frozen=True, eq=False)
class Activation:
    """`a = f(z)`, number by number."""

    function: Function
    a: Variable
    z: Variable

    @property
    def name(self) -> str:
        """The name of the function."""
        return self.function.name

    @property
    def slope(self) -> Array:
        """f'(z)."""
        return self.slope_at(self.z.raw, self.a.raw)

    def slope_at(self, z: Array, a: Array) -> Array:
        """The slope by its formula, with these arrays put in."""
        return np.asarray(self.function.slope(z, a))


@dataclass(frozen=True, eq=False)
class Head:
    """An output `z` of the network, where the loss begins.

    The gradient at `z` is `scale * weights * (p - y)`, and `p` is `kind` of `z` (or `z` itself). `weights`, of each
    example, are 1 unless the graph holds them, or those of the classes, as `weighed_by`.
    """

    kind: str  # softmax, sigmoid or squared
    z: Variable
    p: Array
    y: Array
    scale: float
    node: Variable  # p, or the loss if one operation does it all
    axis: int  # of the classes
    target: Variable | None = None  # y, if the graph holds it
    weights: Array | float = 1.0
    weighed_by: Variable | None = None
    of_classes: Array | None = None  # the weight of each class, if it is these that weigh the examples

    def function(self, z: Array) -> Array:
        """`p` as a function of `z`."""
        return (
            softmax(z, self.axis) if self.kind == "softmax" else sigmoid(z) if self.kind == "sigmoid" else z
        )


def activations(tape: Tape) -> list[Activation]:
    """Every activation through which a gradient flows."""
    found = [_activation(node) for node in tape.nodes if node in tape.grads]
    return [site for site in found if site is not None and site.z in tape.grads]


def _activation(node: Variable) -> Activation | None:
    assert node.operation is not None
    if node.operation in KINDS:
        z = node.inputs[0]
        return Activation(KINDS[node.operation], node, z) if isinstance(z, Variable) else None
    own = () if node.operation in OPERATIONS.values() else tuple(FUNCTIONS)  # a user's operation may be any
    kinds = COMPOSED.get(node.operation, own)
    for z in elementwise_ancestors(node) if kinds else ():
        for function in (
            f for kind in kinds if (f := FUNCTIONS.get(kind) or with_constant(kind, node.raw, z.raw))
        ):
            if _is(function, node, z):
                return Activation(function, node, z)
    return None


def _is(function: Function, node: Variable, z: Variable) -> bool:
    bent = function.name in ("sigmoid", "tanh", "softplus", *PRODUCTS) or (
        (z.raw < 0).any() and (z.raw > 0).any()
    )
    return bent and z.raw.size > 1 and np.allclose(node.raw, function.of(z.raw), rtol=1e-9, atol=1e-12)


def elementwise_ancestors(node: Variable) -> Iterator[Variable]:
    """The tensors from which `node` was computed number by number, nearest first."""
    waiting, seen = list(node.inputs), 0
    while waiting and seen < MAX_ANCESTORS:
        x = waiting.pop(0)
        seen += 1
        if isinstance(x, Variable) and x.requires_grad and x.raw.shape == node.raw.shape:
            yield x
            waiting += x.inputs if isinstance(x.operation, elementwise.Elementwise) else ()


def heads(tape: Tape) -> list[Head]:
    """The head of each kind that is furthest from the loss: -z would serve as well as z, but nobody writes it.

    A parameter is an output itself only if nothing that was computed is one.
    """
    return _heads_among(tape, tape.nodes) or _heads_among(tape, tape.leaves)


def _heads_among(tape: Tape, outputs: list[Variable]) -> list[Head]:
    found: dict[str, Head] = {}
    for z in outputs:
        g = tape.grads.get(z)
        if g is not None and z.raw.ndim and z.raw.size > 1 and np.abs(g).max() > 0:
            for head in _heads_at(tape, z, g):
                found[head.kind] = head
    return list(found.values())


def _heads_at(tape: Tape, z: Variable, g: Array) -> Iterator[Head]:
    axis = 0 if z.raw.ndim == 1 or batch_axis(tape) == -1 else 1
    kinds = [("sigmoid", sigmoid(z.raw)), ("squared", z.raw)]
    if z.raw.shape[axis] > 1:
        kinds.append(("softmax", softmax(z.raw, axis)))
    for kind, p in kinds:
        target = _target(tape, kind, p, g, axis)
        if target is not None:
            y, scale, held = target
            yield Head(kind, z, p, y, scale, _node_of(tape, p, z), axis, held)
        elif kind == "softmax":
            yield from _weighed(tape, z, p, g, axis)


def _weighed(tape: Tape, z: Variable, p: Array, g: Array, axis: int) -> Iterator[Head]:
    """The head of a cross-entropy in which each example has a weight, or that of its class."""
    with np.errstate(all="ignore"):
        size = (g / p).max(axis=axis, keepdims=True)
        y = np.round(p - g / size)
    if not (size > 0).all() or not np.isin(y, (0, 1)).all() or not (y.sum(axis=axis) == 1).all():
        return
    if np.abs(g - size * (p - y)).max() > MAX_RELATIVE_ERROR * np.abs(g).max():
        return
    for held in _all_constants(tape):
        of_targets = held.raw.shape == y.shape[::-1] != y.shape  # transposed before the loss
        weights = _weights(held.raw.T if of_targets else held.raw, y, axis)
        if weights is not None and np.ptp(weights) and np.allclose(c := size / weights, c.flat[0], rtol=1e-9):
            scale, node, of_classes = float(c.flat[0]), _node_of(tape, p, z), _of_classes(y * weights, axis)
            yield Head("softmax", z, p, y, scale, node, axis, None, weights, held, of_classes)
            return


def _weights(held: Array, y: Array, axis: int) -> Array | None:
    """The weights of the examples, if `held` may be those, those of the classes, or these times the targets."""
    examples = y.sum(axis=axis, keepdims=True)
    found = None
    if held.shape == y.shape and not held[y == 0].any():
        found = held.sum(axis=axis, keepdims=True)
    elif held.size == y.shape[axis]:
        found = (y * np.moveaxis(held.reshape(-1, *[1] * (y.ndim - 1)), 0, axis)).sum(
            axis=axis, keepdims=True
        )
    elif held.size == examples.size:
        found = held.reshape(examples.shape)
    return found if found is not None and found.all() else None


def _of_classes(weighed: Array, axis: int) -> Array | None:
    """The weight of each class, if all examples of a class have the same; `weighed` are weights times targets."""
    found = weighed.max(axis=1 - axis, keepdims=True) if weighed.ndim == 2 else None
    same = found is not None and found.all() and np.array_equal(weighed, found * (weighed != 0))
    return found if same else None


def _target(
    tape: Tape, kind: str, p: Array, g: Array, axis: int
) -> tuple[Array, float, Variable | None] | None:
    """`y` and `c` for which `g` is `c (p - y)`; `y` is a constant of the graph, which is the third, or 0s and 1s."""
    for held in _constants(tape, p.shape):
        y = held.raw.astype(float)
        if (c := _ratio(g, p - y)) is not None:
            return y, c, held
    if kind == "squared":
        return None
    with np.errstate(all="ignore"):  # where p is 0
        c = float(np.median((g / p)[g > 0])) if (g > 0).any() else 0.0
        y = np.round(p - g / c) if c else p
    ones = y.any() and np.isin(y, (0, 1)).all() and (kind == "sigmoid" or np.all(y.sum(axis=axis) == 1))
    return (y, c, None) if ones and c and _ratio(g, p - y) is not None else None


def _constants(tape: Tape, shape: tuple[int, ...]) -> list[Variable]:
    return [x for x in _all_constants(tape) if x.raw.shape == shape]


def _all_constants(tape: Tape) -> list[Variable]:
    inputs = {id(x): x for node in tape.nodes for x in node.inputs if isinstance(x, Variable)}
    return [x for x in inputs.values() if not x.requires_grad]


def _ratio(g: Array, d: Array) -> float | None:
    """`c` if `g` is `c * d`."""
    square = float(np.vdot(d, d))
    c = float(np.vdot(g, d)) / square if square else 0.0
    return c if c and np.abs(g - c * d).max() <= MAX_RELATIVE_ERROR * np.abs(g).max() else None


def _node_of(tape: Tape, p: Array, z: Variable) -> Variable:
    """The tensor with the numbers `p`, or the loss if there is none."""
    same = [
        x for x in tape.nodes if x.raw.shape == p.shape and x is not z and np.allclose(x.raw, p, rtol=1e-9)
    ]
    return same[-1] if same else tape.loss
