"""What a step does beside computing, seen while it runs: decisions, calls of backward, and which line computed what.

The scalar engine reports nothing, for it has no time to spare; so Python reports its calls, while a step is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from types import FrameType
from typing import Any

from tinygrad_edu.engine.call_site import CallSite, current_call_site
from tinygrad_edu.plan.values.profile import Profile
from tinygrad_edu.plan.values.refusals import refusal
from tinygrad_edu.scalar import Value

_APPLY = Value.apply.__code__
_BACKWARD = Value.backward.__code__
_READS = {
    Value.__lt__.__code__: "a Value is compared",
    Value.__le__.__code__: "a Value is compared",
    Value.__gt__.__code__: "a Value is compared",
    Value.__ge__.__code__: "a Value is compared",
    Value.__float__.__code__: "a Value becomes a plain float",
}
_ADVICE = "the plan could not follow another answer; use relu, maximum or where, or do it outside the step"


class Watch(Profile):
    """`with Watch() as watch:` refuses comparisons of Values, and notes where every Value was computed.

    Afterwards gradients are what they were before.
    """

    def __init__(self) -> None:
        self.places: dict[Value, CallSite | None] = {}
        self.backwards: list[tuple[Value, CallSite | None]] = []  # what was differentiated, and where
        self._unrecorded: list[Any] = []  # what was worked with under no_grad
        self._grads: dict[Value, float] = {}

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        for x, grad in self._grads.items():
            x.grad = grad

    def note(self, frame: FrameType, event: str, result: Any) -> None:
        """One call or return."""
        code = frame.f_code
        if event == "return" and code is _APPLY:
            self._note_result(frame, result)
        elif event == "call" and code is _BACKWARD:
            self._note_backward(frame.f_locals["self"])
        elif event == "call" and code in _READS:
            raise refusal(_READS[code], current_call_site(), _ADVICE)

    def _note_result(self, frame: FrameType, result: Any) -> None:
        if isinstance(result, Value):
            self.places[result] = current_call_site()
            if result.operation is None:
                self._unrecorded += frame.f_locals["inputs"]
        elif result is not None and result is not NotImplemented:
            name = frame.f_locals["operation"].name
            raise refusal(f"{name} of a Value gives a plain answer", current_call_site(), _ADVICE)

    def leaves(self) -> Iterator[Value]:
        """The leaves that the step worked with, whether or not its results depend on them."""
        for x in chain(self._unrecorded, *[node.inputs for node in self.places]):
            if isinstance(x, Value) and x.operation is None:
                yield x

    def _note_backward(self, value: Value) -> None:
        """Remember the gradients that this backward is about to change."""
        self.backwards.append((value, current_call_site()))
        for x in chain([value], *[node.inputs for node in value._results_first()]):
            if isinstance(x, Value) and x.operation is None:
                self._grads.setdefault(x, x.grad)
