"""The plan of a step on Values: a replay for every kind of inputs, checked now and then against the step as written."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.plan.values.value_replay import Replay
from tinygrad_edu.plan.values.value_route import ValueRoute
from tinygrad_edu.plan.verification import warn_left_alone
from tinygrad_edu.scalar import Value

MAX_ROUTES = 64
_TOLERANCE = 1e-9  # relative: NumPy's exp and Python's may differ in the last bit


class ValuePlan:
    """`plan(*inputs)` replays what the step computes, for inputs of known sizes.

    Where what the step reaches has changed, it is recorded anew; the replays 1, 2, 4, 8 and so on are compared with the
    step as written, whose result they then return. A step that cannot be replayed, or was found to do something else,
    runs as written, with a warning; with `strict` it raises `RuntimeError`.
    """

    def __init__(
        self, step: Callable[..., Any], strict: bool, check: str, make: Callable[..., Replay] = Replay
    ) -> None:
        self._step, self._strict, self._check, self._make = step, strict, check, make
        self._routes: list[ValueRoute] = []
        self._recent: ValueRoute | None = None
        self._alone = False

    def __call__(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        inputs, named = self._in_order(inputs, named)
        if self._alone or named or not current().recording:
            return self._step(*inputs, **named)
        try:
            route, arrays = self._found(inputs)
        except (RuntimeError, TypeError, ValueError) as error:
            if self._strict:
                raise
            self._leave(str(error))
            return self._step(*inputs)
        if route.checks.is_due():
            return self._checked(route, arrays, inputs)
        return route(arrays)

    @property
    def ready(self) -> bool:
        """True if calls like the last one are replayed."""
        return self._recent is not None and not self._alone

    @property
    def program(self) -> Replay | None:
        """What was replayed last."""
        return None if self._recent is None else self._recent.program

    def _in_order(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if not named:
            return inputs, named
        bound = inspect.signature(self._step).bind(*inputs, **named)
        return bound.args, bound.kwargs

    def _found(self, inputs: tuple[Any, ...]) -> tuple[ValueRoute, Any]:
        for route in self._routes:
            arrays = route.given(inputs)
            if arrays is not None:
                self._recent = route
                return route, arrays
        if len(self._routes) >= MAX_ROUTES:
            raise RuntimeError(f"what the step reads was another for {MAX_ROUTES} recordings")
        route = ValueRoute(self._step, inputs, self._check, self._make)
        arrays = route.given(inputs)
        route.record(arrays)
        self._routes.append(route)
        self._recent = route
        return route, arrays

    def _checked(self, route: ValueRoute, arrays: Any, inputs: tuple[Any, ...]) -> Any:
        """The result of the step as written, after a comparison with that of a replay."""
        parameters = route.parameters()
        before = [x.grad for x in parameters]
        replayed = _numbers(route(arrays)), [x.grad for x in parameters]
        for x, grad in zip(parameters, before):
            x.grad = grad
        written = self._step(*inputs)
        if not _alike(replayed[0], _numbers(written)) or not _alike(
            replayed[1], [x.grad for x in parameters]
        ):
            self._leave(
                "run as written it gives other numbers than its replay, so it depends on more than its inputs"
            )
        return written

    def _leave(self, why: str) -> None:
        self._alone = True
        warn_left_alone(self._step, why, stacklevel=6)

    def __repr__(self) -> str:
        return repr(self._recent)


def _numbers(returned: Any) -> list[float]:
    values = [returned] if isinstance(returned, Value) else list(returned)
    return [float(x.data) for x in values]


def _alike(a: list[float], b: list[float]) -> bool:
    return len(a) == len(b) and all(
        math.isclose(x, y, rel_tol=_TOLERANCE, abs_tol=1e-12) or x == y or (math.isnan(x) and math.isnan(y))
        for x, y in zip(a, b)
    )
