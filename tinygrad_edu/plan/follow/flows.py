"""Gradients that a step asks for by `grad`: each pass is one event, and what is read of it a result."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.plan.follow.events import Event
from tinygrad_edu.plan.follow.values import Info, Kind, info_of
from tinygrad_edu.tensor.gradient_flow import walked


class Flow(Event):
    """The gradients of a result, from the seed that flows into it.

    `found`: the numbers of all values that it depends on, with the gradient of each that was read in some call.
    """

    def __init__(self, before: Event, inputs: tuple[int, int], create_graph: bool) -> None:
        super().__init__(before)
        self.inputs, self.create_graph = inputs, create_graph
        self.found: dict[int, Info | None] = {}
        self.leaves: list[int] = []
        self.results: dict[int, Info] = {}  # of those that were computed in it

    def matches(self, result: Any, seed: Any, create_graph: bool, follower: Any) -> bool:
        """True if this is the same pass, and no leaf got a hook since."""
        values, (n, k) = follower.values, self.inputs
        if create_graph is not self.create_graph or result is not values[n]:
            return False
        if seed is not values[k] and not follower.infos[k].admits(seed, values):
            return False
        return not any(values[leaf].__dict__.get("hooks") for leaf in self.leaves)

    def redo(self, follower: Any) -> None:
        """Find the gradients."""
        found = self.real(follower)
        for n, info in self.results.items():
            follower.put(info.number, found[follower.values[n]])
        follower.reach(self)

    def real(self, follower: Any) -> dict[Any, Any]:
        """All gradients, computed."""
        result, seed = map(follower.given, self.inputs)
        return walked(result, seed, self.create_graph)


class Found:
    """The gradients of one pass, by the Tensors they belong to. `real`: computed, while the call is recorded."""

    def __init__(self, event: Flow, follower: Any, real: dict[Any, Any] | None) -> None:
        self._event, self._follower, self._real = event, follower, real

    def __contains__(self, x: Any) -> bool:
        if self._real is not None:
            return x in self._real
        return self._follower.present_number(x) in self._event.found

    def __getitem__(self, x: Any) -> Any:
        follower, event = self._follower, self._event
        if self._real is None:
            info = event.found[follower.present_number(x)]
            if info is not None:
                return follower.placeholder(info)
            follower.differ()  # nobody has read it before
            self._real = follower.unfollowed(event.real, follower)
        g = self._real[x]
        if follower.active and (n := follower.number_of(x)) in event.found:
            self._note(n, g)
        return g

    def _note(self, n: int, g: Any) -> None:
        """Let the gradient of the value `n` be one that is read."""
        follower, event = self._follower, self._event
        info = event.found[n]
        if info is None:
            known = follower.number_of(g)  # the seed, or that of another value
            if known >= 0:
                event.found[n] = follower.infos[known]
                return
            info = event.found[n] = event.results[n] = info_of(Kind.RESULT, follower, g.raw, g)
            info.operation = g.operation
        follower.enter_result(info.number, g)
