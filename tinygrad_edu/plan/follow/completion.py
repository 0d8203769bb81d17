"""What a follower does where a call differs from the record, where numbers are read, and at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from weakref import ref

import numpy as np

from tinygrad_edu.engine.call_site import current_call_site, line_of
from tinygrad_edu.engine.grad_mode import current, follow
from tinygrad_edu.plan.follow.ending import Ending
from tinygrad_edu.plan.follow.events import Event
from tinygrad_edu.plan.follow.graphs import Graph
from tinygrad_edu.plan.follow.rebindings import Rebindings
from tinygrad_edu.plan.follow.values import Kind
from tinygrad_edu.plan.verification import warn_left_alone

NOT_COMPUTED = "this result of a captured step was not computed, as its call ended before; run the step again"
PATIENCE = 24  # calls in a row that differ from all before
MAX_ENDINGS = 256  # calls that differ from all others, each with a record of its own
_OF_KERNELS = (ValueError, TypeError, LookupError, ArithmeticError, Warning)


class Completion(Rebindings):
    """The part of a follower that computes what was followed: by a program, or as written."""

    def __init__(self, step: Callable[..., Any], strict: bool) -> None:
        super().__init__()
        self._step, self._strict = step, strict
        self._misses = self._endings = 0  # in a row; and in all
        self.alone = False  # whether the step is left alone
        self.was_read = False  # whether numbers were, in this call
        self.why = self.difference = ""
        self.block = follow(self)
        self.keeps_graphs = False  # as the graph of a result was asked for when it was lost
        self._graph: ref[Graph] | None = None  # of the results of the last call, if it may still be asked for
        self._asides: dict[Any, Any] = {}  # programs for numbers that are read in the middle

    # Numbers that are read.

    def read(self, x: Any) -> Any:
        """The numbers of a placeholder that somebody reads; None if it is a Tensor by now."""
        self.was_read = True
        if self.active and self.at.ending is None and self.at.successors:
            aside = self._aside(x.info.number)
            if aside is not None:
                return aside
        self.compute()
        return None

    def _aside(self, n: int) -> Any:
        """Numbers that a program computes ahead of the rest; None if they depend on what is overwritten before."""
        key = self.at, n
        if key not in self._asides:
            ending = next(_endings(self.at), None)
            if ending is None:  # every call went on as written
                return None
            self._asides[key] = ending.aside(self.at, n)
        program = self._asides[key]
        return None if program is None else np.asarray(program.run(())[0])

    def compute(self, as_written: str = "") -> None:
        """Make the placeholders real, as somebody reads their numbers; `as_written`: why no program will do."""
        self.was_read = True
        if not self.active:
            raise RuntimeError(NOT_COMPUTED)
        if as_written:
            self.why = as_written
            self.differ()
        elif self.at.ending is not None and self._complete():
            self._leave()
        else:
            self.differ()

    # Where a call differs.

    def differ(self) -> None:
        """Do everything so far as written, and go on so, recording."""
        self.difference = line_of(current_call_site())
        self._miss()
        barrier = self.at.barrier
        if self._strict and (barrier is not None or self.alone):
            self.active, self.alone = False, False
            self.release()
            raise RuntimeError(f"capture(strict=True) cannot follow the step: {barrier or self._reason()}")
        elsewhere = current().follower is not self  # in another thread
        if barrier is not None or self.alone or elsewhere or self._is_one_for_two():
            self._again(recording=False)
            return
        self._shadows = self.at.successors
        self._again(recording=True)

    def _is_one_for_two(self) -> bool:
        """True if one Tensor stands where the record has two: with others the program would not be the same."""
        given = [id(self.values[n]) for n, info in enumerate(self.infos) if info.kind is Kind.TENSOR]
        given = [x for x in given if x != id(None)]
        return len(set(given)) < len(given)

    def _miss(self) -> None:
        self._misses += 1 if self.at.barrier is None else PATIENCE // 3
        if self._misses > PATIENCE and not self.alone:
            self._leave_alone()

    def _leave_alone(self) -> None:
        """Let all calls from now on run as written."""
        self.alone = True
        warn_left_alone(self._step, self._reason(), stacklevel=6)

    def _reason(self) -> str:
        return self.why or f"every call was another one, at {self.difference}"

    def _again(self, *, recording: bool) -> None:
        path, self.active = self.at.path(), False
        self.release()
        self.at = self._root
        if recording:
            self._record()
        for event in path:
            event.redo(self)
        if recording:
            self.active = True
        else:
            self._leave()

    def _leave(self) -> None:
        """Let the rest of the call run as if nobody followed."""
        self.active, self._recorder = False, None
        self.block.__exit__()

    def stop(self, why: str) -> None:
        """Let the rest of this call run as written, and of every call that comes to this point."""
        self.why = self.at.barrier = why
        if self._recorder is None:
            self.differ()
        else:
            self._miss()
            self._leave()

    # The end.

    def _finish(self, returned: Any) -> None:
        if self._recorder is None:
            if self.at.ending is not None and self._complete():
                self._misses = 0
                return
            self.differ()
        if self._recorder is not None:
            self.active = False
            self.at.ending = Ending(self.at, self._recorder, self, returned)
            self._endings += 1
            if self._endings > MAX_ENDINGS:
                self._leave_alone()

    def _complete(self) -> bool:
        """Run the program; False if it cannot be."""
        ending = self.at.ending
        if not ending.is_sound():  # its memory is another: so is the program
            self.at.ending = None
            return False
        self.active = False
        try:
            done = ending.run(self)
        except _OF_KERNELS:  # an index out of range, say: the library says it better, and at its line
            ending.undo()
            self._again(recording=False)
            return True
        if not done:
            self.active, self.why = True, ending.why
        return bool(done)

    def endings(self) -> list[Ending]:
        """The ends of all kinds of calls that were recorded."""
        return list(_endings(self._root))

    # Graphs of results, asked for after the call.

    def note_built(self) -> None:
        """Note that the graph of a result was asked for: a call that costs more than one as written."""
        self._misses += 1
        self.why = "backward() is called on what it returns; call it in the step"

    def note_graphless(self, ending: Ending, results: dict[int, Any]) -> None:
        """Let these results find their graph."""
        graph = Graph(ending, self, results)
        self._graph = ref(graph)
        for x in results.values():
            x.graph = graph


def _endings(event: Event) -> Iterator[Ending]:
    """The ends of all calls that came by an event."""
    waiting = [event]
    for each in waiting:  # grows as it goes
        if each.ending is not None:
            yield each.ending
        waiting += each.successors
