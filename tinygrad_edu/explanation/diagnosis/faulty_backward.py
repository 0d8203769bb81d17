"""The graph of a loss run backward again, with a mistake made on purpose.

A mistake in a hand-derived gradient is the same graph with one rule replaced. The walk is `accumulate`, as for true
gradients; but where a mistake was made, the gradient of a node is corrected before it is passed back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from tinygrad_edu.engine.backward import accumulate
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.reading.gradients import seed
from tinygrad_edu.reading.nodes import Array, Computation
from tinygrad_edu.tensor.tensor import Tensor

Grads = dict[Variable, Array]
Rule = Callable[..., Array]
# `correction(grads, g)` goes on in place of `g`, the gradient that arrived at a tensor; `grads` holds those of all
# newer tensors.
Correction = Callable[[Grads, Array], Array]


def instead(node: Variable, position: int, rule: Rule) -> Correction:
    """A correction that puts `rule` in place of the one of `node` for its input at `position`."""

    def correction(grads: Grads, g: Array) -> Array:
        upstream = grads[node]
        return g - node.share(position, upstream) + node.share(position, upstream, rule)

    return correction


def both(first: Correction | None, second: Correction) -> Correction:
    """One correction after the other."""
    return second if first is None else lambda grads, g: second(grads, first(grads, g))


def scaled(c: float) -> Correction:
    """A correction to the gradient times a constant."""
    return lambda grads, g: c * g


def plus(array: Array) -> Correction:
    """A correction to the gradient plus an array."""
    return lambda grads, g: g + array


def replaced(array: Array) -> Correction:
    """A correction to an array in place of the gradient."""
    return lambda grads, g: array


def _sharing(node: Variable, position: int) -> Callable[[Array], Array]:
    """`node.share` for one input: thousands of walks take this way, so that all but the rule is looked up once."""
    operation, values, y, settings = node.operation, node.values(), node.raw, dict(node.settings)
    assert operation is not None
    rule: Any = operation.rules[position]
    like, fit = values[position], operation.fit

    def share(g: Array) -> Array:
        found = np.asarray(rule(g, y, *values, **settings))
        return found if found.shape == like.shape and found.dtype == like.dtype else fit(found, like)

    return share


class _Changed(dict[Variable, Array]):
    """The gradients so far: the true ones with their changes."""

    def __init__(self, true: Grads, changes: Grads) -> None:
        super().__init__(true)
        self.changes = changes

    def __getitem__(self, x: Variable) -> Array:
        true = super().__getitem__(x)
        return true + self.changes[x] if x in self.changes else true


class Tape:
    """The graph of `loss` with its true gradients; the corrections in `base` count as true."""

    def __init__(self, loss: Tensor, base: Mapping[Variable, Correction] | None = None) -> None:
        self.loss = loss
        self.base = dict(base or {})
        computation = Computation(loss)
        self.nodes = computation.results
        self.order = [*self.nodes, *computation.leaves]
        self.place = {x: i for i, x in enumerate(self.order)}

    @cached_property
    def grads(self) -> Grads:
        """The true gradients."""
        return self.walk({})

    @cached_property
    def leaves(self) -> list[Variable]:
        """The tensors with a gradient that were not computed."""
        return [x for x in self.grads if x.operation is None]

    @cached_property
    def _uses(self) -> Mapping[Variable, list[tuple[Variable, int]]]:
        found: defaultdict[Variable, list[tuple[Variable, int]]] = defaultdict(list)
        for node in self.nodes:
            for i, x in node.edges():
                found[x].append((node, i))
        return found

    @cached_property
    def _ways(self) -> dict[Variable, list[tuple[Variable, Callable[[Array], Array]]]]:
        """The inputs of each node to which its gradient is passed back, and how."""
        return {x: [(y, _sharing(x, i)) for i, y in x.edges()] for x in self.order}

    @cached_property
    def _edges(self) -> dict[Variable, list[tuple[Variable, Callable[[Array], Array]]]]:
        """Those inputs to which a change of the gradient is passed back."""
        return {x: [way for way in ways if way[0] not in self.base] for x, ways in self._ways.items()}

    @cached_property
    def tensors(self) -> list[Variable]:
        """Every tensor of the graph, also those without a gradient, newest results first."""
        return list(dict.fromkeys(x for n in self.nodes for x in (n, *n.inputs) if isinstance(x, Variable)))

    def walk(self, wrong: Mapping[Variable, Correction]) -> Grads:
        """All gradients, with corrections at some tensors."""
        corrections = {**self.base, **wrong}
        grads: Grads = {self.loss: seed(self.loss)}

        def pass_back(x: Variable, g: Array) -> list[tuple[Variable, Array]]:
            if x in corrections:
                grads[x] = corrections[x](grads, g)
            g = grads[x]
            return [(y, share(g)) for y, share in self._ways[x]]

        return accumulate(self.order, grads, pass_back)

    def carried(self, changes: Grads) -> Grads:
        """The changes of all gradients that follow from these: a rule is linear in `g`.

        The gradients of tensors newer than the changed ones stay as they are.
        """

        def pass_back(x: Variable, change: Array) -> list[tuple[Variable, Array]]:
            return [(y, share(change)) for y, share in self._edges[x]]

        first = min((self.place[x] for x in changes), default=0)
        return accumulate(self.order[first:], dict(changes), pass_back)

    def changed(self, x: Variable, correction: Correction) -> Grads:
        """The changes of all gradients if only that of `x` is corrected."""
        return self.differences({x: correction})

    def differences(self, wrong: Mapping[Variable, Correction]) -> Grads:
        """The differences between the gradients with these corrections and the true ones.

        Only what changes is walked: the gradients of tensors newer than the corrected ones stay as they are.
        """
        changes: Grads = {x: np.zeros_like(self.grads[x]) for x in wrong}
        grads = _Changed(self.grads, changes)

        def pass_back(x: Variable, change: Array) -> list[tuple[Variable, Array]]:
            if x in wrong:
                changes[x] = change = wrong[x](grads, grads[x]) - self.grads[x]
            return [(y, share(change)) for y, share in self._edges[x]]

        first = min((self.place[x] for x in wrong), default=0)
        return accumulate(self.order[first:], changes, pass_back)

    def uses(self, x: Variable) -> list[tuple[Variable, int]]:
        """The nodes, and positions among their inputs, through which a gradient comes back to `x`."""
        return self._uses.get(x, [])

    def positions(self, x: Variable, node: Variable) -> list[int]:
        """The positions of `x` among the inputs of `node`."""
        return [i for other, i in self.uses(x) if other is node]

    def sent(self, x: Variable, node: Variable) -> Array:
        """The gradient that comes back to `x` through `node`."""
        if node not in self.grads:
            return np.zeros_like(x.raw)
        return np.asarray(sum(node.share(i, self.grads[node]) for i in self.positions(x, node)))
