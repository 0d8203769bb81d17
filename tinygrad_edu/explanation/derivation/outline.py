"""The outline of a derivation: results of a graph that get a line of their own, and the names of all nodes.

A result has its line if somebody named it, if it is used more than once, if it is the z of a layer or its activation,
if it is a whole step as a normalization, or if a formula would grow too long without; the other results are written
inside the formula that uses them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tinygrad_edu.engine.node import gets_gradient
from tinygrad_edu.explanation.derivation.line_names import LineNames
from tinygrad_edu.ops import (
    OPERATIONS,
    contractions,
    convolution,
    elementwise,
    index,
    recurrent,
    reduce,
    shape,
    softmax,
    standardization,
)
from tinygrad_edu.reading.names import Names
from tinygrad_edu.reading.nodes import Computation, nodes_in

MAX_PARTS = 24  # operations and inputs of one formula
_MAX_PARTS_REPEATED = 4  # operations and inputs of a part that one operation uses twice
MAX_NESTED = 2  # functions of functions in one formula
_LAYERS = (contractions.matmul, contractions.linear, convolution.convolve)
_STEPS = (standardization.standardize, recurrent.lstm)  # which have a line of their own
_MOVING = (shape.reshape, shape.permute, shape.expand, shape.cast, index.take)
_ACTIVATIONS = (elementwise.sigmoid, elementwise.tanh, elementwise.relu, softmax.softmax)
_PROBABILITIES = (elementwise.sigmoid, softmax.softmax)
_NO_FUNCTIONS = (elementwise.negative, reduce.sum, reduce.mean, *_MOVING)  # though they have one input


@dataclass(frozen=True, eq=False)
class Outline:
    """The `lines` and `names` of a derivation by the nodes `wrt`; `layers` are the lines of a z, with their numbers."""

    computation: Computation
    wrt: set[Any]
    roles: Mapping[Any, str]
    lines: set[Any]
    layers: Mapping[Any, int]  # 0 for the only one
    names: LineNames

    @property
    def loss(self) -> Any:
        """The node that is differentiated."""
        return self.computation.ends[0]

    @cached_property
    def on_path(self) -> set[Any]:
        """The nodes through which a gradient flows back to a node of `wrt`."""
        return self.computation.leading_to(self.wrt)


def outlined(computation: Computation, wrt: Sequence[Any], names: Names, *, every: bool) -> Outline:
    """The outline of the gradients of a loss by the nodes `wrt`; with `every`, each result is a line."""
    chosen = {node: name for node in computation if (name := names.find(node))}
    users = _users(computation)
    roles = _roles(computation, users, chosen)
    apart = {*chosen, *wrt, *(node for node, role in roles.items() if role in ("z", "a"))}
    apart |= {node for node in computation.results if node.operation in _STEPS}
    lines = set(computation.results) if every else _lines(computation, users, apart)
    layers = [node for node in reversed(computation.results) if roles.get(node) == "z" and node in lines]
    numbers = {node: i if len(layers) > 1 else 0 for i, node in enumerate(layers, 1)}
    outline = Outline(computation, set(wrt), roles, lines, numbers, LineNames(chosen))
    _name_all(outline, users)
    return outline


def _users(computation: Computation) -> dict[Any, list[Any]]:
    """The results that were computed from each node, newest first; twice in it if they use the node twice."""
    users: dict[Any, list[Any]] = {node: [] for node in computation}
    for node in computation.results:
        for x in nodes_in(node):
            users[x].append(node)
    return users


def _roles(
    computation: Computation, users: Mapping[Any, list[Any]], chosen: Mapping[Any, str]
) -> dict[Any, str]:
    """`z` for the result of a layer, `inner` for the part of it before the bias, `a` for its activation."""
    roles: dict[Any, str] = {}
    for node in reversed(computation.results):
        inputs = nodes_in(node)
        layers = [x for x in inputs if roles.get(x) == "z"]
        if node.operation in _LAYERS:
            roles[node] = "z"
        elif node.operation is elementwise.add and len(layers) == 1:
            others = [x for x in inputs if x is not layers[0]]
            alone = len(users[layers[0]]) == 1 and layers[0] not in chosen
            if alone and all(x.operation is None for x in others):
                roles[node], roles[layers[0]] = "z", "inner"
        elif layers and len(inputs) == 1 and _is_activation(node, users[node]):
            roles[node] = "a"
    return roles


def _is_activation(node: Any, users: Sequence[Any]) -> bool:
    if node.operation in _MOVING:  # the transpose of z is z in another shape
        return False
    known = node.operation in _ACTIVATIONS or node.operation not in OPERATIONS.values()
    return known or _enters_layer(users)


def _enters_layer(users: Sequence[Any]) -> bool:
    return any(user.operation in _LAYERS for user in users)


def _lines(computation: Computation, users: Mapping[Any, list[Any]], apart: set[Any]) -> set[Any]:
    """The results with a line of their own: the loss, those in `apart`, and those that make a formula too long."""
    lines: set[Any] = {computation.ends[0]}
    sizes: dict[Any, int] = {}
    depths: dict[Any, int] = {}
    for node in reversed(computation.results):
        parts = [x for x in nodes_in(node) if x not in lines]
        sizes[node] = 1 + sum(sizes.get(x, 1) for x in parts)
        depths[node] = _is_function(node) + max((depths.get(x, 0) for x in parts), default=0)
        longest = _MAX_PARTS_REPEATED if len(users[node]) > 1 else MAX_PARTS
        too_long = sizes[node] > longest or depths[node] > MAX_NESTED
        if node in apart or len(set(users[node])) > 1 or too_long:
            lines.add(node)
    return lines


def _is_function(node: Any) -> bool:
    """True if `node` is written as a function of one input: log(x), but not −x."""
    return len(node.inputs) == 1 and node.operation not in _NO_FUNCTIONS


# Names.


def _name_all(outline: Outline, users: Mapping[Any, list[Any]]) -> None:
    names = outline.names
    for z, number in outline.layers.items():
        _name_layer(outline, users, z, str(number) if number else "")
    names.give(outline.loss, "L", "loss")
    for leaf in outline.computation.leaves:
        _name_leaf(names, leaf, outline.computation.array(leaf), enters_layer=_enters_layer(users[leaf]))
    for node in reversed(outline.computation.results):
        if node in outline.lines:
            names.give(node, numbered="t")


def _name_leaf(names: LineNames, leaf: Any, array: Any, *, enters_layer: bool) -> None:
    if array.dtype == bool:
        names.give(leaf, numbered="m")
    elif gets_gradient(leaf):
        names.give(leaf, numbered="w")
    elif array.ndim:
        names.give(leaf, "x" if enters_layer else "y", numbered="c")


def _name_layer(outline: Outline, users: Mapping[Any, list[Any]], z: Any, number: str) -> None:
    """`z1`, `a1`, `W1` and `b1`, where nobody gave names."""
    names = outline.names
    names.give(z, f"z{number}")
    for user in users[z]:
        if outline.roles.get(user) == "a":
            final = not _enters_layer(users[user]) and user.operation in _PROBABILITIES
            names.give(user, *(["p"] if final else []), f"a{number}")
    for x, letter in _parameters(z, outline.roles):
        if x.operation is None and gets_gradient(x):
            names.give(x, letter + number)


def _parameters(z: Any, roles: Mapping[Any, str]) -> list[tuple[Any, str]]:
    """The inputs of a layer: both sides of its product as `W`, added ones as `b`."""
    product, biases = z, []
    while product.operation not in _LAYERS:
        inner = next(x for x in nodes_in(product) if roles.get(x) == "inner")
        biases += [x for x in nodes_in(product) if x is not inner]
        product = inner
    parts = nodes_in(product)
    return [(x, "W") for x in parts[:2]] + [(x, "b") for x in [*parts[2:], *biases]]
