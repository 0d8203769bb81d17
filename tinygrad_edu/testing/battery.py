"""The whole battery: an operation or a module against differences, and against every law that derivatives obey."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tinygrad_edu.checks.gradient_verdict import GradientVerdict
from tinygrad_edu.checks.subject import name_of
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.func import functional_call
from tinygrad_edu.hints import warnings
from tinygrad_edu.nn.module import Module
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import where
from tinygrad_edu.ops.examples import example
from tinygrad_edu.tensor.random_tensors import manual_seed
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.testing.cases import Case, cases
from tinygrad_edu.testing.closeness import assert_close
from tinygrad_edu.testing.gradient_check import gradient_verdict
from tinygrad_edu.testing.laws import LAWS
from tinygrad_edu.testing.trial import Trial

SIDE = 3  # of the example inputs


@dataclass(frozen=True)
class Battery:
    """What was checked of `name`: the verdict on its gradients, and each law with what is broken, in words."""

    name: str
    verdict: GradientVerdict
    broken: dict[str, str]

    def __bool__(self) -> bool:
        return bool(self.verdict) and not any(self.broken.values())

    def __str__(self) -> str:
        lines = (f"  {law}: {words or 'yes'}" for law, words in self.broken.items())
        return "\n".join([f"{self.name}: {self.verdict}", *lines])


def check_operation(
    operation: Callable[..., Any], *inputs: Any, order: int = 2, **settings: Any
) -> list[Battery]:
    """Check the gradients of an operation up to `order`, and every law of `testing.laws`, plans and JAX included.

    Without `inputs`: at its `cases`, or else at its example. `settings` are those of the operation.
    Raises `AssertionError` that lists what is broken; what is returned, one for each case, prints as a list, too.
    """
    name = name_of(operation)
    if inputs:
        return [_checked(_set(operation, settings), inputs, name, order)]
    samples = _samples(operation, name)
    for case in samples:
        _refused(case)
        _as_reference(case)
    return [_checked(case.function, case.inputs, name, order) for case in samples if not case.error]


def _set(operation: Callable[..., Any], settings: dict[str, Any]) -> Callable[..., Any]:
    """The operation with its settings."""
    if not settings:
        return operation

    def function(*xs: Any) -> Any:
        return operation(*xs, **settings)

    function.__name__ = name_of(operation)
    return function


def _samples(operation: Callable[..., Any], name: str) -> list[Case]:
    """The cases of the operation itself, not of another one of that name; or its example."""
    try:
        found = cases(name)
    except KeyError:
        found = []
    if OPERATIONS.get(name) is not operation:
        found = [case for case in found if case.function is operation]
        found = [replace(case, function=_set(case.function, case.settings)) for case in found]
    if found:
        return found
    if not isinstance(operation, Operation):
        raise ValueError(f"check_operation needs inputs, or cases of {name} by add_case, got none")
    arrays, settings = example(operation, SIDE)
    return [Case(name, _set(operation, settings), tuple(arrays))]


def _refused(case: Case) -> None:
    """Raise unless the call of an error case is refused in the words of the case."""
    if not case.error:
        return
    try:
        case.function(*case.inputs)
    except Exception as error:  # whatever the operation refuses with
        if re.search(case.error, str(error)):
            return
        raise AssertionError(f"{case.name} should be refused with {case.error!r}, got {error}") from error
    raise AssertionError(f"{case.name} should be refused with {case.error!r}, but nothing was raised")


def _as_reference(case: Case) -> None:
    """Raise unless the result is that of the reference."""
    if case.reference is not None:
        arrays = [np.asarray(x) for x in case.inputs]
        assert_close(case.function(*map(tensor, arrays)), tensor(case.reference(*arrays)), check_dtype=False)


def check_module(module: Module, *inputs: Any, order: int = 1) -> Battery:
    """Check the gradients of a module by its parameters and its inputs, and every law of `testing.laws`.

    The module stays as it is: a copy in float64 is checked, whose random numbers are the same in each call.
    Raises `AssertionError` that lists what is broken; what is returned prints as a list, too.
    """
    own = copy.deepcopy(module).double()
    parameters = {name: p.detach() for name, p in own.named_parameters() if p.requires_grad}
    name = type(module).__name__

    def function(parameters: dict[str, Any], *xs: Any) -> Any:
        manual_seed(0)
        return functional_call(own, _without_padding(own, parameters), xs)

    def flat(*xs: Any) -> Any:
        return function(dict(zip(parameters, xs)), *xs[len(parameters) :])

    function.__name__ = name
    structured = (function, [parameters, *inputs]) if parameters else None
    return _checked(flat, [*parameters.values(), *inputs], name, order, structured)


def _without_padding(module: Module, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters, with the row of an embedding that never learns, `padding_idx`, held as it is."""
    result = dict(parameters)
    for path, part in module.named_modules():
        row, key = getattr(part, "padding_idx", None), f"{path}.weight".lstrip(".")
        if row is not None and key in result:
            still = np.arange(part.weight.shape[0])[:, None] == row % part.weight.shape[0]
            result[key] = where(still, part.weight.detach(), result[key])
    return result


def _checked(
    function: Callable[..., Any], inputs: Sequence[Any], name: str, order: int, structured: Any = None
) -> Battery:
    """The battery for a function of Tensors; `structured`: the same function, and inputs whose names are better."""
    judged, given = structured or (function, inputs)
    with np.errstate(all="ignore"), warnings.off():
        trial = Trial(function, inputs)
        if not trial.differentiable:
            return Battery(name, GradientVerdict("agrees", "no gradient flows back, and none is checked"), {})
        verdict = gradient_verdict(judged, *given, order=order)
        result = Battery(name, verdict, {law: broken(trial) for law, broken in LAWS.items()})
    if not result:
        raise AssertionError(str(result))
    return result
