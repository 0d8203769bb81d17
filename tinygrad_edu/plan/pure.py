"""Pure plans: replays that skip the step's Python, between calls that are followed."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from tinygrad_edu.plan.follow.ending import Ending
from tinygrad_edu.plan.follow.follower import Follower
from tinygrad_edu.plan.optimize import slots_in
from tinygrad_edu.plan.pure_recording import NotPureError
from tinygrad_edu.plan.pytree import flat, leaves
from tinygrad_edu.plan.recording import Slot
from tinygrad_edu.plan.route import Route
from tinygrad_edu.plan.verification import CHECKS, name_of
from tinygrad_edu.plan.watched_places import same
from tinygrad_edu.tensor.draws import SEED

_MAX_RENEWED = 8  # calls in a row that were followed though they ended as before


class Pure:
    """Calls that run a program where all is as it was, and are followed where it is not, or a check is due."""

    def __init__(self, step: Callable[..., Any], follower: Follower, check: str, engine: str) -> None:
        if check not in CHECKS:
            raise ValueError(f"capture needs check 'often', 'sometimes' or 'never', got {check!r}")
        self._step, self._follower, self._check = step, follower, check
        self._engine = engine
        self._routes: list[Route] = []
        self._again = 0  # calls in a row that were followed though they ended as before
        self.why = ""  # it is not pure, if it is not

    def __call__(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if self.why:
            return self._follower(inputs, named)
        found = self.replayed_by(inputs, named)
        if found is None:
            return self._followed(None, inputs, named)
        route, arrays = found
        if route.checks.is_due():
            return self._followed(route, inputs, named)
        self._again = 0
        return route.run(arrays)

    def _followed(self, route: Route | None, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Follow a call, and learn from it; `route`: that which is checked by it."""
        had = self._follower.leaves_with_gradients()
        reach = self._routes[0].reach if self._routes else None
        before = [] if reach is None or reach.unchanged() else reach.changed()
        rates = self._rates()
        returned = self._follower(inputs, named)
        if self._follower.at.barrier is not None:  # the follower will say so
            self.why = self._follower.at.barrier
            return returned
        if self._follower.was_read:
            self._stop("it reads numbers of its results, to print or to decide")
            return returned
        after = [] if reach is None or reach.unchanged() else reach.changed()
        if changes := [x for x in after if x not in before]:
            self._stop(f"it changes {', '.join(changes[:3])}, beside its operations")
            return returned
        if self._rates() != rates:
            self._stop("it changes the lr of an optimizer")
            return returned
        drawn, ending = self._follower.drawn, self._follower.ending
        if SEED in drawn or (ending is not None and list(map(id, drawn)) != list(map(id, ending.drawn))):
            self._stop("it makes or starts anew the generator that it draws from")
            return returned
        if route is not None and (
            ending is not route.ending or not _as_recorded(ending, returned, flat(inputs, named))
        ):
            self._stop(
                f"{self._follower.difference} does something else"
                if ending is not route.ending
                else "its Python makes other numbers or results"
            )
        elif ending is not None:
            self._learn(ending, returned, inputs, named, had)
        return returned

    def replayed_by(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> tuple[Route, list[Any]] | None:
        """The kind of calls to which this one belongs, with its arguments as arrays; None if it would be followed."""
        for route in self._routes:
            arrays = route.arrays(inputs, named)
            if arrays is not None and route.reach.unchanged():
                return route, arrays
        return None

    def route(self, ending: Ending, inputs: Any, named: Any, returned: Any) -> Route:
        """A kind of calls, from one of them."""
        return Route(self._step, ending, inputs, named, returned, self._engine, self._check)

    def _rates(self) -> list[Any]:
        """The learning rates of the optimizers of all calls so far."""
        groups = [group for route in self._routes for e in route.ending.updates for group in e.groups]
        return [repr(group["lr"]) for group in groups]

    def _learn(self, ending: Ending, returned: Any, inputs: Any, named: Any, had: Any) -> None:
        ending.note_cleared(had)
        known = next(
            (x for x in self._routes if x.ending is ending and x.arrays(inputs, named) is not None), None
        )
        try:
            if not _as_recorded(ending, returned, flat(inputs, named)):
                raise NotPureError("its Python makes other numbers, arrays or results in every call")
            if known is None:
                _check_returned(ending)
                route = self.route(ending, inputs, named, returned)
                if route.reach.iterators:
                    raise NotPureError(
                        f"it reaches a {type(route.reach.iterators[0]).__name__}, from which it may take"
                    )
                self._routes.insert(0, route)
            elif not known.reach.unchanged() or ending.newly_cleared:
                self._again += 1
                known.renew()
        except NotPureError as error:
            self._stop(str(error))
        if self._again > _MAX_RENEWED:
            self._stop("what it reads changes in every call")

    def _stop(self, why: str) -> None:
        """Follow from now on."""
        self.why, self._routes = why, []
        warnings.warn(
            f"capture(pure=True) follows {name_of(self._step)} from now on, which depends on more than its inputs, "
            f"parameters and optimizers: {why}",
            stacklevel=4,
        )


def _check_returned(ending: Ending) -> None:
    """Raise `NotPureError` if a program cannot make what the step returns."""
    slots = slots_in(ending.returned)
    if any(slot.root.kind != "result" for slot in slots) or len({slot.root for slot in slots}) < len(
        set(slots)
    ):
        raise NotPureError("it returns what was there before, or a view of what others hold")
    if any(slot in ending.infos and ending.is_loose(ending.infos[slot]) for slot in slots):
        raise NotPureError(
            "it returns a graph on which backward() was not called; call it in the step, or compute in no_grad()"
        )


def _as_recorded(ending: Ending, returned: Any, given: list[Any]) -> bool:
    """True if a call that ended so worked with the same constants, and returned the same beside Tensors.

    `given`: its arguments, which it may hand back.
    """
    if not all(info.is_as_recorded(ending.given_before.get(info.number)) for info in ending.free):
        return False
    before, now = leaves(ending.returned), leaves(returned)
    return len(before) == len(now) and all(
        isinstance(a, Slot) or same(a, b) or any(b is x for x in given) for a, b in zip(before, now)
    )
