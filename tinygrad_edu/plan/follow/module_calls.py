"""Calls of the library's own modules, which are followed as a whole: their Python would do the same again."""

from __future__ import annotations

import operator
from typing import Any

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.nn import Module
from tinygrad_edu.plan.follow.events import Applied
from tinygrad_edu.plan.follow.values import FREE, Info, Kind
from tinygrad_edu.plan.reach import Reach
from tinygrad_edu.tensor.tensor import Tensor

_requires_grad = operator.attrgetter("requires_grad")
_CHECKING = "tinygrad_edu.nn.losses"  # modules that look at numbers, which may be others in every call


class ModuleCall:
    """A recorded call of a module: the events from `start` on to `end`, of one input."""

    def __init__(self, module: Module, path: list[Applied], n: int, result: Info) -> None:
        self.module, self.number, self.result, self.end = module, n, result, path[-1]
        self._recording = path[0].recording
        outside = {id(x): (x, required) for e in path for x, required in e.outside}.values()
        self._outside, self._required = [x for x, _ in outside], [required for _, required in outside]
        self._reach = Reach(module)

    def matches(self, x: Any, follower: Any) -> bool:
        """True if a call with `x` would do the same."""
        values = follower.values
        if x is not values[self.number] and not follower.infos[self.number].admits(x, values):
            return False
        if current().recording is not self._recording or not self._reach.unchanged():
            return False
        return all(map(operator.is_, map(_requires_grad, self._outside), self._required))


class Followed:
    """What is known of a call that has begun. `result`: a placeholder for what it will return, if that is known."""

    __slots__ = ("_follower", "_module", "_start", "_x", "result")

    def __init__(self, result: Any, follower: Any = None, module: Any = None, x: Any = None) -> None:
        self.result, self._follower, self._module, self._x = result, follower, module, x
        self._start: Any = None if follower is None else follower.at

    def note(self, result: Any) -> None:
        """Remember the call, if it was recorded and did nothing but operations on its input and the module's own."""
        follower = self._follower
        if follower is None or not follower.active or not follower.recorded(result):
            return
        path = follower.at.path()[len(self._start.path()) :]
        if not path or not follower.recorded(self._x):
            return
        known = follower.infos[follower.number_of(self._x)]
        if not all(isinstance(e, Applied) for e in path):
            return
        inside = {e.info.number for e in path}
        used = {n for e in path for n in e.inputs} - inside
        free = [n for n in used if n != known.number and follower.infos[n].kind in FREE]
        computed = [n for n in used if n != known.number and follower.infos[n].kind is Kind.RESULT]
        if free or computed or follower.number_of(result) != path[-1].info.number:
            return
        if any(e.recording is not path[0].recording for e in path):
            return
        self._start.modules = {
            **(self._start.modules or {}),
            id(self._module): ModuleCall(self._module, path, known.number, path[-1].info),
        }


NOT_FOLLOWED = Followed(None)


def may_be_followed(module: Any, inputs: tuple[Any, ...], options: Any) -> bool:
    """True for a module of the library, with all inside it, that is given one Tensor of floats."""
    if options or len(inputs) != 1 or not isinstance(inputs[0], Tensor) or inputs[0].dtype.kind != "f":
        return False
    kinds = [type(part) for part in type(module).modules(module)]
    own = all(
        kind.__module__.startswith("tinygrad_edu.nn") and kind.__module__ != _CHECKING for kind in kinds
    )
    return own and all(part._hooks is None for part in type(module).modules(module))
