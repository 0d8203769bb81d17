"""The follower of one step: it compares what happens with the record, and computes once nothing can differ any more.

In a call that follows the record, nothing is computed before the step returns or reads a number. So at an event that
differs everything so far can be done as the library itself would have done it, and the step goes on as written.

Reading order: values, events, flows, updates, placeholder, call_state, numbered_values, recorded_calls, completion,
passes, follower; then ending, held_results, graphs, module_calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import index as indexing
from tinygrad_edu.plan.follow.ending import Ending
from tinygrad_edu.plan.follow.events import Assigned
from tinygrad_edu.plan.follow.module_calls import NOT_FOLLOWED, Followed, may_be_followed
from tinygrad_edu.plan.follow.passes import Passes
from tinygrad_edu.plan.follow.placeholder import Placeholder

_new = object.__new__
_INDEXED = (indexing.take, indexing.put)


class Follower(Passes):
    """Runs a step, followed."""

    def __init__(self, step: Callable[..., Any], strict: bool = False) -> None:
        super().__init__(step, strict)
        self._busy = self._called = False

    def __call__(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if self.alone or self._busy or current().watchers:
            return self._step(*inputs, **named)
        self._busy, self.was_read, self.drawn = True, False, []
        if self._graph is not None and (graph := self._graph()) is not None:
            graph.keep()
        self.at, self.values, self.passed = self._root, self._template.copy(), ()
        self._arguments = inputs, named
        self.block.__enter__()
        try:
            if not self._root.successors:
                if not (self._called or self._strict):  # as a first call makes what others find
                    self._called = True
                    self.block.__exit__()
                    return self._step(*inputs, **named)
                self._record()
            self.active = True
            returned = self._step(*inputs, **named)
            if self.active:
                self._finish(returned)
            return returned
        except BaseException:
            if self.active and self._recorder is None:
                self._again(recording=False)
            raise
        finally:
            self.block.__exit__()
            self.active = self._busy = False
            self.values = []
            self.taken.clear()
            if self._created:
                self._created.clear()
            if self._recorder is not None or self._numbers:
                self._recorder, self._shadows = None, []
                for known in (self._numbers, self._made, self._sources):
                    known.clear()

    @property
    def ending(self) -> Ending | None:
        """How the last call ended, if it did as one before."""
        return self.at.ending if self.at.ending is not None and self.at.ending.ran else None

    @property
    def arguments(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Those of the last call: positional ones, and named ones."""
        inputs, named = self._arguments
        return inputs, named

    @property
    def saw_nothing(self) -> bool:
        """True if nothing happened on Tensors in the last call."""
        return self.at is self._root

    def __repr__(self) -> str:
        count = len(self.at.ending.recording.calls) if self.at.ending is not None else 0
        return f"{count} calls"

    # What the library tells.

    def operation(
        self,
        variable: Any,
        operation: Operation,
        inputs: tuple[Any, ...],
        settings: dict[str, Any],
        recording: bool,
    ) -> Any:
        """The result of an operation: a placeholder if the record has it, else computed."""
        if operation in _INDEXED:
            inputs, settings = _with_rows(inputs, settings)
        values = self.values
        for event in self.at.successors:
            if event.operation is operation and event.recording is recording:
                numbers = event.inputs
                if len(numbers) != len(inputs):
                    continue
                for x, n in zip(inputs, numbers):
                    if x is not values[n] and not self.infos[n].admits(x, values):
                        break
                else:
                    if event.fits(settings):
                        break
        else:
            event = None
        if self._recorder is None:
            if event is None:
                self.differ()
                return variable.apply(operation, inputs, settings)
            self.at = event
            result = _new(Placeholder)
            result.info = info = event.info
            values[info.number] = result
            return result
        return self._computed(event, variable, operation, inputs, settings, recording)

    def module(self, module: Any, inputs: tuple[Any, ...], options: Any) -> Followed:
        """A call of a module: with its result, if it is one of the library that was called here before."""
        if not self.active:
            return NOT_FOLLOWED
        if self._recorder is None:
            calls = self.at.modules
            call = None if calls is None else calls.get(id(module))
            if call is None or call.module is not module or options or len(inputs) != 1:
                return NOT_FOLLOWED
            if not call.matches(inputs[0], self):
                return NOT_FOLLOWED
            self.at = call.end
            self.passed = self.passed, call
            result = _new(Placeholder)
            result.info = call.result
            self.values[call.result.number] = result
            return Followed(result)
        if not may_be_followed(module, inputs, options):
            return NOT_FOLLOWED
        return Followed(None, self, module, inputs[0])

    def assign(self, target: Any, value: Any) -> None:
        """Numbers overwritten."""
        values = self.values
        for event in self.at.successors:
            if event.__class__ is Assigned:
                first, second = event.inputs
                if (target is values[first] or self.infos[first].admits(target, values)) and (
                    value is values[second] or self.infos[second].admits(value, values)
                ):
                    break
        else:
            event = None
        if self._recorder is None:
            if event is None:
                self.differ()
                target.assign(value)
                return
            self.at = event
            self.wait_for([values[n] for n in event.touched])
            return
        self._record_assigned(event, target, value)


def _with_rows(inputs: tuple[Any, ...], settings: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """An index with arrays of whole numbers as inputs, as they may be others in every call."""
    where = settings.get("index")
    where = (where,) if where.__class__ is np.ndarray else where
    if where.__class__ is not tuple:
        return inputs, settings
    rows = [part for part in where if part.__class__ is np.ndarray]
    if not rows or any(part.dtype.kind not in "iu" for part in rows) or indexing.ARRAY in _marks(where):
        return inputs, settings
    parts = tuple([indexing.ARRAY if part.__class__ is np.ndarray else part for part in where])
    return (*inputs, *rows), {**settings, "index": parts}


def _marks(where: tuple[Any, ...]) -> list[Any]:
    return [part for part in where if part is indexing.ARRAY]
