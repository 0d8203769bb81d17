"""The graph of a loss run backward again, with something wrong in it on purpose.

A mistake in a hand-derived gradient is the same graph with one rule replaced. The engine's walk is not touched: this
one is shorter, does first derivatives only, and asks before every step whether the step is to be done otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.tensor.tensor import Tensor

Grads = dict[Variable, Array]
Rule = Callable[..., Array]
# What goes on in place of `g`, the gradient that arrived at a tensor; `grads` holds those of everything newer.
Correction = Callable[[Grads, Array], Array]


def instead(node: Variable, position: int, rule: Rule) -> Correction:
    """`rule` in place of the one that `node` has for its input at `position`."""

    def correction(grads: Grads, g: Array) -> Array:
        upstream = grads[node]
        return g - node.share(position, upstream) + node.share(position, upstream, rule)

    return correction


def both(first: Correction | None, second: Correction) -> Correction:
    """One correction after the other."""
    return second if first is None else lambda grads, g: second(grads, first(grads, g))


def scaled(c: float) -> Correction:
    """The gradient times a constant."""
    return lambda grads, g: c * g


def plus(array: Array) -> Correction:
    """The gradient plus an array."""
    return lambda grads, g: g + array


def replaced(array: Array) -> Correction:
    """An array in place of the gradient."""
    return lambda grads, g: array


class Tape:
    """The graph of `loss` with its true gradients; `base` are corrections that are part of the truth here."""

    def __init__(self, loss: Tensor, base: Mapping[Variable, Correction] | None = None) -> None:
        self.loss = loss
        self.base = dict(base or {})
        self.nodes = newest_first(loss)
        self.edges = [list(node.edges()) for node in self.nodes]
        self.place = {node: i for i, node in enumerate(self.nodes)}
        self.grads: Grads = {}
        self.grads = self.walk({})
        self.leaves = [x for x in self.grads if x.operation is None]

    def walk(self, wrong: Mapping[Variable, Correction]) -> Grads:
        """All gradients, with corrections at some tensors."""
        wrong = {**self.base, **wrong}
        grads: Grads = {self.loss: np.ones(self.loss.shape, self.loss.raw.dtype)}
        for node, edges in zip(self.nodes, self.edges):
            if node in grads:
                if node in wrong:
                    grads[node] = wrong[node](grads, grads[node])
                for position, x in edges:
                    sent = node.share(position, grads[node])
                    grads[x] = grads[x] + sent if x in grads else sent
        for x, correction in wrong.items():
            if x.operation is None and x in grads:
                grads[x] = correction(grads, grads[x])
        return grads

    def changed(self, x: Variable, correction: Correction) -> Grads:
        """The gradients that differ from the true ones if only that of `x` is corrected, and how.

        What is newer than `x` stays as it is, and a rule is linear in `g`: only the difference is carried on.
        """
        changes: Grads = {x: correction(self.grads, self.grads[x]) - self.grads[x]}
        for i in range(self.place.get(x, len(self.nodes)), len(self.nodes)):
            node = self.nodes[i]
            if node in changes:
                for position, y in self.edges[i]:
                    if y not in self.base:
                        sent = node.share(position, changes[node])
                        changes[y] = changes[y] + sent if y in changes else sent
        return changes

    def differences(self, wrong: Mapping[Variable, Correction]) -> Grads:
        """How the gradients differ from the true ones with these corrections."""
        if len(wrong) == 1:
            return self.changed(*next(iter(wrong.items())))
        return {x: g - self.grads[x] for x, g in self.walk(wrong).items()}

    def uses(self, x: Variable) -> list[tuple[Variable, int]]:
        """Where `x` is an input through which a gradient comes back to it."""
        return [(node, i) for node, edges in zip(self.nodes, self.edges) for i, y in edges if y is x]

    def positions(self, x: Variable, node: Variable) -> list[int]:
        """At which positions `x` is an input of `node`."""
        return [i for other, i in self.uses(x) if other is node]

    def sent(self, x: Variable, node: Variable) -> Array:
        """What comes back to `x` through `node`."""
        if node not in self.grads:
            return np.zeros_like(x.raw)
        return np.asarray(sum(node.share(i, self.grads[node]) for i in self.positions(x, node)))
