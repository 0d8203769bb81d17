"""What a step does without any operation on Tensors, which a replay would leave undone."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from tinygrad_edu.optim import Optimizer
from tinygrad_edu.optim.lr_scheduler import LRScheduler
from tinygrad_edu.plan.guards.surrounding_names import Surroundings
from tinygrad_edu.plan.recording import Recording
from tinygrad_edu.tensor.draws import DRAW, generator
from tinygrad_edu.tensor.random_tensors import Generator


class Unseen:
    """Things as they are before a step; afterwards `check(recording)` raises `RuntimeError` if it has moved them.

    Looked at are the random numbers of Python and NumPy, and among what the step names generators, the learning rates
    of optimizers, the epochs of schedulers, and what lists, dicts and sets contain.
    """

    def __init__(self, surroundings: Surroundings) -> None:
        things = [(name, x.rng if isinstance(x, Generator) else x) for name, x in surroundings.things()]
        self._before = [(name, thing, _state(thing)) for name, thing in things]
        self._shared = _shared_state()

    def check(self, recording: Recording) -> None:
        """Raise `RuntimeError` if a replay would leave something undone."""
        draws = [call.settings["draw"] for call in recording.calls if call.operation is DRAW]
        followed = {id(draw.given or generator()) for draw in draws}
        if _shared_state() != self._shared:
            raise _drawn("random or np.random")
        for name, thing, state in self._before:
            if id(thing) in followed or _state(thing) == state:
                continue
            if isinstance(thing, np.random.Generator | random.Random):
                raise _drawn(name)
            what = f"{next((said for kind, said in _MOVED.items() if isinstance(thing, kind)), 'what is in')} {name}"
            raise RuntimeError(
                f"capture cannot follow a step that changes {what}, as its replays would not; do that between the "
                "calls, with what the plan returns, or overwrite a Tensor in place"
            )


_MOVED = {Optimizer: "the lr of", LRScheduler: "the epoch of"}


def _drawn(source: str) -> RuntimeError:
    return RuntimeError(
        f"capture cannot follow numbers drawn from {source}, which would be the same for ever; draw with "
        "rand(n, generator=...) and choose by where(...), or hand them to the plan as an input"
    )


def _shared_state() -> tuple[Any, ...]:
    """Of the generators behind `random.random()` and `np.random.rand()`."""
    name, key, *rest = np.random.get_state()
    return random.getstate(), name, np.asarray(key).tobytes(), *rest


def _state(thing: Any) -> Any:
    """What tells whether a thing has been moved; None if it is none of those looked at."""
    if isinstance(thing, np.random.Generator):
        return repr(thing.bit_generator.state)
    if isinstance(thing, random.Random):
        return thing.getstate()
    if isinstance(thing, Optimizer):
        return [group["lr"] for group in thing.param_groups]
    if isinstance(thing, LRScheduler):
        return [vars(x).get("last_epoch") for x in (thing, *vars(thing).get("_schedulers", ()))]
    if type(thing) in (list, set):
        return [*map(id, thing)]
    return [(key, id(value)) for key, value in thing.items()] if isinstance(thing, dict) else None
