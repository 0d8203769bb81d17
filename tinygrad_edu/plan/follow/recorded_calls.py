"""Recording: a call that differs from all before is computed as the library does, and its events are noted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.call_site import current_call_site
from tinygrad_edu.engine.hyperparameter import Hyperparameter
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import index as indexing
from tinygrad_edu.plan.follow.events import Applied, Assigned, Backward
from tinygrad_edu.plan.follow.flows import Flow, Found
from tinygrad_edu.plan.follow.numbered_values import NumberedValues
from tinygrad_edu.plan.follow.updates import Updated
from tinygrad_edu.plan.follow.values import Info, Kind, info_of
from tinygrad_edu.tensor.gradient_flow import walked
from tinygrad_edu.tensor.tensor import Tensor


class RecordedCalls(NumberedValues):
    """The part of a follower that notes new events."""

    def stop(self, why: str) -> None:
        """Let the rest of the call run as written."""
        raise NotImplementedError

    def note_marked(self, x: Any) -> None:
        """Note that a result became a leaf."""
        raise NotImplementedError

    def unfollowed(self, call: Callable[..., Any], *inputs: Any) -> Any:
        self.active = False
        try:
            return call(*inputs)
        finally:
            self.active = True

    def _given_to_record(self, numbers: tuple[int, ...]) -> list[Any]:
        return [self.given(n) for n in numbers]

    def _computed(
        self, event: Any, variable: Any, operation: Operation, inputs: Any, settings: Any, recording: bool
    ) -> Any:
        """Compute an operation while recording; `event`: the one in the record, if there is one."""
        if operation is indexing.take and any(getattr(x, "dtype", None) == np.bool_ for x in inputs[1:]):
            self.stop("x[mask], of which nobody knows how many numbers it takes")
            return variable.apply(operation, inputs, settings)
        for x in inputs:
            if isinstance(x, Tensor) and x.requires_grad and x.operation is None:
                self.note_marked(x)
        fresh = event is None
        if fresh:
            shadow = self._next_shadow(Applied, operation, len(inputs))
            numbers = tuple([self._number(x, shadow, i, *inputs) for i, x in enumerate(inputs)])
            outside = [
                (x, x.requires_grad)
                for x, n in zip(inputs, numbers)
                if self.infos[n].kind in (Kind.FIXED, Kind.TENSOR)
            ]
            event = Applied(self.at, operation, numbers, settings, recording, outside)
        given = tuple(self._given_to_record(event.inputs))
        variable = next(x for x in given if isinstance(x, Tensor))
        result = self.unfollowed(variable.apply, operation, given, settings)
        if fresh:
            event.info = info = info_of(Kind.RESULT, self, result.raw, result)
            info.operation = result.operation
            info.inputs, info.view = event.inputs, result.base is not None or result.hidden_base is not None
            info.whole = self._whole(result)
            self.at.successors.append(event)
        self.values[event.info.number] = result
        self._numbers[id(result)] = event.info.number
        self.reach(event)
        return result

    def _whole(self, view: Tensor) -> tuple[int | None, bool] | None:
        """The number of what `view` is a view of, None if it took no part, and whether it is hidden from the graph."""
        hidden = view.hidden_base is not None
        whole = view.base if view.hidden_base is None else view.hidden_base()
        return None if whole is None else (self._numbers.get(id(whole)), hidden)

    def _leaves_behind(self, result: Any) -> list[Any] | None:
        """The leaves that `result` was computed from; None if a pass back to them cannot be followed."""
        numbers = self._numbers
        order = newest_first(result) if result.requires_grad else []
        inner = {x for node in order for x in node.inputs if isinstance(x, Tensor) and x.requires_grad}
        leaves = [x for x in dict.fromkeys(inner) if x.operation is None]
        strangers = any(id(node) not in numbers and not self._is_result(node) for node in order)
        special = any(x.grad_hooks or x.hooks or not self._knows_former(x) for x in (*order, *leaves))
        if not order or strangers or special or any(id(x) not in numbers for x in leaves):
            self.stop(
                "a backward pass through what was computed before, or with hooks or in-place operations"
            )
            return None
        return sorted(leaves, key=lambda x: numbers[id(x)])

    def _knows_former(self, x: Any) -> bool:
        return all(id(former) in self._numbers for _, former in x.former)

    def _record_flow(self, event: Any, result: Any, seed: Any, create_graph: bool) -> Any:
        leaves = self._leaves_behind(result)
        if leaves is None:
            return walked(result, seed, create_graph)
        if event is None:
            event = Flow(self.at, (self._numbers[id(result)], self._number(seed, None, 1)), create_graph)
            event.leaves = [self._numbers[id(x)] for x in leaves]
            self.at.successors.append(event)
            event.found = {}
        real = self.unfollowed(event.real, self)
        for x in real:
            if id(x) in self._numbers:
                event.found.setdefault(self._numbers[id(x)], None)
        self.reach(event)
        return Found(event, self, real)

    def _record_backward(self, event: Any, loss: Any, asked: Any) -> bool:
        numbers = self._numbers
        leaves = self._leaves_behind(loss)
        if leaves is None:
            return False
        fresh = event is None
        seed, create_graph, chosen = asked or (None, False, None)
        if chosen is not None:
            wanted = set(map(id, chosen))
            if not wanted <= set(map(id, leaves)):
                self.stop("backward(inputs=) for what is no leaf behind it")
                return False
            leaves = [x for x in leaves if id(x) in wanted]
        if fresh:
            event = Backward(self.at, numbers[id(loss)])
            if asked is not None:
                n = None if seed is None else self._number(seed, None, 1)
                event.ask(n, create_graph, None if chosen is None else [numbers[id(x)] for x in chosen])
        if seed is not None:
            seed = self.given(event.inputs[1])
        before = [self._earlier_gradient(x) for x in leaves]
        for info in before:
            if info is not None and info.kind is Kind.TENSOR:
                self.given(info.number)
        self.unfollowed(loss.backward, seed, None, create_graph, chosen)
        if fresh:
            for x, info in zip(leaves, before):
                after = info_of(Kind.RESULT, self, x.grad.raw, x.grad)
                after.operation = x.grad.operation
                event.leaves.append((numbers[id(x)], info, after))
                if create_graph or self.infos[numbers[id(x)]].kind is not Kind.FIXED:
                    event.passing.append((numbers[id(x)], after))
            self.at.successors.append(event)
        for x, (_, _, info) in zip(leaves, event.leaves):
            self.values[info.number] = x.grad
            numbers[id(x.grad)] = info.number
        self.reach(event)
        return True

    def _is_result(self, x: Tensor) -> bool:
        """True for what was computed in the step, if only on the way, as a cast."""
        recorder = self._recorder
        assert recorder is not None
        return recorder.knows(x) and recorder.slot(x).kind == "result"

    def _earlier_gradient(self, x: Tensor) -> Info | None:
        g = x.grad
        if g is None:
            return None
        if id(g) in self._numbers:
            return self.infos[self._numbers[id(g)]]
        return self._noted(info_of(Kind.TENSOR, self, g.raw, g), g)

    def _record_update(self, event: Any, optimizer: Any) -> None:
        recorder = self._recorder
        assert recorder is not None
        fresh = event is None
        if fresh:
            event = Updated(self.at, optimizer)
            event.site = current_call_site()
            params = [p for group in optimizer.param_groups for p in group["params"]]
            for p in params:
                self._number(p, None, 0)
                event.gradients.append((p, self._earlier_gradient(p)))
            event.moved = [p for p, info in event.gradients if info is not None]
            known = {p: dict(optimizer.state[p]) for p in event.moved if p in optimizer.state}
        for _, info in event.gradients:
            if info is not None and info.kind is Kind.TENSOR:
                self.given(info.number)
        first = len(recorder.recording.calls)
        event.remember()
        self.unfollowed(optimizer.step)
        for call in recorder.recording.calls[first:]:
            call.arguments = tuple(_shadowed(x, event.shadows) for x in call.arguments)
        if fresh:
            made = [p for p in event.moved if p not in known and optimizer.state.get(p)]  # in a first step
            event.note_memories({p: optimizer.state[p] for p in known} | {p: {} for p in made}, known)
            self.at.successors.append(event)
        self.reach(event)

    def _record_assigned(self, event: Any, target: Any, value: Any) -> None:
        """Overwrite numbers while recording."""
        if event is None:
            shadow = self._next_shadow(Assigned)
            event = Assigned(self.at, self._number(target, shadow, 0), self._number(value, shadow, 1, target))
            event.site = current_call_site()
            self.at.successors.append(event)
        target, given = self._given_to_record(event.inputs)
        self.unfollowed(target.assign, given)
        event.touched = self._sharing(target)
        self.reach(event)


def _shadowed(x: Any, shadows: dict[int, dict[str, Any]]) -> Any:
    if isinstance(x, Hyperparameter):
        return type(x)(shadows.get(id(x.owner), x.owner), x.key, x.index)
    return x
