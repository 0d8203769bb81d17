"""A pure plan on JAX: which calls are followed, on NumPy, and which are run by XLA."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from tinygrad_edu.plan.codegen.jax.jax_engine import JaxEngine, needed_jax
from tinygrad_edu.plan.codegen.jax.jax_route import JaxRoute
from tinygrad_edu.plan.codegen.jax.quick_call import Quick, never
from tinygrad_edu.plan.codegen.jax.residents import RESIDENTS, all_leave
from tinygrad_edu.plan.follow.ending import Ending
from tinygrad_edu.plan.follow.follower import Follower
from tinygrad_edu.plan.pure import Pure
from tinygrad_edu.plan.pytree import leaves, mapped
from tinygrad_edu.plan.route import Route
from tinygrad_edu.tensor.tensor import Tensor, around


class JaxPure(Pure):
    """Calls that XLA runs where all is as it was, and that are followed where it is not, or a check is due.

    A check computes on NumPy, and brings all numbers back for that: so the replays 1, 2, 4, 8, 16, ... are checked,
    not each eighth. What the step reaches is compared before each eighth replay, and before one after which somebody
    has read or written a Tensor, or changed the settings of an optimizer.
    """

    def __init__(self, step: Callable[..., Any], follower: Follower, check: str, engine: JaxEngine) -> None:
        super().__init__(step, follower, "sometimes" if check == "often" else check, "jax")
        self._on = engine
        self._array_kind = needed_jax().Array
        self._last: JaxRoute | None = None
        self.at_once: Quick = never  # the shortest way for calls like the last

    def __call__(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if self._last is not None and not named:
            returned = self._last.call(inputs)
            if returned is not None:
                return returned
        for each in self._on_jax():
            each.inputs.release()
        for x in leaves((inputs, named)):
            if id(x) in RESIDENTS:
                RESIDENTS[id(x)].leave()
        inputs, named = mapped(self._on_numpy, (inputs, named))
        if self.why:
            return self._followed_only(inputs, named)
        for route in self._on_jax():
            arrays = route.arrays(inputs, named)
            if arrays is not None and route.looks_same():
                break
        else:
            return self._followed(None, inputs, named)
        self._last, self.at_once, self._again = route, route.at_once, 0
        if route.checks.is_due():
            return self._followed(route, inputs, named)
        return route.run(arrays)

    def _on_jax(self) -> list[JaxRoute]:
        return cast("list[JaxRoute]", self._routes)

    def _on_numpy(self, x: Any) -> Any:
        return np.asarray(x) if isinstance(x, self._array_kind) else x

    def _followed(self, route: Route | None, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        all_leave()
        if self._on.processes > 1:
            inputs, named = mapped(self._of_all_processes, (inputs, named))
        return super()._followed(route, inputs, named)

    def _followed_only(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if self._on.processes > 1:
            raise RuntimeError(f"jax_engine with several processes needs a pure step, but {self.why}")
        all_leave()
        return self._follower(inputs, named)

    def _of_all_processes(self, x: Any) -> Any:
        if isinstance(x, Tensor):
            whole = around(self._on.all_rows(x.raw))
            whole.requires_grad = x.requires_grad
            return whole
        return self._on.all_rows(x) if isinstance(x, np.ndarray) else x

    def route(self, ending: Ending, inputs: Any, named: Any, returned: Any) -> Route:
        return JaxRoute(self._step, ending, inputs, named, returned, "jax", self._check).on(self._on)

    def __del__(self) -> None:
        """Let Tensors have their numbers, of which nobody else would know."""
        if not sys.is_finalizing():
            holders = [x for route in getattr(self, "_routes", ()) for x in (route.device, route.inputs)]
            for resident in set(RESIDENTS.values()):
                if resident.holder in holders:
                    resident.leave()
