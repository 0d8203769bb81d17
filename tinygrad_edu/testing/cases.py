"""`cases(name)`: on what each operation and each module is tried, and what each must refuse; users add their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinygrad_edu.nn.module import Module
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.special_functions import unknown_derivative
from tinygrad_edu.tensor.random_tensors import manual_seed
from tinygrad_edu.testing.elementwise_points import POINTS
from tinygrad_edu.testing.module_examples import EXAMPLES
from tinygrad_edu.testing.operation_cases import CASES

SHAPE = (2, 3)  # of the inputs of elementwise operations


@dataclass(frozen=True)
class Case:
    """One sample: `function(*inputs)`.

    `reference`: what gives the same result on arrays. `error`: a pattern; then the call must be refused, with a message
    that matches.
    """

    name: str
    function: Callable[..., Any]
    inputs: tuple[Any, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    reference: Callable[..., Any] | None = None
    error: str = ""


_ADDED: dict[str, list[Case]] = {}


def cases(name: str) -> list[Case]:
    """The samples of an operation, `matmul`, or of a module, `Linear`, and those that were added by `add_case`.

    Raises `KeyError` for a name that has none.
    """
    found = [*_of_operation(name), *_of_module(name), *_ADDED.get(name, [])]
    if not found:
        raise KeyError(f"cases needs the name of an operation, of a module, or one of add_case, got {name!r}")
    return found


def add_case(
    name: str,
    function: Callable[..., Any],
    *inputs: Any,
    reference: Callable[..., Any] | None = None,
    error: str = "",
    **settings: Any,
) -> None:
    """Add a sample of an operation or a module of your own under its name; see `Case`."""
    _ADDED.setdefault(name, []).append(Case(name, function, inputs, settings, reference, error))


def _of_operation(name: str) -> list[Case]:
    operation = OPERATIONS.get(name)
    if isinstance(operation, Elementwise):
        inputs = tuple(np.full(SHAPE, x) for x in POINTS[name])
        if unknown_derivative in operation.rules:  # by the first input, which is held
            return [Case(name, lambda y: operation(inputs[0], y), inputs[1:])]
        return [Case(name, operation, inputs, reference=operation.forward)]
    return [
        Case(name, case.function, tuple(case.points()), case.settings) for case in CASES if case.name == name
    ]


def _of_module(name: str) -> list[Case]:
    if name not in EXAMPLES:
        return []
    manual_seed(0)
    make, inputs = EXAMPLES[name]
    module: Module = make()
    return [Case(name, module, tuple(inputs(np.random.default_rng(0))))]
