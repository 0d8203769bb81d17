"""One kind of inputs of a step on Values, and what it computes, once it is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.plan.reach import Reach
from tinygrad_edu.plan.values.capturing import recorded
from tinygrad_edu.plan.values.value_inputs import Inputs, as_numbers
from tinygrad_edu.plan.values.value_replay import Replay
from tinygrad_edu.plan.verification import Schedule
from tinygrad_edu.scalar import Value


class ValueRoute:
    """Replays a step. All numbers of the inputs are free; their sizes, and what the step reaches, are fixed."""

    program: Replay

    def __init__(
        self, step: Callable[..., Any], inputs: tuple[Any, ...], check: str, make: Callable[..., Replay]
    ) -> None:
        self._make = make
        self._step = step  # holds what the parameters are held by
        self._reach = Reach(step)
        self._kinds = [(as_numbers(i, x).shape, isinstance(x, np.ndarray)) for i, x in enumerate(inputs)]
        self.checks = Schedule(check)

    def given(self, inputs: tuple[Any, ...]) -> list[np.ndarray] | None:
        """The inputs as arrays, if they and the surroundings of the step are of its kind."""
        if len(inputs) != len(self._kinds) or not self._reach.unchanged():
            return None
        arrays = [as_numbers(i, x) for i, x in enumerate(inputs)]
        kinds = [(array.shape, isinstance(x, np.ndarray)) for array, x in zip(arrays, inputs)]
        return arrays if kinds == self._kinds else None

    def record(self, arrays: Any) -> None:
        """Run the step twice, to see what it computes. Raises `RuntimeError` if it changes what it reads."""
        inputs = Inputs(arrays, [is_array for _, is_array in self._kinds])
        self.program = recorded(self._step, inputs, self._make)
        changes = self._reach.changed()
        if changes:
            raise RuntimeError(
                f"capture needs a step on Values that leaves alone what it reads, but it changes {', '.join(changes)}; "
                "do that outside the step"
            )

    def parameters(self) -> list[Value]:
        """The Values that the step reads."""
        return self.program.parameters()

    def __call__(self, arrays: Sequence[np.ndarray]) -> Any:
        return self.program(arrays)

    def __repr__(self) -> str:
        return repr(self.program)
