"""What happens in a step: operations, numbers overwritten, backward passes and updates; each can be done again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinygrad_edu.engine.grad_mode import enable_grad, no_grad
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.plan.recording import exact
from tinygrad_edu.plan.written_out import AFTER, MOST, WrittenOut
from tinygrad_edu.tensor.tensor import Tensor

_WHOLE = frozenset({int})


class Event:
    """One event, after those before it: the recorded calls of a step are a tree of events.

    `inputs`: the numbers of values. `ending`: what is known of calls that end here. `barrier`: why nothing after it
    can be followed.
    """

    operation: Operation | None = None
    inputs: tuple[int, ...] = ()
    settings: Any = None
    recording = True
    barrier: str | None = None
    ending: Any = None
    modules: dict[int, Any] | None = None  # whose calls begin after it
    calls = 0  # of the program up to here
    site: Any = None  # the line where numbers were overwritten

    def __init__(self, before: Event | None) -> None:
        self.before = before
        self.successors: list[Any] = []

    def path(self) -> list[Any]:
        """All events up to this one."""
        events: list[Event] = []
        event: Event | None = self
        while event is not None and event.before is not None:
            events.append(event)
            event = event.before
        return events[::-1]

    def redo(self, follower: Any) -> None:
        """Do as the library itself would have done, on values that are computed."""
        raise NotImplementedError


class Applied(Event):
    """`operation(*inputs, **settings)`."""

    def __init__(
        self,
        before: Event,
        operation: Operation,
        inputs: tuple[int, ...],
        settings: dict[str, Any],
        recording: bool,
        outside: list[tuple[Tensor, bool]],
    ) -> None:
        super().__init__(before)
        self.operation, self.inputs, self.settings, self.recording = operation, inputs, settings, recording
        self.outside = outside  # Tensors from before the step, and whether each required a gradient
        self.info: Any = None

    def fits(self, settings: dict[str, Any]) -> bool:
        """True if these are the settings, and the same inputs require a gradient."""
        if (settings or self.settings) and not self._same(settings):
            return False
        for x, required in self.outside:  # noqa: SIM110 - a generator takes twice the time
            if x.requires_grad is not required:
                return False
        return True

    def _same(self, settings: dict[str, Any]) -> bool:
        mine = self.settings
        if settings.keys() != mine.keys():
            return False
        for key, value in settings.items():
            known = mine[key]
            if value is known:
                continue
            if value.__class__ is tuple and known.__class__ is tuple and _WHOLE.issuperset(map(type, value)):
                if value == known and _WHOLE.issuperset(map(type, known)):
                    continue
                return False
            if exact(value) != exact(known):
                return False
        return True

    def redo(self, follower: Any) -> None:
        """Apply the operation."""
        self.apply(follower)
        follower.reach(self)

    def apply(self, follower: Any) -> None:
        """Compute the result."""
        inputs = tuple([follower.given(n) for n in self.inputs])
        variable = next(x for x in inputs if isinstance(x, Tensor))
        with enable_grad() if self.recording else no_grad():
            assert self.operation is not None
            follower.put(self.info.number, variable.apply(self.operation, inputs, self.settings))


class Assigned(Event):
    """The numbers of `target` overwritten by those of `value`."""

    def __init__(self, before: Event, target: int, value: int) -> None:
        super().__init__(before)
        self.inputs = (target, value)
        self.touched: list[int] = []  # the numbers of Tensors from outside in this memory

    def redo(self, follower: Any) -> None:
        """Overwrite the numbers."""
        target, value = map(follower.given, self.inputs)
        target.assign(value)
        follower.reach(self)


class Rebound(Event):
    """`target` overwritten by `value`, as a part of the graph: from then on it is another result, `info`."""

    def __init__(self, before: Event, target: int, value: int) -> None:
        super().__init__(before)
        self.inputs = (target, value)
        self.info: Any = None

    def redo(self, follower: Any) -> None:
        """Overwrite the numbers."""
        target, value = map(follower.given, self.inputs)
        follower.rebound(self, target, value)
        follower.put(self.info.number, target)
        follower.reach(self)


class Marked(Event):
    """`x.requires_grad_()` of a result without a graph: from then on it is a leaf, `info`."""

    def __init__(self, before: Event, x: int) -> None:
        super().__init__(before)
        self.inputs = (x,)
        self.info: Any = None

    def redo(self, follower: Any) -> None:
        """Let it be a leaf."""
        x = follower.given(self.inputs[0])
        x.requires_grad = True
        follower.enter_result(self.info.number, x)
        follower.reach(self)


class Backward(Event):
    """`loss.backward()`. Of each leaf: its number, that of its gradient before (None: there was none), and after."""

    def __init__(self, before: Event, loss: int) -> None:
        super().__init__(before)
        self.inputs = (loss,)
        self.leaves: list[tuple[int, Any, Any]] = []
        self.passing: list[tuple[int, Any]] = []  # leaves that are others in every call, and their gradients
        # What it was asked for beside the gradients of all leaves: a seed, gradients with a graph, some leaves.
        self.asked: tuple[int | None, bool, list[int] | None] | None = None
        self._asked = 0
        self._written: Callable[..., bool] | None = None  # the same check, once it was made some times

    def ask(self, seed: int | None, create_graph: bool, chosen: list[int] | None) -> None:
        """Note what the pass begins with, whether gradients have a graph, and which leaves get theirs."""
        self.asked = seed, create_graph, chosen
        if seed is not None:
            self.inputs = (*self.inputs, seed)

    def taken(self, loss: Tensor, asked: Any, follower: Any) -> bool:
        """True if this is the same pass: then the gradients of leaves are promises."""
        self._asked += 1
        if self._asked == AFTER and len(self.leaves) * 5 < MOST:
            self._written = self._written_out(follower)
        values = follower.values
        if self._written is not None and self._written(loss, asked, values):
            return True
        if not self.matches(loss, asked, follower):
            return False
        for n, _, info in self.leaves:
            values[n]._grad = info
        for n, info in self.passing:
            values[n]._grad = info.kept()
        return True

    def _written_out(self, follower: Any) -> Callable[..., bool] | None:
        """The usual case: a plain pass, and every gradient what it was in the record."""
        if self.asked is not None or self.passing:
            return None
        out = WrittenOut()
        out.check(f"asked is None and loss is values[{self.inputs[0]}]")
        for n, before, info in self.leaves:
            leaf = out.name(follower.values[n])
            out.check(f"{leaf}.hooks is None and {leaf}.grad_hooks is None")
            out.same(f"{leaf}._grad", before)
            out.then(f"{leaf}._grad = {out.name(info)}")
        return out.function("loss, asked, values")

    def matches(self, loss: Tensor, asked: Any, follower: Any) -> bool:
        """True if this is the same pass, with gradients before it where there were some, and no hooks."""
        values = follower.values
        if loss is not values[self.inputs[0]] or (asked is None) is not (self.asked is None):
            return False
        if asked is not None and not self._asks(asked, follower):
            return False
        for n, before, _ in self.leaves:
            known = values[n].__dict__
            if known.get("hooks") or known.get("grad_hooks"):  # new since
                return False
            g = values[n]._grad
            if g is None:
                if before is not None:
                    return False
            elif before is None or not before.stands_for(g, values):
                return False
        return True

    def _asks(self, asked: tuple[Any, bool, Any], follower: Any) -> bool:
        assert self.asked is not None
        (seed, create_graph, chosen), values, (n, with_graph, numbers) = asked, follower.values, self.asked
        if create_graph is not with_graph or (seed is None) is not (n is None):
            return False
        if n is not None and seed is not values[n] and not follower.infos[n].admits(seed, values):
            return False
        if chosen is None or numbers is None:
            return chosen is numbers
        return len(chosen) == len(numbers) and all(x is values[k] for x, k in zip(chosen, numbers))

    def redo(self, follower: Any) -> None:
        """Go backward; afterwards `.grad` is again what the program has made of it since."""
        leaves = [follower.values[n] for n, _, _ in self.leaves]
        since = [leaf._grad for leaf in leaves]
        for leaf, (_, before, _) in zip(leaves, self.leaves):
            leaf._grad = None if before is None else follower.given(before.number)
        n, create_graph, chosen = self.asked or (None, False, None)
        follower.given(self.inputs[0]).backward(
            None if n is None else follower.given(n),
            create_graph=create_graph,
            inputs=None if chosen is None else [follower.given(k) for k in chosen],
        )
        for leaf, g, (_, _, info) in zip(leaves, since, self.leaves):
            follower.put(info.number, leaf.grad)
            if g is not info:
                leaf._grad = g
        follower.reach(self)
