"""Plan: a step that is watched until it has been the same program twice, and replayed from then on."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.plan.codegen.program_source import Source
from tinygrad_edu.plan.follow.follower import Follower
from tinygrad_edu.plan.guards.call_profile import OnValues
from tinygrad_edu.plan.program import Program
from tinygrad_edu.plan.pytree import leaves
from tinygrad_edu.plan.tensor_route import TensorRoute
from tinygrad_edu.scalar import Value
from tinygrad_edu.plan.values import ValueRoute
from tinygrad_edu.tensor.tensor import Tensor

MOST = 64  # programs; if there were more, something would be another one every time


class Plan:
    """`plan(*inputs)` does what `step(*inputs)` does, and from the third time on much faster.

    A step on Tensors: every call is a real step. The first ones run as written, watched; as soon as two in a row have
    been the same program, it is replayed instead of the Python code: inputs are copied into fixed places, and what the
    step returned comes back in Tensors of their own, which have no graph. Gradients are left in `.grad` as by the step
    itself. A learning rate may change between runs. What losses ask of numbers (class numbers that exist,
    probabilities) is asked while the step runs as written, not in replays. While somebody watches, as another plan
    around this one does, the step runs as written, so that the watcher sees all of it.

    A step on Values (see `tinygrad_edu.plan.values`): the first call runs it twice, with different numbers, and from
    the first call on it is a few NumPy calls. It returns the loss, as a Value or first in a tuple or list of Values;
    `loss.backward()`, in the step or after it, adds to the gradients of the Values that the step found around it.

    One program for every combination of shapes and dtypes (for Values: shapes) of the inputs, and of what the step
    reads or writes by name: see `Surroundings`, which says what is not seen (contents of lists and dicts, say). Numbers
    among the inputs of a step on Tensors are fixed, too, and arrays that are an index, as in `x[rows]`; numbers of a
    step on Values are free. Not to be called from two threads at once.
    Raises `RuntimeError` where the step cannot be followed: numbers read from Tensors, decisions on Values, arrays of
    unknown origin, shapes that depend on numbers (`x[mask]`), gradients added up over steps (within one they may),
    inputs overwritten, what is done beside the operations (see `Unseen`), more than 64 programs.
    """

    def __init__(self, step: Callable[..., Any], pure: bool = False) -> None:
        if not callable(step):
            raise TypeError(f"capture needs a function, got {type(step).__name__} {step!r}")
        functools.update_wrapper(self, step)
        self._step = step
        self._on_values = False
        self._routes: list[TensorRoute | ValueRoute] = []
        self._recent: Any = None
        self._follower = None if pure else Follower(step)

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        if self._follower is not None and not self._on_values:
            returned = self._follower(inputs, named)
            if not self._follower.ready and any(isinstance(x, Value) for x in leaves(returned)):
                self._on_values = True
            return returned
        if named:
            inputs = self._in_order(inputs, named)
        route = self._recent
        given = None if route is None else route.given(inputs)
        if given is None:
            if current().watchers:
                return self._step(*map(_as_tensor, inputs))
            route, given = self._found(inputs)
        try:
            return route(given)
        except OnValues:
            self._on_values = True
            self._routes.clear()
        route, given = self._found(inputs)
        return route(given)

    def __get__(self, owner: Any, kind: type | None = None) -> Plan:
        """The plan of the method of one object: each has its own, which it keeps among its attributes."""
        if owner is None or not inspect.isfunction(self._step):
            return self
        if not hasattr(owner, "__dict__"):
            raise TypeError(
                f"capture on a method needs objects that can keep a plan, but {type(owner).__name__} has __slots__; "
                'add "__dict__" to them'
            )
        kept, key = vars(owner), f"_plan of {self._step.__qualname__}"
        plan = kept.get(key)
        if plan is None or getattr(plan._step, "__self__", None) is not owner:  # that of what it is a copy of
            plan = kept[key] = Plan(self._step.__get__(owner))
        return plan

    def __reduce__(self) -> Any:
        """A copy starts anew: the programs are for the memory of this one."""
        return Plan, (self._step, self._follower is None)

    def _in_order(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """The inputs of a call `plan(x, y=y)`, with defaults only where one is left out before another."""
        step = getattr(self._step, "__qualname__", type(self._step).__name__)
        if self._signature is None:
            raise TypeError(f"{step} does not say how its inputs are called; hand them over without names")
        try:
            bound = self._signature.bind(*inputs, **named)
        except TypeError as error:
            raise TypeError(f"the inputs do not fit {step}{self._signature}: {error}") from None
        if bound.kwargs.keys() - self._by_position:
            name = min(bound.kwargs.keys() - self._by_position)
            raise TypeError(
                f"a plan hands inputs over in order, but {step} takes {name} by its name only; "
                "leave out the * before it"
            )
        given = set(bound.arguments)
        bound.apply_defaults()
        count = len(bound.args)
        while count <= len(self._by_position) and self._by_position[count - 1] not in given:
            count -= 1
        return bound.args[:count]

    @functools.cached_property
    def _signature(self) -> inspect.Signature | None:
        try:
            return inspect.signature(self._step)
        except ValueError:  # written in C
            return None

    @functools.cached_property
    def _by_position(self) -> list[str]:
        """The parameters of the step that can be given by position."""
        known = self._signature.parameters.values() if self._signature else ()
        return [x.name for x in known if x.kind in (x.POSITIONAL_ONLY, x.POSITIONAL_OR_KEYWORD)]

    def prepare(self, *example_inputs: Any) -> None:
        """Make places for inputs like these."""
        self._found(example_inputs)

    def _found(self, inputs: tuple[Any, ...]) -> tuple[TensorRoute | ValueRoute, Sequence[Any]]:
        """The route of inputs of this kind, a new one if need be, and the inputs as it wants them."""
        for route in self._routes:
            given = route.given(inputs)
            if given is not None:
                self._recent = route
                return route, given
        self._check_number()
        self._recent = new = (ValueRoute if self._is_on_values(inputs) else TensorRoute)(self._step, inputs)
        self._routes.append(new)
        return new, new.given(inputs)  # type: ignore[return-value]

    def _is_on_values(self, inputs: tuple[Any, ...]) -> bool:
        """Whether the step computes on Values, as far as is known; who hands over lists means that."""
        listed = [i for i, x in enumerate(inputs) if isinstance(x, list | tuple)]
        if listed and any(isinstance(route, TensorRoute) and route.program for route in self._routes):
            raise TypeError(
                f"the plan has a step on Tensors, but input {listed[0]} is a {type(inputs[listed[0]]).__name__}, of "
                "which it would make Values; hand over np.array(...)"
            )
        return self._on_values or bool(listed)

    def _check_number(self) -> None:
        if len(self._routes) < MOST:
            return
        surroundings = self._routes[-1].surroundings
        others = ", ".join(surroundings.named(surroundings.changes())) or "an input"
        raise RuntimeError(
            f"capture needs what a step reads to be the same most of the time, but for {MOST} programs {others} was "
            "another one; hand numbers that change to the plan as an array"
        )

    @property
    def ready(self) -> bool:
        """Whether inputs like the last ones are replayed already."""
        if self._follower is not None and not self._on_values:
            return self._follower.ready
        return self._recent is not None and self._recent.program is not None

    @property
    def program(self) -> Program:
        """The program for inputs like the last ones. Raises `RuntimeError` before there is one, or if on Values."""
        if self._on_values or isinstance(self._recent, ValueRoute):
            raise RuntimeError("source and program are for steps on Tensors, but this one is on Values")
        if not self.ready:
            raise RuntimeError(
                "the plan has no program yet; call it with the same kind of inputs until plan.ready"
            )
        return self._recent.program

    def source(self, dialect: str = "numpy") -> str:
        """The program as a file of its own, for NumPy alone or as a pure function for JAX: see `Source`."""
        return Source(self.program, self._step, dialect).text

    def __repr__(self) -> str:
        name = getattr(self._step, "__name__", type(self._step).__name__)
        return f"<plan of {name}: {self._recent if self.ready else 'not ready'}>"


def _as_tensor(x: Any) -> Any:
    return Tensor(x) if isinstance(x, np.ndarray) else x


def capture(step: Callable[..., Any], *example_inputs: Any, pure: bool = False) -> Plan:
    """A plan of `step`, written on Tensors or on Values: call it as you would call the step. Also a decorator.

    Of a method it makes a plan for every object that has it.
    `example_inputs` say what kind of inputs will come; nothing is run before the first call, and inputs of other
    shapes and dtypes get a program of their own. What a step on Tensors returns has no graph: `backward()` belongs
    into the step.
    """
    plan = Plan(step, pure)
    if example_inputs:
        plan.prepare(*example_inputs)
    return plan
