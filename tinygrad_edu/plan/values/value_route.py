"""One kind of inputs of a step on Values, and what it computes, once it is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.plan.guards.surrounding_names import Surroundings
from tinygrad_edu.plan.values.capturing import recorded
from tinygrad_edu.plan.values.value_inputs import Inputs, as_numbers
from tinygrad_edu.plan.values.value_replay import Replay


class ValueRoute:
    """Records the step at the first run, and replays it from then on. All numbers of the inputs are free."""

    def __init__(
        self, step: Callable[..., Any], inputs: tuple[Any, ...], make: Callable[..., Replay] = Replay
    ) -> None:
        self._make = make
        self._step = step  # holds what the parameters are held by
        self.surroundings = Surroundings(step)
        self._kinds = [(as_numbers(i, x).shape, isinstance(x, np.ndarray)) for i, x in enumerate(inputs)]
        self.program: Replay | None = None

    def given(self, inputs: tuple[Any, ...]) -> list[np.ndarray] | None:
        """The inputs as arrays, if they and the surroundings of the step are of its kind."""
        if len(inputs) != len(self._kinds) or not self.surroundings.unchanged():
            return None
        arrays = [as_numbers(i, x) for i, x in enumerate(inputs)]
        kinds = [(array.shape, isinstance(x, np.ndarray)) for array, x in zip(arrays, inputs)]
        return arrays if kinds == self._kinds else None

    def __call__(self, arrays: Sequence[np.ndarray]) -> Any:
        if self.program is None:
            program = recorded(
                self._step, Inputs(arrays, [is_array for _, is_array in self._kinds]), self._make
            )
            self._check_surroundings()
            self.program = program
        return self.program(arrays)

    def _check_surroundings(self) -> None:
        changes = self.surroundings.named(self.surroundings.changes())
        if changes:
            raise RuntimeError(
                f"capture needs a step on Values that leaves alone what it reads, but it changes {', '.join(changes)}; "
                "do that outside the step"
            )

    def __repr__(self) -> str:
        return repr(self.program)
