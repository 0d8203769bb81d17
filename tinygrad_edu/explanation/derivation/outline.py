"""Which results of a graph get a line of their own, and what everything is called.

A result has its line if somebody named it, if it is used more than once, if it is the z of a layer or its activation,
or if a formula would grow too long without; what remains is written inside the formula that uses it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.node import Node, gets_gradient
from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.reading.names import known_names
from tinygrad_edu.reading.nodes import array_of, leaves_of

MOST_IN_A_LINE = 24  # operations and inputs of one formula
_MOST_REPEATED = 4  # the same, of what one operation uses twice
MOST_NESTED = 2  # functions of functions
_LAYERS = ("matmul", "linear")
_MOVING = ("reshape", "permute", "expand", "cast", "take")
_ACTIVATIONS = ("sigmoid", "tanh", "relu", "softmax")
_PROBABILITIES = ("sigmoid", "softmax")


class Outline:
    """`results`, newest first, and `leaves`; which `results` have lines; the `names` by id."""

    def __init__(self, loss: Any, wanted: list[Any], given: Mapping[str, Any] | None, every: bool) -> None:
        self.loss = loss
        self.results = newest_first(loss)
        self.leaves = leaves_of(self.results)
        self.users: dict[int, list[Any]] = defaultdict(list)
        for thing in self.results:
            for x in thing.inputs:
                if isinstance(x, Tracer):
                    self.users[id(x)].append(thing)
        things = [*self.leaves, *reversed(self.results)]
        self.names = {id(x): name for x, name in zip(things, known_names(things, given), strict=True) if name}
        self.roles = self._roles()
        self.wanted = {id(x) for x in wanted}
        self.lines = self._lines(every)
        self.on_path = self._on_path()
        self._name_all()

    def _roles(self) -> dict[int, str]:
        """`z` for the result of a layer, `inner` for the part of it before the bias, `a` for its activation."""
        roles: dict[int, str] = {}
        for thing in reversed(self.results):
            name, inputs = thing.operation.name, [x for x in thing.inputs if isinstance(x, Tracer)]
            layers = [x for x in inputs if roles.get(id(x)) == "z"]
            if name in _LAYERS:
                roles[id(thing)] = "z"
            elif name == "add" and len(layers) == 1 and self._is_biased(layers[0], inputs):
                roles[id(thing)], roles[id(layers[0])] = "z", "inner"
            elif layers and len(inputs) == 1 and self._is_activation(thing):
                roles[id(thing)] = "a"
        return roles

    def _is_activation(self, thing: Any) -> bool:
        if thing.operation.name in _MOVING:  # Kᵀ is no layer
            return False
        known = thing.operation.name in _ACTIVATIONS or not _is_ours(thing)
        return known or any(user.operation.name in _LAYERS for user in self.users[id(thing)])

    def _is_biased(self, layer: Any, inputs: list[Any]) -> bool:
        others = [x for x in inputs if x is not layer]
        alone = len(self.users[id(layer)]) == 1 and id(layer) not in self.names
        return alone and all(x.operation is None for x in others)

    def _lines(self, every: bool) -> set[int]:
        lines: set[int] = {id(self.loss)}
        sizes: dict[int, int] = {}
        depths: dict[int, int] = {}
        for thing in reversed(self.results):
            parts = [x for x in thing.inputs if isinstance(x, Tracer) and id(x) not in lines]
            sizes[id(thing)] = 1 + sum(sizes.get(id(x), 1) for x in parts)
            depths[id(thing)] = _is_function(thing) + max((depths.get(id(x), 0) for x in parts), default=0)
            if every or depths[id(thing)] > MOST_NESTED or self._has_line(thing, sizes[id(thing)]):
                lines.add(id(thing))
        return lines

    def _has_line(self, thing: Any, size: int) -> bool:
        if id(thing) in self.names or id(thing) in self.wanted or self.roles.get(id(thing)) in ("z", "a"):
            return True
        users = self.users[id(thing)]
        different = len({id(user) for user in users})
        return different > 1 or size > (_MOST_REPEATED if len(users) > 1 else MOST_IN_A_LINE)

    def _on_path(self) -> set[int]:
        """What depends on the wanted, and these."""
        found = set(self.wanted)
        for thing in reversed(self.results):
            if any(id(x) in found for _, x in thing.edges()):
                found.add(id(thing))
        return found

    # Names.

    def _name_all(self) -> None:
        self.taken = set(self.names.values())
        layers = [x for x in reversed(self.results) if self.roles.get(id(x)) == "z" and id(x) in self.lines]
        self.layer_of: dict[int, int] = {}
        for i, thing in enumerate(layers, 1):
            self._name_layer(thing, str(i) if len(layers) > 1 else "")
            self.layer_of[id(thing)] = i if len(layers) > 1 else 0
        self._give(self.loss, "L", "loss")
        for leaf in self.leaves:
            if array_of(leaf).dtype == bool:
                self._give(leaf, numbered="m")
            elif array_of(leaf).ndim and not gets_gradient(leaf):
                self._give(leaf, *(["x"] if self._enters_layer(leaf) else ["y"]), numbered="c")
            elif gets_gradient(leaf):
                self._give(leaf, numbered="w")
        for thing in reversed(self.results):
            if id(thing) in self.lines:
                self._give(thing, numbered="t")

    def _enters_layer(self, leaf: Any) -> bool:
        return any(user.operation.name in _LAYERS for user in self.users[id(leaf)])

    def _name_layer(self, z: Any, index: str) -> None:
        """`z1`, `a1`, `W1` and `b1`, where nobody gave names."""
        self._give(z, f"z{index}")
        for user in self.users[id(z)]:
            if self.roles.get(id(user)) == "a":
                last = not any(next_one.operation.name in _LAYERS for next_one in self.users[id(user)])
                final = last and user.operation.name in _PROBABILITIES
                self._give(user, *(["p"] if final else []), f"a{index}")
        product, biases = z, []
        while product.operation.name not in _LAYERS:
            inner = next(x for x in product.inputs if self.roles.get(id(x)) == "inner")
            biases += [x for x in product.inputs if isinstance(x, Node) and x is not inner]
            product = inner
        parts = [x for x in product.inputs if isinstance(x, Node)]
        called = [(x, "W") for x in parts[:2]] + [(x, "b") for x in [*parts[2:], *biases]]
        for x, letter in called:
            if x.operation is None and gets_gradient(x):
                self._give(x, letter + index)

    def _give(self, thing: Any, *wishes: str, numbered: str = "") -> None:
        """The first of `wishes` that is free, or the first free of a numbered row."""
        if id(thing) in self.names:
            return
        free = [name for name in wishes if name not in self.taken]
        if not free and numbered:
            free = [
                next(n for i in range(1, len(self.taken) + 2) if (n := f"{numbered}{i}") not in self.taken)
            ]
        if free:
            self.names[id(thing)] = free[0]
            self.taken.add(free[0])


def _is_function(thing: Any) -> bool:
    """Whether it is written as a function of one thing: log(x), but not −x."""
    return len(thing.inputs) == 1 and thing.operation.name not in ("negative", "sum", "mean", *_MOVING)


def _is_ours(thing: Any) -> bool:
    return OPERATIONS.get(thing.operation.name) is thing.operation
