"""Passes back to the leaves, and updates, of a call that is followed."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.optim import Optimizer
from tinygrad_edu.plan.follow.completion import NOT_COMPUTED, Completion
from tinygrad_edu.plan.follow.events import Backward
from tinygrad_edu.plan.follow.flows import Flow, Found
from tinygrad_edu.plan.follow.placeholder import Placeholder
from tinygrad_edu.plan.follow.updates import Updated
from tinygrad_edu.tensor.gradient_flow import flow

_new = object.__new__


class Passes(Completion):
    """The part of a follower that is told of gradients and of what is done with them."""

    def placeholder(self, info: Any) -> Any:
        """The Tensor for a gradient that somebody reads."""
        result = self.values[info.number]
        if result is None:
            if not self.active:
                raise RuntimeError(NOT_COMPUTED)
            result = self.values[info.number] = _new(Placeholder)
            result.info = info
            self.passed = self.passed, info
        return result

    def backward(self, loss: Any, asked: Any) -> bool:
        """A backward pass; False if it has to be done as written."""
        known = [e for e in self.at.successors if e.__class__ is Backward]
        if self._recorder is None:
            for event in known:
                if event.taken(loss, asked, self):
                    self.at = event
                    return True
            self.differ()
            known = []
        if self._recorder is None:
            return False
        return self._record_backward(
            next((e for e in known if e.matches(loss, asked, self)), None), loss, asked
        )

    def flow(self, result: Any, seed: Any, create_graph: bool) -> Any:
        """The gradients of a result, to be looked up by the Tensors they belong to."""
        event = next(
            (
                e
                for e in self.at.successors
                if e.__class__ is Flow and e.matches(result, seed, create_graph, self)
            ),
            None,
        )
        if self._recorder is None:
            if event is None:
                self.differ()
                return flow("grad", result, seed, create_graph)
            self.at = event
            return Found(event, self, None)
        return self._record_flow(event, result, seed, create_graph)

    def update(self, optimizer: Any, plain: bool) -> bool:
        """A step of an optimizer; False if its Python has to run."""
        if not _is_of_library(type(optimizer)):
            return False
        if type(optimizer).step is not Optimizer.step:  # it reads numbers, and writes some itself
            self.stop(f"a step of {type(optimizer).__name__}, which decides by numbers")
            return False
        if not plain:
            return False
        known = [e for e in self.at.successors if e.__class__ is Updated]
        if self._recorder is not None:
            self._record_update(next((e for e in known if e.matches(optimizer, self)), None), optimizer)
            return True
        for event in known:
            if event.taken(optimizer, self):
                self.at = event
                event.remember()
                return True
        self.differ()
        optimizer.step()
        return True


def _is_of_library(kind: type) -> bool:
    return kind.__module__.startswith("tinygrad_edu.")
