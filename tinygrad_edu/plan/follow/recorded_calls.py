"""Recording: a call that differs from all before is computed as the library does, and its events are noted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.call_site import current_call_site
from tinygrad_edu.engine.graph import CREATE
from tinygrad_edu.engine.hyperparameter import Hyperparameter
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import index as indexing
from tinygrad_edu.plan.follow.call_state import CallState
from tinygrad_edu.plan.follow.events import Applied, Assigned, Backward, Updated
from tinygrad_edu.plan.follow.placeholder import awaiting
from tinygrad_edu.plan.follow.values import Info, Kind, info_of
from tinygrad_edu.plan.pytree import flat
from tinygrad_edu.plan.record import Recorder
from tinygrad_edu.tensor.draws import DRAW, SEED
from tinygrad_edu.tensor.tensor import Tensor


class RecordedCalls(CallState):
    """The part of a follower that notes new events."""

    def __init__(self) -> None:
        super().__init__()
        self._arguments: Any = ()
        self._created: list[Any] = []  # in this call, beside its operations
        self._made: dict[int, Tensor] = {}  # the same while recording, by id; the step's own arguments, too
        self._sources: dict[int, Any] = {}  # where some of these come from: see `Info.source`
        self.drawn: list[Any] = []  # the generators that numbers came from, and SEED where one was set
        self._shadows: list[Any] = []  # while recording: what happened at this place in earlier calls

    def stop(self, why: str) -> None:
        """Let the rest of the call run as written."""
        raise NotImplementedError

    # What is made beside operations.

    def note(
        self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any], result: Any
    ) -> None:
        """One operation that is computed."""
        if operation is DRAW or operation is SEED:
            self.drawn.append(SEED if operation is SEED else settings["draw"].given)
        if operation is CREATE or operation is DRAW:
            self._created.append((operation, inputs, settings, result))
            if self._recorder is not None:
                self._note_created(operation, inputs, settings, result)
        elif self._recorder is not None:
            self._recorder.note(operation, inputs, settings, result)

    def _note_created(self, operation: Operation, inputs: Any, settings: Any, result: Any) -> None:
        self._made[id(result)] = result
        if operation is DRAW:
            self._sources[id(result)] = inputs, settings
        elif inputs and id(inputs[0]) in self._sources and _is_copy(result, inputs[0]):
            self._sources[id(result)] = self._sources[id(inputs[0])]

    def _record(self) -> None:
        for i, x in enumerate(flat(*self._arguments)):
            if isinstance(x, Tensor):
                self._made[id(x)] = x
            if isinstance(x, Tensor | np.ndarray):
                self._sources[id(x)] = i
        for created in self._created:
            self._note_created(*created)
        self._recorder = Recorder(self._made)
        self._numbers = {id(x): n for n, x in enumerate(self.values) if isinstance(x, Tensor)}

    # New events.

    def _unfollowed(self, call: Callable[..., Any], *inputs: Any) -> Any:
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
        result = self._unfollowed(variable.apply, operation, given, settings)
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
        """The number of what `view` is a view of, None if it took no part, and whether the graph does not know of it."""
        hidden = view.hidden_base is not None
        whole = view.hidden_base() if hidden else view.base
        return None if whole is None else (self._numbers.get(id(whole)), hidden)

    def _record_backward(self, event: Any, loss: Any) -> bool:
        numbers = self._numbers
        order = newest_first(loss) if loss.requires_grad else []
        inner = {x for node in order for x in node.inputs if isinstance(x, Tensor) and x.requires_grad}
        leaves = [x for x in dict.fromkeys(inner) if x.operation is None]
        strangers = any(id(node) not in numbers and not self._is_result(node) for node in order)
        special = any(x.grad_hooks or x.hooks or x.former for x in (*order, *leaves))
        if not order or strangers or special or any(id(x) not in numbers for x in leaves):
            self.stop(
                "a backward pass through what was computed before, or with hooks or in-place operations"
            )
            return False
        leaves.sort(key=lambda x: numbers[id(x)])
        fresh = event is None
        if fresh:
            event = Backward(self.at, numbers[id(loss)])
        before = [self._earlier_gradient(x) for x in leaves]
        for info in before:
            if info is not None and info.kind is Kind.TENSOR:
                self.given(info.number)
        self._unfollowed(loss.backward)
        if fresh:
            for x, info in zip(leaves, before):
                after = info_of(Kind.RESULT, self, x.grad.raw)
                event.leaves.append((numbers[id(x)], info, after))
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
        self._unfollowed(optimizer.step)
        for call in recorder.recording.calls[first:]:
            call.arguments = tuple(_shadowed(x, event.shadows) for x in call.arguments)
        if fresh:
            event.memories = [(p, optimizer.state[p], list(known[p].values())) for p in known]
            if len(known) < len(event.moved):  # the first step, which makes what it remembers
                made = [p for p in event.moved if p not in known and optimizer.state.get(p)]
                event.memories += [(p, {}, []) for p in made]
            event.touched = [(x, awaiting(type(x))) for x in (*event.moved, *_remembered(event))]
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
        self._unfollowed(target.assign, given)
        event.touched = self._sharing(target)
        self.reach(event)

    # New values.

    def _noted(self, info: Info, x: Any) -> Info:
        if info.kind is Kind.TENSOR:
            self.taken[id(x)] = info.number
        info.source = self._sources.get(id(x)) if info.kind in (Kind.TENSOR, Kind.ARRAY) else None
        self.values[info.number] = x
        if isinstance(x, Tensor):
            self._numbers[id(x)] = info.number
        return info

    def _next_shadow(self, kind: type, operation: Any = None, count: int = 0) -> Any:
        """What happened here in an earlier call, if it was alike."""
        before = self._shadows
        for shadow in reversed(before):
            alike = shadow.__class__ is kind and shadow.operation is operation
            if alike and (not count or len(shadow.inputs) == count):
                self._shadows = shadow.successors
                return shadow
        self._shadows = before[-1].successors if before else []
        return None

    def _number(self, x: Any, shadow: Any, position: int, *beside: Any) -> int:
        """The number of an input of an event."""
        before = None if shadow is None else self.infos[shadow.inputs[position]]
        if isinstance(x, Tensor):
            if id(x) in self._numbers:
                return self._numbers[id(x)]
            return self._noted(self._tensor_info(x, before), x).number
        if isinstance(x, np.ndarray):
            return self._noted(info_of(Kind.ARRAY, self, x), x).number
        x = float(x) if isinstance(x, Hyperparameter) else x.item() if isinstance(x, np.generic) else x
        changed = before is not None and before.kind in (Kind.LITERAL, Kind.NUMBER)
        dtype = next((y.dtype for y in beside if isinstance(y, Tensor) and y.dtype.kind == "f"), None)
        if changed and dtype is not None and x.__class__ in (float, int):
            return self._noted(info_of(Kind.NUMBER, self, np.asarray(x, dtype)), x).number
        return self._noted(info_of(Kind.LITERAL, self, None, x), x).number

    def _tensor_info(self, x: Tensor, before: Info | None) -> Info:
        another = before is not None and before.kind in (Kind.FIXED, Kind.TENSOR)
        if (another or id(x) in self._made) and x.operation is None:
            return info_of(Kind.TENSOR, self, x.raw, x)
        info = self._fixed[id(x)] = info_of(Kind.FIXED, self, x.raw, x)
        return info

    def _sharing(self, target: Tensor) -> list[int]:
        """The numbers of Tensors from outside that are overwritten with `target`."""
        recorder = self._recorder
        assert recorder is not None
        root = recorder.slot(target).root
        return [
            n
            for n, x in enumerate(self.values)
            if isinstance(x, Tensor) and recorder.knows(x) and self._is_outside(x, root)
        ]

    def _is_outside(self, x: Tensor, root: Any) -> bool:
        assert self._recorder is not None
        slot = self._recorder.slot(x)
        return slot.kind != "result" and slot.root is root


def _shadowed(x: Any, shadows: dict[int, dict[str, Any]]) -> Any:
    if isinstance(x, Hyperparameter):
        return type(x)(shadows.get(id(x.owner), x.owner), x.key, x.index)
    return x


def _is_copy(x: Tensor, data: Any) -> bool:
    return x.raw.shape == data.shape and x.raw.dtype == data.dtype


def _remembered(event: Updated) -> list[Tensor]:
    return [x for _, _, contents in event.memories for x in contents if isinstance(x, Tensor)]
