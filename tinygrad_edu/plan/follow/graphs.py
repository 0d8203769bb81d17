"""Graphs of results that a program computed: built when somebody asks for one, as the step itself would have."""

from __future__ import annotations

import weakref
from contextvars import Context
from typing import Any

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.grad_mode import enable_grad, no_grad
from tinygrad_edu.engine.versions import overwritten_since, serials
from tinygrad_edu.plan.follow.graphless import lose_graph, stand_for
from tinygrad_edu.plan.follow.values import Kind
from tinygrad_edu.tensor.tensor import Tensor, tensor


class Graph:
    """What the results of one call were computed from; each of them holds it while its graph may be asked for."""

    def __init__(self, ending: Any, follower: Any, results: dict[int, Any]) -> None:
        self._ending, self._follower, self._serial = ending, follower, next(serials)
        self._values = dict.fromkeys(ending.given)
        for n in ending.given:
            self._values[n] = follower.values[n]
        self._raws = [(x, x.raw) for x in self._values.values() if isinstance(x, Tensor)]
        self._results = {n: weakref.ref(x) for n, x in results.items()}
        self._arrays: dict[int, Tensor] = {}

    def keep(self) -> None:
        """Copy what the next call overwrites."""
        for n in self._values:
            info = self._follower.infos[n]
            if info.kind is Kind.ARRAY and n not in self._arrays:
                self._arrays[n] = tensor(info.place)

    def build(self) -> None:
        """Give every result its graph, or the word that it is lost, as a number in it was overwritten."""
        found = {n: x for n, ref in self._results.items() if (x := ref()) is not None}
        if any(x.raw is not raw or overwritten_since(x, self._serial) for x, raw in self._raws):
            self._follower.keeps_graphs = True
            for x in found.values():
                lose_graph(x)
        else:
            self._follower.note_built()
            Context().run(self._compute, found)  # nobody is told of operations that were before

    def _compute(self, found: dict[int, Any]) -> None:
        self.keep()
        first = next(serials)
        values = {**self._values, **self._arrays}
        for x in found.values():
            x.__class__ = Tensor
        for event in self._ending.path:
            inputs = tuple([values[n] for n in event.inputs])
            variable = next(x for x in inputs if isinstance(x, Tensor))
            with enable_grad() if event.recording else no_grad():
                result = variable.apply(event.operation, inputs, event.settings)
            n = event.info.number
            values[n] = found.get(n, result)
            if n in found:
                raw = found[n].raw  # somebody may hold the array
                stand_for(found[n], result)
                if result.memory is None:
                    found[n].raw = raw
        self._date(newest_first(*found.values()), first)

    def _date(self, nodes: list[Any], first: int) -> None:
        """Let the nodes be as old as the call: newer than what was before, older than what came after."""
        made = [node for node in nodes if node.serial > first]
        for i, node in enumerate(made):
            node.serial = self._serial - i / len(made)
