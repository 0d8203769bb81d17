"""What is told by the events of a call that ended: what they are given and make, and what a pass went through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.plan.follow.events import Applied, Backward, Marked, Rebound
from tinygrad_edu.plan.follow.flows import Flow
from tinygrad_edu.plan.follow.updates import Updated
from tinygrad_edu.plan.follow.values import Info
from tinygrad_edu.plan.recording import Call, may_raise, memory_of


def arrays_at_risk(calls: list[Call]) -> list[np.ndarray]:
    """The arrays that a program overwrites before its last call that may raise an error."""
    raising = [i for i, call in enumerate(calls) if may_raise(call)]
    last = raising[-1] if raising else 0
    early = dict.fromkeys(call.result.root for call in calls[:last] if call.operation is ASSIGN)
    return [slot.tensor.raw for slot in early if slot.kind == "state"]


def owner_of(array: np.ndarray) -> np.ndarray:
    """The array that owns the memory of this one."""
    *_, owner = memory_of(array)
    return owner


def results_of(path: list[Any]) -> list[Info]:
    """What operations and backward passes make."""
    infos = [e.info for e in path if isinstance(e, Applied | Rebound | Marked)]
    infos += [info for e in path if isinstance(e, Flow) for info in e.results.values()]
    infos += [info for e in path if isinstance(e, Backward) for _, _, info in e.leaves]
    former = {e.inputs[0] for e in path if isinstance(e, Rebound | Marked)}  # which nobody has any more
    return [info for info in infos if info.number not in former]


def inputs_of(path: list[Any], infos: list[Info]) -> Iterator[Info]:
    """What they are given."""
    for e in path:
        yield from (infos[n] for n in e.inputs)
        if isinstance(e, Backward):
            yield from (infos[n] for n, _, _ in e.leaves)
            yield from (before for _, before, _ in e.leaves if before is not None)
        if isinstance(e, Updated):
            yield from (info for _, info in e.gradients if info is not None)


def walked_through(path: list[Any]) -> set[int]:
    """The numbers of the values through which a backward pass went."""
    losses = {e.inputs[0] for e in path if isinstance(e, Backward | Flow)}
    for e in reversed(path):
        if isinstance(e, Applied | Rebound) and e.info.number in losses:
            losses.update(e.inputs)
        if isinstance(e, Flow) and any(info.number in losses for info in e.results.values()):
            losses.update(e.inputs)
    return losses
