"""Which results of a graph get a line of their own, and what everything is called.

A result has its line if somebody named it, if it is used more than once, if it is the z of a layer or its activation,
or if a formula would grow too long without; what remains is written inside the formula that uses it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from tinygrad_edu.engine.node import gets_gradient
from tinygrad_edu.ops import OPERATIONS, elementwise, index, linalg, reduce, shape, softmax
from tinygrad_edu.reading.names import Names
from tinygrad_edu.reading.nodes import Computation, nodes_in

MOST_IN_A_LINE = 24  # operations and inputs of one formula
_MOST_REPEATED = 4  # the same, of what one operation uses twice
MOST_NESTED = 2  # functions of functions
_LAYERS = (linalg.matmul, linalg.linear)
_MOVING = (shape.reshape, shape.permute, shape.expand, shape.cast, index.take)
_ACTIVATIONS = (elementwise.sigmoid, elementwise.tanh, elementwise.relu, softmax.softmax)
_PROBABILITIES = (elementwise.sigmoid, softmax.softmax)
_NO_FUNCTIONS = (elementwise.negative, reduce.sum, reduce.mean, *_MOVING)  # though they have one input


class Outline:
    """Which results of the `computation` of a `loss` have `lines`, and the `names` of its nodes."""

    def __init__(
        self, computation: Computation, wanted: list[Any], names: Mapping[str, Any] | None, every: bool
    ) -> None:
        (self.loss,) = computation.ends
        self.computation = computation
        self.results, self.leaves = computation.results, computation.leaves
        self.users: dict[Any, list[Any]] = defaultdict(list)
        for node in self.results:
            for x in nodes_in(node):
                self.users[x].append(node)
        known = Names(names)
        self.names = {node: name for node in computation if (name := known.find(node))}
        self.roles = self._roles()
        self.wanted = set(wanted)
        self.lines = self._lines(every)
        self.on_path = computation.leading_to(wanted)
        self._name_all()

    def _roles(self) -> dict[Any, str]:
        """`z` for the result of a layer, `inner` for the part of it before the bias, `a` for its activation."""
        roles: dict[Any, str] = {}
        for node in reversed(self.results):
            inputs = nodes_in(node)
            layers = [x for x in inputs if roles.get(x) == "z"]
            if node.operation in _LAYERS:
                roles[node] = "z"
            elif (
                node.operation is elementwise.add and len(layers) == 1 and self._is_biased(layers[0], inputs)
            ):
                roles[node], roles[layers[0]] = "z", "inner"
            elif layers and len(inputs) == 1 and self._is_activation(node):
                roles[node] = "a"
        return roles

    def _is_activation(self, node: Any) -> bool:
        if node.operation in _MOVING:  # Kᵀ is no layer
            return False
        known = node.operation in _ACTIVATIONS or node.operation not in OPERATIONS.values()
        return known or self._enters_layer(node)

    def _is_biased(self, layer: Any, inputs: list[Any]) -> bool:
        others = [x for x in inputs if x is not layer]
        alone = len(self.users[layer]) == 1 and layer not in self.names
        return alone and all(x.operation is None for x in others)

    def _lines(self, every: bool) -> set[Any]:
        lines: set[Any] = {self.loss}
        sizes: dict[Any, int] = {}
        depths: dict[Any, int] = {}
        for node in reversed(self.results):
            parts = [x for x in nodes_in(node) if x not in lines]
            sizes[node] = 1 + sum(sizes.get(x, 1) for x in parts)
            depths[node] = _is_function(node) + max((depths.get(x, 0) for x in parts), default=0)
            if every or depths[node] > MOST_NESTED or self._has_line(node, sizes[node]):
                lines.add(node)
        return lines

    def _has_line(self, node: Any, size: int) -> bool:
        if node in self.names or node in self.wanted or self.roles.get(node) in ("z", "a"):
            return True
        users = self.users[node]
        return len(set(users)) > 1 or size > (_MOST_REPEATED if len(users) > 1 else MOST_IN_A_LINE)

    # Names.

    def _name_all(self) -> None:
        self.taken = set(self.names.values())
        layers = [x for x in reversed(self.results) if self.roles.get(x) == "z" and x in self.lines]
        self.layer_of: dict[Any, int] = {}
        for i, z in enumerate(layers, 1):
            self._name_layer(z, str(i) if len(layers) > 1 else "")
            self.layer_of[z] = i if len(layers) > 1 else 0
        self._give(self.loss, "L", "loss")
        for leaf in self.leaves:
            self._name_leaf(leaf)
        for node in reversed(self.results):
            if node in self.lines:
                self._give(node, numbered="t")

    def _name_leaf(self, leaf: Any) -> None:
        array = self.computation.array(leaf)
        if array.dtype == bool:
            self._give(leaf, numbered="m")
        elif gets_gradient(leaf):
            self._give(leaf, numbered="w")
        elif array.ndim:
            self._give(leaf, *(["x"] if self._enters_layer(leaf) else ["y"]), numbered="c")

    def _enters_layer(self, node: Any) -> bool:
        return any(user.operation in _LAYERS for user in self.users[node])

    def _name_layer(self, z: Any, number: str) -> None:
        """`z1`, `a1`, `W1` and `b1`, where nobody gave names."""
        self._give(z, f"z{number}")
        for user in self.users[z]:
            if self.roles.get(user) == "a":
                final = not self._enters_layer(user) and user.operation in _PROBABILITIES
                self._give(user, *(["p"] if final else []), f"a{number}")
        product, biases = z, []
        while product.operation not in _LAYERS:
            inner = next(x for x in nodes_in(product) if self.roles.get(x) == "inner")
            biases += [x for x in nodes_in(product) if x is not inner]
            product = inner
        parts = nodes_in(product)
        called = [(x, "W") for x in parts[:2]] + [(x, "b") for x in [*parts[2:], *biases]]
        for x, letter in called:
            if x.operation is None and gets_gradient(x):
                self._give(x, letter + number)

    def _give(self, node: Any, *wishes: str, numbered: str = "") -> None:
        """The first of `wishes` that is free, or the first free of a numbered row."""
        if node in self.names:
            return
        free = [name for name in wishes if name not in self.taken]
        if not free and numbered:
            free = [
                next(n for i in range(1, len(self.taken) + 2) if (n := f"{numbered}{i}") not in self.taken)
            ]
        if free:
            self.names[node] = free[0]
            self.taken.add(free[0])


def _is_function(node: Any) -> bool:
    """Whether it is written as a function of one input: log(x), but not −x."""
    return len(node.inputs) == 1 and node.operation not in _NO_FUNCTIONS
