"""The plan of a step on Values: a program for every kind of inputs, checked now and then by the step as written."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.plan.values.memory_layout import Layout
from tinygrad_edu.plan.values.picks import UnclearError
from tinygrad_edu.plan.values.state import Place
from tinygrad_edu.plan.values.value_inputs import Inputs
from tinygrad_edu.plan.values.value_reach import Difference
from tinygrad_edu.plan.values.value_replay import Replay
from tinygrad_edu.plan.values.value_route import ValueRoute
from tinygrad_edu.plan.verification import warn_left_alone

MAX_ROUTES = 64


class ValuePlan:
    """`plan(*inputs)` replays what the step computes, for inputs of known sizes.

    Where what the step reaches has changed, it is recorded anew; the replays 1, 2, 4, 8 and so on, with check="never"
    only the first of each program, are compared with the step as written, whose result they then return. Where a replay
    gives inf or nan, Python may raise an error, and the call runs as written. A step that cannot be replayed, or was
    found to do something else, runs as written from then on, with a warning; with `strict` it raises `RuntimeError`.
    """

    def __init__(
        self, step: Callable[..., Any], strict: bool, check: str, make: Callable[[Layout], Replay] = Replay
    ) -> None:
        self._step, self._strict, self._make = step, strict, make
        self._check = "never" if check == "never" else "sometimes"
        self._routes: list[ValueRoute] = []
        self._places: dict[Any, Place] = {}
        self._recordings = 0
        self._recent: ValueRoute | None = None
        self._alone = False

    def __call__(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        inputs, named = self._in_order(inputs, named)
        if self._alone or not current().recording:
            return self._step(*inputs, **named)
        route = None
        try:
            route = self._route(inputs, named)
        except (RuntimeError, TypeError, ValueError) as error:
            if self._strict:
                raise
            self._leave(str(error))
        if route is None:
            return self._step(*inputs, **named)
        if not route.is_due():
            return route.replayed()
        returned, is_same = route.checked(lambda: self._step(*inputs))
        if not is_same:
            self._leave(
                "run as written it gives other numbers than its replay, so it depends on more than its inputs"
            )
        return returned

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

    def _route(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> ValueRoute | None:
        """The route whose program has computed this call; None if the call runs as written."""
        if named:
            raise TypeError(
                f"capture needs a step on Values with inputs by position, got {', '.join(named)} by name only"
            )
        given = Inputs(inputs)
        try:
            route = self._recent = self._found(given)
        except UnclearError:
            if self._recordings < MAX_ROUTES:  # other inputs of this kind may show more
                return None
            raise
        return route if route.admits(given) and route.computes(given) else None

    def _found(self, inputs: Inputs) -> ValueRoute:
        differences: list[Difference] = []
        for route in [x for x in self._routes if x.kind == inputs.kind]:
            if route.reach.unchanged():
                return route
            found = list(route.reach.differences())
            if all(x.is_of_floats() for x in found):  # the numbers that change are state of another program
                differences = [*route.differences, *found]
                self._routes.remove(route)
        if self._recordings >= MAX_ROUTES:
            raise RuntimeError(f"what the step reads was another for {MAX_ROUTES} recordings")
        self._recordings += 1
        route = ValueRoute(self._step, inputs, self._check, self._make, self._places, differences)
        self._routes.append(route)
        return route

    def _leave(self, why: str) -> None:
        self._alone = True
        warn_left_alone(self._step, why, stacklevel=5)

    def __repr__(self) -> str:
        return repr(self._recent)
