"""Updates by the library's optimizers: each is one event, whose Python is skipped."""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import chain
from typing import Any

from tinygrad_edu.hints.not_zeroed import GradientUse, warn_used
from tinygrad_edu.optim.settings import SCHEDULED, fixed_part, may_change
from tinygrad_edu.plan.follow.events import Event
from tinygrad_edu.plan.written_out import AFTER, MOST, WrittenOut
from tinygrad_edu.tensor.tensor import Tensor


class Updated(Event):
    """`optimizer.step()` of an optimizer whose rule is known to read nothing but its groups, gradients and state."""

    def __init__(self, before: Event, optimizer: Any) -> None:
        super().__init__(before)
        self.optimizer, self.groups = optimizer, optimizer.param_groups
        self.gradients: list[tuple[Tensor, Any]] = []  # of each parameter: the Info of its gradient, or None
        self.moved: list[Tensor] = []
        self.touched: list[Tensor] = []  # these, and what is remembered of them
        self.memories: dict[Tensor, dict[str, Any]] = {}  # the state of each moved parameter
        self.sizes: list[int] = []  # of these
        self.contents: list[Any] = []
        self.kept = [(group, dict(group), list(group["params"])) for group in self.groups]
        # What a program reads of the groups: the settings at the moment of this step.
        self.shadows = {id(group): dict(group) for group in self.groups}
        self._versions = [getattr(group, "version", None) for group in self.groups]
        self._remembered = False
        self._asked = 0
        self._written: Callable[[Any], bool] | None = None  # the same check, once it was made some times

    def note_memories(self, memories: dict[Tensor, dict[str, Any]], known: dict[Tensor, Any]) -> None:
        """Remember the state of parameters, and what was in it before the step if there was any."""
        self.memories = memories
        befores = [known.get(p, {}) for p in memories]
        self.sizes = list(map(len, befores))
        self.contents = [x for before in befores for x in before.values()]
        self.touched = [*self.moved, *[x for x in self.contents if isinstance(x, Tensor)]]

    def taken(self, optimizer: Any, follower: Any) -> bool:
        """True if this is the same update: then what it overwrites waits for its numbers."""
        self._asked += 1
        if self._asked == AFTER and len(self.gradients) * 6 < MOST:
            self._written = self._written_out(follower)
        if self._written is None or not self._written(optimizer):
            if not self.matches(optimizer, follower):
                return False
            follower.wait_for(self.touched)
        return True

    def _written_out(self, follower: Any) -> Callable[[Any], bool]:
        """The usual case: the settings of last time, all gradients new, and the state that is known."""
        out = WrittenOut()
        out.same("optimizer", self.optimizer)
        out.same("optimizer.param_groups", self.groups)
        out.check(f"len(optimizer.param_groups) == {len(self.kept)}")
        versions = out.name(self._versions)
        for i, (group, _, params) in enumerate(self.kept):
            out.same(f"optimizer.param_groups[{i}]", group)
            out.check(f"getattr({out.name(group)}, 'version', None) == {versions}[{i}]")
            out.check(f"len({out.name(group)}['params']) == {len(params)}")
            for k, p in enumerate(params):
                out.same(f"{out.name(group)}['params'][{k}]", p)
        for p, memory in self.memories.items():
            out.same(f"optimizer.state.get({out.name(p)})", memory)
        known = iter(self.contents)
        for memory, size in zip(self.memories.values(), self.sizes):
            out.check(f"len({out.name(memory)}) == {size}")
            for key, x in zip(memory, known):
                out.same(f"{out.name(memory)}.get({key!r})", x)
        for p, info in self.gradients:
            out.same(f"{out.name(p)}._grad", info)
        for x, kind, waiting in follower.waiting_classes(self.touched):
            out.same(f"{out.name(x)}.__class__", kind)
            out.then(f"{out.name(x)}.__class__ = {out.name(waiting)}")
        out.then(f"{out.name(follower.awaited)}.extend({out.name([(x, x.__class__) for x in self.touched])})")
        return out.function("optimizer")

    def matches(self, optimizer: Any, follower: Any) -> bool:
        """True if this is the same update, but for what schedules may change."""
        if optimizer is not self.optimizer or optimizer.param_groups is not self.groups:
            return False
        if len(self.groups) != len(self.kept):
            return False
        for k, (group, settings, params) in enumerate(self.kept):
            if self.groups[k] is not group:
                return False
            now = group["params"]
            if len(now) != len(params) or not all(map(operator.is_, now, params)):
                return False
            version = getattr(group, "version", None)  # a plain dict that somebody put there has none
            if version is None or version != self._versions[k]:
                if len(group) != len(settings) or not self._alike(group, settings):
                    return False
                self._versions[k] = version
                self._remembered = False
        if self.memories and not self._remembers(optimizer.state):
            return False
        values = follower.values
        for p, info in self.gradients:
            g = p._grad
            if g is None:
                if info is not None:
                    return False
            elif info is None or (g is not info and not info.stands_for(g, values)):
                return False
        return True

    def _remembers(self, state: Any) -> bool:
        """True if the optimizer remembers the very Tensors of the record."""
        memories = self.memories
        return (
            all(map(operator.is_, map(state.get, memories), memories.values()))
            and list(map(len, memories.values())) == self.sizes
            and all(
                map(operator.is_, chain.from_iterable(map(dict.values, memories.values())), self.contents)
            )
        )

    def _alike(self, group: Any, settings: dict[str, Any]) -> bool:
        return all(
            value is settings.get(key) or self._may_be(group, key, value, settings)
            for key, value in group.items()
        )

    def _may_be(self, group: Any, key: str, value: Any, settings: dict[str, Any]) -> bool:
        if key == "params" or (
            value.__class__ is settings.get(key).__class__ and repr(value) == repr(settings.get(key))
        ):
            return True
        if not may_change(group, key) or not may_change(settings, key):
            return False
        return value.__class__ is settings[key].__class__ and fixed_part(group, key) == fixed_part(
            settings, key
        )

    def remember(self) -> None:
        """Keep the settings of this moment for the program."""
        if not self._remembered:
            self._remembered = True
            for group in self.groups:
                self.shadows[id(group)].update({key: group[key] for key in SCHEDULED if key in group})
        if self.moved:
            if self.moved[0].gradient_use is GradientUse.ADDED_TO:
                warn_used(type(self.optimizer).__name__)
            self.moved[0].gradient_use = GradientUse.USED

    def redo(self, follower: Any) -> None:
        """Take the step with the settings and gradients of that moment."""
        now = [
            {key: group[key] for key in self.shadows[id(group)] if key in SCHEDULED} for group in self.groups
        ]
        since = [p._grad for p, _ in self.gradients]
        for p, info in self.gradients:
            p._grad = None if info is None else follower.given(info.number)
        for group in self.groups:
            group.update({key: self.shadows[id(group)][key] for key in SCHEDULED if key in group})
        self.optimizer.step()
        for group, settings in zip(self.groups, now):
            group.update(settings)
        for (p, _), g in zip(self.gradients, since):
            p._grad = g
        follower.reach(self)
