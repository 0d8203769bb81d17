"""Results of a followed step that become others: overwritten as parts of the graph, or leaves of their own."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.engine.detachment import DETACH
from tinygrad_edu.engine.rebinding import rebinding
from tinygrad_edu.plan.follow.events import Applied, Marked, Rebound
from tinygrad_edu.plan.follow.placeholder import Placeholder
from tinygrad_edu.plan.follow.recorded_calls import RecordedCalls
from tinygrad_edu.plan.follow.values import Kind, info_of

_new = object.__new__


class Rebindings(RecordedCalls):
    """The part of a follower that is told of them."""

    def differ(self) -> None:
        """Do everything so far as written, and go on so, recording."""
        raise NotImplementedError

    def rebind(self, target: Any, value: Any) -> bool:
        """A result overwritten as a part of the graph; False if it has to be done as written."""
        values = self.values
        event = next(
            (
                e
                for e in self.at.successors
                if e.__class__ is Rebound and target is values[e.inputs[0]] and value is values[e.inputs[1]]
            ),
            None,
        )
        if self._recorder is not None:
            return self._record_rebound(event, target, value)
        if event is None:
            self.differ()
            return self._recorder is not None and self._record_rebound(None, target, value)
        self.at = event
        former = values[event.inputs[0]] = _new(Placeholder)
        former.info, target.info = target.info, event.info
        values[event.info.number] = target
        return True

    def _record_rebound(self, event: Any, target: Any, value: Any) -> bool:
        """Overwrite a result while recording; False if it is not one, or others share its memory."""
        n, k = self.number_of(target), self.number_of(value)
        alone = target.base is None and target.hidden_base is None
        if n < 0 or k < 0 or self.infos[n].kind is not Kind.RESULT or not alone:
            return False
        if any(e.__class__ is Applied and e.inputs[0] == n and _shares(e) for e in self.at.path()):
            return False
        if event is None:
            event = Rebound(self.at, n, k)
            self.rebound(event, target, value)
            event.info = info = info_of(Kind.RESULT, self, target.raw, target)
            info.operation, info.inputs = target.operation, event.inputs
            self.at.successors.append(event)
        else:
            self.rebound(event, target, value)
        self.enter_result(event.info.number, target)
        self.reach(event)
        return True

    def rebound(self, event: Rebound, target: Any, value: Any) -> None:
        """Let `target` stand for `value`, and know what it was before."""
        follows = self.active
        self.active = False
        with rebinding(target, value):
            target.assign(value)
        self.active = follows
        self.enter_result(event.inputs[0], target.former[-1][1])

    def mark(self, x: Any) -> None:
        """A result without a graph becomes a leaf."""
        values = self.values
        event = next(
            (e for e in self.at.successors if e.__class__ is Marked and x is values[e.inputs[0]]), None
        )
        if event is None:
            self.differ()
            x.requires_grad = True
            self.note_marked(x)
        else:
            self.at = event
            x.info = event.info
            values[event.info.number] = x

    def note_marked(self, x: Any) -> None:
        """Note while recording that a result became a leaf, unless that is known."""
        n = self.number_of(x)
        if n < 0 or self.infos[n].kind is not Kind.RESULT or self.infos[n].requires_grad:
            return
        event = next((e for e in self.at.successors if e.__class__ is Marked and e.inputs[0] == n), None)
        if event is None:
            event, old = Marked(self.at, n), self.infos[n]
            event.info = info = info_of(Kind.RESULT, self, x.raw, x)
            info.leaf, info.view, info.whole, info.inputs = True, old.view, old.whole, old.inputs
            self.at.successors.append(event)
        self.enter_result(event.info.number, x)
        self.reach(event)


def _shares(event: Applied) -> bool:
    return event.info.view or event.operation is DETACH
