"""A compiled program with parameters, and what optimizers remember of them, on the device between its runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.plan.codegen.jax.jax_engine import JaxEngine, needed_jax
from tinygrad_edu.plan.codegen.jax.residents import RESIDENTS, Resident, Sharers
from tinygrad_edu.plan.codegen.jax.xla_step import XlaStep
from tinygrad_edu.plan.recording import Recording
from tinygrad_edu.tensor.draws import generator
from tinygrad_edu.tensor.tensor import Tensor


class DeviceProgram:
    """`program(arrays)` of the inputs returns what the step returned, as arrays on the device.

    Each Tensor that it reads or overwrites, or leaves a gradient in, has a number, its place.
    `ready`: all of them are where it left them; otherwise they are taken to the device first.
    """

    def __init__(self, step: XlaStep, recording: Recording, engine: JaxEngine, rates: list[Any]) -> None:
        self._jax, self.engine, self._step = needed_jax(), engine, step
        self.compiled, self._results = step.compiled, len(step.results)
        states = [slot.tensor for slot in (*step.moved.values(), *step.fixed.values())]
        leaves = [*step.gradients.values(), *recording.cleared]
        self._tensors: list[Tensor] = list({id(x): x for x in (*states, *leaves)}.values())
        places = {id(x): place for place, x in enumerate(self._tensors)}
        # Of each leaf the number of its gradient; None if the step forgets it.
        self._slopes: dict[int, int | None] = {places[id(x)]: None for x in recording.cleared}
        self._slopes |= {places[id(x)]: number for number, x in enumerate(step.gradients.values())}
        self._wide = any(x.dtype.itemsize == 8 for x in step.inputs)
        self.ready, self.draws = False, bool(step.keys)
        self.moving: tuple[Any, ...] = ()  # buffers of states and gradients, and keys of random numbers
        self.still: tuple[Any, ...] = ()  # what is only read, and settings
        self._handed: set[int] = set()  # places of what another program has computed
        self.rates = rates  # of each parameter group what the program reads of it, and the group itself
        self.versions: list[Any] = []
        self._drawn: list[Any] = []  # how far the generators were when the keys were made
        self._sharers = Sharers(states)
        self.told: Callable[[], Callable[[], Any] | None] = lambda: (
            None
        )  # who is told when it is not ready any more

    def __call__(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """Run; `arrays` are those of NumPy, or on the device. Settings are those of the last look at them."""
        if not self.ready:
            self._take()
        if self._drawn and self._drawn != self._states_of_generators():
            self._make_keys()
        if self._wide and np.ndarray in map(type, arrays):
            with self._jax.enable_x64(True):
                made = self.compiled(*self.moving, *self.still, *arrays)
        else:
            made = self.compiled(*self.moving, *self.still, *arrays)
        self.moving = made[self._results :]
        return made[: self._results]

    def has_settings(self) -> bool:
        """True if no optimizer has got other settings since they were read."""
        return [getattr(group, "version", None) for _, group in self.rates] == self.versions

    # To the device.

    def _take(self) -> None:
        """Take to the device what is not there."""
        step, count = self._step, len(self._step.moved)
        with self._jax.enable_x64(True):
            moving = [self._buffer(b, group) for b, group in enumerate(step.packing.groups)]
            fixed = [self._alone(place, self.still) for place in range(count, count + len(step.fixed))]
        keys = self.moving[len(moving) :]
        self.moving, self.still = (*moving, *keys), tuple(fixed)
        self.read_settings()
        if not keys and step.keys:
            self._make_keys()
        for place, x in enumerate(self._tensors):
            if not self._has(place):
                if id(x) in RESIDENTS:
                    RESIDENTS[id(x)].leave()
                Resident(x, self, place)
        for place, x in self._sharers.at_home():
            RESIDENTS[id(self._tensors[place])].also(x)
        self.ready = True

    def _buffer(self, buffer: int, group: list[int]) -> Any:
        packing = self._step.packing
        states = [number for number in group if number < len(self._step.moved)]
        if self.moving and all(map(self._has, states)):
            return self.moving[buffer]
        if states and packing.alone(buffer):
            return self._alone(group[0], ())
        return self.engine.state(packing.joined(buffer, [self._numbers(place) for place in group], np))

    def _alone(self, place: int, held: tuple[Any, ...]) -> Any:
        """A Tensor as an array on the device: that which it is in already, if it is."""
        if held and self._has(place):
            return held[place - len(self._step.moved)]
        resident = RESIDENTS.get(id(self._tensors[place]))
        self._handed.discard(place)
        if resident is None or resident.holder.engine != self.engine:
            return self.engine.state(self._tensors[place].raw)
        array = resident.holder.hand_over(resident.place)
        resident.holder, resident.place = self, place
        self._handed.add(place)
        return array

    def _has(self, place: int) -> bool:
        resident = RESIDENTS.get(id(self._tensors[place]))
        return resident is not None and resident.holder is self

    def _numbers(self, place: int) -> np.ndarray:
        if place >= len(self._step.moved):  # a gradient, which the run will make
            return np.zeros(self._step.moving[place].shape, self._step.moving[place].dtype)
        x = self._tensors[place]
        if self._has(place):
            return self._part(place)
        return x.raw  # which is back now if it was elsewhere

    def read_settings(self) -> None:
        """Take the settings of now to the device."""
        for shadow, group in self.rates:
            shadow["lr"] = group["lr"]
        self.versions = [getattr(group, "version", -1) for _, group in self.rates]
        with self._jax.enable_x64(True):
            settings = [self.engine.setting(x.read()) for x in self._step.settings.values()]
        self.still = (*self.still[: len(self._step.fixed)], *settings)

    def _make_keys(self) -> None:
        """New keys, as there are none, or as a generator was started anew, or has made other numbers."""
        seeds = [(given or generator()).integers(2**63) for given in self._step.keys.values()]
        with self._jax.enable_x64(True):
            keys = [self.engine.state(np.asarray(self._jax.random.PRNGKey(seed))) for seed in seeds]
        self.moving = (*self.moving[: len(self._step.packing.groups)], *keys)
        self._drawn = self._states_of_generators() if self.engine.processes == 1 else []

    def _states_of_generators(self) -> list[Any]:
        return [(given or generator()).bit_generator.state for given in self._step.keys.values()]

    # Back from the device.

    def give_back(self, place: int) -> None:
        """Let the Tensor at `place` have its numbers and its gradient, in the arrays it had before."""
        self._not_ready()
        own = vars(self._tensors[place])
        count = len(self._step.moved)
        if place < count:
            own["raw"][...] = self._part(place)
        elif place in self._handed:
            own["raw"][...] = self.engine.whole(self.still[place - count])
        self._give_gradient(place)

    def _not_ready(self) -> None:
        if self.ready and (told := self.told()) is not None:
            told()
        self.ready = False

    def hand_over(self, place: int) -> Any:
        """The array on the device of the Tensor at `place`, for another program."""
        self._not_ready()
        self._give_gradient(place)
        count = len(self._step.moved)
        if place < count:
            return self._step.packing.part(self.moving, place)
        return self.still[place - count]

    def _give_gradient(self, place: int) -> None:
        if place in self._slopes:
            number = self._slopes[place]
            own = vars(self._tensors[place])
            own["_grad"] = None if number is None else np.array(self._part(len(self._step.moved) + number))

    def _part(self, number: int) -> np.ndarray:
        """The numbers of a state that is overwritten, or of a gradient."""
        return self.engine.whole(self._step.packing.part(self.moving, number))
